#!/usr/bin/env bats
# jintent --with: labels by a program that runs beside it.
bats_require_minimum_version 1.5.0
load helper

SMALL=$TOP/fixtures/jintent/ontology

# event ID TEXT: a customer's message
event() {
	printf '{"specversion":"1.0","id":"%s","source":"chat/t","type":"message","time":"2026-03-02T14:05:10Z","direction":"in","actor":"customer","data":{"text":"%s"}}\n' "$1" "$2"
}

# events N: that many, each of which the built-in classifier knows to be a refund
events() {
	event 1 refund | awk -v n="$1" '{ for (i = 1; i <= n; i++) { one = $0; sub(/"id":"1"/, "\"id\":\"" i "\"", one); print one } }'
}

# by CMD ARG...: jintent with the small ontology and a program
by() {
	jintent --ontology "$SMALL" --with "$@"
}

# A program that takes everything for thanks.
THANKS="sed -u 's/\"data\":{/\"data\":{\"intent\":\"courtesy.thanks\",\"confidence\":0.5,/'"

# order FILE N: the ids are 1 to N in their order
order() {
	diff <(jq -r .id "$1") <(seq "$2")
}

intents() {
	jq -r .data.intent "$1" | sort | uniq -c | awk '{ print $2, $1 }' | paste -sd ' '
}

@test "labels come from the program, in order, and all else from the record" {
	events 1000 >in
	by "$THANKS" in >out 2>err
	order out 1000
	[ "$(intents out)" = 'courtesy.thanks 1000' ]
	[ "$(cat err)" = 'jintent: read 1000 = written 1000 + duplicates 0 + rejected 0 (1000 answered)' ]
	event 1 refund | by "sed 's/refund/nothing/; s/\"data\":{/&\"agent\":\"x\",\"lang\":\"en\",\"sentiment\":0.25,\"signals\":[\"frustration\"],\"entities\":{\"order\":\"7\"},/; s/\"type\":\"message\"/\"type\":\"t\"/'" -q >out
	jq -ce '.type == "message" and .data.text == "refund" and (.data | has("agent") | not)
		and .data.lang == "en" and .data.sentiment == 0.25 and .data.signals == ["frustration"]
		and .data.entities.order == "7" and .data.ontology' out
}

@test "an answer without labels says that there are none" {
	events 20 >in
	by cat -q in | cmp - in
}

@test "labels that are there stay, and go with --relabel" {
	event 1 hi | sed 's/"data":{/&"intent":"billing.refund","signals":["frustration"],/' >in
	by "$THANKS" -q in | cmp - in
	[ "$(by "$THANKS" -q --relabel in | jq -c '[.data.intent, .data.signals]')" = '["courtesy.thanks",["frustration"]]' ]
	by cat -q --relabel in | cmp - in
}

@test "what a program says is not explained" {
	run -2 by cat --explain /dev/null
	[ "$output" = 'jintent: --explain is about the built-in classifier: not with --with' ]
}

@test "records without a text pass by, and keep their place" {
	{ event 1 hi; event 2 x | jq -c 'del(.data.text)'; event 3 hi; } >in
	by "tee seen" -q in >out
	order out 3
	[ "$(jq -r .id seen | paste -sd ' ')" = '1 3' ]
}

@test "what a system or nobody says is not for the program" {
	{
		event 1 hi
		event 2 'you are third in the queue' | sed 's/"in"/"out"/; s/"customer"/"system"/'
		event 3 hi | sed 's/"customer"/"bot"/'
		event 4 hi | sed 's/"in"/"out"/; s/"customer"/"bot"/'
	} >in
	by "tee seen" -q in >out
	order out 4
	[ "$(jq -r .id seen | paste -sd ' ')" = '1 4' ]
}

@test "the built-in classifier answers where the program is wrong" {
	events 50 >in
	by 'while read -r line; do echo garbage; done' in >out 2>err
	order out 50
	[ "$(intents out)" = 'billing.refund 50' ]
	grep -q '(0 answered, 50 wrong)' err
	by "sed -u 's/\"id\":\"/&x/'" in >out 2>err
	[ "$(intents out)" = 'billing.refund 50' ]
	grep -q '(0 answered, 50 wrong)' err
	by "sed -u 's/\"data\":{/&\"intent\":\"no.such\",/'" in >out 2>err
	[ "$(intents out)" = 'billing.refund 50' ]
	grep -q '(0 answered, 50 unknown intents)' err
	for label in '"confidence":2' '"signals":["none.such"]' '"asks":"order"' '"entities":{"none.such":1}' '"sentiment":"good"' '"lang":"!"'; do
		by "sed -u 's/\"data\":{/&$label,/'" in >out 2>err
		[ "$(intents out)" = 'billing.refund 50' ]
		grep -q '50 wrong' err
	done
}

