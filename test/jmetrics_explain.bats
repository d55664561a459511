#!/usr/bin/env bats
# The rows behind a figure: they add up to it, are those of the facts, and say why.

bats_require_minimum_version 1.5.0
load helper
load gen/records

setup_file() {
	PATH=${JTOOLS_BIN:-$BATS_TEST_DIRNAME/../build/bin}:$PATH
	cd "$BATS_FILE_TMPDIR"
	jgen -n 6000 --seed 7 -q --truth truth >log.nd
	jlog append -q -d g.db <log.nd
	jproject -q -d g.db update
}

setup() {
	G=$BATS_FILE_TMPDIR/g.db
}

explain() {
	jmetrics -q -d "$G" -o ndjson --explain "$@"
}

# add_up ID KIND [STATISTIC] [OPTION ...]: what the rows of a metric add up to, with how many are immature and left out, is its figure
# and what is told of it.
add_up() {
	local id=$1 kind=$2 told got
	shift 2

	explain "$id" "$@" >rows
	jmetrics -d "$G" -o ndjson --explain "$id" "$@" 2>&1 >/dev/null | grep "^jmetrics: ${id%.mean}: " >totals
	jmetrics -d "$G" -q -o ndjson "$id" "$@" >figures
	case $kind in
	count)
		told='"n \(map(.n) | add)"'
		got='"n \(map(select(.state == "hit")) | length)"' ;;
	rate | net)
		told='"numerator \(map(.numerator // 0) | add), n \(map(.n) | add)"'
		got='"numerator \(map(.value // 0) | add), n \(map(select(.value != null)) | length)"' ;;
	mean)
		told='"\(map(.value * .n) | add * 100 | round), n \(map(.n) | add)"'
		got='"\(map(.value // 0) | add * 100 | round), n \(map(select(.value != null) | .weight // 1) | add)"' ;;
	*)
		told='"n \(map(.n) | add)"'
		got='"n \(map(select(.value != null)) | length)"' ;;
	esac
	told="map(select(.metric == \"${id%.mean}\" and .statistic == (if \"$kind\" == \"duration\" or \"$kind\" == \"quantity\" then \"mean\" elif \"$kind\" == \"count\" then \"count\"
		else \"$kind\" end))) | \"\\($told) \\(map(.immature) | add) \\(map(.left_out) | add)\""
	got="\"\\($got) \\(map(select(.state == \"immature\")) | length) \\(map(select(.state == \"left_out\")) | length)\""
	is "$id: $(jq -rs "$got" rows)" "$id: $(jq -rs "$told" figures)"
	[ "$kind" = mean ] || grep -qF "$(jq -rs "$got" rows | sed 's/ [0-9]* [0-9]*$//')" totals || { cat totals; return 1; }
}

@test "the rows of every metric add up to its figure, in groups too" {
	local id kind seen=

	# With business hours, so that all metrics have figures.
	cp "$G" own.db
	G=$PWD/own.db
	export JTOOLS_ONTOLOGY=$TOP/fixtures/hours
	while read -r id kind; do
		# A customer has many rows, and is counted once.
		[ "$id" != customers ] || continue
		[ "$id" != "$seen" ] || id=$id.mean
		seen=${id%.mean}
		add_up "$id" "$kind"
		[[ $kind == mean || $id == *.* ]] || add_up "$id" "$kind" --by month --window 72h --until 2026-03-01
	done < <(jmetrics --list | awk 'NR > 1 { print $1, $4 }')
	[ "$seen" = recurring_questions ]
}

@test "the rows are the facts' own, each with the records that it is called by" {
	explain repeat_contact_rate --explain-rows hit | jq -r '"\(.customer)|\(.contact)|\(.issue)"' | sort >found
	sqlite3 "$G" "SELECT who, contact, issue FROM v_contact WHERE began = 'customer' AND known = 1 AND next_matter = 1 AND
		next_started - ended <= 604800000 AND ended + 604800000 <= (SELECT max(time) FROM v_event)" | sort | diff - found
	explain channel_switch_success.explicit | jq -r '.events[] | "\(.sequence)|\(.id)"' | sort -u >found
	[ -s found ]
	sqlite3 "$G" "SELECT seq, id FROM v_event WHERE seq IN (SELECT switch FROM v_switch WHERE known = 1 UNION SELECT from_contact FROM v_switch
		WHERE known = 1 UNION SELECT issue FROM v_switch WHERE known = 1)" | sort | diff - found
	[ "$(explain escalation_rate --by channel,day | jq -c '.group | keys' | sort -u)" = '["channel","day"]' ]
}

@test "a miss of a change of channel says which of its conditions failed" {
	local v

	for v in explicit presumed; do
		explain "channel_switch_success.$v" >rows
		[ "$(jq -s 'map(select(.state == "miss" and .reasons == [])) | length' rows)" -eq 0 ]
		[ "$(jq -s 'map(select(.state == "hit" and .reasons != [])) | length' rows)" -eq 0 ]
		[ "$(jq -s 'map(select(.state == "miss")) | length' rows)" -gt 0 ]
		explain "first_contact_resolution.$v" >rows
		[ "$(jq -s 'map(select(.state == "miss" and .reasons == [])) | length' rows)" -eq 0 ]
		[ "$(jq -s 'map(select(.state == "miss")) | length' rows)" -gt 0 ]
	done
	explain channel_switch_success.explicit | jq -r 'select(.state == "miss" and (.reasons | index("not_joined"))) | .switch' | sort >found
	sqlite3 "$G" "SELECT switch FROM v_switch WHERE known = 1 AND coalesce(joined, 0) = 0 AND
		ended + 604800000 <= (SELECT max(time) FROM v_event)" | sort | diff - found
}

