#!/usr/bin/env bats
# Journeys as the exports that companies have: the whole pipe reads them and finds what is true.
bats_require_minimum_version 1.5.0
load helper
# shellcheck source=test/gen/truth.bash
. "$BATS_TEST_DIRNAME/gen/truth.bash"

# Enough closed cases are reopened for the log to tell.
setup() { shop 's/^  reopen_recorded: .*/  reopen_recorded: 90/' >often.yaml; }

# piped ARGUMENT ...: exports into dir, which the pipe takes into j.db; what is read is all that was written, and in each chat its notice.
piped() {
	local chats=0

	jgen --to dir --truth truth.ndjson "$@" 2>told
	jnorm dir 2>summary >events.ndjson
	[ ! -d dir/whatsapp ] || chats=$(find dir/whatsapp -type f | wc -l)
	grep -q "read $(($(sed -n 's/^jgen: \([0-9]*\) records of .*/\1/p' told) + chats)) = written \([0-9]*\) + duplicates 0 + rejected 0" summary ||
		{ cat told summary; return 1; }
	as_planned events.ndjson | jlog append -q -d j.db >/dev/null
	jproject update -q -d j.db
}

# true_figures [METRIC]: the figures of j.db are those of truth.ndjson, and are some. Exports hold no labels, and in their texts are dates
# and amounts that the plan does not tell: what is said twice may be more, and contradict more. Chats and mails say no sentiment.
true_figures() {
	false_figures j.db truth.ndjson | grep -vE "^(repeated_question_rate|repeat_information_rate|recurring_questions${1:+|$1})\|" >differences || true
	[ ! -s differences ] || { head -n 20 differences; return 1; }
	same_questions j.db truth.ndjson
	[ "$(sqlite3 j.db 'SELECT count(*) FROM v_contact')" -gt 600 ]
	[ "$(sqlite3 j.db 'SELECT count(*) FROM v_switch')" -gt 15 ]
}

# said FOLDER: what people and bots said, and when, in words of one line.
said() { jnorm -q "$1" | jq -r 'select(.type == "message" and .actor != "system") | .time + " " + (.data.text | gsub("\\s+"; " "))' | sort -u; }

@test "the pipe finds in a CSV export the facts and figures that are true" {
	piped --scenario often.yaml --as csv -c 300 --seed 2
	true_figures
	false_facts j.db truth.ndjson >differences
	[ ! -s differences ] || { head -n 20 differences; false; }
}

@test "the pipe finds in a JSON export the facts and figures that are true" {
	piped --scenario often.yaml --as json -c 300 --seed 8
	true_figures
	false_facts j.db truth.ndjson >differences
	[ ! -s differences ] || { head -n 20 differences; false; }
}

