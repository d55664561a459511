#!/usr/bin/env bats
# jlog: the log takes every record once, keeps its bytes, gives nothing up, and tells who it is about.
load helper
load gen/records

append() { jlog -q -d j.db append "$@"; }
cat_log() { jlog -q -d j.db cat "$@"; }
count() { sqlite3 "${1:-j.db}" 'SELECT count(*) FROM event'; }
ids() { sed 's/.*"id":"\([^"]*\)".*/\1/'; }

teardown() { close_folder; }

# ---- appending ----

@test "jlog append passes on what it took, with customer, sequence and recordedtime in front of the same bytes" {
	her a1 "02 10:00" "$(phone +551)" >in
	jlog -d j.db append in >out 2>err
	grep -q '^{"customer":"c1","sequence":"000000000001","recordedtime":"20[0-9T:.-]*Z","specversion"' out
	sed 's/^{"customer":"[^"]*","sequence":"[^"]*","recordedtime":"[^"]*",/{/' out | cmp - in
	[ "$(cat err)" = "jlog: read 1 = written 1 + duplicates 0 + rejected 0" ]
}

@test "jlog append with --quiet writes neither records nor a summary" {
	her a1 "02 10:00" >in
	jlog -q -d j.db append in >out 2>err
	[ ! -s out ] && [ ! -s err ]
	[ "$(count)" = 1 ]
}

@test "a second run over the same input appends nothing and cat gives the same bytes" {
	history -v seed=1 -v n=300 >in
	append in
	cat_log >first
	jlog -d j.db append in >out 2>err
	[ ! -s out ]
	[ "$(cat err)" = "jlog: read 300 = written 0 + duplicates 300 + rejected 0" ]
	cat_log | cmp - first
}

@test "jlog cat into jlog append of the same file changes nothing" {
	history -v seed=2 -v n=300 >in
	append in
	cat_log >first
	cat_log | jlog -d j.db append 2>err >out
	grep -q 'duplicates 300' err
	[ ! -s out ]
	cat_log | cmp - first
}

@test "a log read into another file keeps all but the time of recording" {
	history -v seed=3 -v n=300 >in
	append in
	cat_log | jlog -q -d other.db append
	cat_log | without recordedtime >first
	jlog -q -d other.db cat | without recordedtime | cmp - first
}

@test "the same id of two sources is two records, and of one source one" {
	her a "02 10:00" source=wa/a >in
	her a "02 10:00" source=wa/b >>in
	her a "02 10:00" source=wa/b >>in
	jlog -d j.db append in >out 2>err
	grep -q 'read 3 = written 2 + duplicates 1 + rejected 0' err
	[ "$(wc -l <out)" = 2 ]
}

@test "the same id with other content is a conflict: told, kept with the dead letters, and not recorded" {
	her a "02 10:00" '"text":"one"' >in
	her b "02 10:00" '"text":"two"' >>in
	append in
	her a "02 10:00" '"text":"other"' >changed
	her b "02 10:01" '"text":"two"' >>changed
	her c "02 10:01" '"text":"three"' >>changed
	her c "02 10:01" '"text":"four"' >>changed
	run jlog -d j.db append --reject dead changed
	[ "$status" = 65 ]
	[[ "$output" == *"jlog: changed:1: its source and id are those of record 1, which has another text"* ]]
	[[ "$output" == *"jlog: changed:2: its source and id are those of record 2, which has another time"* ]]
	[[ "$output" == *"jlog: changed:4: its source and id are those of record 3, which has another text"* ]]
	[[ "$output" == *"read 4 = written 1 + duplicates 0 + rejected 3"* ]]
	[ "$(grep -c '"reason":"conflict"' dead)" = 3 ]
	[ "$(cat_log | grep -c other)" = 0 ]
}

@test "what a reading says of a record, white space, the order of its members and how an instant is written make no conflict" {
	printf '%s\n' '{"specversion":"1.0","id":"x","source":"s","type":"message","time":"2026-03-02T10:00:00.000Z","data":{"text":"\u00e9","entities":{"order":"1"},"ext":{"a":1,"b":[2]},"origin":{"file":"a","line":1}}}' >in
	append in
	printf '%s\n' '{"id":"x", "specversion":"1.0","source":"s","type":"message","time":"2026-03-02T11:00:00+01:00","channel":null,"data":{"ext":{"b":[ 2 ],"a":1},"text":"é","order":7,"origin":{"file":"b","line":9},"entities":{"order":"1"}}}' >again
	jlog -d j.db append again 2>err >out
	grep -q 'duplicates 1 + rejected 0' err
	printf '%s\n' '{"specversion":"1.0","id":"x","source":"s","type":"message","time":"2026-03-02T10:00:00.000Z","data":{"text":"é","entities":{"order":"1"},"ext":{"a":1,"b":[2,3]}}}' >other
	run jlog -d j.db append other
	[ "$status" = 65 ]
	[[ "$output" == *"which has another ext"* ]]
}

@test "duplicates within one batch and across batches are counted alike" {
	history -v seed=4 -v n=50 >in
	cat in in | jlog -d j.db append 2>err >out
	grep -q 'read 100 = written 50 + duplicates 50' err
	[ "$(wc -l <out)" = 50 ]
}

@test "unknown members, odd numbers and spaces come back byte for byte" {
	printf '%s\n' '{"specversion":"1.0","id":"x","source":"s","type":"message","time":"2026-03-02T10:00:00.5+03:00","zzz":"1","data":{"big":123456789012345678901234567890,"n":1.10,  "e":1e400,"t":"\u00e9\/é"}}' >in
	append in
	cat_log | sed 's/^{"customer":"[^"]*","sequence":"[^"]*","recordedtime":"[^"]*",/{/' | cmp - in
}

@test "blank lines and a missing last line end are no matter" {
	{ her a "02 10:00"; echo; echo; her b "02 10:01"; } | head -c -1 | jlog -d j.db append 2>err >out
	grep -q 'read 2 = written 2' err
	[ "$(count)" = 2 ]
}

@test "jlog append reads several files in their order, and stdin where a file is called -" {
	her a "02 10:00" >1; her b "02 10:00" >2; her c "02 10:00" >3
	append 1 - 3 <2
	[ "$(cat_log | ids | tr '\n' ' ')" = "a b c " ]
}

@test "a name that is not there stops jlog append before anything is made or taken" {
	her a "02 10:00" >1
	run jlog -d j.db append 1 missing
	[ "$status" = 2 ]
	[[ "$output" == *"jlog: missing: No such file or directory"* ]]
	[ ! -e j.db ]
}

@test "sequences have no gaps after duplicates, rejects and several runs" {
	history -v seed=5 -v n=60 >in
	head -20 in | append
	{ head -30 in; echo bad; sed -n 31,40p in; } | append || [ $? = 65 ]
	append in
	[ "$(sqlite3 j.db 'SELECT min(seq), max(seq), count(*) FROM event')" = "1|60|60" ]
	cat_log | ids | cmp - <(ids <in)
}

# ---- what is refused ----

@test "each kind of bad line is refused with its reason, place and bytes, and the rest goes in" {
	{
		her a "02 10:00"
		echo 'not json'
		echo '["an","array"]'
		echo '{"specversion":"1.0","source":"s","type":"message","time":"2026-03-02T10:00:00Z"}'
		echo '{"specversion":"1.0","id":"x","source":"s","type":"message","time":"yesterday"}'
		printf '\377\376\n'
		her b "02 10:01"
	} >in
	run jlog -d j.db append --reject dead in
	[ "$status" = 65 ]
	[[ "$output" == *"jlog: in:2: "* && "$output" == *"jlog: in:5: time is not RFC 3339: yesterday"* ]]
	[[ "$output" == *"read 7 = written 2 + duplicates 0 + rejected 5"* ]]
	[ "$(wc -l <dead)" = 5 ]
	[ "$(grep -c '"reason":"bad_json"' dead)" = 2 ]
	[ "$(grep -c '"reason":"bad_record"' dead)" = 2 ]
	[ "$(grep -c '"reason":"bad_time"' dead)" = 1 ]
	grep -q '"line":2,.*"raw":"not json"' dead
	grep -q '"raw_base64":"//4="' dead
	[ "$(count)" = 2 ]
}

