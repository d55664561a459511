#!/usr/bin/env bats
# What is derived beside contacts, issues, switches and moves: one rule a test.
bats_require_minimum_version 1.5.0
load helper
load gen/records

take() {
	jlog -q -d j.db append
	jproject -q -d j.db update
}
late='"intent":"delivery.late"'
where='"intent":"delivery.status"'
price='"intent":"quote.price"'
me=$(phone +551)

bot() { local id=$1 at=$2; shift 2; rec "$id" "$at" direction=out actor=bot '"agent":"b1"' "$@"; }
desk() { local id=$1 at=$2 type=$3; shift 3; rec "$id" "$at" type="$type" actor=system direction= "$@"; }
# hour COLUMN: a time of the 2nd of March 2026 as its hour.
hour() { printf '(%s - 1772409600000) / 3600000.0' "$1"; }

# ---- questions ----

@test "a question is a message of hers whose intent asks or whose text ends in a question mark, and no courtesy" {
	{
		hers 1 "02 10:00" "$where"
		her 2 "02 10:01" '"text":"and is it blue?"'
		her 3 "02 10:02" '"text":"it is blue."'
		her 4 "02 10:03" '"intent":"courtesy.thanks","text":"thanks, right?"'
		ana 5 "02 10:04" '"text":"which order?"'
		rec 6 "02 10:05" type=call '"reason":"answered","intent":"delivery.status","duration":60'
	} | take
	is "$(fact question 'question, asked_by, intent, family, contact' | tr '\n' ' ')" \
		"1|intent|delivery.status|delivery|1 2|text|delivery.status|delivery|1 "
}

@test "a question mark is one in any script, whatever that is not seen stands behind it" {
	local i=0 mark

	for mark in '?' '？' '؟' '⁉️' '? ' $'?\u00a0' $'？\u200f'; do
		her $((i += 1)) "02 10:0$i" "\"text\":\"xyz$mark\""
	done >in
	for mark in '!' '?!' ';' '? ok' '' '？）'; do
		her $((i += 1)) "02 10:$((10 + i))" "\"text\":\"xyz$mark\""
	done >>in
	ana 20 "02 10:40" '"text":"どの注文ですか？"' >>in
	take <in
	is "$(fact question question | tr '\n' ' ')" "1 2 3 4 5 6 7 "
	is "$(fact contact last_asks)" 1
	jproject context -d j.db --customer c1 -o json | jq -c '[.questions[].text[3:4]]' >asked
	is "$(cat asked)" '["?","？","؟","⁉","?","?","？"]'
}

@test "a question is the same in another contact of the issue where its intent is, and no entity contradicts" {
	{
		hers 1 "02 10:00" session=a "$where,\"entities\":{\"order\":\"A1\"}"
		hers 2 "02 10:01" session=a "$where"
		hers 3 "03 10:00" session=b "$where,\"entities\":{\"order\":\"A1\"}"
		hers 4 "04 10:00" session=c "$where,\"entities\":{\"order\":\"B2\"}"
		hers 5 "05 10:00" session=d "$where"
	} | take
	is "$(fact question 'question, same' | tr '\n' ' ')" "1| 2| 3|1 4|2 5|1 "
	is "$(fact issue 'questions, repeated_questions')" "5|3"
}

@test "a question is the same where its words are much alike, and another one where they are not" {
	{
		hers 1 "02 10:00" session=a "$late,\"text\":\"When will my parcel from Monday be here?\""
		hers 2 "03 10:00" session=b "$late,\"text\":\"when will my PARCEL from monday be here please?\""
		hers 3 "04 10:00" session=c "\"intent\":\"delivery.wrong\",\"text\":\"Can somebody tell me what it costs?\""
	} | take
	is "$(fact question 'question, same' | tr '\n' ' ')" "1| 2|1 3| "
}

@test "questions of two issues are two" {
	{
		hers 1 "02 10:00" session=a "$where,\"case\":\"A\""
		hers 2 "03 10:00" session=b "$where,\"case\":\"B\""
	} | take
	is "$(fact question 'count(*), count(same)')" "2|0"
}

