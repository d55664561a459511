#!/usr/bin/env bats
# Two periods or groups side by side: each side is the figure that it has alone, and the difference is recompute.py's.

bats_require_minimum_version 1.5.0
load helper

setup_file() {
	PATH=${JTOOLS_BIN:-$BATS_TEST_DIRNAME/../build/bin}:$PATH
	cd "$BATS_FILE_TMPDIR"
	jgen -n 6000 --seed 11 -q --truth truth >log.nd
	jlog append -q -d g.db <log.nd
	jproject -q -d g.db update
}

setup() {
	G=$BATS_FILE_TMPDIR/g.db
	mkdir mine
}

compare() { # compare A B [options] METRIC ...
	jmetrics -q -d "$G" --metrics mine -o ndjson --compare "$@"
}

# A group that only the other side has rows of is none of a side's.
# A group that only the other side has is no row alone; its share is 0 of all.
SOME='select((.[1] == "share" and .[3][1] == 0 and .[2] != {} | not) and (.[2] == {} or .[3][2] != 0 or .[3][6] != 0 or .[3][7] != 0))'

# The members a and b alone, as records of one figure: side a|b
side() {
	jq -c --arg s "$1" "[.metric, .statistic, .group, (.[\$s] | del(.of) | to_entries | map(.value))] | $SOME"
}

alone() {
	jq -c "[.metric, .statistic, .group, [.value, .numerator, .n, .low, .high, .interval, .immature, .left_out, .assumed]] | $SOME"
}

# difference: "a b difference low high" of the record on stdin
difference() {
	jq -r '[.a.value, .b.value, .difference, .low, .high] | map(tostring) | join("\n")' |
		awk '{ printf "%s%.6f", (NR > 1 ? " " : ""), $1 } END { print "" }'
}

# rows A B VALUE WEIGHT REST: the sides, customers, values and weights of contacts that conditions A or B hold of
rows() {
	echo "SELECT 0, customer, $3, $4 FROM v_contact WHERE $1 AND $5 UNION ALL SELECT 1, customer, $3, $4 FROM v_contact WHERE $2 AND $5"
}

month() { # month N: the condition of a month of 2026
	echo "started >= unixepoch('2026-$1-01') * 1000 AND started < unixepoch('2026-$1-01', '+1 month') * 1000"
}

MATURE="began = 'customer' AND known = 1 AND ended + 604800000 <= (SELECT max(time) FROM v_event)"

@test "each side is what the metric is alone" {
	compare 2026-01 2026-02 >both
	jmetrics -q -d "$G" -o ndjson --since 2026-01-01 --until 2026-02-01 | alone >a
	jmetrics -q -d "$G" -o ndjson --since 2026-02-01 --until 2026-03-01 | alone >b
	side a <both | diff - a
	side b <both | diff - b
	[ "$(jq -r '.a.of + " " + .b.of' both | sort -u)" = "2026-01 2026-02" ]
	compare began=customer began=company contacts first_response_time >both
	jmetrics -q -d "$G" -o ndjson --where "began = 'customer'" contacts first_response_time | alone >a
	side a <both | diff - a
}

@test "the difference of rates is clustered over the customers of both periods" {
	run -0 compare 2026-01 2026-02 repeat_contact_rate.any_intent
	[ "$(jq -r .interval <<<"$output")" = t_clustered ]
	[ "$(difference <<<"$output")" = "$("$TOP/test/recompute.py" compare "$G" \
		"$(rows "$(month 01)" "$(month 02)" "coalesce(next_started - ended <= 604800000, 0)" 1 "$MATURE")")" ]
	[ "$(sqlite3 "$G" "SELECT count(*) > 0 FROM (SELECT customer FROM v_contact WHERE $(month 01) INTERSECT SELECT customer FROM
		v_contact WHERE $(month 02))")" -eq 1 ]
}

@test "the difference of means is linearised as well, of durations, weighted means and net shares" {
	cat >mine/x.yaml <<-'E'
		jtools: metric/1
		id: x
		version: "1"
		title: X
		fact: contact
		kind: mean
		where: began = 'customer'
		value: her_words
		weight: events
		variants:
		  took:
		    kind: duration
		    statistics: [mean, median]
		    value: ended - started
		  net:
		    kind: net
		    numerator: handled = 1
		    against: her_words > 2
	E
	run -0 compare class=live class=asynchronous x
	[ "$(jq -s '.[0]' <<<"$output" | difference)" = "$("$TOP/test/recompute.py" compare "$G" \
		"$(rows "class = 'live'" "class = 'asynchronous'" her_words events "began = 'customer' AND events > 0")")" ]
	[ "$(jq -s 'map(select(.metric == "x.net"))[0]' <<<"$output" | difference)" = "$("$TOP/test/recompute.py" compare "$G" \
		"$(rows "class = 'live'" "class = 'asynchronous'" "CASE WHEN handled = 1 THEN 1 WHEN her_words > 2 THEN -1 ELSE 0 END" 1 "began = 'customer'")")" ]
	"$TOP/test/recompute.py" compare "$G" "$(rows "class = 'live'" "class = 'asynchronous'" "(ended - started)" 1000 "began = 'customer'")" |
		awk '{ for (i = 1; i <= NF; i++) printf "%.3f ", $i; print "" }' >wanted
	jq -s 'map(select(.metric == "x.took" and .statistic == "mean"))[0]' <<<"$output" | difference |
		awk '{ for (i = 1; i <= NF; i++) printf "%.3f ", $i; print "" }' | diff - wanted
	[ "$(jq -sc 'map(select(.statistic == "median"))[0] | [.difference != null, .low, .high, .interval]' <<<"$output")" = '[true,null,null,null]' ]
}

