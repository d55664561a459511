#!/usr/bin/env bats
# jnorm: DiscordChatExporter's plain text; its golden files are among those of jnorm.bats.
bats_require_minimum_version 1.5.0
load helper

RULE=$(printf '=%.0s' {1..62})

# An export of the messages on stdin, in one channel.
export_of() {
	printf '%s\nGuild: Lume Casa\nChannel: %s\n%s\n\n' "$RULE" "${1:-support}" "$RULE"
	cat
	printf '%s\nExported 1,234 message(s)\n%s\n' "$RULE" "$RULE"
}

# Message after message of January to May: messages FIRST LAST
messages() {
	awk -v a="$1" -v b="$2" 'BEGIN { for (i = a; i < b; i++)
		printf "[%d/%d/2026 %d:%02d PM] %s\nmessage %d\nof the day\n\n\n", int(i / 20 / 28) + 1, int(i / 20) % 28 + 1, i % 20 / 3 + 1,
			i % 3, (i % 3 ? "bia.prado" : "lume.ana"), i % 7 }'
}

@test "heads of all locales and of older exporters are read" {
	local head
	for head in '1/15/2026 9:05 PM' $'1/15/2026 9:05\u202fPM' '15/01/2026 21:05' '15.01.2026 21:05' '2026-01-15 21:05' '2026/01/15 21:05' \
		'15.1.2026 21.05' '15-01-2026 21.05' '2026. 01. 15. 21:05' $'2026-01-15 \uc624\ud6c4 9:05' $'2026/1/15 \u4e0b\u53489:05' \
		'15. 01. 2026. 21:05' '15/01/2026 9:05 p. m.' '15.01.2026 г. 21:05' '15-Jan-26 09:05 PM' '15-Jan-26 21:05' '1768511100' '1768511100000'; do
		printf '[%s] bia.prado\nhi\n\n\n' "$head" | export_of >c.txt
		jnorm -q --tz UTC --self us c.txt >out
		grep -q '"time":"2026-01-15T21:05:00.000Z","session":"Lume Casa / support","channel":"discord".*"text":"hi"' out || { echo "$head"; cat out; false; }
		[ "$(wc -l <out)" -eq 1 ]
	done
}

@test "dates that do not decide are month first where they look so, and are marked" {
	printf '[2/3/2026 9:05 AM] bia\nhi\n\n\n' | export_of >c.txt
	jnorm -q --tz UTC --self us c.txt | grep -q '"time":"2026-02-03T.*"time_assumed":"date order m/d"'
	printf '[02/03/2026 09:05] bia\nhi\n\n\n' | export_of >c.txt
	jnorm -q --tz UTC --self us c.txt | grep -q '"time":"2026-03-02T.*"time_assumed":"date order d/m"'
	printf '[3/2/2026 9:05 AM] bia\nhi\n\n\n[13/2/2026 9:05 AM] bia\nhi\n\n\n' | export_of >c.txt
	jnorm -q --tz UTC --self us c.txt >out
	head -n 1 out | grep -q '"time":"2026-02-03T'
	! grep -q time_assumed out
}

@test "local times in the gap and the fold of a zone are read as elsewhere, and without a zone they are marked" {
	printf '[2026-03-29 02:30] bia\ngap\n\n\n[2026-10-25 02:30] bia\nfold\n\n\n' | export_of >c.txt
	jnorm -q --tz Europe/Berlin --self us c.txt >out
	head -n 1 out | grep -q '"time":"2026-03-29T01:30:00.000Z"'
	tail -n 1 out | grep -q '"time":"2026-10-25T00:30:00.000Z"'
	jnorm -q --self us c.txt | head -n 1 | grep -q '"time":"2026-03-29T02:30:00.000Z".*"time_assumed":"UTC"'
}

@test "a name that Discord gives once is an identifier, another is shown alone" {
	for n in bia.prado Bia#1234 b_2; do
		printf '[2026-01-15 21:05] %s\nhi\n\n\n' "$n" | export_of >c.txt
		jnorm -q --self us c.txt | grep -qF "\"identifiers\":[{\"kind\":\"handle:discord\",\"value\":\"$n\"}],\"name\":\"$n\"" || { echo "$n"; false; }
	done
	for n in 'Bia Prado' Bia GitHub#0000 x; do
		printf '[2026-01-15 21:05] %s\nhi\n\n\n' "$n" | export_of >c.txt
		jnorm -q --self us c.txt >out
		grep -qF "\"name\":\"$n\"" out
		! grep -q identifiers out || { echo "$n"; false; }
	done
}

