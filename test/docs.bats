#!/usr/bin/env bats
# What the manual says is what the commands do: names of options and verbs, examples that run, pages without faults.
load helper

DOC="$TOP/doc"

commands() {
	local c

	for c in "$TOP"/cmd/j*.c; do
		basename "$c" .c
	done
}

# "--long -x", or "--long -" where there is no letter: as the command's table says.
words_options() {
	"$1" --words | awk '$1 == "option" { print $2, $3 }' | sort
}

words_verbs() {
	"$1" --words | awk '$1 == "verb" { print $2 }' | sort
}

help_options() {
	"$1" --help | sed -nE 's/^  -(.), (--[a-z-]+).*/\2 -\1/p; s/^      (--[a-z-]+).*/\1 -/p' | sort
}

help_verbs() {
	"$1" --help | awk '/^  [a-z]/ { print $1 }' | sort
}

# The lines of one section of a page: section PAGE NAME
section() {
	awk -v name="$2" '/^\.Sh / { inside = $0 == ".Sh " name; next } inside' "$1"
}

page_options() {
	section "$DOC/$1.1" OPTIONS | awk '/^\.It Fl / {
		long = ""
		letter = "-"
		for (i = 1; i < NF; i++) {
			if ($i != "Fl")
				continue
			if ($(i + 1) ~ /^-/)
				long = "-" $(i + 1)
			else
				letter = "-" $(i + 1)
		}
		print long, letter
	}' | sort
}

page_verbs() {
	section "$DOC/$1.1" VERBS | awk '/^\.It Cm / { print $3 }' | sort
}

# Every option or verb that the synopsis of a page names, without its value.
synopsis_options() {
	section "$DOC/$1.1" SYNOPSIS | grep -oE 'Fl -?[a-zA-Z][a-z-]*' | sed 's/^Fl /-/' | sort -u
}

# The n-th example of a page, as a shell reads it: example PAGE N
example() {
	section "$1" EXAMPLES | awk -v n="$2" '/^\.Bd -literal/ { at++; inside = 1; next } /^\.Ed/ { inside = 0 }
		inside && at == n' | sed 's/\\e/\\/g; s/\\&//g'
}

examples() {
	section "$1" EXAMPLES | grep -c '^\.Bd -literal'
}

@test "help text and manual name the options that each command takes" {
	local c

	for c in $(commands); do
		words_options "$c" >taken
		help_options "$c" >helped
		page_options "$c" >written
		diff taken helped || { echo "$c --help"; return 1; }
		diff taken written || { echo "$c(1)"; return 1; }
	done
}

@test "help text and manual name the verbs that each command takes" {
	local c

	for c in $(commands); do
		words_verbs "$c" >taken
		help_verbs "$c" >helped
		page_verbs "$c" >written
		diff taken helped || { echo "$c --help"; return 1; }
		diff taken written || { echo "$c(1)"; return 1; }
	done
}

@test "the synopsis of a page names no option that the command does not take" {
	local c o

	for c in $(commands); do
		words_options "$c" | tr ' ' '\n' >taken
		for o in $(synopsis_options "$c"); do
			grep -qxe "$o" taken || { echo "$c(1): $o"; return 1; }
		done
	done
}

@test "every command has a page with its exit codes, its options and examples" {
	local c s

	for c in $(commands); do
		[ -f "$DOC/$c.1" ] || { echo "no $c(1)"; return 1; }
		for s in DESCRIPTION OPTIONS ENVIRONMENT 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
			grep -qx ".Sh $s" "$DOC/$c.1" || { echo "$c(1): no $s"; return 1; }
		done
	done
}

