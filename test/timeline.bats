#!/usr/bin/env bats
# jproject timeline: what reaches a terminal, and its forms.
load helper
load gen/records


# nasty: records that hold terminal escapes in everything that timeline and tables print.
nasty() {
	local e='\u001b]0;x\u0007\u009b31m\u007f\r'

	printf '{"specversion":"1.0","id":"%s","source":"s","type":"%s","time":"2026-03-02T10:0%s:00Z","session":"%s",' 1 "message" 0 a
	printf '"channel":"chat%s","direction":"in","actor":"customer","data":{"text":"a%s\\nb","intent":"x%s.y%s","case":"c%s",' "$e" "$e" "$e" "$e" "$e"
	printf '"identifiers":[{"kind":"phone","value":"+5511912345601"}]}}\n'
	printf '{"specversion":"1.0","id":"2","source":"s","type":"message","time":"2026-03-02T10:01:00Z","session":"a",'
	printf '"channel":"chat%s","direction":"out","actor":"agent%s","data":{"agent":"ana%s","text":"b"}}\n' "$e" "$e" "$e"
	for type in case.escalated case.transferred "note$e"; do
		printf '{"specversion":"1.0","id":"3%s","source":"s","type":"%s","time":"2026-03-02T10:02:00Z","session":"a",' "${#type}" "$type"
		printf '"channel":"chat%s","actor":"sys%s","data":{"reason":"r%s","from":"f%s","to":"t%s","case":"c%s","queue":"q%s"}}\n' "$e" "$e" "$e" "$e" "$e" "$e" "$e"
	done
}

# controls FILE: how many control characters other than line ends.
controls() { LC_ALL=C.UTF-8 grep -cP '[\x{00}-\x{09}\x{0b}-\x{1f}\x{7f}-\x{9f}]' "$1" || :; }

@test "no control character of a record reaches a table" {
	nasty >in
	jlog -q -d j.db append <in
	[ "$(jlog -q -d j.db cat | wc -l)" -eq 5 ]
	jproject -d j.db timeline --customer c1 -o table >story
	is "$(controls story)" 0
	is "$(grep -c 'r?\]0;x??31m? from f?\]0;x??31m? ' story)" 0
	grep -q 'reason r?\]0;x??31m?  from f?\]0;x??31m?  to t?\]0;x??31m?  case c?\]0;x??31m?  queue q?\]0;x??31m? ' story
	grep -q '^-- 2026-03-02 10:00  chat?\]0;x??31m? ' story
	grep -q '< ana?\]0;x??31m? ' story
	is "$(grep -c '^ *2026-03-02' story)" 5
	for list in contacts issues moves; do
		jproject -d j.db "$list" -o table >table
		is "$list $(controls table)" "$list 0"
	done
}

@test "the timeline as csv is a table of its own, a row a record" {
	{
		her 1 "02 10:00" "$(phone +551),"'"text":"where, \"please\"\nis it","intent":"delivery.late"'
		ana 2 "02 10:05" '"agent":"ana","text":"here"'
		her 3 "04 10:00" source=mail/a session=m channel=email "$(phone +551)"
	} | jlog -q -d j.db append
	jproject -d j.db timeline --customer c1 -o csv --tz America/Sao_Paulo >out
	is "$(cat out)" 'time,contact,channel,direction,who,type,intent,text
2026-03-02T10:00:00.000Z,1,whatsapp,in,customer,message,delivery.late,"where, ""please""
is it"
2026-03-02T10:05:00.000Z,1,whatsapp,out,ana,message,,here
2026-03-04T10:00:00.000Z,3,email,in,customer,message,,'
	is "$(jproject -d j.db contacts -o csv | cut -d, -f1,2 | tail -n +2 | tr '\n' ' ')" "c1,1 c1,3 "
	is "$(jproject -d j.db timeline --customer c1 -o ndjson | wc -l)" 3
}

@test "what a timeline tells of moves and closes stands between the words, unless a record tells it" {
	{
		her 1 "02 10:00" "$(phone +551)"
		rec 2 "02 10:01" direction=out actor=bot '"agent":"b1"'
		ana 3 "02 10:20" '"agent":"ana","text":"hello"'
		rec 4 "02 10:40" type=transferred actor=system direction= '"from":"ana","to":"bia"'
		her 5 "02 11:00" '"text":"all well","intent":"resolved"'
		rec 6 "02 11:10" type=case.closed actor=system direction=
	} | jlog -q -d j.db append
	jproject -d j.db timeline --customer c1 -o table >story
	is "$(grep '  = ' story)" '   2026-03-02 10:20  = handoff from b1 to ana
   2026-03-02 11:00  = closed'
	is "$(grep -A1 hello story | tail -1)" '   2026-03-02 10:20  = handoff from b1 to ana'
	is "$(jproject -d j.db timeline --customer c1 -o table --since 2026-03-02T10:30:00Z | grep -c '  = ')" 1
}

@test "a timeline's records carry their contact and issue, and are duplicates where they are appended again" {
	{
		her 1 "02 10:00" "$(phone +551),\"intent\":\"delivery.late\""
		her 2 "05 10:00" session=b "$(phone +551),\"intent\":\"delivery.late\""
		rec 3 "05 10:00" session=q type=survey.answered actor=system direction= "$(phone +551)"
		her 4 "05 10:01" session=b '"text":"\"contact\""' | sed 's/"channel"/"contact":"mine","channel"/'
	} | jlog -q -d j.db append
	jproject -d j.db timeline --customer c1 >records
	is "$(grep -c '"recordedtime":"[^"]*","contact":1,"issue":1,"specversion"' records)" 1
	is "$(grep -c '"recordedtime":"[^"]*","contact":2,"issue":1,"specversion"' records)" 1
	is "$(grep -c '"contact":"mine"' records)" 1
	is "$(jlog -d j.db append records 2>&1 >/dev/null)" 'jlog: read 4 = written 0 + duplicates 4 + rejected 0'
	jlog -q -d copy.db append records
	jlog -q -d copy.db cat | without recordedtime | diff - <(jlog -q -d j.db cat | without recordedtime)
}
