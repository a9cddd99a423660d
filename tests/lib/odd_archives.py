#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Archives as an attacker, or an odd but honest packer, would make them.

    odd_archives.py FOLDER BAIT

Writes FOLDER/NAME-1.0.SUFFIX for each case, and prints one line for each:
file name, TAB, "ok" or a part of the message that must refuse it. BAIT is an
absolute path that some of them try to write to. Those that are ok hold a
Makefile that checks what was unpacked and installs a header without compiling.

Headers are written by hand: no library writes what is tested here.
"""
import bz2
import gzip
import lzma
import os
import struct
import subprocess
import sys
import zipfile
import zlib

FOLDER, BAIT = sys.argv[1], sys.argv[2]
MTIME = 1500000000

# ---- tar, by hand ----


def octal(n, width):
    return b"%0*o\0" % (width - 1, n)


def header(name, kind="0", size=0, link="", mode=0o644, magic=b"ustar\00000", prefix="",
           mtime=None, raw_size=None, extra=b"", checksum=None):
    """One block. Texts may be bytes, for what is no UTF-8."""
    def raw(text):
        return text if isinstance(text, bytes) else text.encode()
    mtime = octal(MTIME, 12) if mtime is None else mtime
    block = b"%-s" % raw(name).ljust(100, b"\0")[:100]
    block += octal(mode, 8) + octal(0, 8) + octal(0, 8)
    block += (octal(size, 12) if raw_size is None else raw_size) + mtime
    block += b" " * 8 + raw(kind) + raw(link).ljust(100, b"\0")[:100]
    block += magic + b"root".ljust(32, b"\0") * 2
    block += b"0000000\0" * 2 + raw(prefix).ljust(155, b"\0")
    block = bytearray(block.ljust(512, b"\0")[:512])
    if extra:
        block[345:345 + len(extra)] = extra
    block[148:156] = b"%06o\0 " % sum(block) if checksum is None else checksum
    return bytes(block)


def padded(data):
    return data + bytes(-len(data) % 512)


def member(name, data=b"x\n", **more):
    more.setdefault("size", len(data))
    return header(name, **more) + padded(data)


def folder(name, **more):
    return header(name, "5", mode=0o755, **more)


def symlink(name, target, **more):
    return header(name, "2", link=target, **more)


def hardlink(name, target, **more):
    return header(name, "1", link=target, **more)


def record(key, value):
    """A line of a pax header: its length counts itself."""
    def raw(text):
        return text if isinstance(text, bytes) else text.encode()
    rest = b" " + raw(key) + b"=" + raw(value) + b"\n"
    n = len(rest)
    while n != len(b"%d" % n) + len(rest):
        n = len(b"%d" % n) + len(rest)
    return b"%d" % n + rest


def pax(kind="x", text=None, **keys):
    if text is None:
        text = b"".join(record(k.replace("__", "."), v) for k, v in keys.items())
    return member("pax", text, kind=kind)


def long_name(text, kind="L"):
    raw = text if isinstance(text, bytes) else text.encode()
    return member("././@LongLink", raw + b"\0", kind=kind, magic=b"ustar  \0")


END = bytes(1024)


def gnu_sparse(name, segments, real, data):
    """The old GNU format: up to four pieces in the header."""
    fields = b"".join(octal(at, 12) + octal(n, 12) for at, n in segments)
    extra = bytes(41) + fields.ljust(96, b"\0") + b"\0" + octal(real, 12)
    return header(name, "S", size=len(data), magic=b"ustar  \0", extra=extra) + padded(data)


# ---- what the honest ones hold ----

def makefile(*checks):
    makefile.n += 1  # so that no two install the same file
    lines = "".join("\t%s\n" % c for c in checks)
    return ("all:\n%s\ninstall:\n\tmkdir -p $(DESTDIR)$(PREFIX)/include\n"
            "\techo ok > $(DESTDIR)$(PREFIX)/include/odd%d.h\n" % (lines, makefile.n)).encode()


makefile.n = 0


def honest(*checks, top="t/"):
    return member(top + "Makefile", makefile(*checks))


# ---- the cases ----

cases = []


def pipe(data, *command):
    return subprocess.run([*command, "-qc"], input=data, check=True, stdout=subprocess.PIPE).stdout


def case(name, message, data, suffix="tar"):
    file = "%s-1.0.%s" % (name, suffix)
    with open(os.path.join(FOLDER, file), "wb") as out:
        out.write(data)
    cases.append((file, message))


def tar(name, message, *blocks):
    case(name, message, b"".join(blocks) + END)


UP = "leaves the target by '..'"
OUTSIDE = "links to a place outside of the target"
UGLY = "has control characters in its name, or a name that is not UTF-8"
UGLY_LINK = "has control characters in its link target, or one that is not UTF-8"
DAMAGED = "the archive is damaged or cut short"
RATIO = "member 't/a' makes it unpack to more than 200 times its own size"
FOREIGN = "it is no archive that cenv reads"


def names():
    for key, name in (("up", "../evil"), ("up-below", "t/../../evil"), ("up-last", "t/.."),
                      ("up-dotted", "./t/./../../evil")):
        tar(key, "member '%s' %s" % (name, UP), member("t/a"), member(name))
    tar("root", "member '%s/evil' has an absolute name" % BAIT, member(BAIT + "/evil"))
    tar("roots", "member '//%s/evil' has an absolute name" % BAIT, member("//" + BAIT + "/evil"))
    tar("root-folder", "member '/' has an absolute name", folder("/"))
    tar("prefix-up", "member '../../evil' " + UP, member("evil", prefix="../.."))
    tar("prefix-root", "member '%s/evil' has an absolute name" % BAIT,
        member("evil", prefix=BAIT))
    tar("gnu-up", "member '../evil' " + UP, long_name("../evil"),
        member("t/a", magic=b"ustar  \0"))
    tar("pax-up", "member '../evil' " + UP, pax(path="../evil"), member("t/a"))
    tar("pax-root", "member '%s/evil' has an absolute name" % BAIT, pax(path=BAIT + "/evil"),
        member("t/a"))
    tar("pax-last-wins", "member '../evil' " + UP,
        pax(text=record("path", "t/b") + record("path", "../evil")), member("t/a"))
    tar("pax-sparse-up", "member '../evil' " + UP,
        pax(GNU__sparse__major="1", GNU__sparse__minor="0", GNU__sparse__name="../evil",
            GNU__sparse__realsize="2"),
        member("t/a", b"1\n0\n2\n".ljust(512, b"\0") + b"x\n"))
    tar("nameless", "has no name", member(""))

    for key, name in (("newline", "t/a\nb"), ("escape", "t/\x1b[31mred"), ("delete", "t/\x7f"),
                      ("c1", "t/\u009b31m"), ("bidi", "t/\u202ecod.exe"), ("bell", "t/\a"),
                      ("return", "t/good\rbad")):
        shown = "".join(c if c.isascii() and c.isprintable() else
                        "".join("\\x%02x" % b for b in c.encode()) for c in name)
        tar("name-" + key, "member '%s' %s" % (shown, UGLY), member(name))
        tar("target-" + key, "member 't/l' " + UGLY_LINK, member("t/a"), symlink("t/l", name))
        tar("hard-" + key, "hard link 't/h': member '%s' %s" % (shown, UGLY), member("t/a"),
            hardlink("t/h", name))
        tar("pax-name-" + key, "member '%s' %s" % (shown, UGLY), pax(path=name), member("t/a"))
    tar("name-bytes", "member", member(b"t/\xff\xfe"))
    tar("name-overlong", "member", member(b"t/\xc0\xae\xc0\xae/x"))
    tar("name-surrogate", "member", member(b"t/\xed\xa0\x80"))
    tar("name-latin1", "member", member("t/gr\u00fcn".encode("latin-1")))
    tar("target-bytes", "member 't/l'", symlink("t/l", b"\xff"))
    tar("hard-bytes", "hard link 't/h': member '\\xff' " + UGLY, hardlink("t/h", b"\xff"))
    tar("pax-binary", "member", pax(text=record("hdrcharset", "BINARY") +
                                    record("path", b"t/\xff")), member("t/a"))

    long = "n" * 256
    tar("name-max", "has a name that is too long", pax(path="t/" + long), member("t/a"))
    tar("gnu-name-max", "has a name that is too long", long_name("t/" + long),
        member("t/a", magic=b"ustar  \0"))
    tar("path-max", "has a name that is too long", pax(path="/".join(["d" * 250] * 20)),
        member("t/a"))
    tar("too-deep", "is nested too deeply", pax(path="d/" * 2000 + "x"), member("t/a"))
    tar("target-max", "has a link target that is too long", pax(linkpath="t/" * 2048),
        symlink("t/l", "x"))


def links():
    tar("link-root", "member 't/l' links to an absolute path", symlink("t/l", BAIT))
    tar("link-up", "member 't/l' " + OUTSIDE, symlink("t/l", "../../x"))
    tar("link-top", "member 't/l' " + OUTSIDE, member("t/a"), symlink("t/l", "../a"))
    tar("link-down-up", "links through a folder and up again", folder("t/d"),
        symlink("t/l", "d/../../.."))
    tar("link-nowhere", "the link target of member 't/l' is missing", symlink("t/l", ""))
    tar("link-then-file", "leads through a link or a file", folder("t/d"), symlink("t/l", "d"),
        member("t/l/evil"))
    tar("link-then-folder", "leads through a link or a file", folder("t/d"), symlink("t/l", "d"),
        folder("t/l"))
    tar("link-over-file", "is there twice", member("t/a"), symlink("t/a", "b"))
    tar("file-over-link", "is there twice", symlink("t/a", "b"), member("t/a"))
    # each link is innocent alone; together they climb
    tar("link-chain", "links through a folder and up again", folder("t/a/b"),
        symlink("t/c", "a/b"), symlink("t/d", "c/../../.."), member("t/d/evil"))
    tar("link-in-folder-link", "leads through a link or a file", folder("t/a/b/c"),
        symlink("t/s", "a/b/c"), symlink("t/s/up", ".."), member("t/a/b/c/up/evil"))
    tar("link-loop", "leads through a link or a file", symlink("t/a", "b"), symlink("t/b", "a"),
        member("t/a/x"))
    tar("link-self", "leads through a link or a file", symlink("t/a", "a"), member("t/a/x"))
    tar("link-for-top", "leads through a link or a file", symlink("t", "x"), folder("x"),
        member("t/evil"))
    tar("pax-link-root", "links to an absolute path", pax(linkpath=BAIT), symlink("t/l", "a"))
    tar("gnu-link-up", OUTSIDE, long_name("../../x", "K"), symlink("t/l", "a"))
    tar("hard-up", UP, hardlink("t/h", "../../x"))
    tar("hard-root", "has an absolute name", hardlink("t/h", "/etc/passwd"))
    tar("hard-missing", "which is no file of the archive before it", hardlink("t/h", "t/missing"))
    tar("hard-later", "which is no file of the archive before it", hardlink("t/h", "t/a"), member("t/a"))
    tar("hard-folder", "which is no file of the archive before it", folder("t/d"), hardlink("t/h", "t/d"))
    tar("hard-link", "which is no file of the archive before it", symlink("t/l", "a"),
        hardlink("t/h", "t/l"))
    tar("hard-through-link", "which is no file of the archive before it", member("t/d/a"),
        symlink("t/l", "d"), hardlink("t/h", "t/l/a"))
    tar("hard-self", "which is no file of the archive before it", hardlink("t/h", "t/h"))
    tar("hard-then-write", "is there twice", member("t/a"), hardlink("t/h", "t/a"),
        member("t/h", b"other"))


def kinds():
    tar("fifo", "member 't/f' is a fifo", header("t/f", "6"))
    tar("char", "member 't/c' is a device", header("t/c", "3"))
    tar("block", "member 't/b' is a device", header("t/b", "4"))
    tar("twice", "member 't/a' is there twice", member("t/a"), member("t/a"))
    tar("twice-dotted", "member 't/a' is there twice", member("t/a"), member("./t/./a"))
    tar("file-as-folder", "leads through a link or a file", member("t/a"), member("t/a/b"))
    tar("folder-as-file", "is there twice", folder("t/a"), member("t/a"))
    tar("top-file", DAMAGED, member("./"))


def headers():
    tar("pax-negative", "size", pax(size="-1"), member("t/a"))
    tar("pax-huge", DAMAGED, pax(size="9223372036854775807"), member("t/a"))
    tar("pax-record-zero", DAMAGED, pax(text=b"0 path=x\n"), member("t/a"))
    tar("pax-record-long", DAMAGED, pax(text=b"99999 path=x\n"), member("t/a"))
    tar("pax-record-huge", DAMAGED, pax(text=b"99999999999999999999 path=x\n"), member("t/a"))
    tar("pax-record-negative", DAMAGED, pax(text=b"-5 path=x\n"), member("t/a"))
    tar("pax-record-unended", DAMAGED, pax(text=b"9 path=xy"), member("t/a"))
    tar("pax-giant", DAMAGED, header("pax", "x", size=8 ** 11 - 1), member("t/a"))
    tar("pax-alone", DAMAGED, pax(path="t/a"))
    tar("pax-of-pax", DAMAGED, pax(path="a"), pax(path="../evil"), pax(path="b"))
    tar("gnu-giant", DAMAGED, header("././@LongLink", "L", size=8 ** 11 - 1, magic=b"ustar  \0"),
        member("t/a"))
    tar("gnu-of-gnu", "is of an unknown type", *[long_name("t/x")] * 100)
    tar("size-words", FOREIGN, header("t/a", raw_size=b"twelve bytes"), member("t/b"))
    tar("size-base256", DAMAGED, header("t/a", raw_size=b"\xff" * 12), member("t/b"))
    tar("size-giant", RATIO, header("t/a", raw_size=b"\x80\0\0\0\x40" + bytes(7)))
    tar("size-overflow", DAMAGED, header("t/a", raw_size=b"\x80" + b"\x7f" * 11))
    tar("size-more", DAMAGED, header("t/a", size=4000), padded(b"x"))
    tar("sum-wrong", DAMAGED, member("t/a"), header("t/b", checksum=b"000000\0 "))
    tar("sparse-giant", RATIO, gnu_sparse("t/a", [(0, 2)], 8 ** 11 - 1, b"x\n"))
    tar("sparse-overlap", "member 't/a'", gnu_sparse("t/a", [(0, 512), (100, 512)], 2000,
                                                     b"x" * 1024))
    tar("sparse-backwards", "member 't/a'", gnu_sparse("t/a", [(1000, 512), (0, 512)], 2000,
                                                       b"x" * 1024))
    tar("sparse-words", DAMAGED,
        pax(GNU__sparse__major="1", GNU__sparse__minor="0", GNU__sparse__realsize="2"),
        member("t/a", b"many\nmore\n".ljust(512, b"\0")))
    tar("sparse-giant-map", DAMAGED,
        pax(GNU__sparse__major="1", GNU__sparse__minor="0", GNU__sparse__realsize="2"),
        member("t/a", b"99999999999\n0\n1\n".ljust(512, b"\0")))


def streams():
    whole = member("t/a", b"y" * 3000) + honest() + END
    packed = gzip.compress(whole, mtime=0)
    random = bytes((i * i * 7919 >> 3) & 255 for i in range(20000))
    case("cut-header", DAMAGED, whole[:700])
    case("cut-contents", DAMAGED, whole[:2000])
    case("cut-end", "its end mark is missing", whole[:-1024])
    case("cut-gzip", DAMAGED, packed[:-20], "tar.gz")
    case("cut-gzip-sum", DAMAGED, packed[:-8], "tar.gz")
    case("cut-xz", DAMAGED, lzma.compress(whole)[:-30], "tar.xz")
    case("cut-bz2", DAMAGED, bz2.compress(member("t/a", random) + END)[:-30], "tar.bz2")
    case("garbage", "something that does not belong to it follows", whole + b"#!/bin/sh\n")
    case("second-tar", "something that does not belong to it follows", whole + whole)
    case("garbage-gzip", "something that does not belong to it follows",
         packed + b"rubbish that follows", "tar.gz")
    case("garbage-inside-gzip", "something that does not belong to it follows",
         gzip.compress(whole + b"rubbish", mtime=0), "tar.gz")
    case("twice-gzip", "it is compressed more than once", gzip.compress(packed), "tar.gz")
    case("gzip-then-xz", "it is compressed more than once", lzma.compress(packed), "tar.xz")
    case("bomb-gzip", RATIO,
         gzip.compress(header("t/a", size=70 << 20) + bytes(70 << 20) + END, 1), "tar.gz")
    case("bomb-zstd", RATIO,
         pipe(header("t/a", size=70 << 20) + bytes(70 << 20) + END, "zstd"), "tar.zst")
    # between the members, where no member is to blame
    case("bomb-padding", "it decompresses to more than",
         pipe(member("t/a") + END + bytes(340 << 20), "zstd"), "tar.zst")
    case("nothing", "the file is empty", b"")
    case("zeros", "the archive is empty", bytes(10240))
    case("text", FOREIGN, b"just some text\n" * 100)
    case("page", "an HTML page", b"<!DOCTYPE html><p>no such file</p>\n")


def foreign():
    """Formats that libarchive reads and cenv does not."""
    case("cpio", FOREIGN, b"070701" + b"00000001" * 13 + b"x".ljust(110))
    case("cpio-odc", FOREIGN, b"070707" + b"000000" * 20 + b"TRAILER!!!\0".ljust(512, b"\0"))
    case("ar", FOREIGN, b"!<arch>\nx/              0           0     0     644     2         `\nx\n")
    case("seven", FOREIGN, b"7z\xbc\xaf\x27\x1c\0\4".ljust(600, b"\1"), "7z")
    case("rar", FOREIGN, b"Rar!\x1a\7\1\0".ljust(600, b"\1"))
    case("cab", FOREIGN, b"MSCF".ljust(600, b"\0"))
    case("xar", FOREIGN, b"xar!\0\x1c\0\1".ljust(600, b"\0"))
    case("iso", "something that does not belong to it follows", bytes(32768) + b"\1CD001\1".ljust(2048, b"\0") +
         b"\xffCD001\1".ljust(2048, b"\0"))
    case("mtree", FOREIGN, b"#mtree\n./x type=file contents=/etc/passwd\n" * 20)
    case("warc", FOREIGN, b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 1\r\n\r\nx\r\n\r\n")
    case("shar", FOREIGN, b"#!/bin/sh\n# This is a shell archive\n" * 30)
    case("rpm", FOREIGN, b"\xed\xab\xee\xdb\3\0".ljust(600, b"\0"))
    case("compress", FOREIGN, b"\x1f\x9d\x90" + bytes(600))
    case("lzip", FOREIGN, b"LZIP\1\x14" + bytes(600))
    case("uu", FOREIGN, b"begin 644 x\n#86)C\n`\nend\n")
    case("gz-alone", FOREIGN, gzip.compress(b"one file, no archive\n" * 60), "gz")


# ---- zip ----

def zipped(entries, name=None, patch=None):
    """entries: (name, contents, unix mode)"""
    path = os.path.join(FOLDER, ".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for file, data, mode in entries:
            info = zipfile.ZipInfo(file, (2017, 7, 14, 0, 0, 0))
            info.create_system = 3
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, data)
    with open(path, "rb") as f:
        data = f.read()
    os.unlink(path)
    return patch(data) if patch else data


def zips():
    def one(key, message, *entries, patch=None):
        case("zip-" + key, message, zipped(entries, patch=patch), "zip")
    file, link = 0o100644, 0o120777
    one("up", UP, ("../evil", "x", file))
    one("root", "has an absolute name", (BAIT + "/evil", "x", file))
    # a separator, where the name has no other; beside slashes it could be read both ways
    one("backslash-up", UP, ("..\\..\\evil", "x", file))
    one("backslash", "has a backslash in its name", ("t/..\\..\\evil", "x", file))
    one("link-root", "links to an absolute path", ("t/l", BAIT, link))
    one("link-up", OUTSIDE, ("t/l", "../../x", link))
    one("link-then-file", "leads through a link or a file", ("t/d/", "", 0o040755),
        ("t/l", "d", link), ("t/l/evil", "x", file))
    one("char", "is a device", ("t/c", "", 0o020644))
    one("block", "is a device", ("t/b", "", 0o060644))
    one("socket", "is a socket", ("t/s", "", 0o140644))
    one("escape", UGLY, ("t/\x1b[31m", "x", file))
    one("twice", "is there twice", ("t/a", "x", file), ("t/b", "y", file),
        patch=lambda d: d.replace(b"t/b", b"t/a"))
    one("bomb", RATIO, ("t/a", bytes(70 << 20), file))
    one("cut", "cut short, or something follows", ("t/a", "x" * 500, file),
        patch=lambda d: d[:-10])
    one("garbage", "cut short, or something follows", ("t/a", "x", file),
        patch=lambda d: d + b"rubbish")
    one("sum", DAMAGED, ("t/a", "contents", file), patch=lambda d: d.replace(
        struct.pack("<I", zlib.crc32(b"contents")), b"\1\2\3\4"))
    one("size", DAMAGED, ("t/a", "contents", file), patch=lambda d: d.replace(
        struct.pack("<I", 8), struct.pack("<I", 9)))
    one("locked", DAMAGED, ("t/a", "contents", file), patch=lambda d: d.replace(
        b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0").replace(b"PK\1\2\x14\3\x14\0\0\0",
                                                         b"PK\1\2\x14\3\x14\0\1\0"))
    one("two-names", "", ("t/good", "x", file), ("t/b", "x", file),
        patch=lambda d: d.replace(b"t/good", b"../bad", 1))
    one("benign", "ok", ("t/Makefile", makefile("test -L link && test -x run"), file),
        ("t/link", "Makefile", link), ("t/run", "#!/bin/sh\n", 0o100755))


# ---- honest ones ----

def benign():
    check = honest
    tar("ok-links", "ok", folder("t"), member("t/d/a", b"one\n"), symlink("t/l", "d/a"),
        symlink("t/d/up", "../d/a"), hardlink("t/h", "t/d/a"), symlink("t/dangling", "missing"),
        check("grep -q one l d/up h", "test -L dangling"))
    tar("ok-hard-links", "ok", member("t/a", b"one\n"), hardlink("t/b", "t/a"),
        hardlink("t/c", "t/b"), hardlink("./t/d", "./t/a"), check("grep -q one a b c d"))
    tar("ok-dotted", "ok", folder("./"), folder("./t/"), member("./t//a"),
        check("test -f a", top="./t/./"))
    tar("ok-flat", "ok", member("a"), member("b/c"), check("test -f a -a -f b/c", top=""))
    tar("ok-flat-dotted", "ok", folder("."), member("./a"), check("test -f a", top="./"))
    tar("ok-two-tops", "ok", member("a/x"), member("b/x"), check("test -f a/x", top=""))
    tar("ok-pax", "ok", pax("g", comment="a commit"), pax(path="t/" + "n" * 255),
        member("t/short"), pax(path="t/gr\u00fcn/\u65e5\u672c"), member("t/b"),
        pax(path="t/" + "long/" * 60 + "x"), member("t/c"),
        check("test -f gr\u00fcn/\u65e5\u672c", "test -f %sx" % ("long/" * 60),
              "test -f %s" % ("n" * 255)))
    tar("ok-gnu", "ok", long_name("t/" + "g" * 200), member("t/short", magic=b"ustar  \0"),
        long_name("g" * 200, "K"), symlink("t/l", "g", magic=b"ustar  \0"),
        check("test -f l"))
    tar("ok-old", "ok", header("t/", "\0", magic=bytes(8)), member("t/a", kind="\0",
                                                                   magic=bytes(8)),
        check("test -f a"))
    tar("ok-contiguous", "ok", member("t/a", kind="7"), check("test -f a"))
    tar("ok-volume", "ok", header("label", "V", magic=b"ustar  \0"), check())
    tar("ok-global-header", "ok", member("pax_global_header", b"52 comment=0123\n"), check())
    tar("ok-cases", "ok", member("t/readme", b"1"), member("t/README", b"2"),
        member("t/ReadMe", b"3"), check("test $$(cat README)$$(cat readme)$$(cat ReadMe) = 213"))
    tar("ok-backslash", "ok", member("t/a\\b"), member("t/..\\c"),
        check("test -f 'a\\b' -a -f '..\\c'"))
    tar("ok-modes", "ok", member("t/s", mode=0o6755), member("t/w", mode=0o666),
        header("t/d/", "5", mode=0o1777), header("t/shut/", "5", mode=0), member("t/none", mode=0),
        check("test ! -u s -a ! -g s -a -x s", "test $$(stat -c %a w d shut none | tr '\\n' -) "
              "= 644-755-755-644-"))
    tar("ok-owners", "ok", pax(uname="\x1b[31m", gname="nobody", uid="4294967296"),
        member("t/a"), check("test -O a"))
    tar("ok-times", "ok", pax(mtime="99999999999999.999"), member("t/a"), pax(mtime="-5.5"),
        member("t/b"), pax(mtime="1e400"), member("t/c"),
        member("t/d", mtime=b"\x80" + b"\x7f" * 11), member("t/e", mtime=b"\xff" * 12),
        check("test -f a -a -f b -a -f c -a -f d -a -f e"))
    tar("ok-attributes", "ok", pax(SCHILY__xattr__user__x="y", SCHILY__acl__access="user::rwx",
                                   LIBARCHIVE__creationtime="5", atime="x", VENDOR__x="\n"),
        member("t/a"), check("test -f a"))
    tar("ok-sparse", "ok", gnu_sparse("t/a", [(0, 512), (1 << 20, 512)], 2 << 20, b"x" * 1024),
        pax(GNU__sparse__major="1", GNU__sparse__minor="0", GNU__sparse__name="t/b",
            GNU__sparse__realsize="5000"),
        member("t/GNUSparse/b", b"1\n4998\n2\n".ljust(512, b"\0") + b"x\n"),
        check("test $$(stat -c %s a b | tr '\\n' -) = 2097152-5000-"))
    tar("ok-folders-again", "ok", folder("t/d"), folder("t/d"), member("t/d/a"), folder("t/d"),
        check("test -f d/a"))
    tar("ok-no-folders", "ok", member("t/a/b/c/d/e"), check("test -f a/b/c/d/e"))

    def whole():
        return member("t/a") + check("test -f a") + END

    def halves(compress):
        data = whole()
        return compress(data[:1000]) + compress(data[1000:])
    case("ok-padded", "ok", whole() + bytes(20 * 512))
    case("ok-gzip-padded", "ok", gzip.compress(whole()) + bytes(512), "tar.gz")
    case("ok-gzip-parts", "ok", halves(gzip.compress), "tar.gz")
    case("ok-tgz", "ok", gzip.compress(whole()), "tgz")
    case("ok-bz2", "ok", halves(bz2.compress), "tar.bz2")
    case("ok-xz", "ok", halves(lzma.compress), "tar.xz")
    case("ok-zstd", "ok", pipe(whole(), "zstd"), "tar.zst")
    case("ok-lz4", "ok", pipe(whole(), "lz4"), "tar.lz4")


for group in (names, links, kinds, headers, streams, foreign, zips, benign):
    group()
for file, message in cases:
    print(file, message, sep="\t")
