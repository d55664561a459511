#!/usr/bin/env bats
# jlog forget, hold and expire: what a person said is gone to the byte, and what the log proves and counts stays.
bats_require_minimum_version 1.5.0
load helper
load gen/records

append() { jlog -q -d j.db append "$@"; }
cat_log() { jlog -q -d j.db cat "$@"; }
forget() { jlog -d j.db forget --why "her request" "$@"; }
# It may be asked while jlog closes the file.
sql() { sqlite3 -cmd '.timeout 5000' j.db "$@"; }
others() { grep -v "\"customer\":\"$1\"" || :; }
ids_of() { sed 's/.*"id":"\([^"]*\)".*/\1/'; }

# busiest: the customer of most records.
busiest() { cat_log | customers | cut -d' ' -f2 | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }'; }
# figures METRIC ...: without what the log's length and the time of recording say.
figures() { jmetrics -d j.db -o csv "$@" 2>/dev/null | sed 's/,[^,]*,[0-9]*,base/,base/'; }

# A person with all that there is to erase, between others; her phone names a session, one session is shared.
people() {
	her maria-1 "02 10:00" session=+5511987650001 "$(phone +5511987650001),\"text\":\"Olá, sou Maria Quitéria\",\"name\":\"Maria Quitéria\",\"entities\":{\"order\":\"PED-77123\"},\"ext\":{\"note\":\"extranote7\"},\"origin\":{\"file\":\"chat-maria.txt\",\"line\":3}"
	ana ours-1 "02 10:05" session=+5511987650001 '"text":"Bom dia, dona Quitéria"'
	her joao-1 "02 11:00" session=+5511912340002 "$(phone +5511912340002),\"text\":\"Oi, aqui é o João\""
	her maria-2 "03 09:00" source=mail/a session=thread-maria channel=email "$(both +5511987650001 maria.quiteria@example.org),\"text\":\"segunda mensagem dela\",\"raw_text\":\"> citada\\nsegunda mensagem dela\""
	her maria-3 "03 09:30" source=desk/a session= channel=web customer=K-4711 "$(email maria.quiteria@example.org),\"text\":\"formulário enviado\""
	rec call-maria "04 10:00" type=call source=tel/a session=call-9911 channel=voice "$(phone +5511987650001),\"reason\":\"answered\",\"duration\":120,\"wait\":15,\"order\":7"
	her group-1 "05 10:00" session=group "$(phone +5511912340002),\"text\":\"no grupo, João\""
	her group-2 "05 10:01" session=group "$(phone +5511987650001),\"text\":\"no grupo, eu também\""
	her group-3 "05 10:02" session=group '"text":"ninguém nomeado aqui"'
	her group-4 "05 10:03" session=group "$(phone +5511912340002),\"text\":\"João de novo\""
	rec odd-maria "06 10:00" session=+5511987650001 traceparent=x "$(phone +5511987650001),\"text\":\"fora de forma\"" |
		sed 's/,"data"/,"zzz":"umatributodela","data"/'
	her joao-2 "20 11:00" session=+5511912340002 "$(phone +5511912340002),\"text\":\"Continuo aqui\""
}
# What of hers must be nowhere.
hers() {
	printf '%s\n' maria-1 ours-1 maria-2 maria-3 call-maria group-2 group-3 odd-maria 5511987650001 Quitéria 'Quit\u00e9ria' \
		PED-77123 extranote7 chat-maria thread-maria maria.quiteria 'segunda mensagem' citada K-4711 'formulário' call-9911 \
		'eu também' 'ninguém nomeado' 'fora de forma' umatributodela
}
# found: which of them the files hold.
found() {
	local f
	for f in j.db j.db-wal j.db-shm; do
		[ ! -e $f ] || grep -aoFf <(hers) $f || :
	done
}

@test "after jlog forget no byte of the person is in the database, the write-ahead log or beside it" {
	people >in
	append in
	[ -n "$(found)" ]
	jproject -q -d j.db update
	jmetrics -d j.db >/dev/null
	jproject -d j.db snapshot >/dev/null
	jproject -q -d j.db rebuild
	forget --customer +5511987650001 >out
	found
	[ -z "$(found)" ]
	[ "$(grep -cFf <(hers) out)" = 0 ]
	jproject -q -d j.db update
	jmetrics -d j.db >/dev/null
	[ -z "$(found)" ]
	[ "$(find . -name 'j.db*' ! -name j.db ! -name j.db-wal ! -name j.db-shm)" = "" ]
}

@test "the same with a reader that has the file open, whose write-ahead log stays" {
	people >in
	append in
	keep_open j.db 3
	jproject -q -d j.db update
	forget --customer c1 >out
	[ -e j.db-wal ]
	[ -z "$(found)" ]
	wait "$holder"
	[ -z "$(found)" ]
}

@test "a person of many records, moved about by earlier updates, goes to the byte" {
	history -v seed=21 -v n=1500 -v people=20 -v shared=40 >in
	head -700 in | append
	jproject -q -d j.db update
	tail -n +701 in | append
	jproject -q -d j.db update
	jproject -q -d j.db rebuild
	c=$(busiest)
	cat_log --customer "$c" | ids_of >gone
	cat_log --customer "$c" | grep -o 'p[0-9]*@x.example\|+5511[0-9]*' | sort -u >names
	cat_log | others "$c" | grep -o 'p[0-9]*@x.example\|+5511[0-9]*' | sort -u >theirs
	forget --customer "$c" >out
	[ "$(wc -l <gone)" -gt 50 ]
	[ "$(sql 'SELECT id FROM event WHERE id IS NOT NULL' | grep -cxFf gone)" = 0 ]
	comm -23 names theirs >only
	[ ! -s only ] || [ "$(grep -acFf only j.db)" = 0 ]
}


@test "the records of others stay as they are, byte for byte" {
	people >in
	append in
	cat_log | others c1 >before
	forget --customer c1 >out
	cat_log | others c1 | cmp - before
}

