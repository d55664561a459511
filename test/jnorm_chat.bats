#!/usr/bin/env bats
# The shipped maps of chats, bots and transcripts. Golden files: fixtures/jnorm/maps/<format>/<case>.{in,out}; <case>.args holds one
# argument a line, the last is the name under which the input is read; <case>.d are files that lie where it is run.
bats_require_minimum_version 1.5.0
load helper
load maps

@test "every golden export of a chat, a bot or a transcript gives its events" {
	local failed=
	for f in "$MAPS"/*/*.in; do
		c=${f#"$MAPS/"}
		c=${c%.in}
		read_case "$c" || :
		diff "$MAPS/$c.out" "$c/out" || failed="$failed $c"
	done
	[ -z "$failed" ] || { echo "failed:$failed"; false; }
}

# Records without what another file or another beginning of the export says otherwise.
content() {
	jq -cS 'del(.data.origin, .data.order)' "$@" | sort
}

# part CASE COMMAND...: the same export where COMMAND makes of it has, under another name, no record that the whole has not.
part() {
	local c=$1 args name
	shift
	read_case "$c" || :
	mapfile -t args <"$MAPS/$c.args"
	name=${args[-1]}
	mkdir -p "part/$(dirname "$name")"
	[ ! -d "$MAPS/$c.d" ] || cp -r "$MAPS/$c.d/." part
	"$@" <"$MAPS/$c.in" >"part/$(dirname "$name")/other.${name##*.}"
	(cd part && jnorm -q "${args[@]:0:${#args[@]}-1}" "$(dirname "$name")") >part.out
	rm -r part
	content "$c/out" >whole
	content part.out >some
	[ -s some ] && [ "$(wc -l <some)" -lt "$(wc -l <whole)" ] && [ -z "$(comm -13 whole some)" ]
}

@test "an export that begins elsewhere, under another name, gives the same records where they overlap" {
	part telegram/personal jq '.messages |= .[2:]'
	part telegram/account jq '.chats.list |= .[1:]'
	part slack/export jq '.[1:]'
	part messenger/instagram jq '.messages |= .[2:]'
	part messenger/group jq '.messages |= .[1:]'
	part signal/desktop jq '.[1:]'
	part signal/export tail -n 2
	part discord/channel jq '.messages |= .[1:]'
	part whatsapp-cloud/lines tail -n 9
	part rasa/tracker jq '.events |= .[5:]'
	part dialogflow/history jq '.interactions |= .[1:]'
}

@test "the log takes a chat once that was exported twice" {
	read_case telegram/personal
	jlog append -q --db db telegram/personal/out >/dev/null
	jq '.messages |= .[3:]' "$MAPS/telegram/personal.in" >later.json
	run --separate-stderr bash -c "jnorm -q --account acme --tz America/Sao_Paulo later.json | jlog append --db db"
	[ "$status" -eq 0 ]
	[[ $stderr == *"read 4 = written 0 + duplicates 4 + rejected 0"* ]]
}

@test "a personal chat of Telegram tells us from her without --self, and a group does not" {
	cp "$MAPS/telegram/account.in" result.json
	run --separate-stderr jnorm --self Lume result.json
	[ "$(jq -r 'select(.session == "4100200300").actor' <<<"$output" | tr '\n' ' ')" = 'customer agent ' ]
	jq 'del(.personal_information.user_id)' "$MAPS/telegram/account.in" >nobody.json
	run --separate-stderr jnorm -f telegram nobody.json
	[ "$(jq -r 'select(.session == "4100200300").actor' <<<"$output" | tr '\n' ' ')" = 'customer agent ' ]
	[ "$(jq -r 'select(.session == "1500600700" and .type == "message" and .direction != "internal").actor' <<<"$output" | sort -u)" = customer ]
}

@test "who is us decides the direction where the export does not say it" {
	cp "$MAPS/discord/channel.in" chat.json
	run --separate-stderr jnorm chat.json
	[[ $stderr == *"no speaker is known to be us"* ]]
	[ "$(jq -r 'select(.id == "1002").direction' <<<"$output")" = in ]
	run --separate-stderr jnorm --self 'lume casa' chat.json
	[[ $stderr != *"no speaker"* ]]
	[ "$(jq -r 'select(.id == "1002").direction' <<<"$output")" = out ]
	cp "$MAPS/messenger/group.in" message_1.json
	[ "$(jnorm -q --self 'Ana Sá' message_1.json | jq -r 'select(.data.text == "Quando chega?").direction')" = out ]
}

@test "exports are recognised by their content, whatever their name, and from standard input" {
	for f in "$MAPS"/*/*.in; do
		c=${f#"$MAPS/"}
		[ "$c" != discord/table.in ] || continue
		# Two have a row that is none.
		jnorm --start 2026-03-05T17:00:00Z - <"$f" >out 2>err || [ "$c" = telegram/older.in ] || [ "$c" = meta-leads-csv/tabs.in ]
		[ -s out ] || { echo "$c"; cat err; false; }
	done
}

@test "the tables of a Slack export are known, and say nothing by themselves" {
	mkdir -p export/geral
	cp "$MAPS"/slack/export.d/*.json export
	cp "$MAPS/slack/export.in" export/geral/2026-03-02.json
	run --separate-stderr jnorm --self @lume.example --bot LumeBot export
	[ "$status" -eq 0 ]
	[[ $stderr == *"read 8 = written 8 + duplicates 0 + rejected 0 (3 empty, 0 inputs not read)"* ]]
	echo '[{"id": "u-7", "name": "x"}]' >users.json
	run --separate-stderr jnorm users.json
	[ "$status" -eq 65 ]
	cp users.json export/users.json
	run --separate-stderr jnorm --self @lume.example export
	[ "$status" -eq 0 ]
	[[ $stderr == *"users.json: a table that a map looks things up in: no export by itself"* ]]
}

@test "a customer of WhatsApp who changes her number stays one person" {
	cp "$MAPS/whatsapp-cloud/lines.in" hooks.ndjson
	echo '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"from":"5511912345699","id":"wamid.new","timestamp":"1772539200","type":"text","text":{"body":"sou eu"}}]}}]}]}' >>hooks.ndjson
	jnorm -q hooks.ndjson | jlog append -q --db db >/dev/null
	[ "$(jlog cat --db db | jq -r 'select(.session == "+5511912345601" or .session == "+5511912345699").customer' | sort -u | wc -l)" -eq 1 ]
}

@test "webhooks that stand within something else are refused, and not taken for none" {
	jq -c '{first: (if type == "array" then .[0] else . end)}' <(head -1 "$MAPS/whatsapp-cloud/lines.in" 2>/dev/null || head -1 "$MAPS"/whatsapp-cloud/*.in) >wrapped.json
	run -65 --separate-stderr jnorm wrapped.json
	[[ $stderr == *"wrapped.json: not an export that jnorm knows"* ]]
}

@test "a transcript that says no time takes it from the file's name, from --start, or is told" {
	cp "$MAPS/whisper/plain.in" 2026-03-05T14-02-10Z_call-9.json
	[ "$(jnorm -q 2026*.json | jq -r '[.time, .session] | join(" ")' | head -n 1)" = '2026-03-05T14:02:10.000Z call-9' ]
	touch -d 2026-03-01T10:00:00Z 2026*.json
	mv 2026*.json call.json
	[ "$(jnorm -q call.json | jq -r '[.time, .data.time_assumed] | join(" ")' | head -n 1)" = '2026-03-01T10:00:00.000Z mtime' ]
	run --separate-stderr jnorm - <call.json
	[ "$status" -eq 65 ]
	[[ $stderr == *"nothing says when this call began (use --start TIME)"* ]]
}

@test "a speaker without a name has no side until --self names one of them" {
	cp "$MAPS/assemblyai/utterances.in" call.json
	[ "$(jnorm -q --start 2026-03-05T17:00:00Z call.json | jq -r .actor | sort -u)" = null ]
	[ "$(jnorm -q --start 2026-03-05T17:00:00Z --self 'Speaker B' call.json | jq -r .actor | tr '\n' ' ')" = 'customer agent ' ]
}

@test "the public samples of chats, bots and transcripts are read without a rejected record" {
	[ -d "$DATA/formats/telegram" ] || skip "the public samples are not there"
	for f in telegram slack instagram discord rasa transcripts/wtf; do
		find "$DATA/formats/$f" \( -name '*.json' -o -name '*.csv' \) ! -name target.json ! -name invalid.json
	done >files
	while read -r f; do
		run --separate-stderr jnorm "$f"
		[ "$status" -eq 0 ] || { echo "$f: $stderr"; false; }
		[[ $stderr == *" + rejected 0"* ]]
		[[ $stderr != *"read 0 "* ]]
	done <files
}

@test "text of Signal's is told from WhatsApp's by the name of its file or folder" {
	mkdir signal
	printf '[2026-03-02, 09:00] Ana Prado: Cadê meu\npedido?\n[2026-03-02, 09:01] Lume Casa: Já vejo\n' >signal/chat.txt
	run --separate-stderr jnorm --self 'Lume Casa' signal/chat.txt
	[ "$(jq -c '[.source, .channel, .direction, .data.text]' <<<"$output")" = '["signal/local","signal","in","Cadê meu\npedido?"]
["signal/local","signal","out","Já vejo"]' ]
	cp signal/chat.txt chat.txt
	[ "$(jnorm -q chat.txt | jq -r .channel | sort -u)" = whatsapp ]
}

@test "every golden export gives the same through a pipe as from its file" {
	for f in "$MAPS"/*/*.in; do
		jnorm -q --start 2026-03-05T17:00:00Z --tz UTC "$f" 2>/dev/null | jq -cS 'del(.data.origin, .session, .id)' >file || :
		cat "$f" | jnorm -q --start 2026-03-05T17:00:00Z --tz UTC - 2>/dev/null | jq -cS 'del(.data.origin, .session, .id)' >pipe || :
		[ "$(wc -l <file)" -eq "$(wc -l <pipe)" ] || { echo "${f#"$MAPS/"}"; wc -l file pipe; false; }
	done
}
