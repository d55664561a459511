#!/usr/bin/env bats
# jdecide: what a user sees.
bats_require_minimum_version 1.5.0
load helper

POLICIES="$TOP/fixtures/jdecide/shop.yaml"

# A proposal: propose ID DAY ACTION AMOUNT [MEMBERS]
propose() {
	printf '{"specversion":"1.0","id":"%s","source":"bot/shop","type":"action.proposed","time":"2026-03-%sT10:00:00.000Z","session":"s1","channel":"chat","direction":"internal","actor":"bot","data":{"identifiers":[{"kind":"email","value":"ann@mail.example"}],"action":"%s","amount":%s,"currency":"EUR"%s}}\n' \
		"$1" "$2" "$3" "$4" "${5:+,$5}"
}

# A policy file of the policies on stdin.
policies() {
	printf 'jtools: policies/1\nname: t\nversion: "%s"\npolicies:\n' "${1:-1}"
	sed 's/^/  /'
}

verdicts() {
	sed 's/.*"verdict":"\([a-z]*\)".*/\1/' "$@"
}

member() {
	sed -n "s/.*\"$1\":\(\"[^\"]*\"\|\[[^]]*\]\|[-0-9.]*\).*/\1/p"
}

@test "what is proposed is allowed, limited, denied or reviewed, with its policies, obligations and reason" {
	{
		propose a 01 refund 80
		propose b 02 refund 1500
		propose c 03 refund 50 '"signals":["legal"]'
		propose d 04 data.change 0
		propose e 05 refund 250
	} | jdecide -q -p "$POLICIES" -d j.db >out
	[ "$(verdicts out | tr '\n' ' ')" = "allow review deny review limit " ]
	[ "$(member policies <out | tr '\n' ' ')" = '["shop/1#small"] ["shop/1#large"] ["shop/1#angry"] [] ["shop/1#small"] ' ]
	[ "$(sed -n 1p out | member obligations)" = '["tell_customer"]' ]
	[ "$(sed -n 4p out | member reason)" = '"no policy says that it may be done"' ]
	# What a limit allows is what is decided.
	[ "$(sed -n 5p out | member amount | head -1)" = 220 ]
	[ "$(sed -n 5p out | member limit)" = 220 ]
}

@test "fifty refunds in one batch each see those before them" {
	for i in $(seq 50); do propose "p$i" 01 refund 20; done >in
	jdecide -q -p "$POLICIES" -d j.db in >out
	[ "$(verdicts out | sort | uniq -c | tr -s ' \n' ' ')" = " 15 allow 35 deny " ]
	[ "$(member basis <out | tr '\n' ' ')" = "$(seq 50 99 | tr '\n' ' ')" ]
	# One at a time they come to the same.
	while read -r line; do jdecide -q -p "$POLICIES" -d k.db <<<"$line"; done <in >one
	diff <(verdicts out) <(verdicts one)
}

@test "what was decided is summed by the currency of the proposal, and told of its action alone as well" {
	policies <<-'E' >p.yaml
		- {id: sums, when: "decided_30d + decided_action_30d + decisions_30d + decisions_action_30d > -1", then: allow}
	E
	{
		propose a 01 refund 100
		propose b 02 refund 5000 | sed 's/EUR/JPY/'
		propose c 03 credit 40
		propose d 04 data.change null | sed 's/"currency":"EUR"/"x":1/'
		propose e 05 refund 7 | sed 's/,"currency":"EUR"//'
		propose f 06 refund 1 | sed 's/EUR/eur/'
		propose g 07 refund 1 | sed 's/EUR/JPY/'
		propose h 08 data.change null
		propose i 09 credit 1 | sed 's/,"currency":"EUR"//'
	} >in
	jdecide -q -p p.yaml -d j.db in >out
	sed 's/.*"inputs":{\([^}]*\)}.*/\1/; s/"[a-z_0-9]*"://g' out >sums
	# decided_30d, decided_action_30d, decisions_30d, decisions_action_30d; what names no currency counts with each.
	diff sums - <<-'E'
		0,0,0,0
		0,0,1,1
		100,0,2,0
		5140,0,3,0
		5140,5100,3,2
		147,107,4,3
		5007,5007,5,4
		148,0,6,1
		5149,40,6,1
	E
	# The same one by one, by other processes, as the log has them, and judged again.
	while read -r line; do jdecide -q -p p.yaml -d k.db <<<"$line"; done <in | sed 's/.*"inputs":{\([^}]*\)}.*/\1/; s/"[a-z_0-9]*"://g' | diff sums -
	run --separate-stderr jdecide replay -p p.yaml -d j.db
	[[ "$stderr" == *"9 the same to the byte"* ]]
	# However it is written, and however long its name is; in another run.
	propose k 10 refund 3 | sed 's/EUR/StoreCredits/' | jdecide -q -p p.yaml -d l.db >/dev/null
	propose l 11 refund 4 | sed 's/EUR/storecredits/' | jdecide -q -p p.yaml -d l.db >out
	[[ "$(cat out)" == *'"decided_30d":3,'* ]]
}

@test "who came to be known as one customer within a batch has one sum of refunds" {
	{
		propose a 01 refund 300 | sed 's/"identifiers":[^]]*],//'
		propose b 01 refund 300
	} >in
	jdecide -q -p "$POLICIES" -d j.db in >out
	[ "$(verdicts out | tr '\n' ' ')" = "allow deny " ]
	# Two that another writer joins while they wait.
	{
		propose a 01 refund 300 | sed 's/"s1"/"x"/'
		propose b 01 refund 300 | sed 's/"s1"/"y"/;s/ann@/bob@/'
		propose c 01 message.outbound 0 '"identifiers":[{"kind":"email","value":"ann@mail.example"},{"kind":"email","value":"bob@mail.example"}]' |
			sed 's/"data":{"identifiers":[^]]*],/"data":{/;s/"s1"/"z"/'
	} | jlog append -q -d k.db
	jlog cat -q -d k.db | jdecide -q -p "$POLICIES" -d k.db >out
	[ "$(verdicts out | head -2 | tr '\n' ' ')" = "allow deny " ]
	jdecide replay -q -p "$POLICIES" -d k.db >changes
	[ ! -s changes ]
}

