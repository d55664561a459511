#!/usr/bin/env bats
# What misleads who counts customers' contacts: each trap in a log of its own, with figures by hand.
# runs: long
bats_require_minimum_version 1.5.0
load helper
load gen/records

late='"intent":"delivery.late"'
call() { local id=$1 at=$2; shift 2; rec "$id" "$at" type=call channel=voice source=pbx/a "$@"; }
desk() { local id=$1 at=$2 type=$3; shift 3; rec "$id" "$at" type="$type" actor=system direction= "$@"; }
bot() { local id=$1 at=$2; shift 2; rec "$id" "$at" direction=out actor=bot '"agent":"b1"' "$@"; }

# take: the records on standard input into j.db, in two updates; built anew they give the same facts.
take() {
	cat >in
	head -n $(($(wc -l <in) / 2)) in | jlog -q -d j.db append
	jproject -q -d j.db update
	tail -n +$(($(wc -l <in) / 2 + 1)) in | jlog -q -d j.db append
	jproject -q -d j.db update
	dump j.db >grown
	jproject -q -d j.db rebuild
	dump j.db | cmp grown -
}

# figure METRIC [STATISTIC] [OPTION ...]: value, numerator/n, and how many are not mature and left out.
figure() {
	local metric=$1 statistic=${2:-rate}
	shift $(($# < 2 ? $# : 2))
	jmetrics -q -d j.db -o ndjson "$metric" "$@" | jq -r --arg m "$metric" --arg s "$statistic" 'select(.metric == $m and .statistic == $s) |
		"\(.value) \(.numerator)/\(.n) \(.immature) \(.left_out)"'
}

# later: a record of another customer, much later, so that all windows are over.
later() { rec end "31 10:00" session=end source=desk/a channel=email "$(email end@x.example)"; }

@test "a placeholder that stands for many is nobody who comes back" {
	{
		for i in $(seq 20); do
			rec p$i "$(printf %02d "$i") 10:00" session=p$i '"identifiers":[{"kind":"placeholder","value":"Customer 3"}],'"$late"
		done
		rec a1 "02 10:00" session=a "$(phone +551),$late"
		rec a2 "03 12:00" session=a "$(phone +551),$late"
		rec b1 "02 10:00" session=b "$(phone +552),$late"
		later
	} | take
	is "$(figure repeat_contact_rate)" "0.333333 1/3 1 20"
	is "$(figure repeat_contact_rate.any_intent)" "0.333333 1/3 1 20"
	is "$(figure customers count)" "23 null/23 0 0"
	run -0 --separate-stderr jmetrics -d j.db -o ndjson repeat_contact_rate
	[[ "$stderr" == *"Customer 3 (20 records)"* ]]
}

# table: two cases that a table tells to the minute, in the order of its rows.
table() {
	local i=0 of day clock what at

	while read -r of day clock what; do
		i=$((i + 1)) at="$day $clock"
		case $what in
		she) rec t$i "$at" session="$of" "\"case\":\"$of\",\"order\":$i,$(phone +55$of),$late" ;;
		*) desk t$i "$at" "case.$what" session="$of" "\"case\":\"$of\",\"order\":$i" ;;
		esac
	done <<-'END'
		1 02 10:00 she
		1 02 10:00 opened
		1 02 10:00 closed
		1 02 10:00 reopened
		1 02 10:00 closed
		2 02 10:00 she
		2 02 10:00 opened
		2 02 10:00 reopened
		2 02 10:00 closed
	END
	later
}

@test "of what happens in one minute the source's order counts, whatever the order in which it comes" {
	local arranged

	by_type() { sort -t '"' -k 12; }
	for arranged in cat tac by_type; do
		rm -f j.db*
		table | $arranged | take
		is "$(figure reopen_rate.case_reopened)" "0.5 1/2 0 0"
		is "$(figure reopen_rate)" "0 0/2 0 0"
		is "$(sqlite3 j.db "SELECT group_concat(open) FROM v_issue WHERE case_id IS NOT NULL")" "0,0"
	done
}

@test "an event that is dated 2100 makes nothing mature" {
	local all

	{
		rec 1 "02 10:00" session=a "$(phone +551),$late"
		rec 2 "05 12:00" session=a "$(phone +551),$late"
		rec 3 "06 12:00" session=b "$(phone +552),$late"
	} | take
	is "$(figure repeat_contact_rate)" "null null/0 3 0"
	all=$(jmetrics -q -d j.db -o csv repeat_contact_rate first_contact_resolution | cut -d , -f 1-12)
	desk 4 "02 10:00" note session=c "$(email c@x.example)" | sed 's/2026-03-02/2100-01-01/' | jlog -q -d j.db append
	is "$(jlog -d j.db info | grep '^horizon')" "horizon: 2026-03-06T12:00:00.000Z"
	is "$(jmetrics -q -d j.db -o csv repeat_contact_rate first_contact_resolution | cut -d , -f 1-12)" "$all"
	# Of hers it is a contact, which is not mature, and moves nothing else.
	rec 5 "02 10:00" session=d "$(phone +552),$late" | sed 's/2026-03-02/2100-01-01/' | jlog -q -d j.db append
	is "$(figure repeat_contact_rate)" "null null/0 4 0"
	is "$(figure contacts count)" "4 null/4 0 0"
}

