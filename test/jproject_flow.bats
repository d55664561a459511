#!/usr/bin/env bats
# jproject flow: which contacts follow which.
bats_require_minimum_version 1.5.0
load helper
load gen/records

me=$(phone +551)

# Contacts on three channels: hers on the first two, another's on the third, in two matters.
journeys() {
	her 1 "02 10:00" channel=chat session=a "$me,\"intent\":\"delivery.late\""
	her 2 "02 12:00" channel=voice session=b "$me,\"intent\":\"billing.charge\""
	her 3 "02 14:00" channel=chat session=c "$me,\"intent\":\"delivery.late\""
	her 4 "02 15:00" channel=chat session=d "$(phone +552),\"intent\":\"delivery.late\""
}
graph() { jproject flow -o ndjson "$@"; }
# The lines in an order and with numbers that do not depend on who wrote them.
plain() {
	python3 -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    print(json.dumps({k: float(v) if k in ("median", "p90") else v for k, v in r.items()}))' | LC_ALL=C sort
}
# "from to count" a line.
edges() { graph "$@" | jq -r 'select(.kind == "edge") | "\(.from // "-") \(.to // "-") \(.count)"'; }

setup() { export JTOOLS_DB=j.db; }

@test "what follows what is counted with its customers and the time between" {
	journeys | jlog append -q
	graph >out
	is "$(jq -c 'select(.kind == "node")' out)" '{"kind":"node","node":"chat","count":3,"customers":2}
{"kind":"node","node":"voice","count":1,"customers":1}'
	is "$(jq -c 'select(.from == "chat" and .to == "voice")' out)" \
		'{"kind":"edge","from":"chat","to":"voice","count":1,"customers":1,"median":7200,"p90":7200}'
	is "$(jq -c 'select(.kind == "edge" and .from == null)' out)" '{"kind":"edge","from":null,"to":"chat","count":2,"customers":2}'
	is "$(jq -c 'select(.kind == "edge" and .to == null)' out)" '{"kind":"edge","from":"chat","to":null,"count":2,"customers":2}'
}

@test "by issue, contacts follow those of their own issue alone" {
	journeys | jlog append -q
	is "$(edges --by-issue | sort)" "$(printf '%s\n' "- chat 2" "- voice 1" "chat - 2" "chat chat 1" "voice - 1")"
}

@test "an overlap is a time below zero" {
	{
		rec 1 "02 10:00" type=call channel=voice session=a "$me,\"duration\":3600,\"reason\":\"answered\""
		her 2 "02 10:30" channel=chat session=b "$me"
	} | jlog append -q
	is "$(graph | jq -c 'select(.from and .to) | [.median, .p90]')" "[-1800,-1800]"
	jproject flow -o table | grep -qE '^voice +chat +1 +1 +-30m +-30m$'
}

@test "contacts without a value are a node of their own, which is not the start" {
	{
		her 1 "02 10:00" session=a "$me"
		her 2 "04 10:00" session=b "$me,\"intent\":\"delivery.late\""
	} | jlog append -q
	is "$(graph --of intent | jq -r 'select(.kind == "edge") | "\(.from) \(.to)"' | sort)" " delivery.late
delivery.late null
null "
	jproject flow --of intent -o csv | grep -qx "edge,,,delivery.late,1,1,172800,172800"
	jproject flow --of intent -o table | grep -qE '^\(start\) +\(none\) +1 +1$'
}

@test "one customer's graph is of her contacts, and a time cuts what began outside it" {
	journeys | jlog append -q
	is "$(edges --customer +552 | sort)" "- chat 1
chat - 1"
	is "$(edges --since 2026-03-02T11:00:00Z --until 2026-03-02T15:00:00Z | sort)" "- voice 1
chat - 1
voice chat 1"
}

@test "rare edges are left out by count or beyond the most frequent, with the nodes that only they touch" {
	journeys | jlog append -q
	is "$(edges --min 2)" "- chat 2
chat - 2"
	is "$(graph --min 2 | jq -r 'select(.kind == "node").node')" chat
	is "$(edges --top 3 | tail -n 1)" "chat voice 1"
	is "$(graph --top 3 | jq -r 'select(.kind == "node").node' | tr '\n' ' ')" "chat voice "
}

