#!/usr/bin/env bats
# The facts of fixtures/jmetrics/facts.sql have answers that were worked out by hand; intervals are scipy's.

bats_require_minimum_version 1.5.0
load helper

# facts: f.db, a log whose one event sets the horizon to 2026-04-30T00:00:00Z, with the facts by hand.
facts() {
	empty_facts
	sqlite3 f.db < "$TOP/fixtures/jmetrics/facts.sql"
}

empty_facts() {
	echo '{"specversion":"1.0","id":"h","source":"helpdesk/acme","type":"stage.changed","time":"2026-04-30T00:00:00.000Z","session":"s0","channel":"web","direction":"internal","actor":"system","data":{"stage":"service"}}' |
		jlog append -q -d f.db
	jmetrics -q -d f.db -o csv contacts > built.csv # builds the facts, so that later runs leave them alone
}

# row METRIC [STATISTIC] [options]: "numerator/n immature left_out assumed" of the one row
row() {
	local metric=$1 statistic=$2
	shift 2
	jmetrics -q -d f.db -o ndjson "$@" "$metric" | jq -r --arg m "$metric" --arg s "$statistic" \
		'select(.metric == $m and .statistic == $s) | "\(.numerator)/\(.n) \(.immature) \(.left_out) \(.assumed)"'
}

# value METRIC STATISTIC [options]: "value low high"
value() {
	local metric=$1 statistic=$2
	shift 2
	jmetrics -q -d f.db -o ndjson "$@" "$metric" | jq -r --arg m "$metric" --arg s "$statistic" \
		'select(.metric == $m and .statistic == $s) | "\(.group | [.[]] | join(",")) \(.value) \(.low) \(.high)"'
}