@test "the first rejects are told, and where the others are" {
	seq 25 >in
	run jlog -d j.db append in
	[ "$status" = 65 ]
	[ "$(grep -c '^jlog: in:' <<<"$output")" = 20 ]
	[[ "$output" == *"jlog: more records are rejected; --reject FILE keeps them all"* ]]
	run jlog -d j.db append --reject dead in
	[ "$status" = 65 ]
	[[ "$output" == *"jlog: more records are rejected: they are all in dead"* ]]
	[[ "$output" != *"--reject FILE"* ]]
	[ "$(wc -l <dead)" = 25 ]
}

@test "control characters in the names of a record, and identifiers that are none, are refused" {
	{
		her a "02 10:00" customer=7 '"text":"a\u0000b"'
		her 'b\u0000' "02 10:00"
		her c "02 10:00" source='x\u0000a' session=b
		her d "02 10:00" source=x session='a\u001fb'
		her e "02 10:00" session='\u007f'
		her f "02 10:00" customer=7 '"identifiers":{"kind":"phone","value":"+551"}'
		her g "02 10:00" '"identifiers":[{"kind":"phone","value":551}]'
		her h "02 10:00" '"identifiers":["+551"]'
		her i "02 10:00" customer=7 '"identifiers":null'
		her j "02 10:00" customer=7 '"identifiers":[{"kind":"phone","value":"+551","seen":1}]'
	} >in
	run jlog -d j.db append --reject dead in
	[ "$status" = 65 ]
	[[ "$output" == *"jlog: in:2: id holds a control character"* ]]
	[[ "$output" == *"jlog: in:3: source holds a control character"* ]]
	[[ "$output" == *"jlog: in:4: session holds a control character"* ]]
	[[ "$output" == *"jlog: in:6: data.identifiers is no array of objects with the strings kind and value"* ]]
	[ "$(grep -c '"reason":"bad_record"' dead)" = 7 ]
	[ "$(jlog -q -d j.db cat | ids | tr '\n' ' ')" = "a i j " ]
	jlog -q -d j.db cat | grep -q '"seen":1},{"kind":"crm","value":"7"}\]'
}

@test "identifiers and sessions whose parts run together are told apart" {
	her 1 "02 10:00" session=s '"identifiers":[{"kind":"a\u0000","value":"b"}]' >in
	her 2 "02 10:00" session=t '"identifiers":[{"kind":"a","value":"\u0000b"}]' >>in
	append in
	[ "$(who)" = "1 c1 2 c2 " ]
}

@test "a line longer than --max-line is refused and those behind it are taken" {
	{ her a "02 10:00"; her long "02 10:00" "\"text\":\"$(head -c 3000 /dev/zero | tr '\0' x)\""; her b "02 10:01"; } >in
	run jlog -d j.db append --max-line 1K --reject dead in
	[ "$status" = 65 ]
	grep -q '"reason":"too_long"' dead
	[ "$(cat_log | ids | tr '\n' ' ')" = "a b " ]
}

@test "dead letters that cannot be written stop the run with 2" {
	{ her a "02 10:00"; echo bad; } >in
	run jlog -d j.db append --reject /dev/full in
	[ "$status" = 2 ]
	[[ "$output" == *"/dev/full: No space left on device"* ]]
}

@test "dead letters are added to no file that holds something else" {
	{ her a "02 10:00"; echo bad; } >in
	cp in in.was
	for file in in j.db; do
		run jlog -d j.db append --reject "$file" in
		[ "$status" = 2 ]
		[[ "$output" == *"$file: it holds something else, to which nothing is added"* ]]
	done
	cmp in in.was
	echo bad | jlog -q -d other.db append --reject letters || [ $? = 65 ]
	cp letters letters.was
	run jlog -d other.db append --reject letters letters
	[ "$status" = 2 ]
	[[ "$output" == *"letters: it is read, and cannot take rejected records as well"* ]]
	run jlog -d other.db append --reject letters <letters
	[ "$status" = 2 ]
	cmp letters letters.was
	echo told >err
	jlog -d other.db append --reject /dev/stderr in >/dev/null 2>>err || [ $? = 65 ]
	grep -q '^{"tool":' err
	jlog -q -d j.db fsck
	[ "$(cat_log | wc -l)" = 0 ]
	run jlog -d j.db append --reject dead in
	run jlog -d j.db append --reject dead in
	[ "$status" = 65 ]
	[ "$(wc -l <dead)" = 2 ]
}

# ---- append-only ----

refused() {
	run sqlite3 j.db "$1"
	[ "$status" != 0 ] || { echo "taken: $1"; false; }
	[[ "$output" == *"the log is append-only"* ]]
	cat_log | cmp - before
}

@test "SQL may not change, remove, replace or slip in a record" {
	history -v seed=6 -v n=5 >in
	append in
	cat_log >before
	refused "UPDATE event SET data = '{}' WHERE seq = 1"
	refused "UPDATE OR REPLACE event SET seq = 2 WHERE seq = 1"
	refused "UPDATE event SET recorded = 0"
	refused "DELETE FROM event"
	refused "DELETE FROM event WHERE seq = 5"
	refused "INSERT OR REPLACE INTO event SELECT seq, time, ord, recorded, shape, session, ident, 'x', '{}', salt, leaf, key FROM event WHERE seq = 1"
	refused "INSERT OR REPLACE INTO event SELECT 5, time, ord, recorded, shape, session, ident, 'x', '{}', salt, leaf, key FROM event WHERE seq = 1"
	refused "INSERT INTO event SELECT 3, time, ord, recorded, shape, session, ident, 'x', '{}', salt, leaf, key FROM event WHERE seq = 1"
	refused "INSERT INTO event SELECT 0, time, ord, recorded, shape, session, ident, 'x', '{}', salt, leaf, key FROM event WHERE seq = 1"
	refused "INSERT INTO event SELECT -9, time, ord, recorded, shape, session, ident, 'x', '{}', salt, leaf, key FROM event WHERE seq = 1"
	refused "INSERT INTO event SELECT seq, time, ord, recorded, shape, session, ident, id, data, salt, leaf, key FROM event WHERE seq = 1
		ON CONFLICT(seq) DO UPDATE SET data = '{}'"
	refused "PRAGMA recursive_triggers = OFF; INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 2"
}

# ---- two at once ----

@test "a second writer waits and then leaves with 75, and its run counts nothing" {
	history -v seed=7 -v n=30 >in
	head -3 in | append
	hold j.db 2
	run jlog -d j.db --wait 200ms append in
	[ "$status" = 75 ]
	[[ "$output" == *"jlog: j.db: another writer holds it"* ]]
	[[ "$output" == *"read 0 = written 0 + duplicates 0 + rejected 0"* ]]
	[ "$(cat_log | wc -l)" = 3 ]
	wait $holder
}

@test "a second writer that is given time takes everything" {
	history -v seed=7 -v n=30 >in
	head -3 in | append
	hold j.db 0.5
	append --wait 10s in
	[ "$(count)" = 30 ]
	wait $holder
}

@test "readers are not kept waiting by a writer" {
	history -v seed=7 -v n=30 >in
	append in
	hold j.db 2
	[ "$(timeout 1 jlog -q -d j.db --wait 100ms cat | wc -l)" = 30 ]
	wait $holder
}

