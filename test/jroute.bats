#!/usr/bin/env bats
# jroute: where inbound events go, why, and what other rules would do.
bats_require_minimum_version 1.5.0
load helper
load gen/records

me='"identifiers":[{"kind":"phone","value":"+551"}]'

# rules LINE ...: a rule file of these lines, with what every one needs before them; a ~ is a quotation mark.
rules() {
	printf '%s\n' 'jtools: rules/1' 'name: t' 'version: 1' 'queues: [desk, night, vips]' 'default: {queue: general}' "$@" | tr '~' "'"
}
# one WHEN: a rule file whose only rule sends to the desk what WHEN holds of.
one() {
	rules 'rules:' '  - id: it' "    when: $1" '    queue: desk'
}
# holds WHEN FILE: the ids of the events of which it holds.
holds() {
	one "$1" >one.yaml
	jroute -q -r one.yaml "$2" | jq -r 'select(.data.rule == "it") | .data.event' | tr '\n' ' '
}
decided() { jq -c "$1"; }

@test "the first rule that holds decides, and the default where none does" {
	her 1 "02 10:00" '"intent":"refund.request"' >in
	her 2 "02 11:00" '"intent":"delivery.late"' >>in
	her 3 "02 12:00" >>in
	rules 'rules:' '  - {id: a, when: "intent is not null", queue: desk, priority: 2}' '  - {id: b, when: "1", queue: vips}' >r.yaml
	is "$(jroute -q -r r.yaml in | jq -r '[.type, .data.rule, .data.queue, .data.priority, .data.event, .data.rules] | join(" ")')" \
		"route.decided a desk 2 1 t/1
route.decided a desk 2 2 t/1
route.decided b vips 5 3 t/1"
	rules >none.yaml
	is "$(jroute -q -r none.yaml in | jq -r .data.rule | sort | uniq -c | tr -s ' ')" " 3 default"
}

@test "a target has skills, an agent's kind, a priority and steps that relax with time" {
	rules 'rules:' '  - id: a' '    when: "1"' '    queue: desk' '    skills: [pt, refunds]' '    agent: human' '    priority: 3' \
		'    relax: [{after: 2m, skills: [], priority: 2}, {after: 90m, queue: general, agent: ai}]' >r.yaml
	her 1 "02 10:00" | jroute -q -r r.yaml | jq -c .data.target >got
	is "$(cat got)" '{"queue":"desk","skills":["pt","refunds"],"agent":"human","priority":3,"relax":[{"after":120,"skills":[],"priority":2},{"after":5400,"queue":"general","agent":"ai"}]}'
}

@test "of scored targets the highest wins, the first among equals, and none that has no score" {
	rules 'targets:' \
		'  - {id: none, score: "null", queue: desk}' \
		'  - {id: words, score: "~high~", queue: desk}' \
		'  - {id: low, score: "1", queue: desk}' \
		'  - {id: sure, score: "confidence * 10", queue: vips}' \
		'  - {id: same, score: "confidence * 10", queue: night}' \
		'  - {id: never, when: "0", score: "99", queue: night}' >r.yaml
	her 1 "02 10:00" '"confidence":0.9' >in
	her 2 "02 10:00" >>in
	her 3 "02 10:00" '"confidence":0.05' >>in
	is "$(jroute -q -r r.yaml in | jq -r .data.rule | tr '\n' ' ')" "sure low low "
	rules 'targets:' '  - {id: a, score: "null", queue: desk}' '  - {id: b, score: "0 - 5", queue: vips}' >r.yaml
	is "$(her 1 "02 10:00" | jroute -q -r r.yaml | jq -r .data.rule)" b
	sed -i 's/0 - 5/null/' r.yaml
	is "$(her 1 "02 10:00" | jroute -q -r r.yaml | jq -r .data.rule)" default
}

@test "a matter is taken from a bot to a person, with every reason and the place of the first" {
	rules 'rules:' '  - {id: bot, when: "family = ~delivery~", queue: bot, agent: bot, priority: 6}' \
		'  - {id: person, when: "family = ~refund~", queue: desk, agent: human}' \
		'escalate:' '  - {when: "confidence < 0.4", reason: not_understood}' \
		'  - {when: "signal(~frustration~)", reason: complaint, queue: complaints, priority: 1, skills: [calm]}' \
		'  - {when: "sentiment < -0.5", reason: complaint}' >r.yaml
	her 1 "02 10:00" '"intent":"delivery.late","confidence":0.9' >in
	her 2 "02 10:00" '"intent":"delivery.late","confidence":0.3' >>in
	her 3 "02 10:00" '"intent":"delivery.late","confidence":0.9,"sentiment":-0.9,"signals":["frustration"]' >>in
	her 4 "02 10:00" '"intent":"refund.request","confidence":0.1,"signals":["frustration"]' >>in
	jroute -q -r r.yaml in | jq -c '[.data.rule, .data.target, .data.reasons]' >got
	is "$(cat got)" '["bot",{"queue":"bot","agent":"bot","priority":6},null]
["bot",{"queue":"bot","agent":"human","priority":6},["not_understood"]]
["bot",{"queue":"complaints","skills":["calm"],"agent":"human","priority":1},["complaint","complaint"]]
["person",{"queue":"desk","agent":"human","priority":5},null]'
}

