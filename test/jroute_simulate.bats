#!/usr/bin/env bats
# jroute simulate: how long customers would wait under a rule file and a staffing file.
bats_require_minimum_version 1.5.0
load helper
load gen/records

rules() { printf '%s\n' 'jtools: rules/1' 'name: t' 'version: 1' 'queues: [desk, vips]' "$@" >r.yaml; }
staff() { printf '%s\n' 'jtools: staffing/1' 'name: s' 'version: 1' "$@" >s.yaml; }
# Handling that takes five minutes, within a second.
five='handling: {default: {mean: 5m, sd: 1ms}}'
simulate() { jroute simulate -q -r r.yaml --staffing s.yaml -o ndjson "$@"; }
# figure KIND NAME FIGURE: rounded to seconds, or to hundredths where it is a share.
figure() { jq -r --arg k "$1" --arg n "$2" --arg f "$3" 'select(.kind == $k and (.queue // .agents // "all") == $n) | .[$f].value * 100 | round / 100'; }
conserved() { jq -e 'select(.kind == "conservation") | .arrivals == .served + .abandoned + .in_progress + .never_routed and .arrivals > 0' >/dev/null; }
# call ID TIME [DATA]: a contact of its own, on a live channel.
call() { local id=$1 at=$2; shift 2; rec "$id" "$at" channel=voice session="s$id" "$@"; }

@test "waiting, service level, occupancy and abandonment are those of Erlang C and Erlang A" {
	rules 'default: {queue: desk}'
	"$TOP/test/erlang.py" r.yaml . >figures
	cut -d ' ' -f 1 figures | sort -u | wc -l | xargs test 14 -eq
	is "$(wc -l <figures)" 49
	# An interval of 95 % misses now and then; whole cases that miss may be two.
	[ "$(awk '$NF == "out" { print $1 }' figures | sort -u | wc -l)" -le 2 ] || { cat figures; return 1; }
}

@test "the same seed gives the same bytes, and another seed others" {
	rules 'default: {queue: desk}'
	staff 'agents: [{id: a, count: 2}]' "$five" \
		'arrivals: {from: 2026-03-02T00:00:00Z, for: 8h, streams: [{rate: 20, class: live}, {rate: 5, class: asynchronous, intent: delivery.late}]}'
	simulate --replications 5 --seed 7 >one
	simulate --replications 5 --seed 7 | cmp - one
	conserved <one
	run ! cmp -s one <(simulate --replications 5 --seed 8)
	is "$(jq -r 'select(.kind == "run") | .warm_up, .arrivals' one | tr '\n' ' ')" "2880 generated "
	is "$(simulate --warm-up 1h | jq -r 'select(.kind == "run") | .warm_up')" 3600
	run -2 simulate --warm-up 9h
}

@test "the contacts of a log wait for who is free, and those behind them longer" {
	rules 'default: {queue: desk}'
	staff 'agents: [{id: a}]' "$five"
	{ call 1 "02 10:00"; call 2 "02 10:01"; call 3 "02 10:02"; } >in
	# 0, 4 and 8 minutes.
	simulate in >got
	is "$(figure all all wait_mean <got) $(figure queue desk wait_median <got) $(figure all all service_level <got)" "240 240 0.33"
	is "$(figure all all arrivals <got)" 3
	conserved <got
	jlog append -q -d j.db in
	simulate -d j.db | cmp - got
	JTOOLS_DB=j.db simulate | cmp - got
}

@test "what is said within a contact is no other one, and silence of the class ends it" {
	rules 'default: {queue: desk}'
	staff 'agents: [{id: a}]' "$five"
	{
		rec 1 "02 10:00" channel=voice
		rec 2 "02 10:10" channel=voice direction=out actor=agent
		rec 3 "02 10:30" channel=voice
		rec 4 "02 12:00" channel=voice
		rec 5 "02 10:00" source=wa/b
		rec 6 "02 12:00" source=wa/b
		rec 7 "02 13:00" session= direction=out actor=agent
	} >in
	is "$(simulate in | figure all all arrivals)" 3
	# A contact that began before the span of time does not begin in it.
	is "$(simulate in --since 2026-03-02T10:05:00Z | figure all all arrivals)" 1
	is "$(simulate in --until 2026-03-02T10:05:00Z | figure all all arrivals)" 2
}

