#!/usr/bin/env bats
# jnorm: calls. Asterisk's queue_log and transcripts; their golden files are among those of jnorm.bats.
bats_require_minimum_version 1.5.0
load helper

# A log of calls, each with its rows: calls FIRST LAST
calls() {
	awk -v a="$1" -v b="$2" 'BEGIN { for (i = a; i < b; i++) {
		t = 1772440000 + i * 7; id = t - 1 ".1"
		printf "%d|%s|sales|NONE|ENTERQUEUE||119%08d|1\n", t, id, i % 50
		if (i % 4) {
			printf "%d|%s|sales|SIP/201|CONNECT|3|%d.2|1\n", t + 3, id, t
			printf "%d|%s|sales|SIP/201|COMPLETEAGENT|3|2|1\n", t + 5, id
		} else
			printf "%d|%s|sales|NONE|ABANDON|1|1|4\n", t + 4, id } }'
}

# What jnorm says of rows, without where they stood: records OPTION...
records() {
	jnorm -q --region BR -f queue_log "$@" | sed 's/,"origin":.*//'
}

@test "a queue_log is recognised where its first line is cut off, and a log of another kind is not" {
	calls 0 5 | tail -c +15 >a
	run jnorm -q a
	[ "$status" -eq 65 ]
	[ "$(grep -c '"source":"queue_log/local"' <<<"$output")" -ge 4 ]
	printf '1772440000|a|b|c|LOG|x\n' >b
	run jnorm -q b
	[[ $output == *"not an export that jnorm knows"* ]]
}

@test "a longer log gives the calls of the shorter one and no other record of them" {
	calls 0 400 >long
	head -n 701 long >short
	records short | sort >a
	records long | sort >b
	[ "$(wc -l <a)" -gt 200 ]
	[ -z "$(comm -23 a b)" ]
}

@test "a log that begins later gives the calls that it has the beginning of as the whole log does" {
	calls 0 400 >long
	tail -n +301 long >late
	records late | grep -v '"incomplete"' | sort >a
	records long | sort >b
	[ "$(wc -l <a)" -gt 200 ]
	[ -z "$(comm -23 a b)" ]
}

@test "a call that goes on where the log ends is told and not written" {
	printf '1772440000|1.1|sales|NONE|ENTERQUEUE||11912345601|1\n1772440004|1.1|sales|SIP/201|CONNECT|4|2.1|1\n' >log
	run jnorm log
	[ "$status" -eq 0 ]
	[[ $output == *"1 call is not at an end where the log ends: not written"* ]]
	[[ $output == *"read 0 = written 0"* ]]
	echo '1772440009|1.1|sales|SIP/201|COMPLETECALLER|4|5|1' >>log
	jnorm -q log | grep -q '"reason":"answered","duration":9,"wait":4'
}

@test "a restart ends the calls that are open, and they say so" {
	printf '1772440000|1.1|sales|NONE|ENTERQUEUE||11912345601|1\n1772440009|NONE|NONE|NONE|QUEUESTART|\n' >log
	printf '1772440010|1.1|sales|SIP/1|COMPLETECALLER|1|2|1\n' >>log
	records log >out
	[ "$(wc -l <out)" -eq 1 ]
	grep -q '"duration":0.*"incomplete":"restart"' out
	! grep -q '"reason"\|"wait"' out
	sed -i '1a 1772440004|1.1|sales|SIP/1|CONNECT|4|2.1|1\n1772440006|1.1|sales|SIP/1|INFO|hold' log
	records log | grep -q '"reason":"answered","duration":6,"wait":4.*"incomplete":"restart"'
}

@test "a call without an end is given up when the log is a day further" {
	printf '1772440000|1.1|sales|NONE|ENTERQUEUE||11912345601|1\n1772527000|NONE|NONE|NONE|CONFIGRELOAD|\n' >log
	records log | grep -q '"incomplete":"no end"'
}

