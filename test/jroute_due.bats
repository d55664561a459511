#!/usr/bin/env bats
# jroute due: what silence brings about.
bats_require_minimum_version 1.5.0
load helper

# record ID TYPE TIME DIRECTION ACTOR MEMBERS
record() {
	printf '{"specversion":"1.0","id":"%s","source":"x","type":"%s","time":"%s:00Z","session":"s","channel":"email","direction":"%s","actor":"%s","data":{"identifiers":[{"kind":"email","value":"ann@mail.example"}],%s}}\n' "$@"
}

due() {
	jroute due -q --at "$1" | sed 's/.*"type":"\([^"]*\)","time":"\([^"]*\)".*"event":"\([^"]*\)".*/\1 \2 \3/'
}

setup() {
	{
		record 1 message 2026-03-01T10:00 in customer '"text":"how much is it?","intent":"price"'
		record 2 commitment.made 2026-03-01T11:00 out agent '"action":"callback","due":"2026-03-04T11:00:00Z","agent":"bia"'
	} | jlog append -q
}

@test "a promise falls due a day before, and is overdue behind it" {
	[ -z "$(due 2026-03-03T10:00:00Z | grep commitment)" ]
	[ "$(due 2026-03-03T12:00:00Z | grep commitment)" = "commitment.due 2026-03-03T11:00:00.000Z 2" ]
	[ "$(due 2026-03-05T00:00:00Z | grep commitment)" = "commitment.overdue 2026-03-04T11:00:00.001Z 2" ]
	record 3 commitment.kept 2026-03-04T10:00 out agent '"action":"callback"' | jlog append -q
	[ -z "$(due 2026-03-05T00:00:00Z | grep commitment)" ]
	# As things stood then.
	[ -n "$(due 2026-03-04T00:00:00Z | grep commitment.due)" ]
}

@test "a contact without an answer is told once, and not where it was answered" {
	[ -z "$(due 2026-03-02T09:00:00Z)" ]
	[ "$(due 2026-03-02T11:00:00Z)" = "contact.unanswered 2026-03-02T10:00:00.001Z 1" ]
	jroute due -q --at 2026-03-02T11:00:00Z >first
	jroute due -q --at 2026-03-02T11:00:00Z | cmp - first
	jlog append -q first
	[ -z "$(due 2026-03-02T12:00:00Z)" ]
	run --separate-stderr jroute due --at 2026-03-02T12:00:00Z
	[ "$stderr" = "jroute: 0 records, 1 in the log before" ]
	record 4 message 2026-03-02T13:00 out agent '"text":"ten"' | jlog append -q
	[ -z "$(due 2026-03-03T09:00:00Z)" ]
}

@test "a silence of ours is told once, however often she writes into it, until we have spoken" {
	hers() { record "$1" message "$2" in customer '"text":"and now?"' | sed "s/\"session\":\"s\"/\"session\":\"${3:-s}\"/" | jlog append -q; }
	told() { jroute due -q --at "$1" | grep contact.unanswered | tee last | sed 's/.*"time":"\([^"]*\)".*"event":"\([^"]*\)".*/\1 \2/'; jlog append -q last; }
	# Within the contact, behind what ends it, and elsewhere.
	hers 5 2026-03-01T20:00
	[ "$(told 2026-03-02T11:00:00Z)" = "2026-03-02T10:00:00.001Z 1" ]
	hers 6 2026-03-02T12:00
	hers 7 2026-03-04T12:00
	hers 8 2026-03-04T13:00 elsewhere
	[ -z "$(told 2026-03-07T00:00:00Z)" ]
	# We speak on one of them, and what she says then is another silence.
	record 9 message 2026-03-07T10:00 out agent '"text":"ten"' | jlog append -q
	[ -z "$(told 2026-03-09T00:00:00Z)" ]
	hers 10 2026-03-09T10:00
	hers 11 2026-03-09T11:00 elsewhere
	[ "$(told 2026-03-12T00:00:00Z)" = "2026-03-10T10:00:00.001Z 10" ]
	[ -z "$(told 2026-03-20T00:00:00Z)" ]
	# Thanks wait for nothing.
	record 12 message 2026-03-21T10:00 out agent '"text":"there"' | jlog append -q
	record 13 message 2026-03-21T11:00 in customer '"text":"thanks","intent":"courtesy.thanks"' | jlog append -q
	[ -z "$(told 2026-03-30T00:00:00Z)" ]
	hers 14 2026-03-21T12:00
	[ "$(told 2026-03-30T00:00:00Z)" = "2026-03-22T12:00:00.001Z 14" ]
}

@test "a lead whose word waits for 48 hours is stalled, and what came to be before --since is left out" {
	jgen -q -n 3000 --seed 5 | jlog append -q
	end=$(jlog info | grep -o '2026-0[4-9]-[0-9]*' | tail -1)
	jroute due -q --at "${end:-2026-04-01}" >all
	grep -q '"type":"lead.stalled"' all
	[ "$(sed 's/.*"id":"\(due-[0-9a-f]*\)".*/\1/' all | sort | uniq -d | wc -l)" -eq 0 ]
	jroute due -q --at "${end:-2026-04-01}" --since 2026-03-20 >late
	[ "$(wc -l <late)" -gt 0 ]
	[ "$(wc -l <late)" -lt "$(wc -l <all)" ]
	# They go into the log, and begin or end no contact.
	jproject update -q
	jproject contacts -o csv | cut -d, -f 1-12 >before
	jlog append -q all
	jproject contacts -o csv | cut -d, -f 1-12 | cmp - before
}
