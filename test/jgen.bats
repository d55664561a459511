#!/usr/bin/env bats
# Journeys that nobody made: what is written, and that the pipe finds what is true of them.
# runs: long
bats_require_minimum_version 1.5.0
load helper
# shellcheck source=test/gen/truth.bash
. "$BATS_TEST_DIRNAME/gen/truth.bash"

# logged ARGUMENT ...: generates into events.ndjson and truth.ndjson, and takes the events into j.db.
logged() {
	jgen -q --truth truth.ndjson "$@" >events.ndjson
	jlog append -q -d j.db events.ndjson >/dev/null
	jproject update -q -d j.db
}

# as_true [CONTACTS] [BUT]: the facts and the figures of j.db are those of truth.ndjson, but for differences that match a
# pattern, and there are some; opportunities and feelings as counted again.
as_true() {
	false_facts j.db truth.ndjson >differences
	false_figures j.db truth.ndjson >>differences
	false_recount j.db truth.ndjson >>differences
	grep -vE "${2:-^\$}" differences >left || true
	[ ! -s left ] || { head -n 20 left; return 1; }
	[ "$(sqlite3 j.db 'SELECT count(*) FROM v_contact')" -gt "${1:-100}" ]
}

@test "jgen writes the same bytes for the same seed, with and without the truth, and others for another" {
	jgen -q -n 3000 --seed 7 >a
	jgen -q -n 3000 --seed 7 --truth t1 >b
	jgen -q -n 3000 --seed 7 --truth t2 >c
	cmp a b
	cmp a c
	cmp t1 t2
	jgen -q -n 3000 --seed 8 >d
	run -1 cmp -s a d
}

@test "jgen -n writes so many records, whatever their number" {
	local n

	for n in 1 2 3 7 100 999 12345; do
		[ "$(jgen -q -n $n | wc -l)" = $n ]
	done
	# Nobody has as few as one record by herself.
	shop 's/  anonymous: .*/  anonymous: 0/' 's/  placeholder: .*/  placeholder: 0/' 's/  duplicated: .*/  duplicated: 100/' >s.yaml
	for n in 1 2 101; do
		[ "$(timeout 20 jgen -q --scenario s.yaml -n $n --truth t | wc -l)" = $n ]
	done
}

@test "jgen -c writes the records of so many customers" {
	jgen -q -c 40 --truth t | jnorm -q -f records - | wc -l >n
	[ "$(cat n)" -gt 40 ]
	[ "$(grep -c '"fact":"customer"' t)" = 40 ]
}

@test "every record of jgen is an event, and its id stands once but for duplicates" {
	jgen -q -n 20000 >e
	jnorm -f records - <e >out 2>err
	cmp e out
	grep -q 'read 20000 = written 20000' err || { cat err; false; }
	[ "$(sort -u e | wc -l)" = "$(jq -r '.source + " " + .id' e | sort -u | wc -l)" ]
	[ "$(sort -u e | wc -l)" -lt 20000 ]
}

@test "the log finds the facts and figures that are true, for several seeds" {
	local seed

	for seed in $(seq "$(rounds 2 10)"); do
		rm -f j.db*
		logged -n "$(rounds 3000 12000)" --seed $seed
		as_true
	done
}

@test "the log finds what is true where every record comes late" {
	shop 's/^  late: .*/  late: 100/' 's/^  late_by: .*/  late_by: [1s, 9h, 6d, 20d]/' 's/^  duplicated: .*/  duplicated: 20/' >late.yaml
	logged --scenario late.yaml -n "$(rounds 4000 12000)" --seed 4
	run ! sort -c <(jq -r .time events.ndjson) 2>/dev/null
	as_true
}

@test "the log finds what is true where everything happens in the same millisecond" {
	shop 's/session: \(peer\|matter\)/session: contact/' 's/^clock:/instant: true\nclock:/' >instant.yaml
	logged --scenario instant.yaml -n "$(rounds 4000 12000)" --seed 5
	[ "$(jq -r .time events.ndjson | sort -u | wc -l)" = 1 ]
	as_true
}

