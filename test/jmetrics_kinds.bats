#!/usr/bin/env bats
# Kinds of metrics, their dimensions and their populations, over a generated log: each figure is found again from the facts by
# recompute.py or by plain SQL.

bats_require_minimum_version 1.5.0
load helper

# Made once a file: its facts are built, and nobody writes to it.
setup_file() {
	PATH=${JTOOLS_BIN:-$BATS_TEST_DIRNAME/../build/bin}:$PATH
	cd "$BATS_FILE_TMPDIR"
	jgen -n 3000 --seed 3 -q --truth truth >log.nd
	jlog append -q -d g.db <log.nd
	jproject -q -d g.db update
	cp g.db plain.db
}

setup() {
	G=$BATS_FILE_TMPDIR/g.db
}

recompute() {
	"$TOP/test/recompute.py" "$@"
}

metric() { # metric NAME: a definition in mine/ from stdin, behind the two first lines
	mkdir -p mine
	{ printf 'jtools: metric/1\nversion: "1"\ntitle: T\n' && cat; } >"mine/$1.yaml"
}

# figures METRIC [options]: records, with the definitions in mine/
figures() {
	jmetrics -q -d "$G" --metrics mine -o ndjson "$@"
}

# six [member ...]: the members of the record on stdin to six digits, as recompute.py prints
six() {
	jq -r "[$(printf '.%s,' "$@" | sed 's/,$//')] | map(tostring) | join(\" \")" | tr ' ' '\n' | awk '{ printf "%s%.6f", (NR > 1 ? " " : ""), $1 } END { print "" }'
}