@test "every example of the manual runs" {
	local page n i

	# What the pages of the ontology and of proofs show are files: below.
	for page in $(grep -lx '.Sh EXAMPLES' "$DOC"/*.[157] | grep -vE '/(jontology|jproof)\.5$'); do
		mkdir run
		cp -r "$TOP/fixtures" run/
		cd run
		n=$(examples "$page")
		[ "$n" -gt 0 ] || { echo "$page: no example"; return 1; }
		for ((i = 1; i <= n; i++)); do
			example "$page" "$i" >../example.sh
			bash -euo pipefail ../example.sh >../out 2>../err || {
				echo "$page, example $i: exit $?"
				cat ../example.sh ../err
				return 1
			}
		done
		cd ..
		rm -rf run
	done
}

@test "the tutorial and the README show what is printed" {
	local text

	for text in "$DOC/jtools.7" "$TOP/README"; do
		mkdir shown
		cp -r "$TOP/fixtures" shown/
		(cd shown && "$TOP/test/shown.py" "$text")
		rm -rf shown
	done
}

@test "a text that shows something else than what is printed is found" {
	printf 'Text.\n\n    $ echo one; echo two\n    one\n    ...\n\n    $ echo "as of 2026-01-01T00:00:00.000Z (2)"\n    %s\n' \
		'as of 2000-01-01T00:00:00.000Z (2)' >right
	"$TOP/test/shown.py" right
	sed 's/^    one$/    three/' right >wrong
	run "$TOP/test/shown.py" wrong
	[ "$status" -eq 1 ]
	sed 's/echo one/exit 3/' right >broken
	run "$TOP/test/shown.py" broken
	[ "$status" -eq 1 ]
}

# The first literal block of a page's section, as it is in a file: literal PAGE SECTION
literal() {
	section "$DOC/$1" "$2" | awk '/^\.Bd -literal/ && !n++ { inside = 1; next } /^\.Ed/ { inside = 0 } inside' |
		sed 's/\\e/\\/g; s/\\&//g'
}

@test "the files that section 5 shows are read by the commands that they are for" {
	literal jevent.5 DESCRIPTION | tr -d '\n' | jlog append -q
	literal jmap.5 DESCRIPTION >map.yaml
	jnorm -m map.yaml --formats | grep -q '^acme-calls '
	printf 'call_id,started,direction,caller,result,wait_s,talk_s,transferred_to,transferred_at\n%s\n' \
		'c1,02/03/2026 10:00:00,inbound,+5511912345601,answered,5,60,Bia,02/03/2026 10:01:00' >calls.csv
	[ "$(jnorm -q map.yaml calls.csv | wc -l)" -eq 2 ]
	literal jprofile.5 DESCRIPTION >profile.yaml
	jnorm -q --profile profile.yaml map.yaml calls.csv | grep -q '"source":"voice/lume"'
	literal jrules.5 DESCRIPTION >rules.yaml
	jroute check -r rules.yaml
	literal jstaffing.5 DESCRIPTION >staffing.yaml
	jroute simulate -r rules.yaml --staffing staffing.yaml --replications 2 >/dev/null
	literal jpolicy.5 DESCRIPTION >policies.yaml
	[ "$(jdecide check -p policies.yaml -o table | grep -cv 'no policy is about')" -eq 0 ]
	mkdir metrics ontology
	literal jmetric.5 DESCRIPTION >metrics/one.yaml
	jmetrics -q -o csv --metrics metrics repeat_contact_rate.same_channel >/dev/null
	example "$DOC/jontology.5" 2 >own.yaml
	mkdir own && mv own.yaml own/ontology.yaml
	jintent check -q --ontology own >checked || { cat checked; return 1; }
	cp "$TOP"/ontology/{ontology,channels,stages}.yaml ontology/
	literal jontology.5 EXAMPLES >ontology/more.yaml
	literal jevent.5 DESCRIPTION | tr -d '\n' | sed 's/Where is my refund/Order LC-10432 is late/' |
		jintent -q --ontology ontology | grep '"intent":"delivery.late"' | grep -q '"order":"LC-10432"'
}

@test "the proofs that jproof shows hold for the heads that it shows" {
	local i verify="$TOP/test/verify_proof.py"

	[ "$(examples "$DOC/jproof.5")" -eq 5 ]
	for ((i = 1; i <= 5; i++)); do
		example "$DOC/jproof.5" "$i" | tr -d '\n' >"$i"
	done
	"$verify" --head 2 3 4 5
	"$verify" --head 1 5
	run "$verify" --head 1 3
	[ "$status" -eq 1 ]
	sed 's/way/road/' 3 >changed
	run "$verify" --head 2 changed
	[ "$status" -eq 1 ]
}

@test "mandoc finds no fault in any page" {
	command -v mandoc >/dev/null || skip "no mandoc here"
	mandoc -T lint -W warning "$DOC"/*.[157]
}

@test "a page's name is its file's, and pages refer to pages that are there" {
	local page name n

	for page in "$DOC"/*.[157]; do
		name=$(basename "$page")
		n=${name##*.}
		name=${name%.*}
		grep -qixF ".Dt $name $n" "$page" || { echo "$page: .Dt"; return 1; }
		grep -qx ".Nm $name" "$page" || { echo "$page: .Nm"; return 1; }
		while read -r name n; do
			[ -f "$DOC/$name.$n" ] || { echo "$page: refers to $name($n)"; return 1; }
		done < <(sed -nE 's/.*Xr (j[a-z-]+) ([157]).*/\1 \2/p' "$page")
	done
}

@test "a page lists at its end, in order, all pages that it names, and the overview" {
	"$TOP/test/pages.py" references "$DOC"/*.[157]
}

@test "the options that most commands have are told in the same words everywhere" {
	"$TOP/test/pages.py" options "$DOC"/*.1
}

@test "the exit codes are told alike" {
	"$TOP/test/pages.py" codes "$DOC"/*.1
}

@test "a page that tells something otherwise than the others is found" {
	cp "$DOC"/*.[157] .
	sed -i 's/How long to wait for another writer/How long to wait for a writer/' jreport.1
	run "$TOP/test/pages.py" options ./*.1
	[ "$status" -eq 1 ]
	sed -i 's/^Another writer held the database/The database was held/' jdecide.1
	run "$TOP/test/pages.py" codes ./*.1
	[ "$status" -eq 1 ]
	sed -i '/^\.Xr jmap 5 ,$/d' jrules.5
	run "$TOP/test/pages.py" references ./*.[157]
	[ "$status" -eq 1 ]
}

@test "jevent tells every member of data that the record has a place for" {
	local m

	for m in $(sed -n '/define EVENT_DATA/,/^$/s/.*X([A-Z_]*, \([a-z_]*\)).*/\1/p' "$TOP/lib/core/event.h"); do
		grep -qE "^\.It .*\b$m\b" "$DOC/jevent.5" || { echo "$m"; return 1; }
	done
}

@test "jevent tells every type of the ontology" {
	local t

	for t in $(sed -nE 's/^ *- \{id: ([a-z.]+),.*/\1/p' "$TOP/ontology/types.yaml"); do
		grep -qE "^\.It .*\b$t( |$)" "$DOC/jevent.5" || { echo "$t"; return 1; }
	done
}

@test "jtools-facts tells every column of the views" {
	local view c

	command -v sqlite3 >/dev/null || skip "no sqlite3 here"
	printf '%s\n' '{"specversion":"1.0","id":"1","source":"a/b","type":"message","time":"2026-01-01T00:00:00Z"}' |
		jlog append -q
	for view in contact issue switch move; do
		for c in $(sqlite3 journey.db "SELECT name FROM pragma_table_info('v_$view')"); do
			[ "$c" = gen ] ||
				awk -v v="v_$view" '/^\.Ss / { inside = index($0, v) } inside' "$DOC/jtools-facts.7" |
				grep -qE "^\.It .*\b$c\b" || { echo "v_$view.$c"; return 1; }
		done
	done
	for view in event identity; do
		for c in $(sqlite3 journey.db "SELECT name FROM pragma_table_info('v_$view')"); do
			section "$DOC/jtools-facts.7" 'OTHER VIEWS' | awk -v v="v_$view" '/^\.It v_/ { inside = $2 == v } inside' |
				grep -qE "\b$c\b" || { echo "v_$view.$c"; return 1; }
		done
	done
}

@test "jrules tells every column that conditions may use" {
	local c

	for c in $(jroute --columns | sed '/^functions:/d' | awk '{ print $1 }' | sed 's/(.*//'); do
		grep -qE "^\.It .*\b$c\b" "$DOC/jrules.5" || { echo "$c"; return 1; }
	done
}

@test "jmap tells every function that expressions may use, and no other" {
	jroute --columns | sed -n 's/^functions: //p' | tr ' ' '\n' | sort >taken
	section "$DOC/jmap.5" EXPRESSIONS | sed -n '/^Functions of SQLite/{n;s/^\.Li //;s/ \.$//;s/ , /\n/g;p;}' | sort >written
	diff taken written
}

# The dimensions that a metric's fact has, as the refusal of another one says.
dimensions() {
	jmetrics --by nonesuch "$1" 2>&1 | sed -n 's/.* are //p' | sed 's/;.*//' | tr -d ',' | tr ' ' '\n'
}

@test "jmetrics(1) tells every dimension" {
	local m d

	printf '%s\n' '{"specversion":"1.0","id":"1","source":"a/b","type":"message","time":"2026-01-01T00:00:00Z"}' |
		jlog append -q
	section "$DOC/jmetrics.1" OPTIONS >options
	for m in contacts issues channel_switch_success repeat_information_rate recurring_questions commitments_kept_rate csat5 \
		opportunities conversion_by_channel.any consent_violation_rate handoff_completeness funnel contradiction_rate; do
		dimensions "$m" >taken
		[ -s taken ]
		for d in $(cat taken); do
			grep -qE "\b$d\b" options || { echo "$m: $d"; return 1; }
		done
	done
}

@test "jtools-metrics tells every metric" {
	local m

	for m in $(jmetrics --list | awk 'NR > 1 { print $1 }'); do
		grep -qE "\b${m//./\\.}\b" "$DOC/jtools-metrics.7" || { echo "$m"; return 1; }
	done
}

@test "the news begin with the version that the commands tell" {
	[ "$(sed -n '1s/^jtools \([0-9.]*\).*/\1/p' "$TOP/NEWS")" = "$(jlog --version | awk '{ print $NF }')" ]
}