@test "the difference of independent rates is Newcombe's" {
	cat >mine/x.yaml <<-'E'
		jtools: metric/1
		id: x
		version: "1"
		title: X
		fact: contact
		kind: rate
		independent: true
		numerator: her_words > 1
	E
	run -0 compare 2026-W05 2026-W07 x
	[ "$(jq -r .interval <<<"$output")" = newcombe ]
	[ "$(difference <<<"$output")" = "$("$TOP/test/recompute.py" newcombe "$G" "SELECT week > 'x5', her_words > 1 FROM (SELECT her_words,
		'x' || CASE WHEN started BETWEEN unixepoch('2026-01-26') * 1000 AND unixepoch('2026-02-02') * 1000 - 1 THEN 5
		WHEN started BETWEEN unixepoch('2026-02-09') * 1000 AND unixepoch('2026-02-16') * 1000 - 1 THEN 7 END AS week FROM v_contact)
		WHERE week IS NOT NULL")" ]
}

@test "counts have a difference and no interval, and groups are compared one by one" {
	run -0 compare 2026-01 2026-02 --by channel contacts.offered
	jq -r '[.group.channel, .a.value, .b.value, .difference] | map(tostring) | join("|")' <<<"$output" >found
	sqlite3 "$G" "SELECT channel, sum(m = 1), sum(m = 2), sum(m = 2) - sum(m = 1) FROM (SELECT channel, iif($(month 01), 1, 2) AS m
		FROM v_contact WHERE offered = 1 AND ($(month 01) OR $(month 02))) GROUP BY 1" | diff - found
	[ "$(jq -c '[.low, .interval]' <<<"$output" | sort -u)" = '[null,null]' ]
	run -0 compare 2026-01 2026-02 --by channel --top 1 contacts.offered
	[ "$(jq -sc 'map(.status | sub("[0-9]+"; "N"))' <<<"$output")" = '["ok","other groups: N"]' ]
	[ "$(jq -s 'map(.a.n) | add' <<<"$output")" -eq "$(sqlite3 "$G" "SELECT count(*) FROM v_contact WHERE offered = 1 AND $(month 01)")" ]
}

@test "periods are those of the zone" {
	n() { jmetrics -q -d "$G" -o ndjson "$@" contacts.offered | jq .a.n; }
	local until
	for zone in UTC America/Sao_Paulo; do
		until=$(jmetrics -q -d "$G" -o ndjson --tz "$zone" --since 2026-02-02 --until 2026-02-09 contacts.offered | jq .n)
		[ "$(n --tz "$zone" --compare 2026-W06 2026)" -eq "$until" ]
		[ "$(n --tz "$zone" --compare 2026-02-02..2026-02-09 2026)" -eq "$until" ]
	done
	[ "$(n --compare 2026-02-01T12:00:00Z..2026-02-03T00:00:00+02:00 2026)" -eq "$(sqlite3 "$G" "SELECT count(*) FROM v_contact
		WHERE offered = 1 AND started >= unixepoch('2026-02-01 12:00:00') * 1000 AND started < unixepoch('2026-02-02 22:00:00') * 1000")" ]
	[ "$(n --compare 2026-01-05 2026)" -eq "$(sqlite3 "$G" "SELECT count(*) FROM v_contact WHERE offered = 1 AND
		date(started / 1000, 'unixepoch') = '2026-01-05'")" ]
	[ "$(n --compare 2026 2026-12)" -eq "$(sqlite3 "$G" 'SELECT count(*) FROM v_contact WHERE offered = 1')" ]
}

@test "a side without rows has no difference, and a metric that is not observable says so" {
	run -0 compare 2026-01 1999 repeat_contact_rate.any_intent
	[ "$(jq -c '[.b.value, .b.n, .difference, .interval, .status]' <<<"$output")" = '[null,0,null,null,"no rows"]' ]
	: | jlog append -q -d e.db
	run -0 jmetrics -q -d e.db -o ndjson --compare 2026-01 2026-02 escalation_rate
	[ "$(jq -r .status <<<"$output")" = "no rows" ]
}

