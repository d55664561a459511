"""The pairs: one piece of work, done by our tools and by a peer."""
import csv
import importlib.util
import json
import os
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from typing import Any, Callable, Optional

import inputs
from process import pipe, steps

HERE = os.path.dirname(os.path.abspath(__file__))
ATTRIBUTES = "id", "source", "type", "time", "session", "channel", "direction", "actor"  # what is compared of a record
MEMBERS = "text", "agent", "intent", "case", "reason", "wait", "duration"
METRICS = """contacts customers issues repeat_contact_rate first_contact_resolution reopen_rate cross_channel_reopen_rate
escalation_rate transfer_rate channel_switch_rate first_response_time.any""".split()


def here(name):
    return os.path.join(HERE, name)


def script(name):
    return [sys.executable, here(name)]


def installed(peer):
    if peer == "duckdb":
        return importlib.util.find_spec("duckdb") is not None
    return peer == "python3" or shutil.which(peer) is not None


def differences(ours, theirs):
    """In words; none where all is the same."""
    return [] if ours == theirs else ["ours %s, theirs %s" % (ours, theirs)]


@dataclass
class Pair:
    stage: str
    peer: str
    wanted: int  # records, where time is no matter
    share: float  # of the time that there is
    prepare: Callable[[int], Any]
    ours: Callable[[], Any]  # each gives a Run
    theirs: Callable[[], Any]
    results: Callable[[], Any]  # what came out, ours and theirs
    differences: Callable[[Any, Any], list] = differences
    size: Optional[Callable[[], int]] = None  # where the number of records is another pair's
    turn: Callable[[], Any] = lambda: None  # before each turn


def fresh(path):
    """A path at which no database is."""
    for end in ("", "-wal", "-shm", ".wal"):
        if os.path.exists(path + end):
            os.remove(path + end)
    return path


def essence(record):
    data = record["data"]
    people = sorted((one["kind"], one["value"]) for one in data.get("identifiers", []))
    return (*map(record.get, ATTRIBUTES), *(data.get(name) or "" for name in MEMBERS), *people)


def digest(path):
    """How many records a file has, and a sum over what is in them that their order does not change."""
    count = total = 0
    with open(path, encoding="utf-8") as lines:
        for count, line in enumerate(lines, 1):
            total += hash(essence(json.loads(line)))
    return count, total % 2**64


