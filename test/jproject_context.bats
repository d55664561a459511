#!/usr/bin/env bats
# jproject context: what travels with a handoff, one rule a test.
bats_require_minimum_version 1.5.0
load helper
load gen/records

me=$(phone +551)
late='"intent":"delivery.late"'
desk() { local id=$1 at=$2 type=$3; shift 3; rec "$id" "$at" type="$type" actor=system direction=internal "$@"; }
take() { jlog -q -d j.db append; }
context() { jproject -d j.db context --customer +551 "$@"; }
# told EXPRESSION [OPTION ...]: part of the bundle, as jq has it.
told() { local what=$1; shift; context -o json "$@" | jq -c "$what"; }

setup() { command -v jq >/dev/null || skip "no jq here"; }

@test "the context tells who she is and what she wants now" {
	{
		hers 1 "02 10:00" "$late,\"name\":\"Ana\",\"lang\":\"pt\",\"region\":\"BR\",\"text\":\"it is late\",\"case\":\"HD-1\""
		hers 2 "02 10:10" '"intent":"courtesy.thanks","text":"thanks"'
		desk 3 "02 10:11" stage.changed '"stage":"service"'
		her 4 "02 11:00" source=mail/a session=m channel=email "$(both +551 a@x.example)"
	} | take
	is "$(told '[.customer, .version, .known, .name, .lang, .region, .stage, .intent, .family]')" '["c1",4,true,"Ana","pt","BR","service",null,null]'
	is "$(told '[.identifiers[].value]')" '["+551","a@x.example"]'
	is "$(told '[.contact.contact, .contact.channel, .contact.open, .contact.waiting_since]')" '[4,"email",true,"2026-03-02T11:00:00.000Z"]'
	is "$(told '[.open_issues[] | [.issue, .family, .case, .contacts]]')" '[[1,"delivery","HD-1",1],[4,null,null,1]]'
	is "$(told '[.intent, .family]' --as-of 3)" '["delivery.late","delivery"]'
}

@test "what only we spoke of is no open issue, from her first word in it on it is one" {
	{
		rec 1 "02 09:00" direction=out actor=agent channel=email session=m "$me,\"purpose\":\"marketing\""
		hers 2 "02 10:00" session=a "$late"
		hers 3 "02 11:00" channel=email session=m '"text":"how much?"'
		hers 4 "02 12:00" session=a "$late"
	} | take
	is "$(told '[.open_issues[].issue]' --as-of 1)" '[]'
	is "$(told '[.open_issues[].issue]' --as-of 2)" '[2]'
	is "$(told '[.open_issues[].issue]')" '[1,2]'
	is "$(jlog -q -d j.db cat | jproject -q -d j.db enrich | jq -c '.data.context.open_issues' | tr '\n' ' ')" "0 0 1 1 "
}

@test "a question is answered by our next plain word for service, on any channel, or by an answered call" {
	{
		hers 1 "02 10:00" '"text":"where is it?"'
		ana 2 "02 10:01" '"asks":["order"]'
		ana 3 "02 10:02" '"intent":"courtesy.ack"'
		ana 4 "02 10:03" '"purpose":"marketing"'
		rec 5 "02 10:05" source=mail/a session=m channel=email direction=out actor=agent "$me"
		hers 6 "03 10:00" '"text":"and now?"'
		rec 7 "03 10:10" type=call source=v/a session=v channel=voice direction=out actor=agent "\"reason\":\"answered\",\"wait\":20,$me"
		hers 8 "04 10:00" '"text":"still there?"'
	} | take
	is "$(told '[.questions[] | [.text, .answered]]')" \
		'[["where is it?","2026-03-02T10:05:00.000Z"],["and now?","2026-03-03T10:10:20.000Z"],["still there?",null]]'
}

@test "what we asked for is given when she names it after that" {
	{
		hers 1 "02 10:00" "$late,\"entities\":{\"email\":\"a@x\"}"
		ana 2 "02 10:01" '"asks":["order","email"]'
		ana 3 "02 10:02" '"entities":{"order":"5"}'
		her 4 "02 10:03" '"entities":{"order":"7"}'
		ana 5 "02 10:04" '"asks":["order"]'
	} | take
	is "$(told '[.requests[] | [.entity, .given]]')" '[["order","2026-03-02T10:03:00.000Z"],["email",null],["order",null]]'
}