@test "leaves stay, salts go, and v_event gives the record that cat writes" {
	people >in
	append in
	sql 'SELECT seq, hex(leaf) FROM event' >leaves
	forget --customer c1 >out
	sql 'SELECT seq, hex(leaf) FROM event WHERE seq <= 12' | cmp - leaves
	[ "$(sql 'SELECT count(*) FROM event WHERE key IS NOT NULL AND salt IS NULL AND id IS NULL AND length(key) = 16')" = 8 ]
	[ "$(sql 'SELECT count(*) FROM event WHERE (key IS NULL) <> (salt IS NOT NULL)')" = 0 ]
	cat_log | without customer sequence recordedtime | cmp - <(sql 'SELECT body FROM v_event ORDER BY seq')
}

@test "what is left of a record is a record: source, type, time, channel, direction, actor, a random session and the mark" {
	people >in
	append in
	forget --customer c1 >out
	key=$(grep -o '"kind":"erased","value":"[0-9a-f]*"' out | grep -o '[0-9a-f]\{32\}')
	id=$(sql 'SELECT lower(hex(key)) FROM event WHERE seq = 6')
	cat_log --from 6 --to 6 | without recordedtime >left
	[ "$(cat left)" = '{"customer":"c1","sequence":"000000000006","specversion":"1.0","id":"'"$id"'","source":"tel/a","type":"call","time":"2026-03-04T10:00:00.000Z","session":"'"$key"'.4","channel":"voice","direction":"in","actor":"customer","data":{"erased":true,"identifiers":[{"kind":"erased","value":"'"$key"'"}],"reason":"answered","duration":120,"wait":15,"order":7}}' ]
	[ "$(cat_log --customer c1 | wc -l)" = 9 ]
}

@test "the record erased names the rows, and the hash of what is left is the one that the manual defines" {
	people >in
	append in
	forget --customer c1 >out
	grep -q '"type":"erased".*"direction":"internal","actor":"system".*"reason":"her request","sequences":\[\[1,2\],\[4,6\],\[8,9\],11\],"rests":"[0-9a-f]\{64\}"' out
	command -v python3 >/dev/null || skip "no python3 here"
	cat_log >log
	sql 'SELECT seq, hex(leaf) FROM event' >leaves
	python3 - out log leaves <<'EOF'
import hashlib, json, re, sys
out, log, leaves = (open(f, encoding='utf-8').read().splitlines() for f in sys.argv[1:4])
told = json.loads(out[0])['data']
leaf = dict(line.split('|') for line in leaves)
h = hashlib.sha256()
for s in told['sequences']:
    for n in range(s[0], s[1] + 1) if isinstance(s, list) else [s]:
        record = re.sub(r'^{"customer":"[^"]*",', '{', log[n - 1]).encode()
        h.update(b'\x02' + bytes.fromhex(leaf[str(n)]) + len(record).to_bytes(8, 'big') + record)
assert h.hexdigest() == told['rests'], (h.hexdigest(), told['rests'])
EOF
}

@test "the old export read again finds duplicates, and the person does not come back" {
	people >in
	append in
	forget --customer c1 >out
	jlog -d j.db append in 2>err >out
	[ ! -s out ]
	[ "$(cat err)" = "jlog: read 12 = written 0 + duplicates 12 + rejected 0" ]
	[ -z "$(found)" ]
	run jlog -d j.db cat --customer +5511987650001
	[ "$status" = 2 ]
}

@test "the log read into itself, and into another file, after an erasure" {
	people >in
	append in
	forget --customer c1 >out
	cat_log | jlog -d j.db append 2>err >out
	grep -q 'read 13 = written 0 + duplicates 13' err
	cat_log | jlog -q -d other.db append
	cat_log | without recordedtime >first
	jlog -q -d other.db cat | without recordedtime | cmp - first
	cat_log | jlog -d other.db append 2>err >out
	grep -q 'read 13 = written 0 + duplicates 13' err
}

@test "somebody who comes again after an erasure is another person" {
	people >in
	append in
	forget --customer c1 >out
	her new-1 "25 10:00" session=+5511987650001 "$(phone +5511987650001)" >new
	jlog -d j.db append new 2>err >out
	grep -q '"customer":"c14"' out
	[ "$(cat_log --customer +5511987650001 | wc -l)" = 1 ]
	[ "$(cat_log --customer c1 | wc -l)" = 9 ]
}

@test "facts after an erasure are those that a rebuild gives" {
	for seed in 31 32 33; do
		rm -f j.db*
		history -v seed=$seed -v n=400 -v shared=50 -v links=15 >in
		append in
		jproject -q -d j.db update
		for c in $(cat_log | customers | cut -d' ' -f2 | sort -u | head -4); do
			forget --customer "$c" >out
			jproject -q -d j.db update
			dump j.db >incremental
			jproject -q -d j.db rebuild
			dump j.db | cmp - incremental
		done
		history -v seed=7 -v n=100 -v first=401 -v shared=50 >new
		append new
		jproject -q -d j.db update
		dump j.db >incremental
		jproject -q -d j.db rebuild
		dump j.db | cmp - incremental
		cp j.db copy.db
		jlog -q -d copy.db cat | jlog -q -d again.db append
		jlog -q -d again.db cat | without recordedtime >first
		cat_log | without recordedtime | cmp - first
		rm -f again.db* copy.db*
	done
}

@test "customers, contacts, handled ones, escalations and first answers are as before, where no content cut them" {
	people >in
	append in
	# Figures over all, and none whose cut hung on intents, cases or what we asked for.
	held="customers contacts first_response_time escalation_rate repeat_contact_rate.any_intent"
	figures $held >before
	columns="customer, contact, source, channel, class, began, started, ended, offered, handled, first_in, answered_any, answered_human, closed, last_word, next_in, next_started, next_channel, known, events, her_words, our_words, human, bot, wait_known"
	fact contact "$columns" >contacts
	forget --customer c1 >out
	figures $held | cmp - before
	fact contact "$columns" | cmp - contacts
}

@test "somebody whom nothing names is forgotten too, and her figures stay those of an unknown" {
	her nn-1 "02 10:00" session=nn-thread '"text":"sem nome nenhum"' >in
	her nn-2 "02 10:01" session=nn-thread '"text":"outra vez"' >>in
	her joao-1 "02 11:00" session=j "$(phone +5511912340002)" >>in
	append in
	figures customers contacts >before
	forget --customer c1 >out
	[ "$(grep -acE 'nn-1|nn-2|nn-thread|nenhum|outra vez' j.db)" = 0 ]
	figures customers contacts | cmp - before
	[ "$(sql 'SELECT known FROM v_contact WHERE customer = 1')" = 0 ]
	[ "$(cat_log --customer c1 | wc -l)" = 3 ]
}

