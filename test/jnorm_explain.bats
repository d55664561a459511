bats_require_minimum_version 1.5.0
load helper

# What jnorm tells about exports and maps, instead of reading them into records.

@test "jnorm --explain tells format, reason, dates, zone, us and the first events, and writes no record" {
	printf '01/02/2026 10:00 - Ana: hello\n13/02/2026 10:01 - Lume Casa: hi\n14/02/2026 10:02 - Ana: thanks\n15/02/2026 10:02 - Ana: bye\nx\n' >"WhatsApp Chat with Ana.txt"
	run --separate-stderr jnorm --explain --self 'Lume Casa' "WhatsApp Chat with Ana.txt"
	[ "$status" -eq 0 ]
	[[ $output == *"format      whatsapp (90 of 100)"* ]]
	[[ $output == *"because     it looks like WhatsApp"* ]]
	[[ $output == *"encoding    ASCII"* ]]
	[[ $output == *"dates in the order day/month/year, as the dates of the file decide"* ]]
	[[ $output == *"zone        UTC assumed for 4 events"* ]]
	[[ $output == *"us          Lume Casa"* ]]
	[[ $output == *"rows        4 events, 0 rejected, 0 without an event"* ]]
	[[ $output == *"3 message in customer"* ]]
	[[ $output == *"2026-02-01T10:00:00.000Z to 2026-02-15T10:02:00.000Z"* ]]
	[ "$(grep -c '"specversion"' <<<"$output")" -eq 3 ]
}

@test "jnorm --explain says which date order it had to assume" {
	printf '01/02/2026 10:00 - Ana: hello\n' >"WhatsApp Chat with Ana.txt"
	run --separate-stderr jnorm --explain "WhatsApp Chat with Ana.txt"
	[[ $output == *"day/month/year, assumed: no date decides"* ]]
	[[ $output == *"nobody is named"* ]]
}

@test "jnorm --explain lists the maps that fit, the chosen one first, and what it asks for" {
	cat >one.yaml <<-'EOF2'
	jtools: map/1
	name: one
	format: csv
	match: {header: [id]}
	events: [{set: {type: "'visit'", time: time(at)}}]
	EOF2
	sed 's/name: one/name: two/; s/\[id\]/[id, at]/' one.yaml >two.yaml
	printf 'id;at;n\n1;2026-03-01T10:00:00Z;x\n2;soon;y\n' >rows.csv
	run --separate-stderr jnorm --explain -m one.yaml -m two.yaml rows.csv
	[ "$status" -eq 65 ]
	[[ $output == *"format      two (86 of 100); also fits: one (85 of 100)"* ]]
	[[ $output == *"because     its header has id, at"* ]]
	[[ $output == *"3 columns between ;"* ]]
	[[ $output == *"1 events, 1 rejected"* ]]
	[[ $stderr == *"rows.csv:3: "* ]]
}

@test "jnorm --explain tells a map of one's own from the shipped one of the same name" {
	jnorm --show-map callcenter >mine.yaml
	printf '%s\n' 'ServiceID;Operation;Start Date;End Date;AgentPosition;Customer ID;Agent;Product;Service Type' \
		'1;Inbound Call;9.3.10 8:05;9.3.10 8:10;FL;7;Ana;MOBILE;Referred' >calls.csv
	run --separate-stderr jnorm --explain mine.yaml calls.csv
	[[ $output == *"format      callcenter of mine.yaml ("*" of 100), callcenter of /"*"/callcenter.yaml ("* ]]
}

@test "jnorm --explain says of a file that nobody knows that it is none, and exits as reading does" {
	echo nothing >note.txt
	run --separate-stderr jnorm --explain note.txt
	[ "$status" -eq 65 ]
	[[ $output == *"format      none that is known"* ]]
	[[ $output == *"next        a table, JSON or XML is read by a map"* ]]
	[[ $output != *columns* ]]
	[[ $stderr == *"--explain tells how to go on"* ]]
}

@test "jnorm --explain tells the columns of a table that nobody knows, and the map that it begins with is there" {
	printf 'Ticket;Begun;Who\n1;2026-03-01;Ana\n' >mine.csv
	run --separate-stderr jnorm --explain mine.csv
	[ "$status" -eq 65 ]
	[[ $output == *"columns     Ticket, Begun, Who"* ]]
	sed -n 's/.*one to begin with: //p' <<<"$output" >show
	bash show >mine.yaml
	jnorm --check mine.yaml
	run --separate-stderr jnorm --explain mine.yaml mine.csv
	[[ $output == *"because     mine.yaml asks for ServiceID, Operation,"*", which the file has not"* ]]
	{ printf '\377\376'; iconv -t utf-16le mine.csv; } >wide.csv
	run --separate-stderr jnorm --explain wide.csv
	[[ $output == *"columns     Ticket, Begun, Who"* ]]
	printf '%1000s' '' | tr ' ' , >commas.csv
	run --separate-stderr jnorm --explain commas.csv
	[[ $output == *", column_200 and 801 more"* ]]
	echo '{"a": 1, "b": 2, "c": 3}' >mine.json
	run --separate-stderr jnorm --explain mine.json
	[[ $output != *columns* ]]
}

