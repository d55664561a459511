#!/usr/bin/env bats
# jproject traces: journeys as traces.
bats_require_minimum_version 1.5.0
load helper
load gen/records

me=$(phone +551)
late='"intent":"delivery.late"'
bill='"intent":"billing.charge"'

setup() { export JTOOLS_DB=j.db; }
check() {
	command -v python3 >/dev/null || skip "no python3 here"
	python3 "$TOP/test/check_otlp.py" "$1"
}
# spans FILTER [OPTION ...]: what jq makes of each span.
spans() {
	local filter=$1
	shift
	jproject traces "$@" | jq -c ".resourceSpans[].scopeSpans[].spans[] | $filter"
}
attribute() { printf '(.attributes[] | select(.key == "%s").value | (.stringValue // .intValue // .boolValue // .doubleValue))' "$1"; }
# A record with a traceparent: traced TRACEPARENT ARGUMENT ...
traced() {
	local parent=$1
	shift
	rec "$@" | sed "s/,\"data\":/,\"traceparent\":\"$parent\"&/"
}
T1=4bf92f3577b34da6a3ce929d0e0e4736 S1=00f067aa0ba902b7
T2=0af7651916cd43dd8448eb211c80319c S2=b7ad6b7169203331

# On one matter: chat, then voice two hours after it; and another matter.
journey() {
	her 1 "02 10:00" channel=chat session=a "$me,$late,\"text\":\"my name is Ann Example\",\"region\":\"BR\""
	ana 2 "02 10:05" channel=chat session=a
	her 3 "02 12:05" channel=voice session=b "$me,$late"
	her 4 "03 12:00" channel=chat session=c "$me,$bill"
}

@test "a journey is a trace, a contact a span, and the first of them the root" {
	journey | jlog append -q
	jproject traces >out
	check out
	is "$(wc -l <out)" 1
	is "$(jq -r '[.resourceSpans[].scopeSpans[].spans[]] | "\(length) \(map(.traceId) | unique | length)"' out)" "3 2"
	is "$(spans '[.name, .kind, .startTimeUnixNano, .endTimeUnixNano, has("parentSpanId")]')" \
		'["contact chat",2,"1772445600000000000","1772445900000000000",false]
["contact voice",2,"1772453100000000000","1772453100000000000",true]
["contact chat",2,"1772539200000000000","1772539200000000000",false]'
	is "$(jq -r '.resourceSpans[0].scopeSpans[0].spans | .[0].spanId == .[1].parentSpanId' out)" true
	is "$(jq -r '.resourceSpans[0].resource.attributes[0].value.stringValue' out)" jtools
	is "$(jproject traces --service desk | jq -r '.resourceSpans[0].resource.attributes[0].value.stringValue')" desk
}

@test "a switch is a link to the span of the contact before" {
	journey | jlog append -q
	jproject traces >out
	is "$(jq -c '.resourceSpans[0].scopeSpans[0].spans as $s | $s[1].links | map([.spanId == $s[0].spanId, .traceId == $s[0].traceId, .attributes])' out)" \
		'[[true,true,[{"key":"jtools.link","value":{"stringValue":"switch"}},{"key":"jtools.gap","value":{"doubleValue":7200}},{"key":"jtools.joined","value":{"boolValue":true}}]]]'
	is "$(jq -c '[.resourceSpans[0].scopeSpans[0].spans[] | has("links")]' out)" "[false,true,false]"
}

@test "attributes say who, where and what, by OpenTelemetry's names where it has some" {
	journey | jlog append -q
	is "$(spans "[$(attribute enduser.pseudo.id), $(attribute geo.country.iso_code), $(attribute jtools.contact), $(attribute jtools.issue),
		$(attribute jtools.channel), $(attribute jtools.class), $(attribute jtools.intent), $(attribute jtools.handled)]" | head -n 1)" \
		'["c1","BR","1","1","chat","live","delivery.late",true]'
	is "$(jproject traces | jq -r '.. | .key? // empty' | grep -vE '^jtools\.' | sort -u | tr '\n' ' ')" "enduser.pseudo.id geo.country.iso_code service.name "
}

@test "nothing of what was said or who said it is in a trace unless it is asked for" {
	{
		journey
		rec 5 "02 10:06" channel=chat session=a type=escalated actor=system direction=internal '"from":"ana","to":"zoe","reason":"shouts at Ann"'
	} | jlog append -q
	run -1 grep -iE '\bann\b|zoe|\+551|shouts|"ana"' <(jproject traces)
	is "$(spans '.events // [] | map(.name) | select(length > 0)')" '["jtools.escalation"]'
	jproject traces --with-text >out
	check out
	is "$(jq -c '[.resourceSpans[0].scopeSpans[0].spans[0].events[] | [.name, (.attributes | map(.value.stringValue))]]' out)" \
		'[["jtools.text",["message","in","customer","my name is Ann Example"]],["jtools.escalation",["shouts at Ann","ana","zoe"]]]'
}

@test "the status tells what was resolved and what came to nothing" {
	{
		journey
		rec 5 "02 10:07" channel=chat session=a type=case.closed actor=system direction=
		rec 6 "05 10:00" type=call channel=voice session=d "$me,\"reason\":\"abandoned_queue\""
		rec 7 "06 10:00" channel=chat session=e "$me"
		rec 8 "06 10:01" channel=chat session=e type=case.closed actor=system direction=
		rec 9 "06 10:02" channel=chat session=e type=case.reopened actor=system direction=
		rec 10 "07 10:00" type=call channel=voice session=f "$me,\"reason\":\"Ann hung up\""
	} | jlog append -q
	jproject traces >out
	check out
	is "$(spans '[.status, (.events // [] | map(.name)), ([.attributes[] | select(.key == "error.type").value.stringValue])]')" \
		'[{"code":1},["jtools.closed"],[]]
[{},[],[]]
[{},[],[]]
[{"code":2},[],["abandoned_queue"]]
[{},["jtools.closed","jtools.reopened"],[]]
[{"code":2},[],["_OTHER"]]'
}

