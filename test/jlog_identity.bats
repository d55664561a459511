#!/usr/bin/env bats
# jlog: who is who, joined and parted by records, guarded against identifiers that many share, and as of any position.
# runs: long
load helper
load gen/records

append() { jlog -q -d j.db append "$@"; }
cat_log() { jlog -q -d j.db cat "$@"; }
identities() { jlog -d j.db identities "$@"; }
who() { cat_log | customers | tr '\n' ' '; }
who_py() { python3 "$TOP/test/gen/who.py" "$@"; }
# of KIND VALUE [KIND VALUE]: identifiers of a record.
of() {
	local all=
	while [ $# -gt 0 ]; do
		all="$all,{\"kind\":\"$1\",\"value\":\"$2\"}"
		shift 2
	done
	printf '"identifiers":[%s]' "${all#,}"
}
# seen TELEPHONE CUSTOMER ...: a record for each customer that names the telephone with her, the first with the id 1.
seen() {
	local phone=$1 n=0 c
	shift
	for c; do
		n=$((n + 1))
		her $n "0$n 10:00" source=desk/a session=t$n "$(of phone "$phone" crm "$c")"
	done
}
# Identifiers on stdin, each with its group: the number of the group by its first, "-" for none.
grouped() {
	python3 -c '
import json, sys
first = {}
for line in sys.stdin:
    i = json.loads(line)
    print(i["kind"], i["value"], i.get("scope", ""), first.setdefault(i["customer"], len(first) + 1) if "customer" in i else "-")'
}
sound() { jlog -d j.db fsck >told 2>&1 || { cat told; false; }; }

# ---- guards ----

@test "an identifier that more people share than its kind allows names nobody, and what it joined is parted" {
	seen +551 ana bia caio >in
	her a "05 10:00" session=s "$(phone +551)" >>in
	append in
	[ "$(who)" = "1 c1 2 c1 3 c1 a c1 " ]
	seen +551 ana bia caio davi | tail -1 | append
	[ "$(who)" = "1 c1 2 c2 3 c3 a c4 4 c5 " ]
	her b "06 10:00" session=u "$(phone +551)" | append
	her c "06 11:00" session=s "$(phone +551)" | append
	[ "$(who)" = "1 c1 2 c2 3 c3 a c4 4 c5 b c6 c c4 " ]
	identities --suspect >out
	[ "$(cat out)" = '{"suspect":"shared","identifier":{"kind":"phone","value":"+551"},"people":4,"since":5,"records":2}' ]
	identities | grep -q '"value":"+551","first":1,"shared":5,"records":2}'
	jlog -d j.db info | grep -qx 'shared: phone:+551 2'
	run jlog -d j.db cat --customer +551
	[ "$status" = 2 ]
	[[ "$output" == *"+551: shared by more people than its kind allows since record 5: it names nobody" ]]
	sound
}

@test "whoever asks for what names nobody is told why" {
	seen +551 ana bia caio duda | append
	her p "04 10:00" session=p '"identifiers":[{"kind":"placeholder","value":"anonymous"}]' | append
	for verb in "cat" "identities" "person" "hold" "forget --why asked"; do
		# shellcheck disable=SC2086 # words
		run jlog -q -d j.db $verb --customer +551
		[ "$status" = 2 ]
		[[ "$output" == *"+551: shared by more people than its kind allows since record 4: it names nobody" ]]
		# shellcheck disable=SC2086
		run jlog -q -d j.db $verb --customer anonymous
		[ "$status" = 2 ]
		[[ "$output" == *"anonymous: a placeholder: it names nobody" ]]
	done
	run jlog -d j.db identities --customer +559
	[ "$status" = 2 ]
	[[ "$output" == *"+559: no such customer" ]]
}

@test "jlog identities refuses options that it would not heed" {
	seen +551 ana | append
	run jlog -d j.db identities --suspect --as-of 1
	[ "$status" = 2 ]
	[[ "$output" == *"--suspect and --derive are each alone, and about all as they are now" ]]
	run jlog -d j.db identities --derive --customer ana
	[ "$status" = 2 ]
	[[ "$output" == *"--suspect and --derive are each alone, and about all as they are now" ]]
	run jlog -d j.db identities --derive --suspect
	[ "$status" = 2 ]
	[[ "$output" == *"--suspect and --derive are each alone, and about all as they are now" ]]
}

@test "people are values of one stronger kind: of another system, or of a weaker kind, they do not add up" {
	seen +551 ana bia caio >in
	her 7 "07 10:00" source=shop/a session=z "$(of phone +551 crm ana)" >>in
	her 8 "07 10:00" source=shop/a session=z "$(of phone +551 email a@x.example)" >>in
	her 9 "07 10:00" source=shop/a session=z "$(of phone +551 device d1)" >>in
	append in
	[ "$(who)" = "1 c1 2 c1 3 c1 7 c1 8 c1 9 c1 " ]
	[ "$(identities --suspect | grep -c shared)" = 0 ]
	sound
}

@test "a record is of the strongest kind that it names, and stays it when the weaker is shared" {
	her 1 "01 10:00" session=s "$(of phone +551 crm ana)" >in
	append in
	[ "$(sqlite3 j.db "SELECT i.value FROM event e JOIN ident i ON i.id = e.ident")" = ana ]
	seen +551 x bia caio davi elis | tail -4 | append
	[ "$(who | cut -d' ' -f1,2)" = "1 c1" ]
	sound
}

@test "in a session of a shared identifier and somebody, records of it are hers who is named nearest" {
	her a "01 10:00" session=s "$(phone +551)" >in
	her b "01 10:05" session=s source=wa/a "$(of crm ana)" >>in
	her c "01 10:10" session=s "$(phone +551)" >>in
	seen +551 u v w x | sed 's/"id":"/"id":"n/' >>in
	append in
	[ "$(cat_log --session s | customers | tr '\n' ' ')" = "a c2 b c2 c c2 " ]
	her d "01 10:20" session=s "$(of crm bia)" | append
	her e "01 10:30" session=s "$(phone +551)" | append
	[ "$(cat_log --session s | customers | tr '\n' ' ')" = "a c2 b c2 c c2 d c8 e c8 " ]
	sound
}

@test "who was known as what is told as of any position" {
	seen +551 ana bia caio davi >in
	append in
	[ "$(identities --as-of 1)" = '{"kind":"phone","value":"+551","customer":"c1","first":1}
{"kind":"crm","value":"ana","scope":"desk/a","customer":"c1","first":1}' ]
	[ "$(identities --as-of 3 | grep -c '"customer":"c1"')" = 4 ]
	[ "$(identities --as-of 4 | grep -c '"customer":"c1"')" = 1 ]
	[ "$(identities --as-of 4)" = "$(identities)" ]
	[ "$(identities --as-of 2100-01-01)" = "$(identities)" ]
	[ -z "$(identities --as-of 2000-01-01)" ]
	run identities --as-of 5
	[ "$status" = 2 ]
	[ "$output" = "jlog: 5: the log ends at 4" ]
	[ "$(identities --as-of 1 --customer ana)" = "$(identities --as-of 1)" ]
	[ "$(identities --as-of 3 --customer caio | grep -c c1)" = 4 ]
	[ "$(identities --as-of 4 --customer c3 | grep -c c3)" = 1 ]
	# What a decision saw then it sees again.
	jlog -q -d j.db cat >all
	jproject -q -d j.db enrich all >forward
	sed -n 2p all | jproject -q -d j.db enrich | diff <(sed -n 2p forward) -
}

# ---- links ----

@test "jlog link joins two people by a record, and jlog unlink parts them again" {
	her 1 "01 10:00" session=s "$(phone +551)" >in
	her 2 "01 10:00" session=t "$(email a@x.example)" >>in
	append in
	jlog -d j.db link +551 a@x.example --why "she said so" >out
	grep -q '"type":"identity.linked".*{"kind":"phone","value":"+551"},{"kind":"email","value":"a@x.example"}\],"reason":"she said so"' out
	[ "$(who | cut -d' ' -f1-4)" = "1 c1 2 c1" ]
	# So it is: nothing is recorded.
	jlog -d j.db link a@x.example +551 >out
	[ ! -s out ]
	jlog -q -d j.db unlink +551 a@x.example --why mistaken >out
	[ ! -s out ]
	[ "$(who | cut -d' ' -f1-4)" = "1 c1 2 c2" ]
	# Evidence of the old kind does not join them again, a new link does.
	her 3 "02 10:00" session=u "$(both +551 a@x.example)" | append
	[ "$(cat_log | customers | grep '^3 ')" = "3 c2" ]
	[ "$(who | cut -d' ' -f1-4)" = "1 c1 2 c2" ]
	jlog -q -d j.db link +551 a@x.example
	[ "$(who | cut -d' ' -f1-4)" = "1 c1 2 c1" ]
	[ "$(identities --as-of 3 | grep -c c1)" = 2 ]
	[ "$(identities --as-of 4 | grep -c c1)" = 1 ]
	sound
}

@test "two that other records connect remain one person, and jlog unlink says by which" {
	her 1 "01 10:00" session=s "$(both +551 a@x.example)" >in
	her 2 "01 10:00" session=t "$(of crm ana phone +551)" >>in
	her 3 "01 10:00" session=u source=wa/a "$(of crm ana email a@x.example)" >>in
	append in
	run jlog -q -d j.db unlink +551 a@x.example
	[ "$status" = 1 ]
	[[ "$output" == *"+551 and a@x.example are one person still, by phone:+551 and crm:ana@wa/a (record 2), email:a@x.example and crm:ana@wa/a (record 3)"* ]]
	jlog -q -d j.db unlink +551 ana
	[ "$(identities | grep -c '"customer":"c1"')" = 2 ]
	sound
}

@test "identifiers are named by value, with their kind, or as a customer's" {
	her 1 "01 10:00" source=desk/a session=s "$(of crm 7)" >in
	her 2 "01 10:00" source=shop/a session=t "$(of crm 7)" >>in
	her 3 "01 10:00" session=u >>in
	append in
	run jlog -q -d j.db link 7 phone:+551
	[ "$status" = 2 ]
	[[ "$output" == *"7: which? crm:7@desk/a, crm:7@shop/a"* ]]
	run jlog -q -d j.db link +551 crm:7@shop/a
	[ "$status" = 2 ]
	[[ "$output" == *"+551: nobody has it (one that is new needs its kind, as in phone:+5511...)"* ]]
	run jlog -q -d j.db link c3 crm:7@shop/a
	[ "$status" = 2 ]
	[[ "$output" == *"c3: no identifier names this customer"* ]]
	run jlog -q -d j.db link phome:+5510 crm:7@shop/a
	[ "$status" = 2 ]
	[ "$output" = "jlog: phome:+5510: nobody has it, and there is no kind phome (crm, email, phone, handle, device)" ]
	[ "$(jlog -d j.db link phone:+5510 crm:7@shop/a 2>&1 >/dev/null)" = "jlog: phone:+5510: no record has named it before" ]
	[ -z "$(jlog -d j.db link phone:+5510 crm:7@shop/a 2>&1)" ]
	[ -z "$(jlog -q -d j.db unlink email:new@x.example crm:7@shop/a 2>&1)" ]
	identities | grep -q '"value":"+5510","customer":"c2"'
	jlog -q -d j.db link c1 c2
	[ "$(identities | grep -c '"customer":"c1"')" = 3 ]
	run jlog -q -d j.db link +5510 phone:+5510
	[ "$status" = 2 ]
	[[ "$output" == *"are the same identifier"* ]]
	sound
}

@test "one that is new is written as records write it, or refused" {
	her 1 "01 10:00" session=s "$(both +5511912345601 ana@mail.example)" >in
	her 2 "01 10:00" session=t "$(email bia@mail.example)" >>in
	append in
	for odd in phone:abc phone:5511 email:ana crm:98 name:Ana c99; do
		run jlog -q -d j.db link +5511912345601 "$odd"
		[ "$status" = 2 ] || { echo "$odd: $status"; false; }
	done
	[ "$(sqlite3 j.db 'SELECT count(*) FROM event')" = 2 ]
	jlog -q -d j.db link "phone:+55 11 91234-5601" email:Bia@Mail.example
	for spelt in "phone:+55 11 91234-5601" "+55 (11) 91234.5601" "(+55) 11 91234 5601" "phone: +5511912345601" phone:+5511912345601 email:BIA@mail.example; do
		[ "$(jlog -q -d j.db cat --customer "$spelt" | wc -l)" = 3 ] || { echo "$spelt"; false; }
	done
	[ "$(identities | grep -c '"customer":"c1"')" = 3 ]
	jlog -q -d j.db link c1 crm:98@desk/b
	her 9 "02 10:00" source=desk/b session=z "$(of crm 98)" | append
	[ "$(cat_log | customers | grep '^9 ')" = "9 c1" ]
	jlog -q -d j.db link c1 handle:telegram:@ana
	her 10 "02 11:00" source=tg/a session=y "$(of handle:telegram @ana)" | append
	[ "$(cat_log | customers | grep '^10 ')" = "10 c1" ]
	[ "$(cat_log --customer ANA@mail.example | wc -l)" = "$(cat_log --customer c1 | wc -l)" ]
	[ "$(cat_log --customer '+55 (11) 91234-5601' | wc -l)" = "$(cat_log --customer c1 | wc -l)" ]
	sound
}

@test "a value that several customers have names none of them, and with its kind and system it does" {
	her 1 "01 10:00" source=desk/a session=s "$(of crm 17)" >in
	her 2 "01 10:00" source=desk/b session=t "$(of crm 17)" >>in
	append in
	for verb in cat person "forget --why x" hold; do
		# shellcheck disable=SC2086 # several words
		run jlog -q -d j.db $verb --customer 17
		[ "$status" = 2 ] || { echo "$verb: $status"; false; }
		[[ "$output" == *"17: which? crm:17@desk/a, crm:17@desk/b"* ]]
	done
	[ "$(cat_log --customer crm:17@desk/b | customers)" = "2 c2" ]
	[ "$(identities --customer crm:17@desk/b | grep -c c2)" = 1 ]
}

@test "a link joins nobody to a placeholder or to who was erased" {
	her 1 "01 10:00" session=s "$(phone +551)" >in
	her 2 "01 10:00" session=t customer=unknown >>in
	her 3 "01 10:00" session=u "$(phone +553)" >>in
	append in
	run jlog -q -d j.db link +551 unknown
	[ "$status" = 1 ]
	[[ "$output" == *"unknown: a placeholder: it names nobody"* ]]
	jlog -q -d j.db forget --customer +553 --why "she asked"
	run jlog -q -d j.db link +551 c3
	[ "$status" = 1 ]
	[[ "$output" == *"c3: was erased"* ]]
	[ "$(sqlite3 j.db 'SELECT count(*) FROM event')" = 4 ]
}

@test "a link moves no horizon and keeps nobody from expiring" {
	her 1 "01 10:00" session=s "$(phone +551)" >in
	her 2 "02 10:00" session=t "$(email a@x.example)" >>in
	append in
	jlog -d j.db info | grep '^horizon' >before
	jlog -q -d j.db link +551 a@x.example
	jlog -q -d j.db unlink +551 a@x.example
	jlog -d j.db info | grep '^horizon' | diff before -
	[ "$(jlog -d j.db expire --older-than 7d --dry-run | grep -c '^customer')" = 2 ]
}

@test "what is shared links nobody, and a link that is one too many says so" {
	seen +551 ana bia caio davi >in
	append in
	run jlog -q -d j.db link +551 ana
	[ "$status" = 1 ]
	[[ "$output" == *"+551: shared by more people than its kind allows since record 4: it names nobody"* ]]
	[ "$(sqlite3 j.db 'SELECT count(*) FROM event')" = 4 ]
	seen +552 ana bia caio | sed 's/"id":"/"id":"m/;s/session":"/&x/' | append
	her z "08 10:00" source=desk/a session=q "$(of crm elis)" | append
	run jlog -q -d j.db link +552 elis
	[ "$status" = 1 ]
	[[ "$output" == *"+552: shared by more people"* ]]
	sound
}

@test "jlog identities --suspect names the pair that alone holds two clusters together" {
	her 1 "01 10:00" session=s "$(of crm ana email a@x.example)" >in
	her 2 "01 10:00" session=t "$(of crm bia email b@x.example)" >>in
	her 3 "01 10:00" session=u "$(of crm ana phone +551)" >>in
	her 4 "01 10:00" session=v "$(of crm bia phone +552)" >>in
	her 5 "01 10:00" session=w "$(of email a@x.example phone +551)" >>in
	her 6 "01 10:00" session=x "$(of phone +551 device d9)" >>in
	her 7 "01 10:00" session=y "$(of phone +552 device d9)" >>in
	append in
	[ "$(identities --suspect)" = '{"suspect":"bridge","identifier":{"kind":"phone","value":"+552"},"with":{"kind":"crm","value":"bia","scope":"wa/a"},"customer":"c1","record":4,"side":2}
{"suspect":"bridge","identifier":{"kind":"device","value":"d9"},"with":{"kind":"phone","value":"+552"},"customer":"c1","record":7,"side":3}
{"suspect":"bridge","identifier":{"kind":"device","value":"d9"},"with":{"kind":"phone","value":"+551"},"customer":"c1","record":6,"side":3}' ]
}

# ---- the same however it is come by ----

@test "customers are those of a program of its own over random histories of links, partings and shared identifiers" {
	for seed in $(seq "$(rounds 6 25)"); do
		who_py make "$seed" 60 >in
		rm -f j.db* many.db*
		append in
		RANDOM=$seed
		at=1
		while [ $at -le 60 ]; do
			k=$((1 + RANDOM % 9))
			sed -n "$at,$((at + k - 1))p" in | jlog -q -d many.db append
			at=$((at + k))
		done
		cat_log | customers >one
		jlog -q -d many.db cat | customers | diff one - || { echo "seed $seed: batches"; false; }
		awk '!($2 in n) { n[$2] = NR } { print $1, n[$2] }' one >groups
		who_py groups <in | diff groups - || { echo "seed $seed"; false; }
		sound
		for k in 12 35; do
			identities --as-of $k | grouped >named
			who_py names $k <in | diff named - || { echo "seed $seed as of $k"; false; }
		done
	done
}

@test "who is who derived anew is who it was, as of every position, and facts that grew are those that are rebuilt" {
	for seed in $(seq 101 "$(rounds 103 112)"); do
		who_py make "$seed" 70 >in
		rm -f j.db*
		RANDOM=$seed
		at=1
		while [ $at -le 70 ]; do
			k=$((1 + RANDOM % 15))
			sed -n "$at,$((at + k - 1))p" in | append
			at=$((at + k))
			[ $((RANDOM % 2)) = 0 ] || jproject -q -d j.db update
		done
		jproject -q -d j.db update
		dump j.db >grown
		for k in 20 40 60 70; do identities --as-of $k; done | sed 's/,"records":[0-9]*//' >before
		cat_log >log
		identities --derive
		for k in 20 40 60 70; do identities --as-of $k; done | sed 's/,"records":[0-9]*//' | diff before - || { echo "seed $seed"; false; }
		cat_log | cmp - log
		sound
		jproject -q -d j.db update
		dump j.db | diff grown - || { echo "seed $seed: derived"; false; }
		jproject -q -d j.db rebuild
		dump j.db | diff grown - || { echo "seed $seed: rebuilt"; false; }
	done
}

@test "contexts as of a record are the same in one run forward, backward, and of every other record" {
	for seed in $(seq 201 208); do
		who_py make "$seed" 60 >in
		rm -f j.db*
		append in
		cat_log >all
		jproject -q -d j.db enrich all >forward
		tac all | jproject -q -d j.db enrich | tac | diff forward - || { echo "seed $seed"; false; }
		sed -n 'p;n' all | jproject -q -d j.db enrich | diff <(sed -n 'p;n' forward) - || { echo "seed $seed: every other"; false; }
		rm -f half.db*
		head -30 in | jlog -q -d half.db append
		jlog -q -d half.db cat | jproject -q -d half.db enrich | sed 's/.*"context"/"context"/' >short
		head -30 forward | sed 's/.*"context"/"context"/' | sed 's/c[0-9]*//g' | diff <(sed 's/c[0-9]*//g' short) - || { echo "seed $seed: half"; false; }
	done
}

@test "erasing out of random histories of shared and parted people leaves a sound log" {
	for seed in $(seq 301 308); do
		who_py make "$seed" 60 >in
		rm -f j.db*
		append in
		for c in $(cat_log | customers | cut -d' ' -f2 | sort -u | sed -n '2p;4p'); do
			jlog -q -d j.db forget --customer "$c" --why "she asked"
			sound
		done
		append in
		sound
	done
}

# since_shared K ...: the identifiers that are shared, and since when, as of each record.
since_shared() {
	local k

	for k in "$@"; do identities --as-of "$k" | jq -c 'select(.shared) | [.kind, .value, .shared]'; done
}

@test "a log out of which people were erased who shared sessions and telephones is sound, and derives the same anew" {
	local seed c n

	for seed in 303 304 305 308 311 413 420 $(seq 401 "$(rounds 400 440)"); do
		for n in 150 300 600; do
			who_py crowd "$seed" $n >in
			rm -f j.db*
			append in
			for c in $(cat_log | customers | cut -d' ' -f2 | sort -u | sed -n '2p;4p;6p'); do
				jlog -q -d j.db forget --customer "$c" --why "she asked"
				sound
			done
			# Since when one is shared may have been known from what is erased.
			{ identities && since_shared $((n / 2)) $((n - 20)); } >before
			cat_log >log
			identities --derive
			sound
			{ identities && since_shared $((n / 2)) $((n - 20)); } | diff before - || { echo "seed $seed of $n"; false; }
			cat_log | diff log - || { echo "seed $seed of $n"; false; }
		done
	done
}

@test "since when an identifier is shared stays, though what parted it from others was erased, and other rules are heeded" {
	{
		her 1 "01 10:00" session=a "$(of phone +551 email a@x.example)"
		her 2 "01 10:00" session=b "$(of phone +551 email b@x.example)"
		# Once the telephone names nobody this is of the session's.
		her 3 "01 10:00" session=c "$(of email c@x.example)"
		her 4 "01 10:00" session=c type=identity.unlinked "$(of phone +551 email b@x.example)"
		her 5 "01 10:00" session=d "$(of phone +551 email d@x.example)"
		her 6 "01 10:00" session=e "$(of phone +551 email e@x.example)"
		her 7 "01 10:00" session=f "$(of phone +551 email f@x.example)"
	} >in
	append in
	[ "$(since_shared 7)" = '["phone","+551",7]' ]
	jlog -q -d j.db forget --customer c@x.example --why "she asked"
	[ "$(cat_log | grep -c '"erased":true')" = 2 ]
	identities --derive
	[ "$(since_shared 7)" = '["phone","+551",7]' ]
	[ -z "$(since_shared 6)" ]
	# By stricter ones it is shared earlier, and stays so until others are taken.
	identities --derive --rules strict
	[ "$(since_shared 8)" = '["phone","+551",2]' ]
	identities --derive --rules strict
	[ "$(since_shared 8)" = '["phone","+551",2]' ]
	sound
}

# ---- how well ----

@test "nobody is joined wrongly where nothing is shared, and stricter rules join fewer where telephones are" {
	[ -n "$(command -v python3)" ]
	jgen --show | sed 's/^  shared: .*/  shared: 0/' >none.yaml
	jgen --show | sed 's/^  shared: .*/  shared: 10/' >tenth.yaml
	for s in none tenth; do
		jgen -c 1500 --seed 5 -q --scenario $s.yaml --truth truth >in
		rm -f j.db*
		append in
		for rules in strict normal loose; do
			identities --derive --rules $rules
			identities >names
			echo "$s $rules $(python3 "$TOP/test/gen/identity.py" truth names)"
		done
	done >out
	sed 's/^/# /' out >&3
	[ "$(grep -c '^none .* precision 1.000 ' out)" = 3 ]
	awk '$1 == "tenth" { p[$2] = $4; r[$2] = $6 }
		END { exit !(p["strict"] > p["normal"] && p["normal"] >= p["loose"] && r["strict"] < r["normal"] && r["normal"] <= r["loose"]) }' out
}

@test "rules are those of the ontology when the log began, until who is who is derived anew" {
	seen +551 ana bia >in
	append in
	[ "$(who)" = "1 c1 2 c1 " ]
	identities --derive --rules strict
	[ "$(who)" = "1 c1 2 c2 " ]
	her 3 "03 10:00" source=desk/a session=t3 "$(of email x@x.example crm ana)" >in
	her 4 "04 10:00" source=desk/a session=t4 "$(of email x@x.example crm bia)" >>in
	append in
	[ "$(who)" = "1 c1 2 c2 3 c1 4 c2 " ]
	run jlog -d j.db identities --derive --rules lax
	[ "$status" = 2 ]
	[[ "$output" == *"no such rules: lax (strict, normal, loose)"* ]]
	run jlog -d j.db identities --rules strict
	[ "$status" = 2 ]
	sound
}

@test "link leaves a busy log with 75, and a full disk for identities is exit 2" {
	her 1 "01 10:00" session=s "$(phone +551)" >in
	her 2 "02 10:00" session=t "$(email a@x.example)" >>in
	append in
	{ echo "BEGIN IMMEDIATE;"; sleep 2; } | sqlite3 j.db &
	sleep 0.5
	run jlog -q -d j.db link --wait 200ms +551 a@x.example
	[ "$status" = 75 ]
	wait
	[ "$(sqlite3 j.db 'SELECT count(*) FROM event')" = 2 ]
	[ "$(jlog -d j.db identities >/dev/full 2>/dev/null; echo $?)" = 2 ]
	[ "$(jlog -d j.db identities | head -n 1 | wc -l)" = 1 ]
}

@test "a session that named only what is shared since is a customer of its own, under the number that was theirs" {
	{
		rec 1 "02 10:00" session=m "$(email info@x.example)"
		for i in 2 3 4; do
			rec $i "02 11:00" source=desk/a session=$i "\"identifiers\":[{\"kind\":\"crm\",\"value\":\"$i\"},{\"kind\":\"email\",\"value\":\"info@x.example\"}]"
		done
	} >in
	jlog -q -d j.db append in
	jlog -d j.db fsck
	[ "$(jlog -q -d j.db cat | customers | tr '\n' ' ')" = "1 c1 2 c2 3 c3 4 c4 " ]
	[ "$(jproject -d j.db snapshot | grep -o '"customer":"c[0-9]*"' | grep -o 'c[0-9]*"' | tr -d '"\n')" = c1c2c3c4 ]
	[ "$(jlog -q -d j.db cat --customer c1 | wc -l)" -eq 1 ]
}
