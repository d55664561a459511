bats_require_minimum_version 1.5.0
load helper

# Records within arrays within arrays, and what encloses them.

field() { jq -c "$@" <<<"$output"; }

chats_map() {
	cat >chats.yaml <<-'EOF2'
	jtools: map/1
	name: chats
	version: "1.0.0"
	format: json
	records: chats.list[].messages
	match: {keys: [chats.list.messages]}
	columns:
	  id: id
	  at: date
	  from: from.name
	  said: text
	  chat: ^.id
	  title: ^.name
	  owner: ^^.owner.phone
	events:
	  - set:
	      type: "'message'"
	      id: chat || '-' || id
	      time: time(at)
	      session: chat
	      channel: "'chat'"
	      direction: "iif(who(\"from\") = 'customer', 'in', 'out')"
	      actor: who("from")
	      name: "iif(who(\"from\") = 'customer', \"from\", NULL)"
	      text: plain(said)
	      ext.title: title
	      ext.owner: owner
	    rest: ext
	EOF2
}

chats() {
	cat <<-'EOF2'
	{"chats": {"about": "x", "list": [
	 {"messages": [
	  {"id": 1, "date": "2026-03-01T10:00:00Z", "from": {"name": "Ana", "rank": 3}, "text": "hello"},
	  {"id": 2, "date": "2026-03-01T10:01:00Z", "from": {"name": "Lume"}, "text": ["see ", {"type": "link", "text": "this"}], "edited": true}],
	  "name": "Ana", "id": 77},
	 {"name": "nobody", "id": 78},
	 {"name": "Bia", "id": 79, "messages": [
	  {"id": 1, "date": "2026-03-02T10:00:00Z", "from": {"name": "Bia"}, "text": "oi", "via": null, "tags": ["a", 1]}]}
	 ]}, "owner": {"phone": "+5511999990000"}}
	EOF2
}

