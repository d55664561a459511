#!/usr/bin/env bats
# An ontology as a contract: what is wrong with it, what a new version changes, what it extends, how history is read.
bats_require_minimum_version 1.5.0
load helper

F=$TOP/fixtures/ontology

# say ID TEXT [INTENT]: a customer's message, of a day in March that the id gives
say() {
	printf '{"specversion":"1.0","id":"%s","source":"chat/lume","type":"message","time":"2026-03-%02dT10:00:00Z","session":"s%s","channel":"chat","direction":"in","actor":"customer","data":{"text":"%s","identifiers":[{"kind":"email","value":"ana@mail.example"}]%s}}\n' \
		"$1" "$1" "$1" "$2" "${3:+,\"intent\":\"$3\",\"confidence\":1,\"ontology\":\"lume/1.4.2\"}"
}

# version VERSION DIR: puts it into the ontology of DIR
version() {
	sed -i "s/^version: .*/version: \"$1\"/" "$2/ontology.yaml"
}

# changed DIR SED FILE...: a copy of the fixture in DIR, edited
changed() {
	local dir=$1 script=$2 file

	shift 2
	rm -rf "$dir" && cp -r "$F/old" "$dir"
	for file; do
		sed -i "$script" "$dir/$file"
	done
}

# finds LEVEL FILE:LINE REASON: jintent check of o/ says so
finds() {
	jintent check -q --ontology o -o ndjson >found || true
	jq -r '"\(.level) \(.file | ltrimstr("o/")):\(.line) \(.reason)"' found | grep -qxF -- "$1 $2 $3" || {
		cat found
		false
	}
}

