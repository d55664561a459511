#!/usr/bin/env python3
"""Checks proofs of a log as jproof(5) describes them, without jtools.

verify_proof.py [--head HEAD] PROOF...

Each file holds one proof, HEAD a head that was kept elsewhere; - is standard input. Prints a line for
each proof; exit 0 where all are valid, 1 where one is not, 2 where one cannot be read.
"""
import argparse
import hashlib
import json
import re
import sys

LIMIT = 2**63
PATH_MAX = 64
EMPTY = hashlib.sha256(b"").digest()


class Unreadable(Exception):
    """The text is not in the format."""


class Invalid(Exception):
    """The proof does not prove it."""


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def object_of(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise Unreadable("a member stands twice")
    return dict(pairs)


def parse(text):
    def refuse(number):
        raise Unreadable("%s is no whole number" % number)

    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=object_of, parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError) as e:
        raise Unreadable("not JSON: %s" % e) from e
    if not isinstance(value, dict):
        raise Unreadable("no JSON object")
    return value


def number_of(value, least):
    if type(value) is not int or not least <= value < LIMIT:
        raise Unreadable("no whole number from %d to 2^63-1: %r" % (least, value))
    return value


def size_of(value):
    return number_of(value, 0)


def sequence_of(value):
    return number_of(value, 1)


def hex_of(value, least=32, most=32):
    if not isinstance(value, str) or not re.fullmatch("([0-9a-f]{2}){%d,%d}" % (least, most), value):
        raise Unreadable("no lower-case hexadecimal of %d to %d bytes: %r" % (least, most, value))
    return bytes.fromhex(value)


def salt_of(value):
    return hex_of(value, 16, 64)


def record_of(value):
    if not isinstance(value, str):
        raise Unreadable("the record is no string")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as e:
        raise Unreadable("the record holds half a character") from e


def path_of(value):
    if not isinstance(value, list) or len(value) > PATH_MAX:
        raise Unreadable("no path of at most %d hashes" % PATH_MAX)
    return [hex_of(item) for item in value]


HEAD = {"size": size_of, "root": hex_of}
INCLUSION = {**HEAD, "sequence": sequence_of, "salt": salt_of, "record": record_of, "path": path_of}
ERASED = {**HEAD, "sequence": sequence_of, "leaf": hex_of, "path": path_of}
CONSISTENCY = {"size1": size_of, "root1": hex_of, "size2": size_of, "root2": hex_of, "path": path_of}


def members(value, format_name, *kinds):
    """The members of an object in this format, in the kind that has the same names."""
    if value.get("format") != format_name:
        raise Unreadable("the format is %r, not %s" % (value.get("format"), format_name))
    for kind in kinds:
        if value.keys() == {"format", *kind}:
            return {name: read(value[name]) for name, read in kind.items()}
    raise Unreadable("not the members of %s: %s" % (format_name, ", ".join(value)))


def first_two(record):
    """The first two members of a record, which is one JSON object."""
    def refuse(constant):
        raise ValueError(constant)

    if not record.startswith(b"{"):
        raise ValueError("no object")
    return json.loads(record.decode("utf-8"), object_pairs_hook=list, parse_int=str, parse_float=str,
                      parse_constant=refuse)[:2]


def check_record(record, sequence):
    try:
        first, second = first_two(record)
    except (ValueError, RecursionError) as e:
        raise Invalid("the record is no JSON object that begins with two members") from e
    if (first[0], second[0]) != ("sequence", "recordedtime") or not isinstance(second[1], str):
        raise Invalid("the record does not begin with sequence and recordedtime")
    if not isinstance(first[1], str) or not re.fullmatch("[0-9]+", first[1]) or int(first[1]) != sequence:
        raise Invalid("the record says that it is %r" % (first[1],))


def check_inclusion(index, size, leaf, path, root):
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        raise Invalid("the log has no such record")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise Invalid("the path is too long")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Invalid("the path is too short")
    if r != root:
        raise Invalid("the path leads to another root")


def check_ends(size1, root1, size2, root2, path):
    """What RFC 9162 leaves open: the same size twice, and the empty log."""
    if size1 > size2:
        raise Invalid("the first log is the larger one")
    if path:
        raise Invalid("the path is too long")
    if size1 == size2 and root1 != root2:
        raise Invalid("two roots for one size")
    if size1 == 0 and root1 != EMPTY:
        raise Invalid("the root of the empty log is another one")


def check_consistency(size1, root1, size2, root2, path):
    """RFC 9162, 2.1.4.2."""
    if not 0 < size1 < size2:
        check_ends(size1, root1, size2, root2, path)
        return
    if not path:
        raise Invalid("the path is too short")
    if size1 & (size1 - 1) == 0:
        path = [root1] + path
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise Invalid("the path is too long")
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Invalid("the path is too short")
    if fr != root1:
        raise Invalid("the path leads to another root of the first log")
    if sr != root2:
        raise Invalid("the path leads to another root")


def inclusion(value, head):
    m = members(value, "jtools-inclusion/1", INCLUSION, ERASED)
    if head and head != (m["size"], m["root"]):
        raise Invalid("the head is of another log")
    if "leaf" in m:
        leaf = m["leaf"]
    else:
        check_record(m["record"], m["sequence"])
        leaf = hashlib.sha256(b"\0" + m["salt"] + m["record"]).digest()
    check_inclusion(m["sequence"] - 1, m["size"], leaf, m["path"], m["root"])


def consistency(value, head):
    m = members(value, "jtools-consistency/1", CONSISTENCY)
    if head and head not in ((m["size1"], m["root1"]), (m["size2"], m["root2"])):
        raise Invalid("the head is of another log")
    check_consistency(m["size1"], m["root1"], m["size2"], m["root2"], m["path"])


def check(text, head):
    """Nothing where the proof holds, else Invalid or Unreadable; head is (size, root) or None."""
    value = parse(text)
    kinds = {"jtools-inclusion/1": inclusion, "jtools-consistency/1": consistency}
    name = value.get("format")
    if not isinstance(name, str) or name not in kinds:
        raise Unreadable("no proof: its format is %r" % (name,))
    kinds[name](value, head)


def read_head(text):
    m = members(parse(text), "jtools-head/1", HEAD)
    return m["size"], m["root"]


def read(path):
    if path == "-":
        return sys.stdin.buffer.read()
    with open(path, "rb") as f:
        return f.read()


def result(path, head):
    """The exit code for one proof, after its line."""
    try:
        check(read(path), head)
    except Invalid as e:
        print("%s: not valid: %s" % (path, e))
        return 1
    except (Unreadable, OSError) as e:
        print("%s: unreadable: %s" % (path, e), file=sys.stderr)
        return 2
    print("%s: valid" % path)
    return 0


def main():
    parser = argparse.ArgumentParser(description="Checks proofs of a log.")
    parser.add_argument("--head", help="a head that was kept elsewhere")
    parser.add_argument("proof", nargs="+")
    args = parser.parse_args()
    try:
        head = read_head(read(args.head)) if args.head else None
    except (Unreadable, OSError) as e:
        print("%s: %s" % (args.head, e), file=sys.stderr)
        return 2
    return max([result(path, head) for path in args.proof])


if __name__ == "__main__":
    sys.exit(main())