@test "the table shows both sides, and CSV has the same as columns" {
	run -0 jmetrics -q -d "$G" -o table --compare 2026-01 2026-02 escalation_rate
	[[ "${lines[0]}" =~ ^metric\ +2026-01\ +n\ +2026-02\ +n\ +difference\ +95%\ interval ]]
	run -0 jmetrics -q -d "$G" -o csv --compare 2026-01 2026-02 escalation_rate
	[[ "${lines[0]}" == metric,version,statistic,a,a_value,a_numerator,a_n,*,b,b_value,*,difference,low,high,interval,unit,* ]]
	[ "$(awk -F, '{ print NF }' <<<"$output" | sort -u | wc -l)" -eq 1 ]
}

@test "what is no side is refused" {
	for wrong in 2026-13 2026-W54 2025-W53 2026-02-30 2026-1 2026-02-02..2026-02-01 ..2026-01-01 january =x 2026-01x; do
		run -2 jmetrics -d "$G" --compare "$wrong" 2026-01
		[ "$output" = "jmetrics: --compare: neither a period (2026-01, 2026-W05, 2026-01-05..2026-01-12) nor DIM=VALUE: $wrong" ] || { echo "$wrong $output"; return 1; }
	done
	run -2 jmetrics -d "$G" --compare 2026-01 contacts
	[ "$output" = "jmetrics: --compare takes two sides: --compare 2026-01 OTHER" ]
	run -2 jmetrics -d "$G" --compare colour=red 2026-01 contacts
	[[ "$output" == "jmetrics: contacts has no dimension colour; "* ]]
	run -2 jmetrics -d "$G" --compare 2026-01 2026-02 --explain contacts
	[ "$output" = "jmetrics: --explain and --compare do not go together" ]
	run -0 compare family= "family=it's" contacts
	[ "$(jq -s '.[0].a.n' <<<"$output")" -eq "$(sqlite3 "$G" 'SELECT count(*) FROM v_contact WHERE family IS NULL')" ]
}

@test "--identity measures as if people were joined by other rules, and leaves the file alone" {
	jgen -n 3000 --seed 5 -q | sed 's/+55[0-9]\{2\}9[0-9]\([0-9]\{2\}\)[0-9]*/+5511999900\1/g' | jlog append -q -d i.db >told
	jproject -q -d i.db update
	cp i.db before.db
	for rules in strict loose; do
		cp before.db own.db
		jlog -d own.db identities --derive --rules $rules
		jmetrics -q -d own.db -o ndjson | jq -c 'del(.as_of, .sequence)' >by_hand
		jmetrics -q -d i.db -o ndjson --identity $rules >under
		[ "$(jq -r .identity under | sort -u)" = $rules ]
		jq -c 'del(.as_of, .sequence, .identity)' under | diff by_hand -
	done
	run ! cmp -s <(jmetrics -q -d i.db -o csv --identity strict customers | cut -d, -f4) <(jmetrics -q -d i.db -o csv --identity loose customers | cut -d, -f4)
	[ "$(sqlite3 i.db .dump | sha256sum)" = "$(sqlite3 before.db .dump | sha256sum)" ]
	run -2 jmetrics -q -d i.db --identity close contacts
	[[ "$output" == *"none of strict, normal, loose: close" ]]
}

@test "--identity leaves no copy of the file behind when it is interrupted" {
	jgen -n 20000 --seed 5 -q | jlog append -q -d i.db >told
	jproject -q -d i.db update
	mkdir tmp
	for after in 0.01 0.02 0.03 0.05 0.08 0.15; do
		TMPDIR=$PWD/tmp jmetrics -q -d i.db --identity strict contacts >out &
		pid=$!
		sleep $after
		kill -TERM $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		# SQLite opens a file for sorting and takes its name away in two steps: between them it may stay, and is empty.
		[ -z "$(find tmp -mindepth 1 ! \( -name 'etilqs_*' -size 0 \))" ]
		rm -f tmp/etilqs_*
	done
}

@test "--identity leaves no copy of the file behind when it is killed" {
	jgen -n 20000 --seed 5 -q | jlog append -q -d i.db >told
	jproject -q -d i.db update
	mkdir tmp
	for after in 0.02 0.04 0.06 0.08 0.1 0.15 0.3; do
		TMPDIR=$PWD/tmp jmetrics -q -d i.db --identity strict contacts >out &
		pid=$!
		sleep $after
		kill -KILL $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		# Of a file that SQLite has just opened the name may stay, without anything in it.
		[ -z "$(find tmp -mindepth 1 ! \( -name 'etilqs_*' -size 0 \))" ]
		rm -f tmp/etilqs_*
	done
}
