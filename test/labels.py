#!/usr/bin/env python3
"""labels.py LABELS DATA JNORM JINTENT: how much of what was labelled by hand jintent finds: for each half, and what, one line
of precision and recall, each as hits/of. The texts are read from DATA; one that is not there, or has other words, is told. With LABELS_TELL
set, what differs in the half `dev` is told, too."""
import hashlib
import json
import os
import subprocess
import sys

labels, data, jnorm, jintent = sys.argv[1:]


def texts(files):
    found = {}
    for name in files:
        if name.startswith("formats/"):
            run = subprocess.run([jnorm, "-q", f"{data}/{name}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            for line in run.stdout.splitlines():
                record = json.loads(line)
                found.setdefault((name, record["id"], 0), record["data"].get("text", ""))
            continue
        with open(f"{data}/{name}", encoding="utf-8") as f:
            dialogues = json.load(f)
        for d in dialogues:
            turns = d.get("original") or [(t["speaker"], t["utterance"]) for t in d["turns"]]
            for i, turn in enumerate(turns):
                found[name, str(d.get("convo_id", d.get("dialogue_id"))), i] = turn[1]
    return found


rows = [line.rstrip("\n").split("\t") for line in open(labels, encoding="utf-8") if not line.startswith("#")]
known = texts({r[0] for r in rows})
records, used = [], []
for r in rows:
    text = known.get((r[0], r[1], int(r[2])))
    if text is None or hashlib.sha256(text.encode()).hexdigest()[:16] != r[3]:
        print(f"not there: {r[0]} {r[1]} {r[2]}")
        continue
    used.append(r)
    records.append({"specversion": "1.0", "id": str(len(used)), "source": "labels", "type": "message",
                    "time": "2026-03-04T10:00:00Z", "session": str(len(used)), "channel": "chat", "direction": "out",
                    "actor": "agent", "data": {"text": text}})
lines = "".join(json.dumps(r) + "\n" for r in records)
run = subprocess.run([jintent, "-q"], input=lines.encode(), stdout=subprocess.PIPE, check=True)
asks, promises = {}, {}
for line in run.stdout.splitlines():
    record = json.loads(line)
    if record["type"] == "commitment.made":
        d = record["data"]
        promises.setdefault(int(d["event"]), set()).add(d["action"] if "due" in d else "~" + d["action"])
    else:
        asks[int(record["id"])] = set(record["data"].get("asks", []))
for half in ("dev", "test"):
    for what, column, got in (("asks", 5, asks), ("promises", 6, promises)):
        hit = said = true = messages = 0
        for i, r in enumerate(used, 1):
            if r[4] != half or r[column] == "?":
                continue
            messages += 1
            want = set() if r[column] == "-" else set(r[column].split(","))
            have = got.get(i, set())
            hit, said, true = hit + len(want & have), said + len(have), true + len(want)
            if "LABELS_TELL" in os.environ and want != have and half == "dev":
                print("  ", what, r[1], r[2], sorted(want), sorted(have), known[r[0], r[1], int(r[2])][:90])
        print(f"{half} {what} precision {hit}/{said} recall {hit}/{true} messages {messages}")
