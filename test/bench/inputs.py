"""What the bench reads: event records, and a telephone system's list of calls."""
import datetime
import random

from process import pipe

RESULTS = ["answered"] * 8 + ["abandoned_queue", "busy"]
SAID = ["meu pedido ainda não chegou", "quero a segunda via da nota, por favor", "the lamp does not light, again", ""]


def records_command(count, seed):
    return ["jgen", "-q", "-n", str(count), "--seed", str(seed)]


def records(count, path, seed=7):
    pipe(records_command(count, seed), into=path)


def calls(count, path):
    """The same rows at every call, six weeks of them."""
    rnd = random.Random(7)
    start = datetime.datetime(2026, 3, 2)
    step = datetime.timedelta(weeks=6) / count
    with open(path, "w", encoding="utf-8") as out:
        out.write("call_id,started,direction,caller,queue,agent,wait_s,talk_s,result,said\n")
        for i in range(count):
            moment = (start + i * step).strftime("%d/%m/%Y %H:%M:%S")
            caller = "(11) 9%04d-%04d" % (rnd.randrange(10000), rnd.randrange(10000))
            direction, queue, agent = rnd.choice(["inbound", "inbound", "outbound"]), rnd.choice("abc"), rnd.choice(["Ana", "Davi"])
            numbers = rnd.randrange(120), rnd.randrange(900)
            out.write('call-%d,%s,%s,%s,%s,%s,%d,%d,%s,"%s"\n' % (
                i, moment, direction, caller, queue, agent, *numbers, rnd.choice(RESULTS), rnd.choice(SAID)))


WORDS = "my order is late where has it been please help the lamp came broken thank you não chegou ainda o pedido".split()


def said(rnd, least, most):
    return " ".join(rnd.choices(WORDS, k=rnd.randint(least, most)))


def chat(count, path):
    """A chat of two, about two messages a minute."""
    rnd = random.Random(7)
    moment = datetime.datetime(2024, 1, 1, 8)
    with open(path, "w", encoding="utf-8") as out:
        for _ in range(count):
            moment += datetime.timedelta(seconds=rnd.randrange(60))
            out.write("%s - %s: %s\n" % (moment.strftime("%d/%m/%Y, %H:%M"), rnd.choice(["Ana", "Lume Casa"]), said(rnd, 3, 14)))


MAIL = """From ana%(n)d@x.example Mon Mar  2 10:00:00 2026
Received: from mail.x.example (mail.x.example [192.0.2.1])
\tby mx.lume.example (Postfix) with ESMTPS id %(n)08d
\tfor <help@lume.example>; Mon, 2 Mar 2026 10:00:00 +0000 (UTC)
Date: %(date)s
From: Ana Prado <ana%(n)d@x.example>
To: Help <help@lume.example>
Subject: order %(n)d
Message-ID: <%(n)d@x.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

%(text)s

"""


def mailbox(count, path):
    """Mails of two to three KB, one in three with a quoted reply."""
    rnd = random.Random(7)
    moment = datetime.datetime(2026, 3, 2, 10)
    with open(path, "w", encoding="utf-8") as out:
        for n in range(count):
            lines = [said(rnd, 9, 14) for _ in range(rnd.randint(20, 40))]
            if n % 3 == 0:
                lines += ["", "On Mon, 2 Mar 2026 at 10:00, Help <help@lume.example> wrote:"]
                lines += ["> " + said(rnd, 9, 14) for _ in range(12)]
            date = (moment + datetime.timedelta(seconds=n)).strftime("%a, %d %b %Y %H:%M:%S +0000")
            out.write(MAIL % {"n": n, "date": date, "text": "\n".join(lines)})
