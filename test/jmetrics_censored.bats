#!/usr/bin/env bats
# The estimate of Kaplan and Meier, which uses what is not mature as well: recompute.py's.

bats_require_minimum_version 1.5.0
load helper

setup_file() {
	PATH=${JTOOLS_BIN:-$BATS_TEST_DIRNAME/../build/bin}:$PATH
	cd "$BATS_FILE_TMPDIR"
	jgen -n 6000 --seed 5 -q --truth truth >log.nd
	jlog append -q -d g.db <log.nd
	jproject -q -d g.db update
}

setup() {
	G=$BATS_FILE_TMPDIR/g.db
}

# estimate METRIC [options]: "value low high n"
estimate() {
	jmetrics -q -d "$G" -o ndjson --censored "$@" | jq -r --arg m "$1" 'select(.statistic == "kaplan_meier" and .metric == $m) | [.value, .low, .high, .n] | map(tostring) | join("\n")' |
		awk '{ printf "%s%.6f", (NR > 1 ? " " : ""), $1 } END { print "" }'
}

HERS="began = 'customer' AND known = 1"

# times EVENT CENSOR FACT WHERE: rows of time and event
times() {
	echo "SELECT max(0, iif(e <= c, e, c)), coalesce(e <= c, 0) FROM (SELECT $1 AS e, $2 AS c FROM $3 WHERE $4) WHERE c >= 0"
}

@test "the estimate is that of Kaplan and Meier with Greenwood's interval" {
	local h
	h=$(jmetrics -q -d "$G" -o ndjson contacts.offered | jq -r .horizon)
	h="(SELECT CAST(round((julianday('$h') - 2440587.5) * 86400000) AS INTEGER))"
	[ "$(estimate repeat_contact_rate)" = "$("$TOP/test/recompute.py" km "$G" \
		"$(times 'CASE WHEN next_matter = 1 THEN next_started - ended END' "$h - ended" v_contact "$HERS")" 604800000)" ]
	[ "$(estimate repeat_contact_rate.any_intent --window 3d)" = "$("$TOP/test/recompute.py" km "$G" \
		"$(times 'next_started - ended' "$h - ended" v_contact "$HERS")" 259200000)" ]
	[ "$(estimate reopen_rate)" = "$("$TOP/test/recompute.py" km "$G" \
		"$(times 'reopen_started - closed' "$h - closed" v_issue 'closed IS NOT NULL AND known = 1')" 604800000)" ]
}

@test "what was known at an earlier horizon is all that it sees" {
	local h="unixepoch('2026-02-15') * 1000"
	[ "$(estimate repeat_contact_rate.any_intent --as-of 2026-02-15T00:00:00Z)" = "$("$TOP/test/recompute.py" km "$G" \
		"$(times 'next_started - ended' "$h - ended" v_contact "$HERS")" 604800000)" ]
	run -0 jmetrics -q -d "$G" -o ndjson --censored --as-of 2026-02-15T00:00:00Z repeat_contact_rate.any_intent
	[ "$(jq -sc '[.[0].immature > 0, .[1].immature, .[1].n > .[0].n, .[1].interval, .[1].unit]' <<<"$output")" = '[true,0,true,"greenwood","ratio"]' ]
}

@test "where all rows are mature it is the rate" {
	run -0 jmetrics -q -d "$G" -o ndjson --censored --as-of 2027-01-01T00:00:00Z repeat_contact_rate reopen_rate
	[ "$(jq -sc 'group_by(.metric) | map(map(.value) | unique | length) | unique' <<<"$output")" = '[1]' ]
	[ "$(jq -sc 'group_by(.metric) | map(map(.numerator) | unique | length) | unique' <<<"$output")" = '[1]' ]
}

@test "groups have estimates of their own, and rates that name no event have none" {
	run -0 jmetrics -q -d "$G" -o ndjson --censored --by channel repeat_contact_rate
	[ "$(jq -s 'map(select(.statistic == "kaplan_meier" and .metric == "repeat_contact_rate").n) | add' <<<"$output")" -eq "$(sqlite3 "$G" "SELECT count(*) FROM v_contact WHERE $HERS")" ]
	[ "$(jq -r 'select(.metric == "repeat_contact_rate.overlapping") | .statistic' <<<"$output" | sort -u)" = rate ]
	[ "$(jmetrics -q -d "$G" -o ndjson --censored channel_switch_success | jq -r .statistic | sort -u)" = rate ]
	run -0 jmetrics -q -d "$G" -o table --censored reopen_rate
	[[ "$output" == *"reopen_rate kaplan_meier"* ]]
}

@test "where nobody was seen for so long there is no value" {
	run -0 jmetrics -q -d "$G" -o ndjson --censored --window 900d repeat_contact_rate.any_intent
	[ "$(jq -sc '.[1] | [.statistic, .value, .low, .interval, .status]' <<<"$output")" = '["kaplan_meier",null,null,null,"no rows"]' ]
	run -2 jmetrics -d "$G" --censored --compare 2026-01 2026-02
	[ "$output" = "jmetrics: --censored and --compare do not go together" ]
}
