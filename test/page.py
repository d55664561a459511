#!/usr/bin/env python3
"""page.py check FILE: whether it is sound HTML that refers to nothing outside itself.
page.py tables FILE: its tables as JSON, {caption: [[cell, ...], ...]}, the first row being the head.
page.py figures FILE RECORDS [CHANGES]: whether its continuity figures are those of jmetrics' records."""
import json
import sys
from html.parser import HTMLParser

VOID = {'meta', 'link'}
OURS = set('html head meta link title style body header main footer section figure figcaption details summary div p h1 h2 h3 '
           'span b a table caption thead tbody tr th td ol li time dl dt dd code svg g text rect path circle'.split())
ATTRIBUTES = set('lang charset name content http-equiv rel href id class aria-label aria-labelledby role tabindex scope '
                 'viewbox x y width height d cx cy r fill-opacity text-anchor'.split())


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.ids, self.links, self.charts = [], [], set(), [], []
        self.tables, self.table, self.cell, self.caption = {}, None, None, None

    def handle_starttag(self, tag, attrs):
        if tag not in OURS:
            self.faults.append(f'element {tag}')
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(f'attribute {name} of {tag}')
            if name == 'href':
                self.links.append(value)
            if name == 'id':
                if value in self.ids:
                    self.faults.append(f'id {value} twice')
                self.ids.add(value)
        if tag == 'svg':
            self.charts.append(0)
        if tag in ('rect', 'path', 'circle') and 'svg' in self.open:
            self.charts[-1] += 1
        if tag not in VOID:
            self.open.append(tag)
        if tag == 'table':
            self.table = []
        elif tag == 'tr':
            self.table.append([])
        elif tag in ('td', 'th', 'caption'):
            self.cell = ''

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f'end of {tag}')
        if tag == 'caption':
            self.caption, self.cell = self.cell, None
        elif tag in ('td', 'th'):
            self.table[-1].append(self.cell)
            self.cell = None
        elif tag == 'table':
            self.tables[self.caption] = self.table

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


def read(path):
    page = Page()
    with open(path, encoding='utf-8', newline='') as f:
        text = f.read()
    page.feed(text)
    page.close()
    return page, text


def check(path):
    page, text = read(path)
    faults = page.faults + [f'not closed: {tag}' for tag in page.open]
    faults += [f'refers to {link}' for link in page.links if link != 'data:,' and link[1:] not in page.ids]
    faults += [f'holds {what}' for what in ('http://', 'https://', '@import', '<script', '<img') if what in text]
    faults += [f'chart {i + 1} is empty' for i, n in enumerate(page.charts) if n == 0]
    if 'url(' in text:
        faults.append('holds url(')
    print('\n'.join(faults), end='\n' if faults else '')
    return bool(faults)


def human(record, value):
    if value is None:
        return None
    if record['unit'] == 'ratio':
        return f'{100 * value:.1f}%'
    return f'{value:,.0f}'


def figures(path, records, changes=None):
    page, _ = read(path)
    rows = [dict(zip(page.tables['Continuity figures'][0], r)) for r in page.tables['Continuity figures'][1:]]
    wrong, seen = [], 0
    sides = [json.loads(line) for line in open(changes)] if changes else []
    known = [json.loads(line) for line in open(records)]
    for row in rows:
        name = row['figure'].split(', ')[-1]
        mine = [r for r in known if r['metric'] == row['metric'] and (not r['group'] or name in r['group'].values())]
        if len(mine) != 1:
            wrong.append(f'{row["metric"]}: {len(mine)} records')
            continue
        r = mine[0]
        value = human(r, r['value']) or ('no rows' if r['status'] == 'no rows' else 'not observable')
        interval = '' if r['low'] is None else f'{human(r, r["low"])} – {human(r, r["high"])}'
        n = '' if r['status'].startswith('not observable') else f'{r["n"]:,}'
        if (row['value'], row['95% interval'], row['n']) != (value, interval, n):
            wrong.append(f'{row} is not {value}, {interval}, {n}')
        seen += 1
        if not changes:
            continue
        r = [c for c in sides if c['metric'] == r['metric'] and c['group'] == r['group']]
        if not r or r[0]['difference'] is None:
            difference = '–'
        else:
            r, d = r[0], r[0]['difference']
            difference = f'{abs(100 * d):.1f} points' if r['unit'] == 'ratio' else f'{abs(d):,.0f}'
        if not row['change'].lstrip('+−').startswith(difference):
            wrong.append(f'{row["metric"]}: change {row["change"]} is not {difference}')
    print('\n'.join(wrong) if wrong else f'{seen} figures')
    return bool(wrong)


def main():
    what, path = sys.argv[1:3]
    if what == 'check':
        return check(path)
    if what == 'tables':
        json.dump(read(path)[0].tables, sys.stdout, ensure_ascii=False)
        return 0
    return figures(path, *sys.argv[3:])


sys.exit(main())
