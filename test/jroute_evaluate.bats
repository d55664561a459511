#!/usr/bin/env bats
# jroute --explore and jroute evaluate: what would have come of other rules.
bats_require_minimum_version 1.5.0
load helper
load gen/records

EXPLORED="$TOP/test/gen/explored.awk"

rules() { printf '%s\n' 'jtools: rules/1' "name: $1" 'version: 1' 'queues: [desk, other]' 'default: {queue: general}' 'rules:' "${@:2}" >"$1.yaml"; }
setup() {
	rules old '  - {id: all, when: "1", queue: desk}'
	rules new '  - {id: late, when: "family = '"'delivery'"'", queue: desk}'
}
# explored N: N contacts, what old.yaml decided of them with chance in it (d), and what came of each, in j.db.
explored() {
	awk -v seed=3 -v n="$1" -f "$EXPLORED" >in
	jlog append -q -d j.db in
	jlog cat -q -d j.db | jroute -q -r old.yaml -d j.db --explore 50% >d
	jq -r '.data.queue + " " + .data.event' d >queues
	awk -v seed=3 -v n="$1" -v decisions=queues -f "$EXPLORED" >came
}
evaluate() { jroute evaluate -q -d j.db --outcome answered -o ndjson "$@"; }

@test "a share of decisions is drawn among eligible targets, always the same, with its propensity" {
	rules old '  - {id: all, when: "1", queue: desk}' '  - {id: never, when: "0", queue: other}' '  - {id: some, when: "family = '"'delivery'"'", queue: other}'
	awk -v seed=1 -v n=400 -f "$EXPLORED" >in
	jroute -q -r old.yaml --explore 0.3 in >d
	jroute -q -r old.yaml --explore 30% in | cmp - d
	jq -es 'all(.[]; .data.candidates as $c | ($c | map(.propensity) | add - 1 | fabs < 1e-9) and
		(.data as $d | $c[] | select(.rule == $d.rule) | .propensity == $d.propensity and .queue == $d.queue))' d >/dev/null
	is "$(jq -c '[.data.candidates[].rule]' d | sort -u | tr '\n' ' ')" '["all","default"] ["all","some","default"] '
	is "$(jq -c 'select(.data.candidates | length == 2) | .data.candidates | map(.propensity * 100 | round)' d | sort -u)" "[85,15]"
	# Of 400 about 0.3 * (1/2 or 2/3) go elsewhere: 60 to 80, within four standard deviations.
	n=$(jq -r 'select(.data.rule != "all") | .id' d | wc -l)
	[ "$n" -gt 40 ] && [ "$n" -lt 105 ]
	jroute -q -r old.yaml in >plain
	jq -es 'all(.[]; .data.rule == "all" and (.data | has("propensity") | not))' plain >/dev/null
	is "$(cat d plain | jq -r .id | sort -u | wc -l)" 800
	run -2 jroute -q -r old.yaml --explore 1.5 in
	run -2 jroute -q -r old.yaml --explore some in
	run -2 jroute -q -r old.yaml --explore 0.1 --explain in
}

@test "the outcome of other rules is estimated, and the interval covers what is true" {
	explored 600
	cat d came | jlog append -q -d j.db
	evaluate -r new.yaml >got
	is "$(jq -r 'select(.kind == "evaluation") | [.n, .coverage, .failed] | join(" ")' got)" "600 1 0"
	is "$(jq -r 'select(.kind == "estimate") | .estimator' got | tr '\n' ' ')" "ips snips dr "
	# 0.8 of deliveries at the desk, 0.5 of the others elsewhere, half of each.
	jq -es 'map(select(.kind == "estimate")) | length == 3 and all(.[]; .low < 0.65 and .high > 0.65 and .high - .low < 0.2)' got >/dev/null
	# What was decided without chance: 0.55 at the desk.
	evaluate -r old.yaml | jq -es 'map(select(.kind == "estimate")) | all(.[]; .low < 0.55 and .high > 0.55)' >/dev/null
	jroute evaluate -d j.db -r new.yaml --outcome answered -o table | grep -qE '^dr +0\.[0-9]{4} '
	# Seconds until the answer: five minutes, wherever it came from.
	jroute evaluate -d j.db -r new.yaml --outcome response | jq -es 'map(select(.estimator == "snips")) | .[0].value - 300 | fabs < 1e-6' >/dev/null
	jroute evaluate -d j.db -r new.yaml --outcome not_repeated --window 1d | jq -es 'map(select(.estimator == "snips")) | .[0].value - 1 | fabs < 1e-6' >/dev/null
	jroute evaluate -d j.db -r new.yaml --outcome resolved --window 1d | jq -es 'map(select(.estimator == "dr")) | .[0].value == 0' >/dev/null
	run -2 jroute evaluate -d j.db -r new.yaml --outcome joy
	run -2 jroute evaluate -d j.db -r new.yaml
}

@test "a decision with a propensity that no chance has is one without" {
	explored 300
	jq -c 'if input_line_number <= 3 then .data.candidates[].propensity = 1e-320 else . end' d >odd
	cat odd came | jlog append -q -d j.db
	evaluate -r new.yaml >got
	is "$(jq -r 'select(.kind == "evaluation") | [.n, .without_propensity] | join(" ")' got)" "297 3"
	jq -es 'map(select(.kind == "estimate")) | length == 3 and all(.[]; .low < 0.65 and .high > 0.65)' got >/dev/null
}

@test "where there is no overlap nothing is estimated, and the reason is told" {
	refused() {
		run -1 evaluate "${@:2}"
		[[ "$output" == *"$1"* ]] || { echo "$output"; return 1; }
		[[ "$output" != *estimate\"* ]]
	}
	explored 300
	cat d came | jlog append -q -d j.db
	evaluate -r new.yaml >/dev/null
	refused "the effective sample is" -r new.yaml --min-ess 290
	rules new '  - {id: late, when: "family = '"'delivery'"'", queue: other}'
	refused "to other, where the log sent none" -r new.yaml
	# Half of the deliveries had no other way than to the general queue.
	rules new '  - {id: late, when: "family = '"'delivery'"'", queue: desk}'
	rm j.db*
	jq -c 'if (.data.event | ltrimstr("e") | tonumber) % 2 == 0 and .data.queue == "general"
		then .data.candidates = [.data.candidates[1] | .propensity = 1] | .data.propensity = 1 else . end' d >one
	cat in one came | jlog append -q -d j.db
	refused "could not have gone where the rules send them" -r new.yaml
	# Nothing was drawn at all.
	rm j.db*
	jlog append -q -d j.db in
	jlog cat -q -d j.db | jroute -q -r old.yaml -d j.db >plain
	cat plain came | jlog append -q -d j.db
	refused "no decision of the log has a propensity" -r new.yaml
}