@test "the same proposal again has the same decision, and the log has it once" {
	{ propose a 01 refund 250; propose b 02 refund 250; propose a 01 refund 250; } >in
	jdecide -q -p "$POLICIES" -d j.db in >out
	[ "$(sed -n 1p out)" = "$(sed -n 3p out)" ]
	policies 2 <<<'- {id: none, then: deny}' >other.yaml
	jdecide -q -p other.yaml -d j.db in >again
	cmp out again
	jlog cat -q -d j.db --type decision.made >logged
	[ "$(wc -l <logged)" -eq 2 ]
	jdecide -q -p "$POLICIES" --dry-run in >dry
	[ "$(sed -n 1p dry)" = "$(sed -n 3p dry)" ]
}

@test "a proposal under the name of another is refused and named" {
	propose a 01 refund 20 | jdecide -q -p "$POLICIES" -d j.db >/dev/null
	run -65 --separate-stderr jdecide -p "$POLICIES" -d j.db <<<"$(propose a 01 refund 9000)"
	[ -z "$output" ]
	[[ "$stderr" == *"<stdin>:1: its source and id are those of another record"* ]]
}

@test "a bot holds it as a coprocess: a line in, a line out, and a damaged line stops nothing" {
	coproc J { jdecide -q -p "$POLICIES" -d j.db 2>err; }
	propose a 01 refund 20 >&"${J[1]}"
	read -r -t 10 first <&"${J[0]}"
	# It is in the log before it is answered.
	[ "$(jlog cat -q -d j.db --type decision.made | wc -l)" -eq 1 ]
	echo 'damaged {' >&"${J[1]}"
	propose b 02 promise 0 >&"${J[1]}"
	read -r -t 10 second <&"${J[0]}"
	[ "$(verdicts <<<"$first")$(verdicts <<<"$second")" = allowallow ]
	pid=$J_PID status=0
	eval "exec ${J[1]}>&-"
	wait "$pid" || status=$?
	[ "$status" -eq 65 ]
	[[ "$(cat err)" == *"<stdin>:2: "* ]]
}

@test "a decision tells the columns that its conditions read and the calls that they make, and no more" {
	policies <<-'E' >p.yaml
		- {id: a, actions: [refund], when: "cast(amount as text) like '1%' and \"Currency\" <> 'text (tier)' and not (repeat) and \"tag\" ('vip') + [TAG]('x') = 0", then: allow}
	E
	propose a 01 refund 120 '"text":"nobody asked","signals":["fraud"]' | jdecide -q -p p.yaml --dry-run >out
	[ "$(jq -c .data.inputs out)" = '{"\"tag\" ('"'vip'"')":0,"[TAG]('"'x'"')":0,"amount":120,"currency":"EUR","repeat":null}' ]
}

@test "a dry run refuses a proposal with a sequence that the log has not, and goes on" {
	propose a 01 refund 20 | jlog append -q -d j.db
	{
		propose b 02 refund 20 | sed 's/"type"/"sequence":"000000000099",&/'
		jlog cat -q -d j.db
	} >in
	run -65 --separate-stderr jdecide -q -p "$POLICIES" -d j.db --dry-run in
	[ "$(verdicts <<<"$output")" = allow ]
	[ "$stderr" = "jdecide: in:1: the log has no record 99" ]
}

@test "a dry run writes nothing and decides as it would be decided" {
	python3 "$TOP/test/journeys.py" 40 >in
	jlog append -q -d j.db in
	jlog verify -q -d j.db >before
	jlog cat -q -d j.db | jdecide -q -p "$POLICIES" -d j.db --dry-run >dry
	jlog verify -q -d j.db | cmp - before
	jlog cat -q -d j.db | jdecide -q -p "$POLICIES" -d j.db >live
	cmp dry live
	[ "$(wc -l <live)" -gt 100 ]
}

@test "decisions judged again from the log are the same to the byte, whatever came later" {
	python3 "$TOP/test/journeys.py" 150 >in
	# Live: some at a time.
	split -l 300 in part.
	for p in part.*; do jlog append -q -d j.db "$p"; done
	jlog cat -q -d j.db | jdecide -q -p "$POLICIES" -d j.db >first
	run --separate-stderr jdecide replay -p "$POLICIES" -d j.db
	n=$(wc -l <first)
	[ "$stderr" = "jdecide: $n decisions, 0 change, $n the same to the byte, 0 without their proposal; +0.00 allowed" ]
	sed 's/"id":"e/"id":"later-/; s/"time":"2026-0/"time":"2025-0/' in | jlog append -q -d j.db
	run --separate-stderr jdecide replay -p "$POLICIES" -d j.db
	[[ "$stderr" == *" 0 change, $n the same to the byte"* ]]
}

@test "other policies over what was decided: what flips, for whom, at what cost" {
	for i in 1 2 3 4; do propose "p$i" 01 refund 100; done | jdecide -q -p "$POLICIES" -d j.db >/dev/null
	sed 's/300 - /150 - /; s/version: "1"/version: "2"/' "$POLICIES" >new.yaml
	run --separate-stderr jdecide replay -p new.yaml -d j.db -o table
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "refund  allow  limit          1          1   -50  EUR" ]
	[[ "$stderr" == *"4 decisions, 2 change, "*"; -150.00 allowed" ]]
	run -1 jdecide replay -q -p new.yaml -d j.db --max-change 5%
	run -0 jdecide replay -q -p new.yaml -d j.db --max-change 50%
	[[ "${lines[0]}" == '{"sequence":6,"customer":"c1",'*'"was":"allow","is":"limit","cost":-50,"currency":"EUR",'* ]]
}

@test "replay and contradictions look at a span of time, and see what came before it" {
	for i in 1 2 3 4; do propose "p$i" "0$i" refund 100; done >in
	jdecide -q -p "$POLICIES" -d j.db in >/dev/null
	sed 's/300 - /150 - /; s/version: "1"/version: "2"/' "$POLICIES" >new.yaml
	run --separate-stderr jdecide replay -p new.yaml -d j.db --since 2026-03-02 --until 2026-03-04
	[[ "$stderr" == "jdecide: 2 decisions, 2 change, 0 the same to the byte, "* ]]
	run --separate-stderr jdecide replay -p "$POLICIES" -d j.db --since 2026-03-03
	[[ "$stderr" == "jdecide: 2 decisions, 0 change, 2 the same to the byte, "* ]]
	# Two decisions that had read the same, and were decided otherwise.
	printf '{"specversion":"1.0","id":"%s","source":"x","type":"decision.made","time":"2026-03-0%sT12:00:00.000Z","session":"s","direction":"internal","data":{"action":"credit","verdict":"%s","inputs":{}}}\n' \
		d1 1 allow d2 2 deny | jlog append -q -d j.db
	run -1 --separate-stderr jdecide contradictions -d j.db --until 2026-03-03
	[[ "$stderr" == "jdecide: 4 decisions; "* ]]
	run -0 --separate-stderr jdecide contradictions -d j.db --since 2026-03-02
	[[ "$stderr" == "jdecide: 4 decisions; "* ]]
}

