#!/usr/bin/env bats
# What is killed, full or out of room: nothing that was acknowledged is missing, nothing is there twice, and the next run ends well.
# JTOOLS_FAULT_RECORDS: how many records go through the pipe (60000).
# runs: long
load helper
load gen/records

RECORDS=${JTOOLS_FAULT_RECORDS:-60000}

ids() { sed 's/.*"id":"\([^"]*\)".*/\1/'; }

teardown() {
	[ ! -e mounted ] || umount room
}

# Whether all ids of a file of records that were passed on are in the log, each passed on once. A last line may be cut.
acknowledged() {
	grep -a '}$' "$1" | ids | sort >acked
	[ -z "$(uniq -d acked)" ]
	[ -z "$(comm -23 acked <(logged "$2" | sort))" ]
}
# The file system that fails, by JTOOLS_FAULT.
fault() { echo "${J%/bin}/test/vfs/fault.so"; }
logged() { jlog -q -d "$1" cat | ids; }
sound() { [ "$(sqlite3 "$1" 'PRAGMA integrity_check')" = ok ]; }

@test "any stage of the pipe killed at ten points: run again to the end, nothing is missing and nothing twice" {
	history -v seed=1 -v n="$RECORDS" -v people=$((RECORDS / 10)) -v shared=3 >in
	RANDOM=7
	start=${EPOCHREALTIME/[.,]/}
	head -c $(($(stat -c %s in) / 10)) in | head -n -1 | jintent -q | jlog -q -d j.db append
	tenth=$((${EPOCHREALTIME/[.,]/} - start))
	rm -f j.db*
	: >out
	for i in 0 1 2 3 4 5 6 7 8 9; do
		rm -f p1 p2
		mkfifo p1 p2
		cat in >p1 &
		stage[0]=$!
		jintent -q <p1 >p2 &
		stage[1]=$!
		jlog -q -d j.db append <p2 >>out 2>log.err &
		stage[2]=$!
		us=$((RANDOM % 1000 * tenth / 1000 * (i + 1) + 20000))
		sleep "$((us / 1000000)).$(printf %06d $((us % 1000000)))"
		kill -9 "${stage[i % 3]}" 2>/dev/null || true
		wait "${stage[@]}" 2>/dev/null || true
	done
	sound j.db
	jintent -q in | jlog -d j.db append >>out 2>err
	grep -q "read $RECORDS = " err
	logged j.db | cmp - <(ids <in)
	sound j.db
}

@test "jlog killed while it passes records on: all that came out are in the log" {
	history -v seed=2 -v n=60000 -v people=6000 -v shared=3 >in
	for after in 0.05 0.1 0.15 0.2 0.3 0.4; do
		jlog -d j.db append in >>out 2>/dev/null &
		pid=$!
		sleep $after
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
	done
	acknowledged out j.db
	jlog -q -d j.db append in
	logged j.db | cmp - <(ids <in)
	sound j.db
}

@test "a file that may not grow stops the run with 2, is sound, and takes the rest when it may" {
	history -v seed=3 -v n=60000 -v people=1000 >in
	(
		trap '' XFSZ
		ulimit -f 16000
		jlog -d j.db append in 2>err | cat >out
		exit "${PIPESTATUS[0]}"
	) || [ $? = 2 ]
	grep -q '^jlog: j.db: ' err
	sound j.db
	acknowledged out j.db
	written=$(sed -n 's/.* written \([0-9]*\) .*/\1/p' err)
	[ "$written" -gt 0 ]
	[ "$(logged j.db | wc -l)" = "$written" ]
	jlog -q -d j.db append in
	logged j.db | cmp - <(ids <in)
	sound j.db
}

