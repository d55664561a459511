#!/usr/bin/env python3
"""check_otlp.py FILE: whether each line is an ExportTraceServiceRequest in OTLP/JSON; tells what is not, exit 1.

Standard library only, and no code of the tools: the members and their types are those of opentelemetry-proto's trace.proto,
common.proto and resource.proto under the protocol's JSON mapping: lowerCamelCase names, ids in hexadecimal, 64-bit numbers as decimal
strings, enums as numbers. Also: ids are not zero, a span ends after it begins and stands once, and a trace whose parents are all here
has one root."""
import json
import re
import sys

HEX = re.compile(r"[0-9a-f]+\Z")
DECIMAL = re.compile(r"(0|[1-9][0-9]*)\Z")


def need(that, what):
    if not that:
        raise ValueError(what)


def text(v):
    need(isinstance(v, str), f"no string: {v!r}")


def hex_id(size):
    def check(v):
        text(v)
        need(len(v) == 2 * size and HEX.match(v), f"no id of {size} bytes: {v}")
        need(int(v, 16) != 0, "an id of zeros")
    return check


def uint64(v):
    text(v)
    need(DECIMAL.match(v) and int(v) < 2**64, f"no unsigned number in a string: {v}")


def int64(v):
    text(v)
    need(DECIMAL.match(v.removeprefix("-")) and -2**63 <= int(v) < 2**63, f"no number in a string: {v}")


def uint32(v):
    need(isinstance(v, int) and not isinstance(v, bool) and 0 <= v < 2**32, f"no number: {v!r}")


def enum(last):
    def check(v):
        uint32(v)
        need(v <= last, f"no such value: {v}")
    return check


def boolean(v):
    need(isinstance(v, bool), f"neither true nor false: {v!r}")


def double(v):
    need(isinstance(v, (int, float)) and not isinstance(v, bool), f"no number: {v!r}")


def many(one):
    def check(v):
        need(isinstance(v, list), f"no array: {v!r}")
        for x in v:
            one(x)
    return check


def message(must=(), **members):
    def check(v):
        need(isinstance(v, dict), f"no object: {v!r}")
        for name, x in v.items():
            need(name in members, f"no such member: {name}")
            try:
                members[name](x)
            except ValueError as e:
                raise ValueError(f"{name}: {e}") from None
        for name in must:
            need(name in v, f"without {name}")
    return check


def value(v):
    message(stringValue=text, boolValue=boolean, intValue=int64, doubleValue=double, arrayValue=message(values=many(value)))(v)
    need(len(v) == 1, "a value of several kinds, or of none")


key_value = message(("key", "value"), key=text, value=value)


def attributes(v):
    many(key_value)(v)
    keys = [x["key"] for x in v]
    need(len(keys) == len(set(keys)), f"an attribute twice: {keys}")
    need(all(keys), "an attribute without a name")


event = message(("timeUnixNano", "name"), timeUnixNano=uint64, name=text, attributes=attributes, droppedAttributesCount=uint32)
link = message(("traceId", "spanId"), traceId=hex_id(16), spanId=hex_id(8), traceState=text, attributes=attributes,
               droppedAttributesCount=uint32, flags=uint32)
status = message(message=text, code=enum(2))
span = message(("traceId", "spanId", "name", "startTimeUnixNano", "endTimeUnixNano"), traceId=hex_id(16), spanId=hex_id(8),
               traceState=text, parentSpanId=hex_id(8), flags=uint32, name=text, kind=enum(5), startTimeUnixNano=uint64,
               endTimeUnixNano=uint64, attributes=attributes, droppedAttributesCount=uint32, events=many(event),
               droppedEventsCount=uint32, links=many(link), droppedLinksCount=uint32, status=status)
scope = message(("name",), name=text, version=text, attributes=attributes, droppedAttributesCount=uint32)
scope_spans = message(("spans",), scope=scope, spans=many(span), schemaUrl=text)
resource = message(("attributes",), attributes=attributes, droppedAttributesCount=uint32)
resource_spans = message(("resource", "scopeSpans"), resource=resource, scopeSpans=many(scope_spans), schemaUrl=text)
request = message(("resourceSpans",), resourceSpans=many(resource_spans))


def spans_of(r):
    for rs in r["resourceSpans"]:
        need("service.name" in [a["key"] for a in rs["resource"]["attributes"]], "a resource without service.name")
        for ss in rs["scopeSpans"]:
            yield from ss["spans"]


bad, seen, traces = 0, set(), {}
with open(sys.argv[1], encoding="utf-8") as f:
    for number, line in enumerate(f, 1):
        try:
            r = json.loads(line)
            request(r)
            for s in spans_of(r):
                need(int(s["startTimeUnixNano"]) <= int(s["endTimeUnixNano"]), f"{s['spanId']} ends before it begins")
                need(s["name"], "a span without a name")
                need((s["traceId"], s["spanId"]) not in seen, f"span {s['spanId']} stands twice")
                seen.add((s["traceId"], s["spanId"]))
                traces.setdefault(s["traceId"], []).append(s)
        except ValueError as e:
            bad = 1
            print(f"{sys.argv[1]}:{number}: {e}")
for trace, spans in traces.items():
    here = {s["spanId"] for s in spans}
    parents = [s.get("parentSpanId") for s in spans]
    if all(p is None or p in here for p in parents) and parents.count(None) != 1:
        bad = 1
        print(f"trace {trace}: {parents.count(None)} roots")
sys.exit(bad)
