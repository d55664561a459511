#!/usr/bin/env python3
"""Changes a journey file at random, one change at a time, and asks whether jlog finds it.

tamper.py JLOG FILE N [SEED]

Each of N changes is made to a copy of FILE: a bit of the file or of a column's value is flipped, or a
row is removed, doubled, or swapped with another. Either `jlog verify` must find it, or every record
must still be what it was, to `jlog cat`, where that can read it, and to any SQLite shell; and either
`jlog fsck` must find it, or `jlog cat` must write the same bytes, customers included. Prints each change that slips through; exit 1 where one does.
"""
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys

LOG = ["event", "shape", "session", "tile", "tree", "label"]
OTHERS = ["meta", "ident", "other", "mention", "unnamed", "person", "run", "run_page", "touched"]


def names(db, table):
    return [row[1] for row in db.execute("PRAGMA table_info(%s)" % table)]


def flip(value, rng):
    """The value with one bit changed; None where it has none."""
    if isinstance(value, int):
        n = value ^ 1 << rng.randrange(63)
        return n if n < 2**63 else value ^ 1
    data = bytearray(value.encode() if isinstance(value, str) else value or b"")
    if not data:
        return None
    for _ in range(64):
        at = rng.randrange(len(data))
        data[at] ^= 1 << rng.randrange(8)
        if not isinstance(value, str):
            return bytes(data)
        try:
            return bytes(data).decode()
        except UnicodeDecodeError:
            data = bytearray(value.encode())
    return None


def keys(db, table):
    info = list(db.execute("PRAGMA table_info(%s)" % table))
    return [row[1] for row in info if row[5]]


def pick(db, table, rng):
    """A row as a dictionary, and the condition that finds it."""
    count = db.execute("SELECT count(*) FROM %s" % table).fetchone()[0]
    if not count:
        return None, None, None
    columns = names(db, table)
    row = dict(zip(columns, db.execute("SELECT * FROM %s LIMIT 1 OFFSET ?" % table, (rng.randrange(count),)).fetchone()))
    key = keys(db, table)
    return row, " AND ".join("%s=?" % k for k in key), [row[k] for k in key]


def flip_bit(db, table, rng):
    row, where, key = pick(db, table, rng)
    if not row:
        return None
    column = rng.choice(list(row))
    value = flip(row[column], rng)
    if value is None:
        return None
    db.execute("UPDATE %s SET %s=? WHERE %s" % (table, column, where), [value] + key)
    return "%s %r: %s: %r -> %r" % (table, key, column, row[column], value)


def remove(db, table, rng):
    row, where, key = pick(db, table, rng)
    if not row:
        return None
    db.execute("DELETE FROM %s WHERE %s" % (table, where), key)
    return "%s %r: removed" % (table, key)


def double(db, table, rng):
    """A row once more, behind the last or in place of another."""
    row, _, key = pick(db, table, rng)
    if not row or len(key) != 1 or not isinstance(key[0], int):
        return None
    name = keys(db, table)[0]
    last = db.execute("SELECT max(%s) FROM %s" % (name, table)).fetchone()[0]
    row[name] = rng.choice([last + 1, rng.randint(min(last, 1), last)])
    if row[name] == key[0]:
        return None
    db.execute("INSERT OR REPLACE INTO %s(%s) VALUES(%s)" % (table, ",".join(row), ",".join("?" * len(row))),
               list(row.values()))
    return "%s %r: doubled as %r" % (table, key, row[name])


def swap(db, table, rng):
    """Two rows change all but their keys, or one column alone."""
    one, where, key1 = pick(db, table, rng)
    two, _, key2 = pick(db, table, rng)
    if not one or key1 == key2:
        return None
    columns = [c for c in one if c not in keys(db, table)]
    if not columns:
        return None
    if rng.randrange(2):
        columns = [rng.choice(columns)]
    if all(one[c] == two[c] for c in columns):
        return None
    change = "UPDATE %s SET %s WHERE %s" % (table, ",".join("%s=?" % c for c in columns), where)
    db.execute("PRAGMA ignore_check_constraints=1")
    for c in columns:
        if table == "shape" and len(columns) > 1:
            db.execute("UPDATE shape SET text=text||'x' WHERE id=?", key2)
            break
    db.execute(change, [two[c] for c in columns] + key1)
    db.execute(change, [one[c] for c in columns] + key2)
    return "%s %r and %r: swapped %s" % (table, key1, key2, ",".join(columns))


def tamper(path, rng):
    """Makes a change that can be made; what it was."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous=OFF")
    triggers = list(db.execute("SELECT name, sql FROM sqlite_schema WHERE type='trigger'"))
    for name, _ in triggers:
        db.execute("DROP TRIGGER %s" % name)
    db.commit()
    change = None
    while not change:
        table = rng.choice(rng.choice([LOG, LOG, OTHERS]) if rng.randrange(4) else ["event"])
        how = rng.choice([flip_bit, flip_bit, flip_bit, flip_bit, remove, double, swap])
        try:
            change = how(db, table, rng)
        except (sqlite3.IntegrityError, OverflowError):
            db.rollback()
    for _, sql in triggers:
        db.execute(sql)
    db.commit()
    db.close()
    return change


def flip_file(path, rng):
    """Flips a bit of the file, wherever it lies; which."""
    with open(path, "r+b") as f:
        at, bit = rng.randrange(os.path.getsize(path)), rng.randrange(8)
        f.seek(at)
        byte = f.read(1)[0] ^ 1 << bit
        f.seek(at)
        f.write(bytes([byte]))
    return "byte %d of the file: bit %d" % (at, bit)


def shown(path):
    """The records as a program sees them that knows nothing of jtools, and where each stands among others."""
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    try:
        return db.execute("SELECT v.*, e.ord FROM v_event v JOIN event e ON e.seq = v.seq ORDER BY v.seq").fetchall()
    except sqlite3.DatabaseError as e:
        return str(e)
    finally:
        db.close()


def run(*command):
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


def records(text):
    return re.sub(rb'^\{"customer":"c-?[0-9]*",', b"{", text, flags=re.M)


def main():
    jlog, path, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    before, to_shell = run(jlog, "-q", "-d", path, "cat").stdout, shown(path)
    copy = path + ".copy"
    found = same = slipped = 0
    for i in range(n):
        rng = random.Random(seed * 1000000 + i)
        for end in ("", "-wal", "-shm"):
            if os.path.exists(copy + end):
                os.remove(copy + end)
        shutil.copyfile(path, copy)
        change = tamper(copy, rng) if rng.randrange(3) else flip_file(copy, rng)
        verified = run(jlog, "-d", copy, "verify")
        if verified.returncode:
            found += 1
            continue
        after = run(jlog, "-q", "-d", copy, "cat")
        told = after.returncode or records(after.stdout) == records(before)
        whole = after.stdout == before or run(jlog, "-d", copy, "fsck").returncode
        if told and whole and shown(copy) == to_shell:
            same += 1
            continue
        slipped += 1
        print("%d: %s" % (i, change))
    print("%d changes: %d found, %d without effect or found by fsck, %d slipped through" % (n, found, same, slipped))
    return slipped > 0


if __name__ == "__main__":
    sys.exit(main())
