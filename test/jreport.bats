#!/usr/bin/env bats
# One page for people: its figures are jmetrics', its text is escaped, and it asks nobody for anything.
load helper
bats_require_minimum_version 1.5.0

PAGE="$TOP/test/page.py"

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit 1
	jnorm -q "$TOP"/fixtures/demo/* | jintent -q | jlog append -q -d demo.db
	jreport -d demo.db >demo.html
	"$TOP/test/hostile_page.py" | jlog append -q -d hostile.db
}

setup() {
	F=$BATS_FILE_TMPDIR
}

@test "the page is sound HTML, refers to nothing outside itself and has no script" {
	"$PAGE" check "$F/demo.html"
	head -c 15 "$F/demo.html" | grep -qx '<!doctype html>'
}

@test "continuity figures are those that jmetrics gives" {
	jmetrics -q -d "$F/demo.db" -o ndjson >figures
	"$PAGE" figures "$F/demo.html" figures
}

@test "with a period, figures and changes are those that jmetrics gives for it and the one before" {
	jreport -d "$F/demo.db" --since 2026-03-20 --until 2026-04-03 >page.html
	jmetrics -q -d "$F/demo.db" -o ndjson --since 2026-03-20 --until 2026-04-03 >figures
	jmetrics -q -d "$F/demo.db" -o ndjson --compare 2026-03-06..2026-03-20 2026-03-20..2026-04-03 >changes
	"$PAGE" figures page.html figures changes
	grep -q 'from 2026-03-20 00:00 to 2026-04-03 00:00 with the period before it, from 2026-03-06 00:00' page.html
}

@test "weeks, groups, stages and questions are those that jmetrics gives" {
	jreport -d "$F/demo.db" --by agent_kind >page.html
	"$PAGE" tables page.html >all
	jmetrics -q -d "$F/demo.db" -o ndjson --by week contacts |
		jq -r 'select(.metric == "contacts") | "\(.group.week) \(.value)"' >wanted
	jq -r '.Contacts[1:][] | "\(.[0]) \(.[1])"' all | diff wanted -
	jmetrics -q -d "$F/demo.db" -o ndjson --by channel escalation_rate |
		jq -r '"\(.group.channel) \(.n)"' | sort >wanted
	jq -r '."By channel"[1:][] | "\(.[0]) \(.[3])"' all | sort | diff wanted -
	jmetrics -q -d "$F/demo.db" -o ndjson recurring_questions | jq -r 'select(.statistic == "count") |
		"\(.group.stage // "(none)") \(.group.intent) \(.value)"' | sort >wanted
	jq -r '."The most frequent questions"[1:][] | "\(.[0]) \(.[1]) \(.[2])"' all | sort | comm -23 - wanted | diff /dev/null -
	jmetrics -q -d "$F/demo.db" -o ndjson --by agent_kind contacts |
		jq -r 'select(.metric == "contacts") | "\(.group.agent_kind // "(none)") contacts \(.value)"' | sort >wanted
	jq -r '."Figures by agent_kind"[1:][] | select(.[1] == "contacts") | "\(.[0]) \(.[1]) \(.[2])"' all |
		sort | diff wanted -
}

@test "causes of failed switches are as many as jmetrics --explain lists" {
	"$PAGE" tables "$F/demo.html" >all
	jmetrics -q -d "$F/demo.db" -o ndjson --explain channel_switch_success.presumed --explain-rows miss |
		jq -r '.reasons[]' | sort | uniq -c | awk '{ print $2, $1 }' >wanted
	[ -s wanted ]
	jq -r '."Failed switches by cause"[1:][] | "\(.[1]) \(.[2])"' all | sort | diff wanted -
}

@test "the hours of the week add up to all contacts" {
	"$PAGE" tables "$F/demo.html" >all
	[ "$(jq '[."Contacts by hour and weekday"[1:][][1:][] | tonumber] | add' all)" = \
		"$(jmetrics -q -d "$F/demo.db" -o ndjson contacts |
			jq 'select(.metric == "contacts").value')" ]
}

@test "nothing that a log says becomes markup, wherever it is shown" {
	jreport -d "$F/hostile.db" --with-text --by channel,agent >page.html
	"$PAGE" check page.html
	for what in hers ours agent talk write source reason; do
		grep -qF "$what&lt;script&gt;alert(&quot;$what&quot;)&lt;/script&gt;&#39;&quot;&gt;&lt;img" page.html || { echo "$what"; return 1; }
	done
}

@test "nothing that a log says becomes markup in Markdown" {
	jreport -d "$F/hostile.db" --with-text --by channel,agent -o md >page.md
	grep -q 'hers' page.md
	run -1 grep -nE '(^|[^\\])<(script|img|!--)' page.md
	# A diagram's names have neither quotes nor markup.
	sed -n '/^sankey-beta/,/^```$/p' page.md >flow
	[ "$(grep -c '^"talk script' flow)" -gt 0 ]
	run -1 grep -nE '[<>&`;]' <(sed '$d' flow)
}

@test "words of a definition are no markup either" {
	mkdir mine
	sed 's/^title: .*/title: "<b>Escalated<\/b> \\"contacts\\""/' "$TOP/ontology/metrics/escalation_rate.yaml" >mine/escalation_rate.yaml
	jreport -d "$F/demo.db" --metrics mine >page.html
	"$PAGE" check page.html
	grep -qF '&lt;b&gt;Escalated&lt;/b&gt; &quot;contacts&quot;' page.html
	run -1 grep -qF '<b>Escalated' page.html
	jreport -d "$F/demo.db" --metrics mine -o md | grep -qxF '  title " b Escalated /b   contacts "'
}