@test "jintent diff gives every kind of change its verdict and its version step" {
	local verdict step changes files script n=0 got

	while IFS=$'\t' read -r verdict step changes files script; do
		[[ $verdict != \#* ]] || continue
		n=$((n + 1))
		changed new "$script" ${files//,/ }
		jintent diff -o ndjson "$F/old" new >out || [ $? = 1 ]
		got=$(jq -rs '(map(select(.change)) | map(.verdict) | if any(. == "breaking") then "breaking" elif any(. == "may change results")
			then "may change results" else "safe" end) + "\t" + .[-1].demands + "\t" +
			(map(select(.change).change) | unique | join(",") | if . == "" then "-" else . end)' out)
		[ "$got" = "$verdict"$'\t'"$step"$'\t'"$changes" ] || {
			printf 'line %d: %s\n' "$n" "$script"
			cat out
			return 1
		}
	done <"$F/changes.tsv"
	[ "$n" -ge 40 ]
}

@test "jintent diff demands a version step as large as the change, and none backwards" {
	changed new 's/Late delivery/Comes late/' intents.yaml
	version 1.4.3 new
	run -0 --separate-stderr jintent diff -o table "$F/old" new
	[ "${lines[-1]}" = "lume/1.4.2 -> lume/1.4.3: demands patch, gives patch: enough" ]
	changed new 's/is late/is late, comes late/' intents.yaml
	version 1.4.3 new
	run -1 jintent diff -o table "$F/old" new
	[ "${lines[-1]}" = "lume/1.4.2 -> lume/1.4.3: demands minor, gives patch: too little" ]
	version 1.5.0 new
	run -0 jintent diff -o table "$F/old" new
	changed new '/id: call/d' terms.yaml
	version 1.9.0 new
	run -1 jintent diff -o table "$F/old" new
	version 2.0 new
	run -0 jintent diff -o table "$F/old" new
	changed new '' ontology.yaml
	run -0 jintent diff "$F/old" new
	[ "$output" = '{"old":"lume/1.4.2","new":"lume/1.4.2","demands":"none","gives":"none","enough":true}' ]
	version 1.4.1 new
	run -1 jintent diff "$F/old" new
	[ "$output" = '{"old":"lume/1.4.2","new":"lume/1.4.1","demands":"none","gives":"back","enough":false}' ]
	version next new
	run -2 jintent diff "$F/old" new
	[ "$output" = "jintent: new: version is no major.minor.patch: next" ]
	run -2 jintent diff "$F/old"
	run -2 jintent diff "$F/old" "$F/none"
}

@test "jintent diff says how many events of a log would change their label, and how history would be read" {
	{
		say 1 "my lamp never arrived" delivery.late
		say 2 "it comes too late" delivery.late
		say 3 "it comes too late for me"
		say 4 "money back please" refund.request
		say 5 "a bot said so" greeting.old
		say 6 "where is my lamp" | sed 's/"data":{/"data":{"intent":"quote.price",/'
	} | jlog append -q -d j.db >/dev/null
	changed new 's/is late/is late, comes too late/; s/- id: refund.request/- id: refund.money/
		s/replaced_by: .refund.request./replaced_by: [refund.money]/
		$a\  - {id: refund.request, family: refund, deprecated: "1.5.0", replaced_by: [refund.money]}' intents.yaml
	rm -r new/examples
	sha256sum j.db >before
	run -1 jintent diff -d j.db -o ndjson "$F/old" new
	sha256sum -c --quiet before
	diff - <(grep '"history"' <<<"$output") <<-'EOF'
	{"history":"read","from":"refund.request","to":"refund.money","events":1}
	{"history":"relabelled","to":"delivery.late","events":2}
	{"history":"unknown","from":"greeting.old","events":1}
	{"history":"all","events":5,"changed":2}
	EOF
	run -1 jintent diff -d j.db --examples 1 -o ndjson "$F/old" new
	[ "$(jq -c 'select(.history == "relabelled").examples' <<<"$output")" = '[{"sequence":2,"text":"it comes too late"}]' ]
	run -1 jintent diff -d j.db --examples 1 -o table "$F/old" new
	[ "${lines[-1]}" = "2 of 5 texts of the log change their label" ]
	run -2 jintent diff --examples 1 "$F/old" new
	run -2 jintent diff -d none.db "$F/old" new
}

@test "jintent diff judges a log by models where both versions have one, and says so where one has none" {
	say 1 "blorp zonk flim" | jlog append -q -d j.db >/dev/null
	cp -r "$F/old" before
	cp -r "$F/old" after
	for i in 1 2 3 4 5 6; do
		echo "blorp zonk flim $i,quote.price"
		echo "drax mupp torv $i,delivery.late"
	done | sed '1i text,intent' >labelled.csv
	jintent train -q --precision 0 -o before/intents.model before labelled.csv
	run -0 jintent diff -d j.db -o table before after
	[ "${lines[-1]}" = "0 of 1 texts of the log change their label, by phrases alone: after has no model of its own" ]
	sed -i 's/quote.price/x/; s/delivery.late/quote.price/; s/,x/,delivery.late/' labelled.csv
	jintent train -q --precision 0 -o after/intents.model after labelled.csv
	run -0 jintent diff -d j.db before after
	[ "$(grep '"history"' <<<"$output")" = '{"history":"relabelled","from":"quote.price","to":"delivery.late","events":1}
{"history":"all","events":1,"changed":1,"models":true}' ]
}

@test "jintent check finds nothing wrong with what is right, and all that is wrong with what is not" {
	run -0 --separate-stderr jintent check --ontology "$F/old" -o ndjson
	[ "$stderr" = "jintent: errors 0, warnings 8, notes 2" ]
	cd "$F"
	jintent check -q --ontology wrong -o ndjson >"$BATS_TEST_TMPDIR/out" || [ $? = 1 ]
	diff wrong.out "$BATS_TEST_TMPDIR/out"
	run -1 --separate-stderr jintent check --ontology wrong -o table
	[ "${lines[0]%% *}" = place ]
	[ "${#lines[@]}" = $(($(wc -l <wrong.out) + 1)) ]
}

@test "jintent check names the place of everything that is wrong, and goes on" {
	[ "$(jq -r 'select(.level == "error") | .line' "$F/wrong.out" | wc -l)" -gt 25 ]
	[ "$(jq -r 'select(.line == null) | .file' "$F/wrong.out")" = "" ]
	# What the author meant is there: the place that is named holds the word that is wrong.
	jq -r '"\(.file)\t\(.line)\t\(.reason)"' "$F/wrong.out" | while IFS=$'\t' read -r file line reason; do
		case $reason in
		unknown\ *) sed -n "${line}p" "$F/$file" | grep -qF -- "${reason##* }" ;;
		esac
	done
}

@test "a split that leads back to what was split is a circle" {
	mkdir o
	printf '%s\n' 'jtools: ontology/1' 'name: o' 'version: 1.0.0' 'classes: {live: {gap: 30m}}' 'intents:' \
		'  - {id: one, family: f, deprecated: 1.0.0, replaced_by: [two, three]}' \
		'  - {id: two, family: f, deprecated: 1.0.0, replaced_by: [four]}' \
		'  - {id: three, family: f}' \
		'  - {id: four, family: f, deprecated: 1.0.0, replaced_by: [one]}' \
		'  - {id: five, family: f, deprecated: 1.0.0, replaced_by: [two, three]}' >o/ontology.yaml
	run -2 jintent --ontology o /dev/null
	[ "$output" = 'jintent: o/ontology.yaml:6:10: one is replaced in a circle' ]
	[ "$(jintent check -q --ontology o -o ndjson | jq -c 'select(.level == "error") | .line')" = 6 ]
	sed -i 's/replaced_by: \[one\]/replaced_by: [three]/' o/ontology.yaml
	jintent --ontology o -q /dev/null
}

@test "jintent check tells a channel that is reached and is not among the channels" {
	cp -r "$F/old" misspelt
	sed -i 's/^  email: {identifiers/  emial: {identifiers/' misspelt/ontology.yaml
	jintent check -q -o ndjson --ontology misspelt >out
	[ "$(jq -r 'select(.reason | startswith("reach")) | "\(.level) \(.line) \(.reason)"' out)" = \
		"warning 15 reach: emial is not among the channels (did you mean email?)" ]
	jintent check -q -o ndjson --ontology "$F/old" >out
	run ! grep -q reach out
}

@test "jintent check tells some of the examples that phrases lead astray, and how many more there are" {
	cp -r "$TOP/ontology" o
	jintent check -q -o ndjson --ontology o >out
	[ "$(jq -r 'select(.reason | startswith("by phrases alone an example")).reason' out | wc -l)" = 10 ]
	[ "$(jq -r 'select(.reason | test("^[0-9]+ more examples go to another intent by phrases alone")).level' out)" = warning ]
}

@test "warnings fail a check only with --strict, and the shipped ontology has no errors" {
	run -0 jintent check -q --ontology "$F/old"
	run -1 jintent check -q --strict --ontology "$F/old"
	run -0 jintent check -q --ontology "$TOP/ontology"
	run -2 jintent check --ontology "$F/none"
	run -2 jintent check -o csv
	run -2 jintent check more
}

@test "jintent without a verb is the filter that it was, and label is its name" {
	say 1 "my lamp never arrived" >in
	jintent -q --ontology "$F/old" in >a
	jintent label -q --ontology "$F/old" in >b
	cmp a b
	[ "$(jq -r .data.intent a)" = delivery.late ]
	cp in check
	jintent -q --ontology "$F/old" ./check | cmp - a
	run -2 jintent --strict in
	[ "$output" = "jintent: --strict does not go with label (see jintent --help)" ]
}

@test "a verb that is misspelt is told from a file that is not there, and check from a filter" {
	run -2 jintent chek
	[ "${lines[0]}" = "jintent: chek: no such file, and no such verb (did you mean check?)" ]
	run ! grep -q 'did you mean' <<<"$(jintent none.ndjson 2>&1)"
	run -2 jintent check "$F/old"
	[ "$output" = "jintent: check: not expected: $F/old (a folder goes with --ontology)" ]
}

@test "jintent check tells a pattern that looks for marks, which no folded text has" {
	cp -r "$F/old" o
	sed -i $'s/question: true/question: true\\n    patterns: ["onde est\xc3\xa1", "^where\xe2\x80\x99s"]/' o/intents.yaml
	jintent check -q --ontology o -o ndjson >found
	[ "$(jq -r 'select(.level == "note" and (.reason | contains("pattern"))).reason' found)" = "delivery.status: pattern 1 has á, and a folded text a" ]
}

@test "every finding of jintent check that has a line has a column" {
	[ -z "$(jq -c 'select(.line and (.column | not))' "$F/wrong.out")" ]
}

# company TEXT: a folder own/ that extends the fixture, and says TEXT
company() {
	rm -rf own && mkdir own
	printf 'jtools: ontology/1\nname: own\nversion: "1.0.0"\n%s\n' "$1" >own/ontology.yaml
}

@test "a company's folder extends a base: it adds, overrides by id, and keeps the rest" {
	cp -r "$F/old" base
	company 'extends: ../base
languages: [en]
intents:
  - {id: delivery.late, add: true, phrases: {en: [no lamp yet]}}
  - {id: delivery.status, override: true, title: Whereabouts, phrases: {en: [whereabouts]}}
  - {id: club.join, title: Joins the club, family: club, phrases: {en: [join the club]}}
families: [{id: club}]
queues: [{id: vip}, {id: sales, override: true, title: Shop}]
channels: {chat: slow, fax: slow}'
	{
		say 1 "no lamp yet"
		say 2 "never arrived"
		say 3 "whereabouts please"
		say 4 "where is my lamp"
		say 5 "join the club"
	} >in
	run -0 jintent -q --ontology own in
	[ "$(jq -c '[.data.intent, .data.ontology]' <<<"$output")" = '["delivery.late","own/1.0.0"]
["delivery.late","own/1.0.0"]
["delivery.status","own/1.0.0"]
[null,null]
["club.join","own/1.0.0"]' ]
	# What was not overridden stays: only what it says is another thing.
	jintent diff base own | jq -c 'select(.change) | [.change, .of]' | sort >changes
	diff - changes <<-'EOF'
	["channel.added","fax"]
	["channel.class","chat"]
	["family.added","club"]
	["intent.added","club.join"]
	["intent.phrases.added","delivery.late"]
	["intent.phrases.added","delivery.status"]
	["intent.phrases.removed","delivery.status"]
	["intent.title","delivery.status"]
	["language.removed","languages"]
	["ontology.name","own"]
	["queue.added","vip"]
	["queue.title","sales"]
	EOF
	run -0 jintent check -q --ontology own -o ndjson
	[ -n "$output" ]
	[ "$(jq -r .file <<<"$output" | sort -u)" = own/ontology.yaml ]
}

@test "a promise's phrases take the place of the base's, whatever stands before them" {
	cp -r "$F/old" base
	company 'extends: ../base
intents: [{id: delivery.late, add: true, phrases: {en: [no lamp yet]}}]
promises: {made: {en: [you have our word that]}}'
	[ "$(jintent diff base own | jq -c 'select(.change == "promise.phrases.removed") | .of')" = '"made"' ]
}

# refused REASON: own/ is no ontology
refused() {
	run -2 jintent --ontology own /dev/null
	[ "$output" = "jintent: own/ontology.yaml:$1" ] || {
		echo "$output"
		false
	}
}

@test "what extends badly is refused with its place" {
	cp -r "$F/old" base
	company 'extends: ../nothing'
	refused "4:10: own/../nothing is no ontology"
	company 'extends: base/9.x'
	refused "4:10: extends base/9.x, but there is $(sed -n 's/^version: "\(.*\)"/base\/\1/p' "$TOP/ontology/ontology.yaml")"
	company 'extends: other/1.x'
	[[ $(jintent --ontology own /dev/null 2>&1) == *"extends other/1.x, but there is base/"* ]]
	company 'extends: base'
	[[ $(jintent --ontology own /dev/null 2>&1) == *"a name and version like base/1.x"* ]]
	company 'extends: ../own'
	[[ $(jintent --ontology own /dev/null 2>&1) == *"extends itself, or more than eight layers" ]]
	company 'extends: ../base
intents: [{id: thanks, title: Again}]'
	refused "5:16: thanks stands among the intents of lume/1.4.2: override: true changes it"
	company 'extends: ../base
intents: [{id: thank, override: true}]'
	refused "5:16: no thank stands among the intents of lume/1.4.2: nothing to change"
	company 'extends: ../base
queues: [{id: vip}, {id: vip}]'
	refused "5:26: vip stands twice among the queues"
	company 'classes: {live: {gap: 1m}}
default_class: live'
	printf 'jtools: ontology/1\nextends: ../base\n' >own/more.yaml
	[[ $(jintent --ontology own /dev/null 2>&1) == *"own/more.yaml:2:10: extends stands in ontology.yaml" ]]
}

@test "what is refused in one layer is nothing that another could change" {
	mkdir -p low high
	printf 'jtools: ontology/1\nname: low\nversion: "1"\nclasses: {live: {gap: 1m}}\ndefault_class: live\nintents: [{id: a, override: true}]\n' >low/ontology.yaml
	printf 'jtools: ontology/1\nname: high\nversion: "1"\nextends: ../low\nintents: [{id: a, add: true}]\n' >high/ontology.yaml
	run -1 jintent check -q --ontology high -o ndjson
	[ "$(jq -r 'select(.level == "error").reason' <<<"$output")" = "no a stands among the intents of a layer below: nothing to change
no a stands among the intents of low/1: nothing to change" ]
}

@test "a company that extends the shipped ontology has its metrics, maps and scenarios" {
	company 'extends: base/1.x
intents: [{id: club.join, title: Joins the club, family: club, phrases: {en: [join the club]}}]'
	say 1 "join the club" | jintent -q --ontology own | jlog append -q --ontology own -d j.db >/dev/null
	run -0 jmetrics contacts -d j.db --ontology own -o ndjson
	[ "$(jq -r 'select(.metric == "contacts").value' <<<"$output" | head -n 1)" = 1 ]
	[ "$(jproject contacts -d j.db --ontology own | jq -r .intent)" = club.join ]
	diff <(JTOOLS_ONTOLOGY=own jnorm --formats) <(jnorm --formats)
	jgen -q -n 20 --ontology own >events
	[ "$(wc -l <events)" = 20 ]
}

# Folds a log under one ontology after another, and says under which intents its contacts stand.
intents_of() {
	jproject contacts -d j.db --ontology "$1" | jq -r .intent | sort | uniq -c | sed 's/^ *//' | paste -s -d ,
}

@test "history is read through renames, merges and splits, and the log stays as it is" {
	{
		say 1 "never arrived" delivery.late
		say 8 "where is my lamp" delivery.status
		say 15 "how much is it" quote.price
		say 22 "money back" refund.request
	} | jlog append -q --ontology "$F/old" -d j.db >/dev/null
	[ "$(intents_of "$F/old")" = "1 delivery.late,1 delivery.status,1 quote.price,1 refund.request" ]
	jlog cat -q -d j.db >before
	changed new '/id: delivery.status/,/onde está/c\  - {id: delivery.status, family: delivery, deprecated: "1.5.0", replaced_by: [delivery.late]}
		s/- id: quote.price/- id: quote.cost/
		/id: refund.request/,/dinheiro/c\  - {id: refund.request, family: refund, deprecated: "1.5.0", replaced_by: [refund.full, refund.part]}
		$a\  - {id: quote.price, deprecated: "1.5.0", replaced_by: [quote.cost]}\n  - {id: refund.full, family: refund, phrases: {en: [money back]}}\n  - {id: refund.part, family: refund, phrases: {en: [some of it back]}}' intents.yaml
	rm -r new/examples
	[ "$(intents_of new)" = "2 delivery.late,1 quote.cost,1 refund" ]
	# New words come under the new ids; incremental is what a rebuild gives.
	say 29 "how much is that" | jintent -q --ontology new | jlog append -q --ontology new -d j.db >/dev/null
	[ "$(intents_of new)" = "2 delivery.late,2 quote.cost,1 refund" ]
	cp -r "$TOP/ontology/metrics" new
	jproject contacts -d j.db --ontology new >incremental
	jproject rebuild -q -d j.db --ontology new
	jproject contacts -d j.db --ontology new | cmp - incremental
	jmetrics contacts --by intent -d j.db --ontology new -o ndjson >figures
	[ "$(jq -r 'select(.metric == "contacts" and .group.intent == "quote.cost") | .value' figures | head -n 1)" = 2 ]
	run ! grep -q 'quote.price\|delivery.status\|refund.request' figures
	jproject timeline --customer ana@mail.example -d j.db --ontology new -o csv >story
	[ "$(tail -n +2 story | cut -d , -f 7 | sort -u | paste -s -d ' ')" = "delivery.late quote.cost refund" ]
	# The log's bytes are what they were.
	jlog cat -q -d j.db | head -n 4 | cmp - before
	[ "$(jlog cat -q -d j.db | jq -r .data.intent | head -n 4 | paste -s -d ,)" = "delivery.late,delivery.status,quote.price,refund.request" ]
	# One of several may be named.
	sed -i 's/replaced_by: \[refund.full, refund.part\]/&, read_as: refund.part/' new/intents.yaml
	[ "$(intents_of new)" = "2 delivery.late,2 quote.cost,1 refund.part" ]
}

@test "a rule about an intent holds for records that were labelled with the id that it replaced" {
	changed new 's/- id: quote.price/- id: quote.cost/; $a\  - {id: quote.price, deprecated: "1.5.0", replaced_by: [quote.cost]}' intents.yaml
	printf 'jtools: rules/1\nname: r\nversion: "1"\ndefault: {queue: general, priority: 5}\nrules:\n  - id: price\n    when: "intent = '"'quote.cost'"'"\n    queue: sales\n    priority: 1\n' >rules.yaml
	say 1 "how much" quote.price | jlog append -q -d j.db --ontology new >/dev/null
	jlog cat -q -d j.db >in
	run -0 jroute -q -d j.db --ontology new -r rules.yaml in
	[[ $output == *'"queue":"sales"'* ]]
}
