#!/usr/bin/env python3
"""plant.py SECRETS: event records from stdin to stdout with a made-up person's data planted in every place of each, in many
spellings and escapes; what was planted goes to SECRETS, a line a record.
plant.py --look SECRETS: reads records that were redacted and prints what of it is still there, in any spelling; exit 1 then."""
import html
import json
import random
import re
import sys
import unicodedata
import urllib.parse

GIVEN = ["Zulmira", "José", "Brígida", "Anselmo", "Conceição", "Quitéria", "Núria", "Ødegaard", "Þorsteinn", "Žofie"]
FAMILY = ["Queirós", "Ibáñez", "O'Hanlon", "Müller-Lüdenscheidt", "Fontoura", "Villaseñor", "Gonçalves", "Wojciechowska"]
STREETS = ["Rua das Hortênsias, 417", "1204 Marigold Ave", "Calle de la Albahaca 58"]


def check11(digits, wrap):
    """Modulo 11, as CPF and CNPJ have it."""
    n = len(digits)
    total = sum(d * ((n + 1 - i - 2) % 8 + 2 if wrap else n + 1 - i) for i, d in enumerate(digits))
    return 0 if total % 11 < 2 else 11 - total % 11


def cpf(r):
    d = [r.randrange(10) for _ in range(9)]
    d.append(check11(d, False))
    d.append(check11(d, False))
    return "%d%d%d.%d%d%d.%d%d%d-%d%d" % tuple(d)


def card(r):
    d = [4] + [r.randrange(10) for _ in range(14)]
    total = sum(x if i % 2 else (2 * x - 9 if x > 4 else 2 * x) for i, x in enumerate(d))
    d.append(-total % 10)
    s = "".join(map(str, d))
    return " ".join(s[i:i + 4] for i in range(0, 16, 4))


def iban(r):
    body = "".join(str(r.randrange(10)) for _ in range(20))
    check = 98 - int(body + "142800") % 97  # ES00
    return "ES%02d %s" % (check, " ".join(body[i:i + 4] for i in range(0, 20, 4)))


class Person:
    def __init__(self, r):
        self.given, self.family = r.choice(GIVEN), r.choice(FAMILY)
        self.name = self.given + " " + self.family
        number = "9%08d" % r.randrange(10**8)
        self.phone = "+5511" + number
        self.phones = [self.phone, "(11) %s-%s" % (number[:5], number[5:]), "+55 11 %s %s" % (number[:5], number[5:]),
                       "11" + number, "0055 11 %s.%s" % (number[:5], number[5:]), "%s-%s" % (number[:5], number[5:]),
                       "tel:+55-11-%s-%s" % (number[:5], number[5:])]
        tag = "%06x" % r.randrange(16**6)
        self.email = "%s.%s@correio.example" % (strip(self.given), tag)
        self.emails = [self.email, self.email.upper(), self.email.replace("@", " (at) ").replace(".ex", " [dot] ex"),
                       "<%s>" % self.email, "mailto:" + self.email]
        self.crm = "KD-%07d" % r.randrange(10**7)
        self.card, self.cpf, self.iban = card(r), cpf(r), iban(r)
        self.ip = "203.0.113.%d" % r.randrange(100, 256)
        self.street = r.choice(STREETS)
        self.born = "%02d/%02d/19%02d" % (r.randrange(13, 29), r.randrange(1, 13), r.randrange(40, 99))

    def secrets(self):
        return {"name": self.name, "given": self.given, "phone": self.phone[-9:], "email": self.email, "crm": self.crm,
                "card": self.card, "cpf": self.cpf, "iban": self.iban, "ip": self.ip, "street": self.street,
                "born": self.born}


def strip(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if c.isalnum() and not unicodedata.combining(c))


# ---- spellings ----

def quoted(text):
    return "".join(chr(b) if 48 <= b < 123 and chr(b).isalnum() else "=%02X" % b for b in text.encode())


ESCAPES = [
    lambda t: t,
    lambda t: "".join("\\u%04x" % ord(c) for c in t),
    lambda t: urllib.parse.quote(t, safe=""),
    lambda t: "".join("%%%02x" % b for b in t.encode()),
    quoted,
    lambda t: quoted(t)[:7] + "=\r\n" + quoted(t)[7:] if "=" not in quoted(t)[4:10] else quoted(t),
    lambda t: "".join("&#%d;" % ord(c) for c in t),
    lambda t: "".join("&#x%X;" % ord(c) for c in t),
    lambda t: urllib.parse.quote(urllib.parse.quote(t, safe=""), safe=""),
    lambda t: "\u200b".join(t),
    lambda t: t.replace(" ", "\u00a0"),
    lambda t: "".join(chr(ord(c) + 0xfee0) if "!" <= c <= "~" else c for c in t),
    lambda t: unicodedata.normalize("NFD", t),
    lambda t: json.dumps({"deep": json.dumps([t])}),
]


