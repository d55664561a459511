#!/usr/bin/env bats
# jnorm on XML: what a user sees. Whole exports and what becomes of them: fixtures/jnorm/{sms-backup,freeswitch-xml}.*
bats_require_minimum_version 1.5.0
load helper

FIX="$TOP/fixtures/jnorm"

# A map for XML whose records lie at a path: xml_map PATH [MEMBER...]
xml_map() {
	cat >map.yaml <<-END
		jtools: map/1
		name: tests
		format: xml
		match: {root: log}
		records: $1
		columns: {kind: "#name", number: "@n", said: "#text", word: w.#text, second: "w[1].#text", first: "w[0].#text"}
		events:
		  - set:
		      type: "'message'"
		      time: "'2026-03-01T10:00:00Z'"
		      id: number
		      text: coalesce(said, word)
		      ext.kind: kind
	END
	shift
	printf '      %s\n' "$@" >>map.yaml
}

# number text, of each record
said() { jq -r '.id + " " + .data.text' <<<"$output" | tr '\n' ','; }

@test "the child elements of the element at a path are records, whatever their name" {
	xml_map log.day
	cat >a.xml <<-'END'
		<?xml version="1.0"?>
		<!DOCTYPE log SYSTEM "http://127.0.0.1:1/log.dtd">
		<log><head><x n="0">no</x></head>
		<day><a n="1">one</a><!-- <a n="9"/> --><b n="2"><![CDATA[<two>]]></b></day>
		<day><c n="3"><w>three</w></c></day>
		</log>
	END
	run --separate-stderr jnorm -m map.yaml a.xml
	[ "$status" -eq 0 ]
	[ "$(said)" = "1 one,2 <two>,3 three," ]
	[ "$(jq -r .data.ext.kind <<<"$output" | tr '\n' ' ')" = "a b c " ]
	[ "$(jq -c .data.origin.line <<<"$output" | tr '\n' ' ')" = "4 4 5 " ]
}

@test "records: . makes the root element the record" {
	xml_map .
	printf '<log n="1">one</log>\n' >a.xml
	printf '<?xml version="1.0"?><log n="2">two</log>\n<?xml version="1.0"?><log n="3">three</log>\n' >b.xml
	run --separate-stderr jnorm -m map.yaml a.xml b.xml
	[ "$(said)" = "1 one,2 two,3 three," ]
}

@test "an element that stands once is the first of its list, as one that repeats" {
	xml_map log 'ext.first: first' 'ext.second: second'
	printf '<log><a n="1"><w>x</w></a><a n="2"><w>y</w><v/><w>z</w></a></log>' >a.xml
	run --separate-stderr jnorm -m map.yaml a.xml
	[ "$(jq -c '[.data.ext.first, .data.ext.second]' <<<"$output" | tr '\n' ' ')" = '["x",null] ["y","z"] ' ]
}

@test "surrogate pairs become one character and what is no character goes" {
	xml_map log
	printf '<log><a n="1">&#55357;&#56842;&#xD83D;&#xDE0A;&#0;&#55357;.</a></log>' >a.xml
	run --separate-stderr jnorm -m map.yaml a.xml
	[ "$(said)" = "1 😊😊�.," ]
}

@test "the encoding is that of the declaration" {
	xml_map log
	printf '<?xml version="1.0" encoding="ISO-8859-1"?><log><a n="1">caf\xe9 \x93x\x94</a></log>' >a.xml
	printf '<?xml version="1.0" encoding="Shift_JIS"?><log><a n="2">\x83\x5c</a></log>' >b.xml
	printf '\xef\xbb\xbf<log><a n="3">caf\xc3\xa9</a></log>' >c.xml
	run --separate-stderr jnorm -m map.yaml a.xml b.xml c.xml
	[ "$status" -eq 0 ]
	[ "$(said)" = '1 café “x”,2 ソ,3 café,' ]
}

@test "UTF-16 is read where a byte order mark says so" {
	xml_map log
	printf '<?xml version="1.0" encoding="UTF-16"?><log><a n="1">café</a></log>' | iconv -f UTF-8 -t UTF-16 >a.xml
	run --separate-stderr jnorm -m map.yaml -f tests a.xml
	[ "$(said)" = "1 café," ]
}

@test "an encoding that cannot be read is told" {
	xml_map log
	printf '<?xml version="1.0" encoding="ISO-2022-JP"?><log><a n="1"/></log>' >a.xml
	printf '<?xml version="1.0"?><log><a n="1"/></log>' | iconv -t UTF-16LE >b.xml
	run --separate-stderr jnorm -m map.yaml -f tests a.xml b.xml
	[ "$status" -eq 2 ]
	[[ $stderr == *"a.xml:1: the encoding ISO-2022-JP cannot be read; convert it to UTF-8"* ]]
	[[ $stderr == *"b.xml:1: UTF-16 is not read; convert it to UTF-8"* ]]
}

@test "a record that is broken costs itself alone and is kept as it stood" {
	xml_map log
	{
		printf '<log>\n<a n="1">one</a>\n<a n=2>two</a>\n<a n="3">I <3 you</a>\n<a n="4"><i>four</a>\n'
		printf '<a n="5">caf\xe9</a>\n<a n="6">nul\0</a>\n<a n="7">seven</a>\n</log>\n'
	} >a.xml
	run --separate-stderr jnorm --reject dead -m map.yaml a.xml
	[ "$status" -eq 65 ]
	[ "$(said)" = "1 one,7 seven," ]
	[[ $stderr == *"a.xml:5: opening and ending tag mismatch: i and a"* ]]
	[[ $stderr == *"a.xml:6: not UTF-8"* ]]
	[[ $stderr == *"a.xml:7: a NUL byte"* ]]
	[[ $stderr == *"read 7 = written 2 + duplicates 0 + rejected 5"* ]]
	[ "$(jq -r .reason dead | sort -u)" = bad_row ]
	[ "$(jq -r 'select(.line == 4) | .raw' dead)" = '<a n="3">I <3 you</a>' ]
	[ "$(jq -r 'select(.line == 6) | .raw_base64' dead | base64 -d)" = "$(printf '<a n="5">caf\xe9</a>')" ]
	local line offset
	while read -r line offset; do
		[ "$offset" = "$(head -n $((line - 1)) a.xml | wc -c)" ]
	done < <(jq -r '"\(.line) \(.offset)"' dead)
}

@test "a document that ends in its middle gives what stands before, and status 2" {
	xml_map log
	printf '<log>\n<a n="1">one</a>\n<a n="2">tw' >a.xml
	run --separate-stderr jnorm --reject dead -m map.yaml a.xml
	[ "$status" -eq 2 ]
	[ "$(said)" = "1 one," ]
	[[ $stderr == *"a.xml:3: the document ends within an element; nothing behind it was read"* ]]
	[ "$(jq -r .raw dead)" = '<a n="2">tw' ]
}

@test "a document without the path is told" {
	xml_map log.day
	printf '<log><night/></log>' >a.xml
	run --separate-stderr jnorm -m map.yaml a.xml
	[ "$status" -eq 2 ]
	[[ $stderr == *"a.xml:1: the document has no element log.day"* ]]
}

@test "entities are refused, so that none can grow or fetch a file" {
	xml_map log
	{
		echo '<!DOCTYPE log [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">'
		echo "<!ENTITY f SYSTEM \"file://$PWD/secret\">"
		echo '<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p; <!-- it'"'"'s > -->]>'
		echo '<log><a n="1">&c;</a><a n="2">&f;</a><a n="3" x="&a;">x</a><a n="4">&lt;&amp;&gt;&quot;&apos;</a></log>'
	} >a.xml
	echo secret >secret
	run --separate-stderr jnorm -m map.yaml a.xml
	[ "$status" -eq 65 ]
	[ "$(said)" = "4 <&>\"'," ]
	[[ $stderr == *"a.xml:4: entity 'c' not defined"* ]]
	[[ $stderr == *"a.xml:4: entity 'f' not defined"* ]]
	[[ $stderr == *"a.xml:4: entity 'a' not defined"* ]]
}

@test "a record that is too long is kept to its last byte, and one too deep is told" {
	xml_map log
	{
		echo '<log><a n="1">one</a>'
		printf '<a n="2" b="'
		head -c 600000 /dev/zero | tr '\0' x
		printf '">\n<w>t</w></a>\n<a n="3">'
		for _ in $(seq 200); do printf '<b>'; done
		for _ in $(seq 200); do printf '</b>'; done
		echo '</a>'
		echo '<a n="4">four</a></log>'
	} >a.xml
	run --separate-stderr jnorm --max-line 64K --reject dead -m map.yaml a.xml
	[ "$status" -eq 65 ]
	[ "$(said)" = "1 one,4 four," ]
	[[ $stderr == *"a.xml:2: record too long (see --max-line)"* ]]
	[[ $stderr == *"a.xml:4: nested too deep"* ]]
	jq -r 'select(.reason == "too_long") | .raw_base64' dead | base64 -d | cmp - <(sed -n 2,3p a.xml | head -c -1)
	run --separate-stderr jnorm --max-line 1M -m map.yaml a.xml
	[ "$(said)" = "1 one,2 t,4 four," ]
}

@test "XML from a pipe gives what it gives from a file" {
	jnorm -q "$FIX/sms-backup.in" 2>/dev/null | sed 's/,"origin":.*//' >a || true
	jnorm -q - <"$FIX/sms-backup.in" 2>/dev/null | sed 's/,"origin":.*//' >b || true
	[ "$(wc -l <a)" -eq 8 ]
	cmp a b
}

@test "a message that stands twice in a backup, or in two backups, is one in the log" {
	sed 's/contact_name="Ana"/contact_name="Ana Silva"/; s/readable_date="[^"]*"/readable_date="Mar 3"/' "$FIX/sms-backup.in" >later.xml
	jnorm -q --region BR "$FIX/sms-backup.in" later.xml >both 2>/dev/null || true
	[ "$(wc -l <both)" -eq 16 ]
	run --separate-stderr jlog -d j.db append both
	[ "$status" -eq 0 ]
	[[ $stderr == *"read 16 = written 7 + duplicates 9 + rejected 0"* ]]
}

@test "a map that asks of XML what it cannot have is refused with its line" {
	xml_map log
	sed '/^records/d' map.yaml >a.yaml
	run jnorm -m a.yaml /dev/null
	[ "$status" -eq 2 ]
	[[ $output == *'a.yaml:1:1: XML needs `records`'* ]]
	sed 's/{root: log}/{header: [a]}/' map.yaml >b.yaml
	run jnorm -m b.yaml /dev/null
	[[ $output == *"b.yaml:4: header: only CSV is matched by a header"* ]]
	sed 's/format: xml/format: json/' map.yaml >c.yaml
	run jnorm -m c.yaml /dev/null
	[[ $output == *"c.yaml:4: root: only XML has a root element"* ]]
	sed 's/format: xml/format: yaml/' map.yaml >d.yaml
	run jnorm -m d.yaml /dev/null
	[[ $output == *'d.yaml:3:9: `format` must be csv, json or xml'* ]]
}

@test "XML is recognised by its root element and the children that a map names" {
	xml_map log
	sed 's/{root: log}/{root: log, keys: [a, b]}/; s/name: tests/name: narrow/' map.yaml >narrow.yaml
	printf '<log><a n="1">x</a><b n="2">y</b></log>' >a.xml
	printf '<log><a n="1">x</a></log>' >b.xml
	printf '<other><a n="1">x</a></other>' >c.xml
	jnorm -q -m narrow.yaml a.xml | grep -q '"source":"narrow/local"'
	run jnorm -q -m narrow.yaml b.xml
	[ "$status" -eq 65 ]
	run jnorm -q -m map.yaml c.xml
	[ "$status" -eq 65 ]
}

@test "an element of countless attributes is refused at once, and those beside it are read" {
	xml_map log
	attributes() { seq "$1" | sed 's/.*/b&="1"/' | paste -sd' '; }
	{
		echo "<log><a n=\"1\">one</a><a n=\"2\" $(attributes 900)>two</a>"
		for _ in 1 2 3 4; do echo "<a n=\"3\"><c $(attributes 80000)/></a>"; done
		echo '<a n="4">four</a></log>'
	} >a.xml
	run --separate-stderr bash -c 'ulimit -t 10; jnorm -m map.yaml a.xml'
	[ "$status" -eq 65 ]
	[ "$(said)" = "1 one,2 two,4 four," ]
	[[ $stderr == *"a.xml:2: too many attributes"*"rejected 4" ]]
}
