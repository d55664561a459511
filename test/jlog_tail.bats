#!/usr/bin/env bats
# jlog cat and tail by filters and positions, tail live; jlog append at a place, from a growing file, and fast.
load helper
load gen/records

append() { jlog -q -d j.db append "$@"; }
cat_log() { jlog -q -d j.db cat "$@"; }
tail_log() { jlog -q -d j.db tail "$@"; }
ids() { sed 's/.*"id":"\([^"]*\)".*/\1/'; }
list() { ids | tr '\n' ' '; }
position() { jlog -d j.db info | sed -n "s/^checkpoint: $1 //p"; }

# until_true COMMAND...: within five seconds.
until_true() {
	for _ in $(seq 250); do
		"$@" && return
		sleep 0.02
	done
	echo "not within five seconds: $*"
	return 1
}
lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }
logged() { [ "$(sqlite3 j.db 'SELECT count(*) FROM event')" -ge "$1" ]; }
at() { [ "$(position "$1")" = "$2" ]; }

# live NAME ARGUMENTS...: a tail whose records go to NAME; its process is $live.
live() {
	local to=$1
	shift
	jlog -q -d j.db tail -f "$@" >"$to" 2>live.err 3>&- &
	live=$!
}

teardown() {
	[ -z "${live:-}" ] || kill -9 "$live" 2>/dev/null || true
	close_folder
}

small() {
	her a "02 10:00" session=s1 "$(phone +551)"
	her b "02 10:01" session=s2 "$(phone +552)"
	her c "02 10:02" session=s1 type=call.ended
	her d "03 10:00" session=s1 source=wa/b "$(email x@x)"
	her e "03 10:01" session=s2
	her f "01 10:00" session=s3 "$(both +551 y@y)"
	her g "04 10:00" session=s4 type=session.closed "$(phone +553)"
}

# ---- choosing ----

@test "cat and tail choose by each filter and by several, in the order of the log" {
	small | append
	[ "$(cat_log --session s1 | list)" = "a c d " ]
	[ "$(cat_log --customer +551 | list)" = "a c f " ]
	[ "$(cat_log --customer +551 --session s1 | list)" = "a c " ]
	[ "$(cat_log --customer c1 --since 2026-03-02 | list)" = "a c " ]
	[ "$(cat_log --type call.ended,session.closed | list)" = "c g " ]
	[ "$(cat_log --type call.ended --type message --from 3 --to 5 | list)" = "c d e " ]
	[ "$(cat_log --session nobody | list)" = "" ]
	[ "$(tail_log -n 2 --type message | list)" = "e f " ]
	[ "$(tail_log -n 2 --session s1 | list)" = "c d " ]
	[ "$(tail_log -n 1 --customer +551 --since 2026-03-02 | list)" = "c " ]
	[ "$(tail_log -n 0 | list)" = "" ]
	[ "$(tail_log | list)" = "$(cat_log | list)" ]
	run jlog -d j.db cat --type ,
	[ "$status" = 2 ]
}

@test "cat chooses by the time of recording" {
	her a "02 10:00" | append
	sleep 0.05
	now=$(date -u +%FT%T.%3NZ)
	sleep 0.05
	her b "02 10:01" | append
	[ "$(cat_log --recorded-until "$now" | list)" = "a " ]
	[ "$(cat_log --recorded-since "$now" | list)" = "b " ]
	[ "$(cat_log --recorded-since 1h | list)" = "a b " ]
	[ "$(cat_log --recorded-until 1h | list)" = "" ]
}

@test "by customer and by session cat finds what a look through the whole log finds" {
	history -v seed=11 -v n=3000 >in
	append in
	cat_log >all
	for c in $(grep -o '"customer":"c[0-9]*"' all | cut -d'"' -f4 | sort -u | head -40); do
		cat_log --customer "$c" | cmp - <(grep "^{\"customer\":\"$c\"," all)
		tail_log -n 5 --customer "$c" | cmp - <(grep "^{\"customer\":\"$c\"," all | tail -5)
	done
	for s in $(grep -o '"session":"[^"]*"' all | cut -d'"' -f4 | sort -u | head -40); do
		cat_log --session "$s" | cmp - <(grep -F "\"session\":\"$s\"" all)
	done
}

@test "tail finds the last ones however far back they lie" {
	history -v seed=12 -v n=20000 >in
	her rare "02 10:00" type=call.ended source=x/x >first
	her rare2 "02 10:00" type=call.ended source=x/x >>first
	append first in
	[ "$(tail_log -n 1 --type call.ended --to 5 | list)" = "rare2 " ]
	cat_log >all
	for n in 1 8191 8192 8193 20001 20002 99999; do
		tail_log -n $n | cmp - <(tail -n $n all)
	done
}

