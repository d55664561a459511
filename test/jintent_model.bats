bats_require_minimum_version 1.5.0
load helper

SMALL=$TOP/fixtures/jintent/ontology
LABELLED=$TOP/fixtures/jintent_model/labelled.csv

# event ID TEXT [INTENT]: a customer's message
event() {
	printf '{"specversion":"1.0","id":"%s","source":"chat/t","type":"message","time":"2026-03-02T14:05:10Z","direction":"in","actor":"customer","data":{"text":"%s"%s}}\n' \
		"$1" "$2" "${3:+,\"intent\":\"$3\"}"
}

# toy: a model without an ontology; small: the small ontology in `o`, with a model of it
toy() {
	jintent train -q --precision 0.6 -o toy.model - "$LABELLED"
}
small() {
	cp -r "$SMALL" o
	jintent train -q --precision 0.6 -o o.model o "$LABELLED"
}

# label ARG...: what a filter makes of the texts on stdin
label() {
	local i=0 text

	while read -r text; do
		event $((++i)) "$text"
	done | jintent -q --ontology o "$@" | jq -c '[.data.intent, .data.confidence]'
}

# refuse REASON ARG...: jintent stops with the reason
refuse() {
	local reason=$1

	shift
	run -2 jintent "$@"
	[ "$output" = "jintent: $reason" ] || {
		echo "$output"
		false
	}
}

@test "the same texts give the same model, in whatever order and files they come" {
	toy
	{
		head -n 1 "$LABELLED"
		tail -n +2 "$LABELLED" | sort -r
	} >turned.csv
	jintent train -q --precision 0.6 -o turned.model - turned.csv
	cmp toy.model turned.model
	head -n 20 "$LABELLED" >one.csv
	{
		head -n 1 "$LABELLED"
		tail -n +21 "$LABELLED"
	} >two.csv
	jintent train -q --precision 0.6 -o parts.model - one.csv two.csv one.csv
	cmp toy.model parts.model
	head -n -1 "$LABELLED" >fewer.csv
	jintent train -q --precision 0.6 -o fewer.model - fewer.csv
	run ! cmp -s toy.model fewer.model
}

@test "labelled texts are read from CSV, lines of JSON, event records and parts of a document alike" {
	toy
	python3 - "$LABELLED" <<-'EOF'
		import csv, json, sys
		rows = list(csv.reader(open(sys.argv[1])))[1:]
		with open("lines.ndjson", "w") as out:
		    out.writelines(json.dumps({"text": t, "intent": i or None}) + "\n" for t, i in rows)
		with open("events.ndjson", "w") as out:
		    for n, (text, intent) in enumerate(rows):
		        out.write(json.dumps({"specversion": "1.0", "id": str(n), "source": "chat/t", "type": "message", "time": "2026-03-02T14:05:10Z",
		                              "direction": "in", "actor": "customer", "data": {"text": text, "intent": intent}}) + "\n")
		json.dump({"one": [r for r in rows if r[1]], "two": [r for r in rows if not r[1]], "three": 3}, open("parts.json", "w"), indent=1)
	EOF
	event 1 "said and not labelled" >>events.ndjson
	event 2 "ours" billing.refund | sed 's/"in"/"out"/; s/"customer"/"agent"/' >>events.ndjson
	for from in lines.ndjson events.ndjson parts.json#one,two; do
		jintent train -q --precision 0.6 -o again.model - "$from"
		cmp toy.model again.model
	done
	refuse 'parts.json: which parts? (parts.json#PART,...: one two three)' train -o x - parts.json
	refuse 'parts.json: which parts? (parts.json#PART,...: one two three)' train -o x - parts.json#one,four
}

@test "a labelled text that cannot be read stops the training with its place" {
	printf '{"text":"a","intent":"b"}\n{"text":"a"}\n' >bad.ndjson
	refuse 'bad.ndjson:2: no intent' train -o x - bad.ndjson
	printf 'text,kind\na,b\n' >bad.csv
	refuse 'bad.csv:1: no column text, or none of intent, category and label' train -o x - bad.csv
	printf 'text,intent\na,b\n"c,d\n' >open.csv
	run -2 jintent train -o x - open.csv
	[[ $output == "jintent: open.csv:3: "* ]]
	printf '{"text":"refund","intent":"billing.unheard_of"}\n' >unknown.ndjson
	refuse 'unknown.ndjson:1: small/2.1.0 has no intent billing.unheard_of' train -o x "$SMALL" unknown.ndjson
	printf 'text,intent\nhello,greeting\n' >single.csv
	refuse 'texts of fewer than two intents: nothing can be learnt' train -o x - single.csv
	[ ! -e x ]
}

