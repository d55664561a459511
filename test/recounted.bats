#!/usr/bin/env bats
# Each figure that jmetrics prints beside the same one that another program's SQL counts from the records (test/bench: facts.sql,
# bounds.sql, the files of $counted, of which each counts some, and hours.sql; dimensions.sql counts in groups), and beside them the
# rows that each leaves out (omitted.sql), and what --compare and --censored say (sides.sql).
# runs: long
bats_require_minimum_version 1.5.0
load helper

load gen/records

counted=(metrics rest switches questions opportunities)

duck() { python3 -B "$TOP/test/bench/duck" "$@"; }

# by_sql FILE ...: the figures that the last of these files counts from the records of k.duck.
by_sql() {
	local files=(facts bounds "$@")

	files=("${files[@]/#/$TOP/test/bench/}")
	duck k.duck ontology="$TOP/ontology" "${files[@]/%/.sql}"
}

# recount EVENTS: the figures of both, in ours, and in files named as $counted; and what they leave out, in omitted.
recount() {
	local part

	rm -rf j.db* k.duck
	jlog append -q -d j.db "$1" >/dev/null
	jmetrics -q -d j.db --ontology "$TOP/fixtures/hours" -o csv >ours
	duck k.duck input="$1" "$TOP/test/bench/load.sql" >/dev/null
	for part in "${counted[@]}"; do
		by_sql "$part" >"$part"
	done
	by_sql rest switches hours >hours
	by_sql rest switches questions opportunities omitted >omitted
}

# differences OURS THEIRS ...: figures that are not the same, or that one side alone has, of CSV files of figures; a rate of 0 of what
# ours calls not observable is none. Then how many ours has.
differences() {
	PYTHONPATH=$TOP/test/bench python3 -B - "$@" <<-'END'
		import sys
		from pairs import figure_differences, figures, rows

		ours = figures(rows(sys.argv[1]))
		dark = {line["metric"] for line in rows(sys.argv[1]) if line["status"].startswith("not observable")}
		theirs = {key: value for path in sys.argv[2:] for key, value in figures(rows(path)).items()
		          if not (key[0] in dark and value[0] == 0)}
		for line in figure_differences(ours, theirs, whole=True):
		    print(line)
		for key in theirs.keys() - ours.keys():
		    print("not ours:", *key, theirs[key])
		print(len(ours))
	END
}

# agree AT_LEAST OURS THEIRS ...: no differences, and so many figures at least, none twice.
agree() {
	local least=$1

	shift
	differences "$@" >told
	[ "$(wc -l <told)" = 1 ] || { head -n 50 told; false; }
	[ "$(cat told)" -ge "$least" ]
	[ "$(cat told)" = "$(grep -c ',ok.$' "$1")" ]
}

# omissions: figures of which not as many rows are immature or left out by SQL, or that ours has not; then how many ours has.
omissions() {
	PYTHONPATH=$TOP/test/bench python3 -B - "$@" <<-'END'
		import sys
		from pairs import rows

		def key(line):
		    return tuple(line.get(name, "") for name in ("metric", "class", "channel", "last_channel"))

		def numbers(line):
		    return int(line["immature"]), int(line["left_out"])

		ours = [line for line in rows(sys.argv[1]) if not line["status"].startswith("not observable")]
		dark = {line["metric"] for line in rows(sys.argv[1])} - {line["metric"] for line in ours}
		theirs = {key(line): numbers(line) for line in rows("omitted") if line["metric"] not in dark}
		for line in ours:
		    if numbers(line) != theirs.get(key(line), (0, 0)):
		        print(*key(line), line["statistic"], "ours", numbers(line), "theirs", theirs.get(key(line)))
		for one in theirs.keys() - set(map(key, ours)):
		    print("not ours:", *one, theirs[one])
		print(len(ours))
	END
}