@test "a sticky target names the person who knows her, for so long, and never for a bot" {
	rec 1 "02 10:00" direction=out actor=agent "$me,\"agent\":\"ana\"" >in
	rec 2 "02 10:05" direction=out actor=bot "$me,\"agent\":\"b1\"" >>in
	her 3 "04 10:00" "$me" >>in
	her 4 "20 10:00" "$me" >>in
	jlog -q -d j.db append in
	rules 'rules:' '  - {id: a, when: "1", queue: desk, sticky: 7d}' >r.yaml
	is "$(jlog -q -d j.db cat | jroute -q -d j.db -r r.yaml | jq -r .data.target.person | tr '\n' ' ')" "ana null "
	sed -i 's/queue: desk,/queue: desk, agent: bot,/' r.yaml
	is "$(jlog -q -d j.db cat | jroute -q -d j.db -r r.yaml | jq -r .data.target.person | tr '\n' ' ')" "null null "
}

@test "a decision carries the context, the bundle or nothing, and the trace of its event" {
	her 1 "02 10:00" "$me,\"intent\":\"delivery.late\",\"tier\":\"gold\",\"text\":\"Where is it?\"" >in
	her 2 "02 10:10" "$me" | sed 's/"data"/"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","data"/' >>in
	jlog -q -d j.db append in
	rules >r.yaml
	jlog -q -d j.db cat >log
	jroute -q -d j.db -r r.yaml log | jq -c '[.traceparent, .data.context.tier, .data.context.known]' >brief
	is "$(tail -1 brief)" '["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","gold",true]'
	jroute -q -d j.db -r r.yaml --context brief log | cmp - <(jroute -q -d j.db -r r.yaml log)
	jproject -q -d j.db enrich log >rich
	jroute -q -d none.db -r r.yaml rich | cmp - <(jroute -q -d j.db -r r.yaml log)
	jroute -q -d j.db -r r.yaml --context none log | jq -e '.data.context == null' >/dev/null
	jroute -q -d j.db -r r.yaml --context full log | tail -1 | jq -c .data.context >full
	jq -e '.summary and .intent == "delivery.late" and .questions[0].intent == "delivery.late"' full
	run ! grep -q '"channel"' full
	jroute -q -r r.yaml in | jq -e '.data.context == null' >/dev/null
	run -2 jroute -q -r r.yaml --context some in
}

@test "columns tell what is known of her as of the event" {
	her 1 "02 10:00" "$me,\"tier\":\"gold\",\"tags\":[\"vip\",\"loud\"],\"region\":\"BR\",\"lang\":\"pt\"" >in
	rec 2 "02 10:01" type=commitment.made direction=internal actor=agent "$me,\"action\":\"refund\",\"due\":\"2026-03-03T00:00:00Z\"" >>in
	rec 3 "02 10:02" type=decision.made direction=internal actor=system "$me,\"action\":\"refund\",\"verdict\":\"allow\",\"amount\":50" >>in
	rec 4 "02 10:03" type=decision.made direction=internal actor=system "$me,\"action\":\"refund\",\"verdict\":\"limit\",\"amount\":5.5" >>in
	rec 5 "02 10:04" type=decision.made direction=internal actor=system "$me,\"action\":\"refund\",\"verdict\":\"deny\",\"amount\":1000" >>in
	rec 6 "02 10:05" type=order.placed "$me,\"amount\":300" >>in
	rec 7 "02 10:06" type=order.cancelled "$me,\"amount\":100" >>in
	rec 8 "02 10:07" type=consent.granted "$me,\"purpose\":\"marketing\",\"channel\":\"email\"" >>in
	rec 9 "02 10:08" type=consent.revoked "$me,\"purpose\":\"survey\"" >>in
	her 10 "02 11:00" "$me,\"entities\":{\"product\":\"lamp\"}" >>in
	her 11 "04 10:00" "$me" >>in
	rec 12 "04 10:01" type=commitment.kept direction=internal actor=agent "$me,\"action\":\"refund\"" >>in
	rec 13 "04 10:02" direction=out actor=bot "$me,\"agent\":\"b1\"" >>in
	her 14 "04 10:03" "$me,\"tags\":[]" >>in
	jlog -q -d j.db append in
	jlog -q -d j.db cat --type message | jproject -q -d j.db enrich >rich
	is "$(holds "tier = 'gold' and region = 'BR' and lang = 'pt'" rich)" "1 10 11 14 "
	is "$(holds "tag('vip') and not tag('quiet')" rich)" "1 10 11 "
	is "$(holds 'commitments_open = 1 and commitments_overdue = 0' rich)" "10 "
	is "$(holds 'commitments_overdue' rich)" "11 "
	is "$(holds 'decided_30d = 55.5 and decisions_30d = 2' rich)" "10 11 14 "
	is "$(holds 'value = 200' rich)" "10 11 14 "
	is "$(holds "consent('marketing') and consent('survey') = 0 and consent('other') is null" rich)" "10 11 14 "
	is "$(holds "product = 'lamp'" rich)" "10 11 14 "
	is "$(holds 'handled_by_bot' rich)" "14 "
	is "$(holds 'customer_days = 2' rich)" "11 "
}