@test "a full disk stops the run with 2, and what was passed on is there when there is room again" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount a small disk"
	mkdir room
	mount -t tmpfs -o size=16m tmpfs room 2>/dev/null || skip "nothing can be mounted here"
	touch mounted
	history -v seed=4 -v n=60000 -v people=1000 >in
	run bash -c 'jlog -d room/j.db append in 2>err >out'
	[ "$status" = 2 ]
	grep -q '^jlog: room/j.db: disk full' err
	[ -s out ]
	cat /dev/zero >room/rest 2>/dev/null || true
	run bash -c 'jproject -d room/j.db update 2>&1'
	[ "$status" = 2 ]
	[[ $output == "jproject: room/j.db: "* ]]
	rm room/rest
	mount -o remount,size=200m room
	sound room/j.db
	acknowledged out room/j.db
	jlog -q -d room/j.db append in
	logged room/j.db | cmp - <(ids <in)
	sound room/j.db
	jproject -q -d room/j.db update
	dump room/j.db >grown
	jproject -q -d room/j.db rebuild
	dump room/j.db | cmp - grown
	umount room
	rm mounted
}

@test "a rebuild that has no room to sort in stops with 2, and log and facts are as they were" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount a small disk"
	mkdir room
	mount -t tmpfs -o size=1m tmpfs room 2>/dev/null || skip "nothing can be mounted here"
	touch mounted
	jgen -q -n 100000 --seed 5 >in
	jlog -q -d j.db append --fast in
	jproject -q -d j.db update
	dump j.db >before
	jlog head -q -d j.db >tip
	run env TMPDIR="$PWD/room" jproject -q -d j.db rebuild
	[ "$status" = 2 ]
	[ "$output" = "jproject: temporary file: No space left on device" ]
	[ -z "$(ls -A room)" ]
	dump j.db | cmp - before
	jlog head -q -d j.db | cmp - tip
	sound j.db
	rm tip
	umount room
	rm mounted
	jproject -q -d j.db rebuild
	dump j.db | cmp - before
}

@test "dead letters are down before the records behind them are acknowledged" {
	mkfifo pipe
	jlog -d j.db append --reject dead <pipe >out 2>err &
	pid=$!
	exec {to}>pipe
	{ echo broken; her a "02 10:00"; } >&$to
	for _ in $(seq 250); do
		[ ! -s out ] || break
		sleep 0.02
	done
	kill -9 $pid
	wait $pid 2>/dev/null || true
	exec {to}>&-
	grep -q '"id":"a"' out
	grep -q '"raw":"broken"' dead
	[ "$(logged j.db)" = a ]
}

@test "dead letters are on the disk before the batch behind them is committed" {
	command -v strace >/dev/null || skip "no strace"
	! sanitized || skip "traced programs' leaks cannot be looked for"
	{ echo broken; her a "02 10:00"; } >in
	strace -f -y -e trace=write,pwrite64,fdatasync,fsync -o calls jlog -q -d j.db append --reject dead in 2>/dev/null || [ $? = 65 ]
	grep -q fdatasync calls || skip "nothing can be traced here"
	synced=$(grep -n 'fdatasync(.*/dead>' calls | head -1 | cut -d: -f1)
	logged=$(grep -n 'j.db-wal>' calls | tail -1 | cut -d: -f1)
	[ "$synced" -lt "$logged" ]
}

@test "the log takes and gives 100,000 records, and facts are built from them, in little memory" {
	limit=260000
	(ulimit -v $limit && jlog --version && jproject --version) >/dev/null 2>&1 || skip "the programs alone need more than the limit"
	history -v seed=5 -v n=100000 -v people=10000 -v shared=3 >in
	(ulimit -v $limit && jlog -q -d j.db append in)
	(ulimit -v $limit && jproject -q -d j.db update)
	(ulimit -v $limit && jlog -q -d j.db cat | wc -l >n)
	[ "$(cat n)" = 100000 ]
}

# Records in pieces, so that there are many commits.
pieces() {
	local at
	for ((at = 1; at <= $2; at += 40)); do
		sed -n "$at,$((at + 39))p" "$1"
		sleep 0.003
	done
}