@test "the policy in force at the event's time decides, in the customer's region" {
	policies <<-'E' >p.yaml
		- {id: old, actions: [refund], valid: {until: 2026-03-10}, then: allow}
		- {id: new, actions: [refund], valid: {from: 2026-03-10}, then: deny}
		- {id: br, actions: [credit], regions: [BR], then: allow}
	E
	{
		propose a 09 refund 1
		propose b 10 refund 1
		propose c 09 credit 1 '"region":"BR-SP"'
		propose d 09 credit 1 '"region":"PT"'
		propose e 09 credit 1
	} | jdecide -q -p p.yaml --dry-run 2>/dev/null >out
	[ "$(verdicts out | tr '\n' ' ')" = "allow deny allow review review " ]
}

@test "a policy holds in a region whatever its case, and names none that is no region" {
	policies <<-'E' >p.yaml
		- {id: br, actions: [refund], regions: [BR, US-CA], then: deny}
	E
	for region in BR br Br BR-SP br-sp br-SP-12 us-ca us-ca-1; do propose "r$region" 01 refund 1 "\"region\":\"$region\""; done >in
	jdecide -q -p p.yaml --dry-run in 2>/dev/null | verdicts | sort | uniq -c | tr -s ' ' | diff - <(echo " 8 deny")
	for region in US us-c US-CAL B BRA "" "BR "; do propose "r$region" 01 refund 1 "\"region\":\"$region\""; done >in
	jdecide -q -p p.yaml --dry-run in 2>/dev/null | verdicts | sort | uniq -c | tr -s ' ' | diff - <(echo " 7 review")
	for region in br Brasil BR-SPAIN "BR-"; do
		sed "s/BR, US-CA/\"$region\"/" p.yaml >wrong.yaml
		run -2 jdecide -p wrong.yaml --dry-run in
		[ "$output" = "jdecide: wrong.yaml:5:43: no region like BR or US-CA: $region" ]
	done
}

# A word to sell, with her consent: sell TIME REGION BIRTH
sell() {
	propose a 01 message.outbound 0 "\"purpose\":\"marketing\",\"region\":\"$2\",\"entities\":{\"birth_date\":\"$3\"},\"context\":{\"consent\":true}" |
		sed "s/2026-03-01T10:00/$1/" |
		jdecide -q --dry-run -p consent -p quiet-hours -p minors | verdicts
}

@test "the night is hers in countries of several zones as well, and where her part is not known a person decides" {
	# 07:30 and 09:30 in São Paulo, 06:30 and 08:30 in Manaus.
	[ "$(sell 2026-03-03T10:30 BR 1980-01-01)" = defer ]
	[ "$(sell 2026-03-03T12:30 BR 1980-01-01)" = allow ]
	[ "$(sell 2026-03-03T12:30 BR-AM 1980-01-01)" = defer ]
	[ "$(sell 2026-03-03T15:00 US-CA 1980-01-01)" = defer ]
	[ "$(sell 2026-03-03T15:00 US-NY 1980-01-01)" = allow ]
	[ "$(sell 2026-03-03T18:00 US 1980-01-01)" = review ]
	[ "$(sell 2026-03-03T07:30 DE 1980-01-01)" = allow ]
}

@test "what may be done at another hour is deferred until then, by her clock and over days on which it may not" {
	# waits TIME REGION: until when it waits.
	waits() {
		propose a 01 message.outbound 0 "\"purpose\":\"marketing\",\"region\":\"$2\"" | sed "s/2026-03-01T10:00/$1/" |
			jdecide -q --dry-run -p quiet-hours 2>/dev/null | member until
	}
	# 22:30 in Lisbon; 21:15 in Delhi, half an hour beside the full hour of UTC, and 10:00 is when it may be.
	[ "$(waits 2026-03-03T22:30 PT)" = '"2026-03-04T08:00:00.000Z"' ]
	[ "$(waits 2026-03-03T15:45 IN)" = '"2026-03-04T04:30:00.000Z"' ]
	# In France a Saturday waits for Monday at 10:00, and noon for 14:00.
	[ "$(waits 2026-03-07T12:00 FR)" = '"2026-03-09T09:00:00.000Z"' ]
	[ "$(waits 2026-03-03T12:20 FR)" = '"2026-03-03T13:00:00.000Z"' ]
	# The night in which the clock is put forward.
	[ "$(waits 2026-03-29T00:30 DE)" = '"2026-03-29T06:00:00.000Z"' ]
	[ -z "$(waits 2026-03-03T12:00 PT)" ]
}

@test "a deferral overrides a review, a denial overrides it, and where there is no time for it within a week it is one" {
	policies <<-'E' >p.yaml
		- {id: all, actions: [refund, credit], then: allow}
		- {id: weekend, actions: [refund, credit], when: "weekday in (0, 6)", then: defer, reason: on working days, obligations: [propose_again]}
		- {id: look, actions: [refund], when: amount > 100, then: review}
		- {id: no, actions: [credit], when: amount > 100, then: deny}
		- {id: short, actions: [discount], valid: {until: 2026-03-03}, when: amount > 5, then: defer}
		- {id: ever, actions: [promise], when: amount > 5, then: defer}
	E
	# A Sunday.
	{
		propose a 01 refund 500
		propose b 01 credit 50
		propose c 01 credit 500
		propose d 01 discount 9
		propose e 01 promise 9
		propose f 02 credit 50
	} | jdecide -q -p p.yaml -d j.db >out
	[ "$(verdicts out | tr '\n' ' ')" = "defer defer deny defer deny allow " ]
	[ "$(member until <out | tr '\n' ' ')" = '"2026-03-02T00:00:00.000Z" "2026-03-02T00:00:00.000Z" "2026-03-03T00:00:00.000Z" ' ]
	[ "$(sed -n 2p out | member policies)$(sed -n 2p out | member obligations)" = '["t/1#weekend"]["propose_again"]' ]
	# What waits was not allowed; judged again it is the same, and another hour of it is a change.
	grep -q '"verdict":"allow"' <(tail -1 out)
	run --separate-stderr jdecide replay -p p.yaml -d j.db
	[[ "$stderr" == *"6 decisions, 0 change, 6 the same to the byte"* ]]
	sed 's/(0, 6)/(0, 1, 6)/; s/id: all/id: every/' p.yaml >q.yaml
	run --separate-stderr jdecide replay -p q.yaml -d j.db
	[[ "$stderr" == *"6 decisions, 3 change, "* ]]
	policies <<<'- {id: x, then: defer}' >p.yaml
	run -2 jdecide -p p.yaml --dry-run /dev/null
	[[ "$output" == *"p.yaml:5:"*": what always holds is never over: say when" ]]
}

