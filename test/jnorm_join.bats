bats_require_minimum_version 1.5.0
load helper

# One member of each record: field '.data.text' for instance.
field() { jq -c "$@" <<<"$output"; }

# A map of calls: its head is given, the event is the same in all tests.
csv_map() {
	{
		printf 'jtools: map/1\nname: sheet\nformat: csv\n'
		cat
		printf 'events:\n  - set:\n      type: "'\''message'\''"\n      time: time(at)\n      id: id\n      text: words\n'
	} >map.yaml
}

# A map with a table `users` in these files; its event is as that of csv_map, with a name.
join_map() {
	csv_map <<-EOF
		join:
		  users: {files: [users.csv, users.json], records: $1, key: id}
		columns:
		  author: users[author_id].name
	EOF
	printf '      name: author\n' >>map.yaml
}

talks_map() {
	cat >map.yaml <<-EOF
		jtools: map/1
		name: sheet
		format: $1
		group: talk
		events:
		  - set: {type: "'lead'", id: talk, time: time(at), session: talk, case: json_array_length("rows")}
		  - each: rows
		    columns: {n: id, said: words, said_at: at}
		    set: {type: "'message'", id: n, time: time(said_at), session: talk, text: said}
	EOF
	[ "$1" = csv ] || sed -i 's/^group: talk/columns: {talk: talk, at: at}\n&/' map.yaml
}

talks() {
	cat <<-'EOF'
		id,at,talk,words
		1,2026-03-01T10:00:00Z,a,one
		2,2026-03-01T10:00:01Z,b,two
		3,2026-03-01T10:00:02Z,a,"thr,
		ee"
		4,2026-03-01T10:00:03Z,b,four
	EOF
}

# ---- names and skip