# leave_out AT_LEAST: the same of both, and so many figures at least that leave some out.
leave_out() {
	omissions ours >told
	[ "$(wc -l <told)" = 1 ] || { head -n 50 told; false; }
	[ "$(awk -F, 'NR > 1 && $15 + $16 > 0' ours | wc -l)" -ge "$1" ]
}

@test "figures and their intervals are those that DuckDB's SQL counts from the records" {
	local seed events change

	python3 -c 'import duckdb' 2>/dev/null || skip "no duckdb"
	for seed in $(seq 61 "$(rounds 61 64)"); do
		jgen -q -n "$(rounds 12000 60000)" --seed "$seed" >made
		python3 -B "$TOP/test/bench/stir" "$seed" <made >stirred
		for events in stirred made; do
			recount "$events"
			agree 300 ours "${counted[@]}" hours
			leave_out 30
			# Nothing is beyond what the log can answer, and so not counted.
			[ "$(grep -vc ',ok.$' ours)" = 1 ]
		done
	done
	# One in the last place too low, too high, and no bound at all; a value, and a figure that is not there.
	for change in '$12 -= step' '$13 += step' '$12 = ""' '$13 = ""'; do
		awk -F, -v OFS=, -v CONVFMT=%.6f 'NR > 1 && $12 != "" && $13 != "" { step = $18 == "s" ? 0.001 : 0.000001; '"$change"' } 1' ours >wrong
		differences wrong "${counted[@]}" hours >told
		[ "$(wc -l <told)" -gt 100 ]
		[ "$(wc -l <told)" = "$(awk -F, '$12 != "" && $13 != ""' ours | wc -l)" ]
	done
	awk -F, -v OFS=, -v CONVFMT=%.6f 'NR > 1 { $9 += $18 == "s" ? 0.001 : 0.000001 } 1' ours >wrong
	differences wrong "${counted[@]}" hours >told
	[ "$(wc -l <told)" = "$(wc -l <ours)" ]
	grep -v '^effort,' ours >fewer
	differences fewer "${counted[@]}" hours >told
	[ "$(grep -c '^not ours: effort ' told)" = 3 ]
	omissions fewer >told
	[ "$(grep -c '^not ours: effort ' told)" = 1 ]
	for change in '$15++' '$16++'; do
		awk -F, -v OFS=, 'NR > 1 { '"$change"' } 1' ours >wrong
		omissions wrong >told
		[ "$(wc -l <told)" = "$(wc -l <ours)" ]
	done

	jmetrics -q -d j.db -o csv --by channel,agent_kind contradiction_rate | sed '/^contradiction_rate\.pairs,/d' >rulings
	jmetrics -q -d j.db -o csv --by order contacts issues repeat_contact_rate | sed -E '/^(contacts|repeat_contact_rate)\./d' >orders
	by_sql rest dimensions >dimensions
	agree 3 rulings <(sed '1p;/^contradiction_rate,/!d' dimensions)
	agree 500 orders <(sed '/^contradiction_rate,/d' dimensions)
}

@test "so are those of small logs, in which bounds are missing" {
	local step events kind

	python3 -c 'import duckdb' 2>/dev/null || skip "no duckdb"
	for step in $(seq "$(rounds 4 40)"); do
		jgen -q -n $((30 * step)) --seed "$step" >made
		python3 -B "$TOP/test/bench/stir" "$step" <made >stirred
		for events in made stirred; do
			recount "$events"
			agree 10 ours "${counted[@]}" hours
			leave_out 5
			cat ours >>all
		done
	done
	grep -qE ',p90,[^,]+,,[0-9]+,[^,]+,,order_statistic,' all
	for kind in rate p90 mean; do
		grep -qE ",$kind,[^,]+,[^,]*,[0-9]+,,,," all
	done
}