@test "of an entity's values the latest wins, of the issue first, and those that contradict it are told" {
	{
		hers 1 "02 10:00" session=b '"intent":"billing.charge","entities":{"order":"1"}'
		hers 2 "03 10:00" session=a "$late,\"case\":\"HD-1\",\"entities\":{\"order\":\"2\",\"amount\":1.10}"
		hers 3 "04 10:00" session=c "$late,\"case\":\"HD-2\",\"entities\":{\"order\":\"3\"}"
		her 4 "04 10:01" session=c '"entities":{"order":"4"}'
		rec 5 "04 10:02" session=c direction=out actor=agent '"entities":{"order":"3","email":"a@x"}'
	} | take
	is "$(told '.entities.order | [.value, .on, .by, .contact, [.earlier[].value]]')" '["3","issue","company",3,["4"]]'
	is "$(told '.entities.amount | [.on, .by, .earlier]')" '["family","customer",null]'
	context -o json | grep -q '"amount":{"value":1.10,'
	is "$(told '.entities.order | [.value, .on]' --as-of 2)" '["2","issue"]'
	is "$(told '.entities.email.on')" '"who"'
	hers 6 "05 10:00" session=d | take
	is "$(told '.entities.order | [.value, .on]')" '["3","elsewhere"]'
}

@test "promises are kept by the record of the same action, and else fall due" {
	{
		hers 1 "02 10:00" "$late"
		desk 2 "02 10:01" commitment.made '"action":"refund","due":"2026-03-03T00:00:00Z","agent":"bia"'
		desk 3 "02 10:02" commitment.made '"action":"call","due":"2026-03-02T12:00:00Z"'
		desk 4 "02 10:03" commitment.made '"action":"visit","due":"2026-03-09T12:00:00Z"'
		desk 5 "02 10:04" commitment.made '"action":"letter"'
		desk 6 "02 10:05" commitment.made '"action":"call","due":"2026-03-02T12:00:00Z"'
		desk 7 "02 13:00" commitment.kept '"action":"call"'
		desk 8 "02 13:30" commitment.kept '"action":"letter"'
	} | take
	her 9 "04 10:00" session=other "$(phone +552)" | take
	is "$(told '[.commitments[] | [.action, .by, .state]]')" \
		'[["refund","bia","overdue"],["call","system","late"],["visit","system","open"],["letter","system","kept"],["call","system","overdue"]]'
	is "$(told '.commitments[0].state' --as-of 8)" '"open"'
	is "$(jproject -d j.db snapshot --customer +551 | jq -c '[.commitments[].state]')" '["open","late","open","kept","open"]'
}

@test "decisions, consents as they stand, moods and what was tried are told" {
	{
		hers 1 "02 10:00" "$late,\"sentiment\":-0.5,\"signals\":[\"frustration\",\"repeat\"]"
		ana 2 "02 10:01" '"sentiment":1,"agent":"ana"'
		desk 3 "02 10:02" decision.made '"action":"refund","amount":10.50,"currency":"EUR","verdict":"deny","policies":["returns/1"]'
		desk 4 "02 10:03" transferred '"from":"ana","to":"bia","reason":"skill"'
		desk 5 "02 10:04" offer.made '"text":"ten per cent off"'
		desk 6 "02 10:05" case.closed '"reason":"solved"'
		desk 7 "02 10:06" case.reopened
		desk 8 "02 10:07" consent.granted '"channel":"sms","purpose":"marketing"'
		desk 9 "02 10:09" consent.revoked '"channel":"sms","purpose":"marketing"'
		desk 10 "02 10:08" consent.granted '"channel":"sms","purpose":"marketing"'
		hers 11 "02 11:00" source=mail/a session=m channel=email "$late,\"sentiment\":0.25,\"signals\":[\"frustration\"]"
	} | take
	is "$(told '.decisions')" '[{"time":"2026-03-02T10:02:00.000Z","action":"refund","amount":10.5,"currency":"EUR","verdict":"deny","policies":["returns/1"]}]'
	is "$(told '[.tried[] | [.what, .from, .to, .reason, .text]]')" \
		'[["transfer","ana","bia","skill",null],["offer",null,null,null,"ten per cent off"],["closed",null,null,"solved",null],["reopened",null,null,null,null],["switch","whatsapp","email",null,null]]'
	is "$(told '[.consent[] | [.channel, .purpose, .granted, .since]]')" '[["sms","marketing",false,"2026-03-02T10:09:00.000Z"]]'
	is "$(told '[.sentiment, .signals]')" '[{"first":-0.5,"last":0.25,"mean":-0.125,"words":2},{"frustration":2,"repeat":1}]'
}

