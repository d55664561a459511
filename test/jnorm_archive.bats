#!/usr/bin/env bats
# jnorm: archives and compressed files, hostile ones too, and --sort over all inputs. test/pack.py makes the archives.
bats_require_minimum_version 1.5.0
load helper

setup() {
	command -v python3 >/dev/null || skip "no python3"
}

pack() {
	python3 "$TOP/test/pack.py" "$@"
}

# lume ARGUMENT...: the records; what was said is in the file err
lume() {
	jnorm --self "Lume Casa" --tz UTC "$@" 2>err
}

# chat FIRST LAST: message after message, two a minute
chat() {
	awk -v a="$1" -v b="$2" 'BEGIN { for (i = a; i < b; i++)
		printf "%02d/%02d/2020, %02d:%02d - %s: message %d\n", int(i / 2 / 60 / 20) % 28 + 1,
			int(i / 2 / 60 / 20 / 28) % 12 + 1, int(i / 2 / 60) % 20, int(i / 2) % 60,
			(i % 3 ? "+55 11 91234-5601" : "Lume Casa"), i }'
}

call() {
	printf 'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>%s\n' "$1"
}

# A folder with a chat, a call and a table of records, and all entries of it in the order of names.
folder() {
	mkdir -p d/b
	chat 0 5 >d/a.txt
	call hello >d/b/2026-03-05T14-02-10_call-7.vtt
	chat 5 9 | lume - >d/c.ndjson
	entries=(d/ d/a.txt d/b/ d/b/2026-03-05T14-02-10_call-7.vtt d/c.ndjson)
}

# said TEXT: whether it was said, and how often
said() {
	grep -cF -- "$1" err
}

@test "an archive of any kind gives what its folder gives" {
	folder
	lume d >want
	[ "$(wc -l <want)" -eq 10 ]
	for kind in zip tar tar.gz tgz tar.bz2 tar.xz; do
		pack "x.$kind" "${entries[@]}"
		lume "x.$kind" | sed "s|\"file\":\"x.$kind/|\"file\":\"|" >got
		diff want got || { echo "$kind"; return 1; }
	done
}

@test "an archive is known by its content, whatever it is called, and from a pipe" {
	folder
	lume d | jq -c 'del(.data.origin)' >want
	for kind in zip tar tar.gz; do
		pack "x.$kind" "${entries[@]}"
		mv "x.$kind" "called $kind"
		lume "called $kind" | jq -c 'del(.data.origin)' | diff want -
		# shellcheck disable=SC2002 # a pipe is meant
		cat "called $kind" | lume | tee piped | jq -c 'del(.data.origin)' | diff want -
		grep -qF '"origin":{"file":"<stdin>/d/a.txt","line":1}' piped
	done
}

@test "entries are read in the order in which they stand, the same at every run" {
	chat 0 2 >c
	pack x.zip z.txt=c a.txt=c m/b.txt=c
	lume x.zip >one
	lume x.zip | cmp one -
	[ "$(jq -r .data.origin.file one | uniq | tr '\n' ' ')" = "x.zip/z.txt x.zip/a.txt x.zip/m/b.txt " ]
}

@test "archives within a walked folder are read in their place" {
	mkdir f
	chat 0 2 >f/a.txt
	chat 2 4 >c
	pack f/b.tgz in.txt=c
	chat 4 6 >f/c.txt
	lume f | jq -r .data.origin.file | uniq >got
	[ "$(tr '\n' ' ' <got)" = "f/a.txt f/b.tgz/in.txt f/c.txt " ]
}

@test "a compressed file is its content under its name without the suffix" {
	call hello >2026-03-05T14-02-10_call-7.vtt
	lume 2026*.vtt >want
	grep -q '"session":"call-7"' want
	for kind in gz bz2 xz zst; do
		pack "2026-03-05T14-02-10_call-7.vtt.$kind" 2026-03-05T14-02-10_call-7.vtt
		lume "2026-03-05T14-02-10_call-7.vtt.$kind" | diff want - || { echo "$kind"; return 1; }
	done
}

@test "a compressed stream of records passes unchanged" {
	chat 0 3000 | lume - >records
	pack records.gz records
	pack records.zst records
	jnorm -q records.gz | cmp records -
	jnorm -q records.zst | cmp records -
	jnorm -q - <records.gz | cmp records -
}

@test "-f reads all entries as the format that it names" {
	printf '2026-02-25 10:00:00 Ana: hi\n' >log
	pack x.zip a.log=log b/c.log=log
	run jnorm -q x.zip
	[ "$status" -eq 65 ]
	[ "$(jnorm -q -f whatsapp --self us x.zip | grep -c '"name":"Ana"')" -eq 2 ]
}

