#!/usr/bin/env python3
"""recompute.py WHAT DATABASE SQL [W]: figures of jmetrics by another way, from the rows that SQL gives.

quantity    value                 median p90 mean absent n
mean        customer, y, w        sum y / sum w with its interval, clustered by customer
compare     side, customer, y, w  both ratios, their difference and its interval, clustered by customer
newcombe    side, hit             both rates, their difference and Newcombe's interval
km          time, event           1 - S(W) and its interval, of Kaplan and Meier
"""

import math
import sqlite3
import sys
from fractions import Fraction
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)


def t_density(x, df):
    return math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi) * (1 + x * x / df) ** (-(df + 1) / 2)


def t_below(x, df, steps=4000):
    h = x / steps
    odd = sum(t_density(h * i, df) for i in range(1, steps, 2))
    even = sum(t_density(h * i, df) for i in range(2, steps, 2))
    return 0.5 + h / 3 * (t_density(0, df) + 4 * odd + 2 * even + t_density(x, df))


def t_quantile(df):
    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        if t_below(middle, df) < 0.975:
            low = middle
        else:
            high = middle
    return low


def quantile(values, q):
    at = Fraction(q) * (len(values) - 1)
    k = math.floor(at)
    return values[k] + float(at - k) * (values[min(k + 1, len(values) - 1)] - values[k])


def quantity(rows):
    values = sorted(v for (v,) in rows if v is not None)
    return [quantile(values, "1/2"), quantile(values, "9/10"), sum(values) / len(values), 1 - len(values) / len(rows), len(values)]


def by_customer(rows):
    sums = {}
    for customer, y, w in rows:
        one = sums.setdefault(customer, [Fraction(0), Fraction(0)])
        one[0] += Fraction(y)
        one[1] += Fraction(w)
    return sums


def spread(deviations):
    """The half width of the interval of a sum of one deviation a customer."""
    m = len(deviations)
    return t_quantile(m - 1) * math.sqrt(m / (m - 1) * float(sum(d * d for d in deviations)))


def ratio(sums):
    return sum(y for y, _ in sums.values()) / sum(w for _, w in sums.values())


def mean(rows):
    sums = by_customer(rows)
    r, w = ratio(sums), sum(w for _, w in sums.values())
    half = spread([(y - r * v) / w for y, v in sums.values()])
    return [float(r), float(r) - half, float(r) + half, float(w)]


def compare(rows):
    sides = [by_customer([r[1:] for r in rows if r[0] == side]) for side in (0, 1)]
    r = [ratio(s) for s in sides]
    w = [sum(v for _, v in s.values()) for s in sides]
    deviations = []
    for customer in sides[0].keys() | sides[1].keys():
        d = Fraction(0)
        for i, sign in ((0, -1), (1, 1)):
            y, v = sides[i].get(customer, (0, 0))
            d += sign * (y - r[i] * v) / w[i]
        deviations.append(d)
    half, d = spread(deviations), float(r[1] - r[0])
    return [float(r[0]), float(r[1]), d, d - half, d + half]


def wilson(x, n):
    p = x / n
    centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return p, centre - half, centre + half


def newcombe(rows):
    sides = [[hit for side, hit in rows if side == s] for s in (0, 1)]
    (p1, l1, u1), (p2, l2, u2) = [wilson(sum(s), len(s)) for s in sides]
    d = p2 - p1
    return [p1, p2, d, d - math.hypot(p2 - l2, u1 - p1), d + math.hypot(u2 - p2, p1 - l1)]


def km(rows, window):
    s, green = 1.0, 0.0
    for t in sorted({t for t, event in rows if event and t <= window}):
        at_risk = sum(1 for u, _ in rows if u >= t)
        events = sum(1 for u, e in rows if e and u == t)
        s *= 1 - events / at_risk
        green += events / (at_risk * (at_risk - events))
    step = Z * math.sqrt(green) / abs(math.log(s))
    return [1 - s, 1 - s ** math.exp(-step), 1 - s ** math.exp(step), len(rows)]


def main():
    what, database, sql = sys.argv[1:4]
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        rows = db.execute(sql).fetchall()
    if what == "km":
        figures = km(rows, int(sys.argv[4]))
    else:
        figures = {"quantity": quantity, "mean": mean, "compare": compare, "newcombe": newcombe}[what](rows)
    print(" ".join(f"{round(v, 6) + 0:.6f}" for v in figures))


main()