@test "a question is answered by our first word behind it in its contact" {
	{
		hers 1 "02 10:00" "$where"
		her 2 "02 10:30" '"text":"hello?"'
		bot 3 "02 11:00"
		ana 4 "02 12:00"
		her 5 "02 13:00" '"text":"really?"'
	} | take
	is "$(fact question "question, $(hour answered)" | tr '\n' ' ')" "1|11.0 2|11.0 5| "
}

# ---- information that is repeated ----

@test "information is repeated behind a switch where we ask for it, she gives it, or says so again; verification is none" {
	local first="$late,\"entities\":{\"order\":\"A1\"}" kind
	for kind in ask give say nothing other another system note; do
		rm -f j.db*
		{
			hers 1 "02 10:00" session=a "$first"
			hers 2 "02 12:00" session=b channel=email "$late"
			case $kind in
			ask) ana 3 "02 12:05" session=b channel=email '"asks":["order"]' ;;
			give) her 3 "02 12:05" session=b channel=email '"entities":{"order":"A1"}' ;;
			say) her 3 "02 12:05" session=b channel=email '"signals":["repeat"]' ;;
			nothing) her 3 "02 12:05" session=b channel=email ;;
			other) ana 3 "02 12:05" session=b channel=email '"asks":["invoice"]' ;;
			another) her 3 "02 12:05" session=b channel=email '"entities":{"order":"B2"}' ;;
			system) ana 3 "02 12:05" session=b channel=email actor=system '"asks":["order"]' ;;
			note) ana 3 "02 12:05" session=b channel=email direction=internal '"asks":["order"]' ;;
			esac
		} | take
		case $kind in nothing | other | another | system | note) is "$kind $(fact switch repeated)" "$kind 0" ;; *) is "$kind $(fact switch repeated)" "$kind 1" ;; esac
	done
}

@test "a repetition is charged to the last switch or move before it in the issue" {
	{
		hers 1 "02 10:00" session=a "$late,\"entities\":{\"order\":\"A1\"}"
		hers 2 "02 12:00" session=b channel=email "$late"
		ana 3 "02 12:10" session=b channel=email
		rec 4 "02 13:00" session=b channel=email direction=out actor=agent '"agent":"bia"'
		rec 5 "02 13:01" session=b channel=email direction=out actor=agent '"agent":"bia","asks":["order"]'
	} | take
	is "$(sqlite3 j.db 'SELECT kind, repeated FROM v_handover ORDER BY at' | tr '\n' ' ')" "switch|0 transfer|1 "
}

# handovers: kind and repeated of switches and moves, in the order of their time.
handovers() { sqlite3 j.db "SELECT kind, repeated FROM v_handover ORDER BY at" | tr '\n' ' '; }

@test "what is said while a call rings is charged to what was before it was taken, and what is said in it to its agent" {
	{
		hers 1 "02 10:00" session=a "$late,\"entities\":{\"order\":\"A1\"}"
		bot 2 "02 10:01" session=a
		called 3 "02 10:30" "$late,\"signals\":[\"repeat\"]"
		bot 4 "02 10:32" session=a '"asks":["order"]'
	} | take
	is "$(handovers)" "switch|1 handoff|1 "
	is "$(jmetrics -q -d j.db -o csv repeat_information_rate | sed -n '2s/.*,rate,\([^,]*,[^,]*,[^,]*\),.*/\1/p')" "1,2,2"
}

@test "a call that nobody took says what it says when it began" {
	{
		hers 1 "02 10:00" session=a "$late"
		bot 2 "02 10:01" session=a
		called 3 "02 10:30" "$late,\"signals\":[\"repeat\"]" | sed 's/answered/abandoned_queue/'
		ana 4 "02 10:35" session=a
	} | take
	is "$(handovers)" "switch|1 handoff|0 "
}