# sides: what --compare and --censored say, in files named as sides.sql's sides.
sides() {
	local name a b

	while read -r name a b; do
		jmetrics -q -d j.db -o csv --compare "$a" "$b" >"$name"
	done <<-'END'
		month 2026-01 2026-02
		class class=live class=asynchronous
		agent_kind agent_kind=human agent_kind=bot
	END
	jmetrics -q -d j.db -o csv --censored >none
}

# side_differences: figures of sides.sql that are not the same, and those that one side alone has; a rate of 0 of what ours calls not
# observable is none. Then how many theirs has.
side_differences() {
	PYTHONPATH=$TOP/test/bench python3 -B - <<-'END'
		from pairs import close, rows

		def numbers(line, names):
		    return [line[name] and float(line[name]) for name in names]

		def key(sides, line):
		    return sides, line["metric"], line.get("class", ""), line["statistic"]

		columns = {sides: ("a_value", "b_value", "difference", "low", "high") for sides in ("month", "class", "agent_kind")}
		columns["none"] = ("value", "numerator", "n", "low", "high")
		theirs = {key(line["sides"], line): numbers(line, [{"a_value": "a", "b_value": "value"}.get(name, name) for name in names])
		          for line in rows("theirs") for names in [columns[line["sides"]]]}
		ours, dark = {}, set()
		for sides, names in columns.items():
		    for line in rows(sides):
		        if line["status"] == "ok" and (sides == "none") == (line["statistic"] == "kaplan_meier"):
		            ours[key(sides, line)] = (line["unit"], numbers(line, names))
		        dark |= {line["metric"]} if line["status"].startswith("not observable") else set()
		for one, values in theirs.items():
		    if one in ours and not all(close(*pair, ours[one][0], True) for pair in zip(ours[one][1], values)):
		        print(*one, "ours", ours[one][1], "theirs", values)
		    if one not in ours and (one[1] not in dark or any(values[:2])):
		        print("not ours:", *one, values)
		counted = {(one[1], one[3]) for one in theirs}
		for one, (unit, values) in ours.items():
		    if one not in theirs and (one[1], one[3]) in counted and (one[0] == "agent_kind") == (one[1] == "contradiction_rate"):
		        print("not theirs:", *one, values)
		print(len(theirs))
	END
}

@test "differences of two sides, and estimates of what is not mature, are those of DuckDB's SQL" {
	local seed events change

	python3 -c 'import duckdb' 2>/dev/null || skip "no duckdb"
	for seed in $(seq 21 "$(rounds 21 40)"); do
		jgen -q -n 150 --seed "$seed" >made
		jgen -q -n 2000 --seed "$seed" | python3 -B "$TOP/test/bench/stir" "$seed" >stirred
		for events in made stirred; do
			rm -rf j.db* k.duck
			jlog append -q -d j.db "$events" >/dev/null
			duck k.duck input="$events" "$TOP/test/bench/load.sql" >/dev/null
			by_sql rest dimensions sides >theirs
			sides
			side_differences >told
			[ "$(wc -l <told)" = 1 ] || { cat told; false; }
			[ "$(cat told)" -gt 20 ]
		done
	done
	for change in '$low += 1' '$high = ""' '$difference -= 1'; do
		sides
		for events in month class; do
			awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) { if ($i == "low") low = i; if ($i == "high") high = i
				if ($i == "difference") difference = i } } NR > 1 && $low != "" { '"$change"' } 1' "$events" >wrong
			mv wrong "$events"
		done
		side_differences >told
		[ "$(wc -l <told)" -gt 20 ]
	done
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
	duck k.duck input=events "$TOP/test/bench/load.sql" >/dev/null
	by_sql questions >questions
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
	recount events
	agree 10 ours "${counted[@]}" hours
	grep -q '^channel_switch_success.explicit,.*,rate,1,3,3,' ours
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
	duck k.duck input=events "$TOP/test/bench/load.sql" >/dev/null
	by_sql questions >questions
	grep "^repeat_information_rate,.*,$moves," questions
}