@test "a long batch does not hold other writers off, and is passed on in its order" {
	history -v seed=7 -v n=40000 -v people=4000 >in
	head -1 in | append
	jlog -d j.db append --wait 30s in >out 2>err &
	pid=$!
	for i in 1 2 3 4 5 6; do
		her "x$i" "02 10:00" session=x | jlog -q -d j.db append --wait 1s
	done
	wait $pid
	grep -q 'read 40000 = written 39999 + duplicates 1 + rejected 0' err
	ids <out | cmp - <(tail -n +2 in | ids)
	[ "$(count)" = 40006 ]
}

@test "two appends of the same input at once lose nothing and take nothing twice" {
	history -v seed=8 -v n=30000 -v people=300 >in
	(jlog -d j.db append --wait 60s in >out1 2>err1) &
	(jlog -d j.db append --wait 60s in >out2 2>err2) &
	wait
	[ "$(count)" = 30000 ]
	[ "$(cat out1 out2 | wc -l)" = 30000 ]
	[ "$(cat out1 out2 | ids | sort -u | wc -l)" = 30000 ]
	grep -q 'read 30000' err1 && grep -q 'read 30000' err2
	[ "$(sqlite3 j.db 'PRAGMA integrity_check')" = ok ]
}

@test "two appends of different input at once take both" {
	history -v seed=9 -v n=20000 -v people=300 >in1
	history -v seed=9 -v n=20000 -v people=300 -v first=20001 >in2
	(append --wait 60s in1) &
	(append --wait 60s in2) &
	wait
	[ "$(sqlite3 j.db 'SELECT max(seq), count(*), count(DISTINCT id) FROM event')" = "40000|40000|40000" ]
	[ "$(sqlite3 j.db 'PRAGMA integrity_check')" = ok ]
}

@test "what is looked for on file while the batch before is written is what a run for every few thousand finds" {
	jgen -q -n 160000 --seed 15 >all
	head -50000 all >earlier
	# Records come again from the file of before, and soon: with other labels, and as other records.
	awk '{
		line[NR] = $0
		if (NR <= 50000)
			next
		print
		if (NR % 10 == 0)
			print line[NR - 45000]
		if (NR % 10 == 3)
			print line[NR - 7]
		if (NR % 10 == 7 && sub(/"data":\{/, "&\"intent\":\"refund\",", line[NR - 8000]))
			print line[NR - 8000]
		if (NR % 1000 == 5 && sub(/"data":\{/, "&\"queue\":\"other\",", line[NR - 20000]))
			print line[NR - 20000]
		delete line[NR - 50000]
	}' all >later
	append earlier
	cp j.db few.db
	jlog -d j.db append --reject rejects later >out 2>err || [ $? = 65 ]
	split -l 4000 -a 3 later part.
	for p in part.*; do jlog -d few.db append --reject "few.$p" "$p" 2>>few.err >>few.out || [ $? = 65 ]; done
	jlog -q -d j.db fsck
	cat_log | without recordedtime >whole
	[ "$(wc -l <whole)" -gt 165000 ]
	jlog -q -d few.db cat | without recordedtime | cmp - whole
	cmp <(ids <out) <(ids <few.out)
	jlog -q -d j.db identities >everybody
	jlog -q -d few.db identities | cmp - everybody
	sum() { tr -d '=+' <"$1" | awk '{ for (i = 1; i < NF; i++) n[$i] += $(i + 1) } END { print n["written"], n["duplicates"], n["rejected"] }'; }
	grep -q "rejected [1-9]" err
	[ "$(sum err)" = "$(sum few.err)" ]
	[ "$(wc -l <rejects)" = "$(cat few.part.* | wc -l)" ]
}

@test "what a run wrote is found again by it although the folder is closed, and an empty write-ahead log stands there" {
	need_other
	open_folder
	jgen -q -n 30000 --seed 16 >"$open/in"
	head -1 "$open/in" | jlog -q -d "$open/j.db" append
	: >"$open/j.db-wal"
	: >"$open/j.db-shm"
	chmod 666 "$open"/j.db*
	chmod 555 "$open"
	as_other jlog -d "$open/j.db" append "$open/in" "$open/in" "$open/in" >/dev/null 2>err
	grep -q "written $(($(ids <"$open/in" | sort -u | wc -l) - 1)) " err
}

@test "what a run wrote is found again by it although its file was moved away, and another is there" {
	jgen -q -n 30000 --seed 16 >in
	head -1 in | append
	mkfifo pipe
	jlog -d j.db append pipe in in in >out 2>err &
	exec {to}>pipe
	sed -n 2p in >&$to
	for _ in $(seq 250); do
		[ ! -s out ] || break
		sleep 0.02
	done
	mkdir away
	mv j.db* away
	head -1 in | append
	exec {to}>&-
	wait $!
	grep -q "written $(($(ids <in | sort -u | wc -l) - 1)) " err
}

@test "two that make the file at once make one" {
	her a "02 10:00" >1; her b "02 10:00" >2
	for _ in $(seq 20); do
		rm -f j.db*
		append 1 &
		append 2 &
		wait
		[ "$(count)" = 2 ]
	done
}

# ---- durable before it is passed on ----

@test "what was passed on is in the log although the reader went away" {
	history -v seed=10 -v n=60000 -v people=500 >in
	jlog -d j.db append in 2>err | head -1000 | ids >got
	[ "$(wc -l <got)" = 1000 ]
	cat_log | ids >logged
	[ "$(grep -cxFf logged got)" = 1000 ]
}

@test "SIGPIPE ends jlog quietly" {
	history -v seed=10 -v n=60000 -v people=500 >in
	{ jlog -d j.db append in || echo $? >rc; } 2>err | head -1 >/dev/null
	[ "$(cat rc)" = 141 ]
	[ ! -s err ]
	{ jlog -d j.db cat || echo $? >rc2; } 2>err | head -1 >/dev/null
	[ "$(cat rc2)" = 141 ]
	[ ! -s err ]
}

@test "live: one record in gives one record out at once" {
	coproc LOG { jlog -d j.db append 2>err; }
	pid=$LOG_PID
	for i in 1 2 3; do
		her "b$i" "02 10:0$i" >&"${LOG[1]}"
		read -r -t 5 -u "${LOG[0]}" line
		[[ "$line" == *"\"id\":\"b$i\""* ]]
		[ "$(count)" = $i ]
	done
	eval "exec ${LOG[1]}>&-"
	wait "$pid"
	grep -q 'read 3 = written 3' err
}

@test "a full disk for stdout is exit 2 and what is in the log is counted" {
	history -v seed=11 -v n=100 >in
	run bash -c 'jlog -d k.db append in 2>&1 >/dev/full'
	[ "$status" = 2 ]
	[[ "$output" == *"jlog: <stdout>: No space left on device"* ]]
	[[ "$output" == *"read 100 = written 100"* ]]
	[ "$(count k.db)" = 100 ]
	run bash -c 'jlog -d k.db cat 2>&1 >/dev/full'
	[ "$status" = 2 ]
	[[ "$output" == *"No space left on device"* ]]
	run bash -c 'jlog -d k.db info 2>&1 >/dev/full'
	[ "$status" = 2 ]
}

# ---- files ----

@test "the file is made for its owner alone" {
	her a "02 10:00" | (umask 000 && jlog -q -d j.db append)
	[ "$(stat -c %a j.db)" = 600 ]
}

@test "append to a file that cannot be written is exit 2 and says so; cat reads it" {
	need_other
	open_folder
	her a "02 10:00" | jlog -q -d "$open/j.db" append
	chmod 444 "$open/j.db"
	chmod 777 "$open"
	her b "02 10:00" >"$open/in"
	run as_other jlog -d "$open/j.db" append "$open/in"
	[ "$status" = 2 ]
	[[ "$output" == *"jlog: $open/j.db: "*[Pp]ermission* || "$output" == *"$open/j.db: read-only"* ]]
	[ "$(as_other jlog -q -d "$open/j.db" cat | wc -l)" = 1 ]
}

@test "a file in a folder that cannot be written is read by cat and info, and its facts are listed" {
	need_other
	open_folder
	history -v seed=12 -v n=60 >in
	jlog -q -d "$open/j.db" append in
	chmod 444 "$open/j.db"
	chmod 555 "$open"
	as_other jlog -q -d "$open/j.db" cat >out
	jlog -q -d "$open/j.db" cat | cmp - out
	as_other jlog -d "$open/j.db" info | grep -q '^records: 60$'
	as_other jproject -d "$open/j.db" contacts >facts
	[ -s facts ]
	cp "$open/j.db" j.db
	chmod 600 j.db
	jproject -d j.db contacts | cmp - facts
}

@test "a file that can be written in a folder that cannot is listed and shown" {
	need_other
	open_folder
	history -v seed=12 -v n=60 >in
	jlog -q -d "$open/j.db" append in
	chmod 666 "$open/j.db"
	chmod 555 "$open"
	as_other jproject -d "$open/j.db" contacts >facts
	[ -s facts ]
	as_other jproject -d "$open/j.db" snapshot >snapshot
	[ -s snapshot ]
	as_other jproject -d "$open/j.db" timeline --customer c1 >timeline
	[ -s timeline ]
}

@test "what a killed writer left in the write-ahead log is read although the folder is closed" {
	need_other
	open_folder
	history -v seed=12 -v n=50 >in
	jlog -q -d "$open/j.db" append in
	keep_open "$open/j.db" 1
	history -v seed=12 -v n=20 -v first=51 | jlog -q -d "$open/j.db" append
	cp "$open/j.db" "$open/k.db"
	cp "$open/j.db-wal" "$open/k.db-wal"
	cp "$open/j.db-shm" "$open/k.db-shm"
	[ -s "$open/k.db-wal" ]
	wait $holder
	chmod 444 "$open"/k.db*
	chmod 555 "$open"
	run as_other jlog -q -d "$open/k.db" cat
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 70 ]
	# Without its index it cannot be read here, and less than all is not given out.
	chmod 755 "$open"
	rm -f "$open/k.db-shm"
	chmod 555 "$open"
	run as_other jlog -q -d "$open/k.db" cat
	[ "$status" = 2 ]
	[[ "$output" == "jlog: $open/k.db: cannot be opened"* ]]
}