def say(r, p):
    """Something of hers, in one spelling."""
    what = r.randrange(10)
    if what == 0:
        text = r.choice([p.name, p.name.upper(), strip(p.given), p.given, p.family + ", " + p.given, p.given + "_" + p.family])
    elif what == 1:
        text = r.choice(p.phones)
    elif what == 2:
        text = r.choice(p.emails)
    elif what == 3:
        text = r.choice([p.crm, p.crm.lower(), p.crm.replace("-", "")])
    elif what == 4:
        text = r.choice([p.card, p.card.replace(" ", ""), p.card.replace(" ", "-")])
    elif what == 5:
        text = r.choice([p.cpf, re.sub(r"\D", "", p.cpf)])
    elif what == 6:
        text = r.choice([p.iban, p.iban.replace(" ", "")])
    elif what == 7:
        text = p.ip
    elif what == 8:
        text = r.choice(["I live at ", "moro na "]) + p.street
    else:
        text = r.choice(["born on ", "nasci em ", "date of birth: "]) + p.born
    return r.choice(ESCAPES)(text)


def line(r, p):
    return "%s %s, %s." % (r.choice(["see", "veja", "mira", "this:", "ok"]), say(r, p), r.choice(["thanks", "obrigada", "gracias"]))


def plant(record, n):
    r = random.Random(n)
    p = Person(r)
    data = record.setdefault("data", {})
    digits = re.sub(r"\D", "", p.phone)
    record["id"] = "%s-%s-%d" % (record["id"], r.choice([digits, p.email, p.crm]), n)
    record["session"] = r.choice([p.phone, p.email, "chat-" + p.crm, urllib.parse.quote(p.email)])
    record["source"] = "chat/" + r.choice([digits, p.crm, strip(p.given) + "." + strip(p.family)])
    record["customer"] = p.crm
    record["note"] = line(r, p)
    record["x" + digits] = "1"
    data["text"] = line(r, p) + " " + data.get("text", "") + " " + line(r, p)
    data["raw_text"] = "> " + line(r, p) + "\r\n" + line(r, p)
    data["subject"] = line(r, p)
    data["name"] = p.name
    data["region"] = "BR"
    data["identifiers"] = [{"kind": "phone", "value": p.phone}, {"kind": "email", "value": p.email},
                           {"kind": "crm", "value": p.crm}]
    data["reason"] = line(r, p)
    data["from"], data["to"] = p.name, line(r, p)
    data["entities"] = {"email": p.email, "phone": p.phone, "document": re.sub(r"\D", "", p.cpf), "order": "LC-10432"}
    data["case"] = "case " + p.crm
    data["origin"] = {"file": "chat with %s.txt" % r.choice([p.name, p.phones[2]]), "line": 7}
    data["unheard"] = [line(r, p), {"of": line(r, p)}]
    data["ext"] = {
        "digits": int(digits), "card_as_number": int(p.card.replace(" ", "")), "full_name": p.name, "dob": p.born,
        "address": {"street": p.street, "city": "x"}, p.email: {p.name: 1}, p.phone: [digits, line(r, p)],
        "body": json.dumps({"from": {"name": p.name}, "cpf": p.cpf, "inner": json.dumps({"t": line(r, p), p.phone: 1})}),
        "attachments": [{"name": "CV %s.pdf" % p.name}, {"url": "https://files.example/u/%s?email=%s&x=%s" % (
            strip(p.given), urllib.parse.quote(p.email), digits)}],
        "html": "<b>%s</b>" % html.escape(line(r, p)), "lines": [line(r, p) for _ in range(6)]}
    # ASCII escapes of the whole line are one more spelling.
    return json.dumps(record, ensure_ascii=n % 2 == 0), p.secrets()


# ---- looking ----

def strings(v):
    if isinstance(v, dict):
        for k, x in v.items():
            yield k
            yield from strings(x)
    elif isinstance(v, list):
        for x in v:
            yield from strings(x)
    else:
        yield str(v)


def unquote_printable(text):
    raw = re.sub(r"=\r?\n", "", text)
    raw = re.sub(r"=([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), raw)
    try:
        return raw.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return raw


def readings(text):
    """The text and all that it may be read as, escapes within escapes included."""
    seen, todo = set(), [(text, 0)]
    while todo:
        t, depth = todo.pop()
        if t in seen or depth > 4:
            continue
        seen.add(t)
        for other in (urllib.parse.unquote(t), html.unescape(t), unquote_printable(t),
                      re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), t), t.replace('\\"', '"')):
            todo.append((other, depth + 1))
    return seen


def is_word(word, text):
    folded = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.search(r"(?<![^\W\d_])%s(?![^\W\d_])" % re.escape(strip(word)), folded.replace("\u200b", ""))


def look(record, secrets):
    squeezed = {k: strip(v) for k, v in secrets.items()}
    for whole in [record, *strings(json.loads(record))]:
        for text in readings(whole):
            flat = strip(text)
            for kind, value in squeezed.items():
                if (kind == "given" and is_word(secrets[kind], text)) or (kind != "given" and value in flat):
                    yield kind, whole if whole is not record else "the line"


def main():
    if sys.argv[1] == "--look":
        found = 0
        with open(sys.argv[2], encoding="utf-8") as f:
            for record, secrets in zip(sys.stdin, f, strict=True):
                for kind, where in look(record.rstrip("\n"), json.loads(secrets)):
                    found += 1
                    if found <= 20:
                        print(kind, "in", where[:400], json.loads(secrets)[kind])
        print(found, "found")
        return 1 if found else 0
    with open(sys.argv[1], "w", encoding="utf-8") as f:
        for n, record in enumerate(sys.stdin):
            record, secrets = plant(json.loads(record), n)
            print(record)
            print(json.dumps(secrets), file=f)
    return 0


sys.exit(main())