@test "a call of ours that she does not take asks for nothing" {
	local how
	for how in answered voicemail; do
		rm -f j.db*
		{
			hers 1 "02 10:00" session=a "$late,\"entities\":{\"order\":\"A1\"}"
			hers 2 "02 10:30" session=b channel=email "$late"
			rec 3 "02 10:40" type=call session=b channel=voice direction=out actor=bot \
				"$me,$late,\"reason\":\"$how\",\"wait\":20,\"duration\":60,\"asks\":[\"order\"]"
		} | take
		case $how in answered) is "$(handovers)" "switch|0 switch|1 " ;; *) is "$(handovers)" "switch|0 " ;; esac
	done
}

@test "what is told in a call is known once it is taken" {
	local minute
	for minute in 39:59 40:00; do
		rm -f j.db*
		{
			hers 1 "02 10:00" session=a "$late"
			bot 2 "02 10:01" session=a
			called 3 "02 10:30" "$late,\"entities\":{\"order\":\"A1\"}"
			bot 4 "02 10:$minute" session=a '"asks":["order"]'
		} | take
		case $minute in 39:59) is "$(handovers)" "switch|0 handoff|0 " ;; *) is "$(handovers)" "switch|0 handoff|1 " ;; esac
	done
}

# ---- promises ----

@test "a promise is kept by the record of its action, each by one, and told by when it fell due" {
	{
		hers 1 "02 10:00" "$late"
		desk 2 "02 11:00" commitment.made '"action":"refund","due":"2026-03-02T14:00:00Z"'
		desk 3 "02 12:00" commitment.made '"action":"refund"'
		desk 4 "02 13:00" commitment.made '"action":"call","due":"2026-03-02T14:00:00Z"'
		desk 5 "02 15:00" commitment.kept '"action":"refund"'
		desk 6 "02 16:00" commitment.kept '"action":"send"'
	} | take
	is "$(fact commitment "commitment, action, $(hour due), $(hour kept), contact" | tr '\n' ' ')" \
		"2|refund|14.0|15.0|1 3|refund|||1 4|call|14.0||1 "
}

@test "a promise that was broken does not take the keeping of the next" {
	{
		hers 1 "02 10:00" "$late"
		desk 2 "02 11:00" commitment.made '"action":"call back ","due":"2026-03-02T12:00:00Z"'
		desk 3 "02 13:00" commitment.made '"action":"call back ","due":"2026-03-02T16:00:00Z"'
		desk 4 "02 15:00" commitment.kept '"action":"call back "'
		desk 5 "02 17:00" commitment.kept '"action":"call back "'
	} | take
	is "$(fact commitment "commitment, $(hour kept)" | tr '\n' ' ')" "2|17.0 3|15.0 "
	is "$(jproject context -q -d j.db --customer c1 | jq -c '[.commitments[] | .kept[11:16]]')" '["17:00","15:00"]'
}

# ---- opportunities ----

@test "an issue with a commercial intent is an opportunity, and an order in it wins it" {
	{
		hers 1 "02 10:00" "$price"
		ana 2 "02 10:05"
		desk 3 "02 11:00" order.placed
		hers 4 "03 10:00" session=b "$late"
	} | take
	is "$(fact opportunity "issue, $(hour won), intent")" "1|11.0|quote.price"
	is "$(fact issue 'issue, commercial' | tr '\n' ' ')" "1|1 4|0 "
}

@test "an order elsewhere wins her latest opportunity of the 30 days before" {
	{
		hers 1 "02 10:00" session=a "$price"
		desk 2 "20 10:00" order.placed source=crm/a session= channel= "$me"
	} | take
	is "$(fact opportunity '(won - started) / 86400000')" "18"
	rm -f j.db*
	{
		hers 1 "01 10:00" session=a "$price"
		desk 2 "31 10:01" order.placed source=crm/a session= channel= "$me"
	} | take
	is "$(fact opportunity 'coalesce(won, 0)')" "0"
}

@test "a word waits from its end to the other side's, and not behind a close" {
	{
		hers 1 "02 10:00" "$price"
		her 2 "02 12:00" '"text":"hello"'
		ana 3 "02 15:00"
		ana 4 "02 16:00"
		her 5 "02 22:00"
		desk 6 "02 23:00" case.closed
		ana 7 "03 09:00"
	} | take
	is "$(fact opportunity 'she_waited / 3600000.0, we_waited / 3600000.0, she_waits, we_wait')" "5.0|7.0||"
}