@test "counts are those of the facts" {
	facts
	run -0 jmetrics -q -d f.db -o csv contacts customers issues
	[ "$(cut -d, -f1,4 <<< "$output" | tr -d '\r')" = "metric,value
contacts,10
contacts.handled,8
contacts.offered,9
customers,5
issues,7" ]
}

@test "a repeat is a contact on the matter within the window, over mature contacts of known customers" {
	facts
	# hers and known: 1 2 3 4 5 6 8 10; 8 is not mature, 9 is unknown, 10 has an assumed time; repeated: 1 and 5
	[ "$(row repeat_contact_rate rate)" = "2/7 1 1 1" ]
	# clusters (hits, rows) of the customers: (1,3) (1,3) (0,1)
	[ "$(value repeat_contact_rate rate)" = " 0.285714 0.082219 0.641066" ]
	# 4 is followed by 5 on another matter
	[ "$(row repeat_contact_rate.any_intent rate)" = "3/7 1 1 1" ]
}

@test "repeats on the same and on another channel add up to all repeats" {
	facts
	[ "$(row repeat_contact_rate.same_channel rate)" = "1/7 1 1 1" ]
	[ "$(row repeat_contact_rate.other_channel rate)" = "1/7 1 1 1" ]
	[ "$(row repeat_contact_rate.overlapping rate)" = "0/7 1 1 1" ]
}

@test "a longer window makes fewer rows mature, and none is no value" {
	facts
	[ "$(row repeat_contact_rate rate --window 14d)" = "2/6 2 1 1" ]
	[ "$(row repeat_contact_rate rate --window 30d)" = "null/0 8 1 0" ]
	run -0 jmetrics -d f.db -q -o ndjson --window 30d repeat_contact_rate.any_intent
	[ "$(jq -c '[.value,.low,.high,.interval,.window,.status]' <<< "$output")" = '[null,null,null,null,"30d","no rows"]' ]
	run -2 jmetrics -d f.db --window 0d
	[ "$output" = "jmetrics: --window: longer than 0" ]
}

@test "--as-of moves the horizon and selects no rows" {
	facts
	[ "$(row repeat_contact_rate rate --as-of 2026-05-10T00:00:00Z)" = "2/8 0 1 1" ]
	[ "$(row repeat_contact_rate rate --as-of 2026-04-12T00:00:00Z)" = "1/2 6 1 0" ]
	[ "$(row contacts count --as-of 2026-04-12T00:00:00Z)" = "null/10 0 0 1" ]
}

@test "--since and --until split the rows by their beginning" {
	facts
	[ "$(row repeat_contact_rate rate --since 2026-04-05)" = "1/5 1 1 1" ]
	[ "$(row repeat_contact_rate rate --until 2026-04-05)" = "1/2 0 0 0" ]
	# One customer alone: no spread to see, no interval
	[ "$(value repeat_contact_rate rate --until 2026-04-05)" = " 0.5 null null" ]
}

@test "first contact resolution is printed explicit and with presumed ones" {
	facts
	# she began and handled: 1 4 8 10; 8 is not mature; 4 was closed, 10 fell silent, 1 came back
	[ "$(row first_contact_resolution.explicit rate)" = "1/3 1 0 0" ]
	[ "$(row first_contact_resolution.presumed rate)" = "2/3 1 0 0" ]
	[ "$(value first_contact_resolution.explicit rate)" = " 0.333333 0.045255 0.840618" ]
	run -0 jmetrics -q -d f.db -o csv first_contact_resolution
	[ "$(wc -l <<< "$output")" -eq 3 ]
}

@test "issues reopen by her contact, on another channel, or by the case's record" {
	facts
	[ "$(row reopen_rate rate)" = "1/3 0 0 0" ]
	[ "$(row reopen_rate rate --window 20d)" = "2/3 0 0 0" ]
	[ "$(row cross_channel_reopen_rate rate --window 20d)" = "1/3 0 0 0" ]
	[ "$(row reopen_rate.case_reopened rate)" = "1/3 0 0 0" ]
}

@test "escalations and transfers are over handled contacts" {
	facts
	[ "$(row escalation_rate rate)" = "1/8 0 0 1" ]
	[ "$(row transfer_rate rate)" = "1/8 0 0 1" ]
	[ "$(value escalation_rate rate)" = " 0.125 0.022417 0.470888" ]
}

@test "a change of channel succeeds when joined, nothing asked again, resolved and quiet" {
	facts
	[ "$(row channel_switch_rate rate)" = "1/2 0 0 0" ]
	[ "$(row channel_switch_success.explicit rate)" = "1/5 1 1 0" ]
	[ "$(row channel_switch_success.presumed rate)" = "2/5 1 1 0" ]
	[ "$(value channel_switch_success.presumed rate)" = " 0.4 0.102617 0.795361" ]
}

@test "response times are by class, with quantiles of type 7 and bounds that may not exist" {
	facts
	# live: 1 10 20 30 s and one unanswered; asynchronous: 2 2 6 h and one unanswered
	[ "$(value first_response_time.any median)" = "asynchronous 7200 null null
live 15 null null" ]
	[ "$(value first_response_time.any p90)" = "asynchronous 18720 7200 null
live 27 10 null" ]
	[ "$(value first_response_time.any mean | tail -1)" = "live 15.25 0 35.183" ]
	[ "$(row first_response_time.any unanswered)" = "1/4 0 0 0
1/5 0 0 1" ]
	[ "$(value first_response_time.any unanswered | tail -1)" = "live 0.2 0.030768 0.663166" ]
	[ "$(row first_response_time.useful unanswered | tail -1)" = "3/5 0 0 1" ]
	[ "$(value first_response_time.human median --by class)" = "$(value first_response_time.human median)" ]
}

@test "the groups of a dimension add up to the total" {
	facts
	for by in channel class family agent agent_kind source day week month channel,day; do
		total=$(jmetrics -q -d f.db -o ndjson contacts repeat_contact_rate escalation_rate |
			jq -sc 'group_by(.metric) | map([.[0].metric, (map(.numerator // 0) | add), (map(.n) | add), (map(.immature) | add), (map(.left_out) | add)])')
		groups=$(jmetrics -q -d f.db -o ndjson --by $by contacts repeat_contact_rate escalation_rate |
			jq -sc 'group_by(.metric) | map([.[0].metric, (map(.numerator // 0) | add), (map(.n) | add), (map(.immature) | add), (map(.left_out) | add)])')
		[ "$groups" = "$total" ]
	done
}

@test "groups come in order, and rows without a value of the dimension come last" {
	facts
	run -0 jmetrics -q -d f.db -o ndjson --by family contacts.offered
	[ "$(jq -c '[.group.family, .value]' <<< "$output")" = '["billing",3]
["delivery",5]
[null,1]' ]
	run -0 jmetrics -q -d f.db -o ndjson --by channel contacts.handled
	[ "$(jq -c '[.group.channel, .value]' <<< "$output")" = '["chat",3]
["email",4]
["voice",1]' ]
}

@test "days, ISO weeks and months are those of the zone" {
	facts
	run -0 jmetrics -q -d f.db -o ndjson --by day --since 2026-04-08 --until 2026-04-10 contacts.offered
	[ "$(jq -r .group.day <<< "$output")" = 2026-04-08 ]
	run -0 jmetrics -q -d f.db -o ndjson --by day --tz Europe/Lisbon --since 2026-04-08 --until 2026-04-10 contacts.offered
	[ "$(jq -r .group.day <<< "$output")" = 2026-04-09 ]
	run -0 jmetrics -q -d f.db -o ndjson --by week contacts.offered
	# 2026-04-05 is a Sunday, of the week of 2026-03-30
	[ "$(jq -c '[.group.week, .value]' <<< "$output")" = '["2026-W14",4]
["2026-W15",3]
["2026-W17",1]
["2026-W18",1]' ]
	[ "$(jmetrics -q -d f.db -o ndjson --by month contacts | jq -r 'select(.metric == "contacts") | .group.month')" = 2026-04 ]
	sqlite3 f.db "UPDATE contact SET started = unixepoch('2027-01-03') * 1000 WHERE contact = 1;
		UPDATE contact SET started = unixepoch('2020-12-31') * 1000 WHERE contact = 2;
		UPDATE contact SET started = unixepoch('2024-12-30') * 1000 WHERE contact = 3;"
	run -0 jmetrics -q -d f.db -o ndjson --by week contacts.offered
	[ "$(jq -r .group.week <<< "$output" | sed -n '1p;2p;$p')" = "2020-W53
2025-W01
2026-W53" ]
}

@test "what the log cannot show is not observable, never 0" {
	facts
	sqlite3 f.db "UPDATE contact SET escalated = 0, closed = NULL; UPDATE issue SET closed = NULL, first_closed = NULL, case_reopened = NULL;"
	run -0 jmetrics -q -d f.db -o ndjson escalation_rate reopen_rate.case_reopened first_contact_resolution
	[ "$(jq -c '[.metric, .value, .n, .immature, .status]' <<< "$output")" = '["escalation_rate",null,null,null,"not observable: events escalated"]
["reopen_rate.case_reopened",null,null,null,"not observable: an explicit close (case.closed, order.placed or a resolving intent), events case.reopened"]
["first_contact_resolution.explicit",null,null,null,"not observable: an explicit close (case.closed, order.placed or a resolving intent)"]
["first_contact_resolution.presumed",0.333333,3,1,"ok"]' ]
}

@test "one channel alone makes no channel switch observable" {
	facts
	sqlite3 f.db "UPDATE contact SET channel = 'email'"
	run -0 jmetrics -q -d f.db -o ndjson channel_switch_rate channel_switch_success cross_channel_reopen_rate
	[ "$(jq -r .status <<< "$output" | sort -u)" = "not observable: a second channel" ]
}

@test "unknown customers alone make repeats not observable" {
	facts
	sqlite3 f.db "UPDATE contact SET known = 0"
	run -0 jmetrics -q -d f.db -o ndjson repeat_contact_rate
	[ "$(jq -r .status <<< "$output" | sort -u)" = "not observable: customers that are known (an identifier that is no placeholder)" ]
}

@test "an empty log has no rows, and no value" {
	: | jlog append -q -d e.db
	run -0 --separate-stderr jmetrics -d e.db -o ndjson
	[ "$(jq -c '[.value, .n, .horizon, .sequence, .status]' <<< "$output" | sort -u)" = '[null,0,null,0,"no rows"]' ]
	[ -z "$stderr" ]
	run -0 jmetrics -d e.db -o table contacts
	[ "${lines[-1]}" = "as of an empty log, base/1.0.0" ]
}

@test "a file that is not there is an error and is not made" {
	run -2 jmetrics -d none.db
	[ "$output" = "jmetrics: none.db: No such file or directory" ]
	[ ! -e none.db ]
}

@test "the table is aligned by width and ends with where the log stood" {
	facts
	sqlite3 f.db "UPDATE contact SET family = '請求' WHERE family = 'billing'"
	run -0 jmetrics -d f.db -q -o table --by family contacts.offered escalation_rate
	[ "${lines[0]}" = "family    metric            value  95% interval  n  window  note" ]
	[ "${lines[1]}" = "delivery  contacts.offered      5                5" ]
	[ "${lines[2]}" = "請求      contacts.offered      3                3          1 with an assumed time" ]
	[ "${lines[3]}" = "-         contacts.offered      1                1" ]
	[ "${lines[4]}" = "delivery  escalation_rate   25.0%  4.6% – 69.9%  4" ]
	[ "${lines[6]}" = "-         escalation_rate    0.0%                1" ]
	[[ "${lines[-1]}" =~ ^as\ of\ 20[0-9T:.-]+Z\ \(sequence\ 1\),\ horizon\ 2026-04-30T00:00:00.000Z,\ base/1.0.0$ ]]
}

@test "names from the log cannot move the terminal's cursor" {
	facts
	sqlite3 f.db "UPDATE contact SET family = char(27) || '[2J' || char(10) || char(155) || 'x'"
	run -0 jmetrics -d f.db -q -o table --by family contacts
	[[ "${lines[1]}" == "?[2J ?x  contacts"* ]]
	run -0 jmetrics -d f.db -q -o csv --by family contacts
	[ "$(jmetrics -d f.db -q -o ndjson --by family contacts | jq -r .group.family | head -1)" = $'\e[2J' ]
}

@test "CSV quotes what must be quoted" {
	facts
	sqlite3 f.db "UPDATE contact SET family = 'a,\"b\"'"
	run -0 jmetrics -d f.db -q -o csv --by family contacts.offered
	[[ "${lines[1]}" == 'contacts.offered,"a,""b""",1.0.0,count,9,'* ]]
}

@test "an unknown metric is refused and the near ones are named" {
	run -2 jmetrics repeat_contat
	[ "$output" = "jmetrics: no such metric: repeat_contat (did you mean repeat_contact_rate?)" ]
	run -2 jmetrics first_response_time.humans
	[ "$output" = "jmetrics: no such metric: first_response_time.humans (did you mean first_response_time.human, first_response_time.any or first_response_time.business_any?)" ]
	run -2 jmetrics zzzzzzz
	[ "$output" = "jmetrics: no such metric: zzzzzzz (see jmetrics --list)" ]
}

@test "a dimension that a fact lacks is refused with those that it has" {
	facts
	run -2 jmetrics -d f.db --by agent_kind issues
	[[ "$output" == "jmetrics: issues has no dimension agent_kind; those of its fact (issue) are began, case_id, family, intent, region, lang, source, channel, class, stage, agent, first_last_word, day, week, month; and the entities order, amount, "* ]]
	run -0 --separate-stderr jmetrics -d f.db -o csv --by agent_kind
	[[ "$stderr" == "jmetrics: left out, without such a dimension: issues, first_contact_resolution.explicit"* ]]
	run -2 jmetrics -d f.db --by colour
	[[ "$output" == "jmetrics: "*" has no dimension colour; "* ]]
	run -2 jmetrics -d f.db --by channel,channel contacts
	[ "$output" = "jmetrics: --by: channel twice" ]
	run -2 jmetrics -d f.db --by channel --by channel contacts
	[ "$output" = "jmetrics: --by: channel twice" ]
	jmetrics -q -d f.db -o csv --by channel --by agent contacts | cmp - <(jmetrics -q -d f.db -o csv --by channel,agent contacts)
	run -2 jmetrics -d f.db --by channel, contacts
	[ "$output" = "jmetrics: --by: a dimension is empty: channel," ]
}

@test "a source that ends before the horizon less the window is named" {
	facts
	run -0 --separate-stderr jmetrics -d f.db -o csv --as-of 2026-05-20T00:00:00Z repeat_contact_rate
	[[ "$stderr" == *"jmetrics: ended before the horizon less the window: helpdesk/acme (last contact 2026-04-28T10:30:00.000Z)"* ]]
	run -0 --separate-stderr jmetrics -d f.db -o csv repeat_contact_rate
	[ -z "$stderr" ]
}

@test "--list and --define need no database" {
	run -0 jmetrics --list
	[[ "${lines[0]}" == "metric "*"version"*"title" ]]
	[ "$(grep -c '^first_response_time' <<< "$output")" -eq 6 ]
	run -0 jmetrics --define repeat_contact_rate.any_intent
	[[ "$output" == *"numerator    next_started - ended <= :window"* ]]
	[[ "$output" == *"window       7d"* ]]
	run -0 jmetrics --define first_contact_resolution
	[ "$(grep -c ^numerator <<< "$output")" -eq 2 ]
	run -2 jmetrics --define nothing_such
}

metric() { # metric NAME: a definition in mine/ from stdin, behind the two first lines
	mkdir -p mine
	{ printf 'jtools: metric/1\nversion: "1"\n' && cat; } > "mine/$1.yaml"
}

@test "--metrics adds definitions and replaces those of the same id" {
	facts
	metric handoffs <<-'E'
		id: handoffs
		title: Handoffs
		fact: move
		kind: count
		unit: moves
		where: kind = 'handoff'
	E
	metric contacts <<-'E'
		id: contacts
		title: Contacts of mine
		fact: contact
		kind: rate
		denominator: handled = 1
		numerator: channel IN (SELECT channel FROM v_contact WHERE class = 'live')
	E
	run -0 jmetrics -q -d f.db --metrics mine -o ndjson handoffs contacts
	[ "$(jq -c '[.metric, .version, .numerator, .n, .unit]' <<< "$output")" = '["handoffs","1",null,2,"moves"]
["contacts","1",4,8,"ratio"]' ]
	run -0 jmetrics -q -d f.db --metrics mine -o ndjson --by reason handoffs
	[ "$(jq -c '[.group.reason, .value]' <<< "$output")" = '["angry",0]
["asked",2]
[null,0]' ]
}

@test "a definition that is wrong is refused with its place" {
	facts
	refused() { # refused MESSAGE: of the definition on stdin
		rm -rf mine
		metric x
		run -2 jmetrics -q -d f.db --metrics mine x
		[ "$output" = "jmetrics: mine/x.yaml:$1" ] || { echo "$output"; return 1; }
	}
	refused '3: no such member: colour' <<< $'colour: red\nid: x\ntitle: X\nfact: contact\nkind: count'
	refused '1: kind is missing' <<< $'id: x\ntitle: X\nfact: contact'
	refused '5: fact: none of contact, issue, switch, move, question, handover, commitment, opportunity, touch, survey, decision, ruling, outbound, handoff, stage, customer' <<< $'id: x\ntitle: X\nfact: nonesuch\nkind: count'
	refused '7: no such column: colour' <<< $'id: x\ntitle: X\nfact: contact\nkind: count\nwhere: colour = 1'
	refused "7: started is a number, and '2026-03-01' a text, which every number is below" \
		<<<$'id: x\ntitle: X\nfact: contact\nkind: count\nwhere: started < \'2026-03-01\''
	refused '1: numerator is missing' <<< $'id: x\ntitle: X\nfact: contact\nkind: rate'
	refused '1: value goes with kind: duration, quantity or mean' <<< $'id: x\ntitle: X\nfact: contact\nkind: count\nvalue: 1'
	refused '6: no such parameter: :now' <<< $'id: x\ntitle: X\nfact: contact\nwhere: :now > 1\nkind: count'
	refused '6: misuse of aggregate function count()' <<< $'id: x\ntitle: X\nfact: contact\nwhere: count(*) > 1\nkind: count'
	refused '6: not authorized to use function: random' <<< $'id: x\ntitle: X\nfact: contact\nwhere: random() > 1\nkind: count'
	refused '6: access to event.data is prohibited' <<< $'id: x\ntitle: X\nfact: contact\nwhere: (SELECT data FROM event) > 1\nkind: count'
	refused '6: window: not a span like 24h or 7d' <<< $'id: x\ntitle: X\nfact: contact\nwindow: week\nkind: count'
	refused '8: no such member of a variant: id' <<< $'id: x\ntitle: X\nfact: contact\nkind: count\nvariants:\n  y: {id: z}'
	refused '6: needs: each has some or that, and missing' <<< $'id: x\ntitle: X\nfact: contact\nneeds: [{some: 1}]\nkind: count'
	printf 'jtools: map/1\n' > mine/x.yaml
	run -2 jmetrics --metrics mine --list
	[ "$output" = "jmetrics: mine/x.yaml:1: not a metric (jtools: metric/1)" ]
}

@test "of several conditions of --where all have to be true" {
	facts
	jmetrics -q -d f.db -o csv --where "began = 'customer' OR 0" --where 'human = 1' contacts |
		cmp - <(jmetrics -q -d f.db -o csv --where "began = 'customer' AND human = 1" contacts)
	run -2 jmetrics -q -d f.db --where "human = 1" --where "colour = 1" contacts
	[[ "$output" == "jmetrics: --where: no such column: colour "* ]]
}

@test "an expression that breaks off is told as such" {
	facts
	run -2 jmetrics -q -d f.db --where "human = 1 AND" contacts
	[ "$output" = "jmetrics: --where: the expression breaks off (of contacts, over facts of the kind contact)" ]
	run -2 jmetrics -q -d f.db --where "human = (1 AND) OR 1" contacts
	[[ "$output" == *'near ")": syntax error'* ]]
}

@test "an expression cannot leave its place in the statement" {
	facts
	for where in '1); DELETE FROM contact; --' '1) OR (SELECT value FROM meta' '1 --' "load_extension('x')" "readfile('/etc/passwd')" \
		"EXISTS (SELECT 1 FROM meta)" "EXISTS (WITH v_issue AS (SELECT value FROM meta) SELECT 1 FROM v_issue)" \
		"EXISTS (SELECT 1 FROM (wItH/**/v_issue AS (SELECT value FROM meta) SELECT * FROM v_issue))" "random() > 0"; do
		rm -rf mine
		printf 'id: x\ntitle: X\nfact: contact\nkind: count\nwhere: "%s"\n' "$where" | metric x
		run -2 jmetrics -q -d f.db --metrics mine -o ndjson x
		run -2 jmetrics -q -d f.db -o ndjson --where "$where" contacts
	done
	run -0 jmetrics -q -d f.db -o ndjson --where "agent IS NOT 'with (' AND began IS NOT 'x'" contacts
	[ "$(jmetrics -q -d f.db -o ndjson contacts | jq -s '.[0].value')" -eq 10 ]
}

@test "the same id twice in a folder is refused" {
	metric x <<< $'id: x\ntitle: X\nfact: contact\nkind: count'
	metric y <<< $'id: x\ntitle: X\nfact: contact\nkind: count'
	run -2 jmetrics --metrics mine --list
	[ "$output" = "jmetrics: mine/y.yaml:1: x is defined in mine/x.yaml already" ]
}

@test "two runs give the same bytes" {
	facts
	jmetrics -d f.db -o ndjson --by channel,week 2>/dev/null > one
	jmetrics -d f.db -o ndjson --by channel,week 2>/dev/null > two
	cmp one two
}

@test "a full disk ends with 2" {
	facts
	run -2 bash -c "jmetrics -q -d f.db -o csv > /dev/full"
	[ "$output" = "jmetrics: <stdout>: No space left on device" ]
}

@test "facts are brought up to date before they are measured" {
	empty_facts
	[ "$(jmetrics -q -d f.db -o ndjson contacts.offered | jq -r .status)" = "no rows" ]
	echo '{"specversion":"1.0","id":"1","source":"helpdesk/acme","type":"message","time":"2026-04-20T10:00:00.000Z","session":"s1","channel":"chat","direction":"in","actor":"customer","data":{"text":"where is my order?","identifiers":[{"kind":"email","value":"ana@example.com"}]}}' |
		jlog append -q -d f.db
	[ "$(jmetrics -q -d f.db -o ndjson contacts.offered | jq .value)" -eq 1 ]
	chmod a-w f.db
	[ "$(jmetrics -q -d f.db -o ndjson contacts.offered | jq .value)" -eq 1 ]
}