@test "cat stops where the log ended when it began, and keeps no snapshot while its reader rests" {
	history -v seed=13 -v n=30000 >in
	append in
	mkfifo pipe
	jlog -q -d j.db cat >pipe 3>&- &
	exec 7<pipe
	head -n 1 <&7 >/dev/null
	her later "02 10:00" source=x/x | append
	[ "$(sqlite3 j.db 'PRAGMA wal_checkpoint(TRUNCATE)' | cut -d'|' -f1)" = 0 ]
	cat <&7 >rest
	exec 7<&-
	[ "$(tail -1 rest | grep -o '"sequence":"[0-9]*"')" = '"sequence":"000000030000"' ]
}

# ---- live ----

@test "tail -f writes the last ones, then each commit at once, and ends with 0 when it is stopped" {
	small | append
	live out -n 2
	until_true lines out 2
	her h "05 10:00" | append
	until_true lines out 3
	{ her i "05 10:01"; her j "05 10:02"; } | append
	until_true lines out 5
	kill -TERM $live
	wait $live
	[ "$(list <out)" = "f g h i j " ]
	[ ! -s live.err ]
}

@test "tail -f filters what comes, also when its customer's number becomes another" {
	small | append
	live out -n 1 --customer +553
	until_true lines out 1
	live2=$live
	live out2 -n 0 --session s1 --type message
	sleep 0.3
	# +553 is the customer of +551 from now on.
	{ her h "05 10:00" session=s9 "$(phone +559)"; her i "05 10:01" session=s1 "$(both +553 z@z)"; } | append
	her j "05 10:02" session=s3 | append
	her k "05 10:03" session=s5 '"identifiers":[{"kind":"phone","value":"+553"},{"kind":"phone","value":"+551"}]' | append
	her l "05 10:04" session=s3 | append
	until_true grep -q '"id":"l"' out
	kill -TERM $live $live2
	wait $live $live2
	[ "$(list <out2)" = "i " ]
	grep -q '"id":"i"' out
	grep -q '"id":"k"' out
	! grep -q '"id":"h"' out
}

@test "tail -f ends when its reader goes away, also where nothing is committed" {
	small | append
	mkfifo pipe
	jlog -q -d j.db tail -f >pipe 2>err 3>&- &
	live=$!
	exec 7<pipe
	head -n 7 <&7 >/dev/null
	kill -0 $live
	exec 7<&-
	gone() { ! kill -0 $live 2>/dev/null; }
	until_true gone
	status=0
	wait $live || status=$?
	[ "$status" = 141 ]
	[ ! -s err ]
}

@test "tail -f ends at --to" {
	small | append
	live out -n 1 --to 8
	her h "05 10:00" | append
	wait $live
	[ "$(list <out)" = "g h " ]
}

# ---- positions ----

@test "with --checkpoint each record comes once, whatever is appended between" {
	small | append
	[ "$(cat_log --checkpoint x --to 3 | list)" = "a b c " ]
	at x 3
	[ "$(cat_log --checkpoint x | list)" = "d e f g " ]
	[ "$(cat_log --checkpoint x | list)" = "" ]
	her h "05 10:00" | append
	[ "$(tail_log --checkpoint x -n 0 | list)" = "h " ]
	[ "$(tail_log --checkpoint y -n 2 | list)" = "g h " ]
	at x 8
	at y 8
	# What the filter holds back is behind it too.
	[ "$(cat_log --checkpoint z --type call.ended | list)" = "c " ]
	at z 8
	run jlog -d j.db cat --checkpoint ''
	[ "$status" = 2 ]
}

@test "a position never goes back" {
	small | append
	cat_log --checkpoint x >/dev/null
	mkfifo pipe
	rm -f out
	sqlite3 j.db "UPDATE meta SET value='2' WHERE key='reader:x'"
	cat_log --checkpoint x >pipe &
	slow=$!
	exec 7<pipe
	sleep 0.2
	sqlite3 j.db "UPDATE meta SET value='7' WHERE key='reader:x'"
	her h "05 10:00" | append
	cat_log --checkpoint x >/dev/null
	at x 8
	cat <&7 >out
	exec 7<&-
	wait $slow
	[ "$(list <out)" = "c d e f g " ]
	at x 8
}

@test "a position does not move before a pipe was read empty" {
	small | append
	mkfifo pipe
	jlog -q -d j.db cat --checkpoint x >pipe 2>err 3>&- &
	pid=$!
	exec 7<pipe
	sleep 0.3
	at x ""
	exec 7<&-
	status=0
	wait $pid || status=$?
	[ "$status" = 141 ]
	at x ""
	[ "$(cat_log --checkpoint x | list)" = "a b c d e f g " ]
	history -v seed=14 -v n=20000 >in
	append in
	jlog -q -d j.db cat --checkpoint x 2>err | head -n 3 >/dev/null
	at x 7
}