@test "what is written to while it is read as it stands is no damage: reading ends there, and says so" {
	need_other
	open_folder
	history -v seed=12 -v n=30000 -v people=500 >in
	jlog -q -d "$open/j.db" append in
	chmod 444 "$open/j.db"
	chmod 555 "$open"
	cp "$open/j.db" copy.db
	jlog -q -d copy.db cat >all
	mkfifo pipe
	as_other jlog -q -d "$open/j.db" cat >pipe 2>err 3>&- &
	reader=$!
	exec 4<pipe
	read -r -u 4 first
	chmod 755 "$open"
	chmod 644 "$open/j.db"
	her late "02 10:00" | jlog -q -d "$open/j.db" append
	[ ! -e "$open/j.db-wal" ]
	{ echo "$first" && cat <&4; } >got
	exec 4<&-
	rc=0
	wait $reader || rc=$?
	[ "$rc" = 2 ]
	is "$(cat err)" "jlog: $open/j.db: was written while it was read, by somebody whose locks cannot be seen here; read again"
	[ "$(wc -l <got)" -lt 30000 ]
	# No record of another state, nor a part of one.
	cmp got <(head -c "$(wc -c <got)" all)
	chmod 555 "$open"
	as_other jlog -q -d "$open/j.db" cat | tail -n 1 | grep -q '"id":"late"'
}

@test "beside a writer who has the file open a folder that cannot be written is no matter to who reads" {
	need_other
	open_folder
	history -v seed=12 -v n=30000 -v people=500 >in
	jlog -q -d "$open/j.db" append in
	chmod 644 "$open/j.db"
	coproc LOG { jlog -d "$open/j.db" append 2>err 3>&-; }
	pid=$LOG_PID
	her one "02 10:00" >&"${LOG[1]}"
	read -r -t 5 -u "${LOG[0]}" line
	sqlite3 "$open/j.db" 'PRAGMA wal_checkpoint(TRUNCATE)'
	[ -e "$open/j.db-wal" ] && [ ! -s "$open/j.db-wal" ]
	chmod 555 "$open"
	as_other jlog -q -d "$open/j.db" tail -f -n 1 3>&- | timeout 20 head -n 4 >live 3>&- &
	tail=$!
	mkfifo pipe
	as_other jlog -q -d "$open/j.db" cat >pipe 2>err.cat 3>&- &
	reader=$!
	exec 4<pipe
	read -r -u 4 first
	for i in 1 2 3; do
		her "b$i" "02 10:0$i" >&"${LOG[1]}"
		read -r -t 5 -u "${LOG[0]}" line
		sqlite3 "$open/j.db" 'PRAGMA wal_checkpoint(TRUNCATE)'
	done
	[ "$(wc -l <&4)" = 30000 ]
	exec 4<&-
	wait $reader
	[ ! -s err.cat ]
	wait $tail
	is "$(ids <live | paste -sd ' ')" "one b1 b2 b3"
	eval "exec ${LOG[1]}>&-"
	wait "$pid"
}

@test "what is no journey file is refused with its name, and is not touched" {
	echo "some text that is long enough to be no database at all" >text
	sqlite3 other.db 'CREATE TABLE x(a)'
	sqlite3 newer.db 'PRAGMA application_id = 1786014823; PRAGMA user_version = 7; CREATE TABLE x(a)'
	: >empty
	mkdir folder
	her a "02 10:00" >in
	cp other.db other.before
	for verb in "append in" cat info; do
		for f in text other.db newer.db folder; do
			run jlog -d $f $verb
			[ "$status" = 2 ] || { echo "$f $verb: $status"; false; }
			[[ "$output" == "jlog: $f: "* ]]
		done
	done
	cmp other.db other.before
	run jlog -d newer.db cat
	[[ "$output" == "jlog: newer.db: made by a later version (its layout is 7, this program knows 2)" ]]
	run jlog -d empty cat
	[ "$status" = 2 ]
	[ ! -s empty ]
	run jlog -d missing.db cat
	[ "$status" = 2 ]
	[ ! -e missing.db ]
	run jlog -d no/where.db append in
	[ "$status" = 2 ]
}

@test "an empty file becomes a journey file by append" {
	: >j.db
	her a "02 10:00" | append
	[ "$(count)" = 1 ]
}

@test "the file is -d, else JTOOLS_DB, else journey.db" {
	her a "02 10:00" >in
	jlog -q append in
	[ "$(count journey.db)" = 1 ]
	JTOOLS_DB=env.db jlog -q append in
	[ "$(count env.db)" = 1 ]
	JTOOLS_DB=env2.db jlog -q append in -d opt.db
	[ "$(count opt.db)" = 1 ]
	[ ! -e env2.db ]
}

@test "a file whose name has letters of URIs is opened as it is named" {
	her a "02 10:00" >in
	for f in 'a?b.db' 'a#b.db' 'a%41.db' 'a b.db'; do
		jlog -q -d "$f" append in
		[ -e "$f" ]
		[ "$(jlog -q -d "$f" cat | wc -l)" = 1 ]
	done
}