@test "the export of a chat as iOS zips it is known by the archive's name" {
	printf '[25/02/2026, 10:00:0%d] %s: hi\n' 0 Ana 1 Rui 2 "Lume Casa" >c
	pack "WhatsApp Chat - Our Team.zip" _chat.txt=c
	lume "WhatsApp Chat - Our Team.zip" | jq -r .session | sort -u >got
	[ "$(cat got)" = "Our Team" ]
}

@test "a transcript that does not say when it began takes its entry's time, marked" {
	call hello >v
	for kind in zip tar.gz; do
		pack "x.$kind" call.vtt=v
		lume "x.$kind" | grep -q '"time":"2026-01-02T03:04:05.000Z".*"time_assumed":"mtime"'
	done
}

@test "a Maildir in an archive is read as mails" {
	local maildir=$TOP/fixtures/jnorm/mail/maildir list=() f
	for f in "$maildir"/{cur,new}/*; do
		list+=("Mail${f#"$maildir"}=$f")
	done
	printf 'no mail that anything would know\n' >odd
	lume "$maildir" | jq -c 'del(.data.origin, .data.order)' >want
	[ -s want ]
	for kind in tar.gz zip; do
		pack "m.$kind" "${list[@]}"
		lume "m.$kind" | jq -c 'del(.data.origin, .data.order)' | diff want -
	done
	# One that is nothing else is a mail that is refused, as it is in a folder.
	pack odd.zip Mail/cur/1.x=odd
	run lume odd.zip
	[ "$status" -eq 65 ]
	[ "$(said 'rejected 1')" -eq 1 ]
}

@test "hidden names, folders and what a system adds are passed over" {
	chat 0 2 >c
	pack x.zip a.txt=c .b.txt=c .git/c.txt=c __MACOSX/._a.txt=c ./d.txt=c e/ e/.hidden/f.txt=c
	lume x.zip | jq -r .data.origin.file | uniq >got
	[ "$(tr '\n' ' ' <got)" = "x.zip/a.txt x.zip/d.txt " ]
	[ "$(said 'x.zip')" -eq 0 ]
}

@test "an archive within an archive is read, one within that is told and not read" {
	chat 0 2 >c
	pack in.tar.gz deep.txt=c
	pack more.txt.gz c
	pack mid.zip in.tar.gz more.txt.gz a.txt=c
	lume mid.zip | jq -r .data.origin.file | uniq >got
	[ "$(tr '\n' ' ' <got)" = "mid.zip/in.tar.gz/deep.txt mid.zip/more.txt mid.zip/a.txt " ]
	pack top.tar mid.zip b.txt=c
	run lume top.tar
	[ "$status" -eq 2 ]
	[ "$(said 'jnorm: top.tar/mid.zip/in.tar.gz: not read: archives lie in one another more than 2 deep')" -eq 1 ]
	[ "$(said 'read 4 = written 4 + duplicates 0 + rejected 0 (0 empty, 2 inputs not read)')" -eq 1 ]
}

@test "maps and profiles within an archive are not used, and it is told once" {
	printf 'when,who,said\n2026-01-02T03:04:05Z,ana@example.org,hello\n' >t.csv
	cat >z.yaml <<-'END'
		jtools: map/1
		name: desk
		format: csv
		match: {header: [when, who, said]}
		events:
		  - set: {type: "'message'", time: 'time("when")', text: said}
	END
	printf 'jtools: profile/1\naccount: stranger\n' >p.yaml
	chat 0 2 >c.txt
	pack x.zip z.yaml p.yaml t.csv c.txt
	run lume x.zip
	[ "$status" -eq 65 ]
	[ "$(said 'not used: maps and profiles are not taken from archives')" -eq 1 ]
	[ "$(said 'x.zip/t.csv: not an export that jnorm knows')" -eq 1 ]
	[[ $output != *stranger* ]]
	lume x.zip -m z.yaml | grep -q '"source":"desk/local"'
	# One of our own files that is wrong is no reason to stop, where it is a stranger's.
	printf 'jtools: map/1\nnonsense: 1\n' >z.yaml
	pack y.zip z.yaml c.txt
	lume y.zip >/dev/null
}

@test "an archive without entries is empty" {
	pack none.zip
	pack none.tar.gz
	: >nothing
	pack nothing.txt.gz nothing
	lume none.zip none.tar.gz nothing.txt.gz
	[ "$(said ': empty')" -eq 3 ]
	[ "$(said '(3 empty, 0 inputs not read)')" -eq 1 ]
}

@test "a document that is a zip within is one input that is no export" {
	: >x
	pack report.docx.zip '[Content_Types].xml=x' word/document.xml=x
	mv report.docx.zip report.docx
	run lume report.docx
	[ "$status" -eq 65 ]
	[ "$(said report.docx)" -eq 1 ]
}

# ---- hostile ones ----

# A message that compresses to a thousandth.
LONG=$'25/02/2026, 10:00 - Ana: hi\n25/02/2026, 10:01 - Ana: a*120000000'

# What lies here and in the folders above that the test made, by name and size, but for what it writes itself.
seen() {
	find ../../../.. -type f ! -name err ! -name 'seen.*' -printf '%p %s\n' | sort
}

@test "names that climb or begin at the root are only names" {
	mkdir -p top/a/b/c/d
	cd top/a/b/c/d
	chat 0 2 >c
	pack x.tar ../../../climb.txt=c /tmp/jnorm-absolute.txt=c a/../../b.txt=c
	pack x.zip ../../../climb.txt=c /tmp/jnorm-absolute.txt=c a/../../b.txt=c
	seen >seen.before
	for f in x.tar x.zip; do
		lume "$f" | jq -r .data.origin.file | uniq >seen.names
		[ "$(tr '\n' ' ' <seen.names)" = "$f/../../../climb.txt $f/tmp/jnorm-absolute.txt $f/a/../../b.txt " ]
	done
	seen >seen.after
	cmp seen.before seen.after
	[ ! -e /tmp/jnorm-absolute.txt ]
}

@test "links and devices are noted and not followed" {
	chat 0 2 >c
	pack x.tar l.txt@/etc/passwd a.txt=c null!
	pack x.zip l.txt@/etc/passwd a.txt=c
	for f in x.tar x.zip; do
		lume "$f" >out
		[ "$(wc -l <out)" -eq 2 ]
		[ "$(said "$f/l.txt: skipped: a link or a device")" -eq 1 ]
	done
	lume x.tar >/dev/null
	[ "$(said "x.tar/null: skipped: a link or a device")" -eq 1 ]
}

@test "names in any script are kept, and one that would command a terminal is mended" {
	chat 0 2 >c
	echo odd >odd
	pack x.tar $'a\033[2J.txt=odd' 'ação.txt=c'
	run -65 lume x.tar
	[ "$(said 'jnorm: x.tar/a?[2J.txt: not an export')" -eq 1 ]
	pack x.zip 'ação.txt=c'
	for kind in tar zip; do
		LC_ALL=C jnorm -q "x.$kind" | jq -r .data.origin.file | uniq | grep -qx "x.$kind/ação.txt"
	done
}

@test "a zip bomb is refused with its reason, and other inputs are read" {
	chat 0 2 >a.txt
	pack bomb.zip b.txt="$LONG" c.txt=a.txt
	[ "$(stat -c %s bomb.zip)" -lt 1000000 ]
	run lume bomb.zip a.txt
	[ "$status" -eq 2 ]
	[ "$(said 'jnorm: bomb.zip/b.txt: refused: bomb.zip expands to more than 256 times its size (the rest of the archive is not read)')" -eq 1 ]
	[ "$(said 'read 2 = written 2 + duplicates 0 + rejected 0 (0 empty, 1 inputs not read)')" -eq 1 ]
}

@test "a bomb in an entry that nobody reads is found as well" {
	chat 0 2 >a.txt
	pack bomb.tar.gz .hidden="$LONG" a.txt
	run lume bomb.tar.gz
	[ "$status" -eq 2 ]
	[ "$(said 'jnorm: bomb.tar.gz: refused: bomb.tar.gz expands to more than 256 times its size')" -eq 1 ]
	[ -z "$output" ]
}

@test "a compressed file that is a bomb is read as far as it may be" {
	pack bomb.txt.gz b="$LONG"
	run lume bomb.txt.gz
	[ "$status" -eq 2 ]
	[ "$(said 'jnorm: bomb.txt: refused: bomb.txt.gz expands to more than 256 times its size')" -eq 1 ]
}

@test "bombs within an archive count together" {
	local n list=()
	pack in.zip b.txt="${LONG/12/4}"
	for n in 1 2 3 4; do
		cp in.zip "$n.zip"
		list+=("$n.zip")
	done
	run -65 lume in.zip
	pack out.zip "${list[@]}"
	run lume out.zip
	[ "$status" -eq 2 ]
	[ "$(said 'refused: out.zip expands to more than 256 times its size')" -eq 1 ]
}

# spoil FILE FIND BYTES: writes the bytes (in hexadecimal) over what begins with these
spoil() {
	python3 - "$@" <<-'END'
		import sys
		path, find, to = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
		data = bytearray(open(path, "rb").read())
		at = data.index(find)
		data[at:at + len(to)] = to
		open(path, "wb").write(data)
	END
}

@test "an encrypted entry is told as unread, the others are read" {
	chat 0 2 >c
	pack x.zip a.txt=c secret.txt=c z.txt=c
	# The bit that says so, in the entry and in the directory.
	python3 - <<-'END'
		data = bytearray(open("x.zip", "rb").read())
		for magic, flags, name in ((b"PK\3\4", 6, 30), (b"PK\1\2", 8, 46)):
		    at = data.index(b"secret.txt", data.index(magic)) if magic == b"PK\3\4" else data.rindex(b"secret.txt")
		    data[at - name + flags] |= 1
		open("x.zip", "wb").write(data)
	END
	run lume x.zip
	[ "$status" -eq 2 ]
	[ "$(said 'jnorm: x.zip/secret.txt: encrypted')" -eq 1 ]
	[ "$(said 'read 4 = written 4 + duplicates 0 + rejected 0 (0 empty, 1 inputs not read)')" -eq 1 ]
}

@test "a damaged entry of a zip is told as unread, the others are read" {
	chat 0 200 >c
	pack x.zip a.txt=c bad.txt=c z.txt=c
	python3 - <<-'END'
		data = bytearray(open("x.zip", "rb").read())
		at = data.index(b"bad.txt") + 20
		data[at:at + 200] = b"\xff" * 200
		open("x.zip", "wb").write(data)
	END
	run lume x.zip
	[ "$status" -eq 2 ]
	[ "$(grep -c '^jnorm: x.zip/bad.txt: ' err)" -eq 1 ]
	[ "$(said 'read 400 = written 400 + duplicates 0 + rejected 0 (0 empty, 1 inputs not read)')" -eq 1 ]
}

@test "an entry whose checksum is wrong is told as unread, the others are read" {
	chat 0 200 >c
	pack x.zip a.txt=c bad.txt=c z.txt=c
	python3 - <<-'END'
		import zipfile
		crc = zipfile.ZipFile("x.zip").getinfo("bad.txt").CRC.to_bytes(4, "little")
		data = bytearray(open("x.zip", "rb").read())
		for name, before in ((data.index(b"bad.txt"), 16), (data.rindex(b"bad.txt"), 30)):
		    assert data[name - before:name - before + 4] == crc
		    data[name - before] ^= 1
		open("x.zip", "wb").write(data)
	END
	run lume x.zip
	[ "$status" -eq 2 ]
	[ "$(grep -c '^jnorm: x.zip/bad.txt: ' err)" -eq 1 ]
	[ "$(said 'written 400')" -eq 1 ]
}

@test "archives that are cut off are read as far as they go, told, and are status 2" {
	local kind
	python3 -c '
import random
random.seed(1)
for i in range(20000):
    print("%02d/%02d/2020, 10:%02d - Ana: %x" % (i // 3000 + 1, 1, i % 60, random.getrandbits(200)))' >c
	for kind in zip tar tar.gz; do
		pack "x.$kind" a.txt=c b.txt=c
		head -c $(($(stat -c %s "x.$kind") * 3 / 4)) "x.$kind" >"cut.$kind"
		run lume "cut.$kind"
		[ "$status" -eq 2 ]
		[ "$(grep -c "^jnorm: cut.$kind/b.txt: " err)" -eq 1 ] || { cat err; return 1; }
		[ "$(said '(the rest of the archive is not read)')" -eq 1 ]
		[ "$(said 'read 20000 = written 20000 + duplicates 0 + rejected 0')" -eq 1 ]
	done
	pack records.gz c
	head -c 500000 records.gz >cut.txt.gz
	run lume cut.txt.gz
	[ "$status" -eq 2 ]
	[ "$(grep -c "^jnorm: cut.txt: " err)" -eq 1 ]
}

@test "a header of a tar that makes no sense is told, the other entries are read" {
	chat 0 2 >c
	pack x.tar a.txt=c b.txt=c z.txt=c
	python3 - <<-'END'
		data = bytearray(open("x.tar", "rb").read())
		at = data.index(b"b.txt")
		data[at:at + 512] = b"?" * 512
		open("x.tar", "wb").write(data)
	END
	run lume x.tar
	[ "$status" -eq 2 ]
	[ "$(said 'jnorm: x.tar: damaged: not all of it could be read')" -eq 1 ]
	[ "$(said 'written 4')" -eq 1 ]
}

@test "what only begins like an archive is told" {
	printf 'PK\003\004 and so on' >a.zip
	printf '\037\213\010 and so on' >b.gz
	chat 0 2 >c.txt
	run lume a.zip b.gz c.txt
	[ "$status" -eq 2 ]
	[ "$(grep -cE '^jnorm: (a.zip|b.gz): ' err)" -eq 2 ]
	[ "$(said 'written 2')" -eq 1 ]
}

# ---- --sort ----

# By time, equal ones as they came: jq sorts stably.
sorted() {
	jq -sc 'sort_by(.time)[]' "$@"
}

@test "--sort merges all inputs by time, equal times as they came" {
	folder
	chat 3 30 >e.txt
	printf 'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>tie\n' >2020-01-01T00-00-59_tie.vtt
	pack x.zip e.txt d/c.ndjson
	lume e.txt x.zip d 2020*.vtt >as_read
	lume --sort e.txt x.zip d 2020*.vtt >got
	sorted as_read | cmp - <(jq -c . got)
	run -1 cmp -s as_read got
	[ "$(jq -r .time got | uniq -d | wc -l)" -gt 1 ]
	[ "$(sort as_read)" = "$(sort got)" ]
	# Its own output is in order.
	lume --sort got | cmp got -
}

@test "--sort changes neither the account nor what is refused" {
	{
		echo 'nobody wrote this'
		echo '25/02/2026, 10:00 - Ana: hi'
		echo '30/02/2026, 10:01 - Ana: no such day'
		echo '25/02/2026, 09:00 - Ana: before'
	} >c.txt
	run lume --reject plain c.txt none.txt
	[ "$status" -eq 2 ]
	grep read err >want
	run lume --sort --reject sorted c.txt none.txt
	[ "$status" -eq 2 ]
	cmp plain sorted
	grep read err | diff want -
	[ "$(jq -r .data.text <<<"$output" | tr '\n' ' ')" = "before hi " ]
}

@test "--sort orders by the instant, not by the text of the time" {
	local n
	for n in 2026-01-02T03:04:05+02:00 2026-01-02T02:04:05Z 2026-01-02T01:04:05.5Z 2025-12-31T23:00:00-05:00; do
		printf '{"specversion":"1.0","id":"%s","source":"s","type":"message","time":"%s"}\n' "$n" "$n"
	done >r
	[ "$(jnorm -q --sort r | jq -r .time | tr '\n' ' ')" = \
		"2025-12-31T23:00:00-05:00 2026-01-02T03:04:05+02:00 2026-01-02T01:04:05.5Z 2026-01-02T02:04:05Z " ]
}

@test "--sort of many records needs little memory and loses none" {
	chat 0 100000 >a.txt
	chat 50000 150000 >b.txt
	pack c.zip b.txt a.txt
	lume a.txt c.zip >as_read
	[ "$(wc -l <as_read)" -eq 300000 ]
	local timed=()
	[ ! -x /usr/bin/time ] || timed=(/usr/bin/time -f %M -o kb)
	"${timed[@]}" jnorm --sort --self "Lume Casa" --tz UTC a.txt c.zip >got 2>err
	[ "$(said 'read 300000 = written 300000 ')" -eq 1 ]
	python3 - <<-'END'
		import json
		want = sorted(open("as_read"), key=lambda line: json.loads(line)["time"])
		assert want == list(open("got"))
	END
	[ ${#timed[@]} -gt 0 ] || skip "no time(1)"
	! sanitized || skip "the sanitizer's own memory grows"
	[ "$(tail -1 kb)" -lt 65536 ]
}

@test "--sort without room for its files is told, and nothing counts as written" {
	chat 0 50000 >a.txt
	TMPDIR=$PWD/none run lume --sort a.txt
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[ "$(said 'No such file or directory')" -eq 1 ]
	[ "$(said 'read 0 = written 0 + duplicates 0 + rejected 0')" -eq 1 ]
}

@test "--sort to a full disk is status 2, and what did not arrive is not counted" {
	[ -e /dev/full ] || skip "no /dev/full"
	chat 0 50 >a.txt
	run bash -c 'jnorm --sort --self "Lume Casa" a.txt >/dev/full'
	[ "$status" -eq 2 ]
	[[ $output == *"read 0 = written 0 + duplicates 0 + rejected 0"* ]]
}