@test "what was said, by whom and why is masked unless it is asked for" {
	jreport -d "$F/hostile.db" >page.html
	"$PAGE" check page.html
	run -1 grep -E 'hers&lt;|ours&lt;|agent&lt;' page.html
	grep -qE 'text of [0-9]+ characters' page.html
	jreport -d "$F/demo.db" --with-text | grep -q 'LC-10'
	run -1 grep -q 'LC-10' "$F/demo.html"
}

@test "reasons that few contacts had are put together" {
	"$TOP/test/hostile_page.py" | head -n 10 | jlog append -q
	jreport >page.html
	run -1 grep -q 'reason&lt;' page.html
	grep -q '(other reasons)' page.html
}

@test "a log without records, and one with a single message, have a page" {
	jlog append -q </dev/null
	jreport >page.html
	"$PAGE" check page.html
	grep -q 'As of an empty log' page.html
	jreport -o md | grep -q '^# Continuity report'
	printf '%s\n' '{"specversion":"1.0","id":"1","source":"a/b","type":"message","time":"2026-01-01T00:00:00Z","direction":"in","actor":"customer","channel":"x","data":{"text":"hi"}}' |
		jlog append -q
	jreport >page.html
	"$PAGE" check page.html
	"$PAGE" tables page.html | jq -e '."Continuity figures"[1][1] == "1"'
}

@test "where no contact tells a stage, the page says that escalations by stage are not observable" {
	local told='Escalations by stage are not observable: no handled contact tells its stage'

	grep -qF "$told" "$F/demo.html"
	jreport -d "$F/demo.db" -o md | grep -qF "$told"
	{
		cat <<-'EOF2'
		{"specversion":"1.0","id":"2","source":"a/b","type":"message","time":"2026-01-02T00:00:00Z","direction":"in","actor":"customer","channel":"x","session":"s","data":{"text":"hi","stage":"purchase"}}
		{"specversion":"1.0","id":"3","source":"a/b","type":"message","time":"2026-01-02T00:01:00Z","direction":"out","actor":"agent","channel":"x","session":"s","data":{"text":"hi"}}
		{"specversion":"1.0","id":"4","source":"a/b","type":"escalated","time":"2026-01-02T00:02:00Z","channel":"x","session":"s","data":{}}
		EOF2
	} | jlog append -q
	jreport -o md >page.md
	grep -qxF '### By stage of the journey' page.md
	run -1 grep -F "$told" page.md
	grep -qF 'Escalations by matter are not observable' page.md
}

@test "nobody is told to be lost behind the last stage" {
	local stage at=1

	for stage in awareness consideration; do
		printf '{"specversion":"1.0","id":"%s","source":"a/b","type":"stage.changed","time":"2026-01-0%sT00:00:00Z","session":"s","channel":"x","direction":"internal","actor":"system","data":{"stage":"%s","identifiers":[{"kind":"crm","value":"7"}]}}\n' \
			$at $at $stage
		at=$((at + 1))
	done | jlog append -q
	jreport >page.html
	"$PAGE" tables page.html | jq -c '."Customers by stage"[1:][][:3]' >stages
	diff - stages <<-'EOF2'
	["awareness","1","100.0%"]
	["consideration","1",""]
	EOF2
}

@test "no two figures of the page are defined in the same words" {
	jreport -d "$F/demo.db" -o md | sed -n '/^## Definitions/,$s/^- \*\*.*): //p' | sed 's/ \(Window\|Interval\|Known customers\|Better when\|Source\).*//' >words
	[ "$(wc -l <words)" -gt 15 ]
	sort words | uniq -d | diff /dev/null -
}