@test "a file is opened by its name, also where SQLite means something else by it" {
	her a "02 10:00" >in
	for f in :memory: 'file:x.db?mode=memory' file:y.db; do
		jlog -q -d "$f" append in
		[ -s "./$f" ]
		[ "$(jlog -q -d "$f" cat | wc -l)" = 1 ]
	done
}

# ---- cat ----

@test "cat chooses by sequence, time, session, type and customer" {
	her 1 "02 10:00" session=s "$(phone +551)" >in
	ana 2 "02 11:00" session=s '"agent":"ana"' >>in
	her 3 "03 10:00" session=t source=mail/a channel=email "$(email a@x.example)" >>in
	rec 4 "04 10:00" session=t source=mail/a type=case.closed actor=system direction= >>in
	append in
	sel() { cat_log "$@" | ids | tr -d '\n'; }
	[ "$(sel --from 2)" = 234 ]
	[ "$(sel --to 2)" = 12 ]
	[ -z "$(sel --to 0)" ]
	[ "$(sel --from 2 --to 3)" = 23 ]
	[ "$(sel --since 2026-03-03)" = 34 ]
	[ "$(sel --until 2026-03-03T10:00:00Z)" = 12 ]
	[ "$(sel --session t)" = 34 ]
	[ "$(sel --type message)" = 123 ]
	[ "$(sel --customer +551)" = 12 ]
	[ "$(sel --customer c3)" = 34 ]
	[ "$(sel --customer a@x.example --type message)" = 3 ]
	run jlog -d j.db cat --customer nobody
	[ "$status" = 2 ]
	[ "$output" = "jlog: nobody: no such customer" ]
}

