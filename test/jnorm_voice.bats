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
	run ! grep -q '"reason"\|"wait"' out
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
	! sanitized || skip "the sanitizer's own memory grows"
	calls 0 100000 >log
	awk 'BEGIN { for (i = 0; i < 100000; i++) printf "%d|%d.9|sales|NONE|ENTERQUEUE||1|1\n", 1773200000 + i % 60, i }' >>log
	/usr/bin/time -f %M -o kb jnorm -q log >/dev/null || skip "no time(1)"
	[ "$(tail -1 kb)" -lt 65536 ]
}

# The texts of a transcript on stdin, one a line, who speaks before them: said NAME.vtt OPTION...
said() {
	local f=$1
	shift
	cat >"2026-01-01T00-00-00_$f"
	jnorm -q "$@" "2026-01-01T00-00-00_$f" | jq -r '(.data.agent // .data.name // .actor // "") + "|" + .data.text'
}

@test "captions that scroll are said once each" {
	cat >v <<-'END'
		WEBVTT
		Kind: captions
		Language: en

		00:00:00.000 --> 00:00:02.000 align:start position:0%
		@
		hello<00:00:00.500><c> world</c>

		00:00:02.000 --> 00:00:02.010 align:start position:0%
		hello world
		@

		00:00:02.010 --> 00:00:04.000 align:start position:0%
		hello world
		the<00:00:02.500><c> second</c>

		00:00:04.000 --> 00:00:04.010 align:start position:0%
		the second
		@

		00:00:04.010 --> 00:00:06.000 align:start position:0%
		the second
		and<00:00:05.500><c> last</c>

	END
	sed -i 's/^@$/ /' v
	said a.vtt <v >got
	printf '|%s\n' 'hello world' 'the second' 'and last' | diff - got
	jnorm -q 2026*_a.vtt | jq -r '.time[17:23]' | tr '\n' ' ' | grep -q '00.000 02.010 04.010'
}

@test "an utterance that grows is said once, and from its beginning on" {
	printf 'WEBVTT\n\n00:01.000 --> 00:01.500\n<v Agent>can\n\n00:01.000 --> 00:02.000\n<v Agent>can I\n\n00:01.000 --> 00:03.000\n<v Agent>can I help?\n\n' |
		cat - <(printf '00:01.000 --> 00:03.000\n<v Customer>can I help?\n\n') >2026-01-01T00-00-00_a.vtt
	run jnorm 2026-01-01T00-00-00_a.vtt
	[ "$(grep -c '"text":"can I help?"' <<<"$output")" -eq 2 ]
	[[ $output == *"read 2 = written 2 + duplicates 0 + rejected 0 (2 empty"* ]]
	[[ $output == *'"time":"2026-01-01T00:00:01.000Z"'*'"duration":2'* ]]
}

@test "words that are said again in a talk are kept" {
	printf 'WEBVTT\n\n00:01.000 --> 00:02.000\nAgent: No.\n\n00:02.000 --> 00:03.000\nAgent: No.\n\n00:03.000 --> 00:04.000\nCustomer: No.\n\n00:04.000 --> 00:05.000\nAgent: Yes.\n' |
		said a.vtt >got
	[ "$(grep -c 'No\.' got)" -eq 3 ]
}

@test "cues overlap, have settings, and stand in any order" {
	printf 'WEBVTT\n\n1 - intro\n00:00:05.000 --> 00:00:09.000 line:0 position:20%%,line-left size:60%% align:start\n<v Rui>over you\n\n00:00:01.000 --> 00:00:06.000\n<v Agent>long\n' >2026-01-01T00-00-00_a.vtt
	jnorm -q 2026-01-01T00-00-00_a.vtt | jq -c '[.time[17:23], .data.duration, .data.text]' >got
	printf '["05.000",4,"over you"]\n["01.000",5,"long"]\n' >want
	diff want got
}

@test "who speaks is known by all usual marks" {
	local line
	for line in '<v Agent Ana>hi' '<v.loud.first Agent Ana>hi</v>' 'Agent Ana: hi' '[Agent Ana]: hi' '- Agent Ana: hi' '>> Agent Ana: hi' '&gt;&gt; Agent Ana: hi' $'Agent Ana:\nhi'; do
		printf 'WEBVTT\n\n00:01.000 --> 00:02.000\n%s\n' "$line" | said a.vtt >got
		[ "$(cat got)" = 'Agent Ana|hi' ] || { echo "$line"; cat got; false; }
	done
	printf '1\n00:00:01,000 --> 00:00:02,000\nagent: hi\n- fine, and you?\n' | said a.srt >got
	printf 'agent|hi\n|fine, and you?\n' | diff - got
	printf 'WEBVTT\n\n00:01.000 --> 00:02.000\n[SPEAKER_00]: hi\n\n00:03.000 --> 00:04.000\n[SPEAKER_01]: yes\n' | said a.vtt --self SPEAKER_00 >got
	printf 'SPEAKER_00|hi\nSPEAKER_01|yes\n' | diff - got
}