@test "a generated log's graphs are those that are counted anew from its contacts" {
	command -v python3 >/dev/null || skip "no python3 here"
	jgen -q -n 20000 --seed 5 --truth truth | jlog append -q
	jproject -q update
	for of in channel intent family stage class; do
		diff <(graph --of $of | plain) <(python3 "$TOP/test/recount_flow.py" j.db $of | plain) || { echo "$of"; false; }
		diff <(graph --of $of --by-issue | plain) <(python3 "$TOP/test/recount_flow.py" j.db $of --by-issue | plain) || { echo "$of"; false; }
	done
	since=$(sqlite3 j.db 'SELECT started FROM v_contact ORDER BY started LIMIT 1 OFFSET 300')
	until=$(sqlite3 j.db 'SELECT started FROM v_contact ORDER BY started LIMIT 1 OFFSET 900')
	[ "$until" -gt "$since" ]
	at() { date -u -d "@${1%???}" "+%Y-%m-%dT%H:%M:%S.${1: -3}Z"; }
	diff <(graph --since "$(at "$since")" --until "$(at "$until")" | plain) \
		<(python3 "$TOP/test/recount_flow.py" j.db channel --since "$since" --until "$until" | plain)
	who=$(sqlite3 j.db 'SELECT customer FROM v_contact GROUP BY customer ORDER BY count(*) DESC, customer LIMIT 1')
	diff <(graph --customer "c$who" | plain) <(python3 "$TOP/test/recount_flow.py" j.db channel --customer "$who" | plain)
}

@test "the facts are brought up to date before, and the same log gives the same bytes" {
	journeys | jlog append -q
	for o in table ndjson csv dot mermaid; do
		jproject flow -o $o >one
		[ -s one ]
		jproject flow -o $o | cmp - one
	done
	her 9 "20 10:00" channel=sms session=z "$me" | jlog append -q
	is "$(edges | grep -c sms)" 2
}

# Channels whose names mean something to those who draw.
wild() {
	her 1 "02 10:00" session=a 'channel=a\"b\\' "$me"
	her 2 "02 12:00" session=b 'channel=<c> & #d;\u0001' "$me"
	her 3 "02 14:00" session=c 'channel=`e`|f\n]' "$me"
}

@test "a picture for graphviz holds whatever channels are called" {
	wild | jlog append -q
	jproject flow -o dot >out
	grep -qF 'label="a\"b\\\n1"' out
	grep -qF 'label="<c> &amp; #d;?\n1"' out
	is "$(grep -c -- '->' out)" 4
	is "$(grep -oE 'penwidth=[0-9.]+' out | sort -u)" "penwidth=6.00"
	command -v dot >/dev/null || skip "no graphviz here"
	dot -Tplain out >plain 2>warnings
	[ ! -s warnings ]
	is "$(grep -c '^node ' plain) $(grep -c '^edge ' plain)" "5 4"
}

@test "the wider an edge, the more often it was taken" {
	journeys | jlog append -q
	is "$(jproject flow -o dot | sed -n 's/.*label="\([0-9]*\).*penwidth=\([0-9.]*\).*/\1 \2/p' | sort -u)" "1 3.50
2 6.00"
}

@test "a picture for Mermaid holds whatever channels are called" {
	wild | jlog append -q
	jproject flow -o mermaid >out
	is "$(head -n 1 out)" "flowchart LR"
	grep -qF '["a#34;b#92;<br/>1"]' out
	grep -qF '["#60;c#62; #38; #35;d#59;?<br/>1"]' out
	grep -qF '["#96;e#96;|f ]<br/>1"]' out
	is "$(grep -c -- '-->' out)" "$(grep -c linkStyle out)"
}

@test "what there is no graph of, and no output for, is refused" {
	journeys | jlog append -q
	run -2 jproject flow --of agent
	[[ $output == *"no graph of: agent (channel, intent, family, stage, class)"* ]]
	run -2 jproject flow -o png
	[[ $output == *"no such output: png"* ]]
	run -2 jproject contacts -o dot
	[[ $output == *"no such output: dot (table, ndjson, csv)"* ]]
	run -2 jproject contacts --top 3
	run -2 jproject flow --top 0
	[ "$output" = "jproject: --top: from 1" ]
	run -2 jproject flow what
}

@test "an empty log has an empty graph" {
	jlog append -q </dev/null
	is "$(jproject flow -o ndjson)" ""
	is "$(jproject flow -o table)" ""
	is "$(jproject flow -o csv)" "kind,node,from,to,count,customers,median,p90"
	jproject flow -o dot | grep -q '^}$'
}

@test "a file that cannot be written has the same graph, traces and containers" {
	need_other
	journeys | jlog append -q
	jproject -q update
	open_folder
	cp j.db "$open/j.db"
	chmod -R a+r,a-w "$open"
	for verb in "flow --by-issue -o ndjson" "traces" "vcon"; do
		as_other jproject $verb -d "$open/j.db" | cmp - <(jproject $verb)
	done
	her 9 "20 10:00" channel=sms session=z "$me" | jlog append -q
	chmod u+w "$open" "$open/j.db"
	cp j.db "$open/j.db"
	chmod -R a+r,a-w "$open"
	as_other jproject flow -d "$open/j.db" -o ndjson >there
	grep -q sms there
	graph | cmp - there
}

teardown() { close_folder; }
