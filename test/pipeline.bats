#!/usr/bin/env bats
# The tools in pipes: nothing waits for the end, nothing blocks on the file that they share, every account adds up.
bats_require_minimum_version 1.5.0
load helper
load gen/records

export JTOOLS_ONTOLOGY=$TOP/ontology

teardown() {
	[ ! -e mounted ] || umount room
}

ids() { sed 's/.*"id":"\([^"]*\)".*/\1/'; }

# Every summary on stdin: read = written + duplicates + rejected.
accounts_add_up() {
	local n=0 line
	while read -r line; do
		[[ $line =~ read\ ([0-9]+)\ =\ written\ ([0-9]+)\ \+\ duplicates\ ([0-9]+)\ \+\ rejected\ ([0-9]+) ]] || continue
		[ "${BASH_REMATCH[1]}" = $((BASH_REMATCH[2] + BASH_REMATCH[3] + BASH_REMATCH[4])) ] || return 1
		n=$((n + 1))
	done
	[ $n = "$1" ]
}

@test "two tools of one pipe over one new file do not block each other and lose nothing" {
	history -v seed=1 -v n=20000 -v people=1000 >in
	timeout 60 bash -c 'set -o pipefail; jintent in 2>e1 | jlog -d j.db append 2>e2 | jproject -d j.db enrich 2>e3 >out'
	[ "$(wc -l <out)" = 20000 ]
	ids <out | cmp - <(ids <in)
	cat e1 e2 e3 | accounts_add_up 3
}

@test "exports that overlap, read in one pipe and read again, add nothing twice, short replies and languages included" {
	cat >whole <<-'END'
		[02/03/2026, 10:00:00] Ana: Where is my refund for order 12345?
		[02/03/2026, 10:01:00] Shop: Which card did you pay with?
		[02/03/2026, 10:02:00] Ana: The blue one
		[02/03/2026, 10:05:00] Shop: Thanks, we have got it and it will be there
		[03/03/2026, 10:05:00] Ana: Lorem ipsum dolor sit amet
	END
	mkdir -p in/a in/b
	head -4 whole >"in/a/WhatsApp Chat with Ana.txt"
	cp whole "in/b/WhatsApp Chat with Ana.txt"
	jnorm -q --self Shop --tz UTC in | jintent -q | tee labelled | jlog -d j.db append 2>err >/dev/null
	grep -q 'written 5 + duplicates 4' err
	jlog -q -d j.db cat | sed -n 3p | grep -q '"intent":"refund.status".*"inherited":true'
	jlog -d j.db append labelled 2>err >/dev/null
	grep -q 'written 0 ' err
}

@test "a pipe over a file that is not there yet works however it is timed" {
	her a "02 10:00" "$(phone +551)" >in
	for _ in $(seq 20); do
		rm -f j.db*
		[ "$(jlog -q -d j.db append in | wc -l)" = 0 ]
		rm -f j.db*
		[ "$(jlog -d j.db append in 2>/dev/null | jproject -q -d j.db enrich | wc -l)" = 1 ]
	done
}

@test "live: one record goes through the whole pipe at once" {
	mkfifo to from
	jintent -q <to | jlog -d j.db append 2>err | jproject -q -d j.db enrich >from &
	exec {w}>to {r}<from
	for i in 1 2 3; do
		her "e$i" "02 10:0$i" "$(phone +551),\"text\":\"where is my order?\"" >&$w
		read -r -t 10 -u $r line
		[[ $line == *"\"id\":\"e$i\""*'"context":{"known":true'* ]]
	done
	exec {w}>&-
	wait
	grep -q 'read 3 = written 3' err
}

@test "records from one log to another keep their customers, and again change nothing" {
	history -v seed=2 -v n=2000 -v people=200 >in
	jlog -q -d a.db append in
	jlog -q -d a.db cat | jlog -d b.db append 2>/dev/null | jlog -q -d c.db append
	for f in a b c; do jlog -q -d $f.db cat | without recordedtime >$f; done
	cmp a b
	cmp a c
	jlog -q -d c.db cat | jlog -d a.db append 2>err
	grep -q 'written 0 + duplicates 2000' err
}