@test "where every call opens a ticket, calls about the same are on the matter" {
	{
		call 1 "02 10:00" session=c1 "\"reason\":\"answered\",\"wait\":5,\"duration\":60,\"case\":\"T1\",$(phone +551),$late"
		call 2 "04 10:00" session=c2 "\"reason\":\"answered\",\"wait\":5,\"duration\":60,\"case\":\"T2\",$(phone +551),$late"
		call 3 "06 10:00" session=c3 "\"reason\":\"answered\",\"wait\":5,\"duration\":60,\"case\":\"T3\",$(phone +551),\"intent\":\"billing.charge\""
		later
	} | take
	is "$(figure issues count)" "4 null/4 0 0"
	is "$(figure repeat_contact_rate)" "0.333333 1/3 1 0"
	is "$(figure repeat_contact_rate.any_intent)" "0.666667 2/3 1 0"
	is "$(figure first_contact_resolution.presumed)" "0.666667 2/3 0 0"
}

@test "a reply after nine days answers, and begins no contact" {
	{
		rec 1 "02 10:00" "$(phone +551),$late"
		ana 2 "11 10:00"
		later
	} | take
	is "$(sqlite3 j.db "SELECT group_concat(events) FROM v_contact WHERE source = 'wa/a'")" 2
	is "$(figure first_response_time.any mean)" "777600 null/1 0 0"
	# It came too late to have followed within 24 hours.
	is "$(figure no_follow_up_rate)" "0 0/1 1 0"
}

@test "thanks after a close reopen nothing and are no contact" {
	{
		rec 1 "02 10:00" "$(phone +551),$late"
		ana 2 "02 10:05"
		desk 3 "02 10:10" case.closed
		rec 4 "04 09:00" "$(phone +551),\"intent\":\"courtesy.thanks\""
		later
	} | take
	is "$(figure contacts count)" "2 null/2 0 0"
	is "$(figure reopen_rate)" "0 0/1 0 0"
	is "$(figure first_contact_resolution.explicit)" "1 1/1 0 0"
	is "$(figure repeat_contact_rate)" "0 0/1 1 0"
	is "$(figure resolution_time mean)" "600 null/1 0 0"
}

@test "a change of channel before the first contact ends is one, and a repeat" {
	{
		rec 1 "02 10:00" "$(phone +551),$late"
		call 2 "02 10:10" session=c "\"reason\":\"answered\",\"wait\":5,\"duration\":600,$(phone +551),$late"
		rec 3 "02 10:15" "$(phone +551)"
		ana 4 "02 10:16"
		later
	} | take
	is "$(sqlite3 j.db 'SELECT from_channel, to_channel, gap FROM v_switch')" "whatsapp|voice|-360000"
	is "$(figure channel_switch_rate)" "1 1/1 0 0"
	is "$(figure repeat_contact_rate)" "0.5 1/2 1 0"
	is "$(figure repeat_contact_rate.overlapping)" "0.5 1/2 1 0"
}

@test "a bot that answers at once answers, but not before she has spoken, and is no person" {
	{
		rec 1 "02 10:00" "\"order\":2,$(phone +551),$late"
		bot 2 "02 10:00" '"order":3'
		ana 3 "02 10:20" '"order":4'
		bot 4 "03 10:00" session=t '"order":1'
		rec 5 "03 10:00" session=t "\"order\":2,$(phone +552),$late"
		later
	} | take
	is "$(sqlite3 j.db "SELECT (answered_any - first_in) / 1000, (answered_human - first_in) / 1000 FROM v_contact WHERE session = 's'")" "0|1200"
	# A greeting is no answer: the contact is one that we began.
	is "$(sqlite3 j.db "SELECT began, answered_any FROM v_contact WHERE session = 't'")" "company|"
	is "$(figure first_response_time.any unanswered)" "0.5 1/2 0 0"
	is "$(figure first_response_time.human median)" "1200 null/1 0 0"
}