@test "what waits at the end is told by when it began, and a silence until the order" {
	{
		hers 1 "02 10:00" "$price"
		ana 2 "02 11:00"
		hers 3 "05 11:00" session=z channel=email "$late"
	} | take
	is "$(fact opportunity "she_waits, $(hour we_wait), silence, $(hour silent)")" "|11.0|3600000|11.0"
}

@test "a lapsed opportunity recovers by an order behind a word of ours" {
	{
		hers 1 "02 10:00" "$price"
		ana 2 "05 10:00"
		desk 3 "06 10:00" order.placed
	} | take
	is "$(fact opportunity "$(hour lapsed), $(hour recovered)")" "58.0|106.0"
	rm -f j.db*
	{
		hers 1 "02 10:00" "$price"
		desk 3 "06 10:00" order.placed
	} | take
	is "$(fact opportunity "coalesce(recovered, 0)")" "0"
}

@test "an opportunity is on every channel that it had a contact on" {
	{
		hers 1 "02 10:00" session=a "$price"
		hers 2 "02 12:00" session=b channel=email "$price"
		hers 3 "02 14:00" session=c channel=email "$price"
		hers 4 "02 15:00" session=d "$late"
	} | take
	is "$(sqlite3 j.db 'SELECT issue, channel FROM v_touch ORDER BY 2' | tr '\n' ' ')" "1|email 1|whatsapp "
	is "$(fact opportunity 'channel, last_channel')" "whatsapp|email"
}

# ---- records ----

@test "an answer to a survey is of its session's contact" {
	{
		hers 1 "02 10:00" "$late"
		ana 2 "02 10:05"
		rec 3 "02 12:00" type=survey.answered '"scale":"csat5","score":4'
		rec 4 "02 13:00" type=survey.answered '"scale":"nps"'
	} | take
	is "$(fact survey 'survey, scale, score, contact, agent, intent' | tr '\n' ' ')" "3|csat5|4.0|1|ana|delivery.late 4|nps||1|ana|delivery.late "
}

@test "decisions on one action that read the same are a ruling, however their inputs are written" {
	{
		hers 1 "02 10:00" "$late"
		desk 2 "02 10:01" decision.made '"action":"refund","verdict":"allow","inputs":{"days":3,"paid":1.0}'
		desk 3 "02 10:02" decision.made '"action":"refund","verdict":"deny","inputs":{ "paid":1, "days":3 }'
		desk 4 "02 10:03" decision.made '"action":"refund","verdict":"deny","inputs":{"days":4,"paid":1}'
		desk 5 "02 10:04" decision.made '"action":"credit","verdict":"deny","inputs":{"days":4,"paid":1}'
		desk 6 "02 10:05" decision.made '"action":"credit","verdict":"deny"'
		desk 7 "02 10:06" decision.made '"action":"credit","verdict":"allow"'
	} | take
	is "$(sqlite3 j.db "SELECT action, decisions, verdicts FROM v_ruling ORDER BY 2 DESC, 1" | tr '\n' ' ')" "refund|2|2 credit|1|1 refund|1|1 "
}

@test "of decisions that had read the same, pairs are told, and those that contradict" {
	local n verdict
	{
		hers 1 "02 10:00" "$late"
		n=1
		for verdict in allow deny allow deny deny; do
			n=$((n + 1))
			desk $n "02 10:0$n" decision.made "\"action\":\"refund\",\"verdict\":\"$verdict\",\"inputs\":{\"days\":3}"
		done
		desk 7 "02 10:07" decision.made '"action":"refund","inputs":{"days":3}'
	} | take
	is "$(sqlite3 j.db "SELECT decisions, verdicts, pairs, contradicting FROM v_ruling")" "6|2|10|6"
	is "$(jmetrics -q -d j.db -o ndjson contradiction_rate.pairs | jq -c '[.value, .n]')" '[0.6,10]'
}

