#!/usr/bin/env bats
# Facts by columns (many customers) and by rows give the same figures.
load helper
bats_require_minimum_version 1.5.0

# both [OPTION...]: the figures by columns are those by rows, which a function that columns do not know asks for.
both() {
	jmetrics -q -d j.db -o ndjson "$@" >columns
	jmetrics -q -d j.db -o ndjson --where "length('') = 0" "$@" >rows
	cmp columns rows
	[ -s columns ]
}

blocks() {
	sqlite3 j.db "SELECT count(*) FROM fact_block"
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	jgen -q -c 2200 --seed 11 >all
	head -n -1500 all | jlog append -q -d log.db
	tail -n 1500 all >later
	jproject update -q -d log.db
}

setup() {
	cp "$BATS_FILE_TMPDIR/log.db" j.db
	ln -s "$BATS_FILE_TMPDIR/later" later
}

@test "figures by columns are those by rows, in groups and for sides too" {
	[ "$(blocks)" -gt 1 ]
	both
	both --by channel
	both --by week,agent_kind
	both --compare 2026-01 2026-02
	both --since 2026-01-15 --until 2026-03-01
	# The view has a column that no block has.
	jmetrics -q -d j.db -o ndjson --where "gen > 0" contacts >columns
	jmetrics -q -d j.db -o ndjson contacts >rows
	cmp columns rows
	jmetrics -q -d j.db -o ndjson --where "coalesce(family, '') = 'delivery' AND started / 1000 % 2 = 0" contacts issues >columns
	jmetrics -q -d j.db -o ndjson --where "coalesce(family, '') = 'delivery' AND started / 1000 % 2 = 0 AND length('') = 0" contacts issues >rows
	cmp columns rows
}

@test "what later records change is read from the tables until its block is made anew" {
	head -n 60 later | jlog append -q -d j.db
	jproject update -q -d j.db
	[ "$(sqlite3 j.db "SELECT count(*) > 0 FROM fact_stale")" = 1 ]
	both
	tail -n +61 later | jlog append -q -d j.db
	both --by channel
	[ "$(blocks)" -gt 1 ]
	both
}

@test "a block that is made of one that was is as one made of the tables" {
	local last
	last=$(sqlite3 j.db "SELECT max(id) FROM fact_block")
	jlog append -q -d j.db <later
	jproject update -q -d j.db
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_block WHERE id > $last")" -gt 0 ]
	jmetrics -q -d j.db -o ndjson >renewed
	sqlite3 j.db "DELETE FROM fact_block; DELETE FROM fact_column; DELETE FROM fact_stale"
	jproject update -q -d j.db
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_stale")" = 0 ]
	both
	cmp renewed columns
}

@test "the figures of a log that came at once are those of one that came in parts" {
	jlog append -q -d j.db <later
	jmetrics -q -d j.db -o ndjson >parts
	jlog append -q -d once.db <"$BATS_FILE_TMPDIR/all"
	jmetrics -q -d once.db -o ndjson >once
	cmp <(jq -c 'del(.as_of)' parts) <(jq -c 'del(.as_of)' once)
}

@test "an erased customer is in no block, and blocks come back" {
	IFS='|' read -r customer session < <(sqlite3 j.db "SELECT customer, session FROM contact WHERE known = 1 AND length(session) > 7 LIMIT 1")
	[ "$(sqlite3 j.db "SELECT count(*) > 0 FROM fact_column WHERE instr(data, CAST('$session' AS BLOB))")" = 1 ]
	before=$(blocks)
	jlog forget -q -d j.db --customer "c$customer" --why test >out
	[ "$(blocks)" -lt "$before" ]
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_block WHERE after < $customer AND upto >= $customer")" = 0 ]
	run ! grep -aqF "$session" j.db
	both
	[ "$(blocks)" -gt 1 ]
}

@test "erasing one leaves the blocks that she was never in" {
	last=$(sqlite3 j.db "SELECT max(customer) FROM contact")
	sqlite3 j.db "SELECT id FROM fact_block WHERE NOT (after < $last AND upto >= $last) ORDER BY id" >others
	[ -s others ]
	jlog forget -q -d j.db --customer "c$last" --why test >out
	sqlite3 j.db "SELECT id FROM fact_block ORDER BY id" | cmp - others
	both
}

@test "erasing one drops all blocks where facts wait to be brought up: whose rows are void is not known" {
	last=$(sqlite3 j.db "SELECT max(customer) FROM contact")
	jlog append -q -d j.db <<< "$(head -n 1 "$BATS_FILE_TMPDIR/all" | jq -c '.id += "-again"')" >/dev/null
	jlog forget -q -d j.db --customer "c$last" --why test >out
	[ "$(blocks)" = 0 ]
	both
}

