#!/usr/bin/env bats
# A log of version 1, as its own program made it (fixtures/jlog/v1.sql, and what its cat wrote), under the program of today.
load helper
load gen/records

OLD=$TOP/fixtures/jlog

setup() {
	sqlite3 old.db 'PRAGMA journal_mode=WAL' >/dev/null
	sqlite3 old.db <"$OLD/v1.sql"
	chmod 600 old.db
}

teardown() {
	[ -z "${holder:-}" ] || kill "$holder" 2>/dev/null || true
	[ ! -e mounted ] || umount room
}

version() { sqlite3 "$1" 'PRAGMA user_version'; }

# So many records more, in the first session.
longer() {
	sqlite3 old.db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<$1)
		INSERT INTO event(seq, time, ord, recorded, session, ident, key, body)
		SELECT (SELECT max(seq) FROM event)+i, time, ord, recorded+1, session, NULL, randomblob(16),
			json_remove(json_set(body, '\$.id', 'x'||i), '\$.data.identifiers')
		FROM n, (SELECT * FROM event WHERE seq=1)"
	cp old.db begun.db
	jlog -q -d begun.db migrate 2>/dev/null
	jlog -q -d begun.db cat >longer
	rm begun.db*
}

# Nothing stays of what is made on the way.
clean() { [ -z "$(ls -- *.new* *.migrating* room/*.new* room/*.migrating* 2>/dev/null)" ]; }

@test "a log of version 1 opens, and says what it said" {
	run jlog -d old.db migrate
	[ "$status" = 0 ]
	[ "$output" = "jlog: old.db: moved forward from an earlier version; as it was it is kept in $PWD/old.db.v1.bak" ]
	[ "$(version old.db)" = 2 ]
	jlog -q -d old.db cat | cmp - "$OLD/v1.ndjson"
	jlog -q -d old.db verify
	jlog -d old.db fsck >/dev/null
	[ "$(stat -c %a old.db)" = 600 ]
	clean
	run jlog -d old.db migrate
	[ "$status" = 0 ]
	[ "$output" = "jlog: old.db: it is of this version" ]
}

@test "who is who stays as it was, and placeholders still name nobody" {
	sqlite3 old.db 'SELECT customer, kind, scope, value, first, placeholder FROM v_identity ORDER BY 1, 2, 3, 4' >before
	sqlite3 old.db 'SELECT key FROM person ORDER BY 1' >>before
	sqlite3 old.db "SELECT source, iif(name<' ', '', name), first, named, mixed FROM session ORDER BY first" >>before
	grep -q 'unknown|.*|1$' before
	jlog -q -d old.db append </dev/null 2>/dev/null
	sqlite3 old.db 'SELECT customer, kind, scope, value, first, placeholder FROM v_identity ORDER BY 1, 2, 3, 4' >after
	sqlite3 old.db 'SELECT key FROM person ORDER BY 1' >>after
	sqlite3 old.db "SELECT source, iif(name<' ', '', name), first, named, mixed FROM session ORDER BY first" >>after
	cmp before after
}

@test "facts are built anew for a log of version 1" {
	jproject -q -d old.db update 2>/dev/null
	jlog -q -d old.db cat | jlog -q -d new.db append
	jproject -q -d new.db update
	cmp <(dump old.db) <(dump new.db)
	[ "$(dump old.db | wc -l)" -gt 10 ]
}

@test "the backup is the file as it was, for its owner alone" {
	sqlite3 old.db .dump >before
	jlog -q -d old.db append </dev/null 2>/dev/null
	[ "$(stat -c %a old.db.v1.bak)" = 600 ]
	[ "$(version old.db.v1.bak)" = 1 ]
	sqlite3 old.db.v1.bak .dump | cmp - before
	[ "$(jlog -d old.db info | grep backup)" = "backup: $PWD/old.db.v1.bak" ]
}