@test "consent for a delivery is one boolean, by its purpose and its channel" {
	rec 1 "02 10:07" type=consent.granted "$me,\"purpose\":\"marketing\",\"channel\":\"email\"" >in
	for c in email sms; do
		rec "p$c" "02 10:08" type=action.proposed actor=bot "$me,\"action\":\"message.outbound\",\"purpose\":\"marketing\",\"channel\":\"$c\"" >>in
	done
	her 4 "02 10:09" "$me" >>in
	jlog -q -d j.db append in
	jlog -q -d j.db cat | jproject -q -d j.db enrich >rich
	is "$(holds 'consent' rich)" "pemail "
	is "$(holds 'consent = 0' rich)" "psms "
}

@test "texts are asked after by their words, and amounts are numbers" {
	her 1 "02 10:00" '"text":"I want my MONEY back!"' >in
	her 2 "02 10:00" '"text":"moneyback refundable","entities":{"amount":"120.50"}' >>in
	her 3 "02 10:00" '"text":"Dévolução","entities":{"amount":"9.00 EUR","order":"10"}' >>in
	is "$(holds "says('money back')" in)" "1 "
	is "$(holds "says('nothing', 'refund*')" in)" "2 "
	is "$(holds "says('devolucao')" in)" "3 "
	is "$(holds "says('')" in)" ""
	is "$(holds "text like '%money%' and text not glob '*back!'" in)" "2 "
	is "$(holds "entity('amount') > 100" in)" "2 "
	is "$(holds "entity('amount') < 100" in)" "3 "
	is "$(holds "entity('order') = '10'" in)" "3 "
	# Of one that stands twice the first is its value, as in facts.
	her 4 "02 10:00" '"entities":{"order":null,"order":"A","order":"B"}' >in
	is "$(holds "entity('order') = 'A'" in)" "4 "
}

@test "the clock is that of the region: the file's zone, else its only one, else that of --tz" {
	for r in JP BR US IN XX; do her $r "02 23:30" "\"region\":\"$r\""; done >in
	her none "02 23:30" >>in
	is "$(holds 'hour = 8 and weekday = 2' in)" "JP "
	is "$(holds 'hour = 5' in)" "IN "
	is "$(holds 'hour = 23 and weekday = 1' in)" "BR US XX none "
	one 'hour = 20' | sed 's|^version.*|&\nzones: {BR: America/Sao_Paulo}|' >r.yaml
	is "$(jroute -q -r r.yaml in | jq -r 'select(.data.rule == "it") | .data.event')" BR
	is "$(jroute -q -r r.yaml --tz America/Sao_Paulo in | jq -r 'select(.data.rule == "it") | .data.event' | tr '\n' ' ')" "BR US XX none "
	sed -i 's|America/Sao_Paulo|Mars/Base|' r.yaml
	run -2 jroute -q -r r.yaml in
	[[ $output == *"r.yaml:4:13: no such time zone: Mars/Base"* ]]
}

