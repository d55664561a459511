#!/usr/bin/env bats
# jroute: how to answer, by regional preference and consent, and nothing else by it.
bats_require_minimum_version 1.5.0
load helper
load gen/records

# rules LINE ...: a rule file of these lines, with what every one needs before them; a ~ is a quotation mark.
rules() {
	printf '%s\n' 'jtools: rules/1' 'name: t' 'version: 1' 'default: {queue: general}' "$@" | tr '~' "'"
}
# answer FILE: where each event is answered, why, and what was skipped; of records that were logged.
answer() {
	rm -f j.db*
	jlog -q -d j.db append "$1"
	jlog -q -d j.db cat | jroute -q -d j.db -r r.yaml |
		jq -r '[.data.event, .data.deliver.channel // "-", .data.deliver.reason, (.data.deliver.skipped // [] | .[] | "\(.channel):\(.reason)")] | join(" ")'
}
# agrees ID TIME CHANNEL [PURPOSE]: she consents; takes: she takes it back.
agrees() { rec "$1" "$2" type=consent.granted direction=internal "\"channel\":\"$3\",\"purpose\":\"${4:-service}\""; }
takes() { rec "$1" "$2" type=consent.revoked direction=internal "\"channel\":\"$3\",\"purpose\":\"${4:-service}\""; }
prefers() {
	rules 'deliver:' "  purpose: ${1:-service}" '  prefer:' '    - {regions: [BR, MX], channels: [whatsapp, email, voice]}' \
		'    - {channels: [email, voice]}' >r.yaml
}

@test "an answer goes to the channel that is preferred in the region" {
	prefers
	her 1 "02 10:00" "$(both +551 a@x.example),\"region\":\"BR\"" >in
	her 2 "02 10:01" '"region":"DE"' >>in
	her 3 "02 10:02" '"region":"mx-CMX"' >>in
	her 4 "02 10:03" >>in
	is "$(answer in)" "1 whatsapp preferred
2 email preferred
3 whatsapp preferred
4 whatsapp preferred"
	is "$(jroute -q -r r.yaml <(head -1 in) | jq -c .data.deliver)" '{"channel":"whatsapp","purpose":"service","reason":"preferred"}'
}

@test "a channel is skipped where no identifier of hers is of its kind, or its window is closed" {
	prefers
	her 1 "02 10:00" channel=web source=web/a "$(email a@x.example),\"region\":\"BR\"" >in
	her 2 "02 10:05" "$(both +551 a@x.example),\"region\":\"BR\"" >>in
	her 3 "04 10:00" channel=web source=web/a "$(email a@x.example)" >>in
	is "$(answer in)" "1 email preferred whatsapp:no_identifier
2 whatsapp preferred
3 email preferred whatsapp:window_closed"
}

@test "a channel is skipped once she took her consent back, and whatever is no service needs one" {
	prefers
	her 1 "02 10:00" "$(both +551 a@x.example),\"region\":\"BR\"" >in
	agrees 2 "02 10:01" email >>in
	takes 3 "02 10:02" whatsapp >>in
	her 4 "02 10:03" >>in
	takes 5 "02 10:04" email >>in
	her 6 "02 10:05" >>in
	is "$(answer in)" "1 whatsapp preferred
4 email preferred whatsapp:no_consent
6 - no_consent whatsapp:no_consent email:no_consent voice:no_consent"
	prefers marketing
	her 1 "02 10:00" "$(both +551 a@x.example),\"region\":\"BR\"" >in
	agrees 2 "02 10:01" email marketing >>in
	her 3 "02 10:03" >>in
	is "$(answer in)" "1 - no_consent whatsapp:no_consent email:no_consent voice:no_consent
3 email preferred whatsapp:no_consent"
}

@test "where none of the channels is left she is answered where she wrote last, while that contact is open" {
	prefers
	her 1 "02 10:00" channel=web >in
	rec 2 "02 20:00" type=lead channel=facebook >>in
	rec 3 "04 20:00" type=lead channel=facebook >>in
	is "$(answer in)" "1 web her_contact email:no_identifier voice:no_identifier
2 web her_contact email:no_identifier voice:no_identifier
3 - no_contact email:no_identifier voice:no_identifier"
}

@test "a rule says how to answer itself, and a region without a preference is answered where she wrote" {
	rules 'deliver: {prefer: [{regions: [BR], channels: [sms]}]}' 'rules:' \
		'  - {id: it, when: "intent = ~refund.request~", queue: orders, deliver: {purpose: survey, prefer: [{channels: [email]}]}}' >r.yaml
	her 1 "02 10:00" channel=chat "$(both +551 a@x.example),\"region\":\"BR\"" >in
	her 2 "02 10:01" channel=chat '"region":"DE"' >>in
	agrees 3 "02 10:02" email survey >>in
	her 4 "02 10:03" channel=chat '"intent":"refund.request"' >>in
	is "$(answer in)" "1 sms preferred
2 chat her_contact
4 email preferred"
	rules >none.yaml
	is "$(jroute -q -r none.yaml in | grep -c deliver)" 0
}

