#!/usr/bin/env bats
# The channel is data about delivery: another channel of the same class, another source, session or kind of identifier gives the
# same facts and the same context, apart from the names themselves.
bats_require_minimum_version 1.5.0
load helper
load gen/records

# Facts with the names told in the other tongue.
facts() {
	local v
	for v in contact issue switch move; do
		jproject -q -d "$1" ${v}$([ $v = switch ] && echo es || echo s)
	done
}
names() {
	sed -e 's/"source":"[^"]*"/"source":"?"/;s/"session":"[^"]*"/"session":"?"/' -e "$1"
}
forth='s/channel":"whatsapp"/channel":"@email"/g;s/channel":"email"/channel":"@web"/g;s/channel":"web"/channel":"@whatsapp"/g;s/channel":"voice"/channel":"@chat"/g;s/"@/"/g'

@test "channels, sources, sessions and kinds of identifiers that change their names change no fact" {
	for seed in $(seq 20); do
		history -v seed=$seed -v n=80 -v people=$((1 + seed % 5)) -v shared=$((seed % 3 * 25)) -v days=$((3 + seed % 30)) >in
		awk -f "$TOP/test/gen/permute.awk" in >other
		! cmp -s in other
		rm -f j.db* k.db*
		jlog -q -d j.db append in
		jlog -q -d k.db append other
		facts j.db | names "$forth" >one
		facts k.db | names '' >two
		[ -s one ]
		diff one two || { echo "seed $seed"; false; }
	done
}

@test "channels, sources, sessions and kinds of identifiers that change their names change no context" {
	for seed in $(seq 10); do
		history -v seed=$seed -v n=80 -v people=$((1 + seed % 5)) -v shared=$((seed % 3 * 25)) >in
		awk -f "$TOP/test/gen/permute.awk" in >other
		rm -f j.db* k.db*
		jlog -q -d j.db append in
		jlog -q -d k.db append other
		jlog -q -d j.db cat | jproject -q -d j.db enrich | grep -o '"context":.*' >one
		jlog -q -d k.db cat | jproject -q -d k.db enrich | grep -o '"context":.*' | diff one - || { echo "seed $seed"; false; }
		[ "$(wc -l <one)" = 80 ]
	done
}

@test "a channel of the other class is cut by the other gap, and nothing else changes" {
	her 1 "02 10:00" channel=whatsapp "$(phone +551)" >in
	her 2 "02 12:00" channel=whatsapp >>in
	jlog -q -d j.db append in
	sed 's/whatsapp/chat/' in | jlog -q -d k.db append
	[ "$(jproject -d j.db contacts | wc -l)" = 1 ]
	[ "$(jproject -d k.db contacts | wc -l)" = 2 ]
}

# decisions FILE: all of them over its records, without what says where they were.
decisions() {
	jlog -q -d "$1" cat | jroute -q -d "$1" -r routes.yaml --context brief | tee answers |
		sed -E 's/"deliver":.*,("basis":)/\1/; s/"(id|source|session|channel)":"[^"]*",//g; s/"identifiers":\[[^]]*\],//'
	sed -E 's/.*"deliver":(.*),"basis":.*/\1/' answers >"$1.answers"
}

@test "channels that change their names change no decision of jroute, over a thousand journeys and many kinds of decision" {
	jgen -q -c 600 --seed 5 >in
	awk -f "$TOP/test/gen/permute_made.awk" in >other
	jlog -q -d j.db append in
	jlog -q -d k.db append other
	cat >routes.yaml <<-'END'
		jtools: rules/1
		name: law
		version: 1
		zones: {BR: America/Sao_Paulo, US: America/New_York}
		default: {queue: general, agent: bot}
		rules:
		  - {id: owed, when: commitments_overdue > 0, queue: complaints, priority: 1, sticky: 30d}
		  - {id: moved, when: switched, queue: general, agent: human, priority: 2}
		  - {id: agreed, when: "consent('marketing') and family = 'quote'", queue: sales}
		  - {id: again, when: repeat or contacts_7d > 1, queue: orders, priority: 2}
		  - {id: decided, when: decided_30d > 0 or open_issues > 1, queue: billing}
		  - {id: night, when: hour not between 8 and 19, queue: bot, agent: bot}
		  - {id: rich, when: value > 100 or customer_days > 20, queue: sales, sticky: 7d}
		  - {id: waits, when: waiting > 60, queue: general}
		  - {id: known, when: "given('order') or last_agent is not null", queue: orders, agent: ai}
		escalate:
		  - {when: sentiment < -0.3, reason: complaint}
		  - {when: asked_again or transfers_30d > 0, reason: repeat, queue: complaints}
		deliver:
		  prefer:
		    - {regions: [BR], channels: [whatsapp, email]}
		    - {channels: [email, voice]}
	END
	decisions j.db >one
	decisions k.db >two
	cmp one two
	run ! cmp -s in other
	# How to answer may depend on the channel, and does; nothing else.
	run ! cmp -s j.db.answers k.db.answers
	sed -i '/^deliver:/,$d' routes.yaml
	decisions j.db | cmp one -
	[ "$(jproject -d j.db issues -o ndjson | wc -l)" -ge 1000 ]
	[ "$(grep -o '"rule":"[a-z]*"' one | sort -u | wc -l)" -ge 8 ]
	[ "$(grep -o '"reasons":[^]]*' one | sort -u | wc -l)" -ge 2 ]
}
