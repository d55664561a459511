#!/usr/bin/env bats
# Figures beside those that another program's SQL counts from the records (test/bench: facts.sql, metrics.sql, rest.sql,
# questions.sql, opportunities.sql, switches.sql, dimensions.sql).
# runs: long
bats_require_minimum_version 1.5.0
load helper

load gen/records

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
			duck k.duck "$TOP/test/bench/facts.sql" "$TOP/test/bench/questions.sql" >questions
			differences ours some rest switches questions >told
			[ "$(wc -l <told)" = 1 ] || { cat told; false; }
			[ "$(cat told)" -ge 105 ]
		done
		duck k.duck "$TOP/test/bench/facts.sql" "$TOP/test/bench/opportunities.sql" >opportunities
		differences ours some rest switches questions opportunities >told
		[ "$(wc -l <told)" = 1 ] || { cat told; false; }
		[ "$(cat told)" -ge 300 ]
	done
	jmetrics -q -d j.db -o csv --by channel,agent_kind contradiction_rate >rulings
	jmetrics -q -d j.db -o csv --by order contacts issues repeat_contact_rate >orders
	duck k.duck "$TOP/test/bench/facts.sql" "$TOP/test/bench/rest.sql" "$TOP/test/bench/dimensions.sql" >dimensions
	differences rulings <(sed '1p;/^contradiction_rate,/!d' dimensions) >told
	[ "$(wc -l <told)" = 1 ] || { cat told; false; }
	[ "$(cat told)" -ge 3 ]
	differences orders <(sed '/^contradiction_rate,/d' dimensions) >told
	[ "$(wc -l <told)" = 1 ] || { head told; false; }
	[ "$(cat told)" -ge 500 ]
	sed -E 's/^(repeat_contact_rate,.*,rate,|repeat_information_rate,.*,rate,|sentiment,.*,mean,|channel_switch_success.explicit,.*,rate,)[^,]*/\10.9/' ours >wrong
	run ! cmp -s ours wrong
	differences wrong some rest switches questions opportunities >told
	grep -q '^repeat_contact_rate ' told
	grep -q '^repeat_information_rate ' told
	grep -q '^sentiment ' told
	grep -q '^channel_switch_success.explicit ' told
	# Bounds of a mean, a net share and a quantile, which the rates' do not stand for.
	awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		($1 == "csat5" || $1 == "effort") && $at["statistic"] == "mean" || $1 == "nps" && $at["statistic"] == "net" ||
			$1 == "wait_time" && $at["statistic"] == "p90" { $at["low"] += 0.01 } { print }' ours >wrong
	differences wrong rest >told
	[ "$(grep -cE '^(csat5|effort) .*mean:|^nps .*net:|^wait_time .*p90:' told)" = 4 ]
}

@test "what is said in a call that waits is charged when it is said, by DuckDB's SQL as well" {
	local order='"intent":"delivery.late","entities":{"order":"P-1"}'

	python3 -c 'import duckdb' 2>/dev/null || skip "no duckdb"
	{
		her 1 "02 10:00" session=w channel=whatsapp "$(phone +551),$order"
		rec 2 "02 10:01" session=w channel=whatsapp direction=out actor=bot '"agent":"b1","text":"hm"'
		rec 3 "02 10:30" type=call session=v channel=voice source=pbx/a \
			"$(phone +551),\"intent\":\"delivery.late\",\"reason\":\"answered\",\"wait\":600,\"duration\":900,\"agent\":\"ana\",\"signals\":[\"repeat\"]"
		rec 4 "02 10:32" session=w channel=whatsapp direction=out actor=bot '"agent":"b1","text":"which order?","asks":["order"]'
	} >events
	jlog append -q -d j.db events >/dev/null
	jmetrics -q -d j.db -o csv repeat_information_rate >ours
	grep -q '^repeat_information_rate,.*,rate,1,.*,2,' ours
	duck k.duck input=events "$TOP/test/bench/load.sql" "$TOP/test/bench/facts.sql" "$TOP/test/bench/questions.sql" >questions
	differences ours questions >told
	[ "$(grep -c '^repeat_information_rate' told)" = 0 ] || { cat told; false; }
	grep '^repeat_information_rate,' questions
}

@test "what is known, and who answers first, goes by when it is said, by DuckDB's SQL as well" {
	local i me you

	python3 -c 'import duckdb' 2>/dev/null || skip "no duckdb"
	for i in 1 2 3; do
		me=$(phone "+55$i") you=$(phone "+56$i")
		# She tells her order in a call that waits, and is asked for it where she writes meanwhile.
		called "a$i" "02 10:30" '"intent":"delivery.late","entities":{"order":"P-1"}' | sed "s/\"c\"/\"c$i\"/"
		her "b$i" "02 10:32" session="w$i" "$me,\"intent\":\"delivery.late\""
		rec "c$i" "02 10:3$((i + 2))" session="w$i" direction=out actor=bot '"agent":"b1","text":"which order?","asks":["order"]'
		rec "d$i" "02 11:00" type=case.closed session="w$i" direction=internal actor=system
		# We write while we call.
		her "e$i" "03 10:00" session="y$i" "$you"
		rec "f$i" "03 10:01" type=call session="v$i" channel=voice source=pbx/a direction=out actor=agent \
			"$you,\"reason\":\"answered\",\"wait\":60,\"duration\":90,\"agent\":\"ana\""
		rec "g$i" "03 10:01:2$i" session="m$i" channel=email direction=out actor=agent "$you,\"agent\":\"bia\""
	done >events
	her h "20 10:00" session=z "$(phone +570)" >>events
	jlog append -q -d j.db events >/dev/null
	jmetrics -q -d j.db -o csv channel_switch_success.explicit no_follow_up_rate first_response_time.{any,human,useful} >ours
	grep -q '^channel_switch_success.explicit,.*,rate,1,3,3,' ours
	duck k.duck input=events "$TOP/test/bench/load.sql" "$TOP/test/bench/facts.sql" "$TOP/test/bench/metrics.sql" >some
	duck k.duck "$TOP/test/bench/facts.sql" "$TOP/test/bench/rest.sql" >rest
	duck k.duck "$TOP/test/bench/facts.sql" ontology="$TOP/ontology" "$TOP/test/bench/switches.sql" >switches
	differences ours some rest switches >told
	grep -q '^not ours: wait_time live ' told # which was not asked for: it was looked at
	run -1 grep ': ours ' told
}

@test "moves up to five minutes after the first are one, by DuckDB's SQL as well" {
	local minute moves=2

	python3 -c 'import duckdb' 2>/dev/null || skip "no duckdb"
	{
		her 1 "02 10:00" session=w channel=whatsapp "$(phone +551),\"intent\":\"delivery.late\""
		for minute in 10 14 15 16 20; do
			rec m$minute "02 10:$minute" type=transferred session=w channel=whatsapp actor=agent direction=internal '"to":"x"'
		done
	} >events
	jlog append -q -d j.db events >/dev/null
	# 10:10 to 10:15, and 10:16 to 10:20
	[ "$(jproject -d j.db moves -o ndjson | wc -l)" = "$moves" ]
	duck k.duck input=events "$TOP/test/bench/load.sql" "$TOP/test/bench/facts.sql" "$TOP/test/bench/questions.sql" >questions
	grep "^repeat_information_rate,.*,$moves," questions
}
