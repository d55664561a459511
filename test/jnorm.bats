#!/usr/bin/env bats
# jnorm: what a user sees. Golden files: fixtures/jnorm/<case>.{in,out,err}; <case>.args holds one argument a line, the last
# is the name under which the input is read ("-" is stdin).
bats_require_minimum_version 1.5.0
load helper

FIX="$TOP/fixtures/jnorm"

golden() {
	local c=$1 args name status=0
	mapfile -t args <"$FIX/$c.args"
	name=${args[-1]}
	mkdir "$c"
	cd "$c"
	if [ "$name" = - ]; then
		jnorm "${args[@]}" <"$FIX/$c.in" >out 2>err || status=$?
	else
		cp "$FIX/$c.in" "$name"
		jnorm "${args[@]}" >out 2>err || status=$?
	fi
	echo "exit $status" >>err
	diff "$FIX/$c.out" out && diff "$FIX/$c.err" err
	status=$?
	cd ..
	return $status
}

# Message after message of a chat from the year 2020 on: chat FIRST LAST
chat() {
	awk -v a="$1" -v b="$2" 'BEGIN { for (i = a; i < b; i++) {
		printf "%02d/%02d/2020, %02d:%02d - %s: message %d of the day\n", int(i / 60 / 20) % 28 + 1,
			int(i / 60 / 20 / 28) % 12 + 1, int(i / 60) % 20, i % 60,
			(i % 3 ? "+55 11 91234-5601" : "Lume Casa"), i % 7 } }'
}

ids() {
	sed 's/.*"id":"\([^"]*\)".*/\1/' "$@"
}

@test "every golden input gives its output, its messages and its status" {
	local failed=
	for f in "$FIX"/*.in; do
		golden "$(basename "$f" .in)" || failed="$failed $(basename "$f" .in)"
	done
	[ -z "$failed" ] || { echo "failed:$failed"; false; }
}

@test "an export under another name gives the same records but for their origin" {
	chat 0 500 >a.txt
	cp a.txt "WhatsApp Chat with +55 11 91234-5601.txt"
	jnorm -q --self "Lume Casa" a.txt | sed 's/"origin":.*//' >a
	jnorm -q --self "Lume Casa" Whats*.txt | sed 's/"origin":.*//' >b
	cmp a b
}

@test "overlapping exports of one chat give the same records where they overlap" {
	chat 0 3000 >first.txt
	chat 1000 5000 >second.txt
	jnorm -q --self "Lume Casa" first.txt | sed 's/,"origin":.*//' | sort >a
	jnorm -q --self "Lume Casa" second.txt | sed 's/,"origin":.*//' | sort >b
	[ "$(comm -12 a b | wc -l)" -eq 2000 ]
	[ "$(sort -u a b | wc -l)" -eq 5000 ]
}

@test "two exports of one chat in one run give each record the id that it has alone" {
	chat 0 300 >first.txt
	cp first.txt second.txt
	jnorm -q --self "Lume Casa" first.txt second.txt >both
	[ "$(ids both | sort -u | wc -l)" -eq 300 ]
}

@test "identical messages of one minute are told apart by a running number" {
	printf '01/02/2026, 10:00 - Ana: ok\n%.0s' 1 2 3 >c.txt
	jnorm -q --self us c.txt >out
	[ "$(ids out | sort -u | wc -l)" -eq 3 ]
	[ "$(ids out | grep -c -- '-[12]$')" -eq 2 ]
}

@test "heads of all known layouts are read" {
	local want="2018-06-13T21:25:15.000Z" head
	for head in '[06.13.18 21:25:15] ' '[13.06.18, 21:25:15] ' $'\u200e[13/06/18 9:25:15 p.\u00a0m.] ' \
		'13.06.18 21.25.15: ' '13.6.2018 klo 21.25.15 - ' '13. 6. 2018. 21:25:15 ' '[2018/06/13, 21:25:15] ' \
		'[06/2018/13, 21:25:15] ' $'6/13/18, 9:25:15\u202fPM - ' '2018-06-13, 21:25:15 - ' \
		$'[2018/6/13 \u4e0b\u53489:25:15] ' $'\u202b[\u0661\u0663\u200f/\u0666\u200f/\u0662\u0660\u0661\u0668, 21:25:15] '; do
		printf '%sAna: hi' "$head" >c.txt
		jnorm -q -f whatsapp --self us c.txt >out
		grep -q "\"time\":\"$want\".*\"text\":\"hi\".*\"name\":\"Ana\"" out || { echo "$head"; cat out; false; }
	done
}