@test "what does not say what it is for is no service: a person decides, the night is kept, and answers to her are none of it" {
	ask() { propose "$1" "$2" message.outbound 0 "\"region\":\"PT\"${3:+,$3}"; }
	{ ask a 03; ask b 03 '"purpose":""'; ask c 03 '"purpose":"service"'; ask d 03 | sed 's/T10:/T23:/'; } |
		jdecide -q -p consent -p quiet-hours -p message-window -p frequency -d j.db >out
	# Without the window, by its own policies; c is service, and nobody wrote.
	[ "$(verdicts out | tr '\n' ' ')" = "deny deny deny deny " ]
	{ ask e 03; ask f 03 '"purpose":""'; ask g 03 '"purpose":"service"'; ask h 03 | sed 's/T10:/T23:/'; } |
		jdecide -q -p consent -p quiet-hours -p frequency -d j.db >out
	[ "$(verdicts out | tr '\n' ' ')" = "review deny allow defer " ]
	[ "$(sed -n 1p out | member policies)" = '["consent/2.0.0#no-purpose"]' ]
	# Who took marketing back is not written to without a purpose either.
	printf '{"specversion":"1.0","id":"r","source":"x","type":"consent.revoked","time":"2026-03-04T09:00:00.000Z","session":"q","channel":"chat","direction":"in","data":{"identifiers":[{"kind":"email","value":"ann@mail.example"}],"purpose":"marketing"}}\n' | jlog append -q -d j.db
	ask i 05 | jdecide -q -p consent -d j.db >out
	[ "$(verdicts out)" = deny ]
	# What was sent: at night we answer her, also later on her matter, and write to another out of nothing.
	sent() {
		printf '{"specversion":"1.0","id":"%s","source":"x","type":"message","time":"2026-03-0%s:00.000Z","session":"%s","channel":"sms","direction":"%s","actor":"%s","data":{"identifiers":[{"kind":"crm:x","value":"%s"}],"region":"PT","text":"hello"}}\n' "$@"
	}
	{
		sent 1 3T22:00 s in customer 9
		sent 2 3T22:10 s out agent 9
		sent 3 3T22:20 t out agent 10
		sent 4 4T12:00 t out agent 10
		sent 5 5T23:00 s out agent 9 | sed 's/"text"/"case":"7","text"/'
		sent 6 3T21:50 s in customer 9 | sed 's/"text"/"case":"7","text"/'
	} | jlog append -q -d k.db
	run -1 --separate-stderr jdecide audit -p consent -p quiet-hours -d k.db
	[ "$stderr" = "jdecide: 4 messages, 1 in violation, 1 for review, 0 not decided" ]
	[[ "$output" == '{"sequence":3,'* ]]
}

@test "nobody is sold to in the month of her eighteenth birthday before it" {
	[ "$(sell 2026-03-03T15:00 PT 2008-03-31)" = deny ]
	[ "$(sell 2026-03-03T15:00 PT 2008-03-04)" = deny ]
	[ "$(sell 2026-03-10T15:00 PT 2008-03-04)" = allow ]
}

@test "consent for a delivery is one boolean, by the channel that it would go to" {
	say() {
		printf '{"specversion":"1.0","id":"%s","source":"x","type":"%s","time":"2026-03-01T1%s:00:00.000Z","session":"s","channel":"%s","direction":"internal","data":{"identifiers":[{"kind":"crm:x","value":"9"}],%s}}\n' "$@"
	}
	{
		say 1 consent.granted 0 web '"purpose":"marketing","channel":"email"'
		say 2 action.proposed 1 email '"action":"message.outbound","purpose":"marketing"'
		say 3 action.proposed 2 sms '"action":"message.outbound","purpose":"marketing"'
		say 4 action.proposed 3 chat '"action":"message.outbound","purpose":"marketing","channel":"email"'
	} | jlog append -q -d j.db
	jlog cat -q -d j.db | jdecide -q -p consent -d j.db >out
	[ "$(verdicts out | tr '\n' ' ')" = "allow deny allow " ]
	[ "$(sed -n 1p out | grep -c '"inputs":{"consent":1,')" -eq 1 ]
}

@test "the window of a delivery is one boolean: 24 hours since her last word on the channel that it would go to" {
	word() {
		printf '{"specversion":"1.0","id":"%s","source":"x","type":"message","time":"2026-03-0%s:00:00.000Z","session":"%s","channel":"%s","direction":"in","actor":"customer","data":{"identifiers":[{"kind":"email","value":"ann@mail.example"}],"text":"hello"}}\n' "$@"
	}
	ask() { propose "$1" 02 message.outbound 0 "\"purpose\":\"service\"${2:+,\"channel\":\"$2\"}"; }
	{
		word 1 1T09 w whatsapp
		word 2 2T08 m email
	} | jlog append -q -d j.db
	# At 10:00 of the second day: on chat never, on whatsapp 25 hours before, by mail two.
	{ ask a; ask b whatsapp; ask c email; } | jdecide -q -p message-window -d j.db >out
	[ "$(verdicts out | tr '\n' ' ')" = "deny deny allow " ]
	grep -q '"inputs":{"consent":0,"purpose":"service","window_open":1}' out
	word 3 2T09 w whatsapp | jlog append -q -d j.db
	ask d whatsapp | jdecide -q -p message-window -d j.db >out
	[ "$(verdicts out)" = allow ]
	run --separate-stderr jdecide replay -p message-window -d j.db
	[[ "$stderr" == *"4 the same to the byte"* ]]
}