@test "what is wrong with a rule file is told with line and column when it is read" {
	local what
	wrong() { # wrong PLACE REASON LINE...: of a rule file
		local place=$1 reason=$2
		shift 2
		rules "$@" >r.yaml
		run -2 jroute -r r.yaml /dev/null
		[[ $output == "jroute: r.yaml:$place"*"$reason"* ]] || { echo "expected r.yaml:$place $reason"; echo "$output"; false; }
		run -1 jroute check -r r.yaml
		[[ $output == "r.yaml:$place"*" error: "*"$reason"* ]] || { echo "check, expected r.yaml:$place $reason"; echo "$output"; false; }
	}
	wrong 7:32: 'no such column: familly' 'rules:' '  - {id: a, queue: desk, when: familly = 1}'
	wrong 7:32: "hour is a number, and '8' a text" 'rules:' "  - {id: a, queue: desk, when: hour < '8'}"
	wrong 7:33: 'gives the channel away' 'rules:' '  - {id: a, queue: desk, when: (channel = 1)}'
	wrong 7:33: 'signal' 'rules:' '  - {id: a, queue: desk, when: "signal()"}'
	# Whatever stands before it, on however many lines.
	wrong 7:43: 'gives the channel away' 'rules:' "  - {id: a, queue: desk, when: repeat and channel = 1}"
	wrong 8:9: 'no such column: familly' 'rules:' '  - {id: a, queue: desk, when: repeat' '    and familly = 1}'
	wrong 11:12: 'gives the channel away' 'rules:' '  - id: a' '    queue: desk' '    when: >-' "      tag('channel') and" '      not (channel is null)'
	wrong 11:12: 'no such column: familly' 'rules:' '  - id: a' '    queue: desk' '    when: |-' "      intent = 'channel'" '      or   familly = 2'
	wrong 7:54: 'no such column: familly' 'rules:' "  - {id: a, queue: desk, when: 'intent = ''é'' and   familly = 2'}"
	# What is escaped hides the place: that of the whole.
	wrong 7:32: 'no such column: familly' 'rules:' '  - {id: a, queue: desk, when: "intent = '"'\\x41'"' and familly = 2"}'
	wrong 7:13: 'unknown member: wehn' 'rules:' '  - {id: a, wehn: "1", queue: desk}'
	wrong 7:32: 'no such column: contact_7d (did you mean contacts_7d' 'rules:' '  - {id: a, queue: desk, when: contact_7d > 1}'
	wrong 7:20: 'unknown queue: dsek (did you mean desk?)' 'rules:' '  - {id: a, queue: dsek, when: "1"}'
	wrong 7: 'random() is no function' 'rules:' '  - {id: a, queue: desk, when: random()}'
	wrong 7: 'subquery' 'rules:' '  - {id: a, queue: desk, when: (select 1)}'
	wrong 7: 'no condition' 'rules:' '  - {id: a, queue: desk}'
	wrong 7: 'agent is none of bot, ai, human' 'rules:' '  - {id: a, queue: desk, when: "1", agent: robot}'
	wrong 7: 'priority' 'rules:' '  - {id: a, queue: desk, when: "1", priority: 10}'
	wrong 7: 'sticky is no span' 'rules:' '  - {id: a, queue: desk, when: "1", sticky: 30}'
	wrong 7: 'a step comes no later' 'rules:' '  - {id: a, queue: desk, when: "1", relax: [{after: 2m, priority: 1}, {after: 2m, priority: 2}]}'
	wrong 7: 'unknown queue: nowhere' 'rules:' '  - {id: a, queue: desk, when: "1", relax: [{after: 2m, queue: nowhere}]}'
	wrong 8: 'another one has this id' 'rules:' '  - {id: a, queue: desk, when: "1"}' '  - {id: a, queue: desk, when: "1"}'
	wrong 7: 'no score' 'targets:' '  - {id: a, queue: desk}'
	wrong 7: 'no such reason: whim' 'escalate:' '  - {when: "1", reason: whim}'
	wrong 7: 'either rules or targets' 'rules: []' 'targets: []'
}

@test "check finds conditions that never hold or always do, and rules that earlier ones cover" {
	rules 'rules:' \
		'  - {id: wide, when: "family = ~delivery~", queue: desk}' \
		'  - {id: narrow, when: "intent = ~delivery.late~ and contacts_7d > 2", queue: desk}' \
		'  - {id: low, when: "contacts_7d < 5 and family = ~refund~", queue: desk}' \
		'  - {id: high, when: "contacts_7d >= 4 and family = ~refund~", queue: desk}' \
		'  - {id: both, when: "contacts_30d >= 0 and family = ~refund~ and contacts_7d is not null", queue: desk}' \
		'  - {id: never, when: "hour > 23", queue: desk}' \
		'  - {id: unlike, when: "contacts_24h > contacts_7d and family = ~quote~", queue: desk}' \
		'  - {id: odd, when: "intent = ~refund.reqest~", queue: desk}' \
		'  - {id: fine, when: "signal(~churn~) and text like ~%bye%~", queue: desk}' >r.yaml
	run -1 jroute check -r r.yaml
	[[ $output == *"r.yaml:8:5: error: narrow: never reached, covered by wide: wide takes it with "*"family = 'delivery'"* ]]
	[[ $output == *"r.yaml:11:5: error: both: never reached, covered by low, high"* ]]
	[[ $output == *"r.yaml:12:5: error: never: its condition can never hold"* ]]
	[[ $output == *"r.yaml:13:5: warning: unlike: its condition was not found to hold in "*" cases"* ]]
	[[ $output == *"r.yaml:14:5: warning: odd: the ontology has no intent refund.reqest"* ]]
	[[ $output == *"r.yaml:5:10: note: "*" intents go to the default where nothing else is known: "* ]]
	[ "$(grep -cE '(error|warning): (low|high|fine|wide):' <<<"$output")" = 0 ]
	[ "$(grep -c error <<<"$output")" = 3 ]
	run -1 jroute check -o ndjson -r r.yaml
	is "$(jq -r 'select(.level == "error") | [.line, .column] | join(":")' <<<"$output" | tr '\n' ' ')" "8:5 11:5 12:5 "
	one 'direction = ~in~' >r.yaml
	run -1 jroute check -r r.yaml
	[[ $output == *"error: it: its condition always holds: no rule behind it is reached, nor the default"* ]]
	one 'tier = ~gold~' >r.yaml
	jroute check -r r.yaml
}

