#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Times the resolver on made-up universes, beside testsolv and resolvelib.

usage: resolver_bench.py BUILD_DIR [--quick]

Whole processes are timed (CPU), reading the universe included, one after the other
in several rounds, and the best run of each counts. For A and B the whole `cenv lock` is timed as well, from
recipes to pins. testsolv (Debian: libsolv-tools) and python3-resolvelib
take part when they are installed.

  A            200 packages of 20 versions, 3 dependencies each: the newest always fits
  B            the same, and a quarter of the packages must step back
  adversarial  2,000 packages of 50 versions, solvable, newer versions full of conflicts
  unsolvable   the same with a contradiction deep inside
  hard         300 packages of 20 versions, each with three narrow needs at random, unsolvable
  n            n packages of 5 versions, no conflicts: how the time grows
  relock       `cenv lock` of 100 packages that are locked already, against `cenv --version`
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Universe:
    """versions[i]: how many package i has; deps[(i, v)]: list of (package, low, high)."""

    def __init__(self, versions):
        self.versions = versions
        self.deps = {}
        self.roots = []


def targets(rng, i, n, count):
    """Packages that package i depends on: later ones, so there are no cycles."""
    last = min(n, i + 1 + 40)
    pool = range(i + 1, last)
    return rng.sample(pool, min(count, len(pool)))


def fitting(n=200, versions=20):
    rng = random.Random(1)
    u = Universe([versions] * n)
    for i in range(n):
        for v in range(1, versions + 1):
            u.deps[i, v] = [(j, rng.randint(1, v), versions) for j in targets(rng, i, n, 3)]
    u.roots = list(range(0, n, 10))
    return u