@test "the next step: answer, then ask for what the intent requires, then keep a promise, else none" {
	hers 1 "02 10:00" "$late,\"text\":\"where is it?\"" | take
	is "$(told '.next | [.step, .text, .intent]')" '["answer","where is it?","delivery.late"]'
	ana 2 "02 10:01" '"text":"let me see"' | take
	is "$(told '.next')" '{"step":"ask","entities":["order"]}'
	{
		her 3 "02 10:02" '"entities":{"order":"7"}'
		desk 4 "02 10:03" commitment.made '"action":"refund","due":"2026-03-03T00:00:00Z"'
		desk 5 "02 10:04" commitment.made '"action":"call","due":"2026-03-02T12:00:00Z"'
	} | take
	is "$(told '.next')" '{"step":"none"}'
	ana 6 "03 10:00" | take
	is "$(told '.next')" '{"step":"keep","action":"call","due":"2026-03-02T12:00:00.000Z"}'
	her 7 "04 10:00" session=q "$me,\"text\":\"a thing\",\"intent\":\"delivery.status\"" | take
	is "$(told '.next.step' --as-of 1)" '"answer"'
}

@test "a question of an issue that was closed is no step" {
	{ hers 1 "02 10:00" '"text":"where is it?","case":"HD-1"'; desk 2 "02 11:00" case.closed; } | take
	is "$(told '.next.step')" '"none"'
}

@test "completeness names the parts that are missing" {
	her 1 "02 10:00" '"text":"hello"' | take
	is "$(jproject -d j.db context --customer c1 | jq -c .completeness)" '{"score":0.25,"present":1,"required":4,"missing":["customer","intent","consent"]}'
	rm j.db*
	hers 1 "02 10:00" "$late" | take
	is "$(told .completeness)" '{"score":0.6,"present":3,"required":5,"missing":["entities","consent"]}'
	{ her 2 "02 10:01" '"entities":{"order":"7"}'; desk 3 "02 10:02" consent.granted '"channel":"sms","purpose":"service"'; } | take
	is "$(told .completeness)" '{"score":1,"present":5,"required":5,"missing":[]}'
}

@test "the summary is her first word, her last, our last, and the open promise" {
	{
		hers 1 "02 10:00" "$late,\"text\":\"my order\\n is  late\""
		ana 2 "02 10:05" '"agent":"ana","text":"I will look"'
		hers 3 "03 10:00" '"text":"and?"'
		hers 4 "03 10:01" '"intent":"courtesy.thanks","text":"thanks"'
		desk 5 "03 10:02" commitment.made '"action":"refund","due":"2026-03-03T12:00:00Z"'
		hers 6 "04 09:00" session=x '"text":"another matter","intent":"billing.charge"'
		ana 7 "04 10:00" '"agent":"bia","text":"sent it"'
	} | take
	is "$(told '.summary')" '"customer 2026-03-02: my order is late | customer 2026-03-03: and? | bia 2026-03-04: sent it | promised: refund, due 2026-03-03, overdue"'
	is "$(told '[.summary_by, .summary_error]')" '["extractive",null]'
	is "$(told '.summary' --as-of 2)" '"customer 2026-03-02: my order is late | ana 2026-03-02: I will look"'
}