@test "a cat that is killed has not moved past what it wrote" {
	history -v seed=15 -v n=60000 >in
	append in
	for wait in 0.1 0.25 0.4 0.3; do
		jlog -q -d j.db cat --checkpoint x >out 2>err 3>&- &
		pid=$!
		sleep $wait
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		cat out >>all
		kept=$(position x)
		# All up to the position is in what was written.
		[ "$(grep -o '"sequence":"[0-9]*"' all | sort -u | head -n "${kept:-0}" | wc -l)" = "${kept:-0}" ]
		[ -z "$kept" ] || grep -q "\"sequence\":\"$(printf %012d "$kept")\"" all
	done
	cat_log --checkpoint x >>all
	[ "$(grep -o '"sequence":"[0-9]*"' all | sort -u | wc -l)" = 60000 ]
}

@test "checkpoints lists the positions of readers, and drops one" {
	small | append
	cat_log --checkpoint nightly --to 3 >/dev/null
	cat_log --checkpoint 'a b' >/dev/null
	[ "$(jlog -d j.db checkpoints)" = $'a b 7\nnightly 3' ]
	run jlog -d j.db checkpoints --drop nightly
	[ "$status" = 0 ] && [ -z "$output" ]
	[ "$(jlog -d j.db checkpoints)" = "a b 7" ]
	[ "$(cat_log --checkpoint nightly | list)" = "a b c d e f g " ]
	run jlog -d j.db checkpoints --drop weekly
	[ "$status" = 1 ]
	[ "$output" = "jlog: j.db: no such checkpoint: weekly" ]
}

@test "tail -f with --checkpoint goes on where it was killed" {
	small | append
	live out --checkpoint x
	until_true at x 7
	kill -9 $live
	wait $live 2>/dev/null || true
	her h "05 10:00" | append
	live out2 --checkpoint x
	until_true lines out2 1
	her i "05 10:01" | append
	until_true at x 9
	kill -INT $live || true
	kill -TERM $live
	wait $live
	[ "$(list <out2)" = "h i " ]
}

@test "of two that move one position at the same time nothing is lost" {
	history -v seed=16 -v n=3000 >in
	append in
	jlog -q -d j.db cat --checkpoint x >1 3>&- &
	jlog -q -d j.db cat --checkpoint x >2 3>&- &
	wait
	at x 3000
	[ "$(cat 1 2 | ids | sort -u | wc -l)" = 3000 ]
}

@test "a file that cannot be written keeps no checkpoint, which is said before anything is written" {
	need_other
	open_folder
	small | jlog -q -d "$open/j.db" append
	chmod 555 "$open"
	chmod 644 "$open/j.db"
	run as_other jlog -q -d "$open/j.db" cat --checkpoint x
	[ "$status" = 2 ]
	[ "$output" = "jlog: $open/j.db: read-only: no checkpoint can be kept in it" ]
	[ "$(as_other jlog -q -d "$open/j.db" cat | list)" = "a b c d e f g " ]
	run as_other jlog -q -d "$open/j.db" tail -f
	[ "$status" = 2 ]
	[[ "$output" == *"its folder cannot be written: what others commit is not seen" ]]
}

# ---- append ----

@test "append --expect writes only where the log stands there" {
	small >in
	jlog -q -d j.db append --expect 0 in
	her h "05 10:00" >after
	run jlog -d j.db append --expect 6 after
	[ "$status" = 1 ]
	[[ "$output" == *"jlog: the log stands at 7, not at 6: nothing is written"* ]]
	[[ "$output" == *"read 0 = written 0 + duplicates 0 + rejected 0"* ]]
	jlog -q -d j.db append --expect 7 after
	[ "$(cat_log | list)" = "a b c d e f g h " ]
}

@test "append --expect makes a file that is not there for 0 alone" {
	small >in
	run jlog -d j.db append --expect 7 in
	[ "$status" = 2 ]
	[ "$output" = "jlog: j.db: No such file or directory" ]
	[ ! -e j.db ]
	jlog -q -d j.db append --expect 0 in
	[ "$(cat_log | list)" = "a b c d e f g " ]
}

