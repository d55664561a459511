#!/usr/bin/env python3
"""journeys.py N [permute]: records of N customers, with proposals of every kind. With `permute` the channels change
places within their class: in channel, source, kinds of identifiers and consents alike."""
import json
import random
import sys

LIVE = ["voice", "chat", "video"]
ASYNC = ["whatsapp", "email", "sms", "instagram"]
ACTIONS = ["refund", "credit", "discount", "promise", "cancellation", "message.outbound", "data.change"]
permute = "permute" in sys.argv[2:]


def channel(name):
    if not permute:
        return name
    ring = LIVE if name in LIVE else ASYNC
    return ring[(ring.index(name) + 1) % len(ring)]


def record(no, at, who, chan, kind, direction, actor, data):
    chan = channel(chan)
    data = dict(data, identifiers=[{"kind": "crm:shop", "value": "c%d" % who},
                                   {"kind": "handle:" + chan, "value": "h%d" % who}])
    print(json.dumps({"specversion": "1.0", "id": "e%d" % no, "source": chan + "/shop", "type": kind,
                      "time": "2026-%02d-%02dT%02d:%02d:00.000Z" % (at // 40320 + 1, at // 1440 % 28 + 1, at // 60 % 24, at % 60),
                      "session": "%s-%d" % (chan, who), "channel": chan, "direction": direction, "actor": actor,
                      "data": data}, separators=(",", ":")))


def journey(r, who, no):
    at = r.randrange(60000)
    for _ in range(r.randrange(6, 14)):
        chan = r.choice(LIVE + ASYNC)
        at += r.choice([3, 40, 700, 2900])
        no += 1
        what = r.random()
        if what < 0.3:
            said = {"text": "message %d" % no, "region": r.choice(["BR", "PT"]), "tier": r.choice(["gold", "blue"])}
            record(no, at, who, chan, "message", "in", "customer", said)
        elif what < 0.4:
            record(no, at, who, chan, "consent." + r.choice(["granted", "revoked"]), "in", "customer",
                   {"purpose": "marketing", "channel": channel(r.choice(ASYNC))})
        elif what < 0.45:
            record(no, at, who, chan, "commitment.made", "out", "agent", {"action": "callback", "due": "2026-02-10T12:00:00Z"})
        else:
            action = r.choice(ACTIONS)
            data = {"action": action, "amount": r.choice([10, 80, 150, 250, 1500]), "currency": "EUR", "agent": "a%d" % r.randrange(3)}
            if action == "message.outbound":
                data.update(purpose=r.choice(["service", "marketing"]))
            if r.random() < 0.1:
                data.update(signals=["legal"])
            record(no, at, who, chan, "action.proposed", "internal", r.choice(["agent", "bot"]), data)
    return no


def main():
    r = random.Random(20)
    no = 0
    for who in range(int(sys.argv[1])):
        no = journey(r, who, no)


main()