@test "labels that came later go with the record that they are of" {
	people >in
	append in
	sed 's/"text":"segunda mensagem dela"/&,"intent":"rotulosecreto"/' in >again
	append again
	cat_log | grep -q rotulosecreto
	[ "$(sql 'SELECT count(*) FROM label')" = 1 ]
	forget --customer c1 >out
	[ -z "$(found)" ]
	[ "$(grep -ac rotulosecreto j.db)" = 0 ]
	[ "$(sql 'SELECT count(*) FROM label')" = 0 ]
	[ "$(cat_log --customer c1 | wc -l)" = 10 ]
	jlog -d j.db append again 2>err >out
	grep -q 'written 0 + duplicates 12' err
}

@test "verify and fsck agree with a log out of which people were erased, and see what is left being changed" {
	people >in
	append in
	jlog -d j.db head >kept
	forget --customer c1 >out
	jlog -d j.db verify --head kept
	jlog -d j.db fsck
	for seed in 61 62 63; do
		rm -f k.db*
		history -v seed=$seed -v n=500 -v people=30 -v shared=60 -v links=1 >in
		jlog -q -d k.db append in
		for c in $(jlog -q -d k.db cat | customers | cut -d' ' -f2 | sort | uniq -c | sort -rn | awk 'NR < 9 { print $2 }'); do
			jlog -q -d k.db forget --why x --customer "$c"
			jlog -d k.db fsck
		done
	done
	sql 'DROP TRIGGER event_no_update; UPDATE event SET data = replace(data, 120, 121) WHERE seq = 6'
	run jlog -d j.db verify
	[ "$status" = 1 ]
	[[ "$output" == *"record 13: what is left of those that it says were erased is not what it says"* ]]
}

@test "a copy of a log out of which somebody was erased is sound, and what it erases itself is proved" {
	people >in
	append in
	forget --customer c1 >out
	cat_log | jlog -q -d copy.db append
	jlog -d copy.db fsck
	# Again it changes nothing.
	cat_log | jlog -d copy.db append 2>err >out
	grep -q 'written 0 + ' err
	jlog -q -d copy.db forget --customer "$(jlog -q -d copy.db cat | grep -v erased | customers | tail -1 | cut -d' ' -f2)" --why x
	jlog -d copy.db fsck
}

@test "a customer whom no identifier names keeps her number, and the record of her erasure is hers" {
	her 1 "01 10:00" session=s '"text":"sem nome"' >in
	her 2 "02 10:00" session=t "$(phone +551)" >>in
	append in
	forget --customer c1 >out
	grep -q '^{"customer":"c1".*"source":"wa/a","type":"erased".*"session":"[0-9a-f]*\.1"' out
	[ "$(jlog -d j.db info | grep ^customers)" = "customers: 2" ]
	jlog -d j.db fsck
}

@test "what came of a customer whom no identifier names after she was erased is erased as another, and she keeps her number" {
	her 1 "01 10:00" session=s '"text":"sem nome"' >in
	append in
	jproject -q -d j.db update
	forget --customer c1 >/dev/null
	session=$(cat_log | jq -r 'select(.source == "wa/a").session' | sort -u)
	rec h1 "02 10:00" type=hold.placed session="$session" channel= actor=system direction=internal >later
	rec h2 "02 10:01" type=hold.released session="$session" channel= actor=system direction=internal >>later
	append later
	forget --customer c1 >out
	[ "$(jq -c .data.sequences out)" = "[[3,4]]" ]
	jlog -d j.db fsck
	[ "$(jlog -q -d j.db cat | jq -r .customer | tr '\n' ' ')" = "c1 c1 c3 c3 c3 " ]
	[ "$(jlog -q -d j.db cat --customer c1 | wc -l)" = 2 ]
	[ "$(jlog -q -d j.db cat --customer c3 | wc -l)" = 3 ]
	jproject -q -d j.db update
	dump j.db >incremental
	jproject -q -d j.db rebuild
	dump j.db | cmp - incremental
}

@test "a record that says erased and came from elsewhere is a record like others" {
	people >in
	append in
	her forged "03 10:00" source=jlog type=erased session=q '"sequences":[1,[3,4]],"rests":"00","text":"segredo forjado"' >forged
	her mine "03 10:01" source=jlog session=q "$(phone +5599)" >>forged
	append forged
	jlog -d j.db fsck
	forget --customer c1 >out
	jlog -d j.db fsck
	# It goes when its customer does.
	forget --customer +5599 >out
	jlog -d j.db fsck
	[ "$(grep -ac 'segredo forjado' j.db)" = 0 ]
}

@test "the horizon does not move when somebody is erased or held" {
	people >in
	append in
	jlog -d j.db info | grep -e horizon -e 'first event' >before
	jlog -q -d j.db hold --customer c3 >out
	forget --customer c1 >out
	jlog -d j.db info | grep -e horizon -e 'first event' | cmp - before
}

@test "the same customer forgotten again: nothing is left, and nothing is recorded" {
	people >in
	append in
	forget --customer c1 >out
	jlog -d j.db forget --customer c1 --why again >out
	[ ! -s out ]
	[ "$(sql 'SELECT count(*) FROM event')" = 13 ]
}

@test "records that came after an erasure under the random key are erased under it" {
	people >in
	append in
	forget --customer c1 >out
	key=$(grep -o '[0-9a-f]\{32\}' <(grep -o '"kind":"erased","value":"[0-9a-f]*"' out))
	her again-1 "25 10:00" session=x9 "\"identifiers\":[{\"kind\":\"erased\",\"value\":\"$key\"},{\"kind\":\"phone\",\"value\":\"+5511999990000\"}]" >new
	append new
	forget --customer c1 >out
	grep -q "\"value\":\"$key\".*\"sequences\":\\[14\\]" out
	[ "$(grep -acE 'again-1|5511999990000' j.db)" = 0 ]
	[ "$(cat_log --customer c1 | wc -l)" = 11 ]
	jproject -q -d j.db update
	dump j.db >incremental
	jproject -q -d j.db rebuild
	dump j.db | cmp - incremental
}