@test "a journey takes the trace that its records name, and a span the parent" {
	{
		her 1 "02 10:00" channel=chat session=a "$me,$late"
		traced "00-$T1-$S1-01" 2 "02 12:05" channel=voice session=b "$me,$late"
		traced "00-$T2-$S2-00" 3 "02 14:05" channel=chat session=c "$me,$late"
	} | jlog append -q
	jproject traces >out
	check out
	is "$(spans '[.traceId, .parentSpanId == "'$S1'", .flags]')" "[\"$T1\",false,null]
[\"$T1\",true,769]
[\"$T1\",false,null]"
	is "$(spans '.links // [] | map(select(.traceId == "'$T2'") | [.spanId, .flags])' | tail -n 1)" "[[\"$S2\",768]]"
	is "$(spans '.parentSpanId == null' | head -n 1)" true
}

@test "a traceparent that is none is passed over" {
	local n=0 parent
	for parent in "00-$T1-$S1" "ff-$T1-$S1-01" "00-${T1//?/0}-$S1-01" "00-$T1-${S1//?/0}-01" "00-${T1^^}-$S1-01" \
		"00-$T1-$S1-01-more" "00_$T1-$S1-01" "0x-$T1-$S1-01" ""; do
		n=$((n + 1))
		traced "$parent" $n "0$n 10:00" channel=chat session=s$n "$(phone +55$n)"
	done | jlog append -q
	jproject traces >out
	check out
	is "$(spans '.traceId' | grep -c "$T1")" 0
	traced "01-$T1-$S1-01-more" 90 "20 10:00" channel=chat session=z "$(phone +5599)" | jlog append -q
	is "$(spans '.traceId' | grep -c "$T1")" 1
}

@test "the same log gives the same bytes, and another file other ids" {
	journey >in
	jlog append -q <in
	jproject traces >one
	jproject traces | cmp - one
	jproject rebuild -q
	jproject traces | cmp - one
	jlog -q -d other.db append <in
	jproject -d other.db traces >two
	[ -z "$(comm -12 <(jq -r '.. | .traceId? // empty' one | sort -u) <(jq -r '.. | .traceId? // empty' two | sort -u))" ]
}

@test "a time chooses whole journeys by their beginning, and a customer hers" {
	{
		journey
		her 9 "02 11:00" channel=chat session=z "$(phone +552)"
	} | jlog append -q
	is "$(spans 1 --since 2026-03-02T12:00:00Z | wc -l)" 1
	is "$(spans 1 --until 2026-03-02T10:30:00Z | wc -l)" 2
	is "$(spans "$(attribute enduser.pseudo.id)" --customer +552)" '"c5"'
	is "$(jproject traces --since 2027-01-01)" ""
}

@test "a generated log's traces are valid and hold each contact, issue, switch, move and close" {
	jgen -q -n 20000 --seed 5 --truth truth | jlog append -q
	jproject -q update
	jproject traces >out
	check out
	jproject traces --with-text >texts
	check texts
	[ "$(wc -l <out)" -gt 1 ]
	count() { jq "[.resourceSpans[].scopeSpans[].spans[] | $1] | length" "${2:-out}" | awk '{ n += $1 } END { print n }'; }
	sql() { sqlite3 -cmd '.timeout 5000' j.db "$1"; }
	is "$(count .)" "$(sql 'SELECT count(*) FROM v_contact')"
	is "$(jq -r '.resourceSpans[].scopeSpans[].spans[].traceId' out | sort -u | wc -l)" "$(sql 'SELECT count(*) FROM v_issue')"
	is "$(count '.links[]?')" "$(sql 'SELECT count(*) FROM v_switch')"
	is "$(count '.events[]? | select(.name == "jtools.closed" or .name == "jtools.reopened" | not)')" "$(sql 'SELECT count(*) FROM v_move')"
	is "$(count '.events[]? | select(.name == "jtools.closed")')" \
		"$(sql 'SELECT sum((closed IS NOT NULL) + (closed_last IS NOT closed)) FROM v_contact')"
	diff <(jq -r '.resourceSpans[].scopeSpans[].spans[] | "\([.attributes[] | select(.key == "jtools.contact").value.intValue][0]) \(.startTimeUnixNano) \(.endTimeUnixNano)"' out | sort) \
		<(sql "SELECT contact || ' ' || started || '000000 ' || ended || '000000' FROM v_contact" | sort)
	who=$(sqlite3 j.db 'SELECT customer FROM v_contact GROUP BY customer ORDER BY count(*) DESC, customer LIMIT 1')
	diff <(jproject traces --with-text --customer "c$who" |
		jq -r '.. | objects | select(.name? == "jtools.text") | .attributes[] | select(.key == "jtools.text").value.stringValue' | sort) \
		<(jproject timeline --customer "c$who" -o csv |
			python3 -c 'import csv, sys; [print(r["text"]) for r in csv.DictReader(sys.stdin) if r["contact"] and r["text"]]' | sort)
}

@test "an empty log has no traces, and what does not go with them is refused" {
	jlog append -q </dev/null
	is "$(jproject traces)" ""
	run -2 jproject traces -o csv
	run -2 jproject contacts --with-text
	run -2 jproject traces what
	run -2 jproject traces --service ""
	[ "$output" = "jproject: --service: a name" ]
}
