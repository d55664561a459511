#!/usr/bin/env python3
"""pack.py OUT ENTRY...: makes an archive, its kind by OUT's name: .zip, .tar, .tar.gz, .tgz, .tar.bz2, .tar.xz, or of one entry
.gz, .bz2, .xz, .zst. ENTRY is NAME=FILE, NAME@TARGET (a link), NAME! (a device), NAME/ (a folder), or FILE. FILE may be "TEXT*N": the
text and N more of its last character."""
import bz2
import gzip
import lzma
import os
import re
import stat
import sys
import tarfile
import time
import zipfile

WHEN = 1767323044  # 2026-01-02T03:04:04Z: a zip counts in two seconds


def chunks(path):
    repeated = re.fullmatch(r"(.*)\*(\d+)", path, re.DOTALL)
    if not repeated:
        with open(path, "rb") as f:
            yield f.read()
        return
    yield repeated[1].encode()
    left = int(repeated[2])
    while left:
        n = min(left, 1 << 20)
        yield repeated[1][-1].encode() * n
        left -= n


def zstd(data):
    """Frames of one raw block each: no compressor is needed."""
    out = b""
    for at in range(0, max(len(data), 1), 65536):
        part = data[at:at + 65536]
        out += b"\x28\xb5\x2f\xfd\xa0" + len(part).to_bytes(4, "little")
        out += (1 | len(part) << 3).to_bytes(3, "little") + part
    return out


class Temporary:
    """A file of chunks, for tar, which wants to know its size before."""

    def __init__(self, path):
        self.file = open("pack.tmp", "w+b")
        os.unlink("pack.tmp")
        for chunk in chunks(path):
            self.file.write(chunk)
        self.size = self.file.tell()
        self.file.seek(0)


def add_tar(out, name, kind, of):
    info = tarfile.TarInfo(name)
    info.mtime = WHEN
    if kind == "=":
        temporary = Temporary(of)
        info.size = temporary.size
        out.addfile(info, temporary.file)
        return
    info.type = {"@": tarfile.SYMTYPE, "!": tarfile.CHRTYPE, "/": tarfile.DIRTYPE}[kind]
    info.linkname = of
    out.addfile(info)


def add_zip(out, name, kind, of):
    info = zipfile.ZipInfo(name + ("/" if kind == "/" else ""), time.gmtime(WHEN)[:6])
    info.create_system = 3
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = {"=": stat.S_IFREG, "@": stat.S_IFLNK, "!": stat.S_IFCHR, "/": stat.S_IFDIR}[kind] << 16
    with out.open(info, "w") as f:
        for chunk in chunks(of) if kind == "=" else [of.encode()]:
            f.write(chunk)


def entry(text):
    if "=" in text:
        name, of = text.split("=", 1)
        return name, "=", of
    if "@" in text:
        name, of = text.split("@", 1)
        return name, "@", of
    if text[-1] in "!/":
        return text[:-1], text[-1], ""
    return text, "=", text


def main():
    path, entries = sys.argv[1], [entry(e) for e in sys.argv[2:]]
    tar = re.search(r"\.(?:tar(?:\.(gz|bz2|xz))?|(t)gz)$", path)
    if tar:
        with tarfile.open(path, "w:" + (tar[1] or ("gz" if tar[2] else "")), format=tarfile.PAX_FORMAT) as out:
            for e in entries:
                add_tar(out, *e)
    elif path.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as out:
            for e in entries:
                add_zip(out, *e)
    else:
        one = {"gz": lambda b: gzip.compress(b, mtime=0), "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd}
        data = b"".join(chunks(entries[0][2]))
        with open(path, "wb") as f:
            f.write(one[path.rsplit(".", 1)[1]](data))


main()
