#!/usr/bin/env bats
# vCons of others: signed, encrypted, with times that have no zone.
bats_require_minimum_version 1.5.0
load helper

setup() {
	command -v jq >/dev/null || skip "no jq here"
}

vcon() {
	jq -nc --arg start "$1" '{vcon: "0.0.2", uuid: "u-1", parties: [{tel: "+5511912345601", name: "Ana", role: "customer"}, {name: "Bo", role: "agent"}],
		dialog: [{type: "text", start: $start, parties: [0, 1], mediatype: "text/plain", encoding: "none", body: "where is it?"}]}'
}

@test "a dialog's start without a zone is a local time, and that is marked" {
	vcon 2026-03-02T09:15:00.706620 >a.vcon
	[ "$(jnorm -q a.vcon | jq -c '[.time, .data.time_assumed]')" = '["2026-03-02T09:15:00.706Z","UTC"]' ]
	[ "$(jnorm -q --tz America/Sao_Paulo a.vcon | jq -c '[.time, .data.time_assumed]')" = '["2026-03-02T12:15:00.706Z",null]' ]
	vcon 2026-03-02T09:15:00-03:00 >a.vcon
	[ "$(jnorm -q a.vcon | jq -c '[.time, .data.time_assumed]')" = '["2026-03-02T12:15:00.000Z",null]' ]
	vcon "last Monday" >a.vcon
	run -65 jnorm -q a.vcon
	[[ $output == *"a dialog without a start"* ]]
}

@test "what a container says and nothing knows is kept, and what must be understood is not passed over" {
	cat >a.vcon <<-'EOF'
	{"vcon":"0.4.0","uuid":"u-2","extensions":["CC","x"],"created_at":"2026-03-02T09:00:00Z","x_own":{"n":1.10},
	"parties":[{"sip":"sip:+5511912345601@pbx.example;user=phone","x_tier":"gold"},{"sip":"sips:Ana@pbx.example","role":"agent"},{"sip":"sip:Bia@pbx.example","role":"customer"}],
	"dialog":[{"type":"text","start":"2026-03-02T09:00:00Z","parties":[0,1],"body":"a","x_lat":[3],"session_id":{"local":"l","remote":"r"}},
	{"type":"text","start":"2026-03-02T09:01:00Z","parties":[2,1],"body":"b"}]}
	EOF
	run -0 jnorm -q a.vcon
	[[ ${lines[0]} == *'"ext":{"dialog":{"x_lat":[3],"session_id":{"local":"l","remote":"r"}},"party":{"x_tier":"gold"},"vcon":{"x_own":{"n":1.10}}}'* ]]
	[ "$(jq -c '[.data.identifiers, .data.ext]' <<<"${lines[1]}")" = '[[{"kind":"handle:sip","value":"bia@pbx.example"}],null]' ]
	[ "$(jq -c .data.identifiers <<<"${lines[0]}")" = '[{"kind":"phone","value":"+5511912345601"}]' ]
	sed 's/"extensions"/"critical":["CC"],"extensions"/' a.vcon | jnorm -q -f vcon - | cmp - <(jnorm -q -f vcon - <a.vcon)
	for name in critical must_support; do
		sed "s/\"extensions\"/\"$name\":[\"CC\",\"x\"],\"extensions\"/" a.vcon >c.vcon
		run -65 jnorm -q c.vcon
		[[ $output == *"a vCon that is not to be read without the extension x"* ]]
	done
}

@test "a signed container is read and says that nobody checked, an encrypted one is refused" {
	payload=$(vcon 2026-03-02T09:15:00Z | base64 -w0 | tr '+/' '-_' | tr -d =)
	jq -n --arg p "$payload" '{payload: $p, signatures: [{protected: "e30", signature: "AAAA"}]}' >s.vcon
	jnorm -q s.vcon >out
	[ "$(jq -r '.id + " " + .actor + " " + .data.text + " " + .data.ext.signature' out)" = "u-1-0 customer where is it? unchecked" ]
	jnorm -q - <s.vcon | jq -c 'del(.data.origin)' | cmp - <(jq -c 'del(.data.origin)' out)
	jq -n '{protected: "e30", ciphertext: "AAAA", recipients: [], iv: "", tag: ""}' >e.vcon
	run -65 --separate-stderr jnorm e.vcon
	[ -z "$output" ]
	[[ $stderr == *"e.vcon:1: an encrypted vCon"* ]]
	jq -n '{payload: "no*base64", signatures: []}' >b.vcon
	run -65 jnorm b.vcon
	[[ $output == *"payload is no base64url"* ]]
}

@test "the words of one conversation have one channel, whoever speaks and whatever each can be reached by" {
	say() {
		jq -nc --argjson hers "$1" --argjson ours "$2" '{vcon: "0.0.2", uuid: "u-9",
			parties: [$ours + {name: "Bo", role: "agent"}, $hers + {name: "Ana", role: "customer"}], dialog: [0, 1, 0 |
			{type: "text", start: "2026-03-02T09:15:00Z", parties: [.], originator: ., mediatype: "text/plain", encoding: "none", body: "a"}]}' \
			>a.vcon
		jnorm -q a.vcon | jq -r .channel | uniq
	}
	local tel='{"tel":"+5511912345601"}' mail='{"mailto":"ana@mail.example"}' both='{"tel":"+5511912345601","mailto":"ana@mail.example"}'
	[ "$(say "$both" '{"tel":"","mailto":"bo@lume.example"}')" = email ]
	[ "$(say "$both" '{"tel":"+551140041234"}')" = sms ]
	[ "$(say "$both" "$both")" = chat ]
	[ "$(say "$mail" "$both")" = email ]
	[ "$(say "$tel" '{"mailto":"bo@lume.example"}')" = sms ]
	[ "$(say "$tel" '{}')" = sms ]
	[ "$(say '{}' '{}')" = chat ]
}
