"""The rows as a table for people, printed as they come, and as CSV."""
import csv
from dataclasses import asdict, fields

from turns import Row

COLUMNS = "%-37s %-12s %10s %10s %9s %9s %7s %9s %9s"
HEADS = "stage", "peer", "records", "on log of", "ours/s", "peer's/s", "ratio", "our MiB", "its MiB"


def number(value, digits=0):
    return format(value, ",.%df" % digits) if value else ""


def line(row):
    cells = COLUMNS % (row.stage, row.peer, number(row.records), number(row.log), number(row.ours), number(row.theirs),
                       number(row.ratio, 2), number(row.our_peak, 1), number(row.their_peak, 1))
    return cells.rstrip() + "  " * bool(row.note) + row.note


class Table:
    def __init__(self, path):
        self.path = path
        self.rows = []
        print(COLUMNS % HEADS, flush=True)

    def add(self, row):
        self.rows.append(row)
        print(line(row), flush=True)

    def save(self):
        with open(self.path, "w", encoding="utf-8", newline="") as out:
            lines = csv.DictWriter(out, [field.name for field in fields(Row)], lineterminator="\n")
            lines.writeheader()
            lines.writerows({name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(row).items()}
                            for row in self.rows)