@test "--dry-run tells what would go and changes no byte" {
	people >in
	append in
	sha256sum j.db >before
	jlog -d j.db forget --dry-run --customer c1 >out
	sha256sum -c --quiet before
	diff out - <<-'EOF'
	customer: c1
	records: 8
	sessions: 4
	shared sessions: 1
	identifiers: 3
	erased before: 0
	first event: 2026-03-02T10:00:00.000Z
	last event: 2026-03-06T10:00:00.000Z
	EOF
	[ "$(jlog -d j.db expire --dry-run --older-than 1d | grep -c ^customer)" = 2 ]
	for span in 24m 23h 0d; do
		run jlog -d j.db expire --older-than $span
		[ "$status" = 2 ]
		[ "$output" = "jlog: how old? --older-than SPAN, a day at least: 24mo" ]
	done
	run jlog -d j.db expire
	[ "$status" = 2 ]
	[ "$(jlog -d j.db expire --dry-run --older-than 24h | grep -c ^customer)" = 2 ]
	sha256sum -c --quiet before
}

@test "a hold refuses an erasure with exit 1 until it is released" {
	people >in
	append in
	jlog -d j.db hold --customer c1 --why "lawsuit of Quitéria" >out
	grep -q '"type":"hold.placed"' out
	jlog -q -d j.db hold --customer c1 | cmp - /dev/null
	run jlog -d j.db forget --customer c1 --why x
	[ "$status" = 1 ]
	[ "$output" = "jlog: c1: held by record 13, not erased" ]
	jlog -d j.db forget --dry-run --customer c1 >out || [ $? = 1 ]
	grep -q '^held: by record 13$' out
	jlog -d j.db info | grep -q '^held: c1 lawsuit of Quitéria$'
	[ "$(cat_log | grep -c '"erased":true')" = 0 ]
	jlog -d j.db hold --release --customer c1 >out
	grep -q '"type":"hold.released"' out
	[ "$(jlog -d j.db info | grep -c '^held')" = 0 ]
	forget --customer c1 >out
	[ -z "$(found)" ]
	jlog -d j.db info | grep -q '^erased: 10$'
}

@test "who is parted from her whom a hold names stays held, each until released" {
	her a "02 10:00" session=a "$(phone +551)" >1
	her b "02 11:00" session=b "$(email x@y)" >2
	append 1 2
	jlog -q -d j.db link +551 x@y --why same
	jlog -q -d j.db hold --customer x@y --why court
	jlog -d j.db unlink +551 x@y --why oops >out
	[ "$(grep -c '"type":"identity.unlinked"' out)" = 1 ]
	[ "$(grep -c '"type":"hold.placed"' out)" = 1 ]
	[ "$(jlog -d j.db info | grep -c '^held: ')" = 2 ]
	for who in +551 x@y; do
		run -1 jlog -q -d j.db forget --customer $who --why x
		jlog -q -d j.db hold --release --customer $who
		jlog -q -d j.db forget --customer $who --why x
	done
	[ "$(cat_log | grep '"source":"wa/a"' | grep -c '"erased":true')" = 2 ]
	jlog -q -d j.db verify
}

@test "who is parted while nobody is held is not held" {
	her a "02 10:00" session=a "$(phone +551)" >1
	her b "02 11:00" session=b "$(email x@y)" >2
	append 1 2
	jlog -q -d j.db link +551 x@y --why same
	jlog -d j.db unlink +551 x@y --why oops >out
	[ "$(wc -l <out)" = 1 ]
	[ "$(jlog -d j.db info | grep -c '^held: ')" = 0 ]
}

@test "a reason that names her in any spelling is refused, one with the number of a case is not" {
	her a "02 10:00" session=a "$(both +5511912345601 josé.lima@x.example)" >1
	her b "02 11:00" session=b customer=2026 '"text":"oi"' >>1
	append 1
	for why in 'asked by +55 (11) 91234-5601' 'JOSÉ.LIMA@x.example asked' 'jose.lima@x.example asked' 'José Lima (at) x.example: josé.lima @ x.example'; do
		run -2 jlog -d j.db forget --customer +5511912345601 --why "$why"
		[ "$output" = "jlog: --why holds an identifier of the customer, and would stay" ]
	done
	[ "$(cat_log | grep -c '"erased":true')" = 0 ]
	jlog -q -d j.db forget --customer +5511912345601 --why 'request 55-11/2026 of 4 May'
}

@test "who was erased cannot be held, and one command is about one customer" {
	people >in
	append in
	jlog -q -d j.db forget --customer c1 --why x
	run -1 jlog -d j.db hold --customer c1 --why late
	[ "$output" = "jlog: c1: was erased" ]
	[ "$(cat_log | grep -c '"type":"hold.placed"')" = 0 ]
	run -2 jlog -d j.db forget --customer c3 --customer c1 --why x
	[ "$output" = "jlog: --customer: there are two: c3 and c1" ]
}

@test "a hold goes with its customer when she is joined to another" {
	her a "02 10:00" session=a "$(phone +551)" >1
	her b "02 11:00" session=b "$(email x@y)" >2
	append 1 2
	jlog -q -d j.db hold --customer x@y
	her c "03 10:00" session=c "$(both +551 x@y)" >3
	append 3
	run jlog -d j.db forget --customer +551 --why x
	[ "$status" = 1 ]
	# Nor does a record end it that says who is who.
	jlog -q -d j.db link x@y phone:+5511987650009 >/dev/null
	run jlog -d j.db forget --customer +551 --why x
	[ "$status" = 1 ]
	[ "$output" = "jlog: c1: held by record 3, not erased" ]
}