@test "a ruling has the channel of its decisions, or several, and the kind of who made them" {
	{
		hers 1 "02 10:00" "$late"
		hers 2 "02 10:00" "$late" channel=chat session=c2
		desk 3 "02 10:01" decision.made '"action":"refund","verdict":"allow","inputs":{"days":3}' actor=agent
		desk 4 "02 10:02" decision.made '"action":"refund","verdict":"deny","inputs":{"days":3}' actor=bot channel=chat session=c2
		desk 5 "02 10:03" decision.made '"action":"refund","verdict":"deny","inputs":{"days":4}' actor=bot channel=chat session=c2
		desk 6 "02 10:04" decision.made '"action":"refund","verdict":"deny","inputs":{"days":4}' actor=bot channel=chat session=c2
	} | take
	sqlite3 j.db "SELECT channel, human, bot FROM v_ruling ORDER BY 1" | tee told
	is "$(tr '\n' ' ' <told)" "chat|0|1 several|1|1 "
	is "$(jmetrics -q -d j.db -o ndjson --by channel,agent_kind contradiction_rate | jq -c 'select(.statistic == "rate") | [.group.channel, .group.agent_kind, .numerator, .n]' | tr '\n' ' ')" \
		'["chat","bot",0,1] ["several","both",1,1] '
}

@test "a message in quiet hours is a violation of consent, by the clock of the report's zone" {
	local ad='"purpose":"marketing"'
	{
		rec 1 "02 07:00" type=consent.granted "$me,$ad"
		rec 2 "02 07:59" direction=out actor=system channel=sms "$me,$ad"
		rec 3 "02 08:00" direction=out actor=system channel=sms "$me,$ad"
		rec 4 "02 20:59" direction=out actor=system channel=sms "$me,$ad"
		rec 5 "02 21:00" direction=out actor=system channel=sms "$me,$ad"
		rec 6 "02 22:00" type=consent.revoked "$me,$ad"
		rec 7 "03 12:00" direction=out actor=system channel=sms "$me,$ad"
	} | take
	violations() { jmetrics -q -d j.db -o ndjson consent_violation_rate "$@" | jq -c '[.numerator, .n]' | tr '\n' ' '; }
	is "$(violations)" '[3,5] [1,5] '
	is "$(violations --tz Pacific/Auckland)" '[2,5] [1,5] '
	is "$(jmetrics -q -d j.db -o ndjson --explain consent_violation_rate | jq -c '[.outbound, .reasons]' | tr '\n' ' ')" \
		'[2,["quiet_hours"]] [3,[]] [4,[]] [5,["quiet_hours"]] [7,["no_consent"]] '
}

@test "a contact is answered in time by what the ontology says of its class" {
	cp -r "$TOP/ontology" o
	sed -i 's/answer: 1h/answer: 90m/; s/^  email: .*/  email: slow/; s/^request_gap/  slow: {gap: 24h}\n&/' o/channels.yaml
	{
		hers 1 "02 10:00" session=a
		ana 2 "02 11:20" session=a
		hers 3 "02 12:00" session=b channel=chat
		ana 4 "02 12:01" session=b channel=chat
		hers 5 "02 13:00" session=c channel=email
	} | take
	level() { jmetrics -q -d j.db -o ndjson "$@" service_level | jq -c '[.group.class, .numerator, .n]' | tr '\n' ' '; }
	is "$(level)" '["asynchronous",0,2] ["live",0,1] '
	is "$(level --ontology o)" '["asynchronous",1,1] ["live",0,1] '
}

@test "a question is counted with the stage that was told of her by then" {
	{
		hers 1 "02 10:00" "$where"
		desk 2 "02 11:00" stage.changed session= "$me,\"stage\":\"quote\""
		hers 3 "03 10:00" session=b "$where"
		desk 4 "04 11:00" stage.changed session= "$me,\"stage\":\"service\""
	} | take
	is "$(fact question 'question, stage' | tr '\n' ' ')" "1| 3|quote "
	is "$(jmetrics -q -d j.db -o ndjson recurring_questions | jq -c 'select(.statistic == "count") | [.group.stage, .group.intent, .value]' | tr '\n' ' ')" \
		'["quote","delivery.status",1] [null,"delivery.status",1] '
}

