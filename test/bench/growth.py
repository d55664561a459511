"""One log that grows: what the next records cost at each size, and what new records cost from the file to the figures."""
import os
import time
from itertools import islice

import inputs
from pairs import Log, Pair, append, differences, figure_differences, here, installed
from process import pipe
from turns import TURNS, Row, compare, largest, missing

WANTED = 10_000_000
NEXT = 100_000  # of customers who are not in the log yet
NEW = 10_000  # mostly of customers who are
HELD = NEW * (TURNS + 1)


class Growth:
    def __init__(self, work):
        self.log = Log(work)
        self.part, self.held = os.path.join(work, "part"), os.path.join(work, "held")
        self.parts = []  # the commands that gave what is in the log
        self.size = 0
        self.loaded = 0  # parts that the peer has

    def next(self, count, *filters, beyond=0):
        """Commands that give the next records; filters leave out those beyond them."""
        self.size += count
        self.parts.append([inputs.records_command(count + beyond, 1000 + len(self.parts)), *filters])
        return self.parts[-1]

    def update(self):
        return pipe(["jproject", "update", "-q", "-d", self.log.ours])

    def append(self, commands):
        pipe(*commands, ["jlog", "append", "-q", "-d", self.log.ours])
        self.update()

    def grow(self, size):
        if size > self.size:
            self.append(self.next(size - self.size))

    def start(self):
        """The last records of the first part are held back, to be new later on."""
        everything, _ = commands = self.next(NEXT, ["head", "-n", str(-HELD)], beyond=HELD)
        self.append(commands)
        pipe(everything, ["tail", "-n", str(HELD)], into=self.held)

    def next_records(self):
        """A point of the curve: the next records are appended, and the facts brought up to date."""
        before = self.size
        pipe(*self.next(NEXT), into=self.part)
        for stage, run in (("append", append(self.log.ours, self.part)), ("project", self.update())):
            yield Row("next records: " + stage, "", NEXT, before, NEXT / run.seconds, our_peak=run.peak)

    def catch_up(self):
        """The peer takes what the log has."""
        for part in self.parts[self.loaded:]:
            pipe(*part, into=self.part)
            self.log.duck("input=" + self.part, here("load.sql"))
        self.loaded = len(self.parts)
        self.log.duck(here("facts.sql"))

    def new_records(self, until):
        """Ours and the peer's, from the file to the figures."""
        def turn():
            with open(self.part, "wb") as part:
                part.writelines(islice(held, NEW))
            self.size += NEW

        def theirs():
            return self.log.duck("input=" + self.part, here("load.sql"), here("facts.sql"), here("bounds.sql"), here("metrics.sql"))

        def results():
            figures = self.log.figures()
            return tuple(zip(self.log.facts(), figures))

        def all_differences(ours, theirs):
            return differences(ours[0], theirs[0]) + figure_differences(ours[1], theirs[1])

        pair = Pair("new records: append, project, measure", "duckdb", NEW, 0, lambda count: self.catch_up(),
                    lambda: self.log.take(self.part), theirs, results, all_differences, turn=turn)
        with open(self.held, "rb") as held:
            yield compare(pair, NEW, until, self.size) if installed(pair.peer) else missing(pair)

    def begin(self):
        """The first point of the curve, and what a record costs us and the peer: seconds to take it and to renew the facts."""
        start = time.monotonic()
        self.start()
        yield from self.next_records()
        self.cost = (time.monotonic() - start) / self.size
        start = time.monotonic()
        if installed("duckdb"):
            self.catch_up()
        self.peer_cost = (time.monotonic() - start) / self.size

    def seconds(self, size):
        """Of growing to this size. The peer takes half of it, and builds its facts anew in every turn."""
        return size * self.cost + size / 2 * self.peer_cost * (TURNS + 2)

    def rows(self, allowed):
        until = time.monotonic() + allowed
        yield from self.begin()
        top = largest(WANTED, self.seconds, until - time.monotonic())
        if WANTED // 10 <= top // 2:
            self.grow(WANTED // 10)
            yield from self.next_records()
        self.grow(top // 2)
        yield from self.new_records(until - self.cost * max(NEXT, top - self.size))
        self.grow(top)
        if time.monotonic() < until:
            yield from self.next_records()