@test "the log finds what is true of one customer with 10,000 records, 100,000 in a long run" {
	local many

	many=$(rounds 2600 26000)
	shop 's/^hours: .*/hours: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]/' \
		's/^weekdays: .*/weekdays: [1, 1, 1, 1, 1, 1, 1]/' \
		"s/^  matters: .*/  matters: [$many, $many, $many, $many]/" 's/^  between: .*/  between: [1m, 2m, 5m, 9m]/' \
		's/^  cases: 45.*/  cases: 100/' 's/session: matter, cases/session: contact, cases/' \
		's/name: \(voice\|email\), /&cases: true, /' 's/session: matter, identifiers/session: contact, identifiers/' >one.yaml
	logged --scenario one.yaml -c 1 --start 2024-01-01 --days 400
	[ "$(wc -l <events.ndjson)" -gt $((many * 19 / 5)) ]
	as_true $((many * 3 / 4))
}

@test "the log finds what is true where calls ring for hours, and she writes and is asked meanwhile" {
	local seed

	shop 's/^  wait: \[1s.*/  wait: [30m, 2h, 5h, 9h]/' 's/name: voice, weight: 20/name: voice, weight: 60/' \
		's/^  overlapping: .*/  overlapping: 100/' 's/^  switched: .*/  switched: 100/' 's/^  resolved: 9/  resolved: 90/' \
		's/^  closed: 45/  closed: 5/' 's/^  asks_known: 9 /  asks_known: 100 /' 's/^  gives_order: 55/  gives_order: 50/' \
		's/asynchronous: \[[^]]*/asynchronous: [1s, 1m, 10m, 1h/g' >ringing.yaml
	for seed in $(seq 3 "$(rounds 4 9)"); do
		rm -f j.db*
		logged --scenario ringing.yaml -n "$(rounds 3000 12000)" --seed "$seed"
		as_true
		[ "$(sqlite3 j.db 'SELECT count(*) FROM v_switch WHERE asked_known')" -gt 50 ]
	done
}

@test "the log finds what is true where leads stall, are followed up, and are won without a word to us" {
	local seed

	shop 's/^  answered: 92/  answered: 40/' 's/^  revived: .*/  revived: 80/' 's/^  revived_after: .*/  revived_after: [47h, 30d, 31d, 60d]/' \
		's/^  followed_up: .*/  followed_up: 70/' 's/^  followed_after: .*/  followed_after: [12h, 20d, 40d, 60d]/' \
		's/^  elsewhere: .*/  elsewhere: 60/' 's/^  ordered: .*/  ordered: 25/' 's/^  unresolved: .*/  unresolved: 25/' \
		's/^  cases: 45/  cases: 70/' >leads.yaml
	for seed in $(seq 8 "$(rounds 8 9)"); do
		rm -f j.db*
		logged --scenario leads.yaml -n "$(rounds 5000 12000)" --seed $seed
		as_true
		[ "$(grep -c '"fact":"opportunity".*"stalled":1.*"recovered":1' truth.ndjson)" -gt 20 ]
		[ "$(grep -c '"fact":"opportunity".*"abandoned":1,"recovered":1' truth.ndjson)" -gt 3 ]
	done
	[ "$(jq -r 'select(.type == "order.placed" and (.session | not)) | .id' events.ndjson | wc -l)" -gt 50 ]
}

@test "the log finds what is true where jintent labels the records" {
	jgen -q -n 12000 --seed 6 --no-labels --truth truth.ndjson >events.ndjson
	run ! grep -q '"confidence"' events.ndjson
	as_planned events.ndjson | jlog append -q -d j.db >/dev/null
	jproject update -q -d j.db
	# In the texts are dates and amounts that the plan does not tell: what is said twice is more, and contradicts more. A record that
	# came twice may carry on another intent the second time, which is logged as other labels.
	as_true 100 '^(repeated_question_rate|repeat_information_rate|recurring_questions|sentiment)\|'
	same_questions j.db truth.ndjson
}

@test "figures are those that the records and facts give" {
	logged -n 12000 --seed 3
	imported j.db "$TOP/test/gen/others.sql" truth.ndjson events.ndjson >differences
	[ ! -s differences ] || { head -n 20 differences; return 1; }
	sed 's/^\({"metric":"csat5".*"numerator":\)/\11/' truth.ndjson >wrong.ndjson
	imported j.db "$TOP/test/gen/others.sql" wrong.ndjson events.ndjson | grep -q '^csat5|'
}