@test "a consent holds for its purpose and channel, or for all, until it is taken back" {
	local ad='"purpose":"marketing"'
	{
		rec 1 "02 10:00" type=consent.granted "$me,\"purpose\":\"marketing\",\"channel\":\"email\""
		rec 2 "02 11:00" direction=out actor=system channel=email "$me,$ad"
		rec 3 "02 12:00" direction=out actor=system channel=sms "$me,$ad"
		rec 4 "02 13:00" type=consent.granted "$me,\"purpose\":\"marketing\""
		rec 5 "02 14:00" direction=out actor=system channel=sms "$me,$ad"
		rec 6 "02 15:00" type=consent.revoked "$me,\"purpose\":\"marketing\",\"channel\":\"sms\""
		rec 7 "02 16:00" direction=out actor=system channel=sms "$me,$ad"
		rec 8 "02 17:00" direction=out actor=system channel=email "$me,$ad"
		rec 9 "02 18:00" direction=out actor=system channel=email "$me,\"purpose\":\"survey\""
		rec 10 "02 19:00" direction=out actor=agent channel=email "$me,\"purpose\":\"service\""
		rec 11 "02 20:00" type=consent.revoked "$me,\"purpose\":\"marketing\""
		rec 12 "02 21:00" direction=out actor=system channel=email "$me,$ad"
	} | take
	is "$(fact outbound 'outbound, consent' | tr '\n' ' ')" "2|1 3|0 5|1 7|0 8|1 9|0 12|0 "
}

@test "a consent that is taken back for all channels is taken back for one that was granted later than all" {
	local ad='"purpose":"marketing"'
	{
		rec 1 "02 10:00" type=consent.granted "$me,$ad"
		rec 2 "02 11:00" type=consent.granted "$me,$ad,\"channel\":\"sms\""
		rec 3 "02 12:00" type=consent.revoked "$me,$ad"
		rec 4 "02 13:00" direction=out actor=system channel=sms "$me,$ad"
	} | take
	is "$(fact outbound 'outbound, consent')" "4|0"
}

@test "words of ours that she does not answer open no issue of hers" {
	local ad="$me,\"purpose\":\"marketing\""
	{
		rec 1 "02 09:00" direction=out actor=agent channel=email session=m "$ad"
		rec 2 "09 09:00" direction=out actor=agent channel=email session=n "$ad"
		hers 3 "09 10:00" session=n "$late"
		rec 4 "09 11:00" direction=out actor=system channel=email session=o "$ad"
	} | take
	is "$(fact outbound "outbound, open_issue" | tr '\n' ' ')" "1|0 2|0 4|1 "
	is "$(fact issue "issue, open" | tr '\n' ' ')" "1|0 2|0 3|1 "
	is "$(sqlite3 j.db 'SELECT open_issues FROM v_customer')" 1
}

@test "a score or a feeling that is none is left out, and nothing breaks on it" {
	{
		hers 1 "02 10:00" '"sentiment":1e308'
		hers 2 "02 10:01" '"sentiment":-1e308'
		hers 3 "02 10:02" '"sentiment":0.5'
		for n in 4 5 6 7; do rec $n "02 12:0$n" type=survey.answered '"scale":"nps","score":1e308'; done
		rec 8 "02 12:08" type=survey.answered '"scale":"nps","score":9'
	} | take
	is "$(fact survey 'count(score), sum(score)')" "1|9.0"
	is "$(fact contact 'felt, sentiment_sum')" "1|0.5"
	jmetrics -q -d j.db >/dev/null
	jproject context -q -d j.db --customer c1 >/dev/null
}

