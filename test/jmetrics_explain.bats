#!/usr/bin/env bats
# The rows behind a figure: they add up to it, are those of the facts, and say why.

bats_require_minimum_version 1.5.0
load helper

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

@test "the rows of every metric add up to its figure" {
	local id figure kind

	jmetrics -d "$G" -q -o ndjson >figures
	while read -r id kind; do
		jmetrics -d "$G" -o ndjson --explain "$id" >rows 2>totals
		case $kind in
		count)
			figure=$(jq -r --arg m "$id" 'select(.metric == $m) | "n \(.n)"' figures)
			[ "$id" = customers ] || [ "$figure" = "n $(jq -s 'map(select(.state == "hit")) | length' rows)" ] ;;
		rate)
			figure=$(jq -r --arg m "$id" 'select(.metric == $m) | "numerator \(.numerator), n \(.n)"' figures)
			[ "$figure" = "$(jq -rs 'map(.value | select(. != null)) | "numerator \(add), n \(length)"' rows)" ] ;;
		duration)
			figure=$(jq -rs --arg m "$id" 'map(select(.metric == $m and .statistic == "mean").n) | "n \(add)"' figures)
			[ "$figure" = "n $(jq -s 'map(select(.value != null)) | length' rows)" ] ;;
		esac
		[[ "$(<totals)" == "jmetrics: $id: $figure"* ]] || { cat totals; echo "$figure"; return 1; }
		for part in immature left_out; do
			[ "$(jq -s --arg p $part 'map(select(.state == $p)) | length' rows)" -eq \
				"$(jq -s --arg m "$id" --arg p $part 'map(select(.metric == $m and .statistic != "p90" and .statistic != "mean" and
					.statistic != "unanswered")[$p]) | add' figures)" ]
		done
	done < <(jmetrics --list | awk 'NR > 1 && $4 ~ /^(count|rate|duration)$/ && $3 ~ /^(contact|issue|switch)$/ { print $1, $4 }' | head -25)
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