@test "a hold stays with her when the telephone under which she was known first turns out to be shared" {
	{
		her 1 "01 10:00" source=desk/a session=s1 "$(phone +551)"
		for c in ana bia caio davi; do
			her "$c" "02 10:00" source=desk/a session="$c" \
				"\"identifiers\":[{\"kind\":\"phone\",\"value\":\"+551\"},{\"kind\":\"crm\",\"value\":\"$c\"}]"
		done
	} >in
	head -n 2 in >2
	append 2
	jlog -q -d j.db hold --customer ana
	append in
	[ "$(jlog -q -d j.db cat --customer bia | wc -l)" = 1 ]
	[ "$(jlog -d j.db info | grep '^held')" = "held: c2" ]
	run jlog -d j.db forget --customer ana --why x
	[ "$status" = 1 ]
	[ "$output" = "jlog: c2: held by record 3, not erased" ]
	jlog -q -d j.db hold --customer ana --release
	forget --customer ana >/dev/null
}

@test "a hold under what turns out to be shared is of all whom that had joined, each until released" {
	{
		her 1 "01 10:00" source=desk/a session=s1 "$(phone +551)"
		for c in ana bia caio davi; do
			her "$c" "02 10:00" source=desk/a session="$c" \
				"\"identifiers\":[{\"kind\":\"phone\",\"value\":\"+551\"},{\"kind\":\"crm\",\"value\":\"$c\"}]"
		done
	} >in
	head -n 1 in >1
	append 1
	jlog -q -d j.db hold --customer +551 --why court
	append in
	her elis "02 10:00" source=desk/a session=e '"identifiers":[{"kind":"crm","value":"elis"}]' >elis
	append elis
	# The record that shows that it is shared joins nobody.
	for c in c1 ana bia caio; do
		run jlog -d j.db forget --customer $c --why x
		[ "$status" = 1 ]
		[[ "$output" == *": held by record 2, not erased" ]]
	done
	for c in davi elis; do [ "$(jlog -d j.db forget --customer $c --dry-run | grep -c held)" = 0 ]; done
	jlog -d j.db info | grep '^held: c[1345] court' | wc -l | grep -qx 4
	jlog -q -d j.db hold --customer ana --release
	jlog -q -d j.db hold --customer c1 --release
	[ "$(jlog -d j.db info | grep -c '^held: c[13] ')" = 0 ]
	forget --customer ana >/dev/null
	forget --customer c1 >/dev/null
	run jlog -d j.db forget --customer bia --why x
	[ "$status" = 1 ]
	jlog -d j.db fsck
}

@test "a hold stands until it is released, and not by a release of another whom she was joined to later" {
	for i in 1 2; do her "r$i" "0$i 10:00" session="s$i" "$(phone +55$i)"; done >in
	append in
	for i in 1 2; do jlog -q -d j.db hold --customer +55$i >/dev/null; done
	jlog -q -d j.db hold --customer +552 --release >/dev/null
	jlog -q -d j.db link +551 +552 >/dev/null
	run jlog -d j.db forget --customer +552 --why x
	[ "$status" = 1 ]
	[ "$output" = "jlog: c1: held by record 3, not erased" ]
	jlog -d j.db info | grep -q '^held: c1'
	[ -z "$(jlog -q -d j.db expire --older-than 1d)" ]
	jlog -d j.db hold --customer +552 --release >out
	grep -q '"type":"hold.released"' out
	[ "$(jlog -d j.db info | grep -c '^held')" = 0 ]
	# Both are released by one that comes when they are one, and parted again the other is held.
	for i in 1 2; do her "q$i" "0$i 10:00" session="t$i" "$(phone +56$i)"; done >in
	append in
	for i in 1 2; do jlog -q -d j.db hold --customer +56$i >/dev/null; done
	jlog -q -d j.db link +561 +562 >/dev/null
	jlog -q -d j.db hold --customer +562 --release >/dev/null
	[ "$(jlog -d j.db info | grep -c '^held')" = 0 ]
	jlog -q -d j.db unlink +561 +562 >/dev/null
	forget --customer +561 >/dev/null
	run jlog -d j.db forget --customer +562 --why x
	[ "$status" = 1 ]
	jlog -q -d j.db hold --customer +562 --release >/dev/null
	forget --customer +562 >/dev/null
}

@test "jlog expire erases who was not heard of for long, and leaves who is held" {
	for i in 1 2 3; do her "old-$i" "0$i 10:00" session="s$i" "$(phone "+55$i")"; done |
		sed 's/2026-/2020-/' >in
	her new "02 10:00" session=s4 "$(phone +554)" | sed "s/2026-03-02/$(date -u +%Y-%m-%d)/" >>in
	append in
	jlog -q -d j.db hold --customer +552
	jlog -d j.db expire --older-than 24mo >out 2>err
	[ "$(grep -c '"type":"erased"' out)" = 2 ]
	grep -q '"reason":"retention: no event for 720 days"' out
	grep -q 'c2: held by record 5, not erased' err
	grep -q 'jlog: erased 2 customers, 2 records; 1 held' err
	[ "$(grep -acE 'old-1|old-3' j.db)" = 0 ]
	grep -aq old-2 j.db
	[ "$(jlog -d j.db expire --older-than 24mo 2>/dev/null | wc -l)" = 0 ]
}

@test "jlog expire takes no reason that names one of those who would go, and then erases nobody" {
	for i in 1 2 3; do her "old-$i" "0$i 10:00" session="s$i" "$(phone "+551190000000$i")"; done | sed 's/2026-/2020-/' >in
	append in
	for dry in "" --dry-run; do
		# shellcheck disable=SC2086
		run jlog -d j.db expire $dry --older-than 24mo --why "as +55 11 90000-0002 asked"
		[ "$status" = 2 ]
		[ "$output" = "jlog: --why holds an identifier of the customer, and would stay" ]
		run jlog -d j.db forget --customer c2 --dry-run --why "as +55 11 90000-0002 asked"
		[ "$status" = 2 ]
	done
	[ "$(cat_log | wc -l)" = 3 ]
	# The reason that is recorded where none is given may be anybody's handle.
	her days "01 10:00" session=s9 '"identifiers":[{"kind":"handle","value":"retention"}]' | sed 's/2026-/2020-/' | append
	[ "$(jlog -d j.db expire --older-than 24mo 2>/dev/null | wc -l)" = 4 ]
}

