#!/usr/bin/env bats
# Local times from the zone to UTC and back.
bats_require_minimum_version 1.5.0
load helper

is() {
	[ "$1" = "$2" ] || { echo "expected: $2"; echo "got: $1"; false; }
}

# at ZONE TIME WANT: a WhatsApp message of the local time ("YYYY-MM-DD, HH:MM:SS") has the time in UTC.
at() {
	printf '%s - Ana: hi\n' "$2" >c.txt
	jnorm -q -f whatsapp --tz "$1" --self us c.txt >out
	is "$1 $2 $(sed -n 's/.*"time":"\([^"]*\)\.000Z".*/\1/p' out)" "$1 $2 $3"
}

# cell ZONE TIME WANT: so has a row of a table ("D.M.YY H:MM").
cell() {
	{
		head -1 "$TOP/fixtures/jnorm/map/calls.csv"
		sed -n 2p "$TOP/fixtures/jnorm/map/calls.csv" | sed "s/9.3.10 8:05/$2/"
	} >calls.csv
	jnorm -q --tz "$1" calls.csv | head -1 >out
	is "$1 $2 $(sed -n 's/.*"time":"\([^"]*\)\.000Z".*/\1/p' out)" "$1 $2 $3"
	! grep -q time_assumed out
}

@test "a time in the hour that summer time skips is read by the clock that was not put forward" {
	at Europe/Lisbon "2025-03-30, 00:59:59" 2025-03-30T00:59:59
	at Europe/Lisbon "2025-03-30, 01:00:00" 2025-03-30T01:00:00
	at Europe/Lisbon "2025-03-30, 01:30:00" 2025-03-30T01:30:00
	at Europe/Lisbon "2025-03-30, 02:00:00" 2025-03-30T01:00:00
	at America/New_York "2025-03-09, 01:59:59" 2025-03-09T06:59:59
	at America/New_York "2025-03-09, 02:30:00" 2025-03-09T07:30:00
	at America/New_York "2025-03-09, 03:00:00" 2025-03-09T07:00:00
	at Pacific/Apia "2011-12-30, 12:00:00" 2011-12-30T22:00:00
}

@test "a time in the hour that comes twice is the first of the two" {
	at Europe/Lisbon "2025-10-26, 00:59:59" 2025-10-25T23:59:59
	at Europe/Lisbon "2025-10-26, 01:30:00" 2025-10-26T00:30:00
	at Europe/Lisbon "2025-10-26, 02:00:00" 2025-10-26T02:00:00
	at America/New_York "2025-11-02, 01:30:00" 2025-11-02T05:30:00
	at America/New_York "2025-11-02, 02:00:00" 2025-11-02T07:00:00
}

@test "an offset holds all year round" {
	at +05:30 "2025-03-30, 02:00:00" 2025-03-29T20:30:00
	at +0530 "2025-07-30, 02:00:00" 2025-07-29T20:30:00
	at -03 "2025-12-31, 22:30:00" 2026-01-01T01:30:00
	at -03:30 "2025-07-31, 22:30:00" 2025-08-01T02:00:00
	at UTC "2025-03-30, 01:30:00" 2025-03-30T01:30:00
}

@test "a table's times take the zone as a chat's do" {
	cell Europe/Lisbon "28.3.10 1:30" 2010-03-28T01:30:00
	cell Europe/Lisbon "31.10.10 1:30" 2010-10-31T00:30:00
	cell America/New_York "14.3.10 2:30" 2010-03-14T07:30:00
	cell America/New_York "7.11.10 1:30" 2010-11-07T05:30:00
	cell +05:30 "9.3.10 8:05" 2010-03-09T02:35:00
	cell -03 "9.3.10 22:05" 2010-03-10T01:05:00
}

@test "what is shown to people is in the zone, on both sides of a change of clocks" {
	for t in 2025-10-26T00:30:00Z 2025-10-26T01:30:00Z; do
		printf '{"specversion":"1.0","id":"%s","source":"s","type":"message","time":"%s","session":"%s","channel":"chat",' $t $t $t
		printf '"direction":"in","actor":"customer","data":{"text":"hi"}}\n'
	done | jlog -q -d j.db append
	shown() { jproject -d j.db contacts -o table --tz "$1" | grep -o "2025-10-2[0-9] [0-9:]*" | sort -u | tr '\n' ' '; }
	is "$(shown Europe/Lisbon)" "2025-10-26 01:30 "
	is "$(shown UTC)" "2025-10-26 00:30 2025-10-26 01:30 "
	is "$(shown +05:30)" "2025-10-26 06:00 2025-10-26 07:00 "
	is "$(shown -03)" "2025-10-25 21:30 2025-10-25 22:30 "
	# The database's own name, wherever the C library is told to look.
	is "$(TZDIR=/nowhere shown Europe/Lisbon)" "2025-10-26 01:30 "
}

@test "a zone that is a folder, a list or nothing is refused, not taken for UTC" {
	local zone

	for zone in America tzdata.zi zone.tab posix Europe/Lisbon/ Europe/Atlantis ../zoneinfo/UTC /etc/localtime "" +5:30 +24 -03:60; do
		run jlog --tz "$zone" -d j.db cat
		is "$status $output" "2 jlog: no such time zone: $zone"
	done
}
