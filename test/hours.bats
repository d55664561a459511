#!/usr/bin/env bats
# Business hours of the ontology, and first response times in them.
bats_require_minimum_version 1.5.0
load helper

is() {
	[ "$1" = "$2" ] || { echo "expected: $2"; echo "got: $1"; false; }
}

# own: the folder own/, a copy of the ontology with business hours.
own() {
	mkdir -p own
	cp "$TOP/fixtures/hours/ontology.yaml" own
	export JTOOLS_ONTOLOGY=$PWD/own
}

# talk SESSION ASKED ANSWERED [REGION] [ACTOR]: her message of a time (UTC) and our answer to it.
talk() {
	local region=${4:+,\"region\":\"$4\"} a='{"specversion":"1.0","source":"chat/acme","type":"message","channel":"chat"'

	echo "$a,\"id\":\"$1a\",\"time\":\"$2\",\"session\":\"$1\",\"direction\":\"in\",\"actor\":\"customer\",\"data\":{\"text\":\"hi\",\"identifiers\":[{\"kind\":\"crm\",\"value\":\"$1\"}]$region}}"
	[ -z "$3" ] || echo "$a,\"id\":\"$1b\",\"time\":\"$3\",\"session\":\"$1\",\"direction\":\"out\",\"actor\":\"${5:-agent}\",\"data\":{\"text\":\"hello\"}}"
}

# seconds SESSION: in business hours, to our first answer of anyone, of a person, to a useful one.
seconds() {
	sqlite3 j.db "SELECT business_any / 1000.0, business_human / 1000.0, business_useful / 1000.0 FROM v_contact WHERE session = '$1'"
}

# figure METRIC STATISTIC: "value numerator/n left_out"
figure() {
	jmetrics -q -d j.db -o ndjson "$1" | jq -r --arg s "$2" 'select(.statistic == $s) | "\(.value) \(.numerator)/\(.n) \(.left_out)"'
}

@test "nights, weekends, holidays and the hour of summer time are no business time" {
	own
	{
		talk open 2026-03-02T10:00:00Z 2026-03-02T10:20:00Z
		talk before 2026-03-02T07:00:00Z 2026-03-02T08:30:00Z
		talk night 2026-03-02T17:50:00Z 2026-03-03T09:10:00Z
		talk weekend 2026-03-06T17:00:00Z 2026-03-09T09:30:00Z
		talk sunday 2026-03-08T10:00:00Z 2026-03-08T11:00:00Z
		talk holiday 2026-04-02T16:00:00Z 2026-04-04T08:15:00Z
		talk spring 2026-03-28T12:00:00Z 2026-03-30T08:15:00Z
		talk autumn 2026-10-24T11:00:00Z 2026-10-26T09:15:00Z
		talk part 2026-03-02T08:59:59.750Z 2026-03-02T09:00:00.250Z
		talk bot 2026-03-02T10:00:00Z 2026-03-02T10:00:10Z "" bot
		talk never 2026-03-02T10:00:00Z ""
	} | jlog append -q -d j.db >/dev/null
	jproject -q -d j.db update
	is "$(seconds open)" "1200.0|1200.0|1200.0"
	is "$(seconds before)" "0.0|0.0|0.0"
	is "$(seconds night)" "1200.0|1200.0|1200.0"
	is "$(seconds weekend)" "19800.0|19800.0|19800.0"
	is "$(seconds sunday)" "0.0|0.0|0.0"
	# On the second an hour of the evening, on the third none, on the fourth a quarter of the morning.
	is "$(seconds holiday)" "4500.0|4500.0|4500.0"
	# Saturday's last hour, and from nine by the clock that was put forward.
	is "$(seconds spring)" "4500.0|4500.0|4500.0"
	is "$(seconds autumn)" "4500.0|4500.0|4500.0"
	is "$(seconds part)" "0.25|0.25|0.25"
	is "$(seconds bot)" "10.0||10.0"
	is "$(seconds never)" "||"
	is "$(figure first_response_time.business_any median)" "1200 null/10 0"
	is "$(figure first_response_time.business_any unanswered)" "0.090909 1/11 0"
	is "$(figure first_response_time.business_human unanswered)" "0.181818 2/11 0"
	is "$(figure first_response_time.business_useful mean)" "3571.025 null/10 0"
	is "$(figure first_response_time.any median)" "30300 null/10 0"
}

@test "a part of a region has its own hours before the region's, and the region's before the default ones" {
	own
	{
		# 2026-07-02 is a Thursday: 06:00 to 12:00 UTC.
		talk none 2026-07-02T06:00:00Z 2026-07-02T15:00:00Z
		talk de 2026-07-02T06:00:00Z 2026-07-02T15:00:00Z DE
		talk us 2026-07-02T06:00:00Z 2026-07-02T15:00:00Z US
		talk ny 2026-07-02T06:00:00Z 2026-07-02T15:00:00Z us-ny
		talk ca 2026-07-02T06:00:00Z 2026-07-02T15:00:00Z US-CA
		# The fourth is closed there from midnight to midnight, whenever the night began.
		talk fourth 2026-07-04T05:00:00Z 2026-07-05T15:00:00Z US-CA
	} | jlog append -q -d j.db >/dev/null
	jproject -q -d j.db update
	is "$(seconds none)" "25200.0|25200.0|25200.0"
	is "$(seconds de)" "25200.0|25200.0|25200.0"
	is "$(seconds us)" "10800.0|10800.0|10800.0"
	is "$(seconds ny)" "10800.0|10800.0|10800.0"
	is "$(seconds ca)" "10800.0|10800.0|10800.0"
	is "$(seconds fourth)" "14400.0|14400.0|14400.0"
}

@test "without business hours their metrics are not observable, and contacts of regions without any are left out" {
	talk a 2026-03-02T10:00:00Z 2026-03-02T10:20:00Z US | jlog append -q -d j.db >/dev/null
	talk b 2026-03-02T10:00:00Z 2026-03-02T15:00:00Z DE | jlog append -q -d j.db >/dev/null
	talk c 2026-03-02T10:00:00Z "" DE | jlog append -q -d j.db >/dev/null
	for kind in any human useful; do
		is "$(jmetrics -q -d j.db -o ndjson first_response_time.business_$kind | jq -r '"\(.value) \(.status)"' | sort -u)" \
			"null not observable: business hours (hours in the ontology, see jontology(5))"
	done
	jproject -d j.db contacts | jq -e 'has("has_hours") or has("business_any") | not' >/dev/null
	own
	sed -i '/^  default:/,/holidays/d' own/ontology.yaml
	is "$(figure first_response_time.business_any median)" "0 null/1 2"
	is "$(figure first_response_time.business_any unanswered)" "0 0/1 2"
	# Other hours: the facts are built anew.
	sed -i 's/"20:00"/"20:00"}, {days: [mon], from: "05:00", to: "05:30"/' own/ontology.yaml
	is "$(figure first_response_time.business_any median)" "1200 null/1 2"
}

@test "business hours that are wrong are refused with their place" {
	own
	while IFS='|' read -r script place reason; do
		own
		sed -i "$script" own/ontology.yaml
		run -2 jproject -d j.db contacts
		is "$output" "jproject: $PWD/own/ontology.yaml:$place: $reason"
	done <<-'END'
		s/Europe.Lisbon/Europe\/Lisboa/|8:11|no such time zone: Europe/Lisboa
		s/sat\]/saturday]/|11:17|no weekday (sun, mon, tue, wed, thu, fri, sat)
		s/2026-04-03/2026-04-31/|12:16|a date like 2026-12-25 is expected here
		s/"13:00"/"13:60"/|11:42|from and to are times of day like "08:30"
		s/^  US:/  USA:/|13:8|neither default nor a region like BR or US-CA: USA
		s/^  US-CA:.*/hours: {US: {zone: UTC, open: []}}/|14:1|a name stands twice
	END
}