def stepping_back(n=200, versions=20):
    """For a quarter of the packages, each newer version than the tenth needs an old version of
    something that another package, found only later, needs new."""
    rng = random.Random(2)
    u = fitting(n, versions)
    back = set(rng.sample(range(n - 60), n // 4))
    good = [versions // 2 if i in back else versions for i in range(n)]
    for i in range(n):
        for v in range(1, versions + 1):
            u.deps[i, v] = [(j, rng.randint(1, good[j] // 2), versions)
                            for j in targets(rng, i, n, 3)]
    for i in back:
        far = rng.randrange(i + 45, min(n, i + 60))
        for v in range(versions // 2 + 1, versions + 1):
            u.deps[i, v].append((far, 1, rng.randint(1, versions // 4)))
        for v in range(1, versions + 1):
            u.deps[far - 1, v].append((far, versions // 2, versions))
        u.roots.append(far - 1)
    u.roots = sorted(set(u.roots) | back)
    return u


def adversarial(n=2000, versions=50, solvable=True):
    """Chains whose links hold each other close, so that a choice at the head meets its
    trouble ten packages deeper; heads and middles of neighbouring chains pull apart, so
    that the newest never goes with the newest; and foreign needs in between."""
    rng = random.Random(3)
    u = Universe([versions] * n)
    middle, chain = versions // 2, 10
    for i in range(n):
        for v in range(1, versions + 1):
            deps = []
            if i % chain < chain - 1:
                deps.append((i + 1, max(1, v - 1), min(versions, v + 1)))
            if i % chain == 0 and i + chain < n:
                far = versions + 1 - v
                deps.append((i + chain + 5, max(1, far - 4), min(versions, far + 4)))
            if i % chain == 5 and i + 2 * chain < n:
                j = rng.randrange(i + chain, min(n, i + 20 * chain))
                center = middle if abs(v - middle) < 3 else rng.randint(1, versions)
                deps.append((j, max(1, center - 9), min(versions, center + 9)))
            u.deps[i, v] = deps
    if not solvable:
        for v in range(1, versions + 1):
            u.deps[n - 5, v].append((n - 1, 1, 5))
            u.deps[n - 15, v].append((n - 1, versions - 5, versions))
    u.roots = list(range(0, n, chain))
    return u


def hard(n=300, versions=20, seed=2):
    """Each version needs three others, at random, of about its own number: no solution, and no
    short reason why."""
    rng = random.Random(seed)
    u = Universe([versions] * n)
    for i in range(n):
        for v in range(versions, 0, -1):
            deps = []
            for j in rng.sample(range(n), 3):
                at = min(versions, max(1, rng.randint(v - 2, v + 2)))
                low, high = rng.choice([(at, versions), (1, at), (at, at), (at, versions)])
                if j != i:
                    deps.append((j, low, high))
            u.deps[i, v] = deps
    u.roots = list(range(5))
    return u


def spec(low, high, versions):
    parts = []
    if low > 1:
        parts.append(">=%d" % low)
    if high < versions:
        parts.append("<=%d" % high)
    return ",".join(parts)


def write_ours(u, path):
    with open(path, "w") as f:
        for i, count in enumerate(u.versions):
            for v in range(1, count + 1):
                deps = "; ".join("p%d%s" % (j, spec(lo, hi, u.versions[j]))
                                 for j, lo, hi in u.deps[i, v])
                f.write("pkg p%d %d : %s\n" % (i, v, deps))
        for i in u.roots:
            f.write("ask p%d\n" % i)


def write_index(u, folder):
    """The same as recipes: what `cenv lock` reads."""
    os.mkdir(os.path.join(folder, "index"))
    for i, count in enumerate(u.versions):
        with open(os.path.join(folder, "index", "p%d.ini" % i), "w") as f:
            f.write("[package]\nname      = p%d\nsummary   = package %d\nlicense   = MIT\n"
                    "[build]\nsystem    = cmake\noptions   = -DBUILD_TESTING=OFF\n" % (i, i))
            for v in range(count, 0, -1):
                f.write("[version %d]\nurl       = https://example.org/p%d-%d.tar.gz\n"
                        "sha256    = %064x\nrequires  =\n" % (v, i, v, i * 1000 + v))
                for j, lo, hi in u.deps[i, v]:
                    f.write("    p%d%s\n" % (j, spec(lo, hi, u.versions[j])))
    with open(os.path.join(folder, "requirements.in"), "w") as f:
        f.write("--index ./index\n--no-default-index\n")
        for i in u.roots:
            f.write("p%d\n" % i)


def write_testsolv(u, folder):
    with open(os.path.join(folder, "avail.repo"), "w") as f:
        f.write("=Ver: 3.0\n")
        for i, count in enumerate(u.versions):
            for v in range(1, count + 1):
                f.write("=Pkg: p%d %d 1 noarch\n=Prv: p%d = %d-1\n" % (i, v, i, v))
                for j, lo, hi in u.deps[i, v]:
                    if lo <= 1 and hi >= u.versions[j]:
                        f.write("=Req: p%d\n" % j)
                    if lo > 1:
                        f.write("=Req: p%d >= %d\n" % (j, lo))
                    if hi < u.versions[j]:
                        f.write("=Req: p%d < %d\n" % (j, hi + 1))
                f.write("=Con: p%d\n" % i)  # one version of each at a time
    with open(os.path.join(folder, "system.repo"), "w") as f:
        f.write("=Ver: 3.0\n")
    with open(os.path.join(folder, "test.t"), "w") as f:
        f.write("repo system 0 testtags system.repo\nrepo avail 0 testtags avail.repo\n"
                "system noarch rpm system\n")
        for i in u.roots:
            f.write("job install name p%d\n" % i)


def peak_kib(pid):
    """The child's own peak; what wait4 tells counts ours too, from before exec."""
    try:
        with open("/proc/%d/status" % pid) as f:
            return int(next(line for line in f if line.startswith("VmHWM")).split()[1])
    except (OSError, StopIteration):
        return 0


def run(argv, limit, cwd=None, watch=False):
    """(CPU seconds, peak MiB, status); seconds None: not within the limit of wall time.
    CPU time, because the machine may be busy with other things. To watch the memory takes the
    child's time as well: up to half as much again where it runs for 10 ms."""
    start = time.monotonic()
    out = open(os.devnull, "w")
    child = subprocess.Popen(argv, stdout=out, stderr=out, cwd=cwd)
    end = start + limit
    peak = 0
    while True:
        if watch:
            peak = max(peak, peak_kib(child.pid))
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > end:
            child.kill()
            os.wait4(child.pid, 0)
            return None, 0, None
        time.sleep(0.0005)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, peak / 1024, child.returncode


def best(commands, limit, rounds, cwd=None):
    """(CPU seconds, peak MiB, status) of each command: the best of several rounds. Each round runs
    all of them, since a machine can be half as fast from one second to the next. Who takes
    seconds runs once."""
    results = [None] * len(commands)
    for _ in range(rounds):
        for i, argv in enumerate(commands):
            old = results[i]
            if old and (old[0] is None or old[0] > 1):
                continue
            new = run(argv, limit, cwd)
            if not old or new[0] is None or new[0] < old[0]:
                results[i] = new
    return [r if r[0] is None else (r[0], run(argv, limit, cwd, watch=True)[1], r[2])
            for argv, r in zip(commands, results)]


def show(name, seconds, note=""):
    text = "no end" if seconds is None else "%.1f ms" % (seconds * 1000)
    print("  %-12s %12s  %s" % (name, text, note))


def compare(name, u, build, times, limit, whole=False):
    """whole: `cenv lock` on a folder of recipes; else the resolver alone on a simpler text."""
    with tempfile.TemporaryDirectory() as folder:
        ours_file = os.path.join(folder, "universe")
        write_ours(u, ours_file)
        argv = [os.path.join(build, "bench", "resolve-main"), ours_file]
        if whole:
            write_index(u, folder)
            os.environ["CENV_HOME"] = os.path.join(folder, "store")
            argv = [os.path.join(build, "bin", "cenv"), "lock", "-q", "-o", "-",
                    "-r", "requirements.in"]
        peers = list(others(u, folder, ours_file))
        ours, *theirs = best([argv] + [peer for _, peer in peers], limit, times, folder)
        print("%s:" % name)
        show("cenv", ours[0], "%.0f MiB, exit %s" % (ours[1], ours[2]))
        for (other, _), (seconds, mib, status) in zip(peers, theirs):
            note = ""
            if ours[0] and seconds:
                note = "%.1f times as long, %.0f MiB" % (seconds / ours[0], mib)
            elif ours[0]:
                note = "more than %.0f times as long" % (limit / ours[0])
            show(other, seconds, note + ("" if status in (0, None) else ", exit %s" % status))
        sys.stdout.flush()


def relock(build, versions, runs):
    """Nothing to do: limit 5 x the program's start, wall time, pair by pair."""
    cenv = os.path.join(build, "bin", "cenv")
    with tempfile.TemporaryDirectory() as folder:
        u = fitting(100, versions)
        u.roots = list(range(100))
        write_index(u, folder)
        os.environ["CENV_HOME"] = os.path.join(folder, "store")
        subprocess.run([cenv, "lock", "-q"], cwd=folder, check=True)
        subprocess.run([os.path.join(build, "bench", "bench-pair"), "-n", str(runs),
                        "  relock, %2d versions each : cenv --version" % versions,
                        cenv, "lock", "-q", "--", cenv, "--version"], cwd=folder, check=True)


def others(u, folder, ours_file):
    if shutil.which("testsolv"):
        write_testsolv(u, folder)
        yield "testsolv", ["testsolv", "test.t"]
    if os.path.isdir("/usr/lib/python3/dist-packages/resolvelib"):
        yield "resolvelib", ["/usr/bin/python3", os.path.join(HERE, "resolvelib_run.py"), ours_file]


def main():
    build = os.path.abspath(sys.argv[1])
    quick = "--quick" in sys.argv
    times = 2 if quick else 10
    limit = 10 if quick else 60
    compare("A, cenv lock", fitting(), build, times, limit, whole=True)
    compare("B, cenv lock", stepping_back(), build, times, limit, whole=True)
    compare("A, resolver", fitting(), build, times, limit)
    compare("B, resolver", stepping_back(), build, times, limit)
    compare("adversarial", adversarial(), build, 1, limit)
    compare("unsolvable", adversarial(solvable=False), build, 1, limit)
    compare("hard", hard(), build, 1, limit)
    print("relock of 100 packages, limit 5:", flush=True)
    for versions in (1, 10, 20):
        relock(build, versions, 20 if quick else 100)
    print("growth, no conflicts, 5 versions each:")
    for n in (100, 1000, 10000) if quick else (100, 1000, 10000, 100000):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "universe")
            write_ours(fitting(n, 5), path)
            [(seconds, mib, _)] = best([[os.path.join(build, "bench", "resolve-main"), path]],
                                       limit, times)
        show("n = %d" % n, seconds, "%.2f us a package, %.0f MiB" % (seconds * 1e6 / n, mib))


main()