@test "a map reads records of arrays within arrays, with members of what encloses them that stand behind" {
	chats_map
	chats >export.json
	run --separate-stderr jnorm -m chats.yaml --self Lume export.json
	[ "$status" -eq 0 ]
	[ "$(field '[.id, .session, .actor, .data.text, .data.ext.title, .data.ext.owner]')" = '["77-1","77","customer","hello","Ana","+5511999990000"]
["77-2","77","agent","see this","Ana","+5511999990000"]
["79-1","79","customer","oi","Bia","+5511999990000"]' ]
}

@test "what encloses records is known also when the document comes through a pipe" {
	chats_map
	chats >export.json
	jnorm -q -m chats.yaml --self Lume export.json | jq -c 'del(.data.origin)' >file.ndjson
	chats | jnorm -q -m chats.yaml --self Lume - | jq -c 'del(.data.origin)' >pipe.ndjson
	[ -s file.ndjson ]
	cmp file.ndjson pipe.ndjson
}

@test "rest keeps in ext what no column names, within objects too, and nothing that is named or empty" {
	chats_map
	chats >export.json
	run --separate-stderr jnorm -m chats.yaml --self Lume export.json
	[ "$(field '.data.ext | del(.title, .owner)')" = '{"from":{"rank":3}}
{"edited":true}
{"tags":["a",1]}' ]
}

@test "rest keeps the columns of a CSV row that no expression names" {
	cat >map.yaml <<-'EOF2'
	jtools: map/1
	name: sheet
	format: csv
	match: {header: [id, at]}
	columns: {when_: at}
	events:
	  - set: {type: "'visit'", time: time(when_), id: id, ext.b: "'own'"}
	    rest: ext
	EOF2
	printf 'id,at,a,b,c\n1,2026-03-01T10:00:00Z,x,y,\n' >rows.csv
	run --separate-stderr jnorm -m map.yaml rows.csv
	[ "$status" -eq 0 ]
	[ "$(field .data.ext)" = '{"b":"own","a":"x"}' ]
}

@test "each goes through arrays on the way, and ^ leads to what lies between it and the record" {
	cat >map.yaml <<-'EOF2'
	jtools: map/1
	name: hooks
	format: json
	match: {keys: [entry.changes.value.messages]}
	columns: {account: id}
	events:
	  - each: entry[].changes[].value.messages
	    columns: {m: id, at: t, number: ^.value.number, field: ^.field, entry_id: ^^.id, top: ^^^.id}
	    set:
	      type: "'message'"
	      time: time(at)
	      id: m
	      session: number
	      ext.path: "top || '/' || entry_id || '/' || field || '/' || account"
	EOF2
	cat >hook.json <<-'EOF2'
	{"id": "T", "entry": [{"id": "E1", "changes": [
	 {"field": "f1", "value": {"number": "n1", "messages": [{"id": "a", "t": 1772456710}, {"id": "b", "t": 1772456711}]}},
	 {"field": "f2", "value": {"number": "n2"}}]},
	 {"id": "E2", "changes": [{"field": "f3", "value": {"number": "n3", "messages": [{"id": "c", "t": 1772456712}]}}]}, 5]}
	EOF2
	run --separate-stderr jnorm -m map.yaml hook.json
	[ "$status" -eq 0 ]
	[ "$(field '[.id, .session, .data.ext.path]')" = '["a","n1","T/E1/f1/T"]
["b","n1","T/E1/f1/T"]
["c","n3","T/E2/f3/T"]' ]
}

@test "a path that leads further out than anything encloses is refused with its place" {
	chats_map
	sed -i 's/\^\^\.owner/^^^.owner/' chats.yaml
	chats >export.json
	run --separate-stderr jnorm -m chats.yaml export.json
	[ "$status" -eq 2 ]
	[[ $stderr == *"chats.yaml:14:"*"nothing encloses it that far out"* ]]
}

@test "of two maps that fit the one that asks for more is taken" {
	chats_map
	sed 's/name: chats/name: exact/; s/match: .*/match: {keys: [chats.list.messages, chats.about], pattern: "\\"about\\": \\"x\\""}/' chats.yaml >exact.yaml
	sed -i "s/rest: ext/rest: ext/; s/'chat'/'web'/" exact.yaml
	chats >export.json
	run --separate-stderr jnorm -m chats.yaml -m exact.yaml --self Lume export.json
	[ "$(field -r .channel | sort -u)" = web ]
}

@test "a map is taken for a file by its name only together with something of its content" {
	chats_map
	sed -i 's/match: .*/match: {keys: [chats.list], file: ["result*.json"]}/' chats.yaml
	chats >other.json
	run --separate-stderr jnorm -m chats.yaml --self Lume other.json
	[ "$status" -eq 65 ]
	[[ $stderr == *"not an export that jnorm knows"* ]]
	mv other.json RESULT-1.json
	run --separate-stderr jnorm -m chats.yaml --self Lume RESULT-1.json
	[ "$status" -eq 0 ]
	[ "$(wc -l <<<"$output")" -eq 3 ]
}

@test "jnorm says where who() knew none of us" {
	chats_map
	chats >export.json
	run --separate-stderr jnorm -m chats.yaml export.json
	[[ $stderr == *"in 1 conversation no speaker is known to be us"* ]]
	run --separate-stderr jnorm -m chats.yaml --self Lume export.json
	[[ $stderr != *"known to be us"* ]]
}

@test "a long export of nested records is read in little memory" {
	! sanitized || skip "the sanitizer's own memory grows"
	chats_map
	python3 - >big.json <<-'EOF2'
	import sys
	w = sys.stdout.write
	w('{"chats":{"list":[{"id":1,"name":"Ana","messages":[')
	for i in range(400000):
	    w('%s{"id":%d,"date":"2026-03-01T10:00:00Z","from":{"name":"Ana"},"text":"%s"}' % (',' if i else '', i, 'so it goes on ' * 10))
	w(']}]},"owner":{"phone":"1"}}')
	EOF2
	(ulimit -v 120000; jnorm -q -m chats.yaml --self Lume big.json | tail -n 1 >last)
	[ "$(jq -r .id last)" = 1-399999 ]
	[ "$(jq -r .data.ext.owner last)" = 1 ]
}

@test "one map reads the shapes that an export comes in, records at the top among them" {
	cat >shapes.yaml <<-'EOF2'
	jtools: map/1
	name: shapes
	version: "1.0.0"
	format: json
	records: [items, data.list, .]
	match:
	  - {keys: [items.said, page]}
	  - {keys: [data.list.said]}
	  - {keys: [said, at]}
	columns: {at: at, said: said, page: ^.page}
	events:
	  - set: {type: "'message'", time: time(at), text: said, ext.page: page}
	EOF2
	printf '{"page":2,"items":[{"at":"2026-03-01T10:00:00Z","said":"a"}]}' >a.json
	printf '{"data":{"list":[{"at":"2026-03-01T10:00:00Z","said":"b"}]}}' >b.json
	printf '{"at":"2026-03-01T10:00:00Z","said":"c"}\n{"at":"2026-03-01T10:00:00Z","said":"d"}\n' >c.ndjson
	run --separate-stderr jnorm -m shapes.yaml a.json b.json c.ndjson
	[ "$status" -eq 0 ]
	[ "$(field '[.data.text, .data.ext.page]')" = '["a",2]
["b",null]
["c",null]
["d",null]' ]
}

@test "the names that a header is matched by are found in any case" {
	cat >upper.yaml <<-'EOF2'
	jtools: map/1
	name: upper
	version: "1.0.0"
	format: csv
	match: {header: [at, said]}
	events:
	  - set: {type: "'message'", time: time(at), text: said}
	EOF2
	printf 'AT,SAID\n2026-03-01T10:00:00Z,hello\n' >snow.csv
	run --separate-stderr jnorm -m upper.yaml snow.csv
	[ "$status" -eq 0 ]
	[ "$(field .data.text)" = '"hello"' ]
}

@test "a column that only some exports have is found under any of its names, or is NULL" {
	cat >some.yaml <<-'EOF2'
	jtools: map/1
	name: some
	version: "1.0.0"
	format: csv
	match: {header: [at, said]}
	join: {people: {files: [people.csv], key: id}}
	columns: {mail: [Email, E-mail], who: [author, writer], name: "people[who].name"}
	events:
	  - set: {type: "'message'", time: time(at), text: said, identifiers.email: mail, name: name}
	    rest: ext
	EOF2
	printf 'id,name\n7,Ana\n' >people.csv
	printf 'at,said,E-mail,writer\n2026-03-01T10:00:00Z,a,ana@x.example,7\n' >a.csv
	printf 'at,said,mood\n2026-03-01T10:00:00Z,b,good\n' >b.csv
	run --separate-stderr jnorm -m some.yaml a.csv b.csv
	[ "$status" -eq 0 ]
	[ "$(field '[.data.text, .data.identifiers[0].value, .data.name, .data.ext]')" = '["a","ana@x.example","Ana",null]
["b",null,null,{"mood":"good"}]' ]
}

@test "a column whose name is known only from the header is found by a pattern" {
	cat >find.yaml <<-'EOF2'
	jtools: map/1
	name: find
	version: "1.0.0"
	format: csv
	match: {header: [at]}
	let: {question: "regex_get('\"([A-Z0-9]+)_GROUP\"', column_names())"}
	events:
	  - set: {type: "'survey.answered'", time: time(at), score: column(question), text: "column('no such')"}
	EOF2
	printf 'at,Q7,Q7_GROUP\n2026-03-01T10:00:00Z,9,Promoter\n' >a.csv
	run --separate-stderr jnorm -m find.yaml a.csv
	[ "$status" -eq 0 ]
	[ "$(field '[.data.score, .data.text]')" = '[9,null]' ]
}

let_map() {
	cat >let.yaml <<-'EOF2'
	jtools: map/1
	name: let
	format: json
	match: {keys: [who]}
	columns: {who: who, at: at}
	let:
	  side: iif(who = 'us', 'agent', 'customer')
	  way: iif(side = 'agent', 'out', 'in')
	events:
	  - when: side <> 'nobody'
	    set: {type: "'message'", time: time(at), actor: side, direction: way}
	EOF2
	sed -i "$1" let.yaml
	echo '{"who": "us", "at": "2026-03-01T10:00:00Z"}' >let.json
}

@test "a map names expressions once and uses them in others" {
	let_map ''
	run --separate-stderr jnorm -m let.yaml let.json
	[ "$status" -eq 0 ]
	[ "$(field '[.actor, .direction]')" = '["agent","out"]' ]
}

@test "a name of an expression may be that of no column, and stands for nothing above it" {
	let_map "s/^  side:/  who:/"
	run --separate-stderr jnorm -m let.yaml let.json
	[ "$status" -eq 2 ]
	[[ $stderr == *"let.yaml:7: who: there is a column of that name"* ]]
	let_map "s/^  side: .*/  side: way/"
	run --separate-stderr jnorm -m let.yaml let.json
	[ "$status" -eq 2 ]
	[[ $stderr == *"let.yaml:10:"*": no such column: way"* ]]
	let_map "s/^  side:/  a-side:/"
	run --separate-stderr jnorm -m let.yaml let.json
	[ "$status" -eq 2 ]
	[[ $stderr == *"a-side: a name is letters and digits"* ]]
}

@test "records are where the export has them, of several places that the map names" {
	cat >places.yaml <<-'EOF2'
	jtools: map/1
	name: places
	format: json
	match: {pattern: '"said"'}
	records: [events, "[].events", .]
	columns: {said: said, own: who, outer: ^.who}
	events:
	  - set: {type: "'message'", time: "'2026-03-01T10:00:00Z'", text: said, name: "coalesce(own, outer)"}
	EOF2
	echo '{"who": "Ana", "events": [{"said": 1}, {"said": 2}]}' >one.json
	echo '[{"who": "Ana", "events": [{"said": 1}]}, {"events": [{"said": 2}], "who": "Bia"}]' >many.json
	printf '{"said": 1, "who": "Ana"}\n{"said": 2, "who": "Bia"}\n' >lines.json
	run --separate-stderr jnorm -m places.yaml one.json many.json lines.json
	[ "$status" -eq 0 ]
	[ "$(field '[.data.text, .data.name]' | tr -d '\n')" = '["1","Ana"]["2","Ana"]["1","Ana"]["2","Bia"]["1","Ana"]["2","Bia"]' ]
}

@test "a map without events knows a file that says nothing" {
	cat >table.yaml <<-'EOF2'
	jtools: map/1
	name: table
	format: json
	match: {keys: [colour]}
	events: []
	EOF2
	echo '[{"colour": "red"}]' >table.json
	run --separate-stderr jnorm -m table.yaml table.json
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"read 0 = written 0 + duplicates 0 + rejected 0 (1 empty"* ]]
}