@test "no policy reads the channel or what gives it away, and errors are told with their place at load" {
	for c in channel source session id origin ext identifiers; do
		policies <<<"- {id: x, when: $c = 'a', then: allow}" >p.yaml
		run -2 jdecide -p p.yaml --dry-run /dev/null
		[[ "$output" == "jdecide: p.yaml:5:"*"gives the channel away"* ]]
	done
	policies <<<"- {id: x, when: amont > 1, then: allow}" >p.yaml
	run -2 jdecide -p p.yaml --dry-run /dev/null
	[[ "$output" == "jdecide: p.yaml:5:19: no such column: amont (did you mean amount"* ]]
	policies <<<"- {id: x, when: amount <= '50', then: allow}" >p.yaml
	run -2 jdecide -p p.yaml --dry-run /dev/null
	[ "$output" = "jdecide: p.yaml:5:19: amount is a number, and '50' a text, which every number is below" ]
	policies <<<"- {id: x, when: amount > 1 and channel = 'a', then: allow}" >p.yaml
	run -2 jdecide -p p.yaml --dry-run /dev/null
	[[ "$output" == "jdecide: p.yaml:5:34: channel: "* ]]
	policies <<<"- {id: x, actions: [refnd], then: allow}" >p.yaml
	run -2 jdecide -p p.yaml --dry-run /dev/null
	[[ "$output" == "jdecide: p.yaml:5:23: no action of the ontology: refnd (did you mean refund?)" ]]
	policies <<<"- {id: x, regions: [BR, Brazil], then: allow}" >p.yaml
	run -2 jdecide -p p.yaml --dry-run /dev/null
	[[ "$output" == "jdecide: p.yaml:5:27: no region like BR or US-CA: Brazil" ]]
	# check finds it as well.
	run -1 jdecide check -p p.yaml
	[ "$output" = '{"level":"error","file":"p.yaml","line":5,"column":27,"message":"no region like BR or US-CA: Brazil"}' ]
	policies <<<"- {id: x, then: limit}" >p.yaml
	run -2 jdecide -p p.yaml --dry-run /dev/null
	[[ "$output" == *"no limit: say up to which amount"* ]]
}

@test "a policy that cannot be evaluated means review, never allow, and is told" {
	policies <<-'E' >p.yaml
		- {id: all, then: allow}
		- {id: bad, when: "abs(-9223372036854775807 - 1) > amount", then: allow}
	E
	run --separate-stderr jdecide -p p.yaml --dry-run <<<"$(propose a 01 refund 5)"
	[ "$status" -eq 0 ]
	[ "$(verdicts <<<"$output")" = review ]
	[[ "$stderr" == *"p.yaml:6:"*": for review"* ]]
}

@test "an action that the ontology has not and an amount that is a text are told once each" {
	{
		propose a 01 refnd 5
		propose b 01 refnd 5
		propose c 01 refund '"5"'
		propose d 01 refund '"six"'
		propose e 01 '' 5
	} >in
	run --separate-stderr jdecide -q -p "$POLICIES" -d j.db in
	[ "$status" -eq 0 ]
	[ "$(verdicts <<<"$output" | sort -u)" = review ]
	[ "$(grep -c . <<<"$stderr")" -eq 3 ]
	[[ "$stderr" == *"in:1: no action of the ontology: refnd (did you mean refund?)"* ]]
	[[ "$stderr" == *'in:3: the amount is no number: "5": policies see none'* ]]
	[[ "$stderr" == *"in:5: no action (data.action): only policies about all actions see it"* ]]
}

@test "a column may be named with its table; what cannot stand among other conditions is refused at load" {
	policies <<<'- {id: a, when: event.amount > 10, then: allow}' >p.yaml
	[ "$(propose a 01 refund 80 | jdecide -q --dry-run -p p.yaml 2>err | verdicts)" = allow ]
	run ! grep 'for review' err
	policies <<<'- {id: a, when: main.event.amount > 10, then: allow}' >p.yaml
	run -2 jdecide -q --dry-run -p p.yaml <<<"$(propose a 01 refund 80)"
	[[ "$output" == "jdecide: p.yaml:5:"*"no such column: main.event.amount" ]]
}

@test "live, a context that comes with the proposal is not believed" {
	policies <<<"- {id: x, when: tier = 'gold', then: allow}" >p.yaml
	propose a 01 refund 5 '"context":{"tier":"gold"}' >in
	jdecide -q -p p.yaml --dry-run in >dry
	jdecide -q -p p.yaml -d j.db in >live
	[ "$(verdicts dry)$(verdicts live)" = allowreview ]
}

@test "what was sent is held against the policies of what held then" {
	send() {
		printf '{"specversion":"1.0","id":"%s","source":"x","type":"%s","time":"2026-03-0%s:00:00.000Z","session":"s","channel":"sms","direction":"%s","data":{"identifiers":[{"kind":"crm:x","value":"9"}],"purpose":"marketing","text":"sale"}}\n' "$@"
	}
	{
		send 1 message 1T12 out
		send 3 message 3T12 out
		send 4 message 4T23 out
		send 2 consent.granted 2T12 in
	} | jlog append -q -d j.db
	run -1 --separate-stderr jdecide audit -p consent -p quiet-hours -d j.db
	[ "${#lines[@]}" -eq 2 ]
	[[ "${lines[0]}" == '{"sequence":1,'*'"policy":"consent/2.0.0#opt-in"'* ]]
	[[ "${lines[1]}" == '{"sequence":3,'*'"policy":"quiet-hours/'*'#night"'* ]]
	[ "$stderr" = "jdecide: 3 messages, 2 in violation, 0 for review, 0 not decided" ]
	run -0 jdecide audit -q -p consent -d j.db --since 2026-03-03
}

@test "contradictions are those that the metric counts" {
	jgen -q -n 8000 --seed 5 | jlog append -q -d j.db
	run -1 --separate-stderr jdecide contradictions -d j.db
	[[ "${lines[0]}" == '{"what":"decisions","action":"'* ]]
	pairs=$(sed 's/.* of \([0-9]*\) pairs \([0-9]*\);.*/\2 \1/' <<<"$stderr")
	read -r odd of <<<"$pairs"
	[ "$of" -gt 0 ]
	jmetrics -q -d j.db contradiction_rate -o ndjson >m
	grep -q "\"contradiction_rate.pairs\".*\"value\":$(awk -v a="$odd" -v b="$of" 'BEGIN { printf "%.6g", a / b }')," m
}

