#!/usr/bin/env bats
# jproject as of a place in the log, and what changed since one.
# runs: long
bats_require_minimum_version 1.5.0
load helper
load gen/records


# reads FILE [OPTION ...]: all that can be read of a log, every customer's story and context included.
reads() {
	local file=$1 verb c
	shift
	for verb in contacts issues switches moves flow snapshot; do
		echo "== $verb"
		jproject -d "$file" "$verb" "$@"
	done
	# Ids come of a file's secret, and containers tell when the log took their records.
	jproject -d "$file" traces "$@" | sed -E 's/"(traceId|spanId|parentSpanId)":"[0-9a-f]*"//g' | tr ',' '\n'
	jproject -d "$file" vcon "$@" | sed -E 's/"(uuid|created_at|updated_at|recordedtime)":"[^"]*"//g; s/\\"recordedtime\\":\\"[^"]*\\"//g' | tr ',' '\n'
	for c in $(jproject -d "$file" snapshot "$@" | grep -o '^{"customer":"c[0-9]*' | grep -o 'c[0-9]*$'); do
		echo "== $c"
		jproject -d "$file" timeline --customer "$c" "$@" | without recordedtime
		jproject -d "$file" timeline --customer "$c" -o table "$@"
		jproject -d "$file" context --customer "$c" -o json "$@"
	done
}

# forms SEED: a history of some shape, and partings and labels in it.
forms() {
	history -v seed="$1" -v n=90 -v people=$((3 + $1 % 5)) -v shared=$(($1 % 3 * 30)) -v late=$(($1 % 4 * 10)) \
		-v links=$((5 + $1 % 2 * 10)) -v partings=$((3 + $1 % 3 * 3)) -v days=$((5 + $1 % 30))
}

# apply: the snapshots in old with those in changed put in their place, into applied.
apply() {
	cat old changed | awk '{ split($0, part, "\""); id = substr(part[4], 2); last[id] = $0; gone[id] = /"gone":true}$/ }
		END { for (id in last) if (!gone[id]) print id "\t" last[id] }' | sort -n | cut -f 2- >applied
}

@test "what is read as of a record is what a log that ends with it says" {
	for seed in $(seq "$(rounds 1 4)"); do
		forms $seed >in
		rm -f all.db*
		jlog -q -d all.db append in
		for n in 1 $((9 + seed * 5)) $((60 + seed)) 90; do
			rm -f first.db*
			head -n $n in | jlog -q -d first.db append
			reads first.db >expected
			reads all.db --as-of $n >got
			diff expected got >difference || { echo "seed $seed, as of $n"; head -20 difference; false; }
		done
	done
}

@test "applying what changed since a record to an older snapshot gives the new one" {
	for seed in $(seq "$(rounds 4 12)"); do
		forms $seed >in
		rm -f j.db*
		jlog -q -d j.db append in
		for since in 1 30 $((40 + seed)) 89; do
			jproject -d j.db snapshot --as-of $since >old
			jproject -d j.db snapshot --changed-since $since >changed
			jproject -d j.db snapshot >new
			apply
			diff new applied >difference || { echo "seed $seed, since $since"; head -20 difference; false; }
		done
	done
}

# same_since SINCE: what changed, put on the snapshot of SINCE, is that of now; *changed* holds what changed.
same_since() {
	jproject -d j.db snapshot --as-of "$1" >old
	jproject -d j.db snapshot --changed-since "$1" >changed
	jproject -d j.db snapshot >new
	apply
	diff new applied
}

@test "an identifier that turns out to be shared parts people, and the snapshots of all of them change" {
	for i in 1 2 3; do
		printf '{"specversion":"1.0","id":"%s","source":"desk/a","type":"message","time":"2026-03-02T10:0%s:00Z","session":"%s","channel":"chat","direction":"in","actor":"customer","data":{"identifiers":[{"kind":"crm","value":"%s"},{"kind":"email","value":"info@x.example"}]}}\n' $i $i $i $i
		printf '{"specversion":"1.0","id":"m%s","source":"mail/a","type":"message","time":"2026-03-02T11:0%s:00Z","session":"m%s","channel":"email","direction":"in","actor":"customer","data":{"identifiers":[{"kind":"email","value":"info@x.example"}]}}\n' $i $i $i
	done >in
	jlog -q -d j.db append in
	for since in 1 2 3 4 5; do
		same_since $since
	done
	same_since 4
	is "$(grep -o '"c[0-9]*"' changed | tr -d '"' | tr '\n' ' ')" "c1 c2 c3 c4 c5 c6 "
	for n in 4 5 6; do
		rm -f first.db*
		head -n $n in | jlog -q -d first.db append
		diff <(reads first.db) <(reads j.db --as-of $n)
	done
}

