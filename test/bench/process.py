"""Runs commands, and tells how long they took and how much memory."""
import os
import signal
import subprocess
import sys
import tempfile
from typing import NamedTuple

LAUNCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launch")


class Failed(Exception):
    pass


class Run(NamedTuple):
    seconds: float
    peak: float  # MiB: of a pipe the sum of its processes, of several steps the largest


def pipe(*commands, source=os.devnull, into=os.devnull):
    """Runs commands, each one's output the next one's input."""
    words = [sys.executable, "-I", "-S", LAUNCH, source, into, *commands[0]]
    for command in commands[1:]:
        words += ["|", *command]
    with tempfile.TemporaryFile() as said:
        # A session of its own: with us, all that it started is ended.
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, start_new_session=True)
        try:
            told = child.communicate()[0]
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise
        if child.returncode:
            said.seek(0)
            raise Failed(said.read()[-2000:].decode(errors="replace").strip())
    seconds, peak = map(float, told.split())
    return Run(seconds, peak / 1024)


def steps(*runs):
    """Runs one after the other as one."""
    return Run(sum(run.seconds for run in runs), max(run.peak for run in runs))
