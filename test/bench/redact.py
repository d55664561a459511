#!/usr/bin/env python3
"""redact.py DATA: how many words of ordinary text jredact touches, and how many of them wrongly.

A word is touched rightly where the set itself says that it is personal: the scenario of abcd's dialogues, the slots of sgd's;
in banking77 and in what jgen makes up (but for the names it gives) nothing is. Prints a line a set; exit 1 above 1 %."""
import csv
import json
import os
import re
import subprocess
import sys

PERSONAL_SLOTS = re.compile("name|phone|address|email|account|username|zip|order_id")


def record(n, text, ours):
    return {"specversion": "1.0", "id": "t%d" % n, "source": "set", "type": "message", "time": "2026-03-02T14:05:10Z",
            "direction": "out" if ours else "in", "actor": "agent" if ours else "customer", "data": {"text": text}}


def words(text):
    return re.findall(r"\S+", text)


def folded(text):
    return re.sub(r"[^a-z0-9]", "", text.lower())


def touched(before, after):
    """The words of `before` that masks took the place of."""
    parts = re.split(r"\[[a-z_]+\]", after)
    if len(parts) == 1:
        return []
    out, at = [], 0
    for part, following in zip(parts, parts[1:]):
        at = before.index(part, at) + len(part)
        end = before.index(following, at) if following else len(before)
        out.append(before[at:end])
    return [w for piece in out for w in words(piece)]


def run(name, rows):
    """rows: (text, ours, what is personal in it)."""
    lines = "".join(json.dumps(record(i, t, o), ensure_ascii=False) + "\n" for i, (t, o, _) in enumerate(rows))
    done = subprocess.run(["jredact", "-q"], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    total = right = 0
    wrong = []
    for (text, _, personal), line in zip(rows, done.stdout.decode().splitlines()):
        total += len(words(text))
        for w in touched(text, json.loads(line)["data"]["text"]):
            if folded(w) in personal or not folded(w):
                right += 1
            else:
                wrong.append(w)
    share = 100 * len(wrong) / total
    print("%-12s %6d texts %8d words  touched %5d rightly, %4d wrongly (%.3f %%)" %
          (name, len(rows), total, right, len(wrong), share))
    if os.environ.get("SHOW"):
        print("  wrongly:", " ".join(wrong[:200]))
    return share <= 1


def parts(values):
    """Folded words of what is personal, and each value as a whole."""
    out = set()
    for v in values:
        out.add(folded(str(v)))
        out.update(folded(w) for w in re.split(r"[\s,]+", str(v)))
    return out


def banking(path):
    for part in ("train.csv", "test.csv"):
        with open(os.path.join(path, part), encoding="utf-8") as f:
            for row in csv.DictReader(f):
                yield row["text"], False, set()


def abcd(path):
    with open(os.path.join(path, "abcd_sample.json"), encoding="utf-8") as f:
        for talk in json.load(f):
            scenario = talk["scenario"]
            known = parts(v for group in ("personal", "order") for v in scenario.get(group, {}).values())
            for who, text in talk["original"]:
                yield text, who == "agent", known


def sgd(path):
    for file in sorted(os.listdir(path)):
        if not file.startswith("test_dialogues"):
            continue
        with open(os.path.join(path, file), encoding="utf-8") as f:
            for talk in json.load(f):
                known = set()
                for turn in talk["turns"]:
                    for frame in turn["frames"]:
                        for action in frame.get("actions", []):
                            if PERSONAL_SLOTS.search(action.get("slot", "")):
                                known |= parts(action["values"])
                for turn in talk["turns"]:
                    yield turn["utterance"], turn["speaker"] == "SYSTEM", known


def generated():
    made = subprocess.run(["jgen", "-n", "20000", "-q"], stdout=subprocess.PIPE, check=True)
    people = set()
    rows = []
    for line in made.stdout.decode().splitlines():
        data = json.loads(line)["data"]
        people |= parts([data["name"]]) if "name" in data else set()
        people |= parts(data.get("entities", {}).values())
        if "text" in data:
            rows.append((data["text"], json.loads(line)["direction"] == "out"))
    return [(text, ours, people) for text, ours in rows]


def main():
    data = sys.argv[1]
    good = run("jgen", generated())
    for name, folder, read in (("banking77", "sets/banking77", banking), ("abcd", "sets/abcd", abcd),
                               ("sgd-part", "sets/sgd-part", sgd)):
        path = os.path.join(data, folder)
        if os.path.isdir(path):
            good &= run(name, list(read(path)))
        else:
            print("%-12s not there: %s" % (name, path))
    return 0 if good else 1


sys.exit(main())