@test "cat and tail say which type no record has, and which session where nothing was found" {
	{
		her 1 "02 10:00" session=s type=mine "$(phone +551)"
		her 2 "02 11:00" session=t "$(phone +551)"
	} >in
	append in
	local verb
	# told ARGUMENT ...: what the verb says beside its summary, nothing of it on stdout.
	told() { jlog -d j.db "$verb" "$@" 2>&1 >out | grep -v " = written " || :; }
	for verb in cat tail; do
		[ "$(told --type mesage)" = "jlog: no record has the type mesage" ]
		[ ! -s out ]
		[ "$(told --type mesage,survey.answered,odd --type mes)" = "jlog: no record has the type mesage
jlog: no record has the type odd
jlog: no record has the type mes" ]
		[ "$(told --session u)" = "jlog: no record has the session u" ]
		[ "$(told --customer +551 --session u)" = "jlog: no record has the session u" ]
		# What the log or the ontology knows, and what is beside something that is found.
		[ -z "$(told --type survey.answered)" ]
		[ -z "$(told --type mine --session t)" ]
		[ -z "$(told --type message --to 1)" ]
		[ "$(told --type message,mesage)" = "jlog: no record has the type mesage" ]
		[ -s out ]
		jlog -q -d j.db $verb --type mesage --session u >out 2>&1
		[ ! -s out ]
	done
	jlog -d j.db cat --checkpoint c >/dev/null 2>&1
	[ -z "$(verb="cat" told --checkpoint c --session s)" ]
}

@test "options stand before or after the verb, and those of another verb are refused" {
	her a "02 10:00" >in
	jlog append in -q --db j.db
	jlog cat --db=j.db -q >one
	jlog -qd j.db cat | cmp - one
	run jlog append --from 3 in
	[ "$status" = 2 ]
	run jlog -d j.db cat in
	[ "$status" = 2 ]
	[[ "$output" == *"not expected: in" ]]
	for tool in 'jlog cat' 'jlog info' 'jproject contacts' jmetrics jreport jsh; do
		run bash -c "$tool j.db"
		[ "$status" = 2 ]
		[ "$output" = "${tool%% *}: not expected: j.db (a journey file goes with -d)" ]
	done
	run jlog
	[ "$status" = 2 ]
	run jlog frob
	[ "$status" = 2 ]
	run jlog --help
	[ "$status" = 0 ]
	[[ "$output" == *append* && "$output" == *"--reject"* ]]
}

@test "info tells what the file holds and the placeholders that were named" {
	her 1 "02 10:00" "$(phone +551)" >in
	her 2 "03 10:00" session=t customer=unknown >>in
	her 3 "03 11:00" session=u customer=unknown >>in
	append in
	jlog -d j.db info >out
	grep -qx 'records: 3' out
	grep -qx 'first event: 2026-03-02T10:00:00.000Z' out
	grep -qx 'horizon: 2026-03-03T11:00:00.000Z' out
	grep -qx 'source: wa/a 3' out
	grep -qx 'placeholder: crm:unknown@wa/a 2' out
	grep -qx 'customers: 3' out
}

# ---- who is who ----

who() { cat_log | customers | tr '\n' ' '; }

@test "one identifier is one customer in every source" {
	her 1 "02 10:00" source=wa/a session=s "$(phone +551)" >in
	rec 2 "03 10:00" type=call source=pbx/a session=t channel=voice "$(phone +551)" >>in
	her 3 "03 10:00" source=wa/a session=u "$(phone +552)" >>in
	append in
	[ "$(who)" = "1 c1 2 c1 3 c3 " ]
}

@test "a record that names two identifiers joins them, both new or both known" {
	her 1 "02 10:00" session=s "$(both +551 a@x.example)" >in
	her 2 "02 10:00" session=t "$(phone +552)" >>in
	her 3 "02 10:00" session=u "$(email b@x.example)" >>in
	append in
	[ "$(who)" = "1 c1 2 c2 3 c3 " ]
	her 4 "02 10:00" session=v "$(both +552 b@x.example)" | append
	[ "$(who)" = "1 c1 2 c2 3 c2 4 c2 " ]
	rec 5 "02 10:00" type=identity.linked session=w "$(both +552 a@x.example)" | append
	[ "$(who)" = "1 c1 2 c1 3 c1 4 c1 5 c1 " ]
}

@test "identity.unlinked joins nobody and is about the first that it names" {
	rec 1 "02 10:00" type=identity.unlinked session=s "$(both +551 a@x.example)" >in
	her 2 "02 10:00" session=t "$(email a@x.example)" >>in
	her 3 "02 10:00" session=u "$(phone +551)" >>in
	append in
	[ "$(who)" = "1 c1 2 c2 3 c1 " ]
}

@test "a crm key is its source's own, a key of a named space is one everywhere" {
	her 1 "02 10:00" source=desk/a session=s customer=7 >in
	her 2 "02 10:00" source=shop/a session=t customer=7 >>in
	her 3 "02 10:00" source=desk/a session=u customer=7 >>in
	her 4 "02 10:00" source=desk/a session=v '"identifiers":[{"kind":"crm:group","value":"9"}]' >>in
	her 5 "02 10:00" source=shop/a session=w '"identifiers":[{"kind":"crm:group","value":"9"}]' >>in
	append in
	[ "$(who)" = "1 c1 2 c2 3 c1 4 c4 5 c4 " ]
}

@test "the source's own customer key is kept as an identifier and customer is stored nowhere" {
	her 1 "02 10:00" customer=7 '"identifiers":[{"kind":"phone","value":"+551"}]' >in
	her 2 "02 10:01" customer=8 session=t '"text":"x"' >>in
	append in
	[ "$(sqlite3 j.db "SELECT count(*) FROM v_event WHERE body LIKE '%\"customer\":%' OR body LIKE '%sequence%' OR body LIKE '%recordedtime%'")" = 0 ]
	cat_log | grep -q '"identifiers":\[{"kind":"phone","value":"+551"},{"kind":"crm","value":"7"}\]'
	cat_log | grep -q '"text":"x","identifiers":\[{"kind":"crm","value":"8"}\]'
}

@test "customer is ignored where the record carries a sequence" {
	her 1 "02 10:00" customer=c99 sequence=000000000042 >in
	her 2 "02 10:00" customer=c99 sequence=000000000043 session=t >>in
	append in
	[ "$(who)" = "1 c1 2 c2 " ]
	[ "$(sqlite3 j.db 'SELECT count(*) FROM ident')" = 0 ]
}

@test "placeholders join nobody" {
	her 1 "02 10:00" session=s customer=unknown >in
	her 2 "02 10:00" session=t customer=Unknown >>in
	her 3 "02 10:00" session=u "$(email noreply@x.example)" >>in
	her 4 "02 10:00" session=v "$(both +551 noreply@x.example)" >>in
	her 5 "02 10:00" session=w '"identifiers":[{"kind":"placeholder","value":"Customer 3"}]' >>in
	append in
	[ "$(who)" = "1 c1 2 c2 3 c3 4 c4 5 c5 " ]
}

@test "a record that names nobody is its session's person's, also when she is named later" {
	her 1 "02 10:00" session=s >in
	ana 2 "02 10:01" session=s '"agent":"ana"' >>in
	append in
	[ "$(who)" = "1 c1 2 c1 " ]
	her 3 "02 10:02" session=s "$(phone +551)" | append
	her 4 "03 10:02" session=t "$(phone +551)" | append
	[ "$(who)" = "1 c1 2 c1 3 c1 4 c1 " ]
}

@test "in a session of two people a record that names nobody is the nearest earlier one's, else the nearest later one's" {
	her 1 "02 10:10" "$(phone +551)" >in
	her 2 "02 10:20" "$(phone +552)" >>in
	her 3 "02 10:05" >>in
	her 4 "02 10:15" >>in
	her 5 "02 10:25" >>in
	append in
	[ "$(who)" = "1 c1 2 c2 3 c1 4 c1 5 c2 " ]
	# The late naming takes what lies behind it.
	her 6 "02 10:12" "$(phone +553)" | append
	[ "$(who)" = "1 c1 2 c2 3 c1 4 c6 5 c2 6 c6 " ]
	# And what was before the first name goes to an earlier one.
	her 7 "02 10:01" "$(phone +552)" | append
	[ "$(who)" = "1 c1 2 c2 3 c2 4 c6 5 c2 6 c6 7 c2 " ]
}

@test "the number is that of the earliest record and follows joins, and an old number still finds its customer" {
	her 1 "02 10:00" session=s "$(phone +551)" >in
	her 2 "02 10:00" session=t "$(email a@x.example)" >>in
	her 3 "02 10:00" session=u "$(both +551 a@x.example)" >>in
	append in
	[ "$(who)" = "1 c1 2 c1 3 c1 " ]
	[ "$(cat_log --customer c1 | wc -l)" = 3 ]
	[ "$(cat_log --customer c2 | wc -l)" = 3 ]
}

@test "records without a session are told apart by whom they name" {
	her 1 "02 10:00" session= "$(phone +551)" >in
	her 2 "02 10:00" session= "$(phone +552)" >>in
	her 3 "02 10:00" session= >>in
	her 4 "02 10:00" session= >>in
	her 5 "02 10:01" session= "$(phone +551)" >>in
	append in
	[ "$(who)" = "1 c1 2 c2 3 c3 4 c4 5 c1 " ]
}

# A program of its own that knows nothing of jlog's: identifiers named together are one; a record that names nobody belongs to
# the record of its session that names somebody nearest before it, else after it, by (time, order, sequence).
partition() {
	awk '
	function value(s, name,    at) {
		if (!match(s, "\"" name "\":(\"[^\"]*\"|[0-9]+)"))
			return ""
		at = substr(s, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
		gsub(/"/, "", at)
		return at
	}
	function root(x) {
		while (parent[x] != x)
			x = parent[x]
		return x
	}
	function name(x) {
		if (!(x in parent))
			parent[x] = x
		if (named[NR] == "")
			named[NR] = x
		else
			parent[root(x)] = root(named[NR])
	}
	{
		id[NR] = value($0, "id")
		source = value($0, "source")
		session = value($0, "session")
		body = $0
		while (match(body, /\{"kind":"[^"]*","value":"[^"]*"\}/)) {
			one = substr(body, RSTART, RLENGTH)
			body = substr(body, RSTART + RLENGTH)
			kind = value(one, "kind")
			if (kind != "crm" || value(one, "value") != "unknown")
				name(kind SUBSEP value(one, "value") SUBSEP (kind == "crm" ? source : ""))
		}
		head = $0
		sub(/,"data":.*/, "", head)
		if (value(head, "customer") != "")
			name("crm" SUBSEP value(head, "customer") SUBSEP source)
		place[NR] = session == "" ? "none" SUBSEP NR : source SUBSEP session
		order = value($0, "order")
		when[NR] = value($0, "time") sprintf(" %012d %012d", order, NR)
		sub(/.*/, "", order)
	}
	END {
		for (i = 1; i <= NR; i++) {
			who = named[i]
			before = after = 0
			for (k = 1; k <= NR && who == ""; k++)
				if (place[k] == place[i] && named[k] != "") {
					if (when[k] < when[i] && (!before || when[k] > when[before]))
						before = k
					if (when[k] > when[i] && (!after || when[k] < when[after]))
						after = k
				}
			if (who == "")
				who = named[before ? before : after]
			print id[i], who == "" ? "session" SUBSEP place[i] : root(who)
		}
	}' "$@"
}

# Names of groups on stdin as the number of their first record here.
numbered() { awk '!($2 in n) { n[$2] = NR } { print $1, n[$2] }'; }

@test "customers are the same in one batch, in many, and by a program of its own, over random histories" {
	for seed in $(seq "$(rounds 12 40)"); do
		history -v seed=$seed -v n=70 -v people=$((2 + seed % 6)) -v shared=$((seed % 4 * 25)) -v links=$((seed % 3 * 6)) >in
		rm -f one.db* many.db*
		jlog -q -d one.db append in
		RANDOM=$seed
		at=1
		while [ $at -le 70 ]; do
			k=$((1 + RANDOM % 12))
			sed -n "$at,$((at + k - 1))p" in | jlog -q -d many.db append
			at=$((at + k))
		done
		jlog -q -d one.db cat | customers >one
		jlog -q -d many.db cat | customers | cmp - one || { echo "seed $seed: batches"; false; }
		partition in | numbered >brute
		numbered <one | diff brute - || { echo "seed $seed"; false; }
	done
}

@test "the order in which records are taken does not change who is who" {
	for seed in $(seq "$(rounds 6 15)"); do
		history -v seed=$seed -v n=60 -v people=4 | grep -v '"order":' | sed 's/"time":"\([^"]*\)\.000Z"/"time":"\1.000Z"/' >in
		# Equal times are told apart by sequence, so they may not be there.
		awk '{ match($0, /"time":"[^"]*"/); t = substr($0, RSTART, RLENGTH) } !seen[t]++' in >unlike
		rm -f one.db* two.db*
		jlog -q -d one.db append unlike
		tac unlike | jlog -q -d two.db append
		jlog -q -d one.db cat | customers | sort | numbered >one
		jlog -q -d two.db cat | customers | sort | numbered | diff one - || { echo "seed $seed"; false; }
	done
}

# ---- labels ----

@test "other labels are logged as a record, and readers see the latest as of their position" {
	her a "02 10:00" '"text":"where is it","intent":"delivery.status","confidence":0.5,"order":3' >in
	her b "02 10:01" '"text":"hello"' >>in
	append in
	cat_log | without customer sequence recordedtime >before
	her a "02 10:00" '"text":"where is it","intent":"delivery.late","signals":["repeat"],"order":3' >anew
	her b "02 10:01" '"text":"hello"' >>anew
	jlog -d j.db append anew 2>err >out
	grep -q 'read 2 = written 1 + duplicates 1 + rejected 0' err
	[ "$(wc -l <out)" = 1 ]
	grep -q '"sequence":"000000000003".*"type":"labelled".*"session":"s".*"intent":"delivery.late","signals":\["repeat"\].*"basis":1,"event":"a"' out
	cat_log | head -1 | grep -q '"text":"where is it","intent":"delivery.late","order":3,"signals":\["repeat"\]}'
	[ "$(cat_log | sed -n 2p | without customer sequence recordedtime)" = "$(sed -n 2p before)" ]
	[ "$(sqlite3 j.db "SELECT body FROM v_event WHERE seq = 1")" = "$(sed -n 1p in)" ]
	jlog -d j.db append anew 2>err >out
	grep -q 'read 2 = written 0 + duplicates 2 + rejected 0' err
	jlog -d j.db append in 2>err >out
	grep -q 'read 2 = written 1 + duplicates 1 + rejected 0' err
	[ "$(cat_log | head -2 | without customer sequence recordedtime)" = "$(cat in)" ]
	[ "$(count)" = 4 ]
}

@test "labels change within one batch as they do over several" {
	her a "02 10:00" '"intent":"x.a"' >1
	her a "02 10:00" '"intent":"x.b"' >2
	her a "02 10:00" >3
	her a "02 10:00" '"intent":"x.b","ontology":"o/1"' >4
	her a "02 10:00" '"ontology":"o/2"' >5
	cat 1 2 2 3 1 4 1 3 5 3 1 | jlog -d j.db append 2>err >out
	grep -q 'read 11 = written 5 + duplicates 6' err
	[ "$(wc -l <out)" = 5 ]
	for f in 1 2 2 3 1 4 1 3 5 3 1; do cat $f; done | while IFS= read -r line; do printf '%s\n' "$line" | jlog -q -d other.db append; done
	cat_log | without recordedtime id >here
	jlog -q -d other.db cat | without recordedtime id | cmp - here
	[ "$(sqlite3 j.db 'SELECT seq, by FROM label ORDER BY by' | tr '\n' ' ')" = "1|2 1|3 1|4 1|5 " ]
}

@test "a record that comes again without an ontology takes no labels away" {
	jnorm -q "$TOP/fixtures/demo/whatsapp" >raw
	jintent -q raw | append
	cat_log >before
	[ "$(jq -r 'select(.data.lang and (.data.ontology | not)) | .id' before | wc -l)" -gt 0 ]
	jlog -d j.db append raw 2>err >out
	grep -q 'written 0 + duplicates 98' err
	cat_log | cmp - before
	her s "02 10:00" '"intent":"x.a"' | append
	her s "02 10:00" '"intent":"x.a","lang":"en"' | append
	her s "02 10:00" '"intent":"x.a"' | append
	[ "$(cat_log | jq -c 'select(.id == "s") | .data')" = '{"intent":"x.a","lang":"en"}' ]
	# What has an ontology takes them away: jintent writes it where it finds nothing any more.
	her n "02 10:00" session=n '"text":"lorem ipsum","intent":"x.a"' | append
	her o "02 10:00" session=n '"text":"lorem ipsum","intent":"x.a","signals":["thanks"],"ontology":"o/1"' | append
	cat_log | jintent -q --relabel | append
	[ "$(cat_log | jq -c 'select(.session == "n" and .type == "message") | .data | has("intent"), has("signals"), .ontology' | sort -u | tr '\n' ' ')" = "\"$(jq -r 'select(.data.ontology) | .data.ontology' before | head -1)\" false " ]
	cat_log >before
	cat_log | jintent -q --relabel | append
	her n "02 10:00" session=n '"text":"lorem ipsum","intent":"x.a"' | append
	cat_log | cmp - before
}

@test "a record that comes again behind a new one is told from others in a log with labels" {
	her a "02 10:00" >1
	her a "02 10:00" '"intent":"x.a"' >2
	her b "02 10:01" >3
	her a "02 10:02" >4
	append 1
	append 2
	her a "02 10:00" '"intent":"x.b"' | cat 3 - | jlog -d j.db append 2>err >/dev/null
	grep -q 'read 2 = written 2 + duplicates 0 + rejected 0' err
	her c "02 10:03" | cat - 4 | jlog -d j.db append 2>err >/dev/null && false
	grep -q 'which has another time' err
	grep -q 'read 2 = written 1 + duplicates 0 + rejected 1' err
}

@test "what labels a record is of whom that one is, and moves no others in a session of several people" {
	{
		her a "02 10:00" "$(phone +5511987650001)"
		her b "02 10:01" '"text":"I am ana@mail.example"'
		her c "02 10:01" "$(phone +5511987650002)"
		her d "02 10:02"
	} >in
	append in
	jproject -q -d j.db update
	{
		her a "02 10:00" "$(phone +5511987650001),\"intent\":\"x.a\""
		her b "02 10:01" '"text":"I am ana@mail.example","entities":{"email":"ana@mail.example"}'
		her c "02 10:01" "$(phone +5511987650002),\"intent\":\"x.a\""
	} | append
	[ "$(cat_log | jq -r .customer | tr '\n' ' ')" = "c1 c1 c3 c3 c1 c1 c3 " ]
	# At the same minute, the label that came last is of whom was named first.
	her a2 "02 10:03" "$(phone +5511987650001)" | append
	her c2 "02 10:03" "$(phone +5511987650002)" | append
	her e "02 10:04" | append
	her a2 "02 10:03" "$(phone +5511987650001),\"intent\":\"x.a\"" | append
	cat_log | jq -r .customer | tr '\n' ' ' >whose
	[ "$(cat whose)" = "c1 c1 c3 c3 c1 c1 c3 c1 c3 c3 c1 " ]
	for c in c1 c3; do
		cat_log --customer $c | jq -r .sequence | cut -c11- | tr '\n' ' '
		jlog -d j.db person --customer $c | grep -c '"specversion"'
	done >hers
	[ "$(cat hers)" = "01 02 05 06 08 11 6
03 04 07 09 10 5" ]
	jlog -d j.db fsck
	jlog -d j.db identities --derive
	jlog -d j.db fsck
	cat_log | jq -r .customer | tr '\n' ' ' | cmp - whose
	jproject -q -d j.db update
	dump j.db >incremental
	jproject -q -d j.db rebuild
	dump j.db | cmp - incremental
	jlog -q -d j.db forget --customer c1 --why asked
	! grep -aqF ana@mail j.db || return 1
	jlog -d j.db fsck
}

@test "history is labelled anew by jlog cat, jintent --relabel and jlog append, and facts follow" {
	her a "02 10:00" '"text":"where is my order?"' >in
	her b "04 10:00" session=t '"text":"I want a refund","intent":"delivery.status"' >>in
	append in
	jproject -q -d j.db update
	cat_log | jintent -q --relabel | jlog -d j.db append 2>err >/dev/null
	grep -q 'read 2 = written 2 + duplicates 0 + rejected 0' err
	jproject -q -d j.db update
	sqlite3 j.db 'SELECT * FROM v_contact' >grown
	[ "$(sqlite3 j.db 'SELECT count(*) FROM v_contact WHERE intent IS NULL')" = 0 ]
	jproject -q -d j.db rebuild
	sqlite3 j.db 'SELECT * FROM v_contact' | sed 's/|[0-9]*|/|gen|/' | cmp - <(sed 's/|[0-9]*|/|gen|/' grown)
	cat_log | jintent -q --relabel | jlog -d j.db append 2>err >/dev/null
	grep -q 'written 0' err
}

# ---- how records are kept ----

# Records of many makes, as different from one another as JSON allows.
odd() {
	cat <<-'END'
	{"specversion":"1.0","id":"1","source":"s","type":"message","time":"2026-03-02T10:00:00.000Z","session":"a","channel":"x","direction":"in","actor":"customer","data":{"text":"\u0001 \" {\"text\":\" ,\"order\":7","identifiers":[{"kind":"phone","value":"+551"},{"kind":"email","value":"a@b.example"}],"name":"é","lang":"pt","region":"BR","intent":"a.b","confidence":0.10,"ontology":"o/1","entities":{"order":"1"},"sentiment":-0.5,"signals":["x"],"asks":["y"],"order":3,"origin":{"file":"f","line":4}}}
	{"specversion":"1.0","id":"2","source":"s","type":"message","time":"2026-03-02T10:00:00.000Z","session":"a","data":{}}
	{"specversion":"1.0","id":"3","source":"s","type":"message","time":"2026-03-02T10:00:00.000Z","session":"a"}
	{"specversion":"1.0","id":"4","source":"s","type":"message","time":"2026-03-02T10:00:00.000Z","data":null}
	{"specversion":"1.0","id":"5","source":"s","type":"message","time":"2026-03-02T10:00:00Z","session":"a","data":{"text":"a"}}
	{"specversion":"1.0","id":"6","source":"s","type":"message","time":"2026-03-02T10:00:00.0000+02:00","session":"a","data":{"text":"a"}}
	{"specversion":"1.0","id":"7","source":"s","type":"message","time":"1969-12-31T23:59:59.999Z","session":"a","data":{"text":"a"}}
	{"specversion":"1.0","id":"8","source":"s","type":"message","time":"0001-01-01T00:00:00.000Z","session":"a","data":{"text":"a"}}
	{"specversion":"1.0","id":"9","source":"s","type":"message","time":"1970-01-01T00:00:00.000Z","session":"a","data":{"text":"a"}}
	{"specversion":"1.0","id":"10","source":"s","type":"message","time":"2026-03-02T10:00:00.001Z","session":"a\"b","data":{"text":"a"}}
	{"specversion":"1.0","id":"\u0031\/","source":"s","type":"message","time":"2026-03-02T10:00:00.010Z","session":"a","data":{"text":"a"}}
	{"specversion":"1.0","id":"12","source":"s","type":"message","time":"2026-03-02T10:00:00.100Z","session":"a","traceparent":"00-1","data":{"text":"a"}}
	{"specversion":"1.0","id":"13","source":"s","type":"message","time":"2026-03-02T10:00:00.999Z","session":"a","other":7,"data":{"text":"a"}}
	{"data":{"text":"a"},"time":"2026-03-02T10:00:00.000Z","session":"a","id":"14","source":"s","type":"message","specversion":"1.0"}
	{ "specversion" : "1.0", "id" : "15" ,"source":"s","type":"message","time":"2026-03-02T10:00:00.000Z","session":"a","data": { "text" : "a" } }
	{"specversion":"1.0","id":"'16''","source":"it's","type":"message","time":"2026-03-02T10:00:00.000Z","session":"'a'","data":{"text":"'"}}
	{"specversion":"1.0","id":"17","source":"s","type":"message","time":"9999-12-31T23:59:59.999Z","session":"a","data":{"raw_text":"x","stage":"y","case":"1","agent":"ana","reason":"r","duration":1.50,"wait":2,"ext":{"a":[{},[]]}}}
	END
	printf '{"specversion":"1.0",\t"id":"18","source":"s","type":"message","time":"2026-03-02T10:00:00.000Z","session":"a",\t"data":\t{\t"text":"tab"\t}}\n'
}

@test "every record comes back to the byte, from jlog cat and from the view in any SQLite shell" {
	odd >in
	history -v seed=11 -v n=400 | without customer >>in
	append in
	jlog -q -d j.db cat | without customer sequence recordedtime | cmp - in
	sqlite3 j.db 'SELECT body FROM v_event ORDER BY seq' | cmp - in
	sqlite3 j.db "SELECT seq, source, type, session, id FROM v_event WHERE seq = 16" | grep -qxF "16|it's|message|'a'|'16''"
}

@test "records of one make share a shape, and those that no shape fits are kept whole" {
	history -v seed=12 -v n=500 >in
	append in
	[ "$(sqlite3 j.db 'SELECT count(*) FROM shape')" -lt 100 ]
	odd | append
	[ "$(sqlite3 j.db 'SELECT count(*) FROM shape WHERE length(text) = 1')" -ge 1 ]
	[ "$(sqlite3 j.db "SELECT count(*) FROM event JOIN shape ON shape.id = event.shape WHERE text = char(4) AND data LIKE '{%'")" -ge 8 ]
}

@test "runs of one record each become few, and every record is found in them" {
	history -v seed=13 -v n=300 | without customer >in
	jlog -q -d j.db append <in >first
	while IFS= read -r line; do printf '%s\n' "$line" | jlog -q -d k.db append; done <in
	[ "$(sqlite3 k.db 'SELECT max(n) FROM (SELECT count(*) AS n FROM run GROUP BY kind)')" -le 21 ]
	# The run that small transactions fill is cut for 64.
	[ "$(sqlite3 k.db 'SELECT sum(entries) BETWEEN 300 AND 363 FROM run WHERE kind = 0')" = 1 ]
	[ "$(sqlite3 k.db 'SELECT sum(length(run_page.entries)) / 11 FROM run_page JOIN run ON run.id = run_page.id >> 24 WHERE kind = 0')" = 300 ]
	[ "$(sqlite3 k.db 'SELECT count(*) FROM run_page WHERE id >> 24 NOT IN (SELECT id FROM run)')" = 0 ]
	jlog -d k.db append in 2>err >out
	grep -q 'written 0 + duplicates 300' err
	jlog -q -d k.db cat | without recordedtime | cmp - <(jlog -q -d j.db cat | without recordedtime)
	jproject -q -d j.db update; jproject -q -d k.db update
	cmp <(sqlite3 j.db 'SELECT * FROM v_contact') <(sqlite3 k.db 'SELECT * FROM v_contact')
}

@test "small and large transactions of several writers in turn: every record is found in the runs" {
	history -v seed=14 -v n=4000 | without customer >in
	mkfifo a b
	jlog -q -d j.db append <a >/dev/null & local one=$!
	jlog -q -d j.db append <b >/dev/null & local other=$!
	exec 5>a 6>b
	local at=1 n i=0 t
	for n in 1 7 32 33 64 1 1 200 20 20 30 1 5 500 31 1 64 65 9; do
		sed -n "$at,$((at + n - 1))p" in >part
		at=$((at + n)) i=$((i + 1))
		cat part >&$((5 + i % 2))
		for ((t = 0; t < 200; t++)); do
			[ "$(sqlite3 j.db 'SELECT max(seq) FROM event' 2>/dev/null)" = $((at - 1)) ] && break
			sleep 0.02
		done
		[ $t -lt 200 ]
	done
	exec 5>&- 6>&-
	wait $one $other
	[ "$(sqlite3 j.db 'SELECT sum(length(run_page.entries)) / 11 FROM run_page JOIN run ON run.id = run_page.id >> 24 WHERE kind = 0')" = $((at - 1)) ]
	jlog -d j.db append <(head -$((at - 1)) in) 2>err
	grep -q "written 0 + duplicates $((at - 1))" err
	jlog -d j.db fsck
	head -$((at - 1)) in | jlog -q -d k.db append >/dev/null
	cmp <(jlog -q -d j.db cat | without recordedtime) <(jlog -q -d k.db cat | without recordedtime)
}
