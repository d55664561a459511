bats_require_minimum_version 1.5.0
load helper

# What each record says in one member: field '.data.text' for instance.
field() { jq -c "$@" <<<"$output"; }


csv_map() {
	cat >map.yaml <<-EOF
	jtools: map/1
	name: sheet
	format: csv
	match: {header: [id, at]}
	events:
	  - set:
	      type: "'message'"
	      time: time(at)
	      id: id
	$(sed 's/^/      /')
	EOF
}

setup() {
	FIX=$TOP/fixtures/jnorm/map
}

@test "jnorm reads the tickets of one JSON document by a map and unrolls their comments" {
	run --separate-stderr jnorm -m "$FIX/desk.yaml" "$FIX/desk.json"
	[ "$status" -eq 65 ]
	[ "$(field -r .type)" = 'case.opened
message
message
case.closed
case.opened
case.opened' ]
	[ "$(field .data.text | grep -v null)" = '"where is my order number?"
"Soon"' ]
	[[ $stderr == *"read 8 = written 6 + duplicates 0 + rejected 2"* ]]
}

@test "a map keeps numbers to the last digit and JSON as it stands" {
	run --separate-stderr jnorm -m "$FIX/desk.yaml" "$FIX/desk.json"
	[[ $output == *'"amount":1.10,'* ]]
	[[ $output == *'"amount":12345678901234567890123,'* ]]
	[[ $output == *'"case":"12345678901234567890"'* ]]
	[[ $output == *'"tags":["a","b \" {"]'* ]]
	[[ $output == *'"entities":{"order":7}'* ]]
}

@test "a telephone number or address that is none goes to ext and names nobody" {
	run --separate-stderr jnorm -m "$FIX/desk.yaml" "$FIX/desk.json"
	[ "$(jq -c 'select(.id == "t4") | [.data.identifiers, .data.ext.phone_raw, .data.ext.email_raw]' <<<"$output")" = '[null,"call me","none"]' ]
}

@test "a national telephone number is read by the country that the row names, else by --region" {
	cat >tel.yaml <<-'EOF'
	jtools: map/1
	name: tel
	format: csv
	events:
	  - set: {type: "'lead'", time: "'2026-03-02T09:00:00Z'", identifiers.phone: "coalesce(phone(tel, land), tel)"}
	EOF
	printf 'tel,land\n(11) 91234-5678,br\n(415) 555-2671,US\n+351912345678,US\n912 345 678,Portugal\n912 345 678,\n12,BR\n' >tel.csv
	run --separate-stderr jnorm -m tel.yaml -f tel --region PT tel.csv
	[ "$(field '[.data.identifiers[0].value, .data.ext.phone_raw]')" = '["+5511912345678",null]
["+14155552671",null]
["+351912345678",null]
["+351912345678",null]
["+351912345678",null]
[null,"12"]' ]
}

@test "an identifier that the map lists as a placeholder gets that kind" {
	run --separate-stderr jnorm -m "$FIX/desk.yaml" "$FIX/desk.json"
	[ "$(jq -c 'select(.id == "t5") | .data.identifiers' <<<"$output")" = '[{"kind":"placeholder","value":"guest@example.com"}]' ]
}

@test "an identifier whose value is a JSON array of texts becomes one for each of them" {
	cat >people.yaml <<-'END'
		jtools: map/1
		name: people
		format: json
		columns: {number: id, mails: mails, phones: phones}
		events:
		  - set:
		      type: "'identity.linked'"
		      id: number
		      time: "'2026-03-01T00:00:00Z'"
		      identifiers.email: mails
		      identifiers.phone: phones
	END
	cat >people.json <<-'END'
		{"id": "1", "mails": ["Ana@x.example", " ana@y.example", ""], "phones": ["+55 11 91234-5601", "none"]}
		{"id": "2", "mails": "eva@x.example", "phones": []}
		{"id": "3", "mails": "[bracketed@x.example", "phones": null}
	END
	run --separate-stderr jnorm -m people.yaml -f people people.json
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.data.identifiers[].value]' <<<"$output")" = '["ana@x.example","ana@y.example","+5511912345601"]
["eva@x.example"]
["[bracketed@x.example"]' ]
	[ "$(jq -c .data.ext <<<"$output" | head -n 1)" = '{"phone_raw":"none"}' ]
}

@test "a map may set the source of each event" {
	cat >both.yaml <<-'END'
		jtools: map/1
		name: both
		format: csv
		source: desk
		events:
		  - set:
		      type: "'message'"
		      id: number
		      time: time(at)
		      source: "iif(system <> '', system || '/acme', NULL)"
		      text: words
	END
	printf 'number,system,at,words\n1,mail,2026-03-01T10:00:00Z,hello\n2,,2026-03-01T10:00:00Z,hello\n' >both.csv
	run --separate-stderr jnorm --account acme -m both.yaml -f both both.csv
	[ "$(jq -r .source <<<"$output")" = 'mail/acme
desk/acme' ]
}

@test "a map's list member takes one text as a list of it" {
	run --separate-stderr jnorm -m "$FIX/desk.yaml" "$FIX/desk.json"
	[ "$(field .data.asks | grep -v null)" = '["order"]' ]
}

@test "a row with a bad time is rejected as a whole and names the row's and the map's line" {
	run --separate-stderr jnorm --reject letters -m "$FIX/desk.yaml" "$FIX/desk.json"
	[ "$status" -eq 65 ]
	[[ $stderr == *"desk.json:9: "*"desk.yaml:"*": not a time: yesterday"* ]]
	[ "$(jq -c '[.reason, .line]' letters)" = '["bad_time",9]
["bad_value",10]' ]
	[ "$(jq -r 'select(.line == 9).raw | fromjson.created_at' letters)" = yesterday ]
}

@test "the shipped call centre map knows its files and makes calls, mail and work of them" {
	run --separate-stderr jnorm "$FIX/calls.csv"
	[ "$status" -eq 65 ]
	[ "$(field '[.type, .channel, .direction, .data.duration]')" = '["call","voice","in",300]
["case.assigned",null,"internal",null]
["call","voice","out",420]
["message","email","in",null]
["message","email","out",null]' ]
	[[ $stderr == *"calls.csv:8: "*"not a time: 31.2.10 9:00"* ]]
	[[ $stderr == *"calls.csv:9: 3 fields where the header has 9"* ]]
	[ "$(jq -c '.data.identifiers[0].kind' <<<"$output" | sort | uniq -c | tr -s ' ')" = ' 3 "crm"
 2 "placeholder"' ]
}

@test "local times take the zone given, and are marked when there is none" {
	run --separate-stderr jnorm "$FIX/calls.csv"
	[ "$(field '[.time, .data.time_assumed]' | head -1)" = '["2010-03-09T08:05:00.000Z","UTC"]' ]
	run --separate-stderr jnorm --tz Europe/Amsterdam "$FIX/calls.csv"
	[ "$(field '[.time, .data.time_assumed]' | head -1)" = '["2010-03-09T07:05:00.000Z",null]' ]
}

@test "a row and a row of names may say the zone of its times, gap and fold as elsewhere" {
	cat >zoned.yaml <<-'EOF'
	jtools: map/1
	name: zoned
	format: csv
	skip: 2
	time: "%Y-%m-%d %H:%M"
	events:
	  - set: {type: "'message'", time: "time(at, NULL, coalesce(nullif(zone, ''), heading(1, 'at')))", text: "heading(0, 'zone')"}
	EOF
	cat >zoned.csv <<-'EOF'
	at,zone
	When,Where
	America/Sao_Paulo,
	2026-03-02 09:00,
	2026-03-29 02:30,Europe/Paris
	2026-10-25 02:30,Europe/Paris
	2026-03-02 09:00,+05:30
	2026-03-02 09:00,Z
	2026-03-02 09:00,Mars/Port
	EOF
	run --separate-stderr jnorm -m zoned.yaml -f zoned --tz Asia/Tokyo zoned.csv
	[ "$status" -eq 65 ]
	[ "$(field '[.time[0:16], .data.time_assumed, .data.text]')" = '["2026-03-02T12:00",null,"Where"]
["2026-03-29T01:30",null,"Where"]
["2026-10-25T00:30",null,"Where"]
["2026-03-02T03:30",null,"Where"]
["2026-03-02T09:00",null,"Where"]' ]
	[[ $stderr == *"zoned.csv:9: zoned.yaml:7:"*"no such time zone: Mars/Port"* ]]
}

@test "the public call centre log is read without a rejected row" {
	log=${JTOOLS_CALLCENTER:-$DATA/sets/callcenter/CallCenter.csv}
	[ -f "$log" ] || skip "the public log is not there"
	run --separate-stderr jnorm "$log"
	[ "$status" -eq 0 ]
	[[ $stderr == *"read 7548 = written 7548 + duplicates 0 + rejected 0"* ]]
}

@test "a map reads CSV with semicolons, Latin-1, CR LF and a BOM" {
	csv_map <<<'text: note'
	printf 'id;at;note\r\n1;2026-03-02T10:00:00Z;caf\xe9; \r\n' >a.csv
	printf '\xef\xbb\xbfid;at;note\r\n2;2026-03-02T10:00:00Z;"a\r\nb"\r\n3;2026-03-02T11:00:00Z; c \r\n' >b.csv
	run --separate-stderr jnorm -m map.yaml b.csv
	[ "$status" -eq 0 ]
	[ "$(field .data.text)" = '"a\r\nb"
" c "' ]
	printf 'id;at;note\r\n1;2026-03-02T10:00:00Z;caf\xe9\r\n' >a.csv
	run --separate-stderr jnorm -m map.yaml a.csv
	[ "$(field .data.text)" = '"café"' ]
}

@test "a broken quotation costs its own row and keeps its raw bytes" {
	csv_map <<<'text: note'
	printf 'id,at,note\n1,2026-03-02T10:00:00Z,"open\n2,2026-03-02T10:00:00Z,two\n' >a.csv
	run --separate-stderr jnorm --reject letters -m map.yaml a.csv
	[ "$status" -eq 65 ]
	[ "$(field .id)" = '"2"' ]
	[ "$(jq -c '[.reason, .line, .offset, .raw]' letters)" = '["bad_row",2,11,"1,2026-03-02T10:00:00Z,\"open"]' ]
}

@test "a writer that doubles no quotation marks is read where the map says so, and its broken rows are kept" {
	printf 'id,at,note\n1,2026-03-02T10:00:00Z,"Ana" <1>\n2,2026-03-02T10:00:00Z,""Reis, Bia" <2>"\n3,2026-03-02T10:00:00Z,"open,\n4,2026-03-02T10:00:00Z,four\n' >a.csv
	csv_map <<<'text: note'
	run --separate-stderr jnorm -m map.yaml a.csv
	[ "$status" -eq 65 ]
	[ "$(field .id)" = '"4"' ]
	sed -i 's/^format: csv/&\nquotes: bare/' map.yaml
	run --separate-stderr jnorm --reject letters -m map.yaml a.csv
	[ "$status" -eq 65 ]
	[ "$(field -r .data.text)" = '"Ana" <1>
"Reis, Bia" <2>
four' ]
	[ "$(jq -c '[.line, .raw]' letters)" = '[4,"3,2026-03-02T10:00:00Z,\"open,"]' ]
	sed -i 's/^quotes: bare/quotes: odd/' map.yaml
	run --separate-stderr jnorm --check map.yaml
	[ "$status" -eq 1 ]
	[[ $output == *'`quotes` must be bare'* ]]
}

@test "two columns of one name are told apart by a number" {
	csv_map <<<'text: note || note_2'
	printf 'id,at,note,note\n1,2026-03-02T10:00:00Z,a,b\n' >a.csv
	run --separate-stderr jnorm -m map.yaml a.csv
	[ "$(field .data.text)" = '"ab"' ]
}

@test "a misspelt column stops the input and names the map's line" {
	csv_map <<<'text: "\"Note\" || note"'
	printf 'id,at,notes\n1,2026-03-02T10:00:00Z,a\n' >a.csv
	run --separate-stderr jnorm -m map.yaml a.csv
	[ "$status" -ne 0 ]
	[ -z "$output" ]
	[[ $stderr == *"map.yaml:10:"*": no such column: Note"* ]]
}

@test "a map with an unknown member is refused with its line" {
	csv_map <<<'phone: note'
	touch a.csv
	run --separate-stderr jnorm -m map.yaml a.csv
	[ "$status" -eq 2 ]
	[[ $stderr == *"map.yaml:10: phone: no member of an event; ext.NAME keeps what the record has no place for"* ]]
	csv_map <<<'text: note'
	echo 'colums: {a: b}' >>map.yaml
	run --separate-stderr jnorm -m map.yaml a.csv
	[ "$status" -eq 2 ]
	[[ $stderr == *"map.yaml:11: colums: no member of a map file here"* ]]
}

@test "an expression of a JSON map is checked when the map is read" {
	sed 's/time: time(created)/time: random()/' "$FIX/desk.yaml" >map.yaml
	run --separate-stderr jnorm -m map.yaml "$FIX/desk.json"
	[ "$status" -eq 2 ]
	[[ $stderr == *"random() is no function that an expression may use"* ]]
}

@test "JSON lines and a top-level array are read by the same map" {
	sed '/^records:/d; /keys:/s/tickets/created_at/' "$FIX/desk.yaml" >map.yaml
	echo '{"id":1,"created_at":1772456710}' >lines.json
	echo '{"id":2,"created_at":' >>lines.json
	echo '{"id":3,"created_at":"1772456710123"}' >>lines.json
	run --separate-stderr jnorm -m map.yaml lines.json
	[ "$status" -eq 65 ]
	[ "$(field '[.id, .time]')" = '["t1","2026-03-02T13:05:10.000Z"]
["t3","2026-03-02T13:05:10.123Z"]' ]
	[[ $stderr == *"lines.json:2: "* ]]
	echo '[{"id":1,"created_at":1772456710}, {"id":2,"created_at":1772456711}]' >array.json
	run --separate-stderr jnorm -m map.yaml array.json
	[ "$status" -eq 0 ]
	[ "$(field .id)" = '"t1"
"t2"' ]
}

@test "a truncated document is told, its rest rejected, and what came before it read" {
	echo '{"tickets":[{"id":1,"created_at":1772456710},{"id":2,"cre' >half.json
	run --separate-stderr jnorm --reject letters -m "$FIX/desk.yaml" half.json
	[ "$status" -ne 0 ]
	[ "$(field .id)" = '"t1"' ]
	[[ $stderr == *"half.json:"*"the document ends within a value"* ]]
	[ "$(jq -r .raw letters)" = '{"id":2,"cre' ]
}

@test "a record that is too long or nested too deep is rejected and those behind it are read" {
	{
		printf '{"tickets":[{"id":1,"created_at":1772456710,"x":"'
		head -c 5000 /dev/zero | tr '\0' x
		printf '"},{"id":2,"created_at":1772456710,"x":'
		head -c 300 /dev/zero | tr '\0' '['
		head -c 300 /dev/zero | tr '\0' ']'
		printf '},{"id":3,"created_at":1772456710}]}'
	} >big.json
	run --separate-stderr jnorm --max-line 2K --reject letters -m "$FIX/desk.yaml" big.json
	[ "$status" -eq 65 ]
	[ "$(field .id)" = '"t3"' ]
	[ "$(jq -r .reason letters)" = 'too_long
bad_json' ]
}

@test "a row for which no event's condition holds is counted and no failure" {
	csv_map <<<'text: note'
	sed -i "s/  - set:/  - when: note <> 'skip'\n    set:/" map.yaml
	printf 'id,at,note\n1,2026-03-02T10:00:00Z,skip\n2,2026-03-02T10:00:00Z,go\n' >a.csv
	run --separate-stderr jnorm -m map.yaml a.csv
	[ "$status" -eq 0 ]
	[ "$(field .id)" = '"2"' ]
}

@test "the same input and map give the same bytes, from a file and from stdin" {
	jnorm -q -m "$FIX/desk.yaml" "$FIX/desk.json" 2>/dev/null >one || true
	jnorm -q -m "$FIX/desk.yaml" - <"$FIX/desk.json" 2>/dev/null | sed "s|\"file\":\"<stdin>\"|\"file\":\"$FIX/desk.json\"|" >two || true
	[ -s one ]
	cmp one two
}

@test "a row or record that is too long is kept whole, and those behind it are read" {
	csv_map <<<'text: note'
	{
		printf 'id,at,note\r\n1,2026-03-02T10:00:00Z,one\r\n2,2026-03-02T10:00:00Z,'
		head -c 900000 /dev/zero | tr '\0' x
		printf '\r\n3,2026-03-02T10:00:00Z,three\r\n'
	} >a.csv
	run --separate-stderr jnorm --max-line 2K --reject letters -m map.yaml a.csv
	[ "$status" -eq 65 ]
	[ "$(field .id | tr '\n' ' ')" = '"1" "3" ' ]
	[[ $stderr == *"a.csv:3: row too long (see --max-line)"* ]]
	jq -r .raw_base64 letters | base64 -d | cmp - <(sed -n 3p a.csv | tr -d '\n')
	rm letters
	{
		printf '{"tickets":[{"id":1,"created_at":1772456710},\n'
		printf '{"id":2,"x":"' >long
		head -c 900000 /dev/zero | tr '\0' x >>long
		printf '","created_at":1772456710}' >>long
		cat long
		printf ',{"id":3,"created_at":1772456710}]}'
	} >big.json
	run --separate-stderr jnorm --max-line 2K --reject letters -m "$FIX/desk.yaml" big.json
	[ "$status" -eq 65 ]
	[ "$(field .id | tr '\n' ' ')" = '"t1" "t3" ' ]
	[ "$(jq -c '[.reason, .line, .offset]' letters)" = '["too_long",2,46]' ]
	jq -r .raw_base64 letters | base64 -d | cmp - long
	rm letters
	head -c 500000 big.json >cut.json
	run --separate-stderr jnorm --max-line 2K --reject letters -m "$FIX/desk.yaml" cut.json
	[ "$status" -eq 2 ]
	[[ $stderr == *"the document ends within a value; nothing behind it was read"* ]]
	[[ $stderr == *"read 2 = written 1 + duplicates 0 + rejected 1"* ]]
	jq -r .raw_base64 letters | base64 -d | cmp - <(tail -c +47 cut.json)
}

@test "a record of many events is read whatever the records before it were like" {
	cat >list.yaml <<-'M'
		jtools: map/1
		name: list
		format: json
		events:
		  - each: list
		    columns: {t: t, n: n}
		    set: {type: "'message'", time: time(n), text: t}
	M
	# record EVENTS BYTES: so many events of so many bytes each.
	record() { yes "$(printf '{"n":1700000000,"t":"%*s"}' "$2" x)" | head -n "$1" | paste -sd, | sed 's/.*/{"list":[&]}/'; }
	for ((n = 8; n < 9000; n += n / 4)); do record $n $((900000 / n - 60)); done >in.json
	record 12000 1 >>in.json
	run --separate-stderr jnorm -m list.yaml -f list in.json
	[ "$status" -eq 0 ]
	[ "$stderr" = "jnorm: read 53433 = written 53433 + duplicates 0 + rejected 0" ]
}

@test "a shipped map that is wrong is told for each input that it fits, and no more is read of it" {
	cp -r "$TOP/ontology" onto
	printf 'jtools: map/1\nname: zz\nformat: json\nmatch: {keys: [one, two]}\nevents:\n  - set: {type: "'"'message'"'", time: time(nosuch)}\n' >onto/adapters/zz.yaml
	echo '{"one":1,"two":2}' | tee a.json >b.json
	JTOOLS_ONTOLOGY=$PWD/onto run jnorm a.json b.json
	[ "$status" -eq 2 ]
	[ "$(grep -c "zz.yaml:6:.*no such column: nosuch" <<<"$output")" -eq 2 ]
}

@test "a record whose lists are gone through too often is refused, and those behind it are read" {
	cat >list.yaml <<-'M'
		jtools: map/1
		name: list
		format: json
		columns: {whole: list}
		events:
		  - each: list
		    columns: {t: t}
		    set: {type: "'message'", time: "'2026-03-02T12:15:00Z'", text: t, score: "list_count(whole, 't', 'y') + list_count(whole, 't', 1) + list_count(list_keep(whole, 't', 'x')) + list_count(whole, 'u', 1)"}
	M
	for n in 10 10000 10; do yes '{"t":"x","u":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}' | head -n $n | paste -sd, | sed 's/.*/{"list":[&]}/'; done >in.json
	run --separate-stderr bash -c 'ulimit -t 20; jnorm -m list.yaml -f list in.json'
	[ "$status" -eq 65 ]
	[[ $stderr == *"in.json:2: list.yaml: the lists of this record take too long to read"*"read 21 = written 20 + duplicates 0 + rejected 1" ]]
	# Nor may a condition, though it never holds.
	sed -i 's/, score: .*/}/; s/^  - each: list/  - when: "list_count(whole, '"'t', 'y'"') + list_count(whole, '"'t'"', 1) + list_count(whole, '"'u'"', 1) + list_count(whole, '"'u'"', 2) > 0"\n    each: list/' list.yaml
	run --separate-stderr bash -c 'ulimit -t 20; jnorm -m list.yaml -f list in.json'
	[ "$status" -eq 65 ]
	[[ $stderr == *"in.json:2: list.yaml: the lists of this record take too long to read"*"rejected 1 (2 empty"* ]]
}

@test "a header of countless columns is refused at once" {
	printf 'jtools: map/1\nname: wide\nformat: csv\nevents:\n  - set: {type: "'"'message'"'", time: time(at)}\n' >wide.yaml
	for n in 1000 100000; do
		{ seq -s , "$n" | sed 's/^/at,/'; seq -s , "$n" | sed 's/^/2026-03-02T12:15:00Z,/'; } >$n.csv
		run --separate-stderr bash -c "ulimit -t 20; jnorm -m wide.yaml -f wide $n.csv"
		[ "$status" -eq $((n == 1000 ? 0 : 2)) ]
	done
	[[ $stderr == *"100000.csv:1: 100001 columns, more than the 2000 that a map can read"* ]]
}