@test "who has the lower priority number is served before who came first" {
	rules 'default: {queue: desk}' 'rules:' '  - {id: vip, when: "tier = '"'gold'"'", queue: vips, priority: 1}'
	staff 'agents: [{id: a}]' "$five"
	{ call 1 "02 10:00"; call 2 "02 10:01"; call 3 "02 10:02" '"tier":"gold","context":{"tier":"gold"}'; } >in
	simulate in >got
	# The second waits ten minutes less one.
	is "$(figure queue vips wait_mean <got) $(figure queue desk wait_mean <got)" "180 270"
}

@test "a target that relaxes is taken then by who may take it then" {
	rules 'default: {queue: desk, skills: [pt, refunds], relax: [{after: 2m, skills: [refunds]}, {after: 6m, queue: vips, skills: []}]}'
	call 1 "02 10:00" >in
	staff 'agents: [{id: a, skills: [refunds]}]' "$five"
	is "$(simulate in | figure all all wait_mean)" 120
	staff 'agents: [{id: a, skills: [refunds], queues: [vips]}]' "$five"
	is "$(simulate in | figure all all wait_mean)" 360
	staff 'agents: [{id: a, skills: [pt, refunds]}]' "$five"
	is "$(simulate in | figure all all wait_mean)" 0
	# A step that raises the priority overtakes.
	rules 'default: {queue: desk, priority: 3}' 'rules:' \
		'  - {id: slow, when: "region = '"'BR'"'", queue: vips, priority: 9, relax: [{after: 3m, priority: 1}]}'
	staff 'agents: [{id: a}]' "$five"
	{ call 1 "02 10:00"; call 2 "02 10:01" '"region":"BR"'; call 3 "02 10:02"; } >in
	is "$(simulate in | figure queue vips wait_mean)" 240
}

@test "whom nobody may take is never routed, and counted" {
	rules 'default: {queue: desk, skills: [none]}' 'rules:' '  - {id: bot, when: "tier = '"'gold'"'", queue: vips, agent: bot}'
	staff 'agents: [{id: a}, {id: b, kind: bot}]' "$five"
	{ call 1 "02 10:00"; call 2 "02 10:01" '"context":{"tier":"gold"}'; } >in
	simulate --replications 3 in | jq -c 'select(.kind == "conservation") | [.arrivals, .served, .never_routed]' >got
	is "$(cat got)" "[6,3,3]"
	# She was not answered in time.
	is "$(simulate in | figure all all service_level)" 0.5
	is "$(simulate in | figure queue desk service_level)" 0
	is "$(simulate in | figure queue desk abandonment)" 0
}

@test "no interval holds what the figure cannot be" {
	rules 'default: {queue: desk}'
	staff 'agents: [{id: a}]' 'handling: {default: {mean: 5m}}' 'patience: {live: {mean: 1m}}' 'arrivals:' '  from: 2026-03-02T00:00:00Z' \
		'  for: 12h' '  streams: [{class: live, rate: 1}]'
	simulate --replications 5 >got
	is "$(jq -c 'select(.kind == "all") | [.wait_mean.low, .abandonment.low, .service_level.high, .wait_mean.value > 0, .service_level.value < 1]' got)" \
		"[0,0,1,true,true]"
}

@test "nobody takes a contact outside of the shifts, and what is begun is finished" {
	rules 'default: {queue: desk}'
	# Sao Paulo is three hours behind UTC: 12:00 to 13:00 there is 15:00 to 16:00. 2026-03-02 is a Monday.
	staff 'zone: America/Sao_Paulo' "$five" 'agents:' '  - {id: a, shifts: [{days: [mon], from: "12:00", to: "13:00"}]}'
	{ call 1 "02 14:00"; call 2 "02 15:58"; } >in
	simulate in >got
	is "$(figure all all wait_mean <got)" 1800
	is "$(jq -r 'select(.kind == "conservation") | .served / .arrivals' got)" 1
	call 3 "02 16:00" >>in
	simulate in >got
	is "$(jq -r 'select(.kind == "conservation") | .in_progress * 3 / .arrivals' got)" 1
	conserved <got
	# Over midnight.
	staff "$five" 'agents:' '  - {id: a, shifts: [{days: [mon], from: "22:00", to: "06:00"}]}'
	call 1 "03 05:00" >in
	{ call 0 "01 05:00"; cat in; } >both
	is "$(simulate in | figure all all wait_mean)" 0
	is "$(simulate both | jq -r 'select(.kind == "conservation") | .in_progress, .served' | tr '\n' ' ')" "0 40 "
}

