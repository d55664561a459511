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