@test "erasing one drops blocks with void rows as well: they may be what she was taken for once" {
	last=$(sqlite3 j.db "SELECT max(customer) FROM contact")
	jlog append -q -d j.db <<< "$(head -n 1 "$BATS_FILE_TMPDIR/all" | jq -c '.id += "-again"')" >/dev/null
	jproject update -q -d j.db
	stale=$(sqlite3 j.db "SELECT b.id FROM fact_stale AS s JOIN fact_block AS b ON b.gen = s.gen AND s.customer > b.after AND s.customer <= b.upto")
	[ -n "$stale" ]
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_block WHERE id = $stale AND after < $last AND upto >= $last")" = 0 ]
	jlog forget -q -d j.db --customer "c$last" --why test >out
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_block WHERE id = $stale")" = 0 ]
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_stale")" = 0 ]
	[ "$(blocks)" -gt 0 ]
	both
}

@test "a rebuild makes new blocks, and leaves none of the old" {
	jmetrics -q -d j.db -o ndjson >before
	jproject rebuild -q -d j.db
	[ "$(sqlite3 j.db "SELECT count(DISTINCT gen) FROM fact_block")" = 1 ]
	both
	cmp before columns
}

@test "damaged columns are told, and a rebuild mends them" {
	sqlite3 j.db "UPDATE fact_column SET data = substr(data, 1, 20) WHERE key IN (SELECT key FROM fact_column LIMIT 40)"
	run jmetrics -q -d j.db contacts
	[ "$status" = 2 ]
	[ "$output" = "jmetrics: the facts by columns are damaged: rebuild the facts" ]
	jproject rebuild -q -d j.db
	both
}

# needs DIR: metrics of which each needs a contact of some events: no more than the first rows are looked at by SQL, since so much is
# asked of each. The last one asks what columns do not know.
needs() {
	local more='' i metric
	for i in {1..90}; do more+=" OR started < -$i"; done
	mkdir "$1"
	for metric in 41 42 43 42.unread; do
		cat >"$1/needs_$metric.yaml" <<-END
			jtools: metric/1
			id: needs_${metric/./_}
			version: "1.0.0"
			order: 1
			title: Contacts
			description: Contacts.
			fact: contact
			kind: count
			unit: contacts
			needs:
			  - some: events = ${metric%.*}$more$([ "$metric" = "${metric%.*}" ] || echo " OR length('') = 1")
			    missing: a contact of ${metric%.*} events
		END
	done
}

# observable: the numbers of events that some contact is found to have.
observable() {
	jmetrics -q -d j.db --metrics more -o ndjson needs_41 needs_42 needs_43 needs_42_unread |
		jq -r 'select(.status | startswith("not observable") | not) | .metric' | sed 's/needs_//' | paste -s -d ' '
}

# words SESSION FROM TO IDENTIFIER: so many messages of a session of its own.
words() {
	local i
	for ((i = $2; i <= $3; i++)); do
		printf '{"specversion":"1.0","id":"%s-%s","source":"chat/acme","type":"message","time":"2026-02-01T10:%02d:00Z","session":"%s","channel":"webchat","direction":"in","actor":"customer","data":{"text":"x","identifiers":[%s]}}\n' \
			"$1" "$i" "$i" "$1" "$4"
	done
}

# identifier N: one of the N-th customer with contacts.
identifier() {
	jlog cat -q -d j.db --customer "c$(sqlite3 j.db "SELECT DISTINCT customer FROM contact ORDER BY customer LIMIT 1 OFFSET $1 - 1")" |
		jq -c '.data.identifiers[]?' | head -n 1
}

@test "what a metric needs is found in rows that are newer than their block, and not in those that were replaced" {
	local last middle
	needs more
	[ "$(blocks)" -gt 1 ]
	[ "$(observable)" = "" ]
	# One of the last: few are behind her.
	last=$(identifier 2110)
	words last 1 41 "$last" | jlog append -q -d j.db
	[ "$(observable)" = "41" ]
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_stale")" -gt 0 ]
	words last 42 42 "$last" | jlog append -q -d j.db
	[ "$(observable)" = "42 42_unread" ]
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_stale")" -gt 0 ]
	# The block has the row as well, until there is a newer one.
	sqlite3 j.db "DELETE FROM fact_block; DELETE FROM fact_column; DELETE FROM fact_stale"
	[ "$(observable)" = "42 42_unread" ]
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_stale")" = 0 ]
	words last 43 43 "$last" | jlog append -q -d j.db
	[ "$(observable)" = "43" ]
	[ "$(sqlite3 j.db "SELECT count(*) FROM fact_stale")" -gt 0 ]
	# One among the others of her block.
	middle=$(identifier 1500)
	words middle 1 42 "$middle" | jlog append -q -d j.db
	[ "$(observable)" = "42 43 42_unread" ]
	# Somebody new, of a block in which nobody was.
	words new 1 41 '{"kind":"email","value":"ana@new.example"}' | jlog append -q -d j.db
	[ "$(observable)" = "41 42 43 42_unread" ]
	jproject rebuild -q -d j.db
	[ "$(observable)" = "41 42 43 42_unread" ]
}