@test "a truth that is another one is told apart" {
	logged -n 3000
	false_facts j.db truth.ndjson >none
	[ ! -s none ]
	jgen -q -n 3000 --seed 2 --truth other.ndjson >/dev/null
	sed 's/^{"fact":"contact",\(.*\)"closed":\([0-9]*\)/{"fact":"contact",\1"closed":1\2/;t;' truth.ndjson >wrong.ndjson
	false_facts j.db wrong.ndjson | grep -q '^contact|true|'
	sed 's/^\({"metric":"repeat_contact_rate".*"numerator":\)\([0-9]*\)/\11\2/' truth.ndjson >wrong.ndjson
	false_figures j.db wrong.ndjson | grep -q '^repeat_contact_rate|'
	imported :memory: "$TOP/test/gen/figures.sql" truth.ndjson | grep -q '^contacts|.*log: nothing'
	grep -v '"fact":"switch"' truth.ndjson >wrong.ndjson
	false_facts j.db wrong.ndjson | grep -q '^switch|log|'
}

@test "a truth of opportunities and feelings that is another one is told apart" {
	local what

	logged -n 3000
	false_recount j.db truth.ndjson >none
	[ ! -s none ] || { head none; false; }
	for what in stalled_lead_rate stalled_lead_rate.awaiting_customer recovered_rate conversion conversion_by_channel.any opportunity_abandonment_rate; do
		sed "0,/^{\"metric\":\"$what\".*\"numerator\":/s/^\({\"metric\":\"$what\".*\"numerator\":\)\([0-9]*\)/\11\2/" truth.ndjson >wrong.ndjson
		run ! cmp -s truth.ndjson wrong.ndjson
		false_recount j.db wrong.ndjson >differences
		grep -q "^$what|true|" differences
		grep -q "^$what|log|" differences
	done
	for what in stalled awaiting_customer abandoned recovered; do
		sed "0,/^{\"fact\":\"opportunity\".*\"$what\":1/s/^\({\"fact\":\"opportunity\".*\"$what\":\)1/\10/" truth.ndjson >wrong.ndjson
		run ! cmp -s truth.ndjson wrong.ndjson
		[ "$(false_recount j.db wrong.ndjson | cut -d '|' -f 1,2 | sort | tr '\n' ' ')" = 'opportunity|log opportunity|true ' ]
	done
	sed 's/^\({"metric":"sentiment".*"n":\)/\11/' truth.ndjson >wrong.ndjson
	false_recount j.db wrong.ndjson | grep -q '^sentiment|'
	sed '0,/"sentiment_last":/s/\("sentiment_last":-*\)0\./\11./' truth.ndjson >wrong.ndjson
	[ "$(false_recount j.db wrong.ndjson | cut -d '|' -f 1,2 | tr '\n' ' ')" = 'feeling|true feeling|log ' ]
	grep -v '"fact":"opportunity"\|"opportunit' truth.ndjson >wrong.ndjson
	false_recount j.db wrong.ndjson >differences
	grep -q '^opportunity|log|' differences
	grep -q '^opportunity_abandonment_rate|log|' differences
}

@test "the truth tells people whom the log has to take for two customers, and customers who are several people" {
	jgen -q -c 3000 --truth t >/dev/null
	jq -r 'select(.fact == "customer") | select(.customer != .person) | .customer' t >aliases
	[ "$(wc -l <aliases)" -gt 10 ]
	[ "$(jq -r 'select(.fact == "customer") | select(.persons > 1) | .customer' t | wc -l)" -gt 20 ]
	jq -r 'select(.fact == "customer") | select(.known == 0) | .customer' t >unknown
	[ "$(wc -l <unknown)" -gt 20 ]
}

@test "a scenario decides what happens: channels, answers, moves, languages" {
	shop 's/name: whatsapp, weight: 38/name: whatsapp, weight: 0/' 's/^  answered: 92/  answered: 0/' 's/^  escalated: .*/  escalated: 0/' \
		's/^  pt: {weight: 60/  pt: {weight: 0/' 's/^  revived: .*/  revived: 0/' 's/^  followed_up: .*/  followed_up: 0/' >s.yaml
	sed -i 's/^campaigns: {sent: 30/campaigns: {sent: 0/; s/outcomes: {answered: 80/outcomes: {answered: 0/; s/called_back: .*/called_back: 0/' s.yaml
	jgen -q --scenario s.yaml -c 300 --truth t >e
	run ! grep -q '"channel":"whatsapp"' e
	run ! grep -q '"direction":"out"' e
	run ! grep -q '"type":"escalated"' e
	run ! grep -q '"lang":"pt"' e
	grep -q '"lang":"en"' e
	[ "$(jq -s 'map(select(.metric == "contacts.handled"))[0].value' t)" = 0 ]
}