@test "an outbound word tells whether an issue of hers is open, and the last one of its purpose" {
	local ad="$me,\"purpose\":\"marketing\""
	{
		rec 1 "02 09:00" direction=out actor=system channel=email session=m "$ad"
		hers 2 "02 10:00" session=a "$late"
		rec 3 "02 11:00" direction=out actor=system channel=email session=m "$ad"
		desk 4 "02 12:00" case.closed session=a
		rec 5 "02 13:00" direction=out actor=system channel=email session=m "$ad"
		desk 6 "02 14:00" case.reopened session=a
		rec 7 "02 15:00" direction=out actor=system channel=email session=m "$ad"
	} | take
	is "$(fact outbound "outbound, open_issue, $(hour previous)" | tr '\n' ' ')" "1|0| 3|1|9.0 5|0|11.0 7|1|13.0 "
}

@test "a handoff needs who, what was said and what she consented to; the intent and its entities where there are" {
	{
		hers 1 "02 10:00" session=a "$late"
		desk 2 "02 10:01" handoff session=a '"context":{"customer":"c1","intent":"delivery.late","entities":{"order":"A1"},"summary":"late","consent":["service"]}'
		desk 3 "02 10:10" handoff session=a '"context":{"customer":"c1","entities":{"email":"x"},"history":[]}'
		desk 4 "02 10:20" handoff session=a
		hers 5 "02 10:00" session=b channel=email
		desk 6 "02 10:30" handoff session=b channel=email '"context":{"customer":"c1","history":["said"],"consent":"yes"}'
	} | take
	is "$(fact handoff 'handoff, context, parts, needed, missing' | tr '\n' ' ')" \
		"2|1|5|5| 3|1|1|5|intent, entities, history, consent 4|0|0|5|customer, intent, entities, history, consent 6|1|3|3| "
}

@test "a stage counts behind all that come before it" {
	{
		hers 1 "02 10:00" "$late"
		desk 2 "02 10:01" stage.changed '"stage":"consideration"'
		desk 3 "02 10:02" stage.changed '"stage":"awareness"'
		desk 4 "02 10:03" stage.changed '"stage":"quote"'
		desk 5 "02 10:04" stage.changed '"stage":"consideration"'
		desk 6 "02 10:05" stage.changed '"stage":"awareness"'
	} | take
	is "$(sqlite3 j.db 'SELECT stage, position, event, (next_started - started) / 60000 FROM v_stage ORDER BY position' | tr '\n' ' ')" \
		"awareness|1|3|2 consideration|2|5| "
}

@test "a customer is a row, and what she felt and signalled is with her contact" {
	{
		hers 1 "02 10:00" "$late,\"sentiment\":-0.5,\"signals\":[\"frustration\"],\"lang\":\"pt\""
		ana 2 "02 10:05" '"sentiment":1,"signals":["churn"]'
		her 3 "02 10:10" '"sentiment":0.25,"signals":["churn","unheard"]'
		hers 4 "05 10:00" session=b channel=email "$late,\"lang\":\"en\""
	} | take
	is "$(fact contact 'felt, sentiment_sum, sentiment_first, sentiment_last, signals' | head -1 | tr -d '\n')" "2|-0.25|-0.5|0.25|,frustration,churn,"
	is "$(sqlite3 j.db 'SELECT who, known, records, contacts, her_contacts, issues, open_issues, switches, lang, last_channel FROM v_customer')" \
		"c1|1|4|2|2|1|1|1|en|email"
}

@test "our own answer within the contact, what follows it, how her call ended and what she gave up are told" {
	{
		hers 1 "02 10:00" session=a "$late"
		rec 2 "02 10:30" session=b channel=voice type=call "$me,\"reason\":\"abandoned_queue\",\"duration\":60"
		ana 3 "02 11:00" session=c channel=email "$me,\"agent\":\"ana\""
		hers 4 "02 12:00" session=d channel=chat "$late"
		bot 5 "02 12:30" session=d channel=chat
		rec 6 "02 12:30" session=d channel=chat type=abandoned '"reason":"too_long"'
	} | take
	is "$(fact contact "contact, $(hour own_answer), $(hour followed), outcome, gave_up" | tr '\n' ' ')" \
		"1||11.0||0 2||11.0|abandoned_queue|0 3||||0 4|12.5|||1 "
}

