bats_require_minimum_version 1.5.0
load helper

F=$TOP/fixtures/jintent
SMALL=$F/ontology

# event ID TEXT: a customer's message
event() {
	printf '{"specversion":"1.0","id":"%s","source":"chat/t","type":"message","time":"2026-03-02T14:05:10Z","direction":"in","actor":"customer","data":{"text":"%s"}}\n' "$1" "$2"
}

# small ARG...: jintent with the small ontology
small() {
	jintent --ontology "$SMALL" "$@"
}

# refuse_yaml REASON TEXT: an ontology whose own.yaml is TEXT is refused with the reason
refuse_yaml() {
	rm -rf o && cp -r "$SMALL" o
	printf 'jtools: ontology/1\n%s\n' "$2" >o/own.yaml
	run -2 jintent --ontology o /dev/null
	[ "$output" = "jintent: o/own.yaml:$1" ] || {
		echo "$output"
		false
	}
}

@test "jintent labels the golden records as written down" {
	cd "$F"
	for in in *.in; do
		case=${in%.in}
		args=$(cat "$case.args" 2>/dev/null || true)
		jintent --ontology ontology $args "$in" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
		diff "$case.out" "$BATS_TEST_TMPDIR/out"
		diff "$case.err" "$BATS_TEST_TMPDIR/err"
	done
}

@test "jintent leaves a record in which nothing is found byte for byte as it came" {
	cmp "$F/untouched.in" "$F/untouched.out"
	small -q <"$F/untouched.in" | cmp - "$F/untouched.in"
}

@test "jintent reads on where a line is broken, and not over an empty line" {
	[ "$(event 1 'Thank\nyou!' | jintent -q --no-model | jq -r .data.intent)" = courtesy.thanks ]
	[ "$(event 1 'Thank\r\nyou!' | jintent -q --no-model | jq -r .data.intent)" = courtesy.thanks ]
	[ "$(event 1 'Thank\r\n\r\nyou!' | jintent -q --no-model | jq -r .data.intent)" = null ]
	[ "$(event 1 'Thank\n\nyou!' | jintent -q --no-model | jq -r .data.intent)" = null ]
}

@test "jintent run over its own output changes nothing" {
	for case in scores entities speakers kept numbers; do
		small -q "$F/$case.out" | cmp - "$F/$case.out"
	done
	small -q --relabel "$F/relabel.out" | cmp - "$F/relabel.out"
}

