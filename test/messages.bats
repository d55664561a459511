#!/usr/bin/env bats
# What the tools say to people: a slip of the pen, the first run, a long run.
bats_require_minimum_version 1.5.0
load helper
load gen/records

@test "a verb or an option that there is not is told with those it is like" {
	run -2 jlog appnd
	is "$output" "jlog: no such verb: appnd (did you mean append?)"
	run -2 jlog zzz
	[[ "$output" == "jlog: no such verb: zzz (append, cat, "* ]]
	run -2 jnorm --fromat x
	is "${lines[1]}" "jnorm: did you mean --format or --formats?"
	run -2 jlog --wiat=3s cat
	is "${lines[1]}" "jlog: did you mean --wait or --into?"
	run -2 jlog --zzzzzz
	is "${#lines[@]}" 2
	run -2 jlog -Z
	is "${#lines[@]}" 2
}

@test "a time that is not before the one it goes up to is told, for there is nothing between" {
	gen_records 20 | jlog -q append
	for tool in 'jlog cat' 'jmetrics' 'jproject contacts' 'jreport'; do
		# shellcheck disable=SC2086 # a tool and its verb
		run -2 $tool --since 2026-03-02 --until 2026-03-01
		[[ "$output" == *": --since 2026-03-02 is not before --until 2026-03-01" ]]
	done
	run -2 jlog cat --recorded-since 2026-03-01 --recorded-until 2026-03-01
	is "$output" "jlog: --recorded-since 2026-03-01 is not before --recorded-until 2026-03-01"
	run -2 jlog cat --from 10 --to 5
	is "$output" "jlog: --from 10 is behind --to 5"
	run -0 jlog cat --from 5 --to 5
	run -0 jlog cat --since 2026-03-01 --until 2026-03-02
	run -0 jlog cat --since 2026-03-02 --recorded-until 2026-03-01
}

@test "who gives an export where its records are meant is told what makes records of it" {
	printf 'time,from,text\n2026-03-01,ana,hello\n2026-03-02,bo,hi\n' > export.csv
	for tool in 'jlog append' jintent jredact; do
		# shellcheck disable=SC2086 # a tool and its verb
		run -65 --separate-stderr $tool export.csv
		# shellcheck disable=SC2154 # run sets it
		[[ "$stderr" == *": none of the lines is a record: jnorm makes records of exports"* ]]
	done
	{ cat export.csv && her 1 "01 09:00"; } > half.ndjson
	run -65 --separate-stderr jlog append half.ndjson
	[[ "$stderr" != *"none of the lines"* ]]
}

@test "who has no journey file yet is told in three lines how to come by one, who names one in one" {
	for tool in jmetrics 'jlog head' 'jproject contacts'; do
		# shellcheck disable=SC2086 # a tool and its verb
		run -2 $tool
		is "${#lines[@]}" 3
		[[ "${lines[0]}" == *": journey.db: No such file or directory" ]]
		[[ "${lines[1]}" == *"jnorm EXPORT ... | jintent | jlog append" ]]
	done
	run -2 jmetrics -d other.db
	is "$output" "jmetrics: other.db: No such file or directory"
}

@test "a run of more than two seconds tells on a terminal how far it is, and elsewhere nothing" {
	command -v script >/dev/null || skip "no script(1)"
	history -v seed=1 -v n=400 -v people=9 >in
	# Its time runs from when it has begun.
	cat >slowly <<-'END'
		db=$1
		shift
		{
			head -n 200 in
			until [ -s "$db" ]; do sleep 0.05; done
			sleep 2.6
			tail -n 200 in
		} | jlog -d "$db" append "$@"
	END
	script -qec "bash slowly a.db >out" /dev/null </dev/null >shown
	grep -qE 'jlog: [0-9]+ records, [0-9]+ a second' shown
	# Its line is gone when the summary comes.
	grep -qE $'\r\e\\[Kjlog: read 400 = written 400' shown
	bash slowly b.db 2>told >out
	is "$(cat told)" "jlog: read 400 = written 400 + duplicates 0 + rejected 0"
	script -qec "bash slowly c.db -q >out" /dev/null </dev/null >shown
	[ ! -s shown ]
}
