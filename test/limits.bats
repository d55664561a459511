#!/usr/bin/env bats
# What a record, an expression or a definition may cost: answered, not run for hours.
bats_require_minimum_version 1.5.0
load helper

# members N [NAME]: N members of data and one of that name.
members() {
	printf '{"specversion":"1.0","id":"a","source":"s","type":"message","time":"2026-03-02T10:00:00Z","session":"x",'
	printf '"channel":"chat","direction":"in","actor":"customer","data":{"text":"hi"'
	seq -f ',"%.0f":1' 1 "$1"
	[ $# -lt 2 ] || printf ',"%s":2' "$2"
	printf '}}\n'
}

@test "a record of 100,000 members is taken, and one that repeats a name is named" {
	members 100000 | tr -d '\n' >in
	printf '\n' >>in
	members 100000 71 | tr -d '\n' | sed 's/"id":"a"/"id":"b"/' >>in
	run --separate-stderr timeout 20 jlog -d j.db append <in
	[ "$status" -eq 65 ]
	[[ $stderr == *"<stdin>:2: "*"71 stands twice"* ]]
	[ "$(jlog -d j.db cat | wc -l)" -eq 1 ]
}

# ---- metric definitions ----

log() { # j.db: ten conversations
	local i

	for i in 0 1 2 3 4 5 6 7 8 9; do
		printf '{"specversion":"1.0","id":"%s","source":"s","type":"message","time":"2026-03-02T10:0%s:00Z",' $i $i
		printf '"session":"x%s","channel":"chat","direction":"in","actor":"customer","data":{"text":"hi"}}\n' $i
	done | jlog -q -d j.db append
}
# counts EXPRESSION: what a metric counts where it holds, or how it fails.
counts() {
	mkdir -p mine
	printf 'jtools: metric/1\nversion: "1"\nid: x\ntitle: X\nfact: contact\nkind: count\nwhere: >-\n  %s\n' "$1" >mine/x.yaml
	run timeout 60 jmetrics -q -d j.db --metrics mine -o csv x
}
refused() {
	counts "$1"
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ] && [[ $output == *"mine/x.yaml:"*": $2" ]] ||
		{ echo "$1: $status: $output"; return 1; }
}

@test "a metric counts with subqueries over the facts, and with what they add up" {
	log
	counts "(SELECT count(*) FROM v_contact) = 10 AND (SELECT sum(events) FROM v_contact) > 9"
	[ "$status" -eq 0 ] && [[ $output == *$'\nx,'*10* ]]
}

@test "a metric's expression stays within its parentheses" {
	log
	refused "1) OR (1" "a closing parenthesis that nothing opened"
	refused "(1" "a parenthesis that is not closed"
	refused "1 -- x" "a comment in an expression"
	refused "1; SELECT 1" "a semicolon in an expression"
	refused "'a" "a quotation mark that is not closed"
	refused '"nosuch" = 1' "no such column: nosuch"
}

@test "a metric has no values without end and no statement without end" {
	log
	refused "length(replace(printf('%1000s', channel), ' ', printf('%2000s', ''))) > 1" "a value longer than 1 MiB"
	refused "instr(channel, printf('%1001s', ''))" "what is looked for is longer than 1000 bytes"
	refused "channel LIKE printf('%1001s', '')" "LIKE or GLOB pattern too complex"
	refused "abs(-9223372036854775807 - 1 + (channel = '')) > 1" "integer overflow"
	refused "length(printf('%900000000s', channel)) > 1" "a value longer than 1 MiB"
	refused "$(printf '1+%.0s' {1..300})1" "Expression tree is too large (maximum depth 200)"
	refused "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n) > 1" "WITH in an expression"
	refused "(SELECT count(*) FROM v_contact a, v_contact b, v_contact c, v_contact d, v_contact e, v_contact g, v_contact h, v_contact i, v_contact j) > 1" "too many steps"
}