@test "what enrich adds is kept by the log and does not change who is who" {
	history -v seed=3 -v n=500 >in
	jlog -d a.db append in 2>/dev/null | jproject -q -d a.db enrich | jlog -q -d b.db append
	jlog -q -d a.db cat | customers >one
	jlog -q -d b.db cat | customers | cmp - one
	[ "$(jlog -q -d b.db cat | grep -c '"context":{')" = 500 ]
}

@test "a downstream that leaves ends the pipe without a word" {
	history -v seed=4 -v n=50000 -v people=1000 >in
	{ jintent -q in | jlog -d j.db append | head -5 | wc -l >n; } 2>err || true
	[ "$(cat n)" = 5 ]
	[ ! -s err ]
}

@test "rejected records of every tool of a pipe are told and add up" {
	{ her a "02 10:00"; echo x; her b "02 10:01"; her a "02 10:00"; } >in
	{ jintent in || echo $? >rc1; } 2>e1 | { jlog -d j.db append || echo $? >rc2; } 2>e2 >out
	[ "$(cat rc1)" = 65 ]
	[ ! -e rc2 ]
	cat e1 e2 | accounts_add_up 2
	grep -q 'read 4 = written 3 + duplicates 0 + rejected 1' e1
	grep -q 'read 3 = written 2 + duplicates 1 + rejected 0' e2
}

@test "the demo's exports go into one log once, however often they are read" {
	[ -x "$J/jnorm" ] || skip "no jnorm here"
	for i in 1 2; do
		jnorm "$TOP"/fixtures/demo/* 2>n.err | jintent 2>i.err | jlog -d j.db append 2>l.err >out$i
		cat i.err l.err | accounts_add_up 2
	done
	[ -s out1 ]
	[ ! -s out2 ]
	[ "$(sqlite3 j.db 'SELECT count(*) FROM event')" = "$(wc -l <out1)" ]
}

@test "what did not arrive is not told as written" {
	[ -e /dev/full ] || skip "no /dev/full"
	history -v seed=5 -v n=2000 -v people=100 >in
	jlog -q -d j.db append in
	for tool in "jintent in" "jnorm in" "jlog -d j.db cat"; do
		run -2 bash -c "$tool 2>&1 >/dev/full"
		[[ $output == *"<stdout>: No space left on device"* ]]
		[[ $output == *": read 0 = written 0 + duplicates 0 + rejected 0"* ]]
	done
	run -2 bash -c 'echo no | jintent --reject /dev/full 2>&1'
	[[ $output == *"read 0 = written 0 + duplicates 0 + rejected 0"* ]]
}

@test "a full disk keeps whole records and no half one, and they are those that are told" {
	[ "$(id -u)" = 0 ] || skip "needs root to mount a small disk"
	mkdir room
	mount -t tmpfs -o size=200k tmpfs room 2>/dev/null || skip "nothing can be mounted here"
	touch mounted
	history -v seed=6 -v n=3000 -v people=100 >in
	for tool in "jintent in" "jnorm in"; do
		run -2 bash -c "$tool 2>&1 >room/out"
		[ "$(wc -l <room/out)" -gt 0 ]
		[ "$(tail -c 1 room/out | od -An -c | tr -d ' ')" = '\n' ]
		[[ $output == *"read $(wc -l <room/out) = written $(wc -l <room/out) + "* ]]
		rm room/out
	done
	run -2 bash -c 'yes no | head -n 5000 | jintent --reject room/letters 2>&1'
	jq -e .raw room/letters >/dev/null
	[[ $output == *"rejected $(wc -l <room/letters)"* ]]
}

@test "dead letters begin on a line of their own" {
	printf '{"tool":"jintent","rea' >letters
	run -65 jintent -q --reject letters <<<no
	[ "$(sed -n 1p letters)" = '{"tool":"jintent","rea' ]
	[ "$(sed -n 2p letters | jq -r .raw)" = no ]
}

@test "a letter has the bytes as they came, with BOM and CR, and its place is where they are" {
	printf '\xef\xbb\xbfno\r\nnor this\r\n' >in
	run -65 jintent -q --reject letters in
	jq -rj '.raw, "\n"' letters | cmp - in
	[ "$(jq .offset letters | tr '\n' ' ')" = "0 7 " ]
}