@test "check tells a policy that fails on the log's proposals once, at its place" {
	policies <<<'- {id: a, actions: [refund], when: "json_extract(text, ~$.a~) is null", then: allow}' | tr '~' "'" >p.yaml
	for i in 1 2 3; do propose "$i" 01 refund 1 '"text":"{"'; done | jdecide -q -p p.yaml -d j.db >/dev/null 2>&1
	propose 4 01 refund 1 | jdecide -q -p p.yaml -d j.db >/dev/null
	run -1 --separate-stderr jdecide check -p p.yaml -d j.db -o table
	[ "$(grep -c error <<<"$output")" -eq 1 ]
	[[ "$output" == *"p.yaml:5:38: error: malformed JSON: on 3 of 4 proposals of the log" ]]
}

@test "what other policies would allow is told by currency where there are several" {
	policies <<<'- {id: a, actions: [refund], then: allow}' >p.yaml
	{ propose 1 01 refund 100; propose 2 02 refund 5000 | sed 's/EUR/JPY/'; propose 3 03 refund 7; } | jdecide -q -p p.yaml -d j.db >/dev/null
	sed 's/allow/deny/' p.yaml >no.yaml
	run -0 --separate-stderr jdecide replay -p no.yaml -d j.db
	[[ "$stderr" == *"; -107.00 EUR, -5000.00 JPY allowed" ]]
}

@test "an amount that no number can hold is none, and decisions after it are judged again the same" {
	policies <<<'- {id: a, when: "decided_30d + 1 > amount or amount is null", then: allow}' >p.yaml
	{ propose 1 01 refund 1e400; propose 2 02 refund 1; propose 3 03 refund 2; } | jdecide -q -p p.yaml -d j.db >out 2>err
	grep -q 'the amount is no number: 1e400: policies see none' err
	[ "$(jq -c '[.data.verdict, .data.inputs.decided_30d]' out | tr '\n' ' ')" = '["allow",0] ["review",0] ["review",0] ' ]
	run -0 --separate-stderr jdecide replay -p p.yaml -d j.db
	[[ "$stderr" == "jdecide: 3 decisions, 0 change, 3 the same to the byte, "* ]]
}

@test "a promise is told once, against the last open one that says something else, whatever its spelling" {
	# promised ID DAY CASE AMOUNT DUE [TYPE]
	promised() {
		printf '{"specversion":"1.0","id":"%s","source":"x","type":"%s","time":"2026-03-%sT12:00:00.000Z","session":"s","channel":"chat","direction":"out","actor":"agent","data":{"action":"delivery","case":"%s","amount":%s,"due":"%s"}}\n' \
			"$1" "${6:-commitment.made}" "$2" "$3" "$4" "$5"
	}
	{
		promised 1 01 A 10 2026-03-20T12:00:00Z
		promised 2 02 A 10.0 2026-03-20T13:00:00+01:00
		promised 3 03 B 99 2026-03-20T12:00:00Z
		promised 4 04 A 1e1 2026-03-20T12:00:00.000Z
		promised 5 05 A 11 2026-03-20T12:00:00Z
		promised 6 06 A 11 2026-03-20T12:00:00Z
		promised 7 07 A 10 2026-03-20T12:00:00Z
	} | jlog append -q -d j.db
	run -1 --separate-stderr jdecide contradictions -d j.db
	[ "$(jq -r '[.first, .about] | join(" ")' <<<"$output" | tr '\n' ';')" = "5 record 4;6 record 4;7 record 6;" ]
	[[ "$stderr" == *"of 7 promises 3 contradict" ]]
	# One that is overdue is not the one that was kept.
	{
		promised 1 01 A 10 2026-03-02T12:00:00Z
		promised 2 03 A 20 2026-03-20T12:00:00Z
		promised 3 04 A 20 "" commitment.kept
		promised 4 05 A 10 2026-03-02T12:00:00Z
	} | jlog append -q -d k.db
	run -1 --separate-stderr jdecide contradictions -d k.db
	[ "$(jq -r '[.first, .about] | join(" ")' <<<"$output")" = "2 record 1" ]
}

@test "contradictions take no longer for each agent and each promise there were before" {
	local n=20000
	awk -v n="$n" 'BEGIN { for (i = 0; i < n; i++) {
		printf "{\"specversion\":\"1.0\",\"id\":\"d%d\",\"source\":\"x\",\"type\":\"decision.made\",\"time\":\"2026-03-01T10:00:00Z\",\"session\":\"s%d\",\"direction\":\"internal\",\"data\":{\"action\":\"refund\",\"verdict\":\"v%d\",\"agent\":\"a%d\",\"inputs\":{}}}\n", i, i, i % 1000, i
		printf "{\"specversion\":\"1.0\",\"id\":\"p%d\",\"source\":\"x\",\"type\":\"commitment.made\",\"time\":\"2026-03-01T10:00:00Z\",\"session\":\"s\",\"direction\":\"out\",\"data\":{\"action\":\"delivery\",\"amount\":%d}}\n", i, i % 7 } }' |
		jlog append -q -d j.db
	run -1 --separate-stderr timeout 20 jdecide contradictions -d j.db
	[ "${#lines[@]}" -eq $((2 * n - 1)) ]
}

@test "promises that contradict each other, or a policy, are told" {
	vow() {
		printf '{"specversion":"1.0","id":"%s","source":"x","type":"%s","time":"2026-03-0%sT12:00:00.000Z","session":"s","channel":"%s","direction":"out","actor":"agent","data":{"action":"refund","amount":%s,"due":"2026-03-2%sT12:00:00Z"}}\n' "$@"
	}
	{
		vow 1 commitment.made 1 voice 50 1
		vow 2 commitment.made 2 email 80 1
		vow 3 commitment.kept 3 email 80 1
		vow 4 commitment.kept 4 email 80 1
		vow 5 commitment.made 5 email 90 5
	} | jlog append -q -d j.db
	run -1 --separate-stderr jdecide contradictions -d j.db
	[ "${#lines[@]}" -eq 1 ]
	[[ "${lines[0]}" == *'"what":"promise","action":"refund"'*'"about":"record 1"}' ]]
	policies <<<'- {id: cap, actions: [refund], when: amount > 85, then: deny}' >p.yaml
	run -1 --separate-stderr jdecide contradictions -p p.yaml -d j.db
	[[ "${lines[1]}" == *'"first":5,"about":"t/1#cap"}' ]]
}