# ---- entities ----

@test "an entity of a contact is the first value that is named in it, by whomever; of an issue the first of all its contacts" {
	{
		ana 1 "02 09:00" "$me,\"entities\":{\"order\":\"A-1\"}"
		hers 2 "02 10:00" session=s2 "$late"
		her 3 "02 10:01" session=s2 '"entities":{"order":["B-2","B-3"],"amount":12.5,"colour":"red"}'
		her 4 "02 10:02" session=s2 '"entities":{"order":"C-4","email":""}'
		hers 5 "02 10:01" session=s5 channel=chat "$late,\"entities\":{\"order\":\"D-5\"}"
	} | take
	is "$(sqlite3 j.db "SELECT contact, type, value, event, issue, first FROM v_entity ORDER BY contact, type" | tr '\n' ' ')" \
		"1|order|A-1|1|1|1 2|amount|12.5|3|2|1 2|order|B-2|3|2|1 5|order|D-5|5|2|0 "
	is "$(jmetrics -q -d j.db -o ndjson --by order contacts | jq -r 'select(.metric == "contacts") | "\(.group.order)=\(.value)"' | tr '\n' ' ')" \
		"A-1=1 B-2=1 D-5=1 "
	is "$(jmetrics -q -d j.db -o ndjson --by order issues | jq -r '"\(.group.order)=\(.value)"' | tr '\n' ' ')" "A-1=1 B-2=1 "
	is "$(jmetrics -q -d j.db -o ndjson --by order,channel --explain channel_switch_success.presumed | jq -r '.group.order')" D-5
	# One that comes late is the first by its time.
	her 6 "02 10:00" session=s2 '"entities":{"order":"Z-9"}' | take
	is "$(sqlite3 j.db "SELECT value FROM v_entity WHERE contact = 2 AND type = 'order'")" Z-9
	dump j.db >grown
	jproject -q -d j.db rebuild
	dump j.db | cmp - grown
}

@test "of an entity that stands twice in a record the first value is its value" {
	local i
	# So many that their order would not stay by chance.
	for i in {1..40}; do
		hers "$i" "02 10:00" session=s1 "$late,\"entities\":{\"order\":null,\"order\":\"A-$i\",\"amount\":1,\"order\":\"B-$i\",\"amount\":2}"
	done >in
	take <in
	is "$(sqlite3 j.db "SELECT type, value, event FROM v_entity ORDER BY type" | tr '\n' ' ')" "amount|1|1 order|A-1|1 "
}

@test "an entity's value of more than 1000 bytes is none, however long it is" {
	local length
	for length in 1000 1001 2000000; do
		hers $length "02 10:00" session=s$length "$late,\"entities\":{\"order\":\"$(head -c $length /dev/zero | tr '\0' Z)\"}"
	done >in
	jlog append -q -d j.db --max-line 8M in >out
	jproject update -q -d j.db
	is "$(sqlite3 j.db "SELECT length(value) FROM v_entity")" 1000
	is "$(jmetrics -q -d j.db -o ndjson --by order contacts.offered | jq -r '"\(.group.order | length)=\(.value)"' | tr '\n' ' ')" "1000=1 0=2 "
}

# ---- what misleads ----

@test "facts of another layout are made anew" {
	{ hers 1 "02 10:00" "$late"; ana 2 "02 10:05"; } | take
	dump j.db >whole
	sqlite3 j.db "DROP VIEW v_question; DROP TABLE question; CREATE TABLE question(a); UPDATE meta SET value = '1' WHERE key = 'facts'"
	# As they stood at an earlier record they are made beside the file, whatever stands in it.
	is "$(jproject -q -d j.db contacts --as-of 1 | jq .contact)" 1
	is "$(sqlite3 j.db "SELECT value FROM meta WHERE key = 'facts'")" 1
	cp j.db k.db
	jproject -q -d j.db update
	dump j.db | cmp - whole
	jlog -q -d j.db fsck
	jproject -q -d k.db rebuild
	dump k.db | cmp - whole
}
