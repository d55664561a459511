#!/usr/bin/env bats
# jproject vcon: issues and contacts as conversation containers, and jnorm, which reads them and those that others write.
bats_require_minimum_version 1.5.0
load helper
load gen/records

me=$(phone +551)
late='"intent":"delivery.late"'
bill='"intent":"billing.charge"'

setup() { export JTOOLS_DB=j.db; }
check() {
	command -v python3 >/dev/null || skip "no python3 here"
	python3 "$TOP/test/check_vcon.py" "$@"
}

# An issue of two contacts on two channels, another issue, and a consent that belongs to neither.
journey() {
	her 1 "02 10:00" channel=chat session=a "$me,$late,\"text\":\"where is it?\",\"name\":\"Ann\",\"amount\":1.10"
	ana 2 "02 10:05" channel=chat session=a '"text":"on its way"'
	her 3 "02 12:05" channel=email session=b "$me,$late,\"text\":\"still nothing\",\"case\":\"K-7\""
	rec 4 "03 12:00" type=call channel=voice session=c "$me,$bill,\"reason\":\"answered\",\"duration\":60"
	rec 5 "04 12:00" type=consent.granted session= channel= "$me,\"channel\":\"email\",\"purpose\":\"marketing\""
}
# What v of each container is: of jq FILTER
each() { jproject vcon "${@:2}" | jq -c "$1"; }

@test "an issue is a container, with all of its contacts in the order of time" {
	journey | jlog append -q
	jproject vcon >out
	check out
	is "$(wc -l <out)" 2
	is "$(each '[.subject, (.dialog | map(.type)), (.analysis | map(.body.id))]')" \
		'["K-7",["text","text","text"],["1","2","3"]]
["billing",["recording"],["4"]]'
	is "$(each '.parties[0]' | head -n 1)" '{"tel":"+551","name":"Ann","validation":"none","type":"person"}'
}

@test "a contact is a container where that is asked for" {
	journey | jlog append -q
	jproject vcon --per contact >out
	check out
	is "$(each '[.subject, (.analysis | map(.body.id))]' --per contact)" '["a",["1","2"]]
["b",["3"]]
["c",["4"]]'
}

@test "containers come back as the records that they were made of" {
	journey | jlog append -q
	for per in issue contact; do
		jproject vcon --per $per | jnorm -q | sort | cmp - <(jlog cat -q | grep -v consent.granted | sort)
		jproject vcon --per $per | jq . >laid-out
		[ "$(wc -l <laid-out)" -gt 20 ]
	done
	jlog -q -d copy.db append < <(jproject vcon | jnorm -q)
	is "$(jlog -q -d copy.db cat --type call | without customer sequence recordedtime)" "$(jlog -q cat --type call | without customer sequence recordedtime)"
	jlog -d copy.db append < <(jproject vcon --per contact | jnorm -q) 2>err >none
	grep -q 'duplicates 4' err
}

@test "laid out over lines they come back as well" {
	journey | jlog append -q
	jproject vcon >out
	command -v python3 >/dev/null || skip "no python3 here"
	python3 -c '
import json, sys
for line in open("out", encoding="utf-8"):
    print(json.dumps(json.loads(line), indent=2, ensure_ascii=False))' | sed 's/"amount": 1.1$/"amount": 1.10/' >laid-out.json
	jnorm -q laid-out.json | sort | cmp - <(jlog cat -q | grep -v consent.granted | sort)
}

@test "a generated log's containers are valid and come back, each record of a contact once" {
	jgen -q -n 10000 --seed 5 --truth truth | jlog append -q
	jproject -q update
	for per in issue contact; do
		jproject vcon --per $per >out
		check out
		is "$(wc -l <out)" "$(sqlite3 j.db "SELECT count(*) FROM v_$per")"
		jnorm -q out | sort >back
		comm -23 back <(jlog cat -q | sort) >strange
		[ ! -s strange ]
		is "$(uniq -d back)" ""
		[ "$(wc -l <back)" = "$(sqlite3 j.db 'SELECT sum(events) FROM v_contact')" ]
	done
}

