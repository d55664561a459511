#!/usr/bin/env python3
"""Precision and recall of who is who, over pairs of identifiers.

identity.py TRUTH NAMES     jgen's truth and what `jlog identities` wrote; prints precision, recall and how many are shared

Two identifiers are rightly one customer's where somebody has both. A telephone that is shared is everybody's who shares it.
"""
import collections
import itertools
import json
import sys


def key(i):
    return (i["kind"], i["value"])


def main():
    owners = collections.defaultdict(set)
    for line in open(sys.argv[1], encoding="utf-8"):
        fact = json.loads(line)
        if fact.get("fact") != "customer":
            continue
        everybody = {i["person"] for i in fact["identifiers"]}
        for i in fact["identifiers"]:
            of = everybody if fact["persons"] > 1 and i["kind"] == "phone" else {i["person"]}
            owners[key(i)] |= {(fact["person"], p) for p in of}
    customer, shared = {}, 0
    for line in open(sys.argv[2], encoding="utf-8"):
        row = json.loads(line)
        if "customer" in row and key(row) in owners:
            customer[key(row)] = row["customer"]
        shared += "shared" in row
    right = set()
    of = collections.defaultdict(list)
    for k, people in owners.items():
        for p in people:
            of[p].append(k)
    for names in of.values():
        right |= {tuple(sorted(p)) for p in itertools.combinations(names, 2)}
    found = set()
    by = collections.defaultdict(list)
    for k, c in customer.items():
        by[c].append(k)
    for names in by.values():
        found |= {tuple(sorted(p)) for p in itertools.combinations(names, 2)}
    both = len(right & found)
    print(f"precision {both / len(found) if found else 1:.3f} recall {both / len(right) if right else 1:.3f} shared {shared}")


main()
