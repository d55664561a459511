#!/usr/bin/env bats
# Figures of a log whose facts were never made: by columns alone, without rows, as long as it stands as it stood.
load helper
load gen/records
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	jgen -q -c 2200 --seed 12 >all
	head -n -1500 all | jlog append -q -d log.db
	tail -n 1500 all >later
	cp log.db full.db
	jproject update -q -d full.db
}

setup() {
	cp "$BATS_FILE_TMPDIR/log.db" j.db
	ln -s "$BATS_FILE_TMPDIR/full.db" full.db
	ln -s "$BATS_FILE_TMPDIR/later" later
}

teardown() {
	umount room 2>/dev/null || true
	close_folder
}

# one SQL
one() {
	sqlite3 j.db "$1"
}

# same [OPTION...]: the figures of j.db are those of the facts that were made in full.
same() {
	jmetrics -q -d j.db "$@" >alone
	jmetrics -q -d full.db "$@" >rows
	cmp alone rows
	[ -s alone ]
}

# alone: there are columns, and no rows.
alone() {
	[ "$(one "SELECT count(*) > 1 FROM fact_block")" = 1 ]
	[ "$(one "SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM v_contact) + (SELECT count(*) FROM customer)")" = 0 ]
}

@test "figures by columns alone are those of the facts, however they are asked for" {
	same -o ndjson
	alone
	same -o csv
	same -o table
	same -o md
	same -o prom
	same -o ndjson --by channel
	same -o ndjson --by week,agent_kind
	same -o ndjson --by intent --top 3
	same -o ndjson --where "family = 'delivery' AND region IS NOT NULL"
	same -o csv --since 2026-01-15 --until 2026-03-01
	same -o csv --window 48h
	same -o csv --as-of 2026-02-01
	same -o csv --compare 2026-01 2026-02
	alone
	jmetrics -d j.db -o csv >/dev/null 2>alone.err
	jmetrics -d full.db -o csv >/dev/null 2>rows.err
	cmp alone.err rows.err
	run -0 jmetrics -q -d j.db --check 'contacts > 0'
	alone
}

@test "what a definition asks of the log is asked of columns as of rows" {
	mkdir more
	cat >more/one.yaml <<-'END'
		jtools: metric/1
		id: asked_all
		version: "1.0.0"
		order: 1
		title: Contacts
		description: Contacts.
		fact: contact
		kind: count
		unit: contacts
		needs:
		  - that: (SELECT count(DISTINCT channel) FROM v_contact) > 1 AND EXISTS (SELECT 1 FROM v_ruling)
		    missing: two channels
		  - that: (SELECT min(started) FROM v_issue WHERE left_censored) < (SELECT max(started) FROM v_customer WHERE known)
		    missing: issues
		  - that: (SELECT sum(score) FROM v_survey) > 0.5 AND (SELECT count(*) FROM v_contact WHERE gen = 1) > 10
		    missing: scores
	END
	same -o csv --metrics more asked_all
	alone
	grep -q '^asked_all,' alone
	run ! grep -q 'not observable' alone
}

@test "where rows are needed the facts are made in full, and the columns alone are gone" {
	same -o csv
	alone
	same -o ndjson --where "length('') = 0" contacts issues
	[ "$(one "SELECT count(*) FROM contact")" = "$(sqlite3 full.db "SELECT count(*) FROM contact")" ]
	[ "$(one "SELECT count(*) FROM meta WHERE key = 'columns_alone'")" = 0 ]
	same -o csv
	cp "$BATS_FILE_TMPDIR/log.db" j.db
	same -o csv --explain channel_switch_success.presumed
	[ "$(one "SELECT count(*) > 0 FROM contact")" = 1 ]
	cp "$BATS_FILE_TMPDIR/log.db" j.db
	same -o csv --censored
	[ "$(one "SELECT count(*) > 0 FROM contact")" = 1 ]
}

@test "by an entity the facts are made in full, and its figures are those of other conditions" {
	same -o csv
	alone
	same -o ndjson --by order,channel contacts issues
	[ "$(one "SELECT count(*) > 0 FROM entity")" = 1 ]
	same -o table --by order --top 3 repeat_contact_rate
	same -o csv --compare order="$(one "SELECT value FROM v_entity WHERE type = 'order' LIMIT 1")" order= contacts
	jmetrics -q -d j.db -o csv --by order --where "channel = 'email'" contacts | sed 1d | awk -F, '{ n += $5 } END { print n }' >sum
	jmetrics -q -d j.db -o csv --where "channel = 'email'" contacts | sed 1d | awk -F, '{ n += $4 } END { print n }' | cmp - sum
	# Users' expressions read the facts of metrics alone.
	run -2 jmetrics -q -d j.db --where "EXISTS (SELECT 1 FROM v_entity)" contacts
}