@test "the bytes are gone though nobody takes the record that tells of it" {
	people >in
	append in
	cp j.db whole.db
	status=0
	forget --customer +5511987650001 >/dev/full || status=$?
	[ "$status" = 2 ]
	[ -z "$(found)" ]
	for verb in "forget --why x --customer +5511987650001" "expire --older-than 1d"; do
		rm j.db*
		cp whole.db j.db
		# Whose reader is gone.
		# shellcheck disable=SC2086
		jlog -d j.db $verb 2>/dev/null | true
		[ -z "$(found)" ]
		[ "$(sql "SELECT count(*) FROM meta WHERE key = 'unscrubbed'")" = 0 ]
	done
	[ "$(cat_log --type erased | wc -l)" -gt 1 ]
}

# joined_before VERB ...: jlog, while it waits for a writer that joins c2 to c1.
joined_before() {
	mkfifo held
	{
		echo "BEGIN IMMEDIATE; DELETE FROM person WHERE key=2;"
		echo "UPDATE ident SET parent=1, joined=3, since=3, key=NULL WHERE id=2;"
		echo "UPDATE ident SET size=2 WHERE id=1;"
		echo "SELECT 1;"
		sleep 1
		echo "COMMIT;"
	} | sqlite3 j.db >held &
	read -r <held
	status=0
	jlog -d j.db "$@" || status=$?
	wait
	rm held
}

@test "who is joined to another while jlog waits for the file is erased or held as the one that she is then" {
	for i in 1 2 3; do her "old-$i" "0$i 10:00" session="s$i" "$(phone +55$i)"; done | sed 's/2026-/2020-/' >in
	append in
	cp j.db all.db
	joined_before expire --older-than 24mo >out 2>err
	[ "$status" = 0 ]
	grep -q 'jlog: erased 2 customers, 3 records; 0 held' err
	cp all.db j.db
	joined_before forget --why x --customer +552 >out 2>err
	[ "$status" = 0 ]
	[ "$(jq -c .data.sequences out)" = "[[1,2]]" ]
	[ "$(jlog -d j.db cat | jq -c '[.customer, .data.erased // false]' | head -n 3 | sort | uniq -c | tr -s ' ' '\n' | grep -c true)" = 1 ]
	cp all.db j.db
	joined_before hold --customer +552 >out 2>err
	[ "$status" = 0 ]
	run jlog -d j.db forget --why x --customer +551
	[ "$status" = 1 ]
	[ "$output" = "jlog: c1: held by record 4, not erased" ]
	cp all.db j.db
	cp all.db j.db
	joined_before forget --why x --customer c2 >out 2>err
	[ "$status" = 0 ]
	[ "$(jq -c .data.sequences out)" = "[[1,2]]" ]
}

@test "jlog forget wants a customer, who must be there, and a reason that does not name her" {
	people >in
	append in
	run jlog -d j.db forget --customer c1
	[ "$status" = 2 ]
	run jlog -d j.db forget --why x
	[ "$status" = 2 ]
	run jlog -d j.db forget --why x --customer nobody
	[ "$status" = 2 ]
	[ "$output" = "jlog: nobody: no such customer" ]
	run jlog -d j.db forget --customer c1 --why "asked by +5511987650001"
	[ "$status" = 2 ]
	for verb in "forget --customer c1" "hold --customer c1" "expire --older-than 1d" "link c1 c2" "unlink c1 c2"; do
		# Blanks of other scripts, and what has no width, too.
		for blank in "" " " $'\t' $'\xc2\xa0' $'\xe3\x80\x80\xe2\x80\x83' $'\xe2\x80\x8b\xef\xbb\xbf'; do
			# shellcheck disable=SC2086
			run jlog -d j.db $verb --why "$blank"
			[ "$status" = 2 ]
			[ "$output" = "jlog: --why: there is no reason in it" ]
		done
	done
	[ "$(cat_log | grep -c '"erased":true')" = 0 ]
	run jlog -d j.db expire
	[ "$status" = 2 ]
}

@test "killed at any moment, an erasure is done or was not begun, and the next one finishes it" {
	history -v seed=41 -v n=3000 -v people=30 >in
	append in
	cp j.db whole.db
	c=$(busiest)
	n=$(cat_log --customer "$c" | wc -l)
	for i in $(seq 25); do
		rm -f j.db*
		cp whole.db j.db
		jlog -d j.db forget --why x --customer "$c" >out 2>/dev/null &
		pid=$!
		sleep "0.0$((i * 7 % 10))$((i % 10))"
		kill -9 $pid 2>/dev/null || :
		wait $pid 2>/dev/null || :
		erased=$(sql 'SELECT count(*) FROM event WHERE key IS NOT NULL')
		[ "$erased" = 0 ] || [ "$erased" = "$n" ]
		[ "$(sql "SELECT count(*) FROM event e JOIN shape h ON h.id = e.shape WHERE h.type = 'erased'")" = $((erased > 0)) ]
		forget --customer "$c" >out
		[ "$(sql 'SELECT count(*) FROM event WHERE key IS NOT NULL')" = "$n" ]
		[ "$(sql "SELECT count(*) FROM meta WHERE key = 'unscrubbed'")" = 0 ]
		[ "$(sql 'PRAGMA integrity_check')" = ok ]
	done
}

@test "an update beside erasures writes no facts of the erased" {
	history -v seed=51 -v n=2000 -v people=40 >in
	append in
	for _ in 1 2 3 4 5 6; do jproject -q -d j.db rebuild 2>/dev/null || [ $? = 75 ]; done &
	beside=$!
	for c in $(cat_log | customers | cut -d' ' -f2 | sort -u | head -5); do
		jlog -q --wait 60s -d j.db forget --why x --customer "$c" >out
	done
	wait $beside
	jproject -q -d j.db update
	dump j.db >incremental
	jproject -q -d j.db rebuild
	dump j.db | cmp - incremental
}

@test "whom an erasure touches stays touched for a rebuild that began before it" {
	history -v seed=52 -v n=2000 -v people=40 -v shared=8 >in
	append in
	jproject -q -d j.db update
	n=0
	for c in $(cat_log | customers | cut -d' ' -f2 | sort -u | head -12); do
		last=$(sql 'SELECT max(seq) FROM event')
		jlog -q -d j.db forget --why x --customer "$c" >out || continue
		is "$(sql "SELECT count(*) FROM touched WHERE mark<=$last")" 0
		n=$((n + $(sql 'SELECT count(*) FROM touched')))
		jproject -q -d j.db update
	done
	[ "$n" -gt 0 ]
}