@test "a quantity is given by median, p90, mean and the share without one, and is no time" {
	metric words <<-'E'
		id: words
		fact: contact
		kind: quantity
		unit: words
		absent: silent
		value: nullif(her_words, 0)
	E
	run -0 figures words
	[ "$(jq -c '[.statistic, .unit, .interval]' <<<"$output")" = '["median","words","order_statistic"]
["p90","words","order_statistic"]
["mean","words","t"]
["silent","ratio","wilson_clustered"]' ]
	found=$(jq -rs '[.[].value, .[0].n] | map(tostring) | join("\n")' <<<"$output" | awk '{ printf "%s%.6f", (NR > 1 ? " " : ""), $1 }')
	[ "$found" = "$(recompute quantity "$G" "SELECT nullif(her_words, 0) FROM v_contact")" ]
	run -0 jmetrics -q -d "$G" --metrics mine -o table words
	[[ "${lines[1]}" =~ ^words\ median\ +[0-9]+\.[0-9]{2}\  ]]
	[ "$(figures --by channel words | jq -s 'map(select(.statistic == "mean").n) | add')" -eq \
		"$(sqlite3 "$G" 'SELECT count(*) FROM v_contact WHERE her_words > 0')" ]
}

@test "statistics says which ones are shown" {
	metric words <<-'E'
		id: words
		fact: contact
		kind: quantity
		absent: silent
		statistics: [silent, mean]
		value: her_words
	E
	run -0 figures words
	[ "$(jq -r .statistic <<<"$output")" = "mean
silent" ]
}

@test "a mean is the sum of values over the sum of weights, clustered by customer" {
	metric words <<-'E'
		id: words
		fact: contact
		kind: mean
		unit: words
		value: her_words
	E
	metric share <<-'E'
		id: share
		fact: contact
		kind: mean
		unit: ratio
		where: began = 'customer'
		value: her_words
		weight: events
	E
	run -0 figures words
	[ "$(jq -c '[.statistic, .unit, .interval, .numerator]' <<<"$output")" = '["mean","words","t_clustered",null]' ]
	[ "$(six value low high n <<<"$output")" = "$(recompute mean "$G" "SELECT customer, her_words, 1 FROM v_contact")" ]
	run -0 figures share
	[ "$(six value low high n <<<"$output")" = \
		"$(recompute mean "$G" "SELECT customer, her_words, events FROM v_contact WHERE began = 'customer' AND events > 0")" ]
	run -0 jmetrics -q -d "$G" --metrics mine -o table share
	[[ "${lines[1]}" =~ ^share\ mean\ +[0-9.]+% ]]
}

@test "the interval of a mean is not below 0 where no value is, and that of a share not above 1" {
	metric shares <<-'E'
		id: shares
		kind: mean
		fact: contact
		variants:
		  few: {title: F, unit: ratio, value: contact % 29 = 0}
		  many: {title: M, unit: ratio, value: contact % 29 > 0}
		  signed: {title: S, unit: ratio, value: (contact % 29 = 0) - (contact % 29 = 1)}
		  points: {title: P, unit: points, value: contact % 29 > 0}
	E
	figures shares --where 'contact < 130' >out
	is() { [ "$(jq -c "select(.metric == \"shares.$1\") | $2" out)" = true ] || { cat out; false; }; }
	is few '.low == 0 and .value > 0 and .high > .value'
	is many '.high == 1 and .value < 1 and .low < .value'
	is signed '.low < 0'
	is points '.high > 1'
}

@test "customers who are all alike have a mean and no interval" {
	metric same <<-'E'
		id: same
		fact: contact
		kind: mean
		value: 0.1 * events
		weight: events
	E
	run -0 figures same
	[ "$(jq -c '[.value, .low, .high, .interval]' <<<"$output")" = '[0.1,null,null,null]' ]
}

@test "a value that is no number is refused with its place, and counts for nothing where it does not matter" {
	for wrong in "'much'" 9e999 "x'00'"; do
		metric words <<-E
			id: words
			fact: contact
			kind: mean
			value: "$wrong"
		E
		run -2 figures words
		[ "$output" = "jmetrics: mine/words.yaml:7: in a row this is no number" ]
		run -2 figures --explain words
		[ "$output" = "jmetrics: mine/words.yaml:7: in a row this is no number" ]
		echo "where: 0" >>mine/words.yaml
		run -0 figures words
		[ "$(jq .n <<<"$output")" -eq 0 ]
	done
}

@test "a net share is rows for less rows against, over all" {
	metric prompt <<-'E'
		id: prompt
		fact: contact
		kind: net
		where: began = 'customer'
		numerator: answered_any - started <= 60000
		against: answered_any IS NULL OR answered_any - started > 86400000
	E
	run -0 figures prompt
	[ "$(jq -c '[.statistic, .unit, .interval]' <<<"$output")" = '["net","ratio","t_clustered"]' ]
	[ "$(six value low high n <<<"$output")" = "$(recompute mean "$G" "SELECT customer, CASE WHEN answered_any - started <= 60000 THEN 1
		WHEN answered_any IS NULL OR answered_any - started > 86400000 THEN -1 ELSE 0 END, 1 FROM v_contact WHERE began = 'customer'")" ]
	[ "$(jq .numerator <<<"$output")" -eq "$(sqlite3 "$G" "SELECT sum(answered_any - started <= 60000) - sum(answered_any IS NULL OR
		answered_any - started > 86400000) FROM v_contact WHERE began = 'customer'")" ]
}

@test "a variant may be of another kind and fact, and two of one id are told apart by their statistic" {
	metric mix <<-'E'
		id: mix
		fact: contact
		kind: mean
		unit: words
		value: her_words
		variants:
		  silent:
		    as: mix
		    kind: rate
		    numerator: her_words = 0
		  open:
		    as: open_issues
		    fact: issue
		    kind: count
		    where: open = 1
	E
	run -0 figures mix
	[ "$(jq -r '"\(.metric) \(.statistic)"' <<<"$output")" = "mix mean
mix rate
open_issues count" ]
	[ "$(jq -s '.[1].numerator' <<<"$output")" -eq "$(sqlite3 "$G" 'SELECT count(*) FROM v_contact WHERE her_words = 0')" ]
	[ "$(jq -s '.[2].value' <<<"$output")" -eq "$(sqlite3 "$G" 'SELECT count(*) FROM v_issue WHERE open = 1')" ]
	[ "$(figures open_issues | jq -r .metric)" = open_issues ]
	[ "$(figures mix.open | jq -r .metric)" = open_issues ]
	sed -i 's/kind: rate/kind: mean/; s/numerator:.*/value: 1/' mine/mix.yaml
	run -2 figures mix
	[ "$output" = "jmetrics: mine/mix.yaml:10: mix is both mix and mix.silent, and given in the same" ]
}

@test "rows that are independent have Wilson's own interval" {
	metric long <<-'E'
		id: long
		fact: contact
		kind: rate
		independent: true
		numerator: her_words > 1
	E
	run -0 figures long
	[ "$(jq -r .interval <<<"$output")" = wilson ]
	[ "$(six value low high <<<"$output")" = "$(sqlite3 "$G" "SELECT avg(her_words > 1), count(*) FROM v_contact" | tr '|' ' ' |
		awk '{ z = 1.959963984540054; n = $2; p = $1; c = (p + z*z/(2*n)) / (1 + z*z/n); h = z * sqrt(p*(1-p)/n + z*z/(4*n*n)) / (1 + z*z/n)
			printf "%.6f %.6f %.6f\n", p, c - h, c + h }')" ]
}

@test "a metric is never pooled over the dimensions of its by, and every text column is one" {
	metric topics <<-'E'
		id: topics
		fact: contact
		kind: count
		by: [intent, began]
		statistics: [count, customers, share]
	E
	run -0 figures topics
	jq -r 'select(.statistic == "count") | [.group.intent // "", .group.began, .value, .n] | map(tostring) | join("|")' <<<"$output" | sort >found
	sqlite3 "$G" "SELECT coalesce(intent, ''), began, count(*), count(*) FROM v_contact GROUP BY 1, 2" | sort | diff - found
	jq -r 'select(.statistic == "customers") | [.group.intent // "", .group.began, .value] | map(tostring) | join("|")' <<<"$output" | sort >found
	sqlite3 "$G" "SELECT coalesce(intent, ''), began, count(DISTINCT customer) FROM v_contact GROUP BY 1, 2" | sort | diff - found
	[ "$(jq -s 'map(select(.statistic == "share")) | [(map(.value) | add * 1000 | round), (map(.n) | unique)] | tostring' <<<"$output")" = \
		"\"[1000,[$(sqlite3 "$G" 'SELECT count(*) FROM v_contact')]]\"" ]
	[ "$(figures --by lang topics | jq -sc '[.[].group | keys] | unique')" = '[["began","intent","lang"]]' ]
	sed -i 's/intent, began/intent, colour/' mine/topics.yaml
	run -2 figures topics
	[[ "$output" == "jmetrics: mine/topics.yaml:7: by: no dimension colour; those of its fact (contact) are source, session, channel, "* ]]
}

@test "top shows the largest groups, and the others in one line" {
	metric topics <<-'E'
		id: topics
		fact: contact
		kind: count
		by: [intent]
		top: 3
	E
	sqlite3 "$G" "SELECT coalesce(intent, 'null'), count(*) FROM v_contact GROUP BY intent ORDER BY 2 DESC, intent IS NULL, 1" >all
	run -0 figures topics
	[ "$(jq -r 'select(.status == "ok") | "\(.group.intent)|\(.value)"' <<<"$output")" = "$(sed -n 1,3p all)" ]
	[ "$(jq -c 'select(.status != "ok") | [.status, .n, .value, .group]' <<<"$output")" = \
		"[\"other groups: $(($(wc -l <all) - 3))\",$(sed 1,3d all | awk -F'|' '{ n += $2 } END { print n }'),null,{}]" ]
	[ "$(figures --top 5 topics | jq -r 'select(.status == "ok") | .group.intent')" = "$(sed -n 1,5p all | cut -d'|' -f1)" ]
	[ "$(figures --top 1000 topics | wc -l)" -eq "$(wc -l <all)" ]
	run -2 figures --top 0 topics
	[ "$output" = "jmetrics: --top: from 1" ]
	# A check asks every group: the smallest is one of those that the definition leaves out.
	run -1 jmetrics -q -d "$G" --metrics mine --check "topics > $(tail -n 1 all | cut -d'|' -f2)"
	[ "$(grep -c "^fails: topics > " <<<"$output")" = "$(awk -F'|' -v least="$(tail -n 1 all | cut -d'|' -f2)" '$2 <= least' all | wc -l)" ]
	run -2 jmetrics -q -d "$G" --metrics mine --top 3 --check "topics > 1"
	[ "$output" = "jmetrics: --check and --top do not go together" ]
}

@test "--where restricts the population, and metrics whose facts lack its columns are left out and told" {
	mkdir mine
	run -0 figures --where "wait_known = 1 AND began = 'company'" contacts
	[ "$(jq -s '.[0].value' <<<"$output")" -eq "$(sqlite3 "$G" "SELECT count(*) FROM v_contact WHERE wait_known = 1 AND began = 'company'")" ]
	run -2 figures --where "wait_known = 1" contacts issues
	[ "$output" = "jmetrics: --where: no such column: wait_known (of issues, over facts of the kind issue)" ]
	run -0 --separate-stderr jmetrics -d "$G" -o csv --where "wait_known = 1"
	[[ "$stderr" == *"left out, without a column of --where: issues, first_contact_resolution.explicit, "* ]]
	[[ "$output" != *$'\nissues,'* ]]
	for wrong in "random() > 0" "1) OR (1" "(SELECT body FROM v_event) > 1" "1; SELECT 1" "began ="; do
		run -2 figures --where "$wrong"
		[[ "$output" == "jmetrics: --where: "* ]]
	done
}

@test "a metric over facts that the file has not is told, and left out where nobody named it" {
	metric ratings <<-'E'
		id: ratings
		fact: survey
		kind: count
	E
	cp "$BATS_FILE_TMPDIR/plain.db" own.db
	sqlite3 own.db 'DROP VIEW IF EXISTS v_survey'
	run -2 jmetrics -q -d own.db --metrics mine ratings
	[ "$output" = "jmetrics: ratings: the journey file has no facts of the kind survey" ]
	run -0 --separate-stderr jmetrics -d own.db --metrics mine -o csv
	[[ "$stderr" == *"ratings"* ]]
}

@test "a new fact needs its view alone" {
	metric ratings <<-'E'
		id: ratings
		fact: survey
		kind: mean
		where: scale = '1-5'
		value: answer
	E
	cp "$BATS_FILE_TMPDIR/plain.db" own.db
	sqlite3 own.db "DROP VIEW IF EXISTS v_survey; CREATE TABLE ratings(customer INTEGER, survey INTEGER, scale TEXT, answer INTEGER, at INTEGER);
		CREATE VIEW v_survey AS SELECT 'c' || customer AS who, * FROM ratings;
		INSERT INTO ratings VALUES (1, 1, '1-5', 5, 0), (1, 2, '1-5', 2, 86400000), (2, 3, '1-5', 4, 0), (3, 4, '0-10', 9, 0)"
	run -0 jmetrics -q -d own.db --metrics mine -o ndjson ratings
	[ "$(six value low high n <<<"$output")" = "$(recompute mean own.db "SELECT customer, answer, 1 FROM ratings WHERE scale = '1-5'")" ]
	run -0 jmetrics -q -d own.db --metrics mine -o ndjson --by day ratings
	[ "$(jq -c '[.group.day, .value]' <<<"$output")" = '["1970-01-01",4.5]
["1970-01-02",2]' ]
	run -2 jmetrics -q -d own.db --metrics mine --by channel ratings
	[ "$output" = "jmetrics: ratings has no dimension channel; those of its fact (survey) are scale, day, week, month" ]
	echo 'known_only: true' >>mine/ratings.yaml
	run -2 jmetrics -q -d own.db --metrics mine ratings
	[ "$output" = "jmetrics: mine/ratings.yaml:1: known_only: its fact (survey) says not who is known" ]
}

@test "members that do not go with a kind are refused, and a variant takes none of them from its family" {
	refused() { # refused MESSAGE: of the definition on stdin
		rm -rf mine
		metric x
		run -2 figures x
		[ "$output" = "jmetrics: mine/x.yaml:$1" ] || { echo "$output"; return 1; }
	}
	refused '1: weight goes with kind: mean' <<<$'id: x\nfact: contact\nkind: quantity\nvalue: 1\nweight: 1'
	refused '1: against goes with kind: net' <<<$'id: x\nfact: contact\nkind: rate\nnumerator: 1\nagainst: 1'
	refused '1: against is missing' <<<$'id: x\nfact: contact\nkind: net\nnumerator: 1'
	refused '1: value is missing' <<<$'id: x\nfact: contact\nkind: mean'
	refused '1: statistics goes with kind: count, duration or quantity' <<<$'id: x\nfact: contact\nkind: rate\nnumerator: 1\nstatistics: [rate]'
	refused '8: statistics: p95 is none of median, p90, mean' <<<$'id: x\nfact: contact\nkind: quantity\nvalue: 1\nstatistics: [p95]'
	refused '7: by: a list was expected' <<<$'id: x\nfact: contact\nkind: count\nby: class'
	refused '7: top: not a whole number from 1' <<<$'id: x\nfact: contact\nkind: count\ntop: 0'
	refused '8: weight goes with kind: mean' <<<$'id: x\nfact: contact\nkind: count\nvariants:\n  y: {kind: rate, numerator: 1, weight: 1}'
	refused '7: no such column: colour' <<<$'id: x\nfact: contact\nkind: count\nreasons: {a: colour = 1}'
	rm -rf mine
	metric x <<<$'id: x\nfact: contact\nkind: quantity\nvalue: her_words\nabsent: none\nstatistics: [mean]\nvariants:\n  y: {kind: count}\n  z: {kind: mean}'
	run -0 figures x
	[ "$(jq -r '"\(.metric) \(.statistic)"' <<<"$output")" = "x mean
x.y count
x.z mean" ]
}