@test "what only reads leaves a log of version 1 alone and says what moves it" {
	sqlite3 old.db .dump >before
	for c in "jlog info" "jlog cat" "jlog verify" "jproject contacts" "jmetrics"; do
		run $c -d old.db
		[ "$status" = 2 ]
		[ "$output" = "${c% *}: old.db: made by an earlier version: any command that writes, or jlog migrate, moves it forward (a backup is kept)" ]
	done
	sqlite3 old.db .dump | cmp - before
	[ ! -e old.db.v1.bak ]
}

@test "records go on behind those of version 1, which are known" {
	{ cat "$OLD/v1.ndjson"; her new "28 10:00"; } | jlog -d old.db append >out 2>err
	grep -q 'written 1 + duplicates 48' err
	grep -q '"sequence":"000000000049"' out
	jlog -q -d old.db verify
}

@test "a log of a later version is refused" {
	jlog -q -d old.db migrate 2>/dev/null
	sqlite3 old.db 'PRAGMA user_version=3'
	for c in info migrate; do
		run jlog -d old.db $c
		[ "$status" = 2 ]
		[ "$output" = "jlog: old.db: made by a later version (its layout is 3, this program knows 2)" ]
	done
}

@test "a log made between two versions is refused" {
	jlog -q -d j.db append </dev/null
	sqlite3 j.db 'PRAGMA user_version=1'
	run jlog -d j.db migrate
	[ "$status" = 2 ]
	[[ $output == "jlog: j.db: made by a program between two versions"* ]]
}

@test "a file that stands where the backup would be stops it and is left" {
	echo mine >old.db.v1.bak
	run jlog -d old.db migrate
	[ "$status" = 2 ]
	[ "$output" = "jlog: $PWD/old.db.v1.bak: stands where a backup is to be kept: move it elsewhere" ]
	[ "$(cat old.db.v1.bak)" = mine ]
	[ "$(version old.db)" = 1 ]
	clean
}

@test "erasing a customer erases her from the backup too" {
	jlog -q -d old.db migrate 2>/dev/null
	grep -qa 'bia@example.org' old.db.v1.bak
	run jlog -d old.db forget --customer bia@example.org --dry-run
	[[ $output == *"backup: $PWD/old.db.v1.bak"* ]]
	run jlog -d old.db forget --customer bia@example.org --why asked
	[ "$status" = 0 ]
	[[ $output == *"jlog: $PWD/old.db.v1.bak: a backup that was made of the file: removed"* ]]
	run grep -rla 'bia@example.org' . --include='*.db*'
	[ -z "$output" ]
	[ -z "$(jlog -d old.db info | grep backup)" ]
	jlog -q -d old.db verify
}

@test "what stands in the place of a backup and is no journey file is left alone" {
	jlog -q -d old.db migrate 2>/dev/null
	echo "somebody else's" >old.db.v1.bak
	run jlog -d old.db forget --customer bia@example.org --why asked
	[ "$status" = 0 ]
	[[ $output == *"jlog: $PWD/old.db.v1.bak: a backup that was made of the file: what stands there is none, and is left alone"* ]]
	[ "$(cat old.db.v1.bak)" = "somebody else's" ]
	[ -z "$(jlog -d old.db info | grep -E 'backup|unfinished')" ]
}

@test "a backup that cannot be removed is told, keeps no bytes in the file, and hinders no hold and no other erasure" {
	jlog -q -d old.db migrate 2>/dev/null
	mv old.db.v1.bak kept
	mkdir old.db.v1.bak
	run jlog -d old.db forget --customer bia@example.org --why asked
	[ "$status" = 2 ]
	[[ $output == *"old.db.v1.bak: Is a directory; a backup holds her until another jlog forget or expire removes it"* ]]
	run grep -sla 'bia@example.org' old.db old.db-wal
	[ -z "$output" ]
	jlog -d old.db info | grep -q 'erasure unfinished'
	mapfile -t customers < <(jlog -q -d old.db cat | grep -v erased | grep -o '"customer":"[^"]*"' | sort -u | cut -d'"' -f4)
	jlog -q -d old.db hold --customer "${customers[0]}" --why court
	run jlog -d old.db forget --customer "${customers[1]}" --why asked
	[ "$status" = 2 ]
	[ "$(jlog -q -d old.db cat --type erased | wc -l)" = 2 ]
	rmdir old.db.v1.bak
	mv kept old.db.v1.bak
	jlog -d old.db expire --older-than 90000d
	[ ! -e old.db.v1.bak ]
	[ -z "$(jlog -d old.db info | grep -E 'backup|unfinished')" ]
	jlog -q -d old.db fsck
}