@test "who is who derived anew takes its place from a rebuild that began before" {
	history -v seed=53 -v n=500 -v people=10 >in
	append in
	jproject -q -d j.db rebuild
	is "$(sql "SELECT (SELECT value FROM meta WHERE key='building') - (SELECT value FROM meta WHERE key='generation')")" 0
	jlog -q -d j.db identities --derive >out
	is "$(sql "SELECT (SELECT value FROM meta WHERE key='building') - (SELECT value FROM meta WHERE key='generation')")" 1
	jproject -q -d j.db update
	dump j.db >incremental
	jproject -q -d j.db rebuild
	dump j.db | cmp - incremental
}

# ---- what is held about a person ----

@test "jlog person writes her identifiers, her records as cat does, and her facts" {
	people >in
	append in
	jproject -q -d j.db update
	jlog -d j.db person --customer +5511987650001 >out
	head -1 out | grep -q '^{"customer":"c1","identifiers":\[.*"kind":"phone","value":"+5511987650001"'
	head -1 out | grep -q '{"kind":"crm","value":"K-4711","source":"desk/a"}'
	grep '"specversion"' out | cmp - <(cat_log --customer c1)
	[ "$(grep -c '^{"contact":{' out)" = "$(sql 'SELECT count(*) FROM v_contact WHERE customer = 1')" ]
	grep -q '^{"issue":{"who":"c1"' out
	[ "$(grep -v -e '^{"customer"' -e '^{"contact"' -e '^{"issue"' -e '^{"switch"' -e '^{"move"' out | wc -l)" = 0 ]
	jlog -d j.db person --customer c1 | cmp - out
	[ "$(cat out | tr '{' '\n' | grep -c joao-1)" = 0 ]
}

@test "jlog person -o vcon writes a valid vCon for each session, and all of her records are in them" {
	command -v python3 >/dev/null || skip "no python3 here"
	people >in
	rec missed "07 10:00" type=call source=tel/a session=call-2 channel=voice "$(phone +5511987650001),\"reason\":\"abandoned_queue\"" >>in
	rec note "07 11:00" type=case.opened source=desk/a session=case-2 channel= direction=internal actor=system "$(phone +5511987650001),\"case\":\"2\"" >>in
	append in
	jlog -d j.db person --customer c1 -o vcon >out
	python3 "$TOP/test/check_vcon.py" out
	[ "$(wc -l <out)" = 7 ]
	jlog -d j.db person --customer c1 -o vcon --into folder >none
	[ ! -s none ]
	cat folder/c1-000[1-7].vcon.json | cmp - out
	python3 - out <<'EOF' | cmp - <(cat_log --customer c1)
import json, sys
records = [a['body'] for line in open(sys.argv[1], encoding='utf-8') for a in json.loads(line)['analysis']]
for r in sorted(records, key=lambda r: r['sequence']):
    print(json.dumps(r, ensure_ascii=False, separators=(',', ':')))
EOF
}

@test "the checker of vCons sees what is wrong" {
	command -v python3 >/dev/null || skip "no python3 here"
	printf '%s\n' '{"uuid":"x","created_at":"2026-01-01T00:00:00Z"}' >1
	printf '%s\n' '{"uuid":"01234567-89ab-8def-8123-456789abcdef","created_at":"2026-01-01T00:00:00Z","parties":[],"dialog":[{"type":"text","start":"2026-01-01T00:00:00Z","parties":[0]}]}' >2
	printf '%s\n' '{"uuid":"01234567-89ab-8def-8123-456789abcdef","created_at":"2026-01-01T00:00:00Z"}' >3
	run python3 "$TOP/test/check_vcon.py" 1 2 3
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 2 ]
}

@test "jlog person of an erased customer holds nothing of her, and refuses what it cannot write" {
	people >in
	append in
	forget --customer c1 >out
	jlog -d j.db person --customer c1 >out
	[ "$(grep -cFf <(hers) out)" = 0 ]
	run jlog -d j.db person --customer c1 -o table
	[ "$status" = 2 ]
	run jlog -d j.db person --customer c1 --into x
	[ "$status" = 2 ]
	run jlog -d j.db person --customer nobody
	[ "$status" = 2 ]
}

@test "what says that she and another are one, or are not, goes with either of them" {
	local who
	for who in ana@x.example bia@x.example; do
		rm -f j.db*
		{
			her 1 "02 10:00" session=a "$(email ana@x.example)"
			her 2 "02 11:00" session=b "$(email bia@x.example)"
			her 3 "02 12:00" session=b "$(email bia@x.example)"
		} >in
		append in
		jlog -d j.db link ana@x.example bia@x.example --why "one house" >links
		jlog -d j.db unlink ana@x.example bia@x.example --why "two sisters" >>links
		jproject -q -d j.db update
		grep -aq "$who" j.db
		forget --customer "$who" >out 2>err
		[ "$(grep -c . err)" = 0 ]
		for f in j.db*; do
			! grep -aqF "$who" "$f" || return 1
			! grep -aqF "two sisters" "$f" || return 1
		done
		jlog -d j.db verify
		jlog -d j.db fsck
		# Read again, they do not bring her back.
		jlog -d j.db append links 2>err
		grep -q "duplicates 2 + rejected 0" err
		! grep -aqF "$who" j.db || return 1
		jproject -q -d j.db update
		dump j.db >incremental
		jproject -q -d j.db rebuild
		dump j.db | cmp - incremental
	done
}

