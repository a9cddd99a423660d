#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""order.py TRACE ENV OLD: does a change reach the disk in the order that survives a power cut?

TRACE is what `strace -y` saw of a command that changed the environment ENV; OLD lists the paths that
were there before, one a line. These are the rules that the argument in store/env/journal.h rests on,
for a file system that orders nothing by itself:

- nothing changes before the journal and its folder are on the disk;
- no old file is replaced or removed before a second name of it is on the disk, in undo/, or the change
  is final and that is on the disk;
- the change becomes final, or is given up, when everything is on the disk;
- the journal goes when the removals are on the disk.
"""
import re
import sys

trace, env, old = sys.argv[1:4]
OWN = "lib/cenv/"
before = {line.rstrip("\n").removeprefix("./") for line in open(old)}
saved = {}  # path -> is its second name on the disk?
journal = "none"  # none, written, synced, done, final
changed = removed = False  # since everything was put on the disk
faults = []
if OWN + "journal" in before:  # a stopped change is undone: the old files have names in undo/
    before, journal = set(), "synced"
elif OWN + "journal.done" in before:
    journal = "done"


def inside(folder, name):
    """A path in the environment, or None."""
    path = name if name.startswith("/") else folder + "/" + name
    return path[len(env) + 1:] if path.startswith(env + "/") else None


def paths(arguments):
    """The paths among the arguments: a folder and a name, or one of them."""
    pairs = re.findall(r'(?:AT_FDCWD|\d+)<([^>]*)>, "([^"]*)"', arguments)
    return [inside(folder, name) for folder, name in pairs]


def going(path):
    """An old file is about to lose its name."""
    global removed
    if path in before and not path.startswith(OWN + "journal"):
        if not saved.get(path) and journal != "final":
            faults.append(f"{path} goes, and no second name of it is on the disk")
        removed = True


def change(path):
    global changed
    if path is None or path.startswith((OWN + "undo", OWN + "lock", OWN + "changing")):
        return
    changed = True
    if journal not in ("synced", "final"):
        faults.append(f"{path} changes while the journal is {journal}")


for line in open(trace):
    call = re.match(r"(\w+)\((.*)\) = \d", line)
    if not call:
        continue
    name, arguments = call.groups()
    found = paths(arguments)
    if name in ("fsync", "syncfs"):
        target = inside(re.search(r"<([^>]*)>", arguments)[1], "")
        if name == "syncfs":
            changed = removed = False
        elif target and target.rstrip("/") == OWN + "undo":
            saved = dict.fromkeys(saved, True)
        elif target and target.rstrip("/") == OWN.rstrip("/"):
            journal = {"written": "synced", "done": "final"}.get(journal, journal)
        continue
    if name == "openat" and "O_CREAT" not in arguments or not found or found[-1] is None:
        continue
    if name == "openat" and found[0] == OWN + "journal":
        journal = "written"
    elif name == "linkat" and re.match(OWN + r"undo/\d+$", found[1]) and found[0]:
        saved[found[0]] = False
    elif name == "renameat" and found[1] == OWN + "journal.done":
        if changed:
            faults.append("the change is made final before it is on the disk")
        journal = "done"
    elif name == "renameat" and found[0] and found[0].startswith(OWN + "undo/"):
        changed = True  # put back, or put in place from there
        if "new" in found[0]:
            going(found[1])
    elif name == "unlinkat" and found[0].startswith(OWN + "journal"):
        if changed and found[0] == OWN + "journal" or removed and found[0] != OWN + "journal":
            faults.append(f"{found[0]} goes before all that it says is on the disk")
        journal = "none"
    else:
        if name in ("unlinkat", "renameat"):
            going(found[-1])
        if name != "unlinkat" or journal != "final":
            change(found[-1])

if journal != "none":
    faults.append(f"the journal is still {journal}")
print("\n".join(faults) or "in order")
sys.exit(bool(faults))
