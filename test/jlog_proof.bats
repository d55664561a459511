#!/usr/bin/env bats
# jlog head, verify, fsck, prove and check-proof: what was changed in a log is found and named, and proofs hold elsewhere.
load helper
load gen/records

VERIFY="$TOP/test/verify_proof.py"

# A log of n records in several batches: log N
log() {
	rm -f j.db*
	history -v seed=1 -v n="$1" -v people=20 >in
	split -l 130 in part.
	for part in part.*; do
		jlog -q -d j.db append "$part"
	done
	rm part.*
}

# Runs SQL that the triggers would refuse, and puts them back: tamper SQL
tamper() {
	python3 - "$1" <<-'END'
	import sqlite3, sys
	db = sqlite3.connect("j.db")
	triggers = list(db.execute("SELECT name, sql FROM sqlite_schema WHERE type='trigger'"))
	for name, _ in triggers:
	    db.execute("DROP TRIGGER " + name)
	db.executescript(sys.argv[1])
	for _, sql in triggers:
	    db.execute(sql)
	db.commit()
	END
}

# The log as somebody who may write the file can forge it: leaves and tree fit the records. forge [SIZE]
forge() {
	python3 - <<-'END'
	import hashlib, sqlite3, subprocess
	db = sqlite3.connect("j.db")
	triggers = list(db.execute("SELECT name, sql FROM sqlite_schema WHERE type='trigger'"))
	for name, _ in triggers:
	    db.execute("DROP TRIGGER " + name)
	lines = subprocess.run(["jlog", "-q", "-d", "j.db", "cat"], capture_output=True, check=True).stdout.split(b"\n")[:-1]
	salts = [row[0] for row in db.execute("SELECT salt FROM event ORDER BY seq")]
	leaves = [hashlib.sha256(b"\0" + salt + b"{" + line.split(b",", 1)[1]).digest() for salt, line in zip(salts, lines)]
	db.executemany("UPDATE event SET leaf=? WHERE seq=?", [(leaf, n + 1) for n, leaf in enumerate(leaves)])
	def root(hashes):
	    while len(hashes) > 1:
	        hashes = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(hashes[::2], hashes[1::2])]
	    return hashes[0]
	db.execute("DELETE FROM tile")
	for n in range(len(leaves) // 256):
	    db.execute("INSERT INTO tile VALUES(?,?)", (n, root(leaves[n * 256:n * 256 + 256])))
	peaks, at = b"", 0
	for level in range(62, -1, -1):
	    if len(leaves) >> level & 1:
	        peaks += root(leaves[at:at + (1 << level)])
	        at += 1 << level
	db.execute("UPDATE tree SET size=?, peaks=?", (len(leaves), peaks))
	for _, sql in triggers:
	    db.execute(sql)
	db.commit()
	END
}

# Records with an intent, in sessions and without: labelled INTENT
labelled() {
	her l1 "02 10:00" "\"intent\":\"$1\",$(phone +551)"
	her l2 "02 10:01" session= "\"intent\":\"$1\",$(phone +552)"
	her l3 "02 10:02" session= "\"intent\":\"$1\""
	her l4 "02 10:03" "\"intent\":\"$1\""
	her l5 "02 10:04" session=t "\"intent\":\"$1\",$(phone +551)"
	her l6 "02 10:05" session=t "\"intent\":\"$1\",$(phone +553)"
}

verify() { jlog -d j.db verify "$@"; }

# found LINE: verify says no, and this line is among what it says.
found() {
	run verify
	[ "$status" = 1 ] || { echo "exit $status"; echo "$output"; false; }
	grep -qxF "$1" <<<"$output" || { echo "$output" | head -20; false; }
}

# ---- a log that is as it was ----