@test "a model says what the phrases do not know, and nothing of what is no intent" {
	small
	printf '%s\n' "no parcel came so far" "give the money back to me" "the choir sings today" >texts
	[ "$(label --no-model <texts | sort -u)" = '[null,null]' ]
	run -0 label --model o.model <texts
	[ "$(jq -r '.[0]' <<<"$output")" = $'delivery.late\nbilling.refund\nnull' ]
	[ "$(jq -c 'select(.[0] != null) | .[1] > 0 and .[1] <= 1' <<<"$output" | sort -u)" = true ]
}

@test "phrases that are sure win over a model, and a model that agrees makes them surer" {
	small
	echo "the order is so late, delayed, never arrived: money back, give me the money back" >sure
	[ "$(label --model o.model <sure | jq -r '.[0]')" = delivery.late ]
	[ "$(sed 's/.*: //' sure | label --model o.model | jq -r '.[0]')" = billing.refund ]
	echo "refund, give me the money back" >agreed
	[ "$(label --no-model <agreed)" = '["billing.refund",0.33]' ]
	[ "$(label --model o.model <agreed | jq '.[0] == "billing.refund" and .[1] > 0.5')" = true ]
}

@test "a threshold of one lets the phrases alone have their say" {
	small
	printf '%s\n' "no parcel came so far" "where is my order tracking" "thanks" >texts
	diff <(label --no-model <texts | jq '.[0]') <(label --model o.model --threshold 1 <texts | jq '.[0]')
	refuse '--threshold: not between 0 and 1: 2' --ontology o --model o.model --threshold 2 /dev/null
	refuse '--threshold: not between 0 and 1: low' --ontology o --no-model --threshold low /dev/null
}

@test "a model labels the customer's words alone, keeps what is labelled, and changes nothing of its own output" {
	small
	{
		event 1 "no parcel came so far"
		event 2 "no parcel came so far" billing.charge
		event 3 "no parcel came so far" | sed 's/"in"/"out"/; s/"customer"/"agent"/'
	} >in
	jintent -q --ontology o --model o.model in >out
	[ "$(jq -r .data.intent out)" = $'delivery.late\nbilling.charge\nnull' ]
	jintent -q --ontology o --model o.model out | cmp - out
	[ "$(jintent -q --relabel --ontology o --model o.model in | jq -r .data.intent)" = $'delivery.late\ndelivery.late\nnull' ]
}

@test "the model that lies in an ontology's folder is used without being named" {
	small
	cp o.model o/intents.model
	[ "$(echo "no parcel came so far" | label | jq -r '.[0]')" = delivery.late ]
	[ "$(echo "no parcel came so far" | label --no-model | jq -r '.[0]')" = null ]
}

@test "a model of another ontology, version or content is refused, and one of another patch version is told" {
	small
	event 1 refund >in
	sed -i 's/name: small/name: other/' o/ontology.yaml
	refuse 'o.model: was trained for small/2.1.0, and this ontology is other/2.1.0 (or --no-model)' --ontology o --model o.model in
	sed -i 's/name: other/name: small/; s/2\.1\.0/2.2.0/' o/ontology.yaml
	refuse 'o.model: was trained for small/2.1.0, and this ontology is small/2.2.0 (or --no-model)' --ontology o --model o.model in
	sed -i 's/2\.2\.0/2.1.1/; s/en: \[refund\]/en: [refund, pay back]/' o/ontology.yaml
	run -0 --separate-stderr jintent -q --ontology o --model o.model in
	[ "$stderr" = 'jintent: o.model: was trained for small/2.1.0, and this ontology is small/2.1.1: train it again soon' ]
	sed -i 's/2\.1\.1/2.1.0/' o/ontology.yaml
	refuse 'o.model: was trained for other intents or phrases of small/2.1.0: train it again (or --no-model)' --ontology o --model o.model in
	toy
	refuse 'toy.model: was trained without an ontology: it serves eval alone (or --no-model)' --ontology "$SMALL" --model toy.model in
}