@test "decisions do not depend on the channel: a thousand journeys with their channels permuted" {
	for how in keep permute; do
		python3 "$TOP/test/journeys.py" 1000 $how >$how.in
		jlog append -q -d $how.db $how.in
		jlog cat -q -d $how.db | jdecide -q -p "$POLICIES" -p quiet-hours -p message-window -d $how.db |
			sed 's/"id":"[^"]*",//; s/"source":"[^"]*",//; s/"session":"[^"]*",//; s/"channel":"[^"]*",//' >$how.out
	done
	cmp keep.out permute.out
	run ! cmp -s keep.in permute.in
	[ "$(sed 's/.*"verdict":"\([a-z]*\)","policies":\(\[[^]]*\]\).*/\1 \2/' keep.out | sort -u | wc -l)" -ge 5 ]
	[ "$(verdicts keep.out | sort -u | tr '\n' ' ')" = "allow defer deny limit review " ]
}

@test "hostile policy files are refused or stopped in bounded time" {
	# shellcheck disable=SC2016
	{
		echo 'hex(zeroblob(400000000)) = 1'
		echo '(with recursive r(n) as (select 1 union all select n+1 from r) select count(*) from r) > 0'
		echo 'replace(replace(printf(repeat), 1, 2), 3, 4)'
		printf "printf('%%0900000d', 1) || printf('%%0900000d', 1) = text\n"
		printf '%s1%s\n' "$(printf '(%.0s' $(seq 5000))" "$(printf ')%.0s' $(seq 5000))"
		echo '1; drop table event'
		echo "load_extension('x')"
		echo 'randomblob(1)'
	} >cases
	while IFS= read -r c; do
		policies >p.yaml <<<"- {id: x, then: allow, when: '${c//\'/\'\'}'}"
		out=$(propose a 01 refund 5 | timeout 20 jdecide -q -p p.yaml --dry-run 2>&1) && [[ "$out" == *'"verdict":"review"'* ]] || [[ "$out" == "jdecide: p.yaml:"* ]]
	done <cases
	seq 2000 | sed 's/.*/- {id: x&, then: allow}/' | policies >p.yaml
	run -2 jdecide -p p.yaml --dry-run /dev/null
	[[ "$output" == *"more than 1000 policies" ]]
	# Many constants about one column.
	list=$(seq -s, 64)
	seq 1000 | sed "s/.*/- {id: x&, when: 'amount in ($list, 100&)', then: allow}/" | policies >p.yaml
	[ "$(propose a 01 refund 100500 | timeout 20 jdecide -q -p p.yaml --dry-run 2>/dev/null | grep -o '"policies":[^]]*')" = '"policies":["t/1#x500"' ]
	# What a proposal holds is a value, never SQL.
	policies <<<"- {id: x, actions: [refund], when: entity('order') = 'A1', then: allow}" >p.yaml
	propose a 01 refund 5 "\"entities\":{\"order\":\"A1' or '1'='1\"}" | jdecide -q -p p.yaml --dry-run 2>/dev/null >out
	[ "$(verdicts out)" = review ]
}

@test "check of policies with long lists ends soon, and finds what none of them names" {
	for p in $(seq 20); do
		printf -- '- id: p%d\n  actions: [message.outbound]\n  when: purpose in (' "$p"
		seq -f "'v${p}_%g'" -s, 2000 | tr -d '\n'
		printf ')\n  then: deny\n  reason: no\n'
	done | policies >long.yaml
	(ulimit -t 6; jdecide check -p long.yaml -o table >got)
	grep -q "no policy is about message.outbound with purpose = '(another)': for review" got
}

@test "check finds what no policy is about among more cases than a number counts exactly" {
	for column in purpose currency lang region case_id reason; do
		printf -- '- id: %s\n  actions: [message.outbound]\n  when: %s in (' "$column" "$column"
		seq -f "'v%g'" -s, 2000 | tr -d '\n'
		printf ')\n  then: deny\n  reason: no\n'
	done | policies >long.yaml
	jdecide check -p long.yaml -o table >got
	grep -q "no policy is about message.outbound with purpose = '(another)', .*reason = '(another)': for review" got
}

@test "check tries a case as it is, not with the action of the case before it" {
	policies >p.yaml <<-'EOF'
	- id: some
	  actions: [refund, credit]
	  when: action in ('refund', 'credit')
	  then: allow
	  reason: it is one
	EOF
	jdecide check -p p.yaml -o table >got || true
	run -1 grep "no policy is about .* with" got
}

@test "check tells what never or always holds, what is denied besides, and what no policy is about" {
	policies <<-'E' >p.yaml
		- {id: never, actions: [refund], when: amount > 10 and amount < 5, then: allow}
		- {id: always, actions: [refund], when: hour >= 0, then: review}
		- {id: some, actions: [refund], when: amount < 50, then: allow}
		- {id: bot, actions: [refund], when: actor = 'bot', then: deny}
	E
	run -1 jdecide check -p p.yaml -o table
	[[ "$output" == *"p.yaml:5:5: error: never: can never hold"* ]]
	[[ "$output" == *"p.yaml:6:5: warning: always: always holds: leave its condition out"* ]]
	[[ "$output" == *"p.yaml:7:5: note: some: t/1#bot denies what it allows, with "*"actor = 'bot'"* ]]
	# In one line, and not those that some policy is about.
	[ "$(grep -c 'no policy is about' <<<"$output")" -eq 1 ]
	[[ "$output" == *"p.yaml:1: note: no policy is about credit, discount, "*", repair: always for review"* ]]
	[[ "$output" != *"no policy is about "*refund* ]]
	# Of many denials a few.
	{ sed '1,4d' p.yaml; seq 7 | sed "s/.*/  - {id: no&, actions: [refund], when: 'amount < &', then: deny}/"; } | sed 's/^  //' | policies >many.yaml
	run -1 jdecide check -p many.yaml -o table
	[ "$(grep -c 'some: t/1#[a-z0-9]* denies what it allows, with ' <<<"$output")" -eq 5 ]
	[ "$(grep -c 'some: more policies deny what it allows' <<<"$output")" -eq 1 ]
	for i in 1 2; do propose "p$i" 01 refund 20; done | jlog append -q -d j.db
	run -1 jdecide check -p p.yaml -o table -d j.db
	[[ "$output" == *"some: t/1#bot denies what it allows: record 1"* ]]
	[[ "$output" == *"never: held for none of 2 proposals of the log"* ]]
	# Names that the ontology has not, and cases that no policy is about.
	policies <<-'E' >p.yaml
		- {id: a, actions: [refund], when: "amount <= 100 or signal('anger')", then: allow}
		- {id: b, actions: [refund], when: "amount > 200 and intent in ('refund.requst', 'refund.status')", then: deny}
		- {id: c, actions: [credit], when: amount <= 200, then: allow}
		- {id: d, actions: [credit], when: amount > 200, then: review}
		- {id: e, when: action = 'offr' and entity('ordr') = 1, then: deny}
	E
	run -1 jdecide check -p p.yaml -o table
	[[ "$output" == *"p.yaml:5:5: warning: a: the ontology has no signal anger"* ]]
	[[ "$output" == *"p.yaml:6:5: warning: b: the ontology has no intent refund.requst"* ]]
	[[ "$output" == *"p.yaml:9:5: warning: e: the ontology has no action offr"* ]]
	[[ "$output" == *"p.yaml:9:5: warning: e: the ontology has no entity ordr"* ]]
	sed -i '$d; s/ or signal[^"]*//; s/ and intent[^"]*//' p.yaml
	run -0 jdecide check -p p.yaml -o table
	[[ "$output" == *"p.yaml:5:5: note: no policy is about refund with amount = 101: for review"* ]]
	[[ "$output" != *"is about credit with"* ]]
	# What is shipped has nothing but notes.
	run -0 jdecide check -p consent -p quiet-hours -p message-window -p frequency -p minors -p retention -o ndjson
	[[ "$output" != *'"level":"warning"'* ]]
}