@test "check finds scored targets that never win, since one or another of several scores at least as much" {
	rules 'targets:' \
		'  - {id: few, when: "contacts_7d <= 3", score: "5", queue: desk}' \
		'  - {id: many, when: "contacts_7d > 2 or contacts_7d is null", score: "5", queue: desk}' \
		'  - {id: never, score: "4", queue: night}' \
		'  - {id: rare, when: "amount > 5 and tier = ~gold~", score: "9", queue: vips}' >r.yaml
	run -1 jroute check -r r.yaml -o text
	is "$output" "r.yaml:9:5: error: never: never wins: one of few, many always scores at least as much"
	# Where they leave something to it, nothing is told.
	sed 's/ or contacts_7d is null//' r.yaml >left.yaml
	run -0 jroute check -r left.yaml -o text
	is "$output" ""
	# What is not proven is a warning.
	sed 's/contacts_7d <= 3/contacts_7d * 2 <= 6/' r.yaml >odd.yaml
	run -0 jroute check -r odd.yaml -o text
	[[ $output == "odd.yaml:9:5: warning: never: not found to win in "*" cases in which it has a score: one of few, many scores at least as much in each" ]]
}

@test "check finds scored targets that never win, since another always scores at least as much" {
	rules 'targets:' \
		'  - {id: strong, score: "10", queue: desk}' \
		'  - {id: weak, when: "family = ~delivery~", score: "5", queue: vips}' \
		'  - {id: equal, score: "10", queue: vips}' \
		'  - {id: more, when: "tier = ~gold~", score: "11", queue: vips}' \
		'  - {id: less, when: "tier = ~gold~ and repeat", score: "10.5", queue: vips}' \
		'  - {id: sure, score: "confidence * 20", queue: night}' \
		'  - {id: half, score: "confidence * 20 - 1", queue: night}' \
		'  - {id: none, score: "null", queue: night}' \
		'  - {id: alone, when: "repeat", score: "10.5", queue: night}' >r.yaml
	run -1 jroute check -r r.yaml
	is "$(grep -oE '(error|warning): [a-z]*: (never wins: [a-z]*|not found to win)' <<<"$output" | tr '\n' ';')" \
		"error: weak: never wins: strong;error: equal: never wins: strong;error: less: never wins: more;warning: half: not found to win;"
	[[ $output == *"warning: none: not found to have a score"* ]]
	[[ $output == *"half: not found to win in "*" cases in which it has a score: sure scores at least as much in each"* ]]
	# They decide so.
	for r in true false; do
		for t in '"gold"' null; do
			for k in null 0 0.4 0.52 1; do
				her "$r-$k-${t//\"/}" "02 10:00" "\"intent\":\"delivery.late\",\"confidence\":$k,\"context\":{\"repeat\":$r,\"tier\":$t}"
			done
		done
	done >in
	is "$(jroute -q -r r.yaml in | jq -r .data.rule | sort -u | tr '\n' ' ')" "alone more strong sure "
}

@test "what check says to be covered never decides, over all that can be and some that cannot" {
	rules 'rules:' \
		'  - {id: a, when: "repeat or contacts_7d between 2 and 4", queue: desk}' \
		'  - {id: b, when: "not repeat", queue: desk}' \
		'  - {id: c, when: "contacts_7d = 3 and tier <> ~x~", queue: desk}' \
		'  - {id: d, when: "repeat is null and contacts_7d in (1, 3)", queue: desk}' \
		'  - {id: e, when: "repeat is null and contacts_7d > 3.5", queue: desk}' >r.yaml
	run -1 jroute check -r r.yaml
	is "$(grep -o 'error: [a-z]*: [a-z ]*' <<<"$output" | tr '\n' ' ')" "error: c: never reached "
	for r in true false null; do
		for n in 0 1 2 3 3.5 4 5 null; do
			for t in '"x"' '"y"' null; do
				her "$r-$n-${t//\"/}" "02 10:00" "\"context\":{\"repeat\":$r,\"contacts_7d\":$n,\"tier\":$t}"
			done
		done
	done >in
	is "$(jroute -q -r r.yaml in | jq -r .data.rule | sort -u | tr '\n' ' ')" "a b d default e "
}

@test "check over a log tells rules that take nothing, and an event that another one takes from them" {
	her 1 "02 10:00" "$me,\"intent\":\"refund.request\",\"text\":\"now\"" >in
	her 2 "02 10:10" "$me,\"intent\":\"delivery.late\"" >>in
	jlog -q -d j.db append in
	rules 'rules:' '  - {id: first, when: "text like ~%now%~", queue: desk}' '  - {id: second, when: "family = ~refund~", queue: desk}' \
		'  - {id: third, when: "tier = ~gold~", queue: desk}' >r.yaml
	jroute check -r r.yaml -d j.db >got
	grep -q "r.yaml:8:5: warning: second: holds on 1 of the log's 2 inbound events and takes none: first takes event 1 (sequence 1) from it" got
	grep -q "r.yaml:9:5: note: third: takes none of the log's 2 inbound events" got
	sed -i "s/text like '%now%'/family in ('refund')/" r.yaml
	run -1 jroute check -r r.yaml -d j.db
	[[ $output == *"second: never reached, covered by first: first takes event 1 (sequence 1) from it"* ]]
	run -2 jroute check -r r.yaml -d none.db
}