@test "numbers that joining took away are gone, and a copy that knows them drops them" {
	{
		her 1 "02 10:00" session=a "$(phone +551)"
		her 2 "02 10:00" session=b "$(email a@x.example)"
		her 3 "02 10:00" session=c
		her 4 "02 10:00" session=d "$(phone +559)"
		rec 5 "02 11:00" session=e type=identity.linked actor=system direction= "$(both +551 a@x.example)"
		her 6 "02 12:00" session=c "$(email a@x.example)"
	} | jlog -q -d j.db append
	same_since 4
	is "$(head -2 changed | tr '\n' ' ')" '{"customer":"c2","gone":true} {"customer":"c3","gone":true} '
	is "$(wc -l <changed)" 3
	jproject -d j.db snapshot --changed-since 4 --as-of 5 >changed
	is "$(cut -c 1-16 changed | tr '\n' ' ')" '{"customer":"c2" {"customer":"c1" '
	is "$(jproject -d j.db snapshot --changed-since 4 --customer +559 | wc -l)" 0
	is "$(jproject -d j.db snapshot --changed-since 4 --customer +551 | wc -l)" 1
	is "$(jproject -d j.db snapshot --changed-since 6 | wc -l)" 0
}

@test "who was joined and then erased is gone from a copy that was made before" {
	{
		her 1 "02 10:00" session=a "$(phone +551)"
		her 2 "02 10:01" session=b
		her 3 "02 10:02" session=a "$(email a@x.example)"
		her 4 "02 10:03" session=d "$(phone +559)"
	} | jlog -q -d j.db append
	jproject -d j.db snapshot >old
	is "$(cut -d '"' -f 4 old | tr '\n' ' ')" "c1 c2 c3 c4 "
	her 5 "02 11:00" session=b "$(both +551 a@x.example)" | jlog -q -d j.db append
	jlog -q -d j.db forget --customer phone:+551 --why asked >told
	jproject -d j.db snapshot --changed-since 4 >changed
	jproject -d j.db snapshot >new
	apply
	diff new applied
	is "$(grep -c gone changed)" 2
	is "$(jproject -d j.db snapshot --changed-since 6 | wc -l)" 0
}

@test "labels are those of the place, and new labels change a snapshot" {
	{ her 1 "02 10:00" "$(phone +551),\"text\":\"my order is late\""; her 2 "02 11:00" session=b "$(phone +552)"; } >in
	jlog -q -d j.db append in
	sed '1s/"text"/"intent":"delivery.late","confidence":0.9,"ontology":"base\/2","text"/' in | jlog -q -d j.db append
	is "$(jlog -q -d j.db cat | wc -l)" 3
	is "$(jproject -d j.db issues --as-of 3 | grep -c delivery)" 1
	is "$(jproject -d j.db issues --as-of 2 | grep -c delivery)" 0
	same_since 2
	is "$(cut -c 1-16 changed)" '{"customer":"c1"'
}

@test "who was erased since has changed" {
	{ her 1 "02 10:00" "$(phone +551),\"name\":\"Ana\""; her 2 "02 11:00" session=b "$(phone +552)"; } | jlog -q -d j.db append
	jproject -d j.db snapshot >old
	jlog -q -d j.db forget --customer +551 --why asked
	jproject -d j.db snapshot --changed-since 2 >changed
	jproject -d j.db snapshot >new
	apply
	diff new applied
	run ! grep -q Ana applied
	jproject -d j.db snapshot --as-of 2 >past
	run ! grep -q Ana past
}

@test "a time is the last record that the log took by then, and what lies beyond the log is refused" {
	her 1 "02 10:00" "$(phone +551)" | jlog -q -d j.db append
	sleep 0.1
	now=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
	sleep 0.1
	her 2 "02 09:00" session=b "$(phone +552)" | jlog -q -d j.db append
	is "$(jproject -d j.db snapshot --as-of "$now" | wc -l)" 1
	is "$(jproject -d j.db contacts --as-of "$now" | wc -l)" 1
	is "$(jproject -d j.db contacts --as-of 2020-01-01 | wc -l)" 0
	is "$(jproject -d j.db contacts --as-of 0 | wc -l)" 0
	is "$(jproject -d j.db snapshot --changed-since "$now" | cut -c 1-16)" '{"customer":"c2"'
	run -2 jproject -d j.db contacts --as-of 3
	is "$output" "jproject: 3: the log ends at 2"
	run -2 jproject -d j.db contacts --as-of yesterday
	run -2 jproject -d j.db timeline --customer +552 --as-of 1
	is "$output" "jproject: +552: no such customer"
	run -2 jproject -d j.db snapshot --customer c2 --as-of 1
	is "$(jproject -d j.db contacts --customer +551 --as-of 1 | wc -l)" 1
}

@test "what is read as of a place writes nothing and waits for no writer" {
	forms 3 | jlog -q -d j.db append
	jproject -q -d j.db update
	dump j.db >before
	hold j.db 2
	timeout 1.5 jproject -d j.db contacts --as-of 40 --wait 0s >got
	timeout 1.5 jproject -d j.db snapshot --as-of 40 --wait 0s >got
	wait $holder
	dump j.db | cmp before -
	is "$(jproject -d j.db contacts --as-of 90 | md5sum)" "$(jproject -d j.db contacts | md5sum)"
}
