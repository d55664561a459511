#!/usr/bin/env bats
# jlog pack: a smaller file that says what it said, and what stands in its way.
load helper
load gen/records

teardown() {
	[ -z "${holder:-}" ] || kill "$holder" 2>/dev/null || true
	[ ! -e mounted ] || umount room
}

# j.db: a log of many commits whose facts were built twice, and what it says.
log() {
	local from n=${1:-6000}

	history -v seed=2 -v n="$n" -v people=600 -v shared=3 >in
	for ((from = 1; from <= n; from += n / 40)); do
		sed -n "$from,$((from + n / 40 - 1))p" in | jlog -q -d j.db append
	done
	jproject -q -d j.db update
	jproject -q -d j.db rebuild
	says j.db said
}

# says FILE FOLDER: all that can be asked of it.
says() {
	mkdir -p "$2"
	jlog -d "$1" head >"$2/head"
	jlog -q -d "$1" cat >"$2/cat"
	jmetrics -q -d "$1" -o csv >"$2/metrics"
	dump "$1" >"$2/facts"
	jlog -q -d "$1" cat --customer c1 >"$2/hers"
}

same() {
	says "$1" now
	diff -r said now
	jlog -d "$1" fsck >/dev/null
}

# Holds a transaction on j.db until it is killed: hold BEGIN...
hold() {
	mkfifo open
	(
		echo "$1;"
		echo ".shell echo held >held"
		sleep 60
	) | exec sqlite3 j.db >/dev/null 2>&1 &
	holder=$!
	for _ in $(seq 250); do
		[ ! -e held ] || return 0
		sleep 0.02
	done
	false
}

@test "a packed file is smaller, says how much, and says what it said" {
	log
	before=$(stat -c %s j.db)
	run jlog -d j.db pack
	[ "$status" = 0 ]
	after=$(stat -c %s j.db)
	[ "$output" = "jlog: j.db: $before bytes before, $after after" ]
	[ "$after" -lt $((before * 9 / 10)) ]
	[ "$(sqlite3 j.db 'PRAGMA freelist_count')" = 0 ]
	[ "$(sqlite3 j.db 'SELECT max(n) FROM (SELECT count(*) AS n FROM run GROUP BY kind)')" = 1 ]
	same j.db
}

@test "what was packed takes records, and knows those that it has" {
	log
	jlog -q -d j.db pack
	{ cat in; her new "02 10:00"; } >again
	jlog -d j.db append again 2>err >out
	grep -q 'written 1 + duplicates 6000' err
	jlog -q -d j.db verify
	jlog -d j.db fsck >/dev/null
	run jlog -q -d j.db pack
	[ "$status" = 0 ] && [ -z "$output" ]
	[ "$(jlog -q -d j.db cat | wc -l)" = 6001 ]
}

@test "facts that nobody reads any more go when a file is packed" {
	log
	sqlite3 j.db "INSERT INTO move(gen, customer, contact, at, kind) VALUES(-1, 1, 1, 1, 'x')"
	jlog -q -d j.db pack
	[ "$(sqlite3 j.db "SELECT count(*) FROM move WHERE gen=-1")" = 0 ]
	same j.db
}

@test "an erasure stays one when the file is packed" {
	log
	jlog -q -d j.db forget --customer c1 --why test
	says j.db said
	jlog -q -d j.db pack
	same j.db
}

@test "pack waits for a writer and then says that it is busy" {
	log
	hold 'BEGIN IMMEDIATE'
	run jlog -d j.db pack --wait 100ms
	[ "$status" = 75 ]
	[ "$output" = "jlog: j.db: another writer holds it" ]
	kill "$holder"
	same j.db
}

@test "pack says that a reader keeps what was before" {
	log
	hold 'BEGIN; SELECT count(*) FROM event'
	run jlog -d j.db pack --wait 100ms
	[ "$status" = 75 ]
	[ "$output" = "jlog: j.db: packed, but a reader keeps the bytes in the write-ahead log" ]
	kill "$holder"
	jlog -q -d j.db pack
	same j.db
}

@test "pack on a medium that is read-only says so" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount a small disk"
	log
	mkdir room
	mount -t tmpfs -o size=24m tmpfs room 2>/dev/null || skip "nothing can be mounted here"
	touch mounted
	cp j.db room
	mount -o remount,ro room
	run jlog -d room/j.db pack
	[ "$status" = 2 ]
	[ "$output" = "jlog: room/j.db: Read-only file system" ]
	cmp j.db room/j.db
}

@test "a disk that is too small for it leaves the file as it was" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount a small disk"
	log
	mkdir room
	mount -t tmpfs -o size=24m tmpfs room 2>/dev/null || skip "nothing can be mounted here"
	touch mounted
	cp j.db room
	cat /dev/zero >room/rest 2>/dev/null || true
	for room in 64K 256K 512K; do
		truncate -s -$room room/rest
		run jlog -d room/j.db pack
		[ "$status" = 2 ]
		[ "$output" = "jlog: room/j.db: disk full" ]
		[ "$(sqlite3 room/j.db 'PRAGMA integrity_check')" = ok ]
		jlog -d room/j.db head | cmp - said/head
		jlog -q -d room/j.db cat | cmp - said/cat
	done
	rm room/rest
	jlog -q -d room/j.db pack
	same room/j.db
}

@test "pack that is killed leaves the file sound, and the next one packs it" {
	log 24000
	cp j.db whole.db
	for after in 0.01 0.02 0.03 0.05 0.07 0.1 0.14 0.2; do
		cp whole.db j.db
		rm -f j.db-wal j.db-shm
		jlog -q -d j.db pack &
		pid=$!
		sleep $after
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		jlog -d j.db head | cmp - said/head
		jlog -q -d j.db verify
		[ "$(sqlite3 j.db 'PRAGMA integrity_check')" = ok ]
	done
	jlog -q -d j.db pack
	same j.db
}