@test "a CSV file without a header row is read by the names that its map gives" {
	csv_map <<<'names: [id, at, words]'
	printf '1,2026-03-01T10:00:00Z,hello\n2,2026-03-01T10:00:01Z\n' >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$status" -eq 0 ]
	[ "$(field '[.id, .data.text, .data.origin.line]')" = '["1","hello",1]
["2",null,2]' ]
}

@test "a first row that is nothing but the map's names is a header and no data" {
	csv_map <<<'names: [id, at, words]'
	printf 'ID, at,words\n1,2026-03-01T10:00:00Z,hello\n' >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$(field '[.id, .data.origin.line]')" = '["1",2]' ]
	[[ $stderr == *"read 1 = written 1 + duplicates 0 + rejected 0"* ]]
}

@test "fields beyond the map's names are numbered columns, and a field that is not there is NULL" {
	csv_map <<<'names: [id, at, words]'
	printf '      ext.more: column_4\n      ext.none: "words IS NULL"\n' >>map.yaml
	printf '1,2026-03-01T10:00:00Z,hello,you\n2,2026-03-01T10:00:01Z\n3,2026-03-01T10:00:01Z,\n' >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$(field '[.data.text, .data.ext.more, .data.ext.none]')" = '["hello","you",0]
[null,null,1]
[null,null,0]' ]
}

@test "a row with a hundred fields more than the map has names is a bad one" {
	csv_map <<<'names: [id, at, words]'
	{ printf '1,2026-03-01T10:00:00Z,hello'; printf ',%.0s' {1..101}; printf '\n2,2026-03-01T10:00:00Z,you\n'; } >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$status" -eq 65 ]
	[ "$(field .id)" = '"2"' ]
	[[ $stderr == *"x.csv:1: 104 fields where there may be 103"* ]]
}

@test "rows behind the header that are no data are passed over" {
	csv_map <<<'skip: 2'
	printf 'id,at,words\nNumber,Time,"What\nwas said"\n"{""ImportId"":1}",{},{}\n1,2026-03-01T10:00:00Z,hello\n' >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$status" -eq 0 ]
	[ "$(field '[.id, .data.origin.line]')" = '["1",5]' ]
}

@test "a map's mistakes in names, skip, join and group are told with their place" {
	local case
	while IFS='|' read -r case want; do
		csv_map <<<"$(printf '%b' "$case")"
		run --separate-stderr jnorm -m map.yaml -f sheet map.yaml
		[ "$status" -eq 2 ] || { echo "$case: $status"; return 1; }
		[[ $stderr == *"$want"* ]] || { echo "$case: $stderr"; return 1; }
	done <<-'EOF'
		names: []|map.yaml:4:8: no name
		skip: some|map.yaml:4:7: a number of rows was expected
		skip: -1|map.yaml:4:7: a number of rows was expected
		join: {users: {key: id}}|map.yaml:4: users: a table needs its `files`
		join: {users: {files: [users.csv]}}|map.yaml:4: users: a table needs its `key`
		join: {users: {files: [../users.csv], key: id}}|map.yaml:4:23: a table's file is a name without a folder
		join: {"a.b": {files: [users.csv], key: id}}|a table's name has none of
		join: {users: {files: [u.csv], keys: id}}|map.yaml:4: keys: no member of a map file here
		join: {users: {files: [u.csv], key: id}}\ncolumns: {a: "users[id]x"}|map.yaml:5:14: no path behind the table
		group: [[talk]]|map.yaml:4:9: a plain text was expected
		group: []|map.yaml:4:8: no column
	EOF
}

# ---- join

rows() {
	printf 'id,at,author_id,words\n1,2026-03-01T10:00:00Z,u2,hello\n2,2026-03-01T10:00:01Z,u9,you\n3,2026-03-01T10:00:02Z,,there\n4,2026-03-01T10:00:02Z,u1,again\n'
}

@test "a column is looked up in a CSV table beside the export, whatever the case of the file's name" {
	mkdir -p export
	join_map users
	rows >export/x.csv
	printf 'name,id\nAnna,u1\n"Bea, the other",u2\n' >export/Users.CSV
	run --separate-stderr jnorm -m map.yaml -f sheet export/x.csv
	[ "$status" -eq 0 ]
	[ "$(field .data.name)" = '"Bea, the other"
null
null
"Anna"' ]
}

@test "a column is looked up in a JSON table in the folder above the export" {
	mkdir -p export/channel
	join_map data.users
	rows >export/channel/x.csv
	printf '{"data": {"users": [{"id": "u1", "name": "Anna"}, {"id": "u2", "name": "Bea"}]}}' >export/users.json
	run --separate-stderr jnorm -m map.yaml -f sheet export/channel/x.csv
	[ "$(field .data.name)" = '"Bea"
null
null
"Anna"' ]
}

@test "a table that is not there gives nothing and is told once a run" {
	mkdir -p a b
	join_map users
	rows >a/x.csv
	rows >b/x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet a/x.csv b/x.csv
	[ "$status" -eq 0 ]
	[ "$(field .data.name | sort -u)" = null ]
	[ "$(grep -c 'users.csv, users.json' <<<"$stderr")" -eq 1 ]
	[[ $stderr == *"a/x.csv: no users.csv, users.json beside it: what is looked up in \`users\` is empty"* ]]
	[ -z "$(jnorm -q -m map.yaml -f sheet a/x.csv 2>&1 >/dev/null)" ]
}

@test "each folder has its own table" {
	mkdir -p a b c
	join_map users
	for d in a b c; do rows >$d/x.csv; done
	printf 'id,name\nu1,Anna\nu2,Bea\n' >a/users.csv
	printf 'id,name\nu1,Zoe\n' >b/users.csv
	run --separate-stderr jnorm -m map.yaml -f sheet a/x.csv b/x.csv c/x.csv a/x.csv
	[ "$(field .data.name | tr '\n' ' ')" = '"Bea" null null "Anna" null null null "Zoe" null null null null "Bea" null null "Anna" ' ]
}

@test "of rows with the same key the first is taken, rows that cannot be read are left out, and both are told" {
	join_map users
	rows >x.csv
	printf 'id,name\nu1,Anna\nu1,Zoe\nu2\nu2,Bea\n' >users.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$(field .data.name | tr '\n' ' ')" = '"Bea" null null "Anna" ' ]
	[[ $stderr == *"users.csv: rows with a key that a row before them has: 1; the first is taken"* ]]
	[[ $stderr == *"users.csv:4: 1 fields where the header has 2; rows left out of the table \`users\`: 1"* ]]
	[[ $stderr == *"read 4 = written 4 + duplicates 0 + rejected 0"* ]]
}

@test "a table without the key that the map names stops the input" {
	join_map users
	rows >x.csv
	printf 'number,name\nu1,Anna\n' >users.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$status" -eq 2 ]
	[[ $stderr == *"users.csv:1: no column id, the key of \`users\` in the map sheet"* ]]
}

json_map() {
	cat >map.yaml <<-'EOF'
		jtools: map/1
		name: talks
		format: json
		records: messages
		join:
		  users: {records: users, key: id}
		  teams: {records: teams, key: n}
		columns:
		  id: id
		  at: at
		  mail: users[author.id].profile.email
		  team: teams[users[author.id].team]
		  first: users[author.id].teams[1]
		events:
		  - set: {type: "'message'", id: id, time: time(at), identifiers.email: mail, ext.team: team, ext.first: first}
		  - each: reactions
		    columns: {who: "users[^.author.id].profile.email", by: "users[user].profile.email"}
		    set: {type: "'lead'", id: by, time: time(at), agent: who}
	EOF
	cat >x.json <<-'EOF'
		{"messages": [
		  {"id": "1", "at": "2026-03-01T10:00:00Z", "author": {"id": 7}, "reactions": [{"user": 8}]},
		  {"id": "2", "at": "2026-03-01T10:00:00Z", "author": {"id": null}}
		 ],
		 "teams": [{"n": "blue", "size": 1.10}],
		 "users": [{"id": 7, "profile": {"email": "a@x.example"}, "team": "blue", "teams": [1, 22]},
		           {"id": "8", "profile": {"email": "b@x.example"}}]}
	EOF
}

@test "a table of the same document may stand behind the records, and a key be looked up itself" {
	json_map
	run --separate-stderr jnorm -m map.yaml -f talks x.json
	[ "$status" -eq 0 ]
	[ "$(field '[.id, .data.agent, .data.identifiers[0].value?, .data.ext.team.n, .data.ext.first]')" = '["1",null,"a@x.example","blue",22]
["b@x.example","a@x.example",null,null,null]
["2",null,null,null,null]' ]
	[[ $output == *'"size": 1.10}'* ]]
	jnorm -m map.yaml -f talks <x.json | jq -c 'del(.data.origin)' >piped
	jq -c 'del(.data.origin)' <<<"$output" | diff - piped
}

@test "a table of the same document that is not in it is told, and the records are read" {
	json_map
	sed -i 's/"teams": \[{/"others": [{/' x.json
	run --separate-stderr jnorm -m map.yaml -f talks x.json
	[ "$status" -eq 0 ]
	[ "$(field -s length)" = 3 ]
	[[ $stderr == *"the document has no member teams"* ]]
}

@test "a table that lies in a folder of exports is no export and no failure" {
	mkdir -p export
	join_map users
	sed -i 's/^format: csv/&\nmatch: {header: [author_id, words]}/' map.yaml
	rows >export/x.csv
	printf 'id,name\nu2,Bea\n' >export/users.csv
	for option in '' '-f sheet'; do
		# shellcheck disable=SC2086 # two words or none
		run --separate-stderr jnorm -m map.yaml $option export
		[ "$status" -eq 0 ]
		[ "$(field -s 'map(.data.name)')" = '["Bea",null,null,null]' ]
		[[ $stderr == *"export/users.csv: a table that a map looks things up in: no export by itself"* ]]
	done
}

# ---- group

@test "rows of one value are one record, in the order in which each was first met" {
	talks_map csv
	talks >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$status" -eq 0 ]
	[ "$(field '[.type, .id, .session, .data.text // .data.case, .data.origin.line]')" = '["lead","a","a","2",2]
["message","1","a","one",2]
["message","3","a","thr,\nee",2]
["lead","b","b","2",3]
["message","2","b","two",3]
["message","4","b","four",3]' ]
	[[ $stderr == *"read 6 = written 6 + duplicates 0 + rejected 0"* ]]
}

@test "JSON records of one value are one record" {
	talks_map json
	talks | python3 -c 'import csv,json,sys
for r in csv.DictReader(sys.stdin): print(json.dumps(r))' >x.json
	run --separate-stderr jnorm -m map.yaml -f sheet x.json
	[ "$status" -eq 0 ]
	[ "$(field '[.type, .id, .data.origin.line]')" = '["lead","a",1]
["message","1",1]
["message","3",1]
["lead","b",2]
["message","2",2]
["message","4",2]' ]
}

@test "a row without a value is a group of its own" {
	talks_map csv
	printf 'id,at,talk,words\n1,2026-03-01T10:00:00Z,,one\n2,2026-03-01T10:00:01Z,,two\n' >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$(field '[.type, .data.text // .data.case]')" = '["lead","1"]
["message","one"]
["lead","1"]
["message","two"]' ]
}

@test "a row is of the group of the first column of several that has a value" {
	talks_map csv
	sed -i 's/^group: talk/group: [parent, talk]/' map.yaml
	printf 'id,at,talk,parent,words\n1,2026-03-01T10:00:00Z,a,,one\n2,2026-03-01T10:00:01Z,b,a,two\n3,2026-03-01T10:00:02Z,c,,three\n' >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$(field '[.type, .session, .data.text // .data.case]')" = '["lead","a","2"]
["message","a","one"]
["message","a","two"]
["lead","c","1"]
["message","c","three"]' ]
}

@test "a bad row is rejected by itself and a group that fails with all of its rows" {
	talks_map csv
	{ talks; printf '5,2026-03-01T10:00:04Z\n6,yesterday,b,six\n'; } >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet --reject letters x.csv
	[ "$status" -eq 65 ]
	[ "$(field -s 'map(.session) | unique')" = '["a"]' ]
	[ "$(jq -c '[.reason, .line, .raw]' letters)" = '["bad_row",7,"5,2026-03-01T10:00:04Z"]
["bad_time",3,"2,2026-03-01T10:00:01Z,b,two\n4,2026-03-01T10:00:03Z,b,four\n6,yesterday,b,six"]' ]
	[[ $stderr == *"read 5 = written 3 + duplicates 0 + rejected 2"* ]]
}

@test "a group that is too long is rejected with all of its rows, and those beside it are read" {
	talks_map csv
	{ printf 'id,at,talk,words\n0,2026-03-01T10:00:00Z,b,short\n'
		for i in {1..300}; do printf '%s,2026-03-01T10:00:00Z,a,"%060d"\n' "$i" "$i"; done
		printf '301,2026-03-01T10:00:00Z,b,last\n'; } >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet --max-line 4096 --reject letters x.csv
	[ "$status" -eq 65 ]
	[ "$(field .id)" = '"b"
"0"
"301"' ]
	[[ $stderr == *"x.csv:3: group too long (see --max-line)"* ]]
	[ "$(jq -r .raw_base64 letters | base64 -d)" = "$(sed '1,2d;$d' x.csv)" ]
	[ "$(jq -c '[.reason, .line]' letters)" = '["too_long",3]' ]
}

@test "what was read before a document breaks off is grouped and written" {
	talks_map json
	printf '[{"id":"1","at":"2026-03-01T10:00:00Z","talk":"a","words":"one"},{"id":"2",' >x.json
	run --separate-stderr jnorm -m map.yaml -f sheet x.json
	[ "$status" -eq 2 ]
	[ "$(field .id)" = '"a"
"1"' ]
	[[ $stderr == *"x.json:1: the document ends within"*"; nothing behind it was read"* ]]
}

@test "a group names a column that the header has" {
	talks_map csv
	printf 'id,at,thread,words\n' >x.csv
	sed -i 's/, session: talk//g; s/id: talk/id: at/' map.yaml
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$status" -eq 2 ]
	[[ $stderr == *"map.yaml:4: the header has no column talk"* ]]
}

@test "what is left of a group goes to ext, without its rows" {
	talks_map csv
	sed -i 's/^  - set: {/&/; s/case: json_array_length("rows")}/case: json_array_length("rows")}\n    rest: ext/' map.yaml
	talks | sed '1s/$/,mood/; 2s/$/,good/; 3s/$/,/; 5s/$/,/; 6s/$/,bad/' >x.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$status" -eq 0 ]
	[ "$(field 'select(.type == "lead") | .data.ext')" = '{"mood":"good"}
null' ]
}

@test "columns of the rows of a group are looked up as those of any other" {
	talks_map csv
	sed -i 's/^group: talk/&\njoin: {users: {files: [users.csv], key: Mail.Of}}/; s/said: words,/said: words, by: "users[words].name",/; s/text: said/text: said, name: by/' map.yaml
	talks >x.csv
	printf 'Mail.Of,name\ntwo,Bea\n' >users.csv
	run --separate-stderr jnorm -m map.yaml -f sheet x.csv
	[ "$(field 'select(.type == "message") | .data.name')" = 'null
null
"Bea"
null' ]
}

@test "rows that end in CR LF are grouped without it" {
	talks_map csv
	talks | sed '/"thr/,/ee"/d; s/$/\r/' >talks.csv
	run --separate-stderr jnorm -q -m map.yaml -f sheet talks.csv
	[ "$(jq -r 'select(.type == "message") | .data.text' <<<"$output")" = 'one
two
four' ]
}

@test "a file that has a table's name is an unknown export where no map that was used looks things up in it" {
	printf 'x\n1\n' >tickets.csv
	run --separate-stderr jnorm tickets.csv
	[ "$status" -eq 65 ]
	[[ $stderr == *"tickets.csv: not an export that jnorm knows"* ]]
}

@test "a record whose events do not fit in memory is rejected, and those behind it are read" {
	! sanitized || skip "the sanitizer's own memory grows"
	cat >each.yaml <<-'END'
		jtools: map/1
		name: each
		format: json
		columns: {said: text, at: at}
		events:
		  - each: list
		    set: {type: "'message'", time: time(at), text: said}
	END
	python3 - >each.json <<-'END'
		import json
		print(json.dumps([{"at": "2026-03-02T10:00:00Z", "text": "x" * 500000, "list": [1] * 2000},
		                  {"at": "2026-03-02T10:00:00Z", "text": "y", "list": [1, 2]}]))
	END
	(ulimit -v 250000; jnorm -m each.yaml -f each each.json >out 2>err) || [ $? -eq 65 ]
	[ "$(wc -l <out)" -eq 2 ]
	grep -q 'each.json:1: each.yaml: the record gives more events than are held' err
}

@test "a record that has a list taken apart again and again is rejected" {
	cat >again.yaml <<-'END'
		jtools: map/1
		name: again
		format: json
		columns: {every: list, at: at}
		events:
		  - each: list
		    columns: {one: .}
		    set: {type: "'visit'", time: time(at), id: "one || list_count(list_keep(every || substr('          ', 1, one % 10), 'x', '.'))"}
	END
	python3 - >again.json <<-'END'
		import json
		print(json.dumps([{"at": "2026-03-02T10:00:00Z", "list": list(range(20000))}, {"at": "2026-03-02T10:00:00Z", "list": [1]}]))
	END
	run --separate-stderr jnorm -m again.yaml -f again again.json
	[ "$status" -eq 65 ]
	[[ $stderr == *"again.json:1: again.yaml: the lists of this record take too long to read"* ]]
	[ "$(wc -l <<<"$output")" -eq 1 ]
}