@test "explain shows each rule, what it read and what it gave" {
	rules 'rules:' '  - {id: a, when: "family = ~refund~ and signal(~churn~)", queue: desk}' \
		'  - {id: b, when: "contacts_7d is null", queue: vips, agent: bot}' '  - {id: c, when: "1", queue: desk}' \
		'escalate:' '  - {when: "confidence < 0.5", reason: not_understood}' >r.yaml
	her 1 "02 10:00" '"intent":"refund.request","confidence":0.25' >in
	jroute -q -r r.yaml --explain in >got
	is "$(jq -c '[.event, .rule, .target.agent, .reasons]' got)" '["1","b","human",["not_understood"]]'
	is "$(jq -c '.rules[] | [.id, .result, .read, .verdict]' got)" \
		'["a",0,{"family":"refund","signal('"'churn'"')":0},"does not hold"]
["b",1,{"contacts_7d":null},"decides"]
["c",1,{},"comes too late"]'
	is "$(jq -c '.escalate[0] | [.reason, .read, .verdict]' got)" '["not_understood",{"confidence":0.25},"calls a person"]'
	jroute -q -r r.yaml --explain -o text in >got
	grep -q '^  \* b  decides  (contacts_7d = NULL)$' got
	grep -q "^    a  does not hold  (family = refund, signal('churn') = 0)$" got
	rules 'targets:' '  - {id: a, score: contacts_7d, queue: desk}' '  - {id: b, score: confidence, queue: vips}' \
		'  - {id: c, score: "0", queue: desk}' >s.yaml
	is "$(jroute -q -r s.yaml --explain in | jq -r '.rules[] | [.id, .verdict] | join(" ")' | tr '\n' ',')" "a has no score,b decides,c is outscored,"
	sed 's/refund.request/\\u001b[31mred/' in | jroute -q -r r.yaml --explain -o text >got
	! grep -q $'\033' got
}

@test "diff tells which decisions change, by rule, intent, region and value, with examples" {
	for i in 1 2 3 4; do her $i "02 10:0$i" "$me,\"intent\":\"delivery.late\",\"region\":\"BR\""; done >in
	her 5 "02 11:00" '"intent":"refund.request","region":"JP"' >>in
	jlog -q -d j.db append in
	rules 'rules:' '  - {id: a, when: "family = ~delivery~", queue: desk}' '  - {id: r, when: "family = ~refund~", queue: vips}' >a.yaml
	sed 's/id: a, when: "\(.*\)", queue/id: b, priority: 1, when: "\1 and contacts_30d is not null", queue/; s/id: r/id: s/' a.yaml >b.yaml
	jroute diff -d j.db a.yaml b.yaml >got 2>/dev/null
	is "$(jq -c 'select(.kind == "summary") | del(.a, .b)' got)" \
		'{"kind":"summary","decided":5,"changed":4,"share":0.8,"same_by_another_rule":1}'
	is "$(jq -c 'select(.kind == "group") | [.by, .from, .to, .of, .decided, .changed]' got)" \
		'["rule","a","b",null,4,4]
["intent",null,null,"delivery.late",4,4]
["region",null,null,"BR",4,4]
["value",null,null,"0",5,4]'
	is "$(jq -c 'select(.kind == "example") | [.sequence, .a.rule, .b.rule, .b.target.priority]' got)" '[1,"a","b",1]'
	is "$(jroute -q diff --by intent --examples 3 a.yaml b.yaml -d j.db | jq -r .kind | tr '\n' ' ')" "summary group example example example "
	run -1 jroute -q diff -d j.db --max-change 79.9% a.yaml b.yaml
	jroute -q diff -d j.db --max-change 80% a.yaml b.yaml >/dev/null
	jroute -q diff -d j.db --max-change 0% a.yaml a.yaml | jq -e '.changed == 0' >/dev/null
	run -2 jroute -q diff -d j.db --max-change 5 a.yaml b.yaml
	run -2 jroute -q diff -d j.db --by channel a.yaml b.yaml
	jroute -q diff -o table -d j.db a.yaml b.yaml | grep -q '^a -> b  *4  *4  *100.0%$'
	jlog -q -d j.db cat | jproject -q -d j.db enrich | jroute -q diff a.yaml b.yaml - | cmp - <(jroute -q diff -d j.db a.yaml b.yaml)
	# Of a span of time, each with what came before it.
	run --separate-stderr jroute diff -d j.db a.yaml b.yaml --since 2026-03-02T10:02:00Z --until 2026-03-02T10:04:00Z
	is "$(jq -c 'select(.kind == "summary") | [.decided, .changed]' <<<"$output")" '[2,2]'
	[[ "$stderr" == *"(3 at other times)"* ]]
	jroute diff -q a.yaml b.yaml in --since 2026-03-02T10:30:00Z | jq -e 'select(.kind == "summary") | .decided == 1' >/dev/null
}

