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