@test "the spans are those of Python's zones, minute by minute" {
	own
	jgen -q -n 3000 --seed 7 >made
	jlog append -q -d j.db made >/dev/null
	jproject -q -d j.db update
	sqlite3 -csv j.db "SELECT coalesce(region, ''), started, answered_any, business_any, answered_human, business_human, answered_useful,
		business_useful FROM v_contact WHERE answered_any IS NOT NULL" >spans
	python3 -B - spans <<-'END'
		import csv, datetime, sys, zoneinfo

		UTC, MINUTE = datetime.timezone.utc, 60000
		LISBON, NEW_YORK = zoneinfo.ZoneInfo("Europe/Lisbon"), zoneinfo.ZoneInfo("America/New_York")
		HOLIDAYS = {datetime.date(2026, 4, 3), datetime.date(2026, 12, 25)}

		def is_open(region, minute):
		    t = datetime.datetime.fromtimestamp(minute * 60, UTC)
		    if region == "US":
		        t = t.astimezone(NEW_YORK)
		        return t.weekday() < 5 and 8 <= t.hour < 20
		    t = t.astimezone(LISBON)
		    return t.date() not in HOLIDAYS and 9 <= t.hour < (18 if t.weekday() < 5 else 13 if t.weekday() == 5 else 0)

		rows = list(csv.reader(open(sys.argv[1])))
		last = max(int(n) for row in rows for n in row[2::2] if n) // MINUTE
		first = min(int(row[1]) for row in rows) // MINUTE
		before = {}  # minutes open before each minute
		for region in {row[0] for row in rows}:
		    n, sums = 0, []
		    for minute in range(first, last + 2):
		        sums.append(n)
		        n += is_open(region, minute)
		    before[region] = sums
		def until(region, at):
		    minute, rest = divmod(at, MINUTE)
		    sums = before[region]
		    i = minute - first
		    return sums[i] * MINUTE + (rest if sums[i + 1] > sums[i] else 0)
		seen = 0
		for region, started, *spans in rows:
		    for answered, span in zip(spans[::2], spans[1::2]):
		        assert (answered == "") == (span == ""), (region, started, answered, span)
		        if answered:
		            want = until(region, int(answered)) - until(region, int(started))
		            assert want == int(span), (region, started, answered, span, want)
		            seen += want > 0
		assert seen > 500, seen
		print(seen, sorted(before))
	END
	jproject -d j.db contacts >all
	jproject -q -d j.db rebuild
	jproject -d j.db contacts | cmp - all
}