@test "a repeat says on which channel she came back, and the parts add up" {
	explain repeat_contact_rate >rows
	[ "$(jq -s 'map(select(.state == "hit" and (.reasons | index("same_channel")))) | length' rows)" -eq \
		"$(jmetrics -q -d "$G" -o ndjson repeat_contact_rate.same_channel | jq .numerator)" ]
	[ "$(jq -s 'map(select(.state == "hit" and (.reasons | index("overlapping")))) | length' rows)" -eq \
		"$(jmetrics -q -d "$G" -o ndjson repeat_contact_rate.overlapping | jq .numerator)" ]
	[ "$(jq -s 'map(select(.state != "hit" and .reasons != [])) | length' rows)" -eq 0 ]
}

@test "hits, misses or all are listed, and the totals are those of all" {
	run -0 --separate-stderr jmetrics -d "$G" -o ndjson --explain repeat_contact_rate --explain-rows hit
	[ "$(jq -r .state <<<"$output" | sort -u)" = hit ]
	all=$stderr
	run -0 --separate-stderr jmetrics -d "$G" -o ndjson --explain repeat_contact_rate --explain-rows miss
	[ "$(jq -r .state <<<"$output" | sort -u)" = miss ]
	[ "$stderr" = "$all" ]
	run -0 --separate-stderr jmetrics -q -d "$G" -o ndjson --explain repeat_contact_rate
	[ "$(jq -r .state <<<"$output" | sort -u | tr '\n' ' ')" = "hit immature left_out miss " ]
	[ -z "$stderr" ]
	run -2 jmetrics -d "$G" --explain repeat_contact_rate --explain-rows none
	[ "$output" = "jmetrics: --explain-rows: none of hit, miss, all: none" ]
}

@test "a mean's rows show value and weight, a net share's count for and against" {
	mkdir mine
	cat >mine/mean.yaml <<-'E'
		jtools: metric/1
		id: words
		version: "1"
		title: T
		fact: contact
		kind: mean
		value: her_words
		weight: events
		variants:
		  net:
		    kind: net
		    numerator: her_words > 1
		    against: her_words = 0
	E
	explain words --metrics mine | jq -rs '[(map(.value) | add), (map(.weight) | add)] | tostring' >found
	[ "$(<found)" = "$(sqlite3 "$G" "SELECT '[' || sum(her_words) || ',' || sum(events) || ']' FROM v_contact WHERE events > 0")" ]
	explain words.net --metrics mine >rows
	[ "$(jq -s 'map(.value) | add' rows)" -eq "$(jmetrics -q -d "$G" --metrics mine -o ndjson words.net | jq .numerator)" ]
	[ "$(jq -r .state rows | sort -u | tr '\n' ' ')" = "against hit miss " ]
}

@test "a table and a CSV have the same cells, and a long table comes in parts" {
	run -0 jmetrics -q -d "$G" -o csv --explain contacts --by channel
	[ "${lines[0]}" = $'customer,contact,issue,began_at,channel,state,value,reasons,sequences,events\r' ]
	[ "$(wc -l <<<"$output")" -eq $(($(sqlite3 "$G" 'SELECT count(*) FROM v_contact') + 1)) ]
	jmetrics -q -d "$G" -o table --explain contacts >table
	[ "$(grep -c '^customer ' table)" -eq $((($(sqlite3 "$G" 'SELECT count(*) FROM v_contact') + 999) / 1000)) ]
	[ "$(grep -c '^c[0-9]' table)" -eq "$(sqlite3 "$G" 'SELECT count(*) FROM v_contact')" ]
}

@test "one metric is explained, and what cannot be seen is told" {
	run -2 jmetrics -d "$G" --explain channel_switch_success
	[ "$output" = "jmetrics: --explain: channel_switch_success is several metrics: channel_switch_success.explicit, channel_switch_success.presumed" ]
	run -2 jmetrics -d "$G" --explain repeat_contact_rate contacts
	[ "$output" = "jmetrics: --explain takes one metric, and no others" ]
	run -2 jmetrics -d "$G" --explain repeat_contat
	[[ "$output" == "jmetrics: --explain: no such metric: repeat_contat "* ]]
	: | jlog append -q -d e.db
	run -0 --separate-stderr jmetrics -d e.db -o csv --explain escalation_rate
	[ "$stderr" = "jmetrics: escalation_rate: not observable: events escalated" ]
	[ -z "$output" ]
}

@test "options that change no row of it are refused, as are those for its rows without it" {
	for option in --censored "--top 2"; do
		# shellcheck disable=SC2086
		run -2 jmetrics -d "$G" --explain repeat_contact_rate --by channel $option
		[ "$output" = "jmetrics: --explain and ${option% *} do not go together" ]
	done
	run -2 jmetrics -d "$G" --explain-rows hit repeat_contact_rate
	[ "$output" = "jmetrics: --explain-rows goes with --explain" ]
}