@test "an update or a rebuild makes the facts in full, in place of the columns alone" {
	local verb
	for verb in update rebuild; do
		cp "$BATS_FILE_TMPDIR/log.db" j.db
		jmetrics -q -d j.db -o csv >before
		alone
		jproject "$verb" -q -d j.db
		[ "$(one "SELECT count(*) FROM meta WHERE key = 'columns_alone'")" = 0 ]
		[ "$(one "SELECT count(DISTINCT gen) FROM fact_block")" = 1 ]
		jmetrics -q -d j.db -o csv >after
		cmp before after
		cmp <(one "SELECT who, contact, started, intent FROM v_contact") <(sqlite3 full.db "SELECT who, contact, started, intent FROM v_contact")
		run -0 jlog fsck -q -d j.db
	done
}

@test "a log that went on has its facts made in full, and they follow it" {
	jmetrics -q -d j.db -o csv contacts >before
	alone
	jlog append -q -d j.db <later
	jmetrics -q -d j.db -o csv >after
	[ "$(one "SELECT count(*) > 0 FROM contact")" = 1 ]
	[ "$(one "SELECT count(*) FROM meta WHERE key = 'columns_alone'")" = 0 ]
	cp j.db r.db
	jproject rebuild -q -d r.db
	jmetrics -q -d r.db -o csv >rebuilt
	cmp after rebuilt
	run ! cmp -s before after
}

@test "what was made of another ontology or by a basis that is damaged is not read" {
	jmetrics -q -d j.db -o csv >before
	alone
	one "UPDATE meta SET value = value || '0' WHERE key = 'columns_alone'"
	one "DELETE FROM fact_column WHERE key IN (SELECT key FROM fact_column LIMIT 100)"
	jmetrics -q -d j.db -o csv >after
	cmp before after
	[ "$(one "SELECT count(*) > 0 FROM contact")" = 1 ]
	cp "$BATS_FILE_TMPDIR/log.db" j.db
	jmetrics -q -d j.db -o csv >/dev/null
	cp -r "$TOP/ontology" other
	sed -i 's/24h/12h/' other/channels.yaml
	run ! cmp -s other/channels.yaml "$TOP/ontology/channels.yaml"
	jmetrics -q -d j.db -o csv --ontology other >alone
	[ "$(one "SELECT count(*) > 0 FROM contact")" = 1 ]
	cp full.db r.db
	jmetrics -q -d r.db -o csv --ontology other >rows
	cmp alone rows
	run ! cmp -s before alone
}

@test "who is erased is in no column, and the figures are those without her" {
	jmetrics -q -d j.db -o csv >/dev/null
	alone
	IFS='|' read -r customer session < <(sqlite3 full.db "SELECT customer, session FROM contact WHERE known = 1 AND length(session) > 7 LIMIT 1")
	[ "$(one "SELECT count(*) > 0 FROM fact_column WHERE instr(data, CAST('$session' AS BLOB))")" = 1 ]
	jlog forget -q -d j.db --customer "c$customer" --why test >out
	[ "$(one "SELECT count(*) FROM fact_block")" = 0 ]
	run ! grep -aqF "$session" j.db
	jmetrics -q -d j.db -o csv >erased
	jproject rebuild -q -d j.db
	jmetrics -q -d j.db -o csv >rebuilt
	cmp erased rebuilt
	run ! grep -aqF "$session" j.db
}

@test "two at once, and a writer beside, give what a rebuild gives" {
	jmetrics -q -d j.db -o csv >a &
	jmetrics -q -d j.db -o csv >b &
	wait
	cmp a b
	same -o csv
	alone
	cp "$BATS_FILE_TMPDIR/log.db" j.db
	jlog append -q -d j.db <later &
	jmetrics -q -d j.db -o csv >c &
	jproject update -q -d j.db &
	jmetrics -q -d j.db -o csv >d &
	wait
	jmetrics -q -d j.db -o csv >now
	jproject rebuild -q -d j.db
	jmetrics -q -d j.db -o csv >rebuilt
	cmp now rebuilt
	[ -s c ] && [ -s d ]
	run -0 jlog fsck -q -d j.db
}

