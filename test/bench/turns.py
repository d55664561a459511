"""Times a pair: ours, theirs, ours, theirs; as many records as there is time for, and what came out compared first."""
import statistics
import sys
import time
from dataclasses import dataclass

DIFFER = "RESULTS DIFFER"
TURNS, LEAST = 5, 3
PROBES = 5_000, 25_000, 125_000
MARGIN = 1.2  # of what was predicted
PARTS = 1, 2, 5, 10, 20, 50, 100, 200


@dataclass
class Row:
    stage: str
    peer: str
    records: int = 0
    log: int = 0  # records that it held before
    ours: float = 0  # records a second; 0: not measured
    theirs: float = 0
    ratio: float = 0
    our_peak: float = 0  # MiB
    their_peak: float = 0
    note: str = ""


def trial(pair, count):
    """The number of records; seconds of what is done once, and of one turn."""
    start = time.monotonic()
    pair.prepare(count)
    pair.turn()
    turn = pair.ours().seconds + pair.theirs().seconds
    pair.results()
    return count, time.monotonic() - start - turn, turn


def predict(few, many, count):
    """On the line through two trials: seconds of what is done once, and of one turn."""
    return [b + max(0, b - a) / (many[0] - few[0]) * (count - many[0]) for a, b in zip(few[1:], many[1:])]


def affordable(pair, until):
    """How many records, by small trials; by larger ones too where they cost little of the time, for cost may grow with size."""
    few, many = (trial(pair, count) for count in PROBES[:2])
    for count in PROBES[2:]:
        if sum(predict(few, many, count)) < (until - time.monotonic()) / 10:
            few, many = many, trial(pair, count)

    def seconds(count):
        once, turn = predict(few, many, count)
        return MARGIN * (once + (TURNS + 1) * turn)
    return largest(pair.wanted, seconds, until - time.monotonic())


def largest(wanted, seconds, allowed):
    """The largest part of what is wanted that takes no longer than is allowed, else the smallest."""
    sizes = [wanted // part for part in PARTS]
    return next((size for size in sizes if seconds(size) <= allowed), sizes[-1])


def take_turns(pair, until):
    """The runs of both sides; fewer where the time is over."""
    both = []
    for turn in range(TURNS):
        start = time.monotonic()
        pair.turn()
        both.append((pair.ours(), pair.theirs()))
        now = time.monotonic()
        if turn + 1 >= LEAST and now + (now - start) > until:
            break
    return both


def missing(pair):
    return Row(pair.stage, pair.peer, note="not installed")


def compare(pair, count, until, log=0):
    """A row of so many records; of three turns where the time is over, else of five."""
    row = Row(pair.stage, pair.peer, count, log)
    pair.prepare(count)
    pair.turn()
    pair.ours()
    pair.theirs()
    found = pair.differences(*pair.results())
    if found:
        print("%s, %s:" % (pair.stage, pair.peer), *found, sep="\n  ", file=sys.stderr)
        row.note = DIFFER
        return row
    both = take_turns(pair, until)
    row.ours = count / statistics.median(ours.seconds for ours, _ in both)
    row.theirs = count / statistics.median(theirs.seconds for _, theirs in both)
    row.ratio = statistics.median(theirs.seconds / ours.seconds for ours, theirs in both)
    row.our_peak = statistics.median(ours.peak for ours, _ in both)
    row.their_peak = statistics.median(theirs.peak for _, theirs in both)
    return row


def measure(pair, allowed):
    """A row in at most so many seconds, as far as its smallest size allows."""
    until = time.monotonic() + allowed
    count = pair.size() if pair.size else affordable(pair, until)
    return compare(pair, count, until)