@test "jnorm --check tells each wrong expression with line and column, and exits 1" {
	cat >bad.yaml <<-'EOF2'
	jtools: map/1
	name: bad
	format: csv
	match: {header: [id, at]}
	events:
	  - when: id <> '' and
	    set:
	      type: "'calll'"
	      time: time(att)
	      text: lower(id
	      session: id || now()
	      channel: "'fone'"
	EOF2
	run --separate-stderr jnorm --check bad.yaml
	[ "$status" -eq 1 ]
	[[ $output == *'bad.yaml:6:'*': the expression breaks off'* ]]
	[[ $output == *'bad.yaml:10:13: a parenthesis that is not closed'* ]]
	[[ $output == *'bad.yaml:11:22: no such function: now'* ]]
	[[ $output == *'bad.yaml:8:13: note: the ontology has no type calll'* ]]
	[[ $output == *'bad.yaml:12:16: note: the ontology has no channel fone'* ]]
	[[ $output == *"note: the header must have, beside what \`match\` asks for: att"* ]]
}

@test "jnorm --check tells an unknown column of a JSON map, and is content with the shipped maps" {
	cat >bad.yaml <<-'EOF2'
	jtools: map/1
	name: bad
	format: json
	columns: {at: created}
	events: [{set: {type: "'visit'", time: time(att)}}]
	EOF2
	run --separate-stderr jnorm --check bad.yaml
	[ "$status" -eq 1 ]
	[[ $output == "bad.yaml:5:"*": no such column: att (did you mean at?)" ]]
	run --separate-stderr jnorm --check "$TOP"/ontology/adapters/*.yaml
	[ "$status" -eq 0 ]
	run ! grep -v 'note: the header must have' <<<"$output"
}

@test "jnorm --show-map prints a shipped map that works when it is named" {
	jnorm --show-map callcenter >mine.yaml
	cmp mine.yaml "$TOP/ontology/adapters/callcenter.yaml"
	run --separate-stderr jnorm --show-map whatsapp
	[ "$status" -eq 2 ]
	[[ $stderr == *"whatsapp is built in: it has no map"* ]]
	run --separate-stderr jnorm --show-map nothing
	[ "$status" -eq 2 ]
	[[ $stderr == *"no such format: nothing"* ]]
}

@test "jnorm --explain tells which number stands out so far that it may name nobody" {
	cat >calls.yaml <<-'EOF2'
	jtools: map/1
	name: calls
	format: csv
	match: {header: [at, who]}
	events: [{set: {type: "'call'", time: time(at), identifiers.crm: who}}]
	EOF2
	{
		echo at,who
		for i in {1..20}; do echo "2026-03-01T10:00:00Z,$i"; done
		for i in 1 2 2 2 2 2; do echo "2026-03-01T11:00:0${i}Z,unknown"; done
	} >calls.csv
	run --separate-stderr jnorm --explain calls.yaml calls.csv
	[[ $output == *"stands out  crm unknown in 6 events, the next one in 1"* ]]
	sed '/:02Z,unknown/d' calls.csv >few.csv
	run --separate-stderr jnorm --explain calls.yaml few.csv
	[[ $output != *"stands out"* ]]
	echo 'placeholders: {crm: [unknown]}' >>calls.yaml
	run --separate-stderr jnorm --explain calls.yaml calls.csv
	[[ $output != *"stands out"* ]]
}

@test "jnorm --explain tells which channels the ontology does not list" {
	cat >calls.yaml <<-'EOF2'
	jtools: map/1
	name: calls
	format: csv
	match: {header: [at, way]}
	events: [{set: {type: "'call'", time: time(at), channel: lower(way)}}]
	EOF2
	printf '%s\n' at,way 2026-03-01T10:00:00Z,Telefon 2026-03-01T11:00:00Z,Telefon 2026-03-01T12:00:00Z,E-Mail 2026-03-01T13:00:00Z,Voice >calls.csv
	run --separate-stderr jnorm --explain calls.yaml calls.csv
	[[ $output == *$'  channels    telefon (2 events), e-mail (1 events): not in the ontology,\n              which takes such a channel for asynchronous\n'* ]]
	sed -i '/Telefon\|E-Mail/d' calls.csv
	run --separate-stderr jnorm --explain calls.yaml calls.csv
	[[ $output != *"  channels "* ]]
}