@test "the order of a date's fields follows from the whole file, not from its beginning" {
	{
		echo '01/02/2026, 10:00 - Ana: one'
		echo '01/03/2026, 10:00 - Ana: two'
		echo '01/25/2026, 10:00 - Ana: three'
	} >c.txt
	jnorm -q --tz UTC --self us c.txt >out
	[ "$(head -1 out | grep -c '"time":"2026-01-02T')" -eq 1 ]
	! grep -q time_assumed out
}

@test "dates that run backwards in one order are read in the other" {
	{
		echo '02/01/2026, 10:00 - Ana: one'
		echo '02/09/2026, 10:00 - Ana: two'
		echo '03/01/2026, 10:00 - Ana: three'
	} >c.txt
	jnorm -q --tz UTC --self us c.txt >out
	[ "$(sed -n 2p out | grep -c '"time":"2026-02-09T')" -eq 1 ]
	! grep -q time_assumed out
}

@test "a zone that is not named is UTC and marked" {
	echo '25/02/2026, 10:00 - Ana: one' >c.txt
	jnorm -q --self us c.txt | grep -q '"time":"2026-02-25T10:00:00.000Z".*"time_assumed":"UTC"'
	jnorm -q --tz -03:00 --self us c.txt >out
	grep -q '"time":"2026-02-25T13:00:00.000Z"' out
	! grep -q time_assumed out
}

@test "without --self all speakers of a chat are customers, and it is said once" {
	chat 0 10 >a.txt
	chat 0 10 >b.txt
	run jnorm a.txt b.txt
	[ "$(grep -c '"actor":"customer"' <<<"$output")" -eq 20 ]
	[ "$(grep -c 'in 2 conversations no speaker is known to be us' <<<"$output")" -eq 1 ]
}

@test "our messages in a chat with a number name the customer" {
	chat 0 3 >a.txt
	jnorm -q --self "Lume Casa" a.txt | grep '"actor":"agent"' | grep -q '"kind":"phone","value":"+5511912345601"'
}

@test "a telephone number that cannot be one is a handle" {
	printf '25/02/2026, 10:00 - +12 345 578: hi\n' >c.txt
	jnorm -q --self us c.txt | grep -q '"session":"12345578".*"kind":"handle:whatsapp","value":"12345578"'
}

@test "a transcript that does not say when it began takes --start, else the file's time, marked" {
	printf 'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>hi\n' >call.vtt
	touch -d 2026-01-02T03:04:05Z call.vtt
	jnorm -q call.vtt | grep -q '"time":"2026-01-02T03:04:06.000Z".*"time_assumed":"mtime"'
	jnorm -q --start 2026-05-05T00:00:00Z call.vtt | grep -q '"time":"2026-05-05T00:00:01.000Z"'
	run bash -c 'cat call.vtt | jnorm -q'
	[ "$status" -eq 2 ]
	[ "$output" = "jnorm: <stdin>: nothing says when this transcript begins (use --start TIME)" ]
}

@test "the names that transcripts are saved under say when and which" {
	for n in 2026-03-05T14-02-10_call-7 20260305T140210Z-call-7 "2026-03-05 14.02.10 call-7" \
		GMT20260305-140210_call-7 call-7_20260305_140210; do
		printf 'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>hi\n' >"$n.vtt"
		jnorm -q "$n.vtt" | grep -q '"time":"2026-03-05T14:02:11.000Z","session":"call-7"' || { echo "$n"; false; }
	done
}

@test "only the known side by name: the others are on the other side" {
	printf 'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>hi\n\n00:03.000 --> 00:04.000\n<v Rui>hello\n' >2026-01-01T00-00-00_x.vtt
	jnorm -q --self Ana 2026*.vtt | tail -1 | grep -q '"direction":"in","actor":"customer"'
	run jnorm -q 2026*.vtt
	! grep -q direction <<<"$output"
}

@test "a folder is read in the order of names, without hidden files" {
	mkdir -p d/b d/.hidden
	chat 0 1 >d/b/z.txt
	chat 1 2 >d/a.txt
	chat 2 3 >d/c.txt
	chat 3 4 >d/.hidden/x.txt
	chat 4 5 >d/.x.txt
	jnorm -q --self "Lume Casa" d/ | sed 's/.*"file":"\([^"]*\)".*/\1/' >out
	[ "$(tr '\n' ' ' <out)" = "d/a.txt d/b/z.txt d/c.txt " ]
}

@test "a profile among the inputs is used, whatever its place, and options win over it" {
	chat 0 3 >a.txt
	printf 'jtools: profile/1\naccount: lume\nself: [Lume Casa]\ntz: America/Sao_Paulo\n' >z.yaml
	jnorm -q a.txt z.yaml | head -1 | grep -q '"source":"whatsapp/lume".*"time":"2020-01-01T03:00:00.000Z".*"actor":"agent"'
	jnorm -q --account other --tz UTC a.txt z.yaml | head -1 | grep -q '"source":"whatsapp/other".*"time":"2020-01-01T00:00:00.000Z"'
	jnorm -q --profile z.yaml a.txt | grep -q '"source":"whatsapp/lume"'
}

@test "a map among the inputs reads the table beside it, and -f names it" {
	printf 'when,who,said\n2026-01-02T03:04:05Z,ana@example.org,hello\n' >t.csv
	cat >z.yaml <<-'END'
		jtools: map/1
		name: desk
		format: csv
		source: desk
		match: {header: [when, who, said]}
		events:
		  - set: {type: "'message'", time: 'time("when")', text: said, identifiers.email: lower(who)}
	END
	jnorm -q t.csv z.yaml | grep -q '"source":"desk/local".*"time":"2026-01-02T03:04:05.000Z".*"text":"hello"'
	jnorm -q -m z.yaml -f desk - <t.csv | grep -q '"source":"desk/local"'
	jnorm --formats -m z.yaml | grep -q '^desk  *a map of yours'
	run jnorm t.csv
	[ "$status" -eq 65 ]
}

@test "a profile with a wrong member stops the run and names the line" {
	printf 'jtools: profile/1\nacount: lume\n' >z.yaml
	run jnorm --profile z.yaml -q /dev/null
	[ "$status" -eq 2 ]
	[[ $output == *"z.yaml:2: a profile has no acount"* ]]
}

@test "files of the toolkit that are not for jnorm are skipped and named" {
	chat 0 3 >a.txt
	printf 'jtools: rules/1\nname: x\n' >r.yaml
	run jnorm --self "Lume Casa" a.txt r.yaml
	[ "$status" -eq 0 ]
	[[ $output == *"jnorm: r.yaml: skipped: rules/1 is not for jnorm"* ]]
}

@test "a missing file is told, the others are read, and the status is 2" {
	chat 0 3 >a.txt
	run jnorm --self "Lume Casa" none.txt a.txt
	[ "$status" -eq 2 ]
	[[ $output == *"jnorm: none.txt: No such file or directory"* ]]
	[[ $output == *"read 3 = written 3"* ]]
}

@test "a file that is no export is told, the others are read, and the status is 65" {
	chat 0 3 >a.txt
	printf '\177ELF\0\1\2\3' >b.bin
	run jnorm --self "Lume Casa" b.bin a.txt
	[ "$status" -eq 65 ]
	[[ $output == *"jnorm: b.bin: not an export that jnorm knows"* ]]
	[[ $output == *"read 3 = written 3"* ]]
}

@test "-f reads as the format that it names and refuses one that is not known" {
	printf '2026-02-25 10:00:00 Ana: hi\n' >log.txt
	run jnorm -q log.txt
	[ "$status" -eq 65 ]
	jnorm -q -f whatsapp --self us log.txt | grep -q '"name":"Ana"'
	run jnorm -q -f nothing log.txt
	[ "$status" -eq 2 ]
	[ "$output" = "jnorm: no such format: nothing (--formats lists them)" ]
}

@test "--formats lists what is known" {
	run jnorm --formats
	[ "$status" -eq 0 ]
	for f in records whatsapp discord-text vtt srt queue_log mbox eml vcon; do
		grep -q "^$f  *[A-Za-z]" <<<"$output"
	done
}

@test "what cannot be read is kept for mending" {
	{
		echo 'nobody wrote this'
		echo '25/02/2026, 10:00 - Ana: hi'
		echo '30/02/2026, 10:01 - Ana: no such day'
		echo 'nor this line'
	} >c.txt
	run jnorm -q --self us --reject dead c.txt
	[ "$status" -eq 65 ]
	[ "$(wc -l <dead)" -eq 2 ]
	grep -q '"reason":"bad_row".*"line":1,"offset":0,"raw":"nobody wrote this"' dead
	grep -q '"reason":"bad_time".*"line":3.*"raw":"30/02/2026, 10:01 - Ana: no such day\\nnor this line"' dead
}

@test "a message longer than --max-line is rejected and the next one is read" {
	{
		echo '25/02/2026, 10:00 - Ana: hi'
		for i in $(seq 100); do echo 'and on and on and on'; done
		echo '25/02/2026, 10:01 - Ana: done'
	} >c.txt
	run jnorm --max-line 1K --self us c.txt
	[ "$status" -eq 65 ]
	[[ $output == *"c.txt:1: message too long"* ]]
	[[ $output == *"read 2 = written 1 + duplicates 0 + rejected 1"* ]]
}

@test "a chat from a pipe gives what it gives from a file" {
	chat 0 2000 >c.txt
	jnorm -q --self "Lume Casa" c.txt | sed 's/"origin".*//' >a
	cat c.txt | jnorm -q --self "Lume Casa" - | sed 's/"origin".*//' >b
	cmp a b
}

@test "a control character in the name of a chat leaves a record that can be read" {
	printf '25/02/2026, 10:00 - A\001n\177a: h\001i\n' >c.txt
	jnorm -q --self us c.txt >out
	grep -q '"session":"A�n�a".*"text":"h\\u0001i"' out
	jnorm -q out | cmp - out
}

@test "records leave as they came, to the last byte" {
	chat 0 200 | jnorm -q --self "Lume Casa" >a
	jnorm -q a >b
	cmp a b
}

@test "memory does not grow with the export" {
	! sanitized || skip "the sanitizer's own memory grows"
	chat 0 100000 >c.txt
	cat c.txt c.txt c.txt c.txt >long.txt
	/usr/bin/time -f %M -o kb jnorm -q --self "Lume Casa" long.txt >/dev/null || skip "no time(1)"
	[ "$(tail -1 kb)" -lt 65536 ]
}

@test "a full disk is told and is status 2" {
	[ -e /dev/full ] || skip "no /dev/full"
	chat 0 10 >c.txt
	run bash -c 'jnorm -q --self "Lume Casa" c.txt >/dev/full'
	[ "$status" -eq 2 ]
	[[ $output == *"<stdout>: No space left on device"* ]]
}

@test "five layouts of one published chat give its published messages" {
	[ -d "$DATA/formats/whatsapp/chat-miner" ] || skip "no shared data"
	command -v jq >/dev/null || skip "no jq"
	cd "$DATA/formats/whatsapp/chat-miner"
	jq -c '[.[]|[.timestamp+".000Z",.author,.message]]|sort' target.json >"$BATS_TEST_TMPDIR/want"
	for f in test_*.txt; do
		jnorm -q "$f" | jq -sc '[.[]|select(.actor!="system")|[.time,.data.name,(.data.text|gsub("\n";" "))]]|sort' \
			>"$BATS_TEST_TMPDIR/got"
		diff "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got" || { echo "$f"; false; }
	done
}

@test "published subtitles in ASCII and in a charset that is not UTF-8 are read" {
	[ -d "$DATA/formats/transcripts/srt" ] || skip "no shared data"
	run jnorm "$DATA"/formats/transcripts/srt
	[ "$status" -eq 0 ]
	[ "$(grep -c '"charset":"gb18030"' <<<"$output")" -eq 3 ]
	grep -q '"text":"宇宙守护神  保护我们远离邪恶"' <<<"$output"
}

# The bytes of every long dead letter, LF behind each.
raws() {
	jq -r .raw_base64 "$1" | while read -r coded; do
		base64 -d <<<"$coded"
		echo
	done
}

@test "a message that is too long is kept from its head to its end" {
	{
		printf '25/02/2026, 10:00 - Ana: hi\r\n'
		echo '25/02/2026, 10:01 - Ana: long'
		for i in $(seq 20000); do echo "and on and on $i"; done
		echo '25/02/2026, 10:02 - Ana: between'
		printf '25/02/2026, 10:03 - Ana: '
		head -c 300000 /dev/zero | tr '\0' x
		printf '\r\nits second line\nits third\r\n'
		echo '25/02/2026, 10:04 - Ana: and'
		head -c 300000 /dev/zero | tr '\0' y
		printf '\nbehind it\n'
		echo '25/02/2026, 10:05 - Ana: done'
	} >c.txt
	run --separate-stderr jnorm --max-line 1K --self us --reject dead c.txt
	[ "$status" -eq 65 ]
	[ "$(jq -r .data.text <<<"$output" | tr '\n' ' ')" = "hi between done " ]
	[[ $stderr == *"read 6 = written 3 + duplicates 0 + rejected 3"* ]]
	[ "$(jq -r .reason dead | sort -u)" = too_long ]
	[ "$(jq -r .line dead | tr '\n' ' ')" = "2 20004 20007 " ]
	raws dead | cmp - <(sed -n '2,20002p;20004,20006p;20007,20009p' c.txt)
	cat c.txt | jnorm --max-line 1K --self us --reject piped 2>/dev/null >/dev/null || true
	cmp <(jq .raw_base64 dead) <(jq .raw_base64 piped)
}
