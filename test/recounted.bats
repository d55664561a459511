#!/usr/bin/env bats
# Figures beside those that another program's SQL counts from the records (test/bench: facts.sql, metrics.sql, rest.sql,
# questions.sql, opportunities.sql, switches.sql, hours.sql).
# runs: long
bats_require_minimum_version 1.5.0
load helper

duck() { python3 -B "$TOP/test/bench/duck" "$@"; }

# differences OURS THEIRS ...: figures that are not the same, of CSV files of figures, and those that ours has not; then how many were
# looked at.
differences() {
	PYTHONPATH=$TOP/test/bench python3 -B - "$@" <<-'END'
		import sys
		from pairs import figure_differences, figures, rows

		ours = figures(rows(sys.argv[1]))
		theirs = {key: value for path in sys.argv[2:] for key, value in figures(rows(path)).items()}
		for line in figure_differences({key: value for key, value in ours.items() if key in theirs}, theirs):
		    print(line)
		for key in theirs.keys() - ours.keys():
		    print("not ours:", *key)
		print(len(theirs))
	END
}

@test "figures and their intervals are those that DuckDB's SQL counts from the records" {
	local seed events

	python3 -c 'import duckdb' 2>/dev/null || skip "no duckdb"
	for seed in $(seq 61 "$(rounds 61 64)"); do
		jgen -q -n "$(rounds 12000 60000)" --seed "$seed" >made
		python3 -B "$TOP/test/bench/stir" "$seed" <made >stirred
		for events in stirred made; do
			rm -rf j.db* k.duck
			jlog append -q -d j.db "$events" >/dev/null
			jmetrics -q -d j.db -o csv >ours
			duck k.duck input="$events" "$TOP/test/bench/load.sql" "$TOP/test/bench/facts.sql" "$TOP/test/bench/metrics.sql" >some
			duck k.duck "$TOP/test/bench/facts.sql" "$TOP/test/bench/rest.sql" >rest
			duck k.duck "$TOP/test/bench/facts.sql" ontology="$TOP/ontology" "$TOP/test/bench/switches.sql" >switches
			differences ours some rest switches >told
			[ "$(wc -l <told)" = 1 ] || { cat told; false; }
			[ "$(cat told)" -ge 105 ]
			jmetrics -q -d j.db --ontology "$TOP/fixtures/hours" -o csv >open
			duck k.duck "$TOP/test/bench/facts.sql" "$TOP/test/bench/rest.sql" ontology="$TOP/ontology" "$TOP/test/bench/switches.sql" \
				"$TOP/test/bench/hours.sql" >hours
			differences open hours >told
			[ "$(cat told)" = 24 ] || { cat told; false; }
		done
		duck k.duck "$TOP/test/bench/facts.sql" "$TOP/test/bench/questions.sql" >questions
		duck k.duck "$TOP/test/bench/facts.sql" "$TOP/test/bench/opportunities.sql" >opportunities
		differences ours some rest switches questions opportunities >told
		[ "$(wc -l <told)" = 1 ] || { cat told; false; }
		[ "$(cat told)" -ge 300 ]
	done
	sed -E 's/^(repeat_contact_rate,.*,rate,|repeat_information_rate,.*,rate,|sentiment,.*,mean,|channel_switch_success.explicit,.*,rate,)[^,]*/\10.9/' ours >wrong
	run ! cmp -s ours wrong
	differences wrong some rest switches questions opportunities >told
	grep -q '^repeat_contact_rate ' told
	grep -q '^repeat_information_rate ' told
	grep -q '^sentiment ' told
	grep -q '^channel_switch_success.explicit ' told
}
