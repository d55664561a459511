#!/usr/bin/env python3
"""shown.py FILE: whether the commands that a text shows print what it shows.

FILE is a manual page, of whose section TUTORIAL the literal blocks are read, or a plain text, of which the parts that are
indented by four blanks and begin with "$ ". All commands run in one shell, in the working directory, in their order. A line
"..." stands for any lines, "..." at a line's end for the rest of it; the time at which a log took a record is another one in
every run."""
import difflib
import re
import subprocess
import sys

VOLATILE = (re.compile(r'\bas of \d{4}-\d\d-\d\dT[\d:.]+Z'), re.compile(r'"recordedtime":"[^"]*"'))
MARK = '@@ shown @@'


def page(text):
    """The literal blocks of the section, as a reader sees them."""
    inside = literal = False
    for line in text.splitlines():
        if line.startswith('.Sh '):
            inside = line == '.Sh TUTORIAL'
        elif line.startswith('.Bd -literal'):
            literal = inside
        elif line == '.Ed':
            literal = False
            yield ''
        elif literal:
            yield line.replace('\\&', '').replace('\\e', '\\')


def plain(text):
    shown = False
    for line in text.splitlines():
        if line.strip():
            shown = line.startswith('    ') and (shown or line.startswith('    $ '))
        yield line[4:] if shown else ''


def steps(lines):
    """[command, [line of output ...]]: a command goes on behind a backslash, and ends what was printed before it."""
    found, open_command = [], False
    for line in lines:
        if open_command:
            found[-1][0] += '\n' + line
        elif line.startswith('$ '):
            found.append([line[2:], []])
        elif found:
            found[-1][1].append(line)
        open_command = (open_command or line.startswith('$ ')) and line.endswith('\\')
    for _, output in found:
        while output and not output[-1]:
            output.pop()
    return found


def still(line):
    for pattern in VOLATILE:
        line = pattern.sub('(then)', line)
    return line.rstrip()


def as_pattern(shown):
    parts = []
    for line in shown:
        line = still(line)
        if line == '...':
            parts.append(r'(?:.*\n)*')
        elif line.endswith('...'):
            parts.append(re.escape(line[:-3]) + r'.*\n')
        else:
            parts.append(re.escape(line) + r'\n')
    return re.compile(''.join(parts))


def main():
    with open(sys.argv[1], encoding='utf-8') as f:
        text = f.read()
    found = steps(page(text) if '\n.Sh ' in text else plain(text))
    script = 'exec 2>&1\n' + ''.join(f'{command}\necho "{MARK} $?"\n' for command, _ in found)
    run = subprocess.run(['bash', '-c', script], stdout=subprocess.PIPE, check=False)
    outputs = re.split(rf'{MARK} (\d+)\n', run.stdout.decode())
    bad = len(found) == 0
    for i, (command, shown) in enumerate(found):
        lines = outputs[2 * i].splitlines() if 2 * i + 1 < len(outputs) else ['(broke off)']
        status = outputs[2 * i + 1] if 2 * i + 1 < len(outputs) else '?'
        real = [still(line) for line in lines]
        if status == '0' and as_pattern(shown).fullmatch(''.join(line + '\n' for line in real)):
            continue
        bad = True
        print(f'$ {command}\nexit {status}')
        print('\n'.join(difflib.unified_diff([still(line) for line in shown], real, 'shown', 'real', lineterm='')))
    print(f'{len(found)} commands')
    return bad


sys.exit(main())