@test "a backup that moved with its file is found, and one that is gone is told" {
	mkdir there
	jlog -q -d old.db migrate 2>/dev/null
	mv old.db old.db.v1.bak there
	run jlog -d there/old.db forget --customer bia@example.org --why asked
	[[ $output == *"jlog: there/old.db.v1.bak: a backup that was made of the file: removed"* ]]
	[ ! -e there/old.db.v1.bak ]
	rm -r there
	setup
	jlog -q -d old.db migrate 2>/dev/null
	rm old.db.v1.bak
	run jlog -d old.db forget --customer bia@example.org --why asked
	[ "$status" = 0 ]
	[[ $output == *"jlog: $PWD/old.db.v1.bak: a backup that was made of the file: gone already"* ]]
}

@test "of two that open a log of version 1 at once, one moves it and both go on" {
	longer 20000
	her one "28 10:00" >one
	her two "28 10:01" >two
	jlog -q -d old.db append one 2>err1 >/dev/null &
	first=$!
	jlog -q -d old.db append two 2>err2 >/dev/null
	wait $first
	[ "$(cat err1 err2 | grep -c 'moved forward')" = 1 ]
	[ "$(jlog -q -d old.db cat | wc -l)" = $(($(wc -l <longer) + 2)) ]
	jlog -q -d old.db cat --to "$(wc -l <longer)" | cmp - longer
	clean
}

@test "a writer of version 1 is waited for, and a busy file is told as one" {
	mkfifo open
	(
		echo 'BEGIN IMMEDIATE;'
		echo '.shell echo held >held'
		sleep 60
	) | exec sqlite3 old.db >/dev/null 2>&1 &
	holder=$!
	for _ in $(seq 250); do
		[ ! -e held ] || break
		sleep 0.02
	done
	run jlog -d old.db migrate --wait 100ms
	[ "$status" = 75 ]
	[ "$output" = "jlog: old.db: another writer holds it" ]
	[ ! -e old.db.v1.bak ]
	kill "$holder"
}

@test "a disk that is too small leaves a log of version 1 as it was" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount a small disk"
	longer 20000
	mkdir room
	mount -t tmpfs -o size=100m tmpfs room 2>/dev/null || skip "nothing can be mounted here"
	touch mounted
	cp old.db room
	sqlite3 old.db 'SELECT * FROM event' >before
	cat /dev/zero >room/rest 2>/dev/null || true
	for room in 1M 6M 6M; do
		truncate -s -$room room/rest
		run jlog -d room/old.db migrate
		[ "$status" = 2 ]
		[[ $output == "jlog: "*": disk full" ]]
		[ "$(version room/old.db)" = 1 ]
		sqlite3 room/old.db 'SELECT * FROM event' | cmp - before
		clean
		[ ! -e room/old.db.v1.bak ]
	done
	rm room/rest
	jlog -q -d room/old.db migrate 2>/dev/null
	jlog -q -d room/old.db cat | cmp - longer
}

@test "a move forward that is killed leaves a file that opens" {
	longer 20000
	cp old.db whole.db
	for after in 0.02 0.05 0.1 0.15 0.2 0.3 0.4 0.6 0.8; do
		rm -f old.db*
		cp whole.db old.db
		jlog -q -d old.db migrate 2>/dev/null &
		pid=$!
		sleep $after
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		[ "$(sqlite3 old.db 'PRAGMA integrity_check')" = ok ]
		[ "$(sqlite3 old.db 'SELECT count(*) FROM event')" = "$(wc -l <longer)" ]
		jlog -q -d old.db migrate 2>/dev/null
		jlog -q -d old.db cat | cmp - longer
		jlog -q -d old.db verify
		[ -e old.db.v1.bak ]
	done
}