def rows(path):
    with open(path, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def query(database, sql, *before):
    db = sqlite3.connect(database)
    try:
        for statement in before:
            db.execute(statement)
        return [tuple(map(str, row)) for row in db.execute(sql)]
    finally:
        db.close()


def duck(database, *arguments, into=os.devnull):
    return pipe(script("duck") + [database, *arguments], into=into)


class Files:
    """The files of a pair in the work folder."""

    def __init__(self, work):
        self.work = work
        self.input, self.ours, self.theirs = self.at("input"), self.at("ours"), self.at("theirs")

    def at(self, name):
        return os.path.join(self.work, name)


def filter_pairs(work):
    f = Files(work)
    ours = ["jnorm", "-q", "-m", here("filter.map.yaml"), "-f", "bench-filter", f.input]
    peers = {
        "jq": ["jq", "-c", 'select(.direction == "in")', f.input],
        "mlr": ["mlr", "--ijsonl", "--ojsonl", "filter", '$direction == "in"', f.input],
    }
    for peer, theirs in peers.items():
        yield Pair(
            "read, filter, write", peer, 2_000_000, 0.05,
            lambda n: inputs.records(n, f.input),
            lambda: pipe(ours, into=f.ours),
            lambda theirs=theirs: pipe(theirs, into=f.theirs),
            lambda: (digest(f.ours), digest(f.theirs)))


def records_pairs(work):
    """Records that are some already, checked through, beside no more than a parse of them."""
    f = Files(work)

    def counts():
        with open(f.ours, encoding="utf-8") as ours, open(f.theirs, encoding="utf-8") as theirs:
            return sum(1 for _ in ours), int(theirs.read())

    yield Pair(
        "records checked through", "dom", 2_000_000, 0.04,
        lambda n: inputs.records(n, f.input),
        lambda: pipe(["jnorm", "-q", "-f", "records", f.input], into=f.ours),
        lambda: pipe(["dom", f.input], into=f.theirs), counts)


def map_pairs(work):
    f = Files(work)
    ours = ["jnorm", "-q", "-m", here("calls.map.yaml"), "-f", "bench-calls", "--account", "bench", "--tz", "UTC", "--region", "BR",
            f.input]
    peers = {
        "mlr": lambda: pipe(["mlr", "--icsv", "--ojsonl", "put", "-f", here("calls.mlr"), f.input], into=f.theirs),
        "duckdb": lambda: duck("-", "input=" + f.input, "output=" + f.theirs, here("calls.sql")),
    }
    for peer, theirs in peers.items():
        yield Pair(
            "CSV by a map to records", peer, 2_000_000, 0.06,
            lambda n: inputs.calls(n, f.input),
            lambda: pipe(ours, into=f.ours), theirs,
            lambda: (digest(f.ours), digest(f.theirs)))


def append(database, path):
    return pipe(["jlog", "append", "-q", "-d", database, path])


def load(database, path):
    return duck(database, "input=" + path, here("load.sql"))


def append_pairs(work):
    f = Files(work)
    peers = {
        "duckdb": lambda: load(fresh(f.theirs), f.input),
        "sqlite3": lambda: pipe(["sqlite3", fresh(f.theirs), '.read "%s"' % here("shell.sql")], source=f.input),
        "python3": lambda: pipe(script("plain") + [fresh(f.theirs), f.input]),
        "sqlite-utils": lambda: pipe(["sqlite-utils", "insert", fresh(f.theirs), "record", f.input, "--nl", "--pk", "source",
                                      "--pk", "id", "--ignore"]),
    }

    def kept(peer):
        if peer == "duckdb":
            duck(f.theirs, here("kept.sql"), into=f.at("kept"))
            theirs = rows(f.at("kept"))[0]["kept"]
        else:
            theirs = query(f.theirs, "SELECT count(*) FROM record")[0][0]
        return query(f.ours, "SELECT count(*) FROM event")[0][0], theirs

    for peer, theirs in peers.items():
        yield Pair(
            "append, duplicates refused", peer, 2_000_000, 0.13 if peer == "duckdb" else 0.06,
            lambda n: inputs.records(n, f.input),
            lambda: append(fresh(f.ours), f.input), theirs,
            lambda peer=peer: kept(peer))


class Log:
    """Our log and the peer's table of the same records, and what both make of it."""

    def __init__(self, work):
        self.f = Files(work)
        self.ours, self.theirs, self.size = self.f.at("log.db"), self.f.at("log.duck"), 0
        self.bare, self.first = self.f.at("bare.db"), self.f.at("first.db")

    def begin(self, count):
        inputs.records(count, self.f.input)
        append(fresh(self.ours), self.f.input)
        load(fresh(self.theirs), self.f.input)
        os.remove(self.f.input)
        shutil.copy(self.ours, fresh(self.bare))
        self.size = count

    def rebuild(self):
        return pipe(["jproject", "rebuild", "-q", "-d", self.ours])

    def measure(self, of=None):
        return pipe(["jmetrics", "-q", "-o", "csv", "-d", of or self.ours, *METRICS], into=self.f.ours)

    def forget_facts(self):
        """A log of which no facts were ever made."""
        shutil.copy(self.bare, fresh(self.first))

    def take(self, path):
        """New records, from the file to the figures."""
        update = ["jproject", "update", "-q", "-d", self.ours]
        return steps(append(self.ours, path), pipe(update), self.measure())

    def duck(self, *arguments):
        return duck(self.theirs, *arguments, into=self.f.theirs)

    def facts(self):
        """Contacts and issues on both sides: how many, and sums over their times."""
        with open(here("check.sql"), encoding="utf-8") as sql:
            ours = query(self.ours, sql.read(), "CREATE TEMP VIEW contact AS SELECT * FROM v_contact",
                         "CREATE TEMP VIEW issue AS SELECT * FROM v_issue")
        self.duck(here("check.sql"))
        return ours, [tuple(row.values()) for row in rows(self.f.theirs)]

    def figures(self):
        return figures(rows(self.f.ours)), figures(rows(self.f.theirs))


def figures(lines):
    """numerator, n, value, bounds and their unit by metric and group; those that the log cannot answer are not there."""
    groups = ("class", "channel", "last_channel", "stage", "intent", "agent_kind", "order")
    columns = ("numerator", "n", "value", "low", "high")
    return {(line["metric"], *(line.get(group, "") for group in groups), line["statistic"]):
            [*(line[column] and float(line[column]) for column in columns), line.get("unit")]
            for line in lines if line.get("status", "ok") == "ok"}


def close(ours, theirs, unit, whole):
    """Ours are rounded, seconds to three places and all else to six: theirs are within half of the last one, and a little for ties."""
    if "" in (ours, theirs):
        return ours == theirs or (theirs == "" and not whole)
    return abs(ours - theirs) <= (0.5001e-3 if unit == "s" else 0.5001e-6)


def figure_differences(ours, theirs, whole=False):
    """What the peer does not give of a figure is not compared, unless it gives the whole of each."""
    def same(key):
        return key in theirs and all(close(*pair, ours[key][-1], whole) for pair in zip(ours[key][:-1], theirs[key][:-1]))

    return ["%s: ours %s, theirs %s" % (" ".join(key), ours[key], theirs.get(key)) for key in ours if not same(key)]


def log_pairs(work):
    log = Log(work)
    yield Pair("facts from records", "duckdb", 2_000_000, 0.14, log.begin, log.rebuild,
               lambda: log.duck(here("facts.sql")), log.facts)
    yield Pair("metrics", "duckdb", 0, 0.02, lambda n: None, log.measure,
               lambda: log.duck(here("bounds.sql"), here("metrics.sql")), log.figures, figure_differences, lambda: log.size)
    yield Pair("metrics of a log without facts", "duckdb", 0, 0.14, lambda n: None, lambda: log.measure(log.first),
               lambda: log.duck(here("facts.sql"), here("bounds.sql"), here("metrics.sql")), log.figures, figure_differences,
               lambda: log.size, log.forget_facts)