@test "a scenario without sales and sentiment of its own tells of none, and one decides what she feels" {
	shop '/^sentiment:/,/^  angry:/d' '/^  revived/d' '/^  followed/d' '/^  elsewhere/d' >old.yaml
	jgen -q --scenario old.yaml -c 300 --truth t >e
	run ! grep -q sentiment e t
	shop 's/^  told: .*/  told: 100/' 's/^  first: .*/  first: [-3, -3, -3, -3]/' 's/^  settled: .*/  settled: [80, 80, 80, 80]/' \
		's/^  unsettled: .*/  unsettled: [-100, -100, -100, -100]/' 's/^  angry: .*/  angry: [-50, -50, -50, -50]/' >s.yaml
	jgen -q --scenario s.yaml -c 300 --truth t >e
	[ "$(jq -r '.sentiment_first // empty' t | sort -un | tr '\n' ' ')" = '-0.5 -0.03 ' ]
	[ "$(jq -r 'select(.sentiment_first != .sentiment_last).sentiment_last' t | sort -un | tr '\n' ' ')" = '-1 0.8 ' ]
	run ! jq -e 'select(.data.sentiment and .direction != "in")' e
	jq -r 'select(.data.signals and (.data.signals | inside(["frustration", "churn"]))).data.sentiment // empty' e | sort -un >angry
	[ "$(cat angry)" = -0.5 ] || { cat angry; false; }
}

@test "customers begin when the scenario says, and over the span that is asked for" {
	shop 's/^hours: .*/hours: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]/' \
		's/^weekdays: .*/weekdays: [0, 0, 1, 0, 0, 0, 0]/' 's/^zone: .*/zone: UTC/' 's/^  matters: .*/  matters: [1, 1, 1, 1]/' >s.yaml
	jgen -q --scenario s.yaml -c 60 --start 2026-03-01 --days 21 >e
	# The first record of each customer: Wednesdays, from nine to ten.
	jq -r 'select(.data.order == 0) | .time' e | cut -c 1-13 | sort -u >hours
	printf '%s\n' 2026-03-04T09 2026-03-11T09 2026-03-18T09 >expected
	diff expected hours
}

@test "a scenario that is wrong is refused with its place" {
	refused() {
		shop "$1" >s.yaml
		run -2 jgen --scenario s.yaml -c 1
		[[ "$output" == *"s.yaml:"*"$2"* ]] || { echo "$output"; return 1; }
	}
	refused 's/^  answered: 92/  answered: 101/' 'percent, 0 to 100'
	refused 's/^  answered: 92/  answer: 92/' 'answers has no member answer'
	refused 's/^mood:/moods:/' 'a scenario has no moods'
	refused 's/^  delivery.late: 12/  delivery.none: 12/' 'no intent that begins a matter: delivery.none'
	refused 's/^  between: .*/  between: [1h, 8d, 3d, 60d]/' 'less than the value before it'
	refused 's/^  between: .*/  between: [1h, 8d]/' 'four values are expected'
	refused 's/^clock: .*/clock: 1500ms/' 'whole seconds that make up a minute'
	refused 's/^start: .*/start: someday/' 'someday'
	refused 's/session: peer/session: pear/' 'one of contact, matter, peer is expected'
	refused 's/export: mbox/export: csv/' 'one of none, whatsapp, mbox'
	refused 's/^clock: .*/clock: 7s/' 'whole seconds that make up a minute'
	refused 's/name: chat,/name: email,/' 'a second channel email'
	refused 's/BR: 92/ZZ: 92/' 'no region whose telephones'
	refused 's/name: chat, /name: sms, source: whatsapp, /; s/session: contact, identifiers: .email./session: peer, identifiers: [phone]/' \
		'the sessions of whatsapp'
	refused 's/identifiers: .email., bot: 0, export/identifiers: [crm], bot: 0, export/' 'crm is expected before another'
	refused 's/identifiers: .email., bot: 0, export/identifiers: [crm, email], bot: 0, export/' 'crm numbers are of email'
	refused 's/^supervisors: .*/supervisors: [helena, ana]/' 'a second ana'
	refused 's/^supervisors: .*/supervisors: [AcmeBot]/' 'the bot is called so'
	refused 's/spoken: true,/spoken: true, bot: 5,/' 'no bot speaks first in calls'
	refused 's/^  back: .*/  back: [1s, 1s, 1s, 9000000d]/' 'a span such as'
	refused 's/weight: 60/weight: 70000/' 'from 0 to 65535'
	refused 's/^  pt: {/  de: {/' 'of another language'
	refused 's/weight: [0-9]*/weight: 0/' 'no language has a weight'
	refused 's/^clock:/instant: true\nclock:/' 'needs session: contact'
	refused '/^  revived_after:/d' 'no sales.revived_after'
	refused '/^  settled:/d' 'no sentiment.settled'
	refused 's/^  angry: .-100/  angry: [-101/' 'from -100 to 100'
	refused 's/^agents: .*/agents: ["a\\"b"]/' 'without quotes'
	refused 's/^jtools: .*/jtools: map\/1/' 'no scenario'
	shop 's/texts: texts.en.yaml/texts: texts.xx.yaml/' >s.yaml
	run -2 jgen --scenario s.yaml -c 1
	[[ "$output" == *"texts.xx.yaml: No such file"* ]]
}