@test "a decision is the same live, replayed forward or backward, and from enriched records" {
	rules 'zones: {BR: America/Sao_Paulo, US: America/New_York}' 'rules:' \
		'  - {id: owed, when: "commitments_overdue > 1 or commitments_open > 3", queue: desk, sticky: 5d}' \
		'  - {id: spent, when: "decided_30d > 100 and decisions_30d > 1", queue: desk}' \
		'  - {id: may, when: "consent(~marketing~) and not consent(~survey~)", queue: vips}' \
		'  - {id: loud, when: "tag(~loud~) and tier = ~gold~", queue: vips, sticky: 20d}' \
		'  - {id: bot, when: "handled_by_bot or last_person_days > 3.5", queue: desk}' \
		'  - {id: lamp, when: "product = ~lamp 1~ and value > 100", queue: desk}' \
		'  - {id: late, when: "hour >= 18 and region in (~BR~, ~US~)", queue: night}' \
		'  - {id: asked, when: "consent = 0 or customer_days < 2", queue: desk}' >r.yaml
	for seed in 1 2 3; do
		awk -v seed=$seed -v n=150 -v people=3 -v days=50 -f "$TOP/test/gen/account.awk" >in
		rm -f j.db* live.db*
		split -l 10 in part.
		for part in part.*; do jlog -d live.db append "$part" 2>err | jroute -q -d live.db -r r.yaml; done >live
		rm part.*
		jlog -q -d j.db append in
		jlog -q -d j.db cat >log
		jroute -q -d j.db -r r.yaml log >forward
		[ "$(grep -o '"rule":"[a-z]*"' forward | sort -u | wc -l)" -ge 6 ]
		cmp live forward
		tac log | jroute -q -d j.db -r r.yaml | tac | cmp - forward
		jproject -q -d j.db enrich log | tee rich | jroute -q -d none.db -r r.yaml | cmp - forward
		# What an enriched record says is read back as it was: brief again is the same.
		jroute -q -d none.db -r r.yaml --explain rich | cmp - <(jroute -q -d j.db -r r.yaml --explain log)
	done
}

@test "live, each line is answered at once, and a damaged one stops nothing" {
	rules >r.yaml
	coproc ROUTE { jroute -q -r r.yaml 2>err; }
	for i in 1 2 3; do
		her "e$i" "02 10:00" >&"${ROUTE[1]}"
		read -r -t 5 line <&"${ROUTE[0]}"
		[[ $line == *"\"event\":\"e$i\""* ]]
		echo '{"broken' >&"${ROUTE[1]}"
	done
	pid=$ROUTE_PID
	eval "exec ${ROUTE[1]}>&-"
	run wait "$pid"
	grep -q '<stdin>:2' err
	her 1 "02 10:00" >in
	echo broken >>in
	run -65 jroute -q -r r.yaml in
}

@test "a record with a sequence that the log has not is refused, and stops nothing" {
	one "contacts_7d > 1" >r.yaml
	for i in 1 2; do her "$i" "02 1$i:00" "$me"; done | jlog append -q -d j.db
	{
		her 9 "02 13:00" sequence=000000000099
		jlog cat -q -d j.db
		her 8 "02 13:00" sequence=000000000003
	} >in
	for how in "" "--explain" "--context full"; do
		run -65 --separate-stderr jroute -q -d j.db -r r.yaml $how in
		is "${#lines[@]}" 2
		is "$stderr" "jroute: in:1: the log has no record 99
jroute: in:4: the log has no record 3"
	done
	run -65 --separate-stderr jroute diff -d j.db r.yaml r.yaml in
	[[ "$stderr" == *"in:1: the log has no record 99"*"read 4 = written 2 + duplicates 0 + rejected 2"* ]]
	# A record that brings its context needs none of the log's but for what goes with a handoff.
	jlog cat -q -d j.db | jproject -q -d j.db enrich | sed 's/"sequence":"0*/&99/' >in
	run -0 --separate-stderr jroute -q -d j.db -r r.yaml in
	run -65 --separate-stderr jroute -q -d j.db -r r.yaml --context full in
	[[ "$stderr" == *"in:1: the log has no record 99"* ]]
}

@test "explain tells each thing that was read once, also where a text says the same" {
	rules 'targets:' "  - {id: a, when: \"text <> '' and signal('churn') and entity('a\\\"b') is null\", score: \"signal('churn') + (entity('a\\\"b') is null) + length(text)\", queue: desk}" >r.yaml
	her 1 "02 10:00" "\"text\":\"signal('churn') \\\"signal('churn')\\\":\",\"signals\":[\"churn\"]" |
		jroute -q -r r.yaml --explain -o ndjson >out
	is "$(sed 's/.*"read":{\(.*\)},"verdict".*/\1/' out)" \
		"\"text\":\"signal('churn') \\\"signal('churn')\\\":\",\"signal('churn')\":1,\"entity('a\\\"b')\":null"
}

