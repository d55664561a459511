#!/usr/bin/env python3
"""recount_flow.py FILE COLUMN [--by-issue] [--customer N] [--since MS] [--until MS]: the directly-follows graph of a journey file as
jproject flow -o ndjson writes it, sorted lines, counted anew from v_contact. Standard library only, and no code of the tools."""
import argparse
import collections
import json
import sqlite3
import statistics

p = argparse.ArgumentParser()
p.add_argument("file")
p.add_argument("column")
p.add_argument("--by-issue", action="store_true")
p.add_argument("--customer", type=int)
p.add_argument("--since", type=int, default=-2**62)
p.add_argument("--until", type=int, default=2**62)
a = p.parse_args()

journeys = collections.defaultdict(list)
rows = sqlite3.connect(a.file).execute(f'SELECT customer, issue, started, contact, ended, "{a.column}" FROM v_contact')
for customer, issue, started, contact, ended, value in rows:
    if a.customer in (None, customer) and a.since <= started < a.until:
        journeys[customer, issue if a.by_issue else 0].append((started, contact, ended, value or ""))

nodes, edges = collections.defaultdict(list), collections.defaultdict(list)
for (customer, _), contacts in journeys.items():
    contacts.sort()
    path = [None, *contacts, None]
    for c in contacts:
        nodes[c[3]].append(customer)
    for one, two in zip(path, path[1:]):
        edges[one and one[3], two and two[3]].append((customer, two[0] - one[2] if one and two else None))


def rounded(ms):
    whole = int(abs(ms) + 0.5)
    return (whole if ms >= 0 else -whole) / 1000


def quantiles(gaps):
    if len(gaps) == 1:
        return gaps[0], gaps[0]
    return statistics.median(gaps), statistics.quantiles(gaps, n=10, method="inclusive")[8]


lines = []
for name, seen in nodes.items():
    lines.append({"kind": "node", "node": name, "count": len(seen), "customers": len(set(seen))})
for (one, two), seen in edges.items():
    line = {"kind": "edge", "from": one, "to": two, "count": len(seen), "customers": len({c for c, _ in seen})}
    if one is not None and two is not None:
        line["median"], line["p90"] = map(rounded, quantiles([g for _, g in seen]))
    lines.append(line)
print("\n".join(sorted(json.dumps(x) for x in lines)))
