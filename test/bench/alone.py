"""What jnorm reads that no peer does: how fast it is by itself, in time of one core."""
import os
import resource
import subprocess

import inputs

TURNS = 3
CHAT, MAILS = 500_000, 20_000


def core_seconds(command, into):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(into, "wb") as out:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def least(work, path, *options):
    command = ["jnorm", "-q", *options, path]
    return min(core_seconds(command, os.path.join(work, "records")) for _ in range(TURNS))


def rates(work):
    """Messages of a chat a second, and MB of a mailbox."""
    path = os.path.join(work, "export")
    inputs.chat(CHAT, path)
    chat = CHAT / least(work, path, "-f", "whatsapp", "--self", "Lume Casa", "--tz", "America/Sao_Paulo")
    inputs.mailbox(MAILS, path)
    size = os.path.getsize(path)
    mail = size / 1e6 / least(work, path, "-f", "mbox", "--self", "@lume.example")
    return "a second of one core: %s messages of WhatsApp text; %.0f MB of a mailbox, mails of %.1f KB" % (
        format(round(chat), ","), mail, size / MAILS / 1000)