@test "a count has no way that is better" {
	grep -F 'id="define-conversion_by_channel.any"' "$F/demo.html" | grep -qF 'Better when higher'
	run -1 grep -E 'id="define-conversion_by_channel.contacts".*Better' "$F/demo.html"
}

@test "the page has a style for the dark, for paper and for narrow screens" {
	local what

	for what in 'prefers-color-scheme:dark' '@media print' 'size:A4' 'details::details-content' 'max-width:40rem' \
		'name="viewport"' 'name="color-scheme"'; do
		grep -qF "$what" "$F/demo.html" || { echo "$what"; return 1; }
	done
}

@test "every chart and every table says as of which record it is" {
	[ "$(grep -c '<figure id=' "$F/demo.html")" -gt 10 ]
	[ "$(grep -c '<figure id=' "$F/demo.html")" -eq "$(grep -c '<figcaption>.*As of .*, record [0-9]*\.' "$F/demo.html")" ]
	[ "$(grep -c '<svg ' "$F/demo.html")" -eq "$(grep -c '<svg .*role="img" aria-label="..' "$F/demo.html")" ]
}

@test "Markdown holds the same figures, and diagrams for Mermaid" {
	jreport -d "$F/demo.db" -o md >page.md
	"$PAGE" tables "$F/demo.html" | jq -r '."Continuity figures"[1:][] | "\(.[1]) | \(.[2]) | \(.[3])"' >wanted
	[ -s wanted ]
	while read -r line; do
		grep -qF "| $line |" page.md || { echo "$line"; return 1; }
	done <wanted
	grep -qx 'sankey-beta' page.md
	grep -qx 'xychart-beta' page.md
	[ $(($(grep -c '^```' page.md) % 2)) -eq 0 ]
}

@test "the same log has the same page" {
	jreport -d "$F/demo.db" | cmp - "$F/demo.html"
}

@test "a wrong line is refused before anything is written" {
	run -2 jreport -d "$F/demo.db" -o pdf
	[ "$output" = "jreport: --output: none of html, md: pdf" ]
	run -2 jreport -d "$F/demo.db" --since 2026-03-02 --until 2026-03-01
	[ "$output" = "jreport: --since 2026-03-02 is not before --until 2026-03-01" ]
	run -2 jreport -d none.db
	run -2 jreport -d "$F/demo.db" --by nonesuch
	[ "$output" = "jreport: --by: no figure of the page has such a dimension: nonesuch" ]
	run -2 jreport -d "$F/demo.db" more
}

# browse FILE OPTION...: Chromium without a window or a profile of ours.
browse() {
	local file=$1

	shift
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --host-resolver-rules="MAP * ~NOTFOUND" \
		--user-data-dir="$PWD/profile" --window-size=1000,6000 "$@" "file://$file"
}

@test "Chromium draws the page without scripts, an error or a request" {
	command -v chromium >/dev/null || skip "no chromium here"
	# Its own policy forbids scripts, as all but its style.
	grep -qF "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"" "$F/demo.html"
	browse "$F/demo.html" --screenshot="$PWD/page.png" --enable-logging=stderr --log-net-log="$PWD/net.json" 2>log
	run -1 grep CONSOLE log
	# The browser asks for things of its own, which have other initiators.
	jq -r '.events[].params? | select(.url? and (.initiator? // "" | test("^(null|file)"))) | .url' net.json |
		grep -vE '^(file|data):' | diff /dev/null -
	sed 's/svg{display:block/svg{visibility:hidden;display:block/' "$F/demo.html" >bare.html
	browse "$PWD/bare.html" --screenshot="$PWD/bare.png" 2>/dev/null
	[ "$(stat -c %s page.png)" -gt "$(($(stat -c %s bare.png) + 10000))" ]
}

@test "Chromium prints the page with its folded tables" {
	command -v chromium >/dev/null || skip "no chromium here"
	command -v pdftotext >/dev/null || skip "no pdftotext here"
	browse "$F/demo.html" --print-to-pdf="$PWD/page.pdf" 2>/dev/null
	pdftotext page.pdf - | grep -q 'Contacts by hour and weekday'
}

@test "calls of which nobody noted when they were answered are not told as those of unknown customers" {
	jq -nc 'range(3) as $n | {specversion: "1.0", id: "\($n)", source: "voice/a", type: "call", time: "2026-03-0\($n + 1)T10:00:00Z",
		channel: "voice", direction: "in", actor: "customer",
		data: {reason: "answered", duration: 60, identifiers: [{kind: "phone", value: "+351912345678"}]}}' |
		jlog append -q -d calls.db
	jreport -d calls.db -o md >calls.md
	grep -F 'Contacts answered in time' calls.md | grep -q 'of which it is not known'
	jreport -d calls.db >calls.html
	grep -qF '<p class="none">not observable</p>' calls.html
}