@test "words before a colon are no speaker where nothing else says so" {
	{
		printf 'WEBVTT\n\n'
		for i in 1 2 3 4 5; do printf '00:0%d.000 --> 00:0%d.500\nso it goes on %d\n\n' $i $i $i; done
		printf '00:06.000 --> 00:07.000\nThe total is: 25\n'
	} | said a.vtt | tail -n 1 >got
	[ "$(cat got)" = '|The total is: 25' ]
	printf 'WEBVTT\n\n00:01.000 --> 00:02.000\nAgent: hi\n\n00:03.000 --> 00:04.000\nRui: look\nMy number is: 25\n' | said a.vtt | tail -n 1 >got
	[ "$(cat got)" = 'Rui|look My number is: 25' ]
}

@test "cues of SubRip without a blank line between are told apart" {
	printf '1\n00:00:01,000 --> 00:00:02,000\nAgent: one\n2\n00:00:03,000 --> 00:00:04,000\nAgent: two\n3\n00:00:05,000 --> 00:00:06,000\nAgent: 42\n' |
		said a.srt >got
	printf 'agent|one\nagent|two\nagent|42\n' | sed 's/^agent/Agent/' | diff - got
}

@test "subtitles in the charsets of East Asia and of Windows are read, and marked" {
	srt() {
		printf '1\n00:00:01,000 --> 00:00:02,000\n%s\n\n2\n00:00:03,000 --> 00:00:04,000\n%s\n' "$1" "$1"
	}
	check() {
		srt "$2" | iconv -f UTF-8 -t "$1" | said a.srt >got
		[ "$(sort -u got)" = "|$2" ] || { echo "$1"; cat got; return 1; }
		[ -z "$3" ] || jnorm -q 2026*_a.srt | grep -q "\"charset\":\"$3\""
	}
	check GB2312 '你好，我想问一下我的订单' gb18030
	check EUC-KR '안녕하세요 주문을 확인하고 싶습니다' euc-kr
	check EUC-JP 'こんにちは、注文について' euc-jp
	check WINDOWS-1252 'AÇÃO, não é só coração, é ligação — à tarde' windows-1252
	check WINDOWS-1252 'Grüße, schöne Straße' windows-1252
	check UTF-8 '你好，我想问一下' ''
}

@test "a cue of a transcript that is refused is kept as it came, from its first line to its last" {
	long=$(printf '%3000s' x)
	printf 'WEBVTT\n\nname\r\n00:01.000 --> 00:02.000\r\nfirst\n%s\nlast\n\n7\n00:05.000 --> 00:03.000\nbad\xe9\n\n00:06.000 --> 00:07.000\nok\n' "$long" >a.vtt
	run jnorm --max-line 1K --start 2026-03-02T09:00:00Z --reject dead a.vtt
	[ "$status" -eq 65 ]
	[[ $output == *"a.vtt:3: message too long"*"a.vtt:9: no such times in this cue"*"read 3 = written 1 + duplicates 0 + rejected 2"* ]]
	jq -rj 'select(.reason == "too_long").raw_base64' dead | base64 -d >got
	printf 'name\r\n00:01.000 --> 00:02.000\r\nfirst\n%s\nlast' "$long" | cmp - got
	jq -rj 'select(.reason == "bad_row").raw_base64' dead | base64 -d >got
	printf '7\n00:05.000 --> 00:03.000\nbad\xe9' | cmp - got
}

@test "a number behind the time in a transcript's name is no zone, and a zone is" {
	local name want
	while read -r name want; do
		printf 'WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n' >"$name.vtt"
		[ "$(jnorm -q --tz UTC "$name.vtt" | jq -r '.time + " " + .session')" = "$want" ] || { echo "$name" && false; }
	done <<-'E'
		2026-03-05T14-02-10-1007 2026-03-05T14:02:11.000Z 1007
		2026-03-05T14-02-10-1345_a 2026-03-05T14:02:11.000Z 1345_a
		2026-03-05T14-02-10-03 2026-03-05T14:02:11.000Z 03
		20260305T140210-03_a 2026-03-05T17:02:11.000Z a
		2026-03-05T14-02-10-0330_a 2026-03-05T17:32:11.000Z a
		2026-03-05T14-02-10+0545_a 2026-03-05T08:17:11.000Z a
	E
}
