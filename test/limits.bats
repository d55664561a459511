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
