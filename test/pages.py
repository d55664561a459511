#!/usr/bin/env python3
"""pages.py references PAGE...: does each page list at its end, in order, the pages that it names, and the overview all of them?
pages.py options PAGE...: are the options that most commands have told in the same words?
pages.py codes PAGE...: are exit codes?
Prints each fault; exit 1 where there is one."""
import os
import re
import sys

ALIKE = ('help', 'version', 'wait', 'reject', 'max-line')
CODES = {'0': r'.', '2': r'(Stopped|A command failed)', '65': r'(with - : )?(enrich )?ran to the end[;,] some records were rejected',
         '75': r'(diff : )?another writer held the database longer than'}


def section(text, name):
    found = re.search(rf'^\.Sh {name}\n(.*?)(?=^\.Sh |\Z)', text, re.S | re.M)
    return found.group(1) if found else ''


def items(text):
    """What stands behind each .It of the outer list: (its line, the text without macros)."""
    depth, found = 0, []
    for line in text.splitlines():
        depth += line.startswith('.Bl') - line.startswith('.El')
        if depth == 1 and line.startswith('.It '):
            found.append((line, []))
        elif found and depth > 0 and not line.startswith('.Bl'):
            found[-1][1].append(re.sub(r'^\.[A-Z][a-z] ', '', line))
    return [(head, ' '.join(body)) for head, body in found]


def references(pages):
    every = {tuple(name.rsplit('.', 1)) for name in pages}
    for name, text in pages.items():
        own = tuple(name.rsplit('.', 1))
        listed = re.findall(r'^\.Xr (j[a-z-]+) ([157])', section(text, 'SEE ALSO'), re.M)
        named = set(re.findall(r'Xr (j[a-z-]+) ([157])', text)) | {('jtools', '7')}
        needed = every if own == ('jtools', '7') else named
        if listed != sorted(listed, key=lambda p: (p[1], p[0])):
            yield f'{name}: order'
        for page in sorted(needed - {own} - set(listed)):
            yield f'{name}: lists no {page[0]}({page[1]})'


def plain(about):
    """What is said of an option, without the verbs that it is about and what one command alone adds."""
    about = re.sub(r'^(With )?[a-z , -]+ : ', '', about)
    about = about.replace('what cannot be read', 'refused records').replace('longest line and message', 'longest record')
    about = re.sub(r' The text of a mail .*| , with all that is in them\.', '', about)
    return about[:1].upper() + about[1:].rstrip(' .')


def options(pages):
    first = {}
    for name, text in pages.items():
        for head, about in items(section(text, 'OPTIONS')):
            if re.match(r'\.It Fl [a-z] , Fl -[a-z-]+ Ar ', head):
                yield f'{name}: {head}: the letter takes its value too'
            option = re.findall(r'Fl -([a-z-]+)', head)[-1]
            said = head[4:] + ': ' + plain(about)
            if option in ALIKE and first.setdefault(option, said) != said:
                yield f'{name}: {said}\n  and elsewhere: {first[option]}'


def codes(pages):
    for name, text in pages.items():
        told = {head.split()[1]: about for head, about in items(section(text, 'EXIT STATUS'))}
        needed = {'0', '2'} | ({'75'} if 'Fl -wait ' in text else set()) | set(told) & set(CODES)
        for code in sorted(needed):
            if not re.match(CODES[code], told.get(code, ''), re.I):
                yield f'{name}: {code}: {told.get(code)}'


pages_read = {}
for path in sys.argv[2:]:
    with open(path, encoding='utf-8') as f:
        pages_read[os.path.basename(path)] = f.read()
faults = list({'references': references, 'options': options, 'codes': codes}[sys.argv[1]](pages_read))
print('\n'.join(faults))
sys.exit(bool(faults) or not pages_read)