@test "jlog verify says what was verified, and what it cannot exclude without a head" {
	log 300
	run verify
	[ "$status" = 0 ]
	[[ "${lines[0]}" == "300 records are what was recorded; root $(jlog -d j.db head | sed 's/.*"root":"//; s/".*//')" ]]
	[[ "${lines[1]}" == "not excluded without a head from elsewhere: that the last records were removed, or the whole tree was made anew" ]]
	jlog -d j.db head >kept
	run verify --head kept
	[ "$status" = 0 ]
	[[ "${lines[1]}" == "the log begins with the 300 records of the head" ]]
}

@test "jlog verify and fsck find no fault in logs of any size, however they were appended" {
	for n in 1 2 255 256 257 511 512 513 1024; do
		log "$n"
		verify --head <(jlog -d j.db head) >/dev/null
		jlog -d j.db fsck >/dev/null
	done
	history -v seed=9 -v n=800 -v shared=50 -v links=5 >in
	rm -f j.db*
	jlog -q -d j.db append in
	jlog -d j.db fsck
}

@test "an empty log is verified and has the head of an empty tree" {
	jlog -q -d j.db append </dev/null
	verify
	[ "$(jlog -d j.db head)" = '{"format":"jtools-head/1","size":0,"root":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}' ]
	jlog -d j.db prove --from-size 0 | jlog -q check-proof
}

@test "records of every make are verified: escapes, members of others, no session, no person" {
	{
		her 1 "02 10:00" session= "$(phone +551)"
		her 2 "02 10:00" session=
		her 3 "02 10:00" session= customer=unknown
		her 4 "02 10:00" customer=7 '"text":"\u00e9\/","order":12'
		her 5 "02 10:00" '"identifiers":[{"kind":"","value":"x"},{"kind":"crm","value":"unknown"},{"kind":"crm","value":"5"}]'
		her 6 "02 10:00" type=identity.unlinked '"identifiers":[{"kind":"crm","value":"unknown"},{"kind":"crm","value":"9"}]'
		printf '%s\n' '{"specversion":"1.0","id":"7\u00e9","source":"s","type":"message","time":"2026-03-02T10:00:00.5+03:00","zzz":"1", "data":{"big":123456789012345678901234567890}}'
		printf '%s\n' '{"specversion":"1.0","id":"8","source":"s","type":"message","time":"1969-03-02T10:00:00.000Z","channel":null}'
	} >in
	jlog -q -d j.db append in
	verify
	jlog -d j.db fsck
}

# ---- every kind of tampering ----

@test "a record whose content was changed is named" {
	log 300
	tamper "UPDATE event SET data=data||' ' WHERE seq=17"
	found "record 17: content differs from the hash"
	run jlog -d j.db fsck
	[ "$status" = 1 ]
}

@test "a record that was changed together with its hash is found by the tree" {
	log 600
	tamper "UPDATE event SET salt=(SELECT salt FROM event WHERE seq=18), leaf=(SELECT leaf FROM event WHERE seq=18) WHERE seq=17"
	run verify
	[ "$status" = 1 ]
	[[ "$output" == *"records 1 to 256: they differ from their hash in the tree"* ]]
	[[ "$output" != *"257"* ]]
}

@test "a column beside the record that says another thing is named" {
	log 300
	tamper "UPDATE event SET ord=ord+1 WHERE seq=5"
	found "record 5: column ord differs from the record"
	log 300
	tamper "UPDATE shape SET channel='letter' WHERE id=(SELECT shape FROM event WHERE seq=6)"
	run verify
	[ "$status" = 1 ]
	[[ "$output" == *": channel of the shape differs from the record"* ]]
	log 300
	tamper "UPDATE event SET ident=NULL WHERE seq=(SELECT min(seq) FROM event WHERE ident IS NOT NULL)"
	run verify
	[ "$status" = 1 ]
	[[ "$output" == *": column ident is not the first person named"* ]]
}

@test "a column beside what is left of an erased record that says another thing is named" {
	log 300
	her gone "02 10:00" source=desk/a session= "$(phone +5599),\"order\":7" | jlog -q -d j.db append
	jlog -q -d j.db forget --customer +5599 --why x
	verify
	[ "$(sqlite3 j.db "SELECT count(id), count(*) FROM event WHERE shape=(SELECT shape FROM event WHERE seq=301)")" = "0|1" ]
	cp j.db whole.db
	for column in source type channel direction actor; do
		tamper "UPDATE shape SET $column='other' WHERE id=(SELECT shape FROM event WHERE seq=301)"
		found "record 301: $column of the shape differs from the record"
		run jlog -d j.db fsck
		[ "$status" = 1 ]
		cp whole.db j.db
	done
	tamper "UPDATE event SET ord=77 WHERE seq=301"
	found "record 301: column ord differs from the record"
	run jlog -d j.db fsck
	[ "$status" = 1 ]
	cp whole.db j.db
	tamper "UPDATE session SET source='other' WHERE id=(SELECT session FROM event WHERE seq=301)"
	found "record 301: source of the session differs from the record"
	cp whole.db j.db
	tamper "UPDATE event SET ident=NULL WHERE seq=301"
	found "record 301: column ident is not the first person named"
	cp whole.db j.db
	for column in time recorded; do
		tamper "UPDATE event SET $column=$column+1 WHERE seq=301"
		found "record 302: what is left of those that it says were erased is not what it says"
		cp whole.db j.db
	done
}

# Runs SQL where a table takes values of any type: untyped TABLE SQL
untyped() {
	local was
	was=$(sqlite3 j.db "SELECT quote(sql) FROM sqlite_schema WHERE name='$1'")
	sqlite3 j.db "PRAGMA writable_schema=1; UPDATE sqlite_schema SET sql=replace(replace(sql, ' STRICT', ''), ' NOT NULL', '') WHERE name='$1'"
	tamper "$2"
	sqlite3 j.db "PRAGMA writable_schema=1; UPDATE sqlite_schema SET sql=$was WHERE name='$1'"
}

@test "a value that became one of another type is named" {
	log 300
	verify
	cp j.db whole.db
	for change in "id=CAST(id AS BLOB)" "data=CAST(data AS BLOB)" "ord=NULL"; do
		untyped event "UPDATE event SET $change WHERE seq=17"
		found "record 17: a column is of another type than it should be"
		cp whole.db j.db
	done
	untyped shape "UPDATE shape SET type=CAST(type AS BLOB) WHERE id=(SELECT shape FROM event WHERE seq=17)"
	run verify
	[ "$status" = 1 ]
	[[ "$output" == *": a column is of another type than it should be"* ]]
	cp whole.db j.db
	untyped session "UPDATE session SET name=CAST(name AS BLOB) WHERE id=(SELECT session FROM event WHERE seq=17)"
	run verify
	[ "$status" = 1 ]
	[[ "$output" == *": a column is of another type than it should be"* ]]
}

@test "records that were removed are named" {
	log 600
	tamper "DELETE FROM event WHERE seq=17 OR seq BETWEEN 300 AND 310"
	found "record 17: missing"
	found "records 300 to 310: missing"
	[ "$(verify | wc -l)" = 3 ]
}

@test "records that were cut off are missed where the tree was not cut off with them" {
	log 600
	tamper "DELETE FROM event WHERE seq>550"
	found "records 551 to 600: missing"
	her x "02 10:00" >later
	run jlog -d j.db append later
	[ "$status" = 2 ]
	[[ "$output" == *"damaged: its tree is of 600 records, and the last one is 550"* ]]
}

@test "a record that was slipped in is named, at the end and between others" {
	log 300
	tamper "INSERT INTO event SELECT 301, time, ord, recorded, shape, session, ident, id, data, salt, leaf, key FROM event WHERE seq=5"
	found "record 301: not in the tree"
	log 300
	tamper "UPDATE event SET seq=seq+1000 WHERE seq>=200; UPDATE event SET seq=seq-999 WHERE seq>1000;
		INSERT INTO event SELECT 200, time, ord, recorded, shape, session, ident, id, data, salt, leaf, key FROM event WHERE seq=5"
	found "records 200 to 256: content differs from the hash"
	found "records 257 to 300: content differs from the hash"
	found "record 301: content differs from the hash"
	log 300
	tamper "INSERT INTO event SELECT -3, time, ord, recorded, shape, session, ident, id, data, salt, leaf, key FROM event WHERE seq=5"
	found "record -3: no record's number"
}

@test "two records that changed places are named" {
	log 300
	tamper "UPDATE event SET seq=-1 WHERE seq=40; UPDATE event SET seq=40 WHERE seq=90; UPDATE event SET seq=90 WHERE seq=-1"
	found "record 40: content differs from the hash"
	found "record 90: content differs from the hash"
}

@test "a record that is made to look erased is named" {
	log 300
	tamper "UPDATE event SET id=NULL, data=NULL, salt=NULL, key=x'00112233445566778899aabbccddeeff' WHERE seq IN (7, 8, 9)"
	found "records 7 to 9: erased, and no record says so"
	printf '%s\n' '{"specversion":"1.0","id":"e","source":"s","type":"erased","time":"2026-03-02T10:00:00Z","data":{"sequences":[[7,8]]}}' |
		jlog -q -d j.db append
	# Who may append may not excuse it.
	found "records 7 to 9: erased, and no record says so"
}

@test "a tree that does not fit the records is told" {
	log 600
	tamper "UPDATE tile SET hash=randomblob(32) WHERE n=1"
	found "records 257 to 512: they differ from their hash in the tree"
	log 600
	tamper "DELETE FROM tile WHERE n=0; INSERT INTO tile VALUES(7, randomblob(32)), (-1, randomblob(32))"
	found "records 1 to 256: the tree has no hash of them"
	found "records 1793 to 2048: the tree has a hash of them, and not them"
	log 600
	tamper "UPDATE tree SET peaks=zeroblob(length(peaks))"
	found "tree: its frontier is not that of the records"
	log 600
	tamper "UPDATE tree SET size=599"
	found "tree: its frontier is none"
	log 600
	tamper "DELETE FROM tree"
	found "records 1 to 600: not in the tree"
}

@test "a view that shows records as others than they are, and a trigger that is none of ours, are told" {
	log 300
	sqlite3 j.db "PRAGMA writable_schema=1; UPDATE sqlite_schema SET sql=replace(sql, '\"origin\"', '\"orihin\"') WHERE name='v_event'"
	found "schema: the view v_event is not as it was made"
	log 300
	sqlite3 j.db "CREATE TRIGGER late AFTER INSERT ON event BEGIN DELETE FROM label; END; DROP VIEW v_identity"
	found "schema: the trigger late is none of jtools"
	found "schema: the view v_identity is missing"
	log 300
	sqlite3 j.db "CREATE VIEW mine AS SELECT count(*) FROM v_event; CREATE INDEX mine_too ON event(time)"
	verify
}

@test "a log in which nobody is named is whole" {
	labelled first | jq -c 'del(.data.identifiers)' | jlog -q -d j.db append
	[ "$(sqlite3 j.db "SELECT (SELECT count(*) FROM ident), (SELECT count(*) > 0 FROM session)")" = "0|1" ]
	verify
	jlog fsck -q -d j.db
}

@test "facts that another version made are no fault" {
	log 300
	sqlite3 j.db "DROP VIEW v_contact"
	found "schema: the view v_contact is missing"
	sqlite3 j.db "UPDATE meta SET value=1 WHERE key='facts'"
	verify
	jproject update -q -d j.db
	verify
	[ "$(sqlite3 j.db "SELECT count(*) > 0 FROM v_contact")" = 1 ]
}

@test "labels that were taken away or slipped in are told" {
	for intent in first second third; do
		labelled $intent
	done | jlog -q -d j.db append
	labelled fourth | jlog -q -d j.db append
	verify
	jlog -d j.db fsck
	[ "$(jlog -q -d j.db cat | grep -c '"type":"labelled"')" = 18 ]
	jlog -d j.db prove 1 >proof
	jlog -q check-proof proof
	"$VERIFY" proof
	grep -q first proof
	cp j.db whole.db
	tamper "DELETE FROM label WHERE seq=1"
	run verify
	[ "$status" = 1 ]
	[[ "$output" == *": it is not kept among the labels"* ]]
	cp whole.db j.db
	tamper "INSERT INTO label VALUES(2, 7)"
	run verify
	[ "$status" = 1 ]
	[[ "$output" == *"labels: "*" are kept, and "*" were given"* ]]
}

@test "truncation with its tree, and a tree made anew, are found with a head alone" {
	log 600
	jlog -d j.db head >kept
	tamper "DELETE FROM event WHERE seq>550"
	forge
	verify
	run verify --head kept
	[ "$status" = 1 ]
	[[ "$output" == *"tree: the head is of 600 records, and the last one is 550"* ]]
	log 600
	jlog -d j.db head >kept
	tamper "UPDATE event SET data=data||' ' WHERE seq=17"
	forge
	verify
	run verify --head kept
	[ "$status" = 1 ]
	[[ "$output" == *"tree: the first 600 records are not those of the head"* ]]
}

@test "a head of fewer records is held against the beginning of the log" {
	log 300
	jlog -d j.db head >kept
	history -v seed=2 -v n=300 -v first=1000 | jlog -q -d j.db append
	verify --head kept | grep -q 'begins with the 300 records of the head'
	sed 's/"root":"./"root":"0/; s/"root":"0\(.\)\(.\)/"root":"0\2\1/' kept >other
	run verify --head other
	[ "$status" = 1 ]
	[[ "$output" == *"tree: the first 300 records are not those of the head"* ]]
}

@test "a head that cannot be read stops jlog with 2" {
	log 3
	echo '{"size":3}' >kept
	run verify --head kept
	[ "$status" = 2 ]
	[[ "$output" == *"jlog: kept:1: format is missing"* ]]
	run verify --head /dev/null
	[ "$status" = 2 ]
	[[ "$output" == *"no head in it"* ]]
	jlog -d j.db head >kept
	jlog -d j.db head >>kept
	run verify --head kept
	[ "$status" = 2 ]
	[ "$output" = "jlog: kept:2: one head is expected" ]
	printf '\n%s\n\n \njunk\n' "$(jlog -d j.db head)" >kept
	run jlog check-proof --head kept /dev/null
	[ "$status" = 2 ]
	[ "$output" = "jlog: kept:5: one head is expected" ]
	sed -i '$d' kept
	verify --head kept
	run verify --head missing
	[ "$status" = 2 ]
}

@test "jlog verify and append take a long log in little memory" {
	history -v seed=3 -v n=30000 -v people=300 >in
	jlog -q -d j.db append in
	verify --head <(jlog -d j.db head) | grep -q '^30000 records'
	sanitized || (ulimit -v 400000 && jlog -d j.db verify)
}

# ---- indexes and who is who ----

fsck_finds() {
	verify >/dev/null
	run jlog -d j.db fsck
	[ "$status" = 1 ] || { echo "exit $status"; echo "$output"; false; }
	[[ "$output" == *"$1"* ]] || { echo "$output"; false; }
}

@test "jlog fsck finds an index that misses an entry, or has an odd one" {
	log 300
	tamper "UPDATE run_page SET entries=substr(entries,12) WHERE id=(SELECT min(id) FROM run_page)"
	fsck_finds "index of keys: it does not hold an entry of each and no other"
	[[ "$output" == *"record "*": the index of keys has 0 entries of it"* ]]
	log 300
	tamper "UPDATE meta SET value=iif(value LIKE '0%', '1', '0')||substr(value, 2) WHERE key='secret'"
	run jlog -d j.db fsck
	[ "$status" = 1 ]
	[[ "$output" == *"index of identifiers: it does not hold an entry of each and no other"* ]]
	log 300
	tamper "INSERT INTO run_page VALUES(1<<50, zeroblob(11))"
	fsck_finds "it is of no run"
}

@test "jlog fsck finds who is who where it does not agree with the records" {
	log 300
	tamper "UPDATE session SET first=first+1 WHERE id=2"
	fsck_finds "session 2: its first record, or the first that names somebody, is another"
	log 300
	tamper "UPDATE ident SET key=key+1 WHERE id=(SELECT min(id) FROM ident WHERE key IS NOT NULL)"
	fsck_finds "its customer's number or how many are joined is another"
	log 300
	tamper "DELETE FROM person WHERE key=1"
	fsck_finds "customer 1: the number is not that of an identifier or a session"
}

@test "jlog verify finds a trigger that is missing, and fsck a file that SQLite finds damaged" {
	log 300
	sqlite3 j.db "DROP TRIGGER event_no_update"
	found "schema: the trigger event_no_update is missing"
	log 300
	sqlite3 j.db "CREATE UNIQUE INDEX odd ON event(recorded, seq); PRAGMA writable_schema=1;
		UPDATE sqlite_schema SET sql='CREATE UNIQUE INDEX odd ON event(recorded)' WHERE name='odd'"
	run jlog -d j.db fsck
	[ "$status" != 0 ]
}

# ---- proofs ----

@test "proofs of records hold without the log, here and by a program of its own" {
	log 700
	jlog -d j.db head >kept
	jlog -d j.db prove 1 2 255 256 257 512 513 699 700 >proofs
	mv j.db gone.db
	[ "$(jlog check-proof --head kept proofs 2>err | wc -l)" = 9 ]
	[ ! -s err ]
	jlog check-proof --head kept <proofs | head -1 | grep -qx '<stdin>:1: record 1 is in the log of 700 records'
	split -l 1 proofs one.
	"$VERIFY" --head kept one.*
	jlog -q -d gone.db cat --from 255 --to 255 | sed 's/"customer":"[^"]*",//' >record
	python3 -c 'import json, sys; sys.stdout.write(json.load(open("one.ac"))["record"] + "\n")' | cmp - record
}

@test "consistency proofs hold for every earlier size, and a log that was made anew has none" {
	log 600
	for n in 0 1 255 256 257 300 511 512 513 599 600; do
		jlog -d j.db prove --from-size $n >proof.$n
	done
	jlog -d j.db head >kept
	jlog check-proof --head kept proof.*
	"$VERIFY" --head kept proof.*
	tamper "UPDATE event SET data=data||' ' WHERE seq=17"
	forge
	history -v seed=2 -v n=20 -v first=1000 | jlog -q -d j.db append
	jlog -d j.db prove --from-size 600 >proof
	run jlog check-proof --head kept proof
	[ "$status" = 1 ]
	[[ "$output" == "proof:1: not proved: the head has another root" ]]
}

@test "a proof that was changed, or is of another log, does not hold" {
	log 300
	jlog -d j.db head >kept
	jlog -d j.db prove 17 >proof
	sed 's/\\"id\\":\\"/&x/' proof >changed
	run jlog check-proof --head kept changed
	[ "$status" = 1 ]
	[[ "$output" == "changed:1: not proved: the path leads to another root" ]]
	run "$VERIFY" --head kept changed
	[ "$status" = 1 ]
	sed 's/"size":300/"size":301/' kept >other
	run jlog check-proof --head other proof
	[ "$status" = 1 ]
	run jlog check-proof proof
	[ "$status" = 0 ]
	[[ "$output" == *"jlog: without --head, proofs only agree with themselves"* ]]
	echo '{}' >bad
	run jlog check-proof --head kept proof bad
	[ "$status" = 2 ]
	[[ "$output" == *"jlog: bad:1: format is missing"* ]]
}

@test "jlog prove refuses what is not in the log, and a log that proves nothing" {
	log 300
	for n in 0 301 x ''; do
		run jlog -d j.db prove "$n"
		[ "$status" = 2 ]
	done
	run jlog -d j.db prove
	[ "$status" = 2 ]
	run jlog -d j.db prove --from-size 3 4
	[ "$status" = 2 ]
	[ "$output" = "jlog: sequences or --from-size, not both" ]
	run jlog -d j.db prove
	[ "$status" = 2 ]
	[ "$output" = "jlog: prove what? sequences, or --from-size" ]
	run jlog -d j.db prove --from-size 301
	[ "$status" = 2 ]
	[[ "$output" == *"no 301 records: there are 300"* ]]
	tamper "UPDATE event SET data=data||' ' WHERE seq=17"
	run jlog -d j.db prove 17
	[ "$status" = 2 ]
	[[ "$output" == *"damaged (see jlog verify): the path leads to another root"* ]]
}

@test "what is hashed is what jlog cat writes, but for the customer" {
	log 300
	python3 - <<-'END'
	import hashlib, re, sqlite3, subprocess
	lines = subprocess.run(["jlog", "-q", "-d", "j.db", "cat"], capture_output=True, check=True).stdout.split(b"\n")
	for line, (salt, leaf) in zip(lines, sqlite3.connect("j.db").execute("SELECT salt, leaf FROM event ORDER BY seq")):
	    record = re.sub(rb'^\{"customer":"c[0-9]+",', b"{", line)
	    assert hashlib.sha256(b"\0" + salt + record).digest() == leaf, line
	END
}

# ---- a change of any kind ----

# A log t.db with all that records may be: any_log
any_log() {
	history -v seed=4 -v n=500 -v people=30 -v shared=30 -v links=5 >in
	jlog -q -d t.db append in
	for intent in first second; do
		labelled $intent | jlog -q -d t.db append
	done
}

# Changes t.db at random.
change() {
	sqlite3 t.db 'PRAGMA wal_checkpoint(TRUNCATE)'
	"$TOP/test/tamper.py" "$J/jlog" t.db "${TAMPER_RUNS:-300}" "${TAMPER_SEED:-1}"
}

@test "a change of any bit or row is found, or changes nothing that a record says" {
	any_log
	change
}

@test "so is one of a log out of which people were erased" {
	any_log
	for c in $(jlog -q -d t.db cat | customers | cut -d' ' -f2 | sort | uniq -c | sort -rn | awk 'NR % 2 == 0 && NR < 60 { print $2 }'); do
		jlog -q -d t.db forget --customer "$c" --why x
	done
	[ "$(sqlite3 t.db "SELECT count(*) > 100 FROM event WHERE id IS NULL")" = 1 ]
	change
}