@test "the pipe finds the true figures in chats, a mailbox and a CSV file" {
	piped --scenario often.yaml --as whatsapp --as mbox --as csv -c 300 --seed 4
	true_figures sentiment
	[ "$(jq -r 'select(.data.text).origin // .data.origin.file | sub("/[^/]*.txt"; "")' events.ndjson | sort -u)" = 'dir/journey.csv
dir/mail.mbox
dir/whatsapp' ]
}

@test "the pipe finds the true figures in chats, a mailbox and a JSON document, where much comes late and twice" {
	sed -e 's/^  late: .*/  late: 50/' -e 's/^  late_by: .*/  late_by: [1s, 9h, 6d, 20d]/' -e 's/^  duplicated: .*/  duplicated: 15/' often.yaml >late.yaml
	piped --scenario late.yaml --as whatsapp,mbox,json -c 300 --seed 5
	true_figures sentiment
	[ "$(grep '^Message-ID' dir/mail.mbox | sort | uniq -d | wc -l)" -gt 50 ]
}

@test "an account and names with blanks, marks and quotes are us all the same" {
	sed -e "s/^account: .*/account: O'Neil \& Cia/" -e 's/^agents: .*/agents: [ana maria, João P., "Zoë #1"]/' -e 's/bot: 0, export: mbox/bot: 40, export: mbox/' often.yaml >odd.yaml
	piped --scenario odd.yaml --as whatsapp,mbox,csv -c 300 --seed 6
	true_figures sentiment
	[ "$(jq -r .source events.ndjson | sort -u | grep -c "/O'Neil & Cia\$")" -gt 3 ]
}

@test "the same is said in every format" {
	jgen -q -c 200 --as csv --to table
	jgen -q -c 200 --as json --to document
	jgen -q -c 200 --as whatsapp,mbox,json --to all
	said table >a
	said document >b
	said all >c
	[ "$(wc -l <a)" -gt 800 ]
	cmp a b
	cmp a c
}

@test "exports are as people and programs write them" {
	jgen -q -c 400 --as whatsapp,mbox,csv --to dir
	jnorm -q dir >events.ndjson
	grep -qE '^(On|Em) .*, .* <.*> (wrote|escreveu):$' dir/mail.mbox
	grep -q '^> ' dir/mail.mbox
	grep -q '^-- $' dir/mail.mbox
	grep -q '^Subject: Re: =?UTF-8?Q?' dir/mail.mbox
	grep -q '^Content-Transfer-Encoding: quoted-printable' dir/mail.mbox
	grep -qE '^(From|To): .*<[A-Z0-9.]*@MAIL.EXAMPLE>' dir/mail.mbox
	run ! grep -qE '^> |iPhone|(wrote|escreveu):$' <(jq -r .data.text events.ndjson)
	grep -qhE '^\[[0-9]{2}/[0-9]{2}/2026, [0-9:]{8}\] ' dir/whatsapp/*
	grep -qhE '^\[2026-[0-9]{2}-[0-9]{2}, [0-9:]{8}\] ' dir/whatsapp/*
	find dir/whatsapp | grep -q 'WhatsApp Chat with '
	find dir/whatsapp | grep -q 'Conversa do WhatsApp com '
	[ "$(jq -r 'select(.data.text) | .data.text | select(contains("\n")) | 1' events.ndjson | wc -l)" -gt 20 ]
	grep -q '+55 ([0-9][0-9]) [0-9]*-' dir/journey.csv
	[ "$(jq -r '.data.identifiers[]? | select(.kind == "phone").value' events.ndjson | grep -vcE '^\+[0-9]{11,14}$')" = 0 ]
	[ "$(jq -r '.data.identifiers[]? | select(.kind == "email").value' events.ndjson | grep -c '[A-Z]')" = 0 ]
	[ -z "$(jq -c '.data | select(.intent or .signals or .asks or .entities)' events.ndjson)" ]
}

@test "the same seed gives the same bytes of exports" {
	jgen -q -c 80 --as whatsapp,mbox,csv --to a --seed 9
	jgen -q -c 80 --as whatsapp --as mbox --as csv --to b --seed 9 --truth t
	diff -r a b
	jgen -q -c 80 --as whatsapp,mbox,csv --to c --seed 10
	run -1 diff -rq a c
}

@test "records that no format carries are counted and told" {
	jgen -c 100 --as csv --to all 2>all.err
	jgen -c 100 --as whatsapp --as mbox --to some 2>some.err
	[ "$(ls some)" = 'company.yaml
mail.mbox
whatsapp' ]
	left=$(sed -n 's/^jgen: \([0-9]*\) records of other channels were left out$/\1/p' some.err)
	[ "$left" -gt 100 ]
	run ! grep -q 'left out' all.err
	[ -z "$(jgen -q -c 5 --as mbox --to other 2>/dev/null)" ]
}

@test "a format that is none, one behind a table, and a folder without formats are refused" {
	run -2 jgen --as csv
	[ "$output" = 'jgen: exports need both --as FORMAT and --to DIR' ]
	run -2 jgen --to dir
	run -2 jgen --as paper --to dir
	[ "$output" = 'jgen: --as: paper is no format of exports' ]
	run -2 jgen --as csv,whatsapp --to dir
	[ "$output" = 'jgen: --as: csv carries every record: whatsapp behind it would be empty' ]
	jgen --show | sed 's/session: [a-z]*/session: contact/; s/^clock:/instant: true\nclock:/' >instant.yaml
	run -2 jgen --scenario instant.yaml --as mbox --to dir
	[ "$output" = 'jgen: a mailbox cannot tell the order of what happens at once' ]
	[ ! -e dir ]
}

@test "a folder that is not empty or cannot be made is left as it is" {
	mkdir full
	touch full/a file
	run -2 jgen -c 3 --as csv --to full
	[ "$output" = 'jgen: full: the folder is not empty' ]
	[ "$(ls full)" = a ]
	run -2 jgen -c 3 --as csv --to no/such
	[ "$output" = 'jgen: no/such: No such file or directory' ]
	run -2 jgen -c 3 --as csv --to file
	[ "$output" = 'jgen: file: Not a directory' ]
	mkdir empty
	jgen -q -c 3 --as csv --to empty
	[ -s empty/journey.csv ]
}

@test "a disk that is full stops jgen and names the file" {
	local format

	for format in whatsapp mbox csv json; do
		rm -rf dir
		run -2 bash -c "ulimit -f 1; trap '' XFSZ; jgen -q -c 300 --as $format --to dir"
		[[ $output == "jgen: dir/"*": File too large" ]] || { echo "$output"; false; }
	done
}