@test "of asynchronous contacts an agent works at several at once, as the file says" {
	rules 'default: {queue: desk}'
	{ rec 1 "02 10:00" session=a; rec 2 "02 10:01" session=b; rec 3 "02 10:02" session=c; rec 4 "02 10:04" session=d; } >in
	staff 'agents: [{id: a}]' "$five"
	is "$(simulate in | figure all all wait_mean)" 345
	staff 'agents: [{id: a, concurrency: {asynchronous: 3}}]' "$five"
	is "$(simulate in | figure all all wait_mean)" 15
	# A live one needs all of her, and waits for it from the third minute to the tenth.
	call 5 "02 10:03" >>in
	is "$(simulate in | jq -r 'select(.kind == "conservation") | .served / .arrivals')" 1
	is "$(simulate in | figure all all wait_mean)" "$(((60 + 420) / 5))"
}

@test "a staffing file that is wrong is refused with its place" {
	rules 'default: {queue: desk}'
	call 1 "02 10:00" >in
	bad() {
		run -2 jroute simulate -r r.yaml --staffing s.yaml in
		[[ "$output" == *"$1"* ]] || { echo "$output"; return 1; }
	}
	staff "$five"
	bad "no agents"
	staff 'agents: [{id: a}]'
	bad "handling has no default"
	staff 'agents: [{id: a, kind: robot}]' "$five"
	bad "s.yaml:4:24: kind is none of"
	staff 'agents: [{id: a}, {id: a}]' "$five"
	bad "another entry has this id"
	staff 'agents: [{id: a, shifts: [{from: "25:00", to: "26:00"}]}]' "$five"
	bad "times of day"
	staff 'agents: [{id: a}]' 'handling: {default: {mean: 5}}'
	bad "spans like 4m"
	staff 'agents: [{id: a}]' 'handling: {default: none}'
	bad "handling takes some time"
	staff 'agents: [{id: a}]' "$five" 'patience: {delivry: {mean: 5m}}'
	bad "s.yaml:6: no intent, family or class: delivry"
	staff 'agents: [{id: a}]' "$five" 'arrivals: {from: 2026-03-02T00:00:00Z, for: 1d, streams: [{rate: [1, 2], class: live}]}'
	bad "a list of 24 or 168"
	staff 'agents: [{id: a}]' "$five" 'arrivals: {from: 9999-12-31T00:00:00Z, for: 1d, streams: [{rate: 1, class: live}]}'
	bad "arrivals do not end by the year 9999"
	staff 'agents: [{id: a}]' "$five" 'zone: Mars/Olympus'
	bad "no such zone"
	staff 'agents: [{id: a, queues: [desk, vip]}]' "$five"
	bad "s.yaml:4:26: unknown queue: vip (did you mean vips?)"
	staff 'agents: [{id: a, count: 0}]' "$five"
	bad "count is no whole number"
	run -2 jroute simulate -r r.yaml in
	[[ "$output" == *"--staffing"* ]]
}

@test "rates by the hour of the day are those of the file's zone" {
	rules 'default: {queue: desk}'
	staff 'zone: Asia/Kolkata' 'agents: [{id: a, count: 50}]' "$five" 'arrivals:' '  from: 2026-03-02T00:00:00Z' '  for: 1d' '  streams:' \
		'    - {class: live, rate: [0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}'
	# 09:00 there is 03:30 UTC: nothing comes in the hours before, and with a warm-up to its end nothing is measured.
	simulate --warm-up 3h >before
	n=$(figure all all arrivals <before)
	awk -v n="$n" 'BEGIN { exit !(n > 90 && n < 110) }'
	is "$(simulate --warm-up 209m | figure all all arrivals)" "$n"
	is "$(simulate --warm-up 271m | figure all all arrivals)" 0
}

@test "people read a table, and who knows her is asked first" {
	rules 'default: {queue: desk, sticky: 7d}'
	staff 'agents: [{id: bob}, {id: ana}]' "$five"
	call 1 "02 10:00" '"context":{"last_person":"ana","last_person_days":1}' >in
	jroute simulate -r r.yaml --staffing s.yaml -o table in >table 2>summary
	grep -qE '^\(all\) +1.0' table
	grep -qE '^20 arrivals = 20 served \+ 0 abandoned' table
	grep -q 'read 1 = written 1' summary
	is "$(simulate in | jq -r 'select(.kind == "agents" and .occupancy.value > 0) | .agents')" ""
	call 2 "02 11:00" '"context":{"last_person":"ana","last_person_days":1}' >>in
	is "$(simulate in | jq -r 'select(.kind == "agents" and .occupancy.value > 0) | .agents')" ana
}