@test "closed before it was opened: no time below zero, and nothing that counts as closed" {
	{
		desk 1 "02 09:00" case.closed session=s '"case":"T1"'
		rec 2 "02 10:00" "\"case\":\"T1\",$(phone +551),$late"
		ana 3 "02 10:05"
		desk 4 "03 10:00" case.opened session=t '"case":"T2"'
		rec 5 "03 10:00" session=t "\"case\":\"T2\",$(phone +552),$late"
		desk 6 "03 09:59" case.closed session=t '"case":"T2"'
		call 7 "04 10:00" session=c "\"reason\":\"answered\",\"wait\":5,\"duration\":-60,$(phone +553),$late"
		later
	} | take
	is "$(sqlite3 j.db 'SELECT count(*), count(closed), sum(ended < started) FROM v_issue')" "4|0|0"
	is "$(sqlite3 j.db 'SELECT count(*) FROM v_contact WHERE ended < started OR answered_any < started')" 0
	is "$(figure handle_time median --where "channel = 'voice'")" "null null/0 0 1"
	is "$(jmetrics -q -d j.db -o ndjson resolution_time handle_time wait_time | jq 'select(.value != null and .value < 0)')" ""
}

@test "a customer of 100,000 events is folded like others" {
	local n

	n=$(rounds 20000 50000)
	# An hour apart she asks and is answered, on a live channel: each hour a contact.
	awk -v n="$n" 'BEGIN { for (i = 0; i < n; i++) {
		t = 1577836800 + 3600 * i
		printf "{\"specversion\":\"1.0\",\"id\":\"h%d\",\"source\":\"chat/a\",\"type\":\"message\",\"time\":%s,\"session\":\"s\",\"channel\":\"chat\",", i, t
		printf "\"direction\":\"in\",\"actor\":\"customer\",\"data\":{\"identifiers\":[{\"kind\":\"phone\",\"value\":\"+551\"}],\"intent\":\"delivery.late\"}}\n"
		printf "{\"specversion\":\"1.0\",\"id\":\"o%d\",\"source\":\"chat/a\",\"type\":\"message\",\"time\":%s,\"session\":\"s\",\"channel\":\"chat\",", i, t + 60
		printf "\"direction\":\"out\",\"actor\":\"agent\",\"data\":{\"agent\":\"ana\"}}\n"
	} }' | jq -c '.time |= (todate | sub("Z$"; ".000Z"))' | take
	is "$(figure contacts count)" "$n null/$n 0 0"
	is "$(figure issues count)" "1 null/1 0 0"
	is "$(figure repeat_contact_rate)" "1 $((n - 168))/$((n - 168)) 168 0"
	is "$(figure first_response_time.any median)" "60 null/$n 0 0"
	is "$(jproject -d j.db contacts --customer +551 | wc -l)" "$n"
	is "$(jproject -d j.db snapshot | jq -r '[.contacts, (.open_issues | length)] | join(" ")')" "$n 1"
	is "$(jproject -d j.db context --customer c1 -o json | jq -r .next.step)" ask
}

@test "an empty log: every listing is empty, every metric without a value" {
	local verb

	: | jlog -q -d j.db append
	jproject -q -d j.db update
	jproject -q -d j.db rebuild
	for verb in contacts issues switches moves snapshot traces vcon; do
		is "$(jproject -d j.db $verb)" ""
	done
	for verb in context timeline; do
		run -2 jproject -d j.db $verb --customer c1
	done
	is "$(jmetrics -q -d j.db -o ndjson | jq -c '[.value, .n]' | sort -u)" "[null,0]"
	is "$(jmetrics -q publish -d j.db --period day)" ""
}

@test "one event: a contact of one customer, and no rate from it" {
	rec 1 "02 10:00" "$(phone +551),$late,\"text\":\"where is it\"" | take
	is "$(jproject -d j.db contacts | jq -c '[.customer, .began, .events, .her_words]')" '["c1","customer",1,1]'
	is "$(figure contacts count)" "1 null/1 0 0"
	is "$(figure repeat_contact_rate)" "null null/0 1 0"
	is "$(jmetrics -q -d j.db -o ndjson first_response_time.any | jq -r .status | sort -u)" "not observable: answers of ours"
	is "$(jmetrics -q -d j.db -o ndjson channel_switch_rate | jq -r .status)" "not observable: a second channel"
	is "$(jmetrics -q -d j.db -o ndjson | jq -r 'select(.value != null) | "\(.metric) \(.value)"' | sort -u | tr '\n' ' ')" \
		"contacts 1 contacts.handled 0 contacts.offered 1 conversion_by_channel.contacts 1 customers 1 effort 1 issues 1 "
	is "$(jmetrics -q -d j.db -o ndjson | jq -c '[.interval, .low, .high]' | sort -u)" "[null,null,null]"
	is "$(jproject -d j.db context --customer c1 -o json | jq -r '.summary')" "customer 2026-03-02: where is it"
	is "$(jproject -d j.db vcon | jnorm -q -f vcon - | jq -r .id)" 1
	is "$(jproject -d j.db traces | jq '.resourceSpans[].scopeSpans[].spans | length')" 1
	is "$(jproject -d j.db flow | jq -r '.kind' | sort | uniq -c | awk '{ print $1, $2 }' | tr '\n' ' ')" "2 edge 1 node "
}
