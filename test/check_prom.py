#!/usr/bin/env python3
"""Is stdin Prometheus' text exposition format 0.0.4? Written from its documentation, without any code of jtools.

Besides the grammar of lines: HELP and TYPE once a name and before its samples, samples of a name in one block, no series
twice, a last line that ends. Prints what is wrong, exit 1; else the number of samples."""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
LABELS = re.compile(r"\{(?:%s(?:,%s)*,?)?\}" % (LABEL, LABEL))
SAMPLE = re.compile(r"(%s)(\{.*\})?[ \t]+(\S+)(?:[ \t]+(-?[0-9]+))?$" % NAME)
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


def fail(line, why):
    print("line %d: %s" % (line, why))
    sys.exit(1)


def main():
    text = sys.stdin.buffer.read().decode("utf-8")
    helped, typed, ended, series, current = set(), set(), set(), set(), None
    if text and not text.endswith("\n"):
        fail(text.count("\n") + 1, "it does not end")
    for n, line in enumerate(text.split("\n")[:-1], 1):
        if not line.strip():
            continue
        if line.startswith("#"):
            words = line.split(None, 3)
            if len(words) < 3 or words[1] not in ("HELP", "TYPE"):
                continue
            name = words[2]
            seen = helped if words[1] == "HELP" else typed
            if not re.fullmatch(NAME, name):
                fail(n, "no name: " + name)
            if name in seen or name in ended:
                fail(n, "%s of %s again" % (words[1], name))
            if words[1] == "TYPE" and (len(words) < 4 or words[3] not in TYPES):
                fail(n, "no type")
            if words[1] == "HELP" and len(words) > 3 and re.search(r"(?<!\\)(?:\\\\)*\\(?![\\n])", words[3]):
                fail(n, "an escape that there is not")
            seen.add(name)
        else:
            m = SAMPLE.match(line)
            if not m:
                fail(n, "no sample: " + line)
            name, labels = m.group(1), m.group(2) or "{}"
            if not LABELS.fullmatch(labels):
                fail(n, "labels: " + labels)
            pairs = re.findall(LABEL, labels)
            if len({k for k, _ in pairs}) != len(pairs):
                fail(n, "a label twice")
            float(m.group(3))
            key = (name, frozenset((k, v) for k, v in pairs if v))
            if key in series:
                fail(n, "a series twice: " + line)
            series.add(key)
            if name not in helped or name not in typed:
                fail(n, "without HELP and TYPE: " + name)
        if name != current and current in typed:
            ended.add(current)
        if name in ended:
            fail(n, "samples of %s apart" % name)
        current = name
    print(len(series))


main()