@test "a damaged model is refused, wherever it is cut or changed" {
	local size at

	small
	size=$(stat -c %s o.model)
	for at in 0 1 40 300 $((size / 2)) $((size - 33)) $((size - 1)); do
		head -c "$at" o.model >cut.model
		refuse 'cut.model: no model, or a damaged one' --ontology o --model cut.model /dev/null
	done
	cp o.model changed.model
	printf 'damaged!' | dd of=changed.model bs=1 seek=$((size / 2)) conv=notrunc status=none
	refuse 'changed.model: no model, or a damaged one' --ontology o --model changed.model /dev/null
	{
		cat o.model
		echo
	} >longer.model
	refuse 'longer.model: no model, or a damaged one' --ontology o --model longer.model /dev/null
	refuse 'none.model: No such file or directory' --ontology o --model none.model /dev/null
}

# seal FILE: its bytes with the digest that ends a model
seal() {
	cat "$1"
	python3 -c 'import hashlib, sys; sys.stdout.buffer.write(hashlib.sha256(open(sys.argv[1], "rb").read()).digest())' "$1"
}

@test "a model whose digest is right and whose content is not is refused with what is wrong" {
	toy
	head -c -32 toy.model >body
	seal body | cmp - toy.model
	sed '1s/model\/2/model\/3/' body >b && seal b >m
	refuse 'm: no model: it does not begin with "jtools":"model/2"' eval --model m "$LABELLED"
	sed '1s/"features":[0-9]*/"features":4000000/' body >b && seal b >m
	refuse 'm: no model: it is cut off, or longer than it says' eval --model m "$LABELLED"
	sed '1s/"slope":[0-9.e-]*/"slope":-1/' body >b && seal b >m
	refuse 'm: no model: slope' eval --model m "$LABELLED"
	sed '1s/,null\]/,7]/' body >b && seal b >m
	refuse 'm: no model: labels' eval --model m "$LABELLED"
	head -c -1 body >b && seal b >m
	refuse 'm: no model: it is cut off, or longer than it says' eval --model m "$LABELLED"
}

@test "eval counts what is right by intent, by coverage, by confidence and by pairs that are confused" {
	toy
	jintent eval --model toy.model --threshold 0 -o ndjson "$LABELLED" >report
	jq -e -s 'map(select(.kind == "summary")) | length == 1 and (.[0] | .texts == 34 and .in_scope == 27 and .best_guess_right > 0.9
		and .out_of_scope_recall > 0.7)' report
	jq -e -s 'map(select(.kind == "intent")) | map(.texts) == [9, 9, 9] and map(.intent) == ["billing.charge", "billing.refund", "delivery.late"]' report
	jq -e -s 'map(select(.kind == "coverage")) | length == 200 and .[0].coverage == 1 and (map(.coverage) == (map(.coverage) | sort | reverse))' report
	jq -e -s 'map(select(.kind == "calibration")) | map(.texts) | add == 34' report
	printf 'text,intent\nmy parcel is late,billing.charge\nmoney back please,billing.refund\n' >wrong.csv
	jintent eval --model toy.model --threshold 0 -o ndjson wrong.csv >report
	jq -e -s 'map(select(.kind == "confusion")) == [{"kind":"confusion","true":"billing.charge","said":"delivery.late","texts":1}]' report
	[ "$(jintent eval --model toy.model --threshold 0 -o table wrong.csv | sed -n '1p;2p')" = \
		$'texts                  2, 0 of them out of scope\nbest guess right       50.00% of those in scope' ]
	refuse 'no labelled text to compare with' eval --model toy.model /dev/null
}

@test "eval with an ontology judges as the filter does" {
	small
	printf 'text,intent\nno parcel came so far,delivery.late\ntracking,delivery.status\n' >two.csv
	[ "$(jintent eval --ontology o --no-model -o ndjson two.csv | jq 'select(.kind == "summary").accuracy')" = 0.5 ]
	[ "$(jintent eval --ontology o --model o.model -o ndjson two.csv | jq 'select(.kind == "summary").accuracy')" = 1 ]
}