@test "a summary has at most 600 bytes and cuts neither characters nor words" {
	for n in $(seq 90 7 400); do
		rm -f j.db*
		text=$(printf 'ção%.0s' $(seq $((n % 9 + 1))))
		many=$(yes "$text" | head -n "$n" | tr '\n' ' ')
		{ hers 1 "02 10:00" "\"text\":\"$many\""; ana 2 "02 10:01" "\"text\":\"$many\""; hers 3 "02 10:02" "\"text\":\"$many.\""; } | take
		told .summary | jq -r . >summary
		[ "$(($(wc -c <summary) - 1))" -le 600 ]
		iconv -f UTF-8 -t UTF-8 summary >/dev/null
		is "$(sed "s/[a-z]* 2026-03-02://g; s/[|….]//g" summary | tr -s ' ' '\n' | grep -v '^$' | sort -u)" "$text"
	done
	rm -f j.db*
	hers 1 "02 10:00" "\"text\":\"$(printf 'x%.0s' $(seq 2000))\"" | take
	is "$(told .summary)" null
	for text in 漢字 น้ำ ខ្មែរ; do
		for before in '' 漢 漢漢 漢漢漢 漢漢漢漢; do
			rm -f j.db*
			hers 1 "02 10:00" "\"text\":\"$before$(printf "$text%.0s" $(seq 500))\"" | take
			told .summary | jq -r . >summary
			[ "$(wc -c <summary)" -gt 585 ]
			[ "$(($(wc -c <summary) - 1))" -le 600 ]
			# Letters that a mark stands behind are not left without it.
			run ! grep -qE '(น|ខ|ម)…$' summary
		done
	done
}

@test "a command makes the summary of the bundle, and what it writes is cut as ours is" {
	hers 1 "02 10:00" '"text":"hello"' | take
	is "$(told '[.summary, .summary_by, .summary_error]' --summarize-with 'jq -r ".customer + \": \" + .summary"')" \
		'["c1: customer 2026-03-02: hello","command",null]'
	told .summary --summarize-with 'yes word | head -n 1000' | jq -r . >summary
	[ "$(($(wc -c <summary) - 1))" -le 600 ]
	grep -q 'word…$' summary
	is "$(told .summary --summarize-with 'printf "  a\n b\n\n"')" '"a b"'
	is "$(told .summary --summarize-with 'printf "a\377b"')" '"a�b"'
	context -o text --summarize-with 'echo so it is' | grep -q '^Summary  *so it is$'
}

@test "a command that fails leaves the summary as it was, and the bundle says why" {
	hers 1 "02 10:00" '"text":"hello"' | take
	for failing in 'exit 3' 'true' 'kill -9 $$' 'echo too late; sleep 20' 'exec >&-; sleep 20' 'sleep 20 & echo' 'yes' "printf 'https://%0700d' 0"; do
		timeout 10 jproject -d j.db context --customer c1 --timeout 300ms --summarize-with "$failing" >out
		is "$(jq -c '[.summary, .summary_by]' out)" '["customer 2026-03-02: hello","extractive"]'
		jq -r .summary_error out
	done >why
	is "$(cat why)" 'exit status 3
it wrote nothing
killed by signal 9
no end after 300 ms
no end after 300 ms
no end after 300 ms
no end after 300 ms
nothing of what it wrote fits'
	context -o text --summarize-with false | grep -q '^Summary  *customer 2026-03-02: hello$'
}

@test "nothing that a command started is left when its time is over, and one that reads nothing is no matter" {
	{ for i in $(seq 100); do hers "$i" "02 10:00" "\"entities\":{\"e$i\":\"$(printf 'v%.0s' {1..1500})\"},\"text\":\"what about it $i?\""; done; } | take
	[ "$(context -o json | wc -c)" -gt 70000 ]
	is "$(told .summary --summarize-with 'echo unread')" '"unread"'
	context --timeout 200ms --summarize-with 'echo $$ >pid; (echo $BASHPID; sleep 41.7) & sleep 41.7' >/dev/null
	sleep 0.2
	[ -s pid ]
	run ! kill -0 "$(cat pid)"
	run ! pgrep -f 'sleep 41[.]7'
}

