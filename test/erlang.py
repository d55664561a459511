#!/usr/bin/env python3
"""erlang.py: M/M/n and M/M/n+M, exact, against what jroute simulate prints for them.

Each case is lambda (an hour), mean handling (s), agents, mean patience (s; 0: none). Erlang C as in any textbook of queues; Erlang A (Palm
1957; Garnett, Mandelbaum, Reiman 2002) from the stationary distribution of the birth-death process, the waiting time of who comes from the
distribution of the time until the n-th agent comes free, summed over the states in which she may find it.
Usage: erlang.py RULES FOLDER; writes a staffing file for each case, and a line a figure: case, figure, exact, low, high, in or out."""
import json
import math
import subprocess
import sys

CASES = [(60, 180, 4, 0), (100, 180, 6, 0), (160, 180, 10, 0), (400, 180, 23, 0), (30, 600, 6, 0), (20, 120, 1, 0), (90, 120, 4, 0),
    (120, 180, 6, 120), (240, 180, 10, 120), (200, 180, 10, 300), (60, 300, 5, 60), (500, 180, 24, 180), (40, 240, 2, 90), (30, 120, 1, 240)]
ANSWER = 20


def stationary(lam, mu, n, theta):
    """Of the number in the system, cut where nothing is left."""
    p, k = [1.0], 0
    while k < n or p[-1] > 1e-16 * max(p):
        k += 1
        p.append(p[-1] * lam / (min(k, n) * mu + max(k - n, 0) * theta))
    total = math.fsum(p)
    return [x / total for x in p]


def waits_at_most(lam, mu, n, theta, t, p):
    """P(served, and within t), by uniformisation of the death process of those before her and her own leaving."""
    places = len(p) - n  # she finds n + j in the system: j wait before her
    if theta == 0:
        busy = math.fsum(p[n:])
        return 1 - busy * math.exp(-(n * mu - lam) * t)
    # state j: j before her. rates: n mu (next is served: j -> j - 1, from 0 she is), j theta (one before leaves), theta (she leaves)
    u = n * mu + places * theta
    now = [p[n + j] for j in range(places)]
    done = math.fsum(p[:n])
    weight, result, k = math.exp(-u * t), 0.0, 0
    total = 0.0
    while total < 1 - 1e-13:
        result += weight * done
        total += weight
        nxt = [0.0] * places
        for j, x in enumerate(now):
            death = n * mu + j * theta
            if j:
                nxt[j - 1] += x * death / u
            else:
                done += x * death / u
            nxt[j] += x * (1 - (death + theta) / u)
        now = nxt
        k += 1
        weight *= u * t / k
    return result


def exact(lam, mu, n, theta):
    p = stationary(lam, mu, n, theta)
    queue = math.fsum((k - n) * x for k, x in enumerate(p) if k > n)
    out = {"wait_mean": queue / lam, "service_level": waits_at_most(lam, mu, n, theta, ANSWER, p)}
    out["occupancy"] = math.fsum(min(k, n) * x for k, x in enumerate(p)) / n
    if theta:
        out["abandonment"] = theta * queue / lam
    return out


def simulated(rules, folder, i, case):
    rate, handling, n, patience = case
    path = f"{folder}/case{i}.yaml"
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"jtools: staffing/1\nname: case\nversion: {i}\nagents: [{{id: team, count: {n}}}]\n")
        f.write(f"handling: {{default: {{mean: {handling}s}}}}\n")
        if patience:
            f.write(f"patience: {{default: {{mean: {patience}s}}}}\n")
        hours = max(24, 4000 // rate)
        f.write(f"arrivals: {{from: 2026-03-02T00:00:00Z, for: {hours}h, streams: [{{rate: {rate}, class: live}}]}}\n")
    text = subprocess.run(["jroute", "simulate", "-r", rules, "--staffing", path, "--replications", "30", "--seed", str(i + 1), "-o", "ndjson"],
        check=True, capture_output=True, text=True).stdout
    told = {}
    for line in text.splitlines():
        record = json.loads(line)
        if record["kind"] in ("all", "agents"):
            told.update({k: v for k, v in record.items() if isinstance(v, dict)})
    return told


def main():
    for i, case in enumerate(CASES):
        rate, handling, n, patience = case
        told = simulated(sys.argv[1], sys.argv[2], i, case)
        for name, value in exact(rate / 3600, 1 / handling, n, 1 / patience if patience else 0).items():
            low, high = told[name]["low"], told[name]["high"]
            print(i, name, f"{value:.6g} {low:.6g} {high:.6g}", "in" if low <= value <= high else "out")


main()
