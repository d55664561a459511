#!/usr/bin/env python3
"""jsh_pty.py PLAY [jsh's arguments]: drives jsh through a pseudo-terminal of 24 lines by a play, a file of lines:
  type TEXT      types it; \\t, \\n, \\x03 as in Python
  see REGEX      waits up to 20 s until what came since the last `see` holds it, and drops all up to there
  end            waits until jsh has left, and says its exit code; after 20 s it is killed
Prints what came; exit 1 and the line that failed where something did not come."""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time


class Terminal:
    def __init__(self, arguments):
        self.all = self.new = b""
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.execvp("jsh", ["jsh", *arguments])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            got = os.read(self.fd, 65536)
        except OSError:  # nobody is there any more
            got = b""
        self.all += got
        self.new += got
        return bool(got)

    def see(self, regex):
        until = time.monotonic() + 20
        while True:
            found = re.search(regex, self.new, re.S)
            if found:
                self.new = self.new[found.end():]
                return True
            if time.monotonic() > until or not self.read(0.2):
                return bool(re.search(regex, self.new, re.S))

    def end(self):
        until = time.monotonic() + 20
        while self.read(0.2):
            if time.monotonic() > until:
                os.kill(self.child, 9)
                return "not within 20 s"
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])


def main():
    terminal = Terminal(sys.argv[2:])
    with open(sys.argv[1], encoding="utf-8") as play:
        for line in play:
            verb, _, text = line.rstrip("\n").partition(" ")
            if verb == "type":
                os.write(terminal.fd, text.encode().decode("unicode_escape").encode("latin-1"))
            elif verb == "see" and not terminal.see(text.encode()):
                print(terminal.all.decode(errors="replace"))
                sys.exit(f"did not come: {text}\ncame: {terminal.new!r}")
            elif verb == "end":
                code = terminal.end()
                print(terminal.all.decode(errors="replace"))
                print("exit", code)
                return
    os.kill(terminal.child, 9)


main()
