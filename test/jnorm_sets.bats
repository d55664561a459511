#!/usr/bin/env bats
# Published sets of good and bad files, and CloudEvents of every make.
bats_require_minimum_version 1.5.0
load helper

setup() {
	command -v jq >/dev/null || skip "no jq here"
}

@test "the JSON reader takes what the published suite says is JSON and refuses what is not" {
	S=$DATA/peer/JSONTestSuite/test_parsing
	[ -d "$S" ] || skip "no suite at $S"
	run -0 "$J/../test/unit/json" "$S"/y_*.json
	[ "${#lines[@]}" -gt 90 ]
	[ -z "$(grep -v ^yes <<<"$output")" ]
	run -0 "$J/../test/unit/json" "$S"/n_*.json
	[ "${#lines[@]}" -gt 180 ]
	[ -z "$(grep -v ^no <<<"$output")" ]
	# these may be either; the reader only has to come back
	run -0 "$J/../test/unit/json" "$S"/i_*.json
	[ "${#lines[@]}" -gt 30 ]
}

@test "the CSV reader reads the published good files and refuses the bad ones" {
	S=$DATA/peer/csv-test-data
	[ -d "$S" ] || skip "no set at $S"
	n=0
	for f in "$S"/json/*.json; do
		name=$(basename "$f" .json)
		# two lines without a name for a column are no table
		[ "$name" != all-empty ] || continue
		got=$("$J/../test/unit/csv" "$S/csv/$name.csv" | sed '1s/^[^:]*: //')
		want=$(jq -rj 'map(if type == "array" then . else [.foo, .bar, .baz] end | join("|")) | join("/")' "$f")
		case $name in
		header-*) want=$(sed "s,^,foo|bar|baz/,; s,/\$,," <<<"$want") ;;
		esac
		[ "$got" = "$want" ] || { echo "$name: $got: $want" && return 1; }
		n=$((n + 1))
	done
	[ $n -gt 15 ]
	# the fields of one are not those of a given header, which is for a map to say
	for f in "$S"/csv/bad-*; do
		[ "${f##*/}" = bad-header-wrong-header.csv ] ||
			"$J/../test/unit/csv" "$f" | grep -q '{2:\|: ! ' || { echo "$f" && return 1; }
	done
}

event() {
	printf '{\n  "specversion": "1.0",\n  "id": "%s",\n  "source": "/shop/1",\n  "type": "com.example.thing",\n  "time": "2026-03-02T09:00:00Z"%b\n}\n' "$1" "${2:-}"
}

@test "CloudEvents are read one a line, in a list, and over several lines" {
	{ event 1 ',\n  "data": {"text": "a \\" { b", "n": 1.10, "l": [ 1, 2 ]}'; event 2 ',\n "subject": null, "count": 5'; } >pretty.json
	jq -c . pretty.json >lines.json
	jq -s . pretty.json >list.json
	jq -cs . pretty.json >batch.json
	jnorm -q pretty.json >out
	[ "$(wc -l <out)" -eq 2 ]
	head -1 out | grep -qF '"time":"2026-03-02T09:00:00Z","data":{"text":"a \" { b","n":1.10,"l":[1,2]}}'
	for f in lines list batch; do
		jnorm -q $f.json | jq -c . | cmp - lines.json
		jnorm -q - <$f.json | jq -c . | cmp - lines.json
	done
}

@test "CloudEvents of others are carried where they fit the record, else refused with a reason" {
	{
		event kept ',\n "datacontenttype": "application/json", "dataschema": "https://x.example/s", "comexample": true, "data": {"x": {"y": [1]}}'
		event binary ',\n "datacontenttype": "application/octet-stream", "data_base64": "AAA="'
		event text ',\n "datacontenttype": "text/plain", "data": "hello"'
		event array ',\n "data": [1]'
		event name ',\n "Bad": 1'
		event object ',\n "ext": {"a": 1}'
		event old | sed 's/"1.0"/"0.3"/'
		event "" | sed '/time/d; s/Z",/Z"/; s/thing",/thing"/'
	} >all.json
	jq -cs . all.json >list.json
	run -65 --separate-stderr jnorm --reject dead list.json
	[ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = "kept binary " ]
	jq -e '.data.x.y == [1] and .comexample and .dataschema == "https://x.example/s"' <<<"${lines[0]}"
	[[ $stderr == *"read 8 = written 2 + duplicates 0 + rejected 6"* ]]
	[ "$(jq -r .message dead)" = "data is no object
data is no object
an attribute's name is not of [a-z0-9], at most 20: \"Bad\"
attribute ext is an object or array
specversion is not 1.0
no id" ]
	[ "$(jq -r '.raw | fromjson | .id' dead | head -1)" = text ]
}

@test "a list that breaks off is told, and what stood before the break is read" {
	{ echo "["; event 1; echo ","; event 2; echo ", {\"specversion\": "; } >cut.json
	run --separate-stderr jnorm --reject dead cut.json
	[ "$status" -ne 0 ]
	[ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = "1 2 " ]
	[[ $stderr == *"nothing behind it was read"* ]]
	[[ $stderr == *"read 3 = written 2 + duplicates 0 + rejected 1"* ]]
	{ event 1; printf '{\n"specversion": "1.0", "x": "'; head -c 200000 /dev/zero | tr '\0' x; echo '"}'; event 2; } >long.json
	run -65 --separate-stderr jnorm --max-line 64K --reject dead long.json
	[ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = "1 2 " ]
	[[ $stderr == *"record too long"* ]]
}

@test "every record of every adapter is valid by the published schema of CloudEvents" {
	S=$DATA/formats/cloudevents/cloudevents.json
	[ -f "$S" ] || skip "no schema at $S"
	python3 -c 'import jsonschema' 2>/dev/null || skip "no jsonschema for python3 here"
	for f in "$TOP"/fixtures/jnorm/*.in "$TOP"/fixtures/jnorm/mail/* "$DATA"/formats/email/mikel-mail/*/*.eml \
		"$DATA"/formats/vcon/*/* "$DATA"/formats/whatsapp/*/*.txt; do
		[ ! -f "$f" ] || jnorm -q "$f" 2>/dev/null || true
	done >out
	[ "$(wc -l <out)" -gt 100 ]
	python3 -c '
import json, sys
from jsonschema import Draft7Validator
schema = Draft7Validator(json.load(open(sys.argv[1])))
bad = [(line[:200], e.message) for line in open("out") for e in schema.iter_errors(json.loads(line))]
sys.exit(str(bad[:3]) if bad else 0)' "$S"
}
