#!/usr/bin/env bats
# jmetrics publish: what was told is kept, what differs now is told, and a run may end anywhere.

bats_require_minimum_version 1.5.0
load helper

# log: p.db, three months of a shop
log() {
	jgen -n 3000 --seed 3 -q > log.nd
	jlog append -q -d p.db < log.nd > told
}

publish() {
	jmetrics publish -q -d p.db -o ndjson "$@"
}

# record ID TIME SESSION [TEXT]: a word of a customer, whom the session names
record() {
	printf '{"specversion":"1.0","id":"%s","source":"whatsapp/acme","type":"message","time":"%s","session":"%s","channel":"whatsapp","direction":"in","actor":"customer","data":{"text":"%s","identifiers":[{"kind":"phone","value":"%s"}]}}\n' \
		"$1" "$2" "$3" "${4:-where is it?}" "$3"
}

# agree KIND [DIM]: the latest of what is published is what jmetrics measures now of every complete period, and of
# no other; completeness is worked out here anew.
agree() {
	local kind=$1 by=$1

	shift
	[ $# -eq 0 ] || by=$kind,$1
	jmetrics -q -d p.db -o ndjson --by "$by" | jq -r --arg kind "$kind" '
		def begin: if $kind == "day" then .group.day else .group.month + "-01" end | . + "T00:00:00Z" | fromdate;
		def ends: begin | if $kind == "day" then . + 86400 else (. + 31 * 86400) | gmtime | .[2] = 1 | mktime end;
		def window: (.window // "0d") | rtrimstr("d") | tonumber * 86400;
		[., inputs] | map(select(.n != null and .group[$kind] != null)) | group_by([.metric, .group[$kind]])[] |
		select((map(.immature) | add) == 0 and (.[0] | ends + window <= (.horizon[:19] + "Z" | fromdate))) |
		.[] | select(.value != null) |
		[.metric, .statistic, .group[$kind], (.group | del(.[$kind]) | to_entries | sort_by(.key) | from_entries | tojson), .value, .numerator, .n] | @tsv' | sort > measured
	# What a metric is never pooled over stands in its groups beside what is asked for.
	jmetrics -q -d p.db -o ndjson | jq -c '{(.metric): (.group | keys)}' | jq -s 'add' >own
	sqlite3 -json p.db "SELECT * FROM v_published WHERE value IS NOT NULL AND period = '$kind'" | jq -r --slurpfile own own --arg by "$by" '
		.[] | (.group | fromjson) as $g | select(($g | keys) == ((($by / ",")[1:] + ($own[0][.metric] // [])) | unique)) |
		[.metric, .statistic, .name, .group, .value, .numerator, .n] | @tsv' | sort > published
	diff measured published > differ || { head -20 differ; return 1; }
	[ -s measured ]
}

@test "complete periods are published once, as they are measured" {
	log
	publish --period month > first
	[ "$(jq -r .status first | sort -u)" = new ]
	[ "$(jq -r .name first | sort -u | tr '\n' ' ')" = "2026-01 2026-02 2026-03 " ]
	agree month
	run -0 publish --period month
	[ -z "$output" ]
	run -0 jmetrics publish -q -d p.db -o csv --period month
	[ -z "$output" ]
	run -0 jmetrics publish -q -d p.db -o table --period month
	[ -z "$output" ]
	[ "$(jq -c '[.start, .zone, .revision, .sequence, .why, .old_value, .difference]' first | sort -u)" = '["2026-01-01T00:00:00.000Z","UTC",1,2969,null,null,null]
["2026-02-01T00:00:00.000Z","UTC",1,2969,null,null,null]
["2026-03-01T00:00:00.000Z","UTC",1,2969,null,null,null]' ]
	jlog fsck -d p.db
}

@test "days, weeks, months and groups are published beside one another" {
	log
	publish --period day > day
	agree day
	publish --period day --by channel > channel
	agree day channel
	agree day
	[ -z "$(publish --period day)$(publish --period day --by channel)" ]
	publish --period week contacts > week
	[ "$(jq -r .name week | sed -n '1p;$p')" = "2026-W02
2026-W14" ]
	# the order of dimensions makes no other figure
	[ -n "$(publish --period month --by channel,class contacts)" ]
	[ -z "$(publish --period month --by class,channel contacts)" ]
	[ "$(publish --period month --by lang repeat_contact_rate | jq -r .metric | sort -u | wc -l)" -eq 5 ]
	# metrics whose facts lack the dimension are left out, and told
	run -0 --separate-stderr jmetrics publish -d p.db -o ndjson --period month --by agent_kind
	[[ "$stderr" == *"left out, without such a dimension: issues"* ]]
	jlog fsck -d p.db
}

@test "periods are those of the zone" {
	log
	publish --period day --tz America/Sao_Paulo contacts > sp
	[ "$(jq -r '[.name, .start, .zone] | join(" ")' sp | head -1)" = "2026-01-05 2026-01-05T03:00:00.000Z America/Sao_Paulo" ]
	diff <(jq -c '[.name, .metric, .value]' sp | sort) \
		<(jmetrics -q -d p.db -o ndjson --by day --until 2026-04-17T03:00:00Z --tz America/Sao_Paulo contacts | jq -c '[.group.day, .metric, .value]' | sort)
	# beside those of UTC, which stay
	[ "$(publish --period day contacts | jq -r .zone | sort -u)" = UTC ]
	[ -z "$(publish --period day --tz America/Sao_Paulo contacts)" ]
	# a day of 23 hours ends when the next begins
	publish --period day --tz America/New_York contacts > ny
	[ "$(jq -r 'select(.name | test("03-0[89]")) | .start' ny | sort -u | tr '\n' ' ')" = "2026-03-08T05:00:00.000Z 2026-03-09T04:00:00.000Z " ]
}

@test "a period waits until its window has passed, and until all of its rows are mature" {
	log
	names() { jq -r '.name + " " + (.metric | split(".")[0])' | sort -u | paste -sd,; }
	# a contact of March goes on in April, within a window of the horizon
	[ "$(publish --period month contacts repeat_contact_rate | names)" = "2026-01 contacts,2026-01 repeat_contact_rate,2026-02 contacts,2026-02 repeat_contact_rate,2026-03 contacts" ]
	record h 2026-05-04T00:00:00Z +5511900000001 | jlog append -q -d p.db
	[ "$(publish --period month contacts repeat_contact_rate | names)" = "2026-03 repeat_contact_rate,2026-04 contacts" ]
	record i 2026-05-08T00:00:00Z +5511900000001 | jlog append -q -d p.db
	[ "$(publish --period month contacts repeat_contact_rate | names)" = "2026-04 repeat_contact_rate" ]
	publish --period month > rest
	agree month
}

@test "a late record restates just the periods that it touches, and says by how much" {
	log
	publish --period day > first
	record late 2026-02-10T10:00:00Z +5511900000001 | jlog append -q -d p.db
	publish --period day > second
	[ "$(jq -r .name second | sort -u)" = 2026-02-10 ]
	[ "$(jq -r 'select(.status == "restated") | .why' second | sort -u)" = log ]
	# a figure that had no rows on that day is a new one
	key='[.metric, .statistic, .name, .group] | tojson'
	[ -z "$(comm -12 <(jq -r "$key" first | sort) <(jq -r "select(.status == \"new\") | $key" second | sort))" ]
	[ -z "$(comm -13 <(jq -r "$key" first | sort) <(jq -r "select(.status == \"restated\") | $key" second | sort))" ]
	[ "$(jq -c 'select(.metric == "contacts") | [.n - .old_n, .value - .old_value, .difference, .revision, .sequence]' second)" = '[1,1,1,2,2970]' ]
	agree day
	[ -z "$(publish --period day)" ]
	# what was told before is kept
	[ "$(sqlite3 p.db "SELECT group_concat(revision || ':' || why) FROM published WHERE metric = 'contacts' AND name = '2026-02-10'")" = 2:log ]
	[ "$(sqlite3 p.db "SELECT count(*) FROM published WHERE metric = 'contacts' AND name = '2026-02-10'")" -eq 2 ]
	[ "$(sqlite3 p.db "SELECT value FROM published WHERE metric = 'contacts' AND name = '2026-02-10' AND revision = 1")" = \
		"$(jq -r 'select(.metric == "contacts" and .name == "2026-02-10") | .value' first).0" ]
	jlog fsck -d p.db
	run -0 jmetrics publish -q -d p.db -o csv --period month
	record late2 2026-02-10T12:00:00Z +5511900000002 | jlog append -q -d p.db
	run -0 jmetrics publish -q -d p.db -o table --period month contacts
	[[ "${lines[0]}" =~ ^status\ +period\ +group\ +metric\ +value\ +n\ +was\ +difference\ +why$ ]]
	[[ "${lines[1]}" =~ ^restated\ +2026-02\ +contacts\ +190\ +190\ +189\ +\+1\ +log$ ]]
}

@test "a late record that opens a new day makes a new figure there" {
	log
	record late 2025-12-24T10:00:00Z +5511900000001 | jlog append -q -d p.db
	publish --period day contacts > first
	[ "$(jq -r .name first | head -1)" = 2025-12-24 ]
	record later 2019-02-03T10:00:00Z +5511900000001 | jlog append -q -d p.db
	[ "$(publish --period day contacts | jq -r '.status + " " + .name' | sort -u)" = "new 2019-02-03" ]
	agree_contacts=$(jmetrics -q -d p.db -o ndjson --by day --until 2026-04-18 contacts | jq -n '[inputs | select(.group.day < "2026-04-18") | .value] | add')
	[ "$(sqlite3 p.db 'SELECT CAST(sum(value) AS INTEGER) FROM v_published')" = "$agree_contacts" ]
}

@test "a link of two identifiers restates, and a group that is gone has no value" {
	log
	record a 2026-02-10T10:00:00Z +5511900000001 > two
	record b 2026-02-11T10:00:00Z +5511900000002 >> two
	jlog append -q -d p.db < two
	publish --period month > first
	publish --period day > days
	jlog link -q -d p.db --why "the same woman" phone:+5511900000001 phone:+5511900000002 > told
	publish --period month > second
	[ "$(jq -r '[.status, .why, .name] | join(" ")' second | sort -u)" = "restated log 2026-02" ]
	[ "$(jq -c 'select(.metric == "customers") | .difference' second)" = -1 ]
	agree month
	publish --period day > days2
	agree day
	[ -z "$(publish --period month)$(publish --period day)" ]
	# a label that moves a contact to another group: the old one is restated without a value, once
	publish --period day --by agent contacts > agents
	sqlite3 p.db "UPDATE contact SET agent = 'Nobody' WHERE agent = 'AcmeBot'"
	publish --period day --by agent contacts > moved
	[ "$(jq -c 'select(.group.agent == "AcmeBot") | [.status, .why, .value, .n, .difference]' moved | sort -u)" = '["restated","facts",null,0,null]' ]
	[ "$(jq -r 'select(.group.agent == "Nobody") | .status' moved | sort -u)" = new ]
	[ -z "$(publish --period day --by agent contacts)" ]
}

@test "of an erased customer nothing is in what was published, which agrees with what is left" {
	log
	record a 2026-02-10T10:00:00Z +5511900000001 | jlog append -q -d p.db
	publish --period month > first
	publish --period day --by agent > days
	jlog forget -q -d p.db --customer phone:+5511900000001 --why asked > told
	publish --period month > second
	agree month
	publish --period day --by agent > days
	agree day agent
	jlog fsck -d p.db
	run ! grep -qa 5511900000001 p.db p.db-wal
	jlog pack -q -d p.db
	[ -z "$(publish --period month)" ]
}

@test "what may name a customer is not published, since it would outlive her erasure" {
	log
	for dimension in session case_id; do
		run -2 jmetrics publish -q -d p.db --period day --by $dimension contacts
		[ "$output" = "jmetrics: --by: $dimension may name a customer, and what is published outlives an erasure" ]
	done
	run -2 jmetrics publish -q -d p.db --period day --by inputs contradiction_rate
	run -2 jmetrics publish -q -d p.db --period day --by reason escalation_rate
	run -2 jmetrics publish -q -d p.db --period day --by order contacts
	[ "$output" = "jmetrics: --by: order may name a customer, and what is published outlives an erasure" ]
	# Values that an ontology lists do not.
	mkdir own
	printf '%s\n' 'jtools: ontology/1' 'name: own' 'version: "1.0.0"' 'extends: base/1.x' >own/ontology.yaml
	printf '%s\n' 'jtools: ontology/1' 'entities:' '  - id: product' '    list: [{value: Lamp}]' >own/own.yaml
	{
		record 1 2026-01-03T10:00:00Z +551
		record 2 2026-01-04T10:00:00Z +552
	} | jq -c '.data.entities.product = if .id == "1" then "Lamp" else "phone +552, ana'"'"'s" end' | jlog append -q -d p.db --ontology own >told
	publish --ontology own --period day --by product contacts >days
	[ "$(jq -r .group.product days | sort -u)" = "Lamp
null" ]
	jlog forget -q -d p.db --customer phone:+552 --why asked >told
	run ! grep -qa "ana's" p.db p.db-wal
}

@test "a call that is taken on the next day is published there, where nothing else was on it" {
	{
		record a 2026-01-01T10:00:00Z +551
		record b 2026-03-05T20:00:00Z +552 | jq -c '.data += {intent: "delivery.late", entities: {order: "A1"}}'
		record c 2026-03-05T20:01:00Z +552 | jq -c '.direction = "out" | .actor = "bot"'
		record d 2026-03-05T23:59:50Z +552 | jq -c '.type = "call" | .channel = "voice" |
			.data += {intent: "delivery.late", reason: "answered", wait: 60, duration: 90, agent: "ana"}'
		record e 2026-05-01T10:00:00Z +551
	} | jlog append -q -d p.db
	publish --period day repeat_information_rate >days
	wanted=$(jmetrics -q -d p.db -o ndjson --by day repeat_information_rate | jq -c '[.group.day, .n]')
	[ "$(jq -c '[.name, .n]' days)" = "$wanted" ]
	[ "$(jq -r .name days | tail -1)" = 2026-03-06 ]
}

@test "answers to surveys alone are published" {
	for day in 10 11 12; do
		printf '{"specversion":"1.0","id":"s%s","source":"forms/acme","type":"survey.answered","time":"2026-02-%sT10:00:00Z","data":{"scale":"nps","score":9,"identifiers":[{"kind":"email","value":"ana@example.org"}]}}\n' $day $day
	done | jlog append -q -d p.db
	run -0 jmetrics publish -q -d p.db -o ndjson --period day nps
	[ "$(jq -r 'select(.value != null) | .name' <<<"$output" | sort -u | tr '\n' ' ')" = "2026-02-10 2026-02-11 " ]
}

@test "what is not observable any more, since who told it was erased, has no value" {
	for n in 1 2; do
		record m$n 2026-02-1${n}T10:00:00Z +552
	done >two
	record a 2026-02-10T10:00:00Z +551 | jq -c '.type = "survey.answered" | .data += {scale: "nps", score: 9}' >>two
	jlog append -q -d p.db <two
	[ "$(publish --period day nps | jq -c '[.statistic, .value, .n]' | tr '\n' ' ')" = '["net",1,1] ["mean",9,1] ' ]
	jlog forget -q -d p.db --customer phone:+551 --why asked >told
	[ "$(publish --period day nps | jq -c '[.status, .why, .statistic, .value, .n]' | tr '\n' ' ')" = '["restated","log","mean",null,0] ["restated","log","net",null,0] ' ]
	[ -z "$(publish --period day nps)" ]
	jlog fsck -d p.db
}

@test "another definition restates and says so, another title does not" {
	log
	mkdir mine
	cp "$TOP/ontology/metrics/contacts.yaml" mine/
	publish --period month --metrics mine > first
	sed -i 's/^title: .*/title: Conversations/; s/Conversations of one/Talks of one/' mine/contacts.yaml
	[ -z "$(publish --period month --metrics mine)" ]
	sed -i 's/^version: .*/version: "1.1.0"/' mine/contacts.yaml
	publish --period month --metrics mine > second
	[ "$(jq -r .metric second | sort -u | tr '\n' ' ')" = "contacts contacts.handled contacts.offered " ]
	[ "$(jq -c '[.status, .why, .version, .old_version, .difference]' second | sort -u)" = '["restated","definition","1.1.0","1.0.0",0]' ]
	# the text alone, without a new version
	sed -i 's/where: offered = 1/where: offered = 1 AND human = 1/' mine/contacts.yaml
	publish --period month --metrics mine > third
	[ "$(jq -c '[.metric, .why, .difference < 0]' third | sort -u)" = '["contacts.offered","definition",true]' ]
	# together with a late record
	record late 2026-02-10T10:00:00Z +5511900000001 | jlog append -q -d p.db
	sed -i 's/ AND human = 1//' mine/contacts.yaml
	[ "$(publish --period month --metrics mine contacts.offered | jq -r '.name + " " + .why' | tr '\n' ',')" = "2026-01 definition,log,2026-02 definition,log,2026-03 definition,log," ]
	[ -z "$(publish --period month --metrics mine contacts.offered)" ]
}

@test "of a definition with a top every group of a period is published, those too that it leaves out of a report" {
	log
	mkdir mine
	printf '%s\n' 'jtools: metric/1' 'id: told' 'version: "1"' 'title: T' 'fact: contact' 'kind: count' 'by: [intent]' 'top: 2' >mine/told.yaml
	publish --period month --metrics mine told >first
	[ "$(jq -r .name first | sort -u | tr '\n' ' ')" = "2026-01 2026-02 2026-03 " ]
	diff <(jq -c '[.name, .group.intent, .value]' first | sort) \
		<(jmetrics -q -d p.db -o ndjson --by month,intent --until 2026-04-01 contacts | jq -c 'select(.metric == "contacts") | [.group.month, .group.intent, .value]' | sort)
	# A month that becomes larger than the others takes nothing out of them.
	for i in 1 2 3 4 5 6 7 8 9; do
		record "late$i" 2026-02-0${i}T10:00:00Z "+551190000000$i"
	done | jlog append -q -d p.db
	[ "$(publish --period month --metrics mine told | jq -r '.name + " " + (.n > .old_n | tostring)' | sort -u)" = "2026-02 true" ]
}

@test "what is not observable is not published, and an empty log has nothing" {
	: | jlog append -q -d p.db
	run -0 publish --period day
	[ -z "$output" ]
	[ -z "$(sqlite3 p.db "SELECT name FROM sqlite_schema WHERE name = 'published'")" ]
	jlog fsck -d p.db
	record a 2026-02-10T10:00:00Z +5511900000001 | jlog append -q -d p.db
	record b 2026-04-10T10:00:00Z +5511900000001 | jlog append -q -d p.db
	publish --period day > first
	run ! jq -e 'select(.metric | test("escalation|channel_switch"))' first
	[ "$(jq -r 'select(.metric == "contacts") | .name' first)" = 2026-02-10 ]
}

@test "two at once publish each figure once; busy is 75" {
	log
	for i in 1 2 3; do
		publish --period day --by channel > "out.$i" &
		runs[i]=$!
	done
	for i in 1 2 3; do
		wait "${runs[i]}"
	done
	agree day channel
	[ "$(cat out.? | jq -r .status | sort -u)" = new ]
	[ "$(cat out.? | wc -l)" = "$(sqlite3 p.db 'SELECT count(*) FROM published')" ]
	jlog fsck -d p.db
	record late 2026-02-10T10:00:00Z +5511900000001 | jlog append -q -d p.db
	coproc sqlite3 p.db
	printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&"${COPROC[1]}"
	read -r one <&"${COPROC[0]}"
	run -75 publish --period day --wait 50ms
	printf 'ROLLBACK;\n.quit\n' >&"${COPROC[1]}"
	wait
	[[ "$output" == *"p.db: another writer holds it" ]]
	[ -n "$(publish --period day --by channel)" ]
}

# rest: the file is sound, and what is missing comes with the next run, so that all is as if nothing had happened
rest() {
	jlog fsck -d p.db > told
	jlog verify -d p.db > told
	publish --period day > out
	sqlite3 p.db "SELECT name, metric, statistic, \"group\", value, numerator, n, low, high, revision, sequence FROM published ORDER BY 1, 2, 3, 4" > all
	cmp all whole
}

whole() {
	log
	jproject -q -d p.db update
	cp p.db before.db
	publish --period day > out
	sqlite3 p.db "SELECT name, metric, statistic, \"group\", value, numerator, n, low, high, revision, sequence FROM published ORDER BY 1, 2, 3, 4" > whole
}

before() {
	rm -f p.db*
	cp before.db p.db
}

# published: how many figures are.
published() {
	sqlite3 p.db "SELECT count(*) FROM published" 2>err || echo 0
}

# A number of seconds, or of figures that are published by then.
@test "killed anywhere: the file is sound, what is published is whole periods, and the next run completes them" {
	whole
	partial=0
	for at in 0.02 0.04 0.06 0.1 0.2 1 1 30 30 100 100; do
		before
		jmetrics publish -q -d p.db --period day > out &
		pid=$!
		case $at in
		0*) sleep $at ;;
		*) while kill -0 $pid 2> err && [ "$(published)" -lt $at ]; do :; done ;;
		esac
		kill -9 $pid 2> err || true
		wait $pid || true
		# a period is there with all of its figures, or not at all
		sqlite3 p.db "SELECT name, metric, statistic, \"group\" FROM published" 2> err | sort > some || true
		cut -d'|' -f1 some | sort -u > names
		diff some <(cut -d'|' -f1-4 whole | grep -f <(sed 's/.*/^&|/' names) | sort) || [ ! -s names ]
		[ ! -s some ] || [ "$(wc -l <some)" = "$(wc -l <whole)" ] || partial=$((partial + 1))
		rest
	done
	[ $partial -gt 0 ]
}

@test "a power cut or a torn write anywhere in publishing loses no more than the period at hand" {
	! sanitized || skip "a sanitizer is to be loaded first"
	whole
	before
	JTOOLS_FAULT_COUNT=$PWD/count LD_PRELOAD=${J%/bin}/test/vfs/fault.so publish --period day > out
	ops=$(tail -1 count)
	[ "$ops" -gt 100 ]
	for kind in lost torn; do
		for part in 1 3 10 25 40 55 70 85 99; do
			before
			run env JTOOLS_FAULT=$kind:$((ops * part / 100 + 1)) LD_PRELOAD="${J%/bin}/test/vfs/fault.so" \
				jmetrics publish -q -d p.db -o ndjson --period day
			rest
		done
	done
}

@test "a file that may not be written, and wrong lines, are refused" {
	log
	run -2 jmetrics publish -d p.db
	[ "$output" = "jmetrics: which periods? --period day, week or month" ]
	run -2 jmetrics publish -d p.db --period year
	run -2 jmetrics publish -d p.db --period day -o prom
	[ "$output" = "jmetrics: --output: publish writes table, ndjson or csv" ]
	run -2 jmetrics publish -d p.db --period day --by day
	[ "$output" = "jmetrics: --by: day is the period" ]
	run -2 jmetrics publish -d p.db --period day --since 2026-01-01
	[[ "$output" == "jmetrics: --since does not go with publish"* ]]
	run -2 jmetrics -d p.db --period day
	[[ "$output" == "jmetrics: --period does not go with measure"* ]]
	run -2 jmetrics publish -d none.db --period day
	[ ! -e none.db ]
}

@test "fsck finds revisions that are missing and a table that is not as it was made" {
	log
	publish --period month > first
	sqlite3 p.db "UPDATE published SET revision = 3 WHERE metric = 'contacts' AND name = '2026-02'"
	run -1 jlog fsck -d p.db
	[[ "$output" == *"published figures since 1769904000000: revisions are missing or rest on records that there are not"* ]]
	sqlite3 p.db "UPDATE published SET revision = 1 WHERE metric = 'contacts'; DROP VIEW v_published"
	run -1 jlog fsck -d p.db
	[[ "$output" == *"v_published is missing"* ]]
}

@test "the examples for cron and systemd run" {
	log
	ln -s p.db journey.db
	export JTOOLS_DB=$PWD/journey.db
	n=0
	while read -r line; do
		bash -c "$line" > cron.out 2> cron.err || { [ $? -eq 1 ] && [[ "$line" == *--check* ]]; }
		[ ! -s cron.err ]
		n=$((n + 1))
	done < <(sed -nE 's|/var/lib/jtools|'"$PWD"'|g; s/\\%/%/g; s/^([^ ]+ ){5}//p' "$TOP/doc/examples/crontab" | grep ^jmetrics)
	[ $n -eq 4 ]
	"$TOP/test/check_prom.py" < jtools.prom
	[ "$(jq -r .period published.ndjson | sort -u | tr '\n' ' ')" = "day week " ]
	line=$(sed -nE 's|^ExecStart=/usr/local/bin/||p' "$TOP/doc/examples/jtools-metrics.service")
	[ -z "$(bash -c "$line")" ]
	if command -v systemd-analyze > /dev/null; then
		sed "s|/usr/local/bin/|$J/|" "$TOP/doc/examples/jtools-metrics.service" > jtools-metrics.service
		cp "$TOP/doc/examples/jtools-metrics.timer" .
		systemd-analyze --man=no verify ./jtools-metrics.timer 2>&1 | grep jtools-metrics > verdict || true
		[ ! -s verdict ]
	fi
}