@test "for people the context is laid out, with nothing that moves a terminal" {
	{
		hers 1 "02 10:00" "$late,\"name\":\"A\\u001b[31mna\",\"text\":\"where\\u009b is it?\",\"entities\":{\"order\":\"7\\u0007\"}"
		ana 2 "02 10:01" '"asks":["invoice"]'
	} | take
	context -o text --tz America/Sao_Paulo >page
	is "$(LC_ALL=C.UTF-8 grep -cP '[\x{00}-\x{09}\x{0b}-\x{1f}\x{7f}-\x{9f}]' page)" 0
	grep -q '^Customer  *c1  A?\[31mna  known  as of 2026-03-02 07:01$' page
	grep -q '^Next  *answer  2026-03-02 07:00  where? is it?$' page
	grep -q '^Known  *order  7?  given 2026-03-02 07:00  whatsapp  by customer  on issue$' page
	grep -q '^We asked  *2026-03-02 07:01  whatsapp  invoice$' page
	context | jq -e .customer >/dev/null
	run -2 context -o csv
	run -2 jproject -d j.db context
	run -2 jproject -d j.db context --customer nobody
	run -2 bash -c "jproject -d j.db context --customer c1 >/dev/full"
}

@test "long lists tell the latest, and how many they leave out" {
	for i in $(seq 10 45); do
		hers "q$i" "02 10:$i" '"text":"what?"'
		desk "p$i" "02 10:$i" commitment.made '"action":"x"'
	done | take
	is "$(told '[(.questions | length), (.commitments | length), .questions[0].time, .left_out]')" \
		'[20,20,"2026-03-02T10:26:00.000Z",{"questions":16,"commitments":16}]'
}

@test "of many names of entities those that were said last are told" {
	for i in $(seq 100 199); do
		hers "e$i" "02 1$((i % 10)):$((i / 10))" "\"entities\":{\"n$((i % 10))$((i / 10))\":\"v\"}"
	done | take
	is "$(told '[(.entities | keys | length), (.entities | keys[0]), (.entities | keys[-1]), .left_out]')" '[64,"n316","n919",{"entities":36}]'
}

# ---- enrich --bundle ----

@test "handoffs carry the bundle as of them, without texts and channels, and other records the context" {
	{
		hers 1 "02 10:00" "$late,\"text\":\"secret question?\""
		desk 2 "02 10:01" handoff '"from":"bot","to":"ana"'
		hers 3 "02 09:00" source=mail/a session=m channel=email '"text":"before"'
		desk 4 "02 10:03" consent.granted '"channel":"sms","purpose":"service"'
		ana 5 "02 10:05"
	} | take
	jlog -q -d j.db cat | jproject -q -d j.db enrich >plain
	jlog -q -d j.db cat | jproject -q -d j.db enrich --bundle >out
	is "$(diff plain out | grep -c '^>')" 1
	sed -n 2p out | jq -c .data.context >bundle
	is "$(jq -c '[.customer, .version, .as_of, .next.step, .consent, .summary_by]' bundle)" '["c1",2,"2026-03-02T10:01:00.000Z","answer",[],"extractive"]'
	is "$(jq -c '[.. | objects | (.text, .channel) | strings]' bundle)" '[]'
	is "$(jq -r .summary bundle)" 'customer 2026-03-02: secret question?'
}

@test "a handoff's bundle does not change with what comes later" {
	for seed in $(seq 10); do
		rm -f j.db*
		history -v seed=$seed -v n=80 -v people=$((1 + seed % 4)) -v shared=$((seed % 3 * 30)) -v late=$((seed % 4 * 10)) -v links=4 |
			sed 's/"case.assigned"/"escalated"/' >in
		head -50 in | jlog -q -d j.db append
		jlog -q -d j.db cat >first
		jproject -q -d j.db enrich --bundle first >before
		tail -30 in | jlog -q -d j.db append
		jproject -q -d j.db enrich --bundle first | diff before - >difference || { echo "seed $seed"; head difference; false; }
	done
}