@test "one that is killed leaves nothing that is taken for whole" {
	local i pid
	jmetrics -q -d full.db -o csv >want
	for i in 1 2 3 4 5 6 7 8; do
		cp "$BATS_FILE_TMPDIR/log.db" j.db
		rm -f j.db-wal j.db-shm
		jmetrics -q -d j.db -o csv >got &
		pid=$!
		sleep "0.0$i"
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		[ "$(one "SELECT EXISTS (SELECT 1 FROM fact_block WHERE gen > 0) AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'columns_alone')")" = 0 ]
		jmetrics -q -d j.db -o csv >got
		cmp want got
		[ "$(one "SELECT count(*) FROM fact_block WHERE gen < 0")" = 0 ]
		[ "$(one "SELECT count(*) FROM fact_column")" -gt 100 ]
	done
}

@test "the file is held from other writers for one block at a time" {
	local held
	command -v strace >/dev/null || skip "no strace"
	! sanitized || skip "traced programs' leaks cannot be looked for"
	jgen -q -c 12000 --seed 4 | jlog append -q --fast -d many.db
	strace --seccomp-bpf -f -qq -e trace=fcntl -e signal=none -o calls jmetrics -q -d many.db -o csv >/dev/null
	# The write lock is byte 120 of the shared memory.
	held=$(grep -c 'l_type=F_WRLCK, l_whence=SEEK_SET, l_start=120, l_len=1}) = 0' calls)
	[ "$(sqlite3 many.db "SELECT count(*) FROM fact_block")" -gt 5 ]
	[ "$held" -gt "$(sqlite3 many.db "SELECT count(*) FROM fact_block")" ]
}

@test "a full disk is exit 2, and with room again the figures are there" {
	local free
	mkdir room
	mount -t tmpfs -o size=256m tmpfs room 2>/dev/null || skip "nothing can be mounted here"
	cp j.db room/j.db
	mkdir room/tmp
	export TMPDIR=$PWD/room/tmp
	free=$(df --output=avail -k room | tail -n 1)
	dd if=/dev/zero of=room/filler bs=1K count=$((free - 1200)) status=none
	run -2 jmetrics -q -d room/j.db -o csv
	[[ "$output" == *"jmetrics: "*"full"* || "$output" == *"No space left"* ]]
	[ "$(sqlite3 room/j.db "SELECT count(*) FROM meta WHERE key = 'columns_alone'")" = 0 ]
	rm room/filler
	jmetrics -q -d room/j.db -o csv >got
	[ "$(sqlite3 room/j.db "SELECT count(*) FROM fact_block WHERE gen < 0")" = 0 ]
	run -0 jlog fsck -q -d room/j.db
	umount room
	jmetrics -q -d full.db -o csv >want
	cmp want got
}

@test "blocks that a killed run left are taken away" {
	sqlite3 j.db "INSERT INTO fact_block(id, gen, after, upto, customers, plain) VALUES(7, -1, 0, 5, 5, 1); INSERT INTO fact_column(key, data) VALUES(1, x'00')"
	jmetrics -q -d j.db -o csv >got
	jmetrics -q -d full.db -o csv >want
	cmp want got
	[ "$(one "SELECT count(*) FROM fact_block WHERE gen < 0")" = 0 ]
	alone
}

@test "a file that cannot be written stays as it is" {
	need_other
	open_folder
	cp j.db "$open/j.db"
	chmod 444 "$open/j.db"
	chmod 555 "$open"
	as_other jmetrics -q -d "$open/j.db" -o csv >got
	jmetrics -q -d full.db -o csv >want
	cmp want got
	as_other jmetrics -q -d "$open/j.db" -o csv --where "length('') = 0" contacts >got
	jmetrics -q -d full.db -o csv contacts >want
	cmp want got
	cmp j.db "$open/j.db"
}

@test "records without a file, and other rules of identity" {
	jlog cat -q -d j.db | jmetrics -q - -o ndjson >got
	jmetrics -q -d full.db -o ndjson >want
	cmp <(jq -c 'del(.as_of)' want) <(jq -c 'del(.as_of)' got)
	for rules in strict normal loose; do
		jmetrics -q -d j.db -o csv --identity $rules >got
		jmetrics -q -d full.db -o csv --identity $rules --where "length('') = 0" >want
		cmp want got
	done
}

@test "where there are few people the facts are made in full" {
	jgen -q -c 50 --seed 3 | jlog append -q -d few.db
	jmetrics -q -d few.db -o csv >/dev/null
	[ "$(sqlite3 few.db "SELECT count(*) > 0 FROM contact")" = 1 ]
	[ "$(sqlite3 few.db "SELECT count(*) FROM fact_block")" = 0 ]
}