@test "what is known of her is of the log up to the event, also where the record brings its context" {
	prefers
	her 1 "02 10:00" channel=web '"region":"BR"' >in
	her 2 "02 10:01" channel=web "$(both +551 a@x.example)" >>in
	answer in >plain
	jlog -q -d j.db cat | jproject -q -d j.db enrich >rich
	jroute -q -d j.db -r r.yaml rich | jq -r '.data.deliver.channel' >got
	is "$(cat got)" "web
email"
	is "$(cut -d' ' -f2 plain)" "$(cat got)"
}

@test "--explain tells where she is answered and what stood against the others" {
	prefers
	her 1 "02 10:00" channel=web "$(email a@x.example),\"region\":\"BR\"" >in
	rec 2 "06 10:00" type=lead channel=facebook session=other >>in
	jroute -q -r r.yaml --explain -o text in >told
	is "$(grep answer told)" "  answer email: preferred  (whatsapp: no_identifier)
  answer nowhere: no_contact  (email: no_identifier, voice: no_identifier)"
	is "$(jroute -q -r r.yaml --explain -o ndjson in | jq -r '.deliver.channel // "-"' | tr '\n' ' ')" "email - "
}

@test "check says where a delivery names no channel, a region twice or what is never asked" {
	prefers
	run -0 jroute check -r r.yaml
	while IFS='|' read -r change why; do
		sed "$change" r.yaml >b.yaml
		run -1 jroute check -r b.yaml
		[[ $output == *"$why"* ]] || { echo "$change: $output"; false; }
	done <<-'END'
		s/whatsapp/watsapp/|b.yaml:8:38: error: unknown channel: watsapp (did you mean whatsapp?)
		s/whatsapp/letter/|b.yaml:8:38: error: the ontology does not say how one is reached there (reach)
		s/voice\]/email]/|b.yaml:8:55: error: this channel stands there already
		s/MX/mexico/|b.yaml:8:22: error: a region like BR or US-CA was expected
		s/MX/BR-SP/|b.yaml:8:22: error: what stands before takes this region
		s/regions: .BR, MX., //|b.yaml:9:7: error: the preference before this one takes all regions
		s/prefer:/perfer:/|error: unknown member: perfer
	END
	sed 's/- {channels/- {regions: [MX-CMX], channels/' r.yaml >b.yaml
	run -1 jroute check -r b.yaml
	[[ $output == *"b.yaml:9:18: error: what stands before takes this region"* ]]
}

@test "conditions do not see the channel where rules say how to answer" {
	prefers
	printf '%s\n' 'rules:' '  - {id: a, when: "deliver = ~email~", queue: general}' | tr '~' "'" >>r.yaml
	run -2 jroute -q -r r.yaml /dev/null
	[[ $output == *"deliver"* ]]
	sed -i 's/deliver = /channel = /' r.yaml
	run -2 jroute -q -r r.yaml /dev/null
	[[ $output == *"channel"* ]]
}

@test "diff counts another answer as a change where both files say how to answer" {
	prefers
	her 1 "02 10:00" "$(both +551 a@x.example),\"region\":\"BR\"" >in
	her 2 "02 10:01" '"region":"DE"' >>in
	sed 's/whatsapp, //' r.yaml >b.yaml
	rules >none.yaml
	is "$(jroute diff -q -o ndjson r.yaml b.yaml in | jq -c 'select(.kind == "example") | [.event, .a.deliver.channel, .b.deliver.channel]')" \
		'["1","whatsapp","email"]'
	is "$(jroute diff -q -o ndjson r.yaml none.yaml in | jq -c 'select(.kind == "summary") | .changed')" 0
}

@test "a company's ontology says how one is reached on a channel of its own" {
	mkdir o
	printf '%s\n' 'jtools: ontology/1' 'name: own' 'version: "1.0.0"' "extends: $TOP/ontology" \
		'channels: {kiosk: live}' 'reach: {kiosk: {identifiers: [device, crm]}, sms: {identifiers: [email]}}' >o/ontology.yaml
	rules 'deliver: {prefer: [{channels: [sms, kiosk]}]}' >r.yaml
	her 1 "02 10:00" "$(phone +551)" >in
	her 2 "02 10:00" '"identifiers":[{"kind":"crm","value":"17"}]' >>in
	her 3 "02 10:00" "$(email a@x.example)" >>in
	is "$(jroute -q -r r.yaml --ontology o in | jq -r .data.deliver.channel | tr '\n' ' ')" "whatsapp kiosk sms "
	sed -i 's/crm\]/shoe]/' o/ontology.yaml
	run -2 jroute -q -r r.yaml --ontology o in
	[[ $output == *"ontology.yaml:6:39: unknown kind shoe"* ]]
}