@test "they are files in a folder where one is named" {
	journey | jlog append -q
	jproject vcon --into there >none
	[ ! -s none ]
	is "$(ls there)" "c1-issue-1.vcon.json
c1-issue-4.vcon.json"
	cat there/* | cmp - <(jproject vcon)
	jproject vcon --per contact --into there
	is "$(ls there | wc -l)" 5
	jnorm -q there | sort -u | cmp - <(jlog cat -q | grep -v consent.granted | sort)
	run -2 jproject vcon --into /proc/no/such
	[[ $output == *"/proc/no/such: "* ]]
}

@test "one customer's are hers, and the same log gives the same bytes" {
	{ journey; her 9 "05 10:00" session=z "$(phone +552),\"text\":\"hi\""; } | jlog append -q
	is "$(each '.analysis | map(.body.id)' --customer +552)" '["9"]'
	jproject vcon >one
	jproject rebuild -q
	jproject vcon | cmp - one
	is "$(jq -r .uuid one | sort -u | wc -l)" 3
}

@test "what there is no container of is refused" {
	journey | jlog append -q
	run -2 jproject vcon --per session
	[[ $output == *"no vCon per session (issue, contact)"* ]]
	run -2 jproject vcon -o csv
	run -2 jproject contacts --per issue
	jlog -q -d empty.db append </dev/null
	is "$(jproject -d empty.db vcon)" ""
}

# ---- those that others write ----

foreign() { printf '{"vcon":"0.4.0","uuid":"%s","parties":[%s],"dialog":[%s]}\n' "$@"; }
text() { printf '{"type":"text","start":"2026-03-02T10:00:00Z","parties":%s,"mediatype":"text/plain","encoding":"none","body":"hi"%s}' "$@"; }

@test "who is us follows from options, roles and types, and who is left is on the other side" {
	foreign u1 '{"name":"A"},{"name":"B","role":"agent"}' "$(text 0 ''),$(text 1 '')" >1
	foreign u2 '{"name":"A"},{"name":"B","role":"customer"}' "$(text 0 ''),$(text 1 '')" >2
	foreign u3 '{"name":"A","type":"bot"},{"name":"B"}' "$(text 0 ''),$(text 1 '')" >3
	foreign u4 '{"mailto":"mailto:x@Us.example"},{"name":"B"}' "$(text 0 ''),$(text 1 '')" >4
	foreign u5 '{"name":"A"},{"name":"B"}' "$(text 0 ''),$(text 1 '')" >5
	is "$(jnorm -q --self @us.example 1 2 3 4 5 | jq -r .actor | paste -sd ' ')" "customer agent agent customer bot customer agent customer customer customer"
	run jnorm 5
	[[ $output == *"in 1 conversation no speaker is known to be us"* ]]
}

@test "the channel is the application's, else what parties and content tell" {
	foreign u '{"tel":"+5511912345601","role":"customer"},{"mailto":"a@b.example","role":"customer"},{"name":"x","role":"customer"}' \
		"$(text 0 ''),$(text 1 ''),$(text 2 ''),$(text 2 ',"application":"Telegram"'),$(text 2 ',"application":"My App"'),
		{\"type\":\"recording\",\"start\":\"2026-03-02T10:00:00Z\",\"parties\":[2],\"mediatype\":\"audio/wav\"},
		{\"type\":\"recording\",\"start\":\"2026-03-02T10:00:00Z\",\"parties\":[2],\"mediatype\":\"video/mp4\"}" >in
	is "$(jnorm -q in | jq -r .channel | paste -sd ' ')" "sms email chat telegram chat voice video"
	is "$(jnorm -q in | jq -r '.data.ext.application // empty')" "My App"
}

@test "the same container read again, alone or among others, gives the same records" {
	foreign u1 '{"tel":"+5511912345601","role":"customer"}' "$(text 0 '')" >one
	foreign u2 '{"tel":"+5511912345602","role":"customer"}' "$(text 0 ''),$(text 0 '')" >two
	jnorm -q two | jlog append -q >none
	{ echo "["; cat one; echo ","; cat two; echo "]"; } >all
	jnorm -q all | jlog append 2>err >none
	grep -q 'read 3 = written 1 + duplicates 2 + rejected 0' err
}

@test "a container of any size is read or its bytes are kept, and what is behind it is read" {
	{
		foreign u1 '' ''
		foreign u2 '{"role":"customer"}' "$(text 0 ",\"filename\":\"$(head -c 3000 /dev/zero | tr '\0' x)\"")"
		foreign u3 '{"role":"customer"}' "$(text 0 '')"
	} >in
	run -65 jnorm --max-line 2K --reject dead in
	grep -q 'read 2 = written 1 + duplicates 0 + rejected 1 (1 empty' <<<"$output"
	jq -r .raw_base64 dead | base64 -d | cmp - <(sed -n 2p in | tr -d '\n')
	sed -n 2p in >second
	is "$(jnorm -q second | wc -l)" 1
	head -c 100 second >half
	run -2 jnorm half
	[[ $output == *"rejected 1"* ]]
}

@test "a container without its version is known by its parts, and a map of the user's wins over that" {
	foreign u1 '{"role":"customer"}' "$(text 0 '')" | sed 's/"vcon":"0.4.0",//' >in
	is "$(jnorm -q in | jq -r .id)" u1-0
	cat >map.yaml <<'END'
jtools: map/1
name: mine
format: json
match:
  keys: [uuid, parties]
columns:
  uuid: uuid
events:
  - set:
      type: "'visit'"
      id: uuid
      time: "'2026-03-02T10:00:00Z'"
END
	is "$(jnorm -q -m map.yaml in | jq -r .source)" mine/local
}