@test "policies are found by name in a company's ontology and in the one below it" {
	mkdir -p mine/policies
	printf '%s\n' 'jtools: ontology/1' 'name: mine' 'version: "1.0.0"' 'extends: base/1.x' >mine/ontology.yaml
	policies <<<"- {id: own, actions: [refund], then: allow}" >mine/policies/refunds.yaml
	propose a 01 refund 5 >in
	[ "$(jdecide -q --ontology mine --dry-run -p refunds -p consent in 2>/dev/null | member policies)" = '["t/1#own"]' ]
	policies <<<"- {id: stricter, then: deny}" >mine/policies/consent.yaml
	[ "$(jdecide -q --ontology mine --dry-run -p consent in 2>/dev/null | member policies)" = '["t/1#stricter"]' ]
	run -2 jdecide --ontology mine --dry-run -p refund in
	[ "$output" = "jdecide: refund: no policies of this name are shipped (did you mean refunds?)" ]
}

@test "a limit of one policy and a denial of another: the digest is over the inputs as they stand" {
	propose a 01 refund 80 | jdecide -q -p "$POLICIES" -d j.db >out
	inputs=$(sed 's/.*"inputs":\({[^}]*}\).*/\1/' out)
	[ "$(printf %s "$inputs" | sha256sum | cut -d' ' -f1)" = "$(sed 's/.*"digest":"\([0-9a-f]*\)".*/\1/' out)" ]
	[ "$inputs" = "{\"amount\":80,\"decided_30d\":0,\"region\":null,\"signal('legal')\":0}" ]
}

@test "a decision that another process took is seen" {
	propose a 01 refund 250 | jdecide -q -p "$POLICIES" -d j.db >/dev/null
	coproc J { jdecide -q -p "$POLICIES" -d j.db; }
	propose b 02 refund 10 >&"${J[1]}"
	read -r -t 10 first <&"${J[0]}"
	propose c 03 refund 30 | jdecide -q -p "$POLICIES" -d j.db >/dev/null
	propose d 04 refund 100 >&"${J[1]}"
	read -r -t 10 second <&"${J[0]}"
	pid=$J_PID
	eval "exec ${J[1]}>&-"
	wait "$pid"
	[ "$(member limit <<<"$second")" = 10 ]
	# Also one about something that happened later.
	propose e 01 refund 100 | jdecide -q -p "$POLICIES" -d j.db >out
	[ "$(verdicts out)" = deny ]
	run --separate-stderr jdecide replay -p "$POLICIES" -d j.db
	[[ "$stderr" == *"5 the same to the byte"* ]]
}

# The flows of a help desk as policies, and what its agents did in sample dialogues as proposals.
flows() {
	python3 - "$DATA/sets/abcd" <<-'P'
		import json, sys
		kb = json.load(open(sys.argv[1] + "/kb.json"))
		with open("flows.yaml", "w") as out:
		    out.write('jtools: policies/1\nname: flows\nversion: "1"\npolicies:\n')
		    for flow, actions in kb.items():
		        names = ", ".join("''%s''" % a for a in actions)
		        out.write("  - {id: %s, when: 'intent = ''%s'' and action in (%s)', then: allow}\n" % (flow, flow, names))
		n = 0
		with open("dialogues", "w") as out:
		    for talk in json.load(open(sys.argv[1] + "/abcd_sample.json")):
		        for turn in talk["delexed"]:
		            if turn["targets"][1] != "take_action":
		                continue
		            n += 1
		            out.write(json.dumps({"specversion": "1.0", "id": "a%d" % n, "source": "desk/a", "type": "action.proposed",
		                "time": "2026-03-01T10:00:00.000Z", "session": str(talk["convo_id"]), "direction": "internal", "actor": "agent",
		                "data": {"action": turn["targets"][2], "intent": turn["targets"][0]}}) + "\n")
	P
}

@test "the flows of a public help desk as a policy library agree with its sample dialogues" {
	[ -d "$DATA/sets/abcd" ] || skip "no $DATA/sets/abcd"
	flows
	jdecide -q -p flows.yaml -d j.db dialogues >out
	agree=$(verdicts out | grep -c allow)
	echo "# $agree of $(wc -l <out) actions of the sample dialogues are allowed by their flow" >&3
	[ "$(wc -l <out)" -gt 5 ]
	[ $((agree * 10)) -ge $(($(wc -l <out) * 8)) ]
	# What is no part of the flow is for review.
	sed 's/"action": "[^"]*"/"action": "make-password"/; s/"id": "a/"id": "b/' dialogues | jdecide -q -p flows.yaml -d j.db >odd
	[ "$(verdicts odd | sort -u)" = review ]
}
