#!/usr/bin/env bats
# Decisions, reports, models and streams that a full disk, a closed pipe or a kill cuts off: told, with the exit code for it, and
# nothing half is left that looks whole.
bats_require_minimum_version 1.5.0
load helper
load gen/records

POLICIES="$TOP/fixtures/jdecide/shop.yaml"

teardown() {
	[ ! -e mounted ] || umount room
}

# room SIZE: a small disk
room() {
	[ "$(id -u)" = 0 ] || skip "needs root to mount a small disk"
	mkdir room
	mount -t tmpfs -o size="$1" tmpfs room 2>/dev/null || skip "nothing can be mounted here"
	touch mounted
}

# proposals N: each of a customer of its own
proposals() {
	seq "$1" | sed 's/.*/{"specversion":"1.0","id":"p&","source":"bot\/shop","type":"action.proposed","time":"2026-03-01T10:00:00.000Z","session":"s&","channel":"chat","direction":"internal","actor":"bot","data":{"identifiers":[{"kind":"email","value":"ann&@mail.example"}],"action":"refund","amount":20,"currency":"EUR"}}/'
}

decide() { jdecide -q -p "$POLICIES" -d "$@"; }
# The decisions of a log, as they were answered: without what the log adds.
decisions() { jlog -q -d "$1" cat | grep '"type":"decision.made"'; }

# same ANSWERS DB: each decision is in the log once, and was answered so
same() {
	decisions "$2" | jq -S 'del(.sequence, .recordedtime, .customer)' >in_log
	jq -S 'del(.sequence, .recordedtime, .customer)' "$1" >answered
	cmp answered in_log
	[ -z "$(decisions "$2" | jq -r .id | sort | uniq -d)" ]
}

@test "jdecide killed between its decisions and its answers: run again, it answers as it has decided, and decides nothing twice" {
	proposals 600 >in
	mkfifo out
	jdecide -q -p "$POLICIES" -d j.db in >out &
	pid=$!
	# Nobody reads: what it has decided is more than a pipe takes, and it waits.
	exec 8<out
	for _ in $(seq 200); do
		[ "$(decisions j.db 2>/dev/null | wc -l)" -le 150 ] || break
		sleep 0.1
	done
	kill -9 $pid
	wait $pid 2>/dev/null || true
	cat <&8 | grep '}$' >first
	exec 8<&-
	decided=$(decisions j.db | wc -l)
	[ "$decided" -gt "$(wc -l <first)" ]
	decisions j.db >before
	decide j.db in >again
	[ "$(wc -l <again)" = 600 ]
	head -n "$(wc -l <first)" again | cmp - first
	decisions j.db | head -n "$decided" | cmp - before
	same again j.db
	decide j.db in | cmp - again
}

@test "a full disk stops jdecide with 2: what it answered is in the log, and the rest is decided when there is room" {
	room 1m
	proposals 2000 >in
	run -2 --separate-stderr bash -c "jdecide -q -p '$POLICIES' -d room/j.db in >first"
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == "jdecide: room/j.db: disk full"* ]]
	mount -o remount,size=100m room
	[ "$(sqlite3 room/j.db 'PRAGMA integrity_check')" = ok ]
	decide room/j.db in >again
	[ "$(wc -l <again)" = 2000 ]
	head -n "$(wc -l <first)" again | cmp - first
	same again room/j.db
	umount room
	rm mounted
}

@test "jdecide whose answers find no room has decided, and answers so again" {
	[ -e /dev/full ] || skip "no /dev/full"
	proposals 100 >in
	run -2 bash -c "jdecide -q -p '$POLICIES' -d j.db in 2>&1 >/dev/full"
	[ "$output" = "jdecide: <stdout>: No space left on device" ]
	decide j.db in >again
	[ "$(wc -l <again)" = 100 ]
	same again j.db
}

@test "a full disk stops jreport with 2, and what is there of the page does not end as one" {
	history -v seed=4 -v n=600 -v people=60 | jlog -q -d j.db append
	[ ! -e /dev/full ] || {
		run -2 bash -c 'jreport -d j.db 2>&1 >/dev/full'
		[ "$output" = "jreport: <stdout>: No space left on device" ]
	}
	room 40k
	run -2 --separate-stderr bash -c 'jreport -d j.db >room/page.html'
	[ "$stderr" = "jreport: <stdout>: No space left on device" ]
	run ! grep -q '</html>' room/page.html
	umount room
	rm mounted
}

@test "a full disk stops jintent train with 2, and the model that was there stays" {
	room 1m
	printf 'text,label\n' >labelled.csv
	seq 40 | sed 's/.*/where is my parcel &,a\nmoney back please &,b\nhello there &,oos/' >>labelled.csv
	jintent train -q -o room/intents.model - labelled.csv
	[ "$(ls room)" = intents.model ]
	cp room/intents.model before
	dd if=/dev/zero of=room/rest bs=1k count=2000 2>/dev/null || true
	run -2 jintent train -q --precision 0.5 -o room/intents.model - labelled.csv
	[ "$output" = "jintent: room/intents.model: No space left on device" ]
	cmp room/intents.model before
	[ "$(ls room)" = $'intents.model\nrest' ]
	run -2 jintent train -q -o room/other.model - labelled.csv
	[ "$(ls room)" = $'intents.model\nrest' ]
	# What is no file is written to as it is.
	jintent train -q -o /dev/stdout - labelled.csv | cmp - before
	umount room
	rm mounted
}

@test "a reader that leaves ends jredact and jroute simulate quietly, by the signal" {
	yes "$(her a "02 10:00" '"text":"call +5511912345678"')" | head -n 3000 >in
	run bash -c 'jredact -q in 2>err | head -n 1 >first; exit "${PIPESTATUS[0]}"'
	[ "$status" = 141 ]
	[ ! -s err ]
	[ "$(wc -l <first)" = 1 ]
	printf '%s\n' 'jtools: rules/1' 'name: t' 'version: 1' 'queues: [desk]' 'default: {queue: desk}' >r.yaml
	{
		printf '%s\n' 'jtools: staffing/1' 'name: s' 'version: 1' 'handling: {default: {mean: 5m, sd: 1ms}}' 'agents: [{id: a, count: 2}]'
		printf '%s\n' 'arrivals: {from: 2026-03-02T00:00:00Z, for: 8h, streams: [{rate: 20, class: live}]}'
	} >s.yaml
	run bash -c '{ jroute simulate -q -r r.yaml --staffing s.yaml -o ndjson --replications 3; echo $? >status; } 2>err | :'
	[ "$(cat status)" = 141 ]
	[ ! -s err ]
	[ ! -e /dev/full ] || {
		run -2 bash -c 'jredact -q in 2>&1 >/dev/full'
		[ "$output" = "jredact: <stdout>: No space left on device" ]
		run -2 bash -c 'jroute simulate -q -r r.yaml --staffing s.yaml -o ndjson 2>&1 >/dev/full'
		[ "$output" = "jroute: <stdout>: No space left on device" ]
	}
}
