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

@test "--check: 0 where all hold, 1 where one does not, and that is said in the unit asked in" {
	facts
	run -0 jmetrics -q -d f.db --check 'repeat_contact_rate < 30%' --check 'repeat_contact_rate<=0.285714' --check ' contacts >= 10 '
	[ -z "$output" ]
	run -1 jmetrics -q -d f.db --check 'repeat_contact_rate < 20%' --check 'contacts > 9' --check 'contacts > 10'
	[ "$output" = "fails: repeat_contact_rate < 20%: 28.5714%, n 7
fails: contacts > 10: 10, n 10" ] || [ "$output" = "fails: contacts > 10: 10, n 10
fails: repeat_contact_rate < 20%: 28.5714%, n 7" ]
	# 1/5 is 20 %: as written, not as a double has it
	run -0 jmetrics -q -d f.db --check 'channel_switch_success.explicit <= 20%' --check 'channel_switch_success.explicit >= 0.2'
	run -1 jmetrics -q -d f.db --check 'channel_switch_success.explicit > 20%'
}

@test "--check: a share is at most 1, so that 40 was meant as 40%" {
	facts
	run -2 jmetrics -q -d f.db --check 'repeat_contact_rate < 40'
	[ "$output" = "jmetrics: --check: repeat_contact_rate/rate is a share, at most 1: 40%?" ]
	run -2 jmetrics -q -d f.db --check 'first_response_time.any/unanswered < 40'
	[ "$output" = "jmetrics: --check: first_response_time.any/unanswered is a share, at most 1: 40%?" ]
	run -0 jmetrics -q -d f.db --check 'repeat_contact_rate <= 1' --check 'contacts < 400'
}

@test "--check: durations take spans, every class must hold, and the median is meant" {
	facts
	run -0 jmetrics -q -d f.db --check 'first_response_time.any <= 2h' --check 'first_response_time.any/median <= 7200'
	run -1 jmetrics -q -d f.db --check 'first_response_time.any < 1.5h' --check 'first_response_time.any/unanswered < 22%'
	[ "$output" = "fails: first_response_time.any < 1.5h, class=asynchronous: 2h, n 3
fails: first_response_time.any/unanswered < 22%, class=asynchronous: 25%, n 4" ]
}

@test "--check: with --by every group must hold, and the one that does not is named" {
	facts
	run -1 jmetrics -q -d f.db --by channel --check 'contacts.handled < 4'
	[ "$output" = "fails: contacts.handled < 4, channel=email: 4, n 4" ]
	sqlite3 f.db "UPDATE contact SET family = char(27) || '[2J' WHERE family = 'delivery'"
	run -1 jmetrics -q -d f.db --by family --check 'contacts.offered < 4'
	[ "$output" = "fails: contacts.offered < 4, family=?[2J: 5, n 5" ]
}

@test "--check: a family stands for its variants, a metric for itself" {
	facts
	run -1 jmetrics -q -d f.db --check 'first_contact_resolution > 99%'
	[ "${#lines[@]}" -eq 2 ]
	run -0 jmetrics -q -d f.db --check 'repeat_contact_rate < 30%' --check 'repeat_contact_rate.any_intent > 40%'
}

@test "--check: of metrics that have one id, the one that was asked for is named" {
	facts
	sqlite3 f.db "INSERT INTO survey(gen, customer, survey, started, known, scale, score) SELECT gen, customer, 1, started, known, 'csat5', 4 FROM contact LIMIT 1"
	run -1 jmetrics -q -d f.db --check 'csat5 > 200%' --check 'csat5.mean > 99'
	[[ "$output" == *"fails: csat5 > 200%: "* ]]
	[[ "$output" == *"fails: csat5.mean > 99: "* ]]
	run -2 jmetrics -q -d f.db --check 'csat5.mean > 50%'
	[[ "$output" == *"--check: csat5.mean/mean is in "* ]]
	run -2 jmetrics -q -d f.db --check 'csat5.mean/p90 > 5'
	[[ "$output" == *"--check: csat5.mean has no statistic p90"* ]]
}

@test "--check: what has no value does not hold, and why is told" {
	facts
	sqlite3 f.db "UPDATE contact SET escalated = 0"
	run -1 jmetrics -q -d f.db --check 'escalation_rate < 50%' --window 90d --check 'repeat_contact_rate < 99%'
	[ "$(sort <<< "$output")" = "fails: escalation_rate < 50%: not observable: events escalated
fails: repeat_contact_rate < 99%: no rows, 8 not mature" ]
	: | jlog append -q -d e.db
	run -1 jmetrics -q -d e.db --check 'first_response_time.any < 1h'
	[ "$output" = "fails: first_response_time.any < 1h: no rows" ]
}

@test "--check: what is no check is a wrong line" {
	facts
	refused() {
		run -2 jmetrics -q -d f.db "${@:2}"
		[ "$output" = "jmetrics: $1" ] || { echo "$output"; return 1; }
	}
	refused "--check: none of <, <=, >, >=: contacts = 5" --check 'contacts = 5'
	refused "--check: it names no metric or statistic: < 5" --check '< 5'
	refused "--check: not a number, a share like 20% or a span like 2h: contacts < five" --check 'contacts < five'
	refused "--check: not a number, a share like 20% or a span like 2h: contacts < " --check 'contacts < '
	refused "--check: not a number, a share like 20% or a span like 2h: contacts <> 5" --check 'contacts <> 5'
	refused "no such metric: contactz (did you mean contacts or contact_abandonment_rate?)" --check 'contactz < 5'
	refused "--check: contacts/count is in contacts, and 5% is not" --check 'contacts < 5%'
	refused "--check: escalation_rate/rate is in ratio, and 2h is not" --check 'escalation_rate < 2h'
	refused "--check: escalation_rate has no statistic p90" --check 'escalation_rate/p90 < 2'
	refused "--check names its metrics and writes no figures: not with contacts" --check 'contacts < 5' contacts
	refused "--check names its metrics and writes no figures: not with --output" --check 'contacts < 5' -o csv
}

@test "the verb measure is what is meant without one" {
	facts
	[ "$(jmetrics measure -q -d f.db -o csv contacts)" = "$(jmetrics -q -d f.db -o csv contacts)" ]
	[ "$(jmetrics measure --list)" = "$(jmetrics --list)" ]
}

@test "jmetrics - gives what a journey file gives, and leaves nothing behind" {
	mkdir tmp
	jgen -n 3000 --seed 3 -q > log.nd
	jlog append -q -d j.db < log.nd > told
	jmetrics -q -d j.db -o ndjson | jq -c 'del(.as_of)' > file.out
	TMPDIR=$PWD/tmp jmetrics -o ndjson - < log.nd 2> err | jq -c 'del(.as_of)' > pipe.out
	cmp file.out pipe.out
	[ "$(wc -l < file.out)" -gt 20 ]
	[ "$(tail -1 err)" = "jmetrics: read 3000 = written 2969 + duplicates 31 + rejected 0" ]
	[ -z "$(ls tmp)" ]
	[ "$(jmetrics -q -d j.db -o csv --by channel contacts | wc -l)" = "$(jmetrics -q -o csv --by channel - contacts < log.nd | wc -l)" ]
	[ ! -e journey.db ]
}

@test "jmetrics - counts and keeps what it refuses, and the code says it" {
	jgen -n 300 --seed 3 -q > log.nd
	{ head -100 log.nd; echo junk; sed -n '101,$p' log.nd; } > bad.nd
	run -65 --separate-stderr jmetrics --reject bad.letters -o csv - contacts < bad.nd
	[ "$(cut -d, -f1-15 <<< "$output")" = "$(jmetrics -q -o csv - contacts < log.nd | cut -d, -f1-15)" ]
	[[ "$stderr" == *"jmetrics: <stdin>:101: "* ]]
	[[ "$stderr" == *"read 301 = written "*" + rejected 1" ]]
	[ "$(jq -r .line bad.letters)" = 101 ]
	run -65 jmetrics -q --check 'contacts < 1' - < bad.nd
	run -1 jmetrics -q --check 'contacts < 1' - < log.nd
	[[ "$output" == "fails: contacts < 1: "* ]]
}

@test "jmetrics - takes no file beside, leaves nothing when killed, and tells where it cannot write" {
	run -2 jmetrics -d f.db - < /dev/null
	[ "$output" = "jmetrics: --db and -: which is to be read?" ]
	run -2 jmetrics --reject x -d f.db
	[ "$output" = "jmetrics: --reject goes with - (records from stdin)" ]
	TMPDIR=$PWD/nowhere run -2 jmetrics - < /dev/null
	[ "$output" = "jmetrics: $PWD/nowhere: No such file or directory" ]
	mkdir tmp
	mkfifo in
	TMPDIR=$PWD/tmp jmetrics - < in > out 2>&1 &
	exec {hold}> in
	jgen -n 100 --seed 3 -q >&"$hold"
	sleep 0.3
	kill -9 $!
	wait $! || true
	exec {hold}>&-
	[ -z "$(ls tmp)" ]
}
