#!/usr/bin/env python3
"""A log whose every text is markup: two contacts of one matter on two channels, with what reports show of them."""
import json
import sys

N = 0


def evil(what):
    return f'{what}<script>alert("{what}")</script>\'"><img src=x onerror=alert(1)>&amp;`|*_[x](//e.example)<!--'


def put(kind, time, channel, data, actor='customer', direction='in'):
    global N
    N += 1
    session = f'{channel}-1'
    data['identifiers'] = [{'kind': 'crm:' + evil('space'), 'value': evil('who')}]
    json.dump({'specversion': '1.0', 'id': f'{evil("id")}{N}', 'source': evil('source'), 'type': kind, 'time': time,
               'session': session, 'channel': evil(channel), 'direction': direction, 'actor': actor, 'data': data}, sys.stdout)
    print()


for day in range(1, 8):
    d = f'2026-03-{day:02d}'
    put('message', f'{d}T10:00:00Z', 'talk', {'text': evil('hers'), 'intent': 'refund.status', 'case': evil(f'case{day}'),
        'name': evil('name'), 'entities': {'order': evil('order')}, 'stage': evil('stage')})
    put('message', f'{d}T10:01:00Z', 'talk', {'text': evil('ours') + '?', 'agent': evil('agent'), 'asks': ['order'],
        'case': evil(f'case{day}')}, 'agent', 'out')
    put('escalated', f'{d}T10:02:00Z', 'talk', {'reason': evil('reason'), 'from': evil('from'), 'to': evil('to'),
        'case': evil(f'case{day}')}, 'agent', 'internal')
    put('message', f'{d}T12:00:00Z', 'write', {'text': evil('again'), 'intent': 'refund.status', 'case': evil(f'case{day}'),
        'stage': evil('stage')})
    put('message', f'{d}T12:05:00Z', 'write', {'text': evil('which order?'), 'agent': evil('agent'), 'asks': ['order'],
        'case': evil(f'case{day}')}, 'agent', 'out')
put('message', '2026-04-20T10:00:00Z', 'talk', {'text': 'later', 'case': 'last'})
