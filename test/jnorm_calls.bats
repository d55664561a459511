#!/usr/bin/env bats
# The shipped maps of call records and what stands beside them. Golden files: fixtures/jnorm/maps/<format>/<case>.{in,out};
# <case>.args holds one argument a line, the last is the name under which the input is read.
bats_require_minimum_version 1.5.0
load helper
load maps
FORMATS=(aircall amazon-connect asterisk-cdr freeswitch-cdr freeswitch-json genesys ringcentral twilio-calls twilio-messages)

@test "every golden export of calls gives its events" {
	local failed=
	for folder in "${FORMATS[@]/#/$MAPS/}"; do
		for f in "$folder"/*.in; do
			c=${f#"$MAPS/"}
			c=${c%.in}
			read_case "$c" || failed="$failed $c"
			diff "$MAPS/$c.out" "$c/out" || failed="$failed $c"
		done
	done
	[ -z "$failed" ] || { echo "failed:$failed"; false; }
}

@test "exports of calls are recognised by their content, whatever their name, and from standard input" {
	for folder in "${FORMATS[@]/#/$MAPS/}"; do
		for f in "$folder"/*.in; do
			c=${f#"$MAPS/"}
			run --separate-stderr jnorm - <"$f"
			[ "$(jq -r .source <<<"$output" | sort -u)" = "$(jq -r .source "${f%.in}.out" | sed 's,/.*,/local,' | sort -u)" ] ||
				{ echo "$c"; echo "$stderr"; false; }
		done
	done
}

# Records without what another file or another beginning of the export says otherwise.
content() {
	jq -cS 'del(.data.origin, .data.order)' "$@" | sort
}

# part CASE COMMAND...: the same export where COMMAND makes of it has, under another name, no record that the whole has not.
part() {
	local c=$1 args name
	shift
	read_case "$c" || :
	mapfile -t args <"$MAPS/$c.args"
	name=${args[-1]}
	"$@" <"$MAPS/$c.in" >"other.${name##*.}"
	jnorm -q "${args[@]:0:${#args[@]}-1}" "other.${name##*.}" >part.out
	content "$c/out" >whole
	content part.out >some
	[ -s some ] && [ "$(wc -l <some)" -lt "$(wc -l <whole)" ] && [ -z "$(comm -13 whole some)" ]
}

@test "an export of calls that begins elsewhere, under another name, gives the same records where they overlap" {
	part asterisk-cdr/master tail -n +5
	part asterisk-cdr/freepbx sed 2,3d
	part freeswitch-json/legs tail -n 5
	part freeswitch-cdr/example tail -n 4
	part amazon-connect/records tail -n 9
	part twilio-calls/list jq ".calls |= .[2:]"
	part genesys/query jq ".conversations |= .[3:]"
	part aircall/list jq ".calls |= .[3:]"
	part ringcentral/log jq ".records |= .[3:]"
	part twilio-messages/list jq ".messages |= .[2:]"
	part twilio-messages/table sed 3d
}

@test "a call of Asterisk is the same whether it comes from Master.csv or from a table" {
	local same='select(.session != "37a16e1e59123a30fda91376f52e99eb") | del(.data.ext, .data.origin, .data.order)'
	[ "$(jq -cS "$same" "$MAPS/asterisk-cdr/master.out" | sort)" = "$(jq -cS "$same" "$MAPS/asterisk-cdr/freepbx.out" | sort)" ]
}

@test "a call of Asterisk is the same where its writer leaves quotation marks as they are" {
	local same='del(.data.ext.clid, .data.name)'
	[ "$(jq -cS "$same" "$MAPS/asterisk-cdr/bare.out")" = "$(jq -cS "$same" "$MAPS/asterisk-cdr/freepbx.out")" ]
	[ "$(jq -r '.data.name // empty' "$MAPS/asterisk-cdr/bare.out" | head -n 1)" = "Prado, Ana" ]
}

@test "a call of Aircall is the same whether its API or a webhook tells it" {
	[ "$(head -n 2 "$MAPS/aircall/list.out" | content)" = "$(content "$MAPS/aircall/hooks.out")" ]
}

@test "a call of FreeSWITCH has one id in all of its formats" {
	[ "$(jq -r .id "$MAPS/freeswitch-json/legs.out" "$TOP/fixtures/jnorm/freeswitch-xml.out" | sort | uniq -d | wc -l)" -eq 8 ]
	[ "$(jq -r .id "$MAPS"/freeswitch-cdr/*.out "$MAPS/freeswitch-json/legs.out" | sort | uniq -d | wc -l)" -ge 7 ]
}

@test "a call within the house names no customer, and is no contact" {
	for c in asterisk-cdr/master freeswitch-json/legs freeswitch-cdr/example genesys/query ringcentral/log twilio-calls/list; do
		read_case "$c"
		[ "$(jq -c 'select(.type == "call" and .direction == "internal") | .data.identifiers' "$c/out" | sort -u)" = null ]
		jq -c 'select(.type == "call" and .direction == "internal")' "$c/out"
	done >internal
	jlog append -q --db db internal >/dev/null
	jproject update -q --db db
	[ "$(sqlite3 db 'SELECT count(*) FROM v_contact')" -eq 0 ]
}

@test "a call that was transferred is one contact of one customer" {
	read_case amazon-connect/records
	jq -c 'select(.session == "c-1")' amazon-connect/records/out >one
	jlog append -q --db db one >/dev/null
	jproject update -q --db db
	[ "$(sqlite3 db 'SELECT count(*), sum(transferred), sum(wait_known) FROM v_contact')" = '1|1|1' ]
}

@test "the public samples of calls and messages are read but for a date that is none" {
	[ -d "$DATA/formats/twilio" ] || skip "the public samples are not there"
	for f in "$DATA"/formats/twilio/dbt_seeds/twilio_{call,message}_data*.csv; do
		run --separate-stderr jnorm --region US "$f"
		[[ $stderr == *" + rejected 0"* || $stderr == *"not a time: 2022-02-30"*" + rejected 1"* ]] || { echo "$f: $stderr"; false; }
	done
}