@test "who had her number by a record that goes with another has that of her next, and who had no other record goes too" {
	local more
	for more in 0 1; do
		rm -f j.db*
		her 1 "01 10:00" source=desk/a session=a \
			'"identifiers":[{"kind":"phone","value":"+5511987650001"},{"kind":"crm","value":"ana"}]' >in
		her 3 "03 10:00" session=c "$(phone +5511987650001)" >later
		append in
		jlog -q -d j.db unlink +5511987650001 ana
		[ $more = 0 ] || append later
		jproject -q -d j.db update
		forget --customer ana >out
		[ "$(jq -c .data.sequences out)" = "[[1,2]]" ]
		jlog -d j.db fsck
		jproject -q -d j.db update
		dump j.db >incremental
		jproject -q -d j.db rebuild
		dump j.db | cmp - incremental
		jlog -q -d j.db cat | customers | cut -d' ' -f2 | sort -u | tr '\n' ' ' >numbers
		[ "$(cat numbers)" = "$([ $more = 0 ] && echo "c1 " || echo "c1 c3 ")" ]
		[ "$(jlog -d j.db info | grep '^customers')" = "customers: $((1 + more))" ]
		[ $more = 1 ] || ! grep -aqF 11987650001 j.db || return 1
	done
}

@test "a link is not erased with her where the other, whose record it is, is held" {
	{
		her 1 "02 10:00" session=a "$(email ana@x.example)"
		her 2 "02 11:00" session=b "$(email bia@x.example)"
	} >in
	append in
	jlog -q -d j.db link ana@x.example bia@x.example --why "one house" >/dev/null
	jlog -q -d j.db unlink ana@x.example bia@x.example --why "two sisters" >/dev/null
	jlog -q -d j.db hold --customer ana@x.example --why court >/dev/null
	jproject -q -d j.db update
	forget --customer bia@x.example 2>err >out
	[ "$(jq -c .data.sequences out)" = "[2]" ]
	grep -x "jlog: c[0-9]*: 2 records of others name an identifier of hers, and stay" err
	[ "$(cat_log | grep -c "two sisters")" = 1 ]
	jlog -d j.db verify
	jlog -d j.db fsck
	jproject -q -d j.db update
	dump j.db >incremental
	jproject -q -d j.db rebuild
	dump j.db | cmp - incremental
	# Once it is released, her own are erased with both.
	jlog -q -d j.db hold --customer ana@x.example --release >/dev/null
	forget --customer ana@x.example >/dev/null
	! grep -aqF -e bia@x.example -e "two sisters" j.db
}

@test "a link that says whose other records of its session are stays, and the file is sound" {
	local at order
	for order in "1 2" "2 1"; do
		rm -f j.db*
		{
			for at in $order; do
				if [ "$at" = 1 ]; then her 1 "02 10:00" session=a; else her 2 "02 11:00" session=b "$(phone +552)"; fi
			done
			her 3 "02 12:00" session=a type=identity.unlinked "$(both +552 bia@x.example)"
			her 4 "02 13:00" session=c "$(both +551 bia@x.example)"
		} >in
		append in
		forget --customer +551 2>err >out
		[ "$(jq -c .data.sequences out)" = "[4]" ]
		grep -x "jlog: c[0-9]*: 1 record of others names an identifier of hers, and stays" err
		[ "$(jlog -d j.db cat | customers | grep -c '^[123] c1$')" = 3 ]
		jlog -d j.db fsck
		# A later one of the session goes: that is hers already.
		her 5 "02 14:00" session=c "$(both +551 bia@x.example)" >in
		her 6 "02 15:00" session=a type=identity.unlinked "$(both +552 bia@x.example)" >>in
		append in
		forget --customer +551 2>err >out
		[ "$(jq -c .data.sequences out)" = "[6,7]" ] || [ "$(jq -c .data.sequences out)" = "[[6,7]]" ]
		jlog -d j.db fsck
	done
}

@test "a link in a session of several people stays" {
	{
		her 1 "02 10:00" session=a "$(phone +552)"
		her 2 "02 11:00" session=a "$(phone +553)"
		her 3 "02 12:00" session=a type=identity.unlinked "$(both +552 bia@x.example)"
		her 4 "02 13:00" session=c "$(both +551 bia@x.example)"
	} >in
	append in
	forget --customer +551 2>err >out
	[ "$(jq -c .data.sequences out)" = "[4]" ]
	grep -x "jlog: c[0-9]*: 1 record of others names an identifier of hers, and stays" err
	jlog -d j.db fsck
}

@test "records of others that hold an identifier of hers stay, and it is told" {
	{
		her 1 "02 10:00" session=a "$(phone +551)"
		her 2 "02 11:00" session=b "$(both +551 bia@x.example)"
		her 3 "02 12:00" session=c "$(email bia@x.example)"
	} >in
	append in
	jlog -q -d j.db unlink +551 bia@x.example --why "two sisters" >/dev/null
	forget --customer +551 --dry-run >out
	grep -x "named by others: 1" out
	! forget --customer bia@x.example --dry-run | grep "named by others" || return 1
	forget --customer +551 2>err >/dev/null
	grep -x "jlog: c[0-9]*: 1 record of others names an identifier of hers, and stays" err
	cat_log | grep '"id":"2"'
}

@test "who reads slowly what is held about one customer keeps nobody from erasing another" {
	for i in $(seq 400); do her "m$i" "02 10:00" session=a "$(phone +5511987650001),\"text\":\"$(printf '%0400d' "$i")\""; done >in
	her other "02 10:00" session=b "$(phone +5511912340002),\"text\":\"gone\"" >>in
	append in
	mkfifo slow
	jlog -q -d j.db person --customer +5511987650001 >slow 2>/dev/null &
	exec {from}<slow
	read -r -n 1 -u "$from"
	run jlog -d j.db forget --why x --wait 1s --customer +5511912340002
	exec {from}<&-
	wait
	[ "$status" = 0 ]
	[ "$(grep -ac gone j.db)" = 0 ]
}

@test "forget waits for another's checkpoint, and then the bytes are gone" {
	people >in
	append in
	# The byte of the shared memory that SQLite locks for a checkpoint.
	python3 - <<-'PY' &
		import fcntl, sqlite3, time
		log = sqlite3.connect("j.db")
		log.execute("SELECT count(*) FROM event").fetchone()
		with open("j.db-shm", "r+b") as shm:
		    fcntl.lockf(shm, fcntl.LOCK_EX, 1, 121)
		    open("held", "w").close()
		    time.sleep(1)
	PY
	until [ -e held ]; do sleep 0.02; done
	run forget -q --customer +5511987650001
	[ "$status" = 0 ]
	[ -z "$(found)" ]
	wait
}