@test "a file system that fails or loses power at random places: what came out is in the log, which goes on from there" {
	! sanitized || skip "a sanitizer is to be loaded first"
	local rounds=${JTOOLS_FAULT_ROUNDS:-8} kinds=(eio full torn lost) struck=0
	history -v seed=5 -v n=1200 -v people=150 -v shared=3 | without customer >in
	RANDOM=11
	for ((round = 0; round < rounds; round++)); do
		rm -f j.db* out
		for try in 1 2; do
			export JTOOLS_FAULT="${kinds[round % 4]}:$((1 + RANDOM % (60 * try)))" JTOOLS_FAULT_SEED=$RANDOM
			pieces in 1200 2>/dev/null | LD_PRELOAD=$(fault) jlog -d j.db append >>out 2>err || struck=$((struck + 1))
			unset JTOOLS_FAULT JTOOLS_FAULT_SEED
			# Shared memory does not outlive a power cut.
			rm -f j.db-shm
			[ -s j.db ] || continue
			[ "$(sqlite3 j.db 'SELECT count(*) FROM sqlite_schema')" = 0 ] || jlog -q -d j.db verify >/dev/null
			acknowledged out j.db
		done
		jlog -q -d j.db append in >>out
		jlog -q -d j.db verify
		logged j.db | cmp - <(ids <in)
		sound j.db
	done
	[ $struck -ge $rounds ]
}

@test "pages go to the write-ahead log in few pieces, and all of them are there when others look" {
	! sanitized || skip "a sanitizer is to be loaded first"
	history -v seed=8 -v n=20000 -v people=2000 >in
	JTOOLS_FAULT_COUNT=$PWD/count LD_PRELOAD=$(fault) jlog -q -d j.db append in
	pages=$(sqlite3 j.db 'PRAGMA page_count')
	[ "$pages" -gt 1000 ]
	# Each page goes to the log and into the file; headers of pages are 24 bytes more.
	[ "$(cat count)" -lt $((pages * 3 / 2)) ]
	rm j.db*
	mkfifo pipe
	jlog -d j.db append --fast <pipe >out 2>err &
	exec {to}>pipe
	for n in 1 2 3; do
		her "$n" "02 10:0$n" >&$to
		for _ in $(seq 250); do
			[ "$(wc -l <out)" -lt $n ] || break
			sleep 0.02
		done
		[ "$(logged j.db | wc -l)" = $n ]
	done
	exec {to}>&-
	wait
}

# JTOOLS_CROWD_SECONDS: for how long (5). The longest read goes to the file longest, in microseconds.
crowd_writer() {
	local n=0
	while ((SECONDS < until)); do
		n=$((n + 1))
		for i in 1 2 3 4 5; do her "w$1-$n-$i" "02 10:00:0$i" session="s$1-$((n % 7))" "\"identifiers\":[{\"kind\":\"phone\",\"value\":\"+55$((n % 50))\"}]"; done >"w$1"
		until jlog -q -d j.db append --wait 20s "w$1"; do
			[ $? = 75 ] || return 1
		done
		cat "w$1" >>"written$1"
	done
}
crowd_reader() {
	local begun took longest=0
	while ((SECONDS < until)); do
		begun=${EPOCHREALTIME/[.,]/}
		jlog -q -d j.db cat --to 20 >/dev/null || return 1
		took=$((${EPOCHREALTIME/[.,]/} - begun))
		((took <= longest)) || longest=$took
	done
	echo $longest >"longest$1"
}

@test "eight writers and eight readers at once: nothing is lost, nothing is there twice, and the file is sound" {
	local until pids=()
	her first "01 10:00" | jlog -q -d j.db append
	until=$((SECONDS + ${JTOOLS_CROWD_SECONDS:-5}))
	for i in 1 2 3 4 5 6 7 8; do
		crowd_writer $i & pids+=($!)
		crowd_reader $i & pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	{ echo first; cat written* | ids; } | sort | cmp - <(logged j.db | sort)
	sound j.db
	jlog -q -d j.db verify
	[ "$(cat longest? | wc -l)" = 8 ]
}