@test "answers in another order find their records" {
	events 200 >in
	by "tac | $THANKS" in >out 2>err
	order out 200
	[ "$(intents out)" = 'courtesy.thanks 200' ]
}

@test "a program that ends early is started again with what it has not answered, and no more than five times" {
	events 400 >in
	by "head -n 100 | $THANKS" in >out 2>err
	order out 400
	grep -qE '\(39[0-9] answered, [0-9] lost, [34] restarts\)' err
	by 'echo x >>starts; exit 3' in >out 2>err
	order out 400
	[ "$(intents out)" = 'billing.refund 400' ]
	[ "$(wc -l <starts)" = 6 ]
	grep -qx 'jintent: --with: exit status 3: the built-in classifier went on alone' err
	grep -qE '\(0 answered, [0-9]+ lost, 5 restarts\)' err
}

@test "a program that is slow loses the records that it is too slow for" {
	events 6 >in
	# shellcheck disable=SC2016 # it is for the program's shell
	by 'while read -r line; do case $line in *\"id\":\"3\"*) sleep 0.5;; esac; echo "$line"; done' --timeout 200ms in >out 2>err
	order out 6
	[ "$(jq -r 'select(.data.intent) | .id' out | head -n 1)" = 3 ]
	grep -qE '\([345] answered, [123] late\)' err
}

@test "a program that says nothing is given up after a while" {
	events 30 >in
	by 'exec sleep 47.11' --timeout 20ms in >out 2>err
	order out 30
	[ "$(intents out)" = 'billing.refund 30' ]
	grep -q 'it answers nothing: the built-in classifier went on alone' err
	run ! pgrep -f 'sleep 47.11'
	# Lines that answer nothing, and a late answer once and again.
	events 5 >in
	timeout 20 jintent --ontology "$SMALL" --with 'while echo; do sleep 0.02; done' --timeout 100ms in >out 2>err
	[ "$(intents out)" = 'billing.refund 5' ]
	grep -q '5 late' err
	# shellcheck disable=SC2016 # it is for the program's shell
	timeout 20 jintent --ontology "$SMALL" --with 'read -r line; sleep 0.15; while echo "$line"; do sleep 0.02; done' --timeout 100ms in >out 2>err
	order out 5
	[ "$(intents out)" = 'billing.refund 5' ]
}

@test "nothing waits for ever, whatever is buffered where" {
	events 3000 >in
	# All in one go at the end; in blocks; much before anything is read; a line without an end.
	timeout 60 jintent --ontology "$SMALL" --with 'awk "{ print }"' in >out 2>err
	order out 3000
	grep -q '(3000 answered)' err
	timeout 60 jintent --ontology "$SMALL" --with 'head -c 3000000 /dev/zero | tr "\0" "\n"; cat' in >out 2>err
	grep -q '(3000 answered)' err
	timeout 60 jintent --ontology "$SMALL" --with 'head -c 9000000 /dev/zero' in >out 2>err
	order out 3000
	grep -q 'an answer without an end' err
	head -n 20 in | jq -c '.data.text += " " * 200000' >big
	timeout 60 jintent --ontology "$SMALL" --with cat big 2>err | cmp - big
	grep -q '(20 answered)' err
}

@test "its process group ends with jintent, however that ends" {
	events 5 >in
	by '(sleep 47.12 & cat)' -q in >out
	order out 5
	run ! pgrep -f 'sleep 47.12'
	jintent --ontology "$SMALL" --with 'sleep 47.13 & cat >/dev/null' in >out 2>err 3>&- &
	for _ in $(seq 100); do
		pgrep -f 'sleep 47.13' && break
		sleep 0.05
	done
	kill $!
	wait $! || [ $? = 143 ]
	sleep 0.1
	run ! pgrep -f 'sleep 47.13'
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' jintent --ontology "$SMALL" --with 'sleep 47.15 & cat >/dev/null' in >out 2>err 3>&- &
	for _ in $(seq 100); do
		pgrep -f '^sleep 47.15' && break
		sleep 0.05
	done
	kill -QUIT $!
	wait $! || [ $? = 131 ]
	sleep 0.1
	run ! pgrep -f '^sleep 47.15'
	events 3000 >in
	by '(sleep 47.14 & cat)' -q in 2>err | head -n 1 >first
	sleep 0.2
	[ ! -s err ]
	run ! pgrep -f 'sleep 47.14'
}

@test "a record's labels are passed on before the next record comes" {
	mkfifo in out
	by "$THANKS" -q <in >out 3>&- &
	exec 7>in 8<out
	event 1 refund >&7
	read -r -t 10 line <&8
	[ "$(jq -r .data.intent <<<"$line")" = courtesy.thanks ]
	event 2 refund >&7
	read -r -t 10 line <&8
	[ "$(jq -r .id <<<"$line")" = 2 ]
	exec 7>&- 8<&-
	wait $!
}
