#!/usr/bin/env bats
# The channel is data about delivery: another channel of the same class, another source, session or kind of identifier gives the
# same facts and the same context, apart from the names themselves.
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
