#!/usr/bin/env python3
"""Who is who, by a program that knows nothing of jlog's: whatever it needs it works out anew for each length of the log.

who.py make SEED N          N random records on stdout
who.py crowd SEED N         the same, in many sessions, of people who share telephones
who.py groups [LIMITS]      records on stdin: "id group" for each, a group by the place of its first record
who.py names K [LIMITS]     records on stdin: "kind value group" for each identifier of the first K, "-" for what names nobody

LIMITS: email,phone (2,3): how many may share one.
"""
import json
import random
import sys

RANK = {"crm": 1, "email": 2, "phone": 3, "handle": 4, "device": 5}


def make(seed, n):
    r = random.Random(seed)
    kinds = [("crm", 8), ("email", 6), ("phone", 4), ("loyalty", 3)]
    sources = ["wa/a", "desk/a"]
    sessions = r.randint(3, 12)
    for i in range(1, n + 1):
        def one():
            kind, many = r.choice(kinds)
            return {"kind": kind, "value": f"{kind}{r.randint(1, many)}"}

        what = r.random()
        ev = {"specversion": "1.0", "id": str(i), "source": r.choice(sources), "type": "message",
              "time": "2026-03-%02dT%02d:%02d:00Z" % (r.randint(1, 20), r.randint(0, 23), r.randint(0, 59))}
        if r.random() < 0.9:
            ev["session"] = f"s{r.randint(1, sessions)}"
        data = {"order": r.randint(0, 3)}
        count = r.choice([0, 0, 1, 1, 1, 2, 2, 3])
        if what < 0.08:
            ev["type"], count = "identity.linked", 2
        elif what < 0.16:
            ev["type"], count = "identity.unlinked", 2
        if count:
            data["identifiers"] = [one() for _ in range(count)]
        ev["data"] = data
        print(json.dumps(ev, separators=(",", ":")))


def crowd(seed, n):
    r = random.Random(seed)
    for i in range(1, n + 1):
        def one(kind, many):
            return {"kind": kind, "value": f"{kind}{r.randint(1, many)}"}

        what = r.random()
        ev = {"specversion": "1.0", "id": str(i), "source": r.choice(["wa/a", "desk/a"]), "type": "message",
              "time": "2026-03-%02dT%02d:%02d:00Z" % (r.randint(1, 5), r.randint(0, 23), r.randint(0, 59)),
              "session": f"s{r.randint(1, 60)}"}
        if what < 0.09:
            ev["type"] = "identity.linked"
        elif what < 0.18:
            ev["type"] = "identity.unlinked"
        names = [one("phone", 12)] if what < 0.84 else []
        if what < 0.18 or 0.78 < what < 0.9:
            names.append(one("email", 8))
        ev["data"] = {"identifiers": names} if names else {}
        print(json.dumps(ev, separators=(",", ":")))


def name(ev, i):
    return (i["kind"], ev["source"] if i["kind"] == "crm" else "", i["value"])


def rank(n):
    return RANK.get(n[0], 6)


class Log:
    def __init__(self, limits):
        self.limits = limits
        self.edges = {}  # pair, the weaker first -> cut
        self.shared = set()
        self.known = []
        self.rows = []

    def pair(self, x, y):
        if (rank(x), self.known.index(x)) > (rank(y), self.known.index(y)):
            return (x, y)
        return (y, x)

    def guard(self, e):
        weak, strong = e
        limit = self.limits.get(weak[0])
        if not limit or weak in self.shared or rank(strong) >= rank(weak):
            return
        people = {}
        for (a, b), cut in self.edges.items():
            if a == weak and not cut and b not in self.shared and rank(b) < rank(weak):
                people.setdefault((rank(b), b[1]), set()).add(b)
        if any(len(v) > limit for v in people.values()):
            self.shared.add(weak)

    def take(self, ev):
        names, apart = [], []
        for k, i in enumerate(ev["data"].get("identifiers", [])):
            n = name(ev, i)
            if n not in self.known:
                self.known.append(n)
            if ev["type"] == "identity.unlinked" and k:
                apart.append(n)
            elif n not in names:
                names.append(n)
        first = names[0] if names else None
        names = sorted((n for n in names if n not in self.shared), key=rank)
        for i, x in enumerate(names):
            for y in names[i + 1:]:
                if x in self.shared or y in self.shared:
                    continue
                e = self.pair(x, y)
                if e not in self.edges:
                    self.edges[e] = False
                    self.guard(e)
                elif self.edges[e] and ev["type"] == "identity.linked":
                    self.edges[e] = False
                    self.guard(e)
        about = names[0] if names else None
        for n in apart:
            if about and n != about and n not in self.shared:
                self.edges[self.pair(about, n)] = True
        if ev.get("session"):
            session = (ev["source"], ev["session"])
        else:
            session = (ev["source"], "of", first) if first else (ev["source"], "alone", ev["id"])
        self.rows.append((ev, session, about))

    def parts(self):
        of = {n: n for n in self.known}

        def root(n):
            while of[n] != n:
                n = of[n]
            return n

        for (a, b), cut in self.edges.items():
            if not cut and a not in self.shared and b not in self.shared:
                of[root(a)] = root(b)
        return {n: root(n) for n in self.known if n not in self.shared}

    def people(self):
        """Of each record its person: a part of the identifiers, or a session."""
        of, out = self.parts(), []
        place = [(r[0]["time"], r[0]["data"].get("order", 0), i) for i, r in enumerate(self.rows)]
        for i, (ev, session, about) in enumerate(self.rows):
            if about not in of:
                named = [k for k, r in enumerate(self.rows) if r[1] == session and r[2] in of]
                before = [k for k in named if place[k] < place[i]]
                after = [k for k in named if place[k] > place[i]]
                about = None
                if before:
                    about = self.rows[max(before, key=lambda k: place[k])][2]
                elif after:
                    about = self.rows[min(after, key=lambda k: place[k])][2]
            out.append(of[about] if about in of else ("session", session))
        return out


def read(limits, k=None):
    log = Log(limits)
    for i, line in enumerate(sys.stdin):
        if k is None or i < k:
            log.take(json.loads(line))
    return log


def limits(text):
    email, phone = (int(x) for x in text.split(","))
    return {"email": email, "phone": phone, "handle": email, "device": 4}


def main():
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "crowd":
        crowd(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "groups":
        log = read(limits(sys.argv[2] if len(sys.argv) > 2 else "2,3"))
        first = {}
        for i, ((ev, _, _), who) in enumerate(zip(log.rows, log.people())):
            print(ev["id"], first.setdefault(who, i + 1))
    else:
        log = read(limits(sys.argv[3] if len(sys.argv) > 3 else "2,3"), int(sys.argv[2]))
        of, first = log.parts(), {}
        somebody = log.people()
        for n in log.known:
            told = n in of and of[n] in somebody
            print(n[0], n[2], n[1], first.setdefault(of[n], len(first) + 1) if told else "-")


main()