@test "a text of which nothing is guessed has no part in how far confidence is from the truth" {
	small
	printf 'text,intent\nthe sky is blue,\nbananas are yellow,\nwarm rain,delivery.late\n' >none.csv
	jintent eval --ontology o --no-model -o ndjson none.csv >report
	jq -e -s '(map(select(.kind == "summary"))[0] | .calibration_error == 0 and .out_of_scope_recall == 1)
		and (map(select(.kind == "calibration").texts) | add == 0)' report
}

@test "jintent --explain tells the phrases, the words and the runner-up, and writes no record" {
	small
	{
		event 1 "I want a refund"
		event 2 "no parcel came so far"
		event 3 "ours" | sed 's/"in"/"out"/; s/"customer"/"agent"/'
	} >in
	run -0 jintent -q --explain --ontology o --model o.model in
	[[ ${lines[0]} == in:1:\ billing.refund\ *' by both ("refund" 1)'* ]]
	[[ ${lines[1]} == in:2:\ delivery.late\ *' by the model; words: '*parcel*'; then '* ]]
	[ "${lines[2]}" = "in:3: no customer's words" ]
	run -0 jintent -q --explain --ontology o --no-model in
	[ "${lines[0]}" = 'in:1: billing.refund 0.33 by phrases ("refund" 1)' ]
	[ "${lines[1]}" = 'in:2: none' ]
}

@test "a file that is called as a verb is read by its path" {
	small
	event 1 refund >train
	[ "$(jintent -q --ontology o --no-model ./train | jq -r .data.intent)" = billing.refund ]
	[ "$(jintent label -q --ontology o --no-model train | jq -r .data.intent)" = billing.refund ]
}

@test "an ontology on top of another says that it has no model of its own" {
	mkdir own
	printf 'jtools: ontology/1\nname: own\nversion: "1.0.0"\nextends: base/1.x\n' >own/ontology.yaml
	: | jintent --ontology own 2>err
	grep -q '^jintent: own/1.0.0 has no model of its own' err
	: | jintent -q --ontology own 2>err
	[ ! -s err ]
	: | jintent --no-model --ontology own 2>err
	run ! grep -q 'model' err
}

@test "training by a file in the ontology's place and --explain beside --with are refused" {
	printf 'text,intent\na,b\n' >in.csv
	run -2 jintent train -o x.model in.csv
	[[ $output == *'in.csv is no ontology'* ]]
	run -2 jintent --explain --with cat </dev/null
	[[ $output == *'not with --with'* ]]
}

# replaced: the small ontology in `o`, with an intent that was renamed and one that was split
replaced() {
	cp -r "$SMALL" o
	sed -i 's/^entities:/  - {id: parcel.late, family: delivery, deprecated: "2.0.0", replaced_by: [delivery.late]}\n  - {id: money.odd, family: billing, deprecated: "2.0.0", replaced_by: [billing.charge, billing.refund]}\n&/' o/ontology.yaml
}

@test "texts of an intent that was replaced are learnt as what it is now, and those of one that was split are refused" {
	replaced
	jintent train -q --precision 0.6 -o now.model o "$LABELLED"
	sed 's/,delivery\.late$/,parcel.late/' "$LABELLED" >old.csv
	jintent train -q --precision 0.6 -o old.model o old.csv
	cmp now.model old.model
	printf 'text,intent\nmoney is odd,money.odd\n' >split.csv
	refuse 'split.csv:2: money.odd was split: of which of its intents is the text?' train -o x o split.csv
	mkdir o/examples
	printf 'jtools: examples/1\nexamples:\n  money.odd:\n    en: [the money is odd]\n' >o/examples/money.yaml
	refuse 'o/examples/money.yaml:4:10: money.odd was split: of which of its intents is the text?' train -o x o
	[ ! -e x ]
}