@test "of two writers that expect the same place one writes" {
	small | append
	her h "05 10:00" >h
	her i "05 10:01" >i
	(jlog -q -d j.db append --expect 7 h 2>h.err 3>&- && echo 0 >h.rc || echo $? >h.rc) &
	(jlog -q -d j.db append --expect 7 i 2>i.err 3>&- && echo 0 >i.rc || echo $? >i.rc) &
	wait
	[ "$(cat h.rc i.rc | sort | tr '\n' ' ')" = "0 1 " ]
	grep -q 'the log stands at 8, not at 7: nothing is written' h.err i.err
	[ "$(sqlite3 j.db 'SELECT count(*) FROM event')" = 8 ]
}

@test "append --expect stops where another writes between two of its batches" {
	small | append
	mkfifo pipe
	(jlog -d j.db append --expect 7 pipe >out 2>err 3>&- && echo 0 >rc || echo $? >rc) &
	exec 7>pipe
	her h "05 10:00" >&7
	until_true logged 8
	her i "05 10:01" >&7
	until_true logged 9
	her x "05 10:02" | append
	her j "05 10:03" >&7
	exec 7>&-
	wait
	[ "$(cat rc)" = 1 ]
	grep -q 'the log stands at 10, not at 9: another wrote after what this run has written' err
	grep -q 'read 2 = written 2' err
	[ "$(list <out)" = "h i " ]
	[ "$(cat_log --from 8 | list)" = "h i x " ]
}

@test "append --follow takes in what a file gets, waits for the end of a line, and ends with all that it read" {
	small >grows
	jlog -d j.db append --follow grows >out 2>err 3>&- &
	live=$!
	until_true logged 7
	her h "05 10:00" | head -c 60 >>grows
	sleep 0.2
	logged 7 && ! logged 8
	her h "05 10:00" | tail -c +61 >>grows
	until_true logged 8
	her i "05 10:01" | head -c 60 >>grows
	sleep 0.1
	kill -TERM $live
	wait $live
	[ "$(list <out)" = "a b c d e f g h " ]
	[ "$(cat err)" = "jlog: read 8 = written 8 + duplicates 0 + rejected 0" ]
}

@test "append --follow goes on in the file that takes the place, and from the begin of one that was cut" {
	her a "02 10:00" >grows
	jlog -d j.db append --follow grows >out 2>err 3>&- &
	live=$!
	until_true logged 1
	mv grows old
	her b "02 10:01" >>old
	{ her a "02 10:00"; her c "02 10:02"; } >new
	mv new grows
	until_true logged 3
	her d "02 10:03" >grows
	until_true logged 4
	her e "02 10:04" >>grows
	until_true logged 5
	kill -INT $live || true
	kill -TERM $live
	wait $live
	[ "$(list <out)" = "a b c d e " ]
	[ "$(cat err)" = "jlog: read 6 = written 5 + duplicates 1 + rejected 0" ]
}

@test "append --follow refuses what is no file, or not there" {
	mkfifo pipe
	run jlog -d j.db append --follow missing
	[ "$status" = 2 ]
	[[ "$output" == *"jlog: missing: No such file or directory"* ]]
	run jlog -d j.db append --follow .
	[ "$status" = 2 ]
	(sleep 1 >pipe) 3>&- &
	run jlog -d j.db append --follow pipe
	[ "$status" = 2 ]
	[[ "$output" == *"jlog: pipe: not a regular file: it cannot be followed"* ]]
}

@test "append --follow ends when nobody reads what it passes on" {
	her a "02 10:00" >grows
	mkfifo pipe
	jlog -q -d j.db append --follow grows --reject dead 3>&- &
	live=$!
	until_true logged 1
	kill -0 $live
	kill -TERM $live
	wait $live
	her b "02 10:00" >>grows
	jlog -d j.db append --follow grows >pipe 2>err 3>&- &
	live=$!
	exec 7<pipe
	head -n 1 <&7 >/dev/null
	exec 7<&-
	gone() { ! kill -0 $live 2>/dev/null; }
	until_true gone
	logged 2
}

@test "append --fast writes the same, syncs fewer times, and its end is synced" {
	history -v seed=17 -v n=9000 >in
	append in
	jlog -q -d fast.db append --fast in
	jlog -q -d fast.db cat | without recordedtime >fast
	cat_log | without recordedtime | cmp - fast
	command -v strace >/dev/null || skip "no strace here"
	! sanitized || skip "traced programs' leaks cannot be looked for"
	small >small
	syncs() { strace -f -o trace -e trace=fsync,fdatasync "$@" && grep -c sync trace; }
	slow=$(while read -r l; do echo "$l"; sleep 0.03; done <small | syncs jlog -q -d slow2.db append)
	fast=$(while read -r l; do echo "$l"; sleep 0.03; done <small | syncs jlog -q -d fast2.db append --fast)
	[ "$fast" -lt "$slow" ]
}