@test "overlapping exports under other names give the same records where they overlap" {
	messages 0 1500 | export_of >first.txt
	messages 500 2500 | export_of >second.txt
	jnorm -q --self lume.ana first.txt | sed 's/,"origin":.*//' | sort >a
	jnorm -q --self lume.ana second.txt | sed 's/,"origin":.*//' | sort >b
	[ "$(comm -12 a b | wc -l)" -eq 1000 ]
	[ "$(sort -u a b | wc -l)" -eq 2500 ]
	[ "$(grep -c '"actor":"agent"' a)" -eq 500 ]
	! grep '"actor":"agent"' a | grep -q identifiers
}

@test "one more who writes changes nothing of what is there" {
	messages 300 330 >c
	export_of <c | jnorm -q --self lume.ana -f discord-text - | sed 's/,"origin":.*//' >a
	printf '[5/28/2026 9:05 PM] rui\nhi\n\n\n' | cat c - | export_of | jnorm -q --self lume.ana -f discord-text - | sed 's/,"origin":.*//' >b
	[ "$(wc -l <b)" -eq 31 ]
	cmp a <(head -n 30 b)
}

@test "a channel is one session, and each customer in it is herself" {
	printf '[2026-01-15 21:05] bia\nhi\n\n\n[2026-01-15 21:06] lume.ana\nhello\n\n\n[2026-01-15 21:07] rui\nhi\n\n\n[2026-01-15 21:08] lume.ana\nhello\n\n\n' |
		export_of >c.txt
	jnorm -q --self lume.ana c.txt | jlog -q append
	jproject -q update
	[ "$(sqlite3 journey.db 'SELECT count(*), count(DISTINCT session), sum(her_words), sum(our_words), min(our_words) FROM v_contact')" = "2|1|2|2|1" ]
}

@test "parts of an export in one input are read each with its own channel" {
	{
		printf '[2026-01-15 21:05] bia\nhi\n\n\n' | export_of support
		printf '[2026-01-15 21:06] bia\nhi again\n\n\n' | export_of 'support / orders'
	} >c.txt
	run jnorm --self us c.txt
	[[ $output == *'"session":"Lume Casa / support"'*'"text":"hi"'*'"session":"Lume Casa / support / orders"'*'"text":"hi again"'* ]]
	[[ $output == *"read 2 = written 2"* ]]
}

@test "an export that breaks off keeps its last message" {
	printf '%s\nGuild: Lume Casa\nChannel: support\n%s\n\n[2026-01-15 21:05] bia\nhi\n\n{Attachments}\nhttps://cdn.example/1' "$RULE" "$RULE" >c.txt
	jnorm -q --self us c.txt | grep -q '"text":"hi".*"attachments":\["https://cdn.example/1"\]'
}

@test "a message longer than --max-line is rejected and the next one is read" {
	{
		printf '[2026-01-15 21:05] bia\n'
		for i in $(seq 100); do echo 'and on and on and on'; done
		printf '\n\n[2026-01-15 21:06] bia\ndone\n\n\n'
	} | export_of >c.txt
	run jnorm --max-line 1K --self us --reject dead c.txt
	[ "$status" -eq 65 ]
	[[ $output == *"c.txt:6: message too long"* ]]
	[[ $output == *"read 2 = written 1 + duplicates 0 + rejected 1"* ]]
	[ "$(jq -r .raw_base64 dead | base64 -d | grep -c 'and on')" -eq 100 ]
}

@test "the published text gives what the published JSON of the same chat says" {
	[ -d "$DATA/formats/discord/chatpack" ] || skip "no shared data"
	command -v jq >/dev/null || skip "no jq"
	jnorm -q --tz UTC "$DATA/formats/discord/chatpack/discord.txt" | jq -c '[.time, .data.text // ""]' >got
	jq -c '.messages[] | [(.timestamp | sub("\\+00:00"; ".000Z")), .content]' "$DATA/formats/discord/chatpack/discord.json" >want
	diff want got
}

@test "memory does not grow with an export from Discord" {
	! sanitized || skip "the sanitizer's own memory grows"
	for i in $(seq 100); do messages 0 2500; done | export_of >c.txt
	/usr/bin/time -f %M -o kb jnorm -q --self lume.ana c.txt >/dev/null || skip "no time(1)"
	[ "$(tail -1 kb)" -lt 65536 ]
}

@test "messages are read where a rule above them is gone" {
	printf '%s\n\n[15/01/2026 21:05] ana\nhi\n\n\n[15/01/2026 21:06] bia\nho\n' "$RULE" >a.txt
	printf '%s\nGuild: Lume Casa\nChannel: support\n\n[15/01/2026 21:05] ana\nhi\n\n\n[15/01/2026 21:06] bia\nho\n' "$RULE" >b.txt
	for f in a.txt b.txt; do
		jnorm -q --tz UTC -f discord-text $f >out
		[ "$(grep -c '"text":"h[io]"' out)" -eq 2 ]
	done
	grep -q '"session":"Lume Casa / support"' out
}