@test "eval reads a replaced label as what it is now, and tells which labels are never said" {
	replaced
	jintent train -q --precision 0.6 -o o.model o "$LABELLED"
	printf 'text,intent\nno parcel came so far,parcel.late\n' >old.csv
	[ "$(jintent eval --ontology o --model o.model -o ndjson old.csv | jq -c 'select(.kind == "summary") | [.accuracy, .unknown_labels]')" = '[1,0]' ]
	printf 'text,intent\nno parcel came so far,delivery.late\nhello,greeting\nhi,greeting\nbye,farewell\n' >unknown.csv
	toy
	for model in "toy.model" "o.model --ontology o"; do
		# shellcheck disable=SC2086 # several words
		run -0 --separate-stderr jintent eval --model $model -o ndjson unknown.csv
		[ "$stderr" = 'jintent: 3 texts have a label that is never said, and count as wrong: greeting, farewell' ]
		[ "$(jq 'select(.kind == "summary").unknown_labels' <<<"$output")" = 3 ]
	done
	jintent eval --model toy.model -o table unknown.csv 2>/dev/null | grep -q '^unknown labels  *3 of the texts$'
}

@test "what is nothing but a value, a name or a code has no intent from a model" {
	small
	printf '%s\n' parcel-late@example.com @parcel_late parcel_late77 "#4711, #4712" "+44 20 7946 0018" "2026-03-02" \
		qqparcelqq >values
	[ "$(label --model o.model --threshold 0 <values | sort -u)" = '[null,null]' ]
	[ "$(echo "no parcel #4711" | label --model o.model --threshold 0 | jq '.[0] != null')" = true ]
}

@test "how many values a text is made of has no part in the time that a word of it takes" {
	text=$(yes 'next friday' | head -n 200000 | paste -sd ' ')
	printf '{"specversion":"1.0","id":"1","source":"s","type":"message","time":"2026-03-02T10:00:00Z","direction":"in","actor":"customer","data":{"text":"%s"}}\n' \
		"$text" >in
	# Of processor time, in seconds.
	(ulimit -t 8 && exec jintent -q --max-line 8M in) >out
	[ "$(jq -r .data.entities.date out)" = 2026-03-13 ]
}

@test "a model's file has the mode that the umask leaves" {
	(umask 022 && toy)
	[ "$(stat -c %a toy.model)" = 644 ]
	rm toy.model
	(umask 077 && toy)
	[ "$(stat -c %a toy.model)" = 600 ]
}

@test "more texts and intents than can be learnt from are refused, with both numbers" {
	awk 'BEGIN { print "text,intent"; for (i = 0; i < 17000; i++) printf "t%d,i%d\n", i, i % 4000 }' >many.csv
	refuse '17000 texts and 4000 intents: their product may be 67108864 at most' train -o x - many.csv
	awk 'BEGIN { print "text,intent"; for (i = 0; i < 5000; i++) printf "t,i%d\n", i }' >wide.csv
	refuse '5000 intents: more than 4096' train -o x - wide.csv
}

@test "what a model says of a text does not depend on the texts before it" {
	small
	awk 'BEGIN {
		split("no parcel came so far give the money back to me late charge", w, " ")
		for (i = 1; i <= 400; i++) {
			printf "%s %s %s", w[i % 13 + 1], w[i * 7 % 13 + 1], w[i * 5 % 13 + 1]
			for (k = 0; k < 25; k++) printf " %s%s", w[(i + k) % 13 + 1], sprintf("%c%c%c", 97 + i % 26, 97 + int(i / 26), 97 + k)
			print ""
		}
	}' >texts
	i=0
	while read -r text; do
		event $((++i)) "$text"
	done <texts >in
	jintent -q --ontology o --model o.model --threshold 0 in | sort >forth
	tac in | jintent -q --ontology o --model o.model --threshold 0 | sort | cmp - forth
	[ "$(grep -c '"intent"' forth)" -gt 300 ]
}

@test "what was written apart from the examples is answered as rightly as it was, in each language, and what is no intent's refused" {
	for lang in en pt es; do
		for file in heldout-1 heldout-2 none; do
			python3 -c 'import csv, sys
rows = [r for r in csv.DictReader(sys.stdin) if r["lang"] == sys.argv[1]]
out = csv.DictWriter(sys.stdout, ["text", "intent", "lang"])
out.writeheader()
out.writerows(rows)' $lang <"$TOP/fixtures/jintent/$file.csv" >$file.csv
		done
		jintent eval -q -o ndjson heldout-1.csv heldout-2.csv none.csv | head -n 1 >$lang.json
		cat $lang.json
		# Just below what was measured.
		jq -e '.texts == 396 and .answered > 0.35 and .precision > 0.78 and .out_of_scope_recall > 0.9' $lang.json
	done
}