@test "sums that no number can hold are the greatest that one can" {
	{
		for i in 1 2; do her "$i" "02 1$i:00" type=order.placed "$me" '"amount":1.7e308'; done
		for i in 3 4; do her "$i" "02 1$i:00" type=decision.made direction=internal "$me" '"action":"refund","verdict":"allow","amount":-1.7e308'; done
		her 5 "02 15:00" "$me"
	} | jlog append -q -d j.db
	one "value > 1e308 and decided_30d < -1e308" >r.yaml
	jlog cat -q -d j.db | jroute -q -d j.db -r r.yaml >out
	is "$(tail -1 out | jq -c '[.data.rule, .data.context.value, .data.context.decided_30d]')" '["it",1.7976931348623157e+308,-1.7976931348623157e+308]'
	jlog cat -q -d j.db | jproject -q -d j.db enrich | jroute -q -r r.yaml | cmp - out
}

@test "an infinite number ends neither an explanation nor a check" {
	rules 'targets:' '  - {id: a, when: "amount < 1e400 and amount > -1e400 or amount is null", score: "exp(1000)", queue: desk}' \
		'  - {id: b, when: "amount * 1e300 * -1e300 = -1e400", score: "-exp(1000)", queue: vips}' >r.yaml
	her 1 "02 10:00" '"amount":1e10' >in
	is "$(jroute -q -r r.yaml --explain -o ndjson in | jq -c '[.rule, .rules[].score]')" '["a",1.7976931348623157e+308,-1.7976931348623157e+308]'
	run -0 --separate-stderr jroute check -r r.yaml -o text
	printf '%s\n' 'jtools: policies/1' 'name: t' 'version: 1' 'policies:' '  - {id: a, when: "amount <= 1e400", then: allow}' '  - {id: b, when: "amount >= 1e400", then: deny}' >p.yaml
	run -0 --separate-stderr jdecide check -p p.yaml -o table
	[[ $output == *"a: t/1#b denies what it allows, with amount = 9e999"* ]]
}

@test "a condition that fails on an event costs that event alone" {
	one "json_extract(text, '\$.a') = 1" >r.yaml
	her 1 "02 10:00" '"text":"{"' >in
	her 2 "02 10:00" '"text":"{\"a\":1}"' >>in
	run -65 jroute -q -r r.yaml in
	[[ $output == *"jroute: in:1: r.yaml:8:11: malformed JSON"* ]]
	[[ $output == *'"rule":"it"'*'"event":"2"'* ]]
}

@test "hostile rule files are refused or stopped in bounded time and memory" {
	! sanitized || skip "the sanitizer's own memory grows"
	local when n=0
	her 1 "02 10:00" "\"text\":\"$(printf 'a%.0s' $(seq 3000))\",\"entities\":{\"x\":\"' or 1=1 --\"}" >in
	while IFS= read -r when; do
		one "$when" >r.yaml
		n=$((n + 1))
		run bash -c "ulimit -v 600000; timeout 10 jroute -q -r r.yaml in"
		[[ $status -eq 2 || $status -eq 65 ]] || { echo "$when: $status"; echo "$output" | cut -c1-200; false; }
		run bash -c "ulimit -v 600000; timeout 10 jroute check -r r.yaml"
		[[ $status -le 1 ]] || { echo "check: $when: $status"; false; }
	done <<-'END'
		(with recursive r(x) as (select 1 union all select x + 1 from r) select count(*) from r) > 0
		(select count(*) from generate_series(1, 10000000)) > 0
		length(hex(zeroblob(400000000))) > 0
		length(replace(printf('%.*c', 90000, 'x'), 'x', printf('%.*c', 90000, 'y'))) > 0
		exists (select 1 from event a, event b)
		json_group_array(text) > ''
		load_extension('x')
		readfile('/etc/passwd') > ''
		1); drop table event; select (1
	END
	[ "$n" = 9 ]
	one "$(printf '(%.0s' $(seq 3000))1$(printf ')%.0s' $(seq 3000))" >r.yaml
	run -2 timeout 10 jroute -q -r r.yaml in
	one "$(printf 'not %.0s' $(seq 20000))1" >r.yaml
	run -2 timeout 10 jroute -q -r r.yaml in
	one "text = '$(head -c 70000 /dev/zero | tr '\0' x)'" >r.yaml
	run -2 timeout 10 jroute -q -r r.yaml in
	[[ $output == *"longer than 64 KiB"* ]] || { echo "$output" | cut -c1-300; false; }
	# What is in an event is a value and nothing else.
	is "$(holds "entity('x') = 'nothing'" in)" ""
	is "$(holds "entity('x') = ''' or 1=1 --'" in)" "1 "
	rules 'rules:' >r.yaml
	for i in $(seq 3000); do echo "  - {id: r$i, when: \"text like '%a%b%c%$i'\", queue: desk}"; done >>r.yaml
	run bash -c "ulimit -v 900000; timeout 20 jroute -q -r r.yaml in"
	[[ $status -eq 2 && $output == *"r.yaml:1007:5: more than 1000 rules" ]] || { echo "$status: $output" | cut -c1-300; false; }
	sed -i '1007,$d' r.yaml
	run bash -c "ulimit -v 900000; timeout 20 jroute -q -r r.yaml in"
	[ "$status" -eq 0 ]
}