@test "jintent finds in the shipped ontology what a customer wants and what we ask for" {
	event 1 "My order #12345 hasn't arrived" >in
	event 2 "muito obrigada!" >>in
	event 3 "Could you give me your order number please?" | sed 's/"in","actor":"customer"/"out","actor":"agent"/' >>in
	run -0 jintent -q --ontology "$TOP/ontology" in
	[ "$(jq -c '.data | [.intent, .entities.order, .asks]' <<<"$output")" = '["delivery.late","12345",null]
["courtesy.thanks",null,null]
[null,null,["order"]]' ]
}

@test "jintent reads the ontology that JTOOLS_ONTOLOGY names" {
	event 1 refund >in
	JTOOLS_ONTOLOGY=$SMALL run -0 jintent -q in
	[ "$(jq -r .data.ontology <<<"$output")" = small/2.1.0 ]
}

@test "jintent refuses a bad record, names its place and keeps its bytes" {
	event 1 refund >good
	{
		cat good
		printf '{"specversion":"1.0","id":"2"\n'
		printf '{"specversion":"1.0","id":"\xff\xfe"}\n'
		head -c 100000 /dev/zero | tr '\0' '[' && echo
		printf '{"specversion":"1.0","id":"5","id":"5","source":"a","type":"t","time":"2026-03-02T14:05:10Z"}\n'
		printf '{"specversion":"1.0","source":"a","type":"t","time":"2026-03-02T14:05:10Z"}\n'
		printf '{"specversion":"1.0","id":"7","source":"a","type":"t","time":"yesterday"}\n'
		printf '[1]\n'
		printf '{"specversion":"1.0","id":"9","source":"a","type":"t","time":"2026-03-02T14:05:10Z","data":{"x":1,"x":2}}\n'
		cat good
	} >in
	run -65 --separate-stderr small --reject letters in
	[ "${#lines[@]}" = 2 ]
	diff - <(sed 's/ at byte .*//; s/\(in:[234]\): .*/\1/' <<<"$stderr") <<-'EOF'
	jintent: in:2
	jintent: in:3
	jintent: in:4
	jintent: in:5: attribute id stands twice
	jintent: in:6: no id
	jintent: in:7: time is not RFC 3339: yesterday
	jintent: in:8: not an object
	jintent: in:9: member x stands twice
	jintent: read 10 = written 2 + duplicates 0 + rejected 8
	EOF
	[ "$(jq -r .reason letters | tr '\n' ' ')" = "bad_json bad_json bad_json bad_record bad_record bad_time bad_record bad_record " ]
	[ "$(jq -r .line letters | tr '\n' ' ')" = "2 3 4 5 6 7 8 9 " ]
	sed -n '2p;4,9p' in >want
	jq -rj 'select(.raw) | .raw, "\n"' letters | cmp - want
	jq -r 'select(.raw_base64) | .raw_base64' letters | base64 -d | cmp - <(sed -n 3p in | tr -d '\n')
}

@test "jintent gives the byte offset of a rejected record" {
	{
		event 1 refund
		echo
		echo nonsense
	} >in
	run -65 small -q --reject letters in
	[ "$(jq .offset letters)" = "$(($(head -n 2 in | wc -c)))" ]
	tail -c "+$(($(jq .offset letters) + 1))" in | grep -qx nonsense
}

@test "jintent refuses a line longer than --max-line, keeps it whole and goes on" {
	{
		event 1 refund
		event 2 "$(head -c 2097152 /dev/zero | tr '\0' x)"
		event 3 refund
	} >in
	run -65 --separate-stderr small --reject letters in
	[ "${#lines[@]}" = 2 ]
	[ "${stderr_lines[0]}" = "jintent: in:2: line too long (see --max-line)" ]
	[ "${stderr_lines[1]}" = "jintent: read 3 = written 2 + duplicates 0 + rejected 1" ]
	jq -r .raw_base64 letters | base64 -d | cmp - <(sed -n 2p in | tr -d '\n')
	[ "$(jq -r .reason letters)" = too_long ]
	run -0 small -q --max-line 3M in
	[ "${#lines[@]}" = 3 ]
}

@test "jintent accounts for every line of a binary file" {
	head -c 300000 "$J/jintent" >in
	run -65 --separate-stderr small --reject letters in
	[ -z "$output" ]
	[[ ${stderr_lines[-1]} =~ ^'jintent: read '([0-9]+)' = written 0 + duplicates 0 + rejected '([0-9]+)$ ]]
	[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
	[ "$(wc -l <letters)" = "${BASH_REMATCH[2]}" ]
}

@test "jintent reads an empty file and empty lines as no records" {
	: >empty
	run -0 --separate-stderr small empty
	[ -z "$output" ]
	[ "$stderr" = "jintent: read 0 = written 0 + duplicates 0 + rejected 0" ]
	run -0 small - < <(printf '\n \r\n\n')
	[ "$output" = "jintent: read 0 = written 0 + duplicates 0 + rejected 0" ]
}

@test "jintent reads a BOM, CR LF and a last line without an end" {
	{
		printf '\xef\xbb\xbf'
		event 1 refund | sed 's/$/\r/'
		event 2 refund | tr -d '\n'
	} >in
	run -0 small -q in
	[ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = "1 2 " ]
}

@test "jintent reads files and stdin in the order of its operands" {
	event 1 a >one
	event 3 c >three
	event 2 b | small -q one - three >out
	[ "$(jq -r .id out | tr '\n' ' ')" = "1 2 3 " ]
}

@test "jintent stops before it writes anything when a file is missing or a directory" {
	event 1 refund >in
	run -2 small -q in missing
	[ "$output" = "jintent: missing: No such file or directory" ]
	mkdir folder
	run -2 small -q in folder
	[ "$output" = "jintent: folder: Is a directory" ]
	run -2 small -q < .
	[ "$output" = "jintent: <stdin>: Is a directory" ]
}

@test "jintent stops at an unknown option" {
	run -2 jintent --unheard
	[[ $output == *"unrecognized option '--unheard'"* ]]
}

@test "jintent stops when there is no ontology where it should be" {
	run -2 jintent --ontology missing /dev/null
	[ "$output" = "jintent: missing: No such file or directory" ]
	mkdir empty
	run -2 jintent --ontology empty /dev/null
	[ "$output" = "jintent: empty: no name" ]
}

@test "jintent ends quietly when nobody reads on" {
	for i in $(seq 3000); do event "$i" refund; done >in
	small -q in 2>err | head -n 1 >first
	[ ! -s err ]
	[ "$(jq -r .id first)" = 1 ]
}

@test "jintent says so when its output cannot be written" {
	event 1 refund >in
	run -2 bash -c 'jintent --ontology "$0" -q in >/dev/full' "$SMALL"
	[ "$output" = "jintent: <stdout>: No space left on device" ]
	run -2 bash -c 'echo no | jintent --ontology "$0" -q --reject /dev/full 2>&1 >/dev/null | grep -v "<stdin>:1:"; exit ${PIPESTATUS[1]}' "$SMALL"
	[ "$output" = "jintent: /dev/full: No space left on device" ]
}

@test "jintent passes a record on before it waits for the next" {
	mkfifo in out
	small -q <in >out 3>&- &
	exec 7>in 8<out
	event 1 refund >&7
	read -r -t 10 line <&8
	[ "$(jq -r .data.intent <<<"$line")" = billing.refund ]
	echo nonsense >&7
	event 2 thanks >&7
	read -r -t 10 line <&8
	[ "$(jq -r .id <<<"$line")" = 2 ]
	exec 7>&- 8<&-
	wait $! || [ $? = 65 ]
}

@test "an ontology with a mistake is refused with its place" {
	refuse_yaml "2:10: unknown member colours" "colours: [red]"
	refuse_yaml "2:27: unknown member colour" "signals: [{id: x, colour: red}]"
	refuse_yaml "2:17: order stands twice among the entities" "entities: [{id: order}]"
	refuse_yaml "2:16: billing.refund stands twice among the intents" "intents: [{id: billing.refund}]"
	refuse_yaml "2:32: unknown entity nothing" "intents: [{id: x.y, requires: [nothing]}]"
	refuse_yaml "2:28: unknown stage moon" "intents: [{id: x.y, stage: moon}]"
	refuse_yaml "2:19: unknown class moon" "channels: {voice: moon}"
	refuse_yaml "2:10: version stands twice among the ontology's members" "version: 3"
	refuse_yaml "2:31: courtesy is true or false" "intents: [{id: x.y, courtesy: maybe}]"
	refuse_yaml "2:28: normal is none, upper, lower, digits, date, amount, email or phone" "entities: [{id: x, normal: odd}]"
	refuse_yaml "2:37: '..' stands between two words" "signals: [{id: x, phrases: {en: [b, a ..]}}]"
	refuse_yaml "2:37: '..' stands between two words, with blanks around it" "signals: [{id: x, phrases: {en: [b, c..a]}}]"
	refuse_yaml "2:37: '*' stands at the end of a word" "signals: [{id: x, phrases: {en: [b, 'ar*riv']}}]"
	refuse_yaml "2:34: a word has neither letters nor digits" "signals: [{id: x, phrases: {en: ['!?']}}]"
	refuse_yaml "2:34: more than three '..' in a phrase" "signals: [{id: x, phrases: {en: [a .. b .. c .. d .. e]}}]"
	refuse_yaml "2:28: phrases stand under their language" "signals: [{id: x, phrases: [no]}]"
	refuse_yaml "2:10: signals is no list" "signals: {id: x}"
	refuse_yaml "2:11: no id" "signals: [{title: x}]"
	refuse_yaml "2:11: members are expected here" "signals: [x]"
	refuse_yaml "2:20: a span like 30m or 24h is expected here" "classes: {x: {gap: 5}}"
	refuse_yaml "2:14: no gap" "classes: {x: {}}"
	refuse_yaml "2:14: a span like 30m or 24h is expected here" "request_gap: -3h"
	refuse_yaml "2:24: a stands twice among the stages" "stages: [{id: a}, {id: a}]"
	refuse_yaml "2:21: a list is expected here" "placeholders: {crm: x}"
	refuse_yaml "2:22: a text is expected here" "placeholders: {crm: [[x]]}"
	refuse_yaml "2:16: default_class is no text" "default_class: {}"
	refuse_yaml "2:25: unknown member family" "types: [{id: a, family: b}]"
}

@test "an ontology with a wrong pattern is refused with the pattern's place" {
	cp -r "$SMALL" o
	printf 'jtools: ontology/1\nsignals:\n  - id: x\n    patterns:\n      - "ok"\n      - "(open"\n' >o/own.yaml
	run -2 jintent --ontology o /dev/null
	[[ $output == "jintent: o/own.yaml:6:9: regular expression: "*"at character 5 of the pattern" ]]
}

@test "a closed stdin, stdout or stderr stops the run and nothing goes elsewhere" {
	{ event 1 refund; echo no; event 2 refund; } >in
	run -2 bash -c 'jintent --ontology "$0" -q --reject letters in 2>&1 >&-' "$SMALL"
	[[ $output == *"<stdout>: Bad file descriptor"* ]]
	[ "$(wc -l <letters)" = 1 ]
	jq -e .raw letters
	run -2 bash -c 'jintent --ontology "$0" -q --reject letters 2>&1 <&-' "$SMALL"
	[[ $output == *"<stdin>: Bad file descriptor"* ]]
	run -65 bash -c 'jintent --ontology "$0" --reject letters in 2>&-' "$SMALL"
	[ "${#lines[@]}" = 2 ]
	[ "$(jq -r .raw letters | sort -u)" = no ]
}

@test "a file name that is no UTF-8 is mended in the letter, byte by byte" {
	name=$(printf 'caf\xe9-\xff')
	echo no >"$name"
	run -65 small -q --reject letters "$name"
	[ "$(jq -r .file letters)" = "$(printf 'caf\xef\xbf\xbd-\xef\xbf\xbd')" ]
}

@test "what data says cannot command the terminal" {
	printf '{"specversion":"1.0","id":"7","source":"a","type":"t","time":"\\u001b[2Jx\\u0007\\u009b1mé\\u007f"}\n' >in
	run -65 small -q in
	[ "$output" = "jintent: in:1: time is not RFC 3339: ?[2Jx??1mé?" ]
	name=$(printf 'a\x1b[1m\x9bb')
	run -2 --separate-stderr small -q "$name"
	[ "$stderr" = "jintent: a?[1m?b: No such file or directory" ]
}