@test "the queues that one call visits are one contact, with the transfer between them" {
	cat >log <<-'END'
		1772440100|9.1|sales|NONE|ENTERQUEUE||11912345601|1
		1772440112|9.1|sales|SIP/201|CONNECT|12|9.2|4
		1772440900|9.1|sales|SIP/201|BLINDTRANSFER|600|internal|12|788|1
		1772440900|9.1|tech|NONE|ENTERQUEUE||11912345601|1
		1772440920|9.1|tech|SIP/301|CONNECT|20|9.3|4
		1772441300|9.1|tech|SIP/301|COMPLETECALLER|20|380|1
	END
	jnorm -q --region BR log | jlog -q append
	jproject -q update
	[ "$(sqlite3 journey.db 'SELECT count(*), max(transferred), max(outcome), (max(ended) - min(started)) / 1000,
		(max(answered_human) - min(started)) / 1000 FROM v_contact')" = "1|1|answered|1200|12" ]
	[ "$(sqlite3 journey.db 'SELECT group_concat(kind) FROM v_move')" = transfer ]
}

@test "who calls by a number that is none is nobody's identifier" {
	for n in anonymous 4301 '' '"Ana" <unknown>'; do
		printf '1772440000|1.1|q|NONE|ENTERQUEUE||%s|1\n1772440004|1.1|q|NONE|ABANDON|1|1|4\n' "$n" >log
		records log >out
		grep -q '"reason":"abandoned_queue"' out
		! grep -q identifiers out || { echo "$n"; false; }
	done
	printf '1772440000|1.1|q|NONE|ENTERQUEUE||11912345601|1\n1772440004|1.1|q|NONE|ABANDON|1|1|4\n' >log
	records log | grep -q '"identifiers":\[{"kind":"phone","value":"+5511912345601"}\]'
	jnorm -q log | grep -q '"ext":{"caller":"11912345601"'
}

@test "rows of all ages say how long she waited" {
	for end in 'EXITWITHTIMEOUT|1' 'EXITWITHTIMEOUT|1|1|30' 'EXITEMPTY|1|1|30' 'EXITWITHKEY|#|1' 'EXITWITHKEY|#|1|1|30' 'ABANDON|1|1|30'; do
		printf '1772440000|1.1|q|NONE|ENTERQUEUE|\n1772440030|1.1|q|NONE|%s\n' "$end" >log
		records log | grep -q '"duration":30,"wait":30' || { echo "$end"; false; }
	done
	for end in 'TRANSFER|600|x' 'TRANSFER|600|x|10|20' 'BLINDTRANSFER|600|x|10|20|1' 'COMPLETEAGENT|10|20' 'COMPLETECALLER|10|20|1' \
		'ATTENDEDTRANSFER|APP|600|10|20|1'; do
		printf '1772440000|1.1|q|NONE|ENTERQUEUE|\n1772440010|1.1|q|A|CONNECT|10\n1772440030|1.1|q|A|%s\n' "$end" >log
		records log >out
		head -n 1 out | grep -q '"agent":"A","reason":"answered","duration":30,"wait":10' || { echo "$end"; false; }
		[[ $end != *TRANSFER* ]] || tail -n 1 out | grep -q '"type":"transferred".*"from":"A","to":"600"'
	done
}

@test "a row that is none is rejected with its line, and the calls about it are whole" {
	calls 0 3 >log
	sed -i '4i half a row' log
	run jnorm --region BR --reject dead log
	[ "$status" -eq 65 ]
	[[ $output == *"log:4: no row of a queue_log"* ]]
	[[ $output == *"read 4 = written 3 + duplicates 0 + rejected 1"* ]]
	grep -q '"raw":"half a row"' dead
}

@test "memory does not grow with a queue_log, nor with calls that never end" {
	! ldd "$J/jnorm" | grep -q libasan || skip "the sanitizer's own memory grows"
	calls 0 100000 >log
	awk 'BEGIN { for (i = 0; i < 100000; i++) printf "%d|%d.9|sales|NONE|ENTERQUEUE||1|1\n", 1773200000 + i % 60, i }' >>log
	/usr/bin/time -f %M -o kb jnorm -q log >/dev/null || skip "no time(1)"
	[ "$(tail -1 kb)" -lt 65536 ]
}
