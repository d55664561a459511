#!/usr/bin/env python3
"""check_vcon.py FILE...: whether each line is an unsigned vCon as draft-ietf-vcon-vcon-core has it; tells what is not, exit 1.

Standard library only, and no code of the tools: the rules are read from the draft."""
import json
import re
import sys

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
TOP = {"vcon", "uuid", "extensions", "critical", "created_at", "updated_at", "subject", "redacted", "amended", "parties", "dialog",
       "analysis", "attachments"}
PARTY = {"tel", "sip", "stir", "mailto", "name", "did", "validation", "gmlpos", "civicaddress", "uuid", "type", "org", "dept"}
CONTENT = {"mediatype", "filename", "body", "encoding", "url", "content_hash"}
DIALOG = CONTENT | {"type", "start", "duration", "parties", "originator", "recordings", "recording_set", "disposition", "session_id",
                    "party_history", "transferee", "transferor", "transfer_target", "original", "consultation", "target_dialog",
                    "application", "message_id"}
ANALYSIS = CONTENT | {"type", "dialog", "attachment", "vendor", "product", "schema"}
TYPES = {"recording", "recording-set", "text", "transfer", "incomplete"}
DISPOSITIONS = {"no-answer", "congestion", "failed", "busy", "hung-up", "voicemail-no-message"}


def need(that, what):
    if not that:
        raise ValueError(what)


def members(o, known, what):
    need(isinstance(o, dict), f"{what} is no object")
    need(set(o) <= known, f"{what} has {sorted(set(o) - known)}")


def content(o, what):
    if "body" in o:
        need(o.get("encoding") in ("json", "none", "base64url"), f"{what}: encoding")
        need(o["encoding"] == "json" or isinstance(o["body"], str), f"{what}: body is no string")


def indices(v, n, what):
    for i in v if isinstance(v, list) else [v]:
        need(isinstance(i, int) and 0 <= i < n, f"{what}: {i} is out of {n}")


def check_dialog(d, parties, what):
    members(d, DIALOG, what)
    need(d.get("type") in TYPES, f"{what}: type")
    need(DATE.match(d.get("start", "")), f"{what}: start")
    need(d.get("duration", 0) >= 0, f"{what}: duration")
    indices(d["parties"], parties, f"{what}: parties")
    content(d, what)
    if d["type"] == "incomplete":
        need(d.get("disposition") in DISPOSITIONS, f"{what}: disposition")
        need("body" not in d and "url" not in d, f"{what}: content")
    else:
        need("disposition" not in d, f"{what}: disposition of what was not incomplete")
    if d["type"] == "text":
        need("body" in d and d.get("mediatype"), f"{what}: text without body or media type")


def check(v):
    members(v, TOP, "the vCon")
    need(v.get("vcon", "0.4.0") == "0.4.0", "vcon")
    need(UUID.match(v.get("uuid", "")), "uuid")
    need(DATE.match(v.get("created_at", "")), "created_at")
    need(not ("redacted" in v and "amended" in v), "redacted and amended")
    for i, p in enumerate(v.get("parties", [])):
        members(p, PARTY, f"party {i}")
        need(all(isinstance(x, str) for x in p.values()), f"party {i}: no string")
    for i, d in enumerate(v.get("dialog", [])):
        check_dialog(d, len(v["parties"]), f"dialog {i}")
    for i, a in enumerate(v.get("analysis", [])):
        members(a, ANALYSIS, f"analysis {i}")
        need(isinstance(a.get("type"), str) and isinstance(a.get("vendor"), str), f"analysis {i}: type, vendor")
        if "dialog" in a:
            indices(a["dialog"], len(v["dialog"]), f"analysis {i}: dialog")
        content(a, f"analysis {i}")
    for i, a in enumerate(v.get("attachments", [])):
        need({"start", "party", "dialog"} <= set(a), f"attachment {i}")
        content(a, f"attachment {i}")


bad = 0
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            try:
                check(json.loads(line))
            except ValueError as e:
                bad = 1
                print(f"{name}:{number}: {e}")
sys.exit(bad)
