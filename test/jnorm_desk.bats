#!/usr/bin/env bats
# The shipped maps of help desks and surveys. Golden files as in jnorm_chat.bats: fixtures/jnorm/maps/<format>/<case>.{in,out};
# <case>.args holds one argument a line, the last is the name under which the input is read; <case>.d are files beside it.
bats_require_minimum_version 1.5.0
load helper
load maps

# A jq program over what a case gives.
told() {
	read_case "$1"
	jq -rc "$2" "$1/out"
}

@test "every golden export of a help desk or a survey gives its events and no reject" {
	local failed=
	for f in "$MAPS"/{chatwoot,freshdesk,front,gladly,hubspot,intercom,qualtrics,zendesk}/*.in; do
		c=${f#"$MAPS/"}
		c=${c%.in}
		read_case "$c" || failed="$failed $c"
		diff "$MAPS/$c.out" "$c/out" || failed="$failed $c"
	done
	[ -z "$failed" ] || { echo "failed:$failed"; false; }
}

@test "a survey's times are in the zone that its third row names" {
	for zone in UTC America/Denver; do
		sed "s,\"\"timeZone\"\":\"\"UTC\",\"\"timeZone\"\":\"\"$zone\",g" "$MAPS/qualtrics/survey.in" >survey.csv
		jnorm -q --tz Asia/Tokyo survey.csv | jq -r .time | head -1 >>zoned
	done
	[ "$(cat zoned)" = '2026-03-06T09:02:01.000Z
2026-03-06T16:02:01.000Z' ]
}

@test "a desk's private notes are internal, and a person who was copied speaks for herself" {
	run told zendesk/full 'select(.type == "message") | [.id, .direction, .actor, .data.identifiers[0].value]'
	[ "$output" = '["8001","in","customer","9001"]
["8002","internal","agent","9001"]
["8003","out","agent","9001"]
["8004","in","customer","9002"]
["8006","internal","system","9001"]' ]
}

@test "a rating that was offered is no answer" {
	for c in full page audits tickets history view; do
		told "zendesk/$c" 'select(.type == "survey.answered") | [.data.score, .data.scale]' >>scores
	done
	[ "$(sort scores | uniq -c | tr -s ' ')" = ' 4 [1,"csat2"]
 2 [2,"csat2"]' ]
	for c in full audits tickets history view; do
		grep -qi '\boffered\b' "$MAPS/zendesk/$c.in"
	done
}

@test "a ticket's history closes and reopens in the order of time, whatever the order of its rows" {
	read_case zendesk/history
	cp -r zendesk/history turned
	cd turned
	{ head -1 ticket_field_history.csv; tail -n +2 ticket_field_history.csv | tac; } >t.csv
	jnorm -q --tz UTC t.csv >turned
	for f in out turned; do
		jq -c 'select(.type | test("clos|reopen|assign|transf|surv")) | [.time, .type, .data.from, .data.to]' $f | sort >$f.moves
	done
	cmp out.moves turned.moves
	[ "$(jq -r .[1] out.moves | tr '\n' ' ')" = \
		"case.assigned case.assigned transferred case.closed case.reopened case.closed survey.answered " ]
}

@test "what the API, the audits and the table say of one comment has one id" {
	for c in full audits comments; do
		told "zendesk/$c" 'select(.type == "message" and (.id | test("^800[1-3]$"))) | [.id, .source, .session, .direction, .actor, .data.text]' |
			sort >"$c.ids"
		[ "$(wc -l <"$c.ids")" -eq 3 ]
	done
	cmp full.ids audits.ids
	cmp full.ids comments.ids
	told intercom/list 'select(.type == "message") | .id' | sort >api
	told intercom/parts 'select(.type == "message") | .id' | sort >table
	[ -s table ]
	[ -z "$(comm -13 api table)" ]
}

@test "a ticket of Freshdesk is the same whether its export is JSON or XML" {
	local same='select(.session == "21") | del(.data.ext, .data.origin)'
	[ "$(jq -cS "$same" "$MAPS/freshdesk/xml.out")" = "$(jq -cS "$same" "$MAPS/freshdesk/account.out")" ]
}

@test "an export read again, under another name and after a ticket changed, adds what changed and conflicts with nothing" {
	for c in zendesk/full freshdesk/api intercom/list chatwoot/conversations; do
		rm -f journey.db
		read_case "$c"
		jlog -q append <"$c/out" >/dev/null
		jnorm -q "$c/$(tail -1 "$MAPS/$c.args")" | jlog append >/dev/null 2>again
		grep -q 'written 0 .*rejected 0' again || { cat again; false; }
		# A later state of the first ticket.
		mkdir -p "later/$c"
		sed -e '0,/"updated_at":"2026-03-0./s//"updated_at":"2026-04-01/' -e '0,/"updated_at":177/s//"updated_at":178/' \
			-e '0,/"priority":[^,]*,/s//"priority":"urgent",/' "$MAPS/$c.in" >"later/$c/tickets-2.json"
		jnorm -q "later/$c/tickets-2.json" | jlog append >changed 2>again
		grep -q 'rejected 0' again || { cat again; false; }
		[ "$(jq -r .type changed)" = case.updated ]
	done
}

@test "an anonymous visitor who says who she is stays one customer, and her message one message" {
	read_case chatwoot/webhooks
	run --separate-stderr jlog append <chatwoot/webhooks/out
	[ "$status" -eq 0 ]
	[[ $stderr == *"duplicates 1 "* ]]
	[ "$(jlog cat | jq -r .customer | sort -u | wc -l)" -eq 1 ]
	[ "$(jlog cat | jq -r '.data.identifiers[] | select(.kind == "email").value')" = ana.reis@mail.example ]
}

@test "several rows of a conversation's history open it once, and its parts say who closed it" {
	[ "$(told intercom/table 'select(.session == "700") | .type' | sort | uniq -c | tr -s ' ' | tr '\n' ',')" = \
		" 1 case.assigned, 2 case.closed, 1 case.opened, 1 case.reopened, 4 case.updated, 1 message, 1 survey.answered, 1 transferred," ]
	cp intercom/table/* .
	cp "$MAPS/intercom/parts.in" conversation_part_history.csv
	jnorm -q --tz UTC conversation_history.csv >with
	[ "$(jq -r .type with | grep -c 'closed\|reopened')" -eq 0 ]
}

@test "an assignment by a bot is a handoff, one by a person is not" {
	[ "$(told intercom/list 'select(.type == "handoff" or .type == "case.assigned") | [.type, .actor, .data.to]')" = \
		'["handoff","bot","11"]
["case.assigned","agent","99"]' ]
	[ "$(told hubspot/messages 'select(.type == "handoff") | [.data.from, .data.to]')" = '["B-5","A-77"]' ]
	[ "$(told chatwoot/status 'select(.type == "handoff") | .actor')" = bot ]
}

@test "Freshdesk's numbers for faces keep their order, and the comment on a rating is not said twice" {
	[ "$(told freshdesk/ratings '[.data.ext.given, .data.score, .data.scale]')" = '[103,7,"csat7"]
[100,4,"csat7"]
[-103,1,"csat7"]
[-101,3,"csat7"]' ]
	grep -q '"id":804' "$MAPS/freshdesk/api.in"
	[ -z "$(told freshdesk/api 'select(.id == "804")')" ]
}

@test "what was not sent is not said" {
	grep -q '"id":"msg_3"' "$MAPS/front/messages.in"
	[ "$(told front/messages .id | sort | tr '\n' ' ')" = "msg_1 msg_2 msg_4 msg_5 " ]
}

@test "times of the epoch keep their fraction, and a time of 0 has not come" {
	[ "$(told front/messages 'select(.id == "msg_2").time')" = 2026-03-02T09:02:40.123Z ]
	[ "$(told chatwoot/conversations '[.time, .data.ext.first_reply, .data.ext.waiting_since] | tostring')" = \
		'["2026-03-02T09:03:20.250Z",null,null]
["2026-03-02T09:00:00.000Z",null,null]' ]
}

@test "a survey's rows of names are no answers, nor is its makers' preview" {
	[ "$(told qualtrics/survey '[.id, .type, .data.score, .data.scale]')" = '["R_1","survey.answered",9,"nps"]
["R_2","survey.answered",0,"nps"]
["R_3","survey.left",null,null]' ]
}

@test "the shipped survey map is taken for one's own with a question added, as it says" {
	sed -e 's/^name: qualtrics$/name: ours/' "$TOP/ontology/adapters/qualtrics.yaml" >ours.map.yaml
	cat >>ours.map.yaml <<-'EOF'
		  - when: Q2 <> ''
		    set: {type: "'survey.answered'", id: ResponseId || '-Q2', scale: "'words'", text: Q2}
	EOF
	cp "$MAPS/qualtrics/survey.in" survey.csv
	jnorm -q --tz UTC ours.map.yaml survey.csv >out
	[ "$(jq -c 'select(.data.scale == "words") | [.id, .data.text]' out)" = '["R_1-Q2","Fast,\nand kind"]' ]
	[ "$(jq -r .id out | grep -c '^R_[123]$')" -eq 3 ]
}

@test "a page on which there is nothing is known and gives nothing" {
	printf '{"tickets": [], "end_of_stream": true, "end_time": 1, "count": 0}' >1.json
	printf '{"type": "conversation.list", "conversations": [], "pages": {}}' >2.json
	printf '{"_pagination": {"next": null}, "_links": {}, "_results": []}' >3.json
	printf '{"data": {"meta": {"all_count": 0}, "payload": []}}' >4.json
	printf '{"audits": [], "count": 0}' >5.json
	run --separate-stderr jnorm [1-5].json
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"0 inputs not read"* || $stderr == *"rejected 0" ]]
}

@test "shipped desk maps read the tables that warehouses hold, every row an event" {
	local seeds="$DATA/formats"
	[ -d "$seeds/zendesk/dbt_seeds" ] || skip "no sample exports at $seeds"
	for f in zendesk/dbt_seeds/ticket{,_comment,_field_history,_chat_event}_data.csv intercom/dbt_seeds/conversation{,_part}_history_data.csv; do
		jnorm -q --tz UTC "$seeds/$f" >out 2>err || { cat err; false; }
		[ "$(jq -r .id out | sort | uniq -d | wc -l)" -eq 0 ] || echo "$f" >>repeated
		[ -s out ]
	done
	# The same change stands several times in the table, and the same chat message.
	[ "$(cat repeated 2>/dev/null)" = zendesk/dbt_seeds/ticket_field_history_data.csv ]
}

@test "every shipped map is one, its expressions too" {
	for f in "$TOP"/ontology/adapters/*.yaml; do
		jnorm -m "$f" --formats >/dev/null
	done
}