@test "texts that are wrong are refused with their place" {
	refused() {
		sed "$1" "$TOP/ontology/scenarios/texts.en.yaml" >texts.mine.yaml
		shop 's/texts.en.yaml/texts.mine.yaml/' >s.yaml
		run -2 jgen --scenario s.yaml -c 1
		[[ "$output" == *"texts.mine.yaml:"*"$2"* ]] || { echo "$output"; return 1; }
	}
	refused 's/^jtools: .*/jtools: texts\/2/' 'no texts'
	refused 's/^  chatter:/  chatting:/' 'texts have no chatting'
	refused '0,/{product}/s/{product}/{produce}/' 'no slot and no list of words: produce'
	refused '0,/^    delivery.late:/s/^    delivery.late:/    delivery.early:/' 'no such intent: delivery.early'
	refused '0,/^ .*|.*\]"/s/\]"/"/' 'a choice without its end'
}

@test "jgen takes no file, no number that says nothing, and no scenario that is not there" {
	run -2 jgen file
	[[ "$output" == *"reads no file"* ]]
	run -2 jgen -n 10 -c 3
	[[ "$output" == *"either -n or -c"* ]]
	run -2 jgen -n 0
	[[ "$output" == *"-n takes 1 or more"* ]]
	run -2 jgen -c 0
	[[ "$output" == *"-c takes 1 or more"* ]]
	run -2 jgen --days 0
	[[ "$output" == *"--days takes 1 to"* ]]
	run -2 jgen --start 9999-12-31
	[[ "$output" == *"outside of 1970 to 9900"* ]]
	shop 's/^weekdays: .*/weekdays: [0, 0, 1, 0, 0, 0, 0]/' >s.yaml
	run -2 jgen --scenario s.yaml --days 1 -c 3
	[[ "$output" == *"no hour of the span has a weight"* ]]
	run -2 jgen --scenario nowhere
	[[ "$output" == *"scenarios/nowhere.yaml: No such file"* ]]
}

@test "a disk that is full, and a truth that cannot be written, stop jgen" {
	[ -e /dev/full ] || skip "no /dev/full"
	run -2 bash -c 'jgen -q -n 5000 >/dev/full'
	[[ "$output" == *"No space left"* ]]
	run -2 bash -c 'jgen -q -n 5000 --truth /dev/full >/dev/null'
	[[ "$output" == *"/dev/full: No space left"* ]]
	run -2 bash -c 'jgen -q -n 10 --truth no/such/folder >/dev/null'
	[[ "$output" == *"no/such/folder: No such file"* ]]
}

@test "a pipe that is closed ends jgen quietly" {
	run bash -c 'jgen -q -n 200000 2>err | head -n 1 >/dev/null; echo "${PIPESTATUS[0]}"; cat err'
	[ "$output" = 141 ]
}

@test "jgen holds the customers who are alive, not the records" {
	! sanitized || skip "the sanitizer's own memory grows"
	# Eight times the records over eight times the days: as many are alive at one time.
	/usr/bin/time -f %M -o short jgen -q -n 20000 --days 200 >/dev/null || skip "no time(1)"
	/usr/bin/time -f %M -o long jgen -q -n 160000 --days 1600 >/dev/null
	[ "$(cat long)" -lt $(($(cat short) + 3000)) ] || { cat short long; false; }
}
