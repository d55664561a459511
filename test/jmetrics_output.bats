#!/usr/bin/env bats
# What jmetrics writes for other programs, and what it answers.

bats_require_minimum_version 1.5.0
load helper

# facts: f.db, with the facts of fixtures/jmetrics/facts.sql (see jmetrics.bats)
facts() {
	echo '{"specversion":"1.0","id":"h","source":"helpdesk/acme","type":"stage.changed","time":"2026-04-30T00:00:00.000Z","session":"s0","channel":"web","direction":"internal","actor":"system","data":{"stage":"service"}}' |
		jlog append -q -d f.db
	jmetrics -q -d f.db -o csv contacts > built.csv
	sqlite3 f.db < "$TOP/fixtures/jmetrics/facts.sql"
}

# valid: the file is what Prometheus reads; promtool exits 3 where it reads it and has something to say about style
valid() {
	local code=0

	"$TOP/test/check_prom.py" < "$1"
	if command -v promtool > /dev/null; then
		promtool check metrics < "$1" || code=$?
		[ $code -eq 0 ] || [ $code -eq 3 ]
	fi
}

@test "prom: every value of the records is a sample, and nothing else is" {
	facts
	jmetrics -q -d f.db -o prom > all.prom
	valid all.prom
	jmetrics -q -d f.db -o ndjson |
		jq -r 'select(.value != null) | "\(.metric | gsub("\\."; "_")) \(.group.class // "") \(.statistic) \(.window // "") \(.value)"' | sort > records
	sed -nE '/^jtools_.*statistic=/ { /^jtools_[a-z_]*(_low|_high|_n|_numerator)\{/d; p }' all.prom |
		sed -E 's/^jtools_([a-z_]+)\{(class="([a-z]*)",)?statistic="([a-z0-9]*)"(,window="([0-9a-z]*)")?\} (.*)/\1 \3 \4 \6 \7/' | sort > samples
	diff records samples
	[ "$(grep -c . records)" -gt 20 ]
	# not mature: no value, no line
	jmetrics -q -d f.db -o prom --window 90d repeat_contact_rate > none.prom
	valid none.prom
	run ! grep -q repeat_contact_rate none.prom
}

@test "prom: bounds, n and numerator are metrics of their own" {
	facts
	run -0 jmetrics -q -d f.db -o prom repeat_contact_rate.any_intent
	[ "$(grep -v '^#' <<< "$output" | head -5)" = 'jtools_repeat_contact_rate_any_intent{statistic="rate",window="7d"} 0.428571
jtools_repeat_contact_rate_any_intent_low{statistic="rate",window="7d"} 0.15822
jtools_repeat_contact_rate_any_intent_high{statistic="rate",window="7d"} 0.749542
jtools_repeat_contact_rate_any_intent_n{statistic="rate",window="7d"} 7
jtools_repeat_contact_rate_any_intent_numerator{statistic="rate",window="7d"} 3' ]
	[[ "$output" == *'# TYPE jtools_repeat_contact_rate_any_intent_low gauge'* ]]
	[[ "$output" == *$'\njtools_log_sequence 1\n'* ]]
	[[ "$output" == *$'\njtools_horizon_timestamp_seconds 1777507200\n'* ]]
	[[ "$output" == *'jtools_ontology_info{ontology="base/1.0.0"} 1' ]]
}

@test "prom: names from the log are escaped, and titles" {
	facts
	sqlite3 f.db "UPDATE contact SET family = 'a\"b\\c' || char(10) || '}{,=é'"
	mkdir mine
	printf 'jtools: metric/1\nversion: "1"\nid: odd\ntitle: "a \\\\ b\\nc"\nfact: contact\nkind: count\n' > mine/odd.yaml
	jmetrics -q -d f.db -o prom --metrics mine --by family odd > odd.prom
	valid odd.prom
	grep -qF 'jtools_odd{family="a\"b\\c\n}{,=é",statistic="count"} 10' odd.prom
	grep -qF '# HELP jtools_odd a \\ b\nc (odd 1): count in rows' odd.prom
}

@test "prom: two metrics of one name are refused" {
	facts
	mkdir mine
	printf 'jtools: metric/1\nversion: "1"\nid: contacts_n\ntitle: N\nfact: contact\nkind: count\n' > mine/n.yaml
	run -2 jmetrics -q -d f.db -o prom --metrics mine contacts contacts_n
	[[ "${lines[-1]}" == "jmetrics: contacts and contacts_n have one name in Prometheus: jtools_contacts_n" ]]
	run -0 jmetrics -q -d f.db -o prom --metrics mine contacts_n
}

@test "prom: an empty log has its position and no more" {
	: | jlog append -q -d e.db
	jmetrics -d e.db -o prom > e.prom
	valid e.prom
	[ "$(grep -v '^#' e.prom)" = 'jtools_log_sequence 0
jtools_ontology_info{ontology="base/1.0.0"} 1' ]
}

@test "md: the terminal's table as GitHub's, with where the log stood" {
	facts
	run -0 jmetrics -q -d f.db -o md --by family contacts.offered escalation_rate
	[ "${lines[0]}" = "| family | metric | value | 95% interval | n | window | note |" ]
	[ "${lines[1]}" = "| --- | --- | ---: | ---: | ---: | ---: | --- |" ]
	[ "${lines[2]}" = "| billing | contacts.offered | 3 |  | 3 |  | 1 with an assumed time |" ]
	[ "${lines[6]}" = "| delivery | escalation_rate | 25.0% | 4.6% – 69.9% | 4 |  |  |" ]
	[[ "${lines[-1]}" =~ ^as\ of\ 20[0-9T:.-]+Z\ \(sequence\ 1\),\ horizon\ 2026-04-30T00:00:00.000Z,\ base/1.0.0$ ]]
	[ "$(jmetrics -q -d f.db -o md --by family contacts | tail -2 | head -1)" = "" ]
}

@test "md: no name from the log ends a cell or a row, or is markup" {
	facts
	sqlite3 f.db "UPDATE contact SET family = 'a|b\\|c' || char(10) || '<i>*d*'"
	run -0 jmetrics -q -d f.db -o md --by family contacts.offered
	[ "${lines[2]}" = '| a\|b\\\|c \<i>\*d\* | contacts.offered | 9 |  | 9 |  | 1 with an assumed time |' ]
}
