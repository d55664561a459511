#!/usr/bin/env bats
# jproject: what follows from the log, one rule a test; rebuilt facts are those that grew.
# runs: long
bats_require_minimum_version 1.5.0
load helper
load gen/records

# Records on stdin into the file, and its facts.
take() {
	jlog -q -d j.db append
	jproject -q -d j.db update
}
late='"intent":"delivery.late"'
bill='"intent":"billing.charge"'
thanks='"intent":"courtesy.thanks","text":"thanks"'
me=$(phone +551)

bot() { local id=$1 at=$2; shift 2; rec "$id" "$at" direction=out actor=bot '"agent":"b1"' "$@"; }
desk() { local id=$1 at=$2 type=$3; shift 3; rec "$id" "$at" type="$type" actor=system direction= "$@"; }

# ---- contacts ----

@test "on a live channel a silence of 30 minutes still belongs to the contact and a longer one cuts" {
	{
		hers 1 "02 10:00" channel=chat
		her 2 "02 10:30" channel=chat
		her 3 "02 11:00:01" channel=chat
	} | take
	is "$(fact contact 'contact, events' | tr '\n' ' ')" "1|2 3|1 "
}

@test "on an asynchronous channel a silence of 24 hours still belongs to the contact and a longer one cuts" {
	{
		hers 1 "02 10:00"
		her 2 "03 10:00"
		her 3 "04 10:00:01"
	} | take
	is "$(fact contact 'contact, events' | tr '\n' ' ')" "1|2 3|1 "
}

@test "a channel that no class lists is asynchronous" {
	{ hers 1 "02 10:00" channel=pigeon; her 2 "03 09:00" channel=pigeon; } | take
	is "$(fact contact 'class, events')" "asynchronous|2"
}

@test "after a request of ours she has seven days, on a live channel too" {
	for asks in '"asks":["order"]' '"text":"which order?"'; do
		for channel in whatsapp chat; do
			rm -f j.db*
			{
				hers 1 "02 10:00" channel=$channel
				ana 2 "02 10:05" channel=$channel "$asks"
				her 3 "09 10:05" channel=$channel
			} | take
			is "$(fact contact events)" 3
		done
	done
	her 4 "02 10:00" session=t "$(phone +552)" >in
	ana 5 "02 10:05" session=t '"text":"which?"' >>in
	her 6 "09 10:05:01" session=t >>in
	take <in
	is "$(fact contact events | tr '\n' ' ')" "3 2 1 "
}

@test "a request that was answered gives no seven days" {
	{
		hers 1 "02 10:00"
		ana 2 "02 10:05" '"text":"which?"'
		ana 3 "02 10:06" '"text":"ah, found it"'
		her 4 "04 10:00"
	} | take
	is "$(fact contact events | tr '\n' ' ')" "3 1 "
}

@test "an answer of ours belongs to the contact however late it is" {
	{ hers 1 "02 10:00"; ana 2 "20 10:00"; } | take
	is "$(fact contact 'events, answered_human - started')" "2|1555200000"
}

@test "our second word after a long silence begins a contact that is ours" {
	{ hers 1 "02 10:00"; ana 2 "02 11:00"; ana 3 "05 11:00"; } | take
	is "$(fact contact 'began, offered, events' | tr '\n' ' ')" "customer|1|2 company|0|1 "
}

@test "after an explicit close her word begins another contact, and ours does not" {
	for close in case.closed order.placed; do
		rm -f j.db*
		{
			hers 1 "02 10:00"
			ana 2 "02 10:05"
			desk 3 "02 10:10" $close
			ana 4 "02 10:20"
			her 5 "02 11:00"
		} | take
		is "$(fact contact 'contact, events, closed IS NOT NULL' | tr '\n' ' ')" "1|4|1 5|1|0 "
	done
}

@test "her own word that it is settled closes the contact" {
	{ hers 1 "02 10:00"; her 2 "02 10:10" '"intent":"resolved"'; her 3 "02 10:20"; } | take
	is "$(fact contact 'contact, closed - started' | tr '\n' ' ')" "1|600000 3| "
}

@test "after a reopening her word belongs to the contact again" {
	{
		hers 1 "02 10:00"
		desk 2 "02 10:10" case.closed
		desk 3 "02 10:20" case.reopened
		her 4 "02 11:00"
	} | take
	is "$(fact contact 'contact, events, reopened - started')" "1|4|1200000"
}

@test "a courtesy of hers attaches, moves no end, reopens nothing and begins nothing" {
	{
		hers 1 "02 10:00"
		ana 2 "02 10:05"
		desk 3 "02 10:10" case.closed
		her 4 "09 10:00" "$thanks"
	} | take
	is "$(fact contact 'events, ended - started, last_word, next_in')" "4|300000|company|"
}

@test "internal notes and words of the system begin nothing and answer nothing" {
	{
		hers 1 "02 10:00"
		rec 2 "02 10:01" direction=out actor=system
		rec 3 "02 10:02" direction=internal actor=agent '"agent":"ana"'
		rec 4 "02 10:03" direction=internal actor=agent session=t "$(phone +552)"
		rec 5 "02 10:03" direction=out actor=system session=u "$(phone +553)"
	} | take
	is "$(fact contact 'contact, events, answered_any, handled')" "1|3||0"
}

@test "an outbound call is a contact only when it is answered" {
	{
		rec 1 "02 10:00" type=call channel=voice direction=out actor=agent '"reason":"voicemail","identifiers":[{"kind":"phone","value":"+551"}]'
		rec 2 "03 10:00" type=call channel=voice direction=out actor=agent '"reason":"answered","duration":60,"identifiers":[{"kind":"phone","value":"+551"}]'
	} | take
	is "$(fact contact 'contact, began, handled, ended - started')" "2|company|1|60000"
}

@test "an inbound call is answered after its wait and ends after its duration; an abandoned one is not handled" {
	{
		rec 1 "02 10:00" type=call channel=voice session=a '"reason":"answered","duration":120,"wait":30,"agent":"ana",'"$me"
		rec 2 "05 10:00" type=call channel=voice session=b '"reason":"abandoned_queue","duration":50,"wait":50,'"$me"
	} | take
	is "$(fact contact 'offered, handled, ended - started, answered_human - started, agent, abandoned, last_word' | tr '\n' ' ')" \
		"1|1|120000|30000|ana||company 1|0|50000|||abandoned_queue|customer "
}

@test "a bot answers any, a person answers human, and a request for what is known is not useful" {
	{
		hers 1 "02 10:00" "$late,\"entities\":{\"order\":\"7\"}"
		bot 2 "02 10:01"
		ana 3 "02 10:02" '"asks":["order"],"agent":"ana"'
		ana 4 "02 10:04"
	} | take
	is "$(fact contact '(answered_any - started) / 1000, (answered_human - started) / 1000, (answered_useful - started) / 1000')" "60|120|60"
}

@test "an acknowledgement of ours is no useful answer, and one with marketing in mind none at all" {
	{
		hers 1 "02 10:00"
		rec 2 "02 10:01" direction=out actor=agent '"purpose":"marketing"'
		rec 3 "02 10:02" direction=out actor=agent '"intent":"courtesy.ack"'
		rec 4 "02 10:03" direction=out actor=agent
	} | take
	is "$(fact contact '(answered_any - started) / 1000, (answered_human - started) / 1000, (answered_useful - started) / 1000')" "120|120|180"
}

@test "an answer in another session begins a contact of ours and answers hers" {
	{
		hers 1 "02 10:00" source=mail/a session=m channel=email
		rec 2 "03 10:00" direction=out actor=agent source=wa/a session=w '"agent":"ana",'"$me"
	} | take
	is "$(fact contact '"began", events, (answered_human - started) / 3600000' | tr '\n' ' ')" "customer|1|24 company|1| "
}

@test "a lead is a contact, a visit only with an intent" {
	{
		rec 1 "02 10:00" type=lead session=a channel=web "$me"
		rec 2 "02 10:00" type=visit session=b channel=web "$me"
		rec 3 "02 10:00" type=visit session=c channel=web "$me,$late"
	} | take
	is "$(fact contact 'contact, family' | tr '\n' ' ')" "1| 3|delivery "
}

@test "a record that makes no contact goes to its session's, else to that of its case, else to none" {
	{
		hers 1 "02 10:00" session=a '"case":"HD-1"'
		hers 2 "03 10:00" session=b
		desk 3 "04 10:00" case.assigned session=a '"to":"bia"'
		desk 4 "04 10:00" case.closed session=z '"case":"HD-1",'"$me"
		desk 5 "04 10:00" case.closed session=y "$me"
	} | take
	is "$(fact contact 'contact, events, closed IS NOT NULL' | tr '\n' ' ')" "1|3|1 2|1|0 "
}

@test "a contact is of one session and one channel" {
	{
		hers 1 "02 10:00" session=a
		hers 2 "02 10:01" session=b
		hers 3 "02 10:02" session=a channel=web
		hers 4 "02 10:03" session=a source=wa/b
		her 5 "02 10:04" session=a
	} | take
	is "$(fact contact 'contact, events' | tr '\n' ' ')" "1|2 2|1 3|1 4|1 "
}

@test "the family is that of her first intent that is no courtesy" {
	{
		her 1 "02 10:00" "$me,$thanks"
		rec 2 "02 10:00:30" direction=out actor=agent '"intent":"refund.status"'
		her 3 "02 10:01" "$bill"
		her 4 "02 10:02" "$late"
	} | take
	is "$(fact contact 'family, intent, inherited')" "billing|billing.charge|0"
}

@test "a contact without a family inherits that of its session's contact within 72 hours" {
	{
		hers 1 "02 10:00" "$late"
		hers 2 "05 10:00"
		hers 3 "10 10:00"
		hers 4 "05 12:00" session=t
	} | take
	is "$(fact contact 'contact, family, inherited' | tr '\n' ' ')" "1|delivery|0 2|delivery|1 4||0 3||0 "
	is "$(fact issue 'issue, contacts' | tr '\n' ' ')" "1|2 4|1 3|1 "
}

@test "next_in is her next word after the end anywhere, and no courtesy" {
	{
		hers 1 "02 10:00"
		hers 2 "02 11:00" session=t "$thanks"
		hers 3 "04 10:00" session=u
	} | take
	is "$(fact contact 'contact, (next_in - ended) / 3600000, (next_started - ended) / 3600000' | tr '\n' ' ')" "1|48|48 3|| "
}

@test "what a caller asks is no question of ours, though the call ends with our word" {
	hers 1 "02 10:00" type=call channel=voice '"reason":"answered","wait":10,"duration":60,"text":"Where is it?"' | take
	is "$(fact contact 'last_word, last_asks')" "company|0"
}

@test "the first answer is the earliest, also where a call of ours is ringing meanwhile" {
	{
		hers 1 "02 10:00:00" session=a
		rec 2 "02 10:01:00" type=call session=b channel=voice direction=out actor=agent \
			"\"reason\":\"answered\",\"wait\":60,\"duration\":90,$me"
		rec 3 "02 10:01:20" session=c channel=email direction=out actor=agent "$me"
	} | take
	is "$(fact contact "(answered_any - started) / 1000" | head -n 1)" 80
}

# ---- issues ----

@test "contacts of one case are one issue, however far apart" {
	{
		rec 1 "01 10:00" session=a "$me,\"case\":\"HD-1\",$late"
		rec 2 "31 10:00" session=b "$me,\"case\":\"HD-1\",$bill"
	} | sed 's/2026-03-01/2025-12-01/' | take
	is "$(fact issue 'case_id, contacts, family, single')" "HD-1|2|delivery|0"
}

@test "contacts of one family are one issue within 30 days of its end" {
	{
		hers 1 "01 10:00" "$late"
		hers 2 "31 10:00" session=b '"intent":"delivery.status"'
		hers 3 "31 10:00:01" session=c "$bill"
		hers 4 "01 10:00" session=d "$bill"
	} | take
	is "$(fact issue 'issue, family, contacts' | tr '\n' ' ')" "1|delivery|2 4|billing|1 3|billing|1 "
}

@test "an explicit other case splits a family" {
	{
		hers 1 "02 10:00" session=a "\"case\":\"HD-1\",$late"
		hers 2 "05 10:00" session=b "\"case\":\"HD-2\",$late"
	} | take
	is "$(fact issue 'case_id, contacts' | tr '\n' ' ')" "HD-1|1 HD-2|1 "
}

@test "a case takes over the issue of its family that had none, and a contact without a case follows" {
	{
		hers 1 "02 10:00" session=a "$late"
		hers 2 "05 10:00" session=b "\"case\":\"HD-1\",$late"
		hers 3 "09 10:00" session=c "$late"
	} | take
	is "$(fact issue 'issue, case_id, contacts, her_contacts')" "1|HD-1|3|3"
}

@test "a contact with neither case nor family stands alone" {
	{ hers 1 "02 10:00" session=a; hers 2 "04 10:00" session=b; } | take
	is "$(fact issue 'issue, single' | tr '\n' ' ')" "1|1 2|1 "
}

@test "matters are those of one customer" {
	{
		her 1 "02 10:00" session=a "$(phone +551),$late"
		her 2 "03 10:00" session=b "$(phone +552),$late"
	} | take
	is "$(fact issue 'customer, contacts' | tr '\n' ' ')" "1|1 2|1 "
}

@test "an issue that was closed is reopened by her next contact on the matter, and says over which channel" {
	{
		hers 1 "02 10:00" session=a "$late"
		desk 2 "02 12:00" case.closed session=a
		hers 3 "03 10:00" session=b "$bill"
		hers 4 "05 12:00" session=c channel=email "$late"
	} | take
	is "$(fact issue '(closed - started) / 3600000, (reopen_started - closed) / 3600000, reopen_channel_other, open' | tr '\n' ' ')" \
		"2|72|1|1 ||0|1 "
}

@test "a reopening record after the close is told, and one before it is not" {
	{
		hers 1 "02 10:00" session=a "\"case\":\"HD-1\",$late"
		desk 2 "02 11:00" case.reopened session=a
		desk 3 "02 12:00" case.closed session=a
		desk 4 "02 14:00" case.reopened session=a
	} | take
	is "$(fact issue '(case_reopened - closed) / 3600000, open')" "2|1"
}

@test "what lies within 30 days of the log's begin is left-censored" {
	{
		hers 1 "01 10:00" session=a "$late"
		hers 2 "31 09:00" session=b "$bill"
		hers 3 "31 11:00" session=c '"intent":"refund.status"'
	} | take
	is "$(fact issue left_censored | tr '\n' ' ')" "1 1 0 "
}

# ---- switches ----

two_channels() { # DAY AND TIME of the second
	{
		hers 1 "02 10:00" session=a "$late"
		ana 2 "02 11:00" session=a
		hers 3 "$1" source=mail/a session=b channel=email "$late"
	} | take
}

@test "another channel on the matter within 72 hours is a switch" {
	two_channels "05 11:00"
	is "$(fact switch 'from_contact, to_contact, from_channel, to_channel, gap / 3600000')" "1|3|whatsapp|email|72"
}

@test "another channel on the matter after more than 72 hours is no switch" {
	two_channels "05 11:00:01"
	is "$(fact switch '*')" ""
}

@test "a contact that begins before the other ends is a switch with a gap below zero" {
	two_channels "02 10:30"
	is "$(fact switch 'from_contact, to_contact, gap / 60000')" "1|3|-30"
}

@test "the same channel, another matter and a closed contact are no switch" {
	{
		hers 1 "02 10:00" session=a "$late"
		hers 2 "03 10:00" session=b "$late"
		hers 3 "03 11:00" session=c channel=email "$bill"
		desk 4 "03 12:00" case.closed session=b
		hers 5 "03 13:00" session=d channel=web "$late"
	} | take
	is "$(fact switch '*')" ""
}

@test "a contact that we begin is a switch like hers" {
	{
		hers 1 "02 10:00" session=a "\"case\":\"HD-1\",$late"
		rec 2 "03 10:00" type=call session=b channel=voice direction=out actor=agent "\"reason\":\"answered\",\"case\":\"HD-1\",\"agent\":\"ana\",$me"
	} | take
	is "$(fact switch 'from_channel, to_channel')" "whatsapp|voice"
	is "$(fact issue 'contacts, her_contacts, channels, switches')" "2|1|2|1"
}

@test "a switch is joined when the identifiers were connected before our first word in it" {
	{
		hers 1 "02 10:00" session=a "$late"
		hers 2 "03 10:00" source=mail/a session=b channel=email "$late"
		ana 3 "03 11:00" source=mail/a session=b channel=email
	} | take
	is "$(fact switch joined)" 1
	rm j.db*
	{
		her 1 "02 10:00" session=a "$(phone +551),$late"
		her 2 "03 10:00" source=mail/a session=b channel=email "$(email a@x.example),$late"
		ana 3 "03 11:00" source=mail/a session=b channel=email
		desk 4 "03 10:59" identity.linked session=z "$(both +551 a@x.example)"
	} | take
	is "$(fact switch joined)" 1
}

@test "a switch is not joined when they were connected after our first word in it" {
	{
		her 1 "02 10:00" session=a "$(phone +551),$late"
		her 2 "03 10:00" source=mail/a session=b channel=email "$(email a@x.example),$late"
		ana 3 "03 11:00" source=mail/a session=b channel=email
		desk 4 "03 11:01" identity.linked session=z "$(both +551 a@x.example)"
	} | take
	is "$(fact switch joined)" 0
}

@test "a switch tells whether we asked who she is and whether we asked for what is known" {
	{
		hers 1 "02 10:00" session=a "\"entities\":{\"order\":\"7\"},$late"
		hers 2 "03 10:00" session=b channel=email "$late"
		rec 3 "03 11:00" session=b channel=email direction=out actor=agent '"asks":["order"]'
	} | take
	is "$(fact switch 'asked_who, asked_known')" "0|1"
	rec 4 "03 12:00" session=b channel=email direction=out actor=agent '"asks":["name"]' | take
	is "$(fact switch 'asked_who, asked_known')" "1|1"
}

@test "asking for what is known of another matter only is no asking again, but who she is counts everywhere" {
	{
		hers 1 "02 10:00" session=a "\"entities\":{\"order\":\"7\",\"email\":\"a@x.example\"},$bill"
		hers 2 "02 11:00" session=b "$late"
		hers 3 "03 10:00" session=c channel=email "$late"
		rec 4 "03 11:00" session=c channel=email direction=out actor=agent '"asks":["order"]'
	} | take
	is "$(fact switch 'asked_who, asked_known')" "0|0"
	rec 5 "03 11:30" session=c channel=email direction=out actor=agent '"asks":["email"]' | take
	is "$(fact switch 'asked_who, asked_known')" "1|1"
}

@test "what she gave in the same contact is known, and what she gave elsewhere only afterwards is not" {
	{
		hers 1 "02 10:00" session=a "$late"
		hers 2 "02 12:00" session=b channel=email "$late"
		rec 3 "02 12:10" session=b channel=email direction=out actor=agent '"asks":["order"]'
		her 4 "02 12:20" session=a '"entities":{"order":"7"}'
	} | take
	is "$(fact switch asked_known)" 0
	rec 5 "02 12:30" session=b channel=email direction=out actor=agent '"asks":["order"]' | take
	is "$(fact switch asked_known)" 1
	rm j.db*
	{
		hers 1 "02 10:00" session=a "$late"
		hers 2 "02 12:00" session=b channel=email "\"entities\":{\"order\":\"7\"},$late"
		rec 3 "02 12:10" session=b channel=email direction=out actor=agent '"asks":["order"]'
	} | take
	is "$(fact switch asked_known)" 1
}

@test "what is told in a call is known once it is taken: to ask for it while it rings is no asking again, and a useful answer" {
	local at useful

	for at in 39:59 40:00; do
		rm -f j.db*
		{
			called 1 "02 10:30" "$late,\"entities\":{\"order\":\"7\"}"
			# Another call, which waits longer.
			called 2 "02 10:31" '"entities":{"invoice":"8"}' | sed 's/"c"/"d"/'
			hers 3 "02 10:32" session=a "$late"
			rec 4 "02 10:$at" session=a direction=out actor=bot '"asks":["order"]'
		} | take
		useful=$(fact contact '(answered_useful - started) / 1000' | tail -n 1)
		case $at in 39:59) is "$(fact switch asked_known) $useful" "0 479" ;; *) is "$(fact switch asked_known) $useful" "1 " ;; esac
	done
	rm -f j.db*
	{
		called 1 "02 10:30" "$late,\"entities\":{\"order\":\"7\"}"
		rec 2 "02 10:31" source=pbx/a session=c channel=voice '"entities":{"order":"7"}'
		hers 3 "02 10:32" session=a "$late"
		rec 4 "02 10:33" session=a direction=out actor=bot '"asks":["order"]'
	} | take
	is "$(fact switch asked_known)" 1
}

@test "a call of ours asks once she takes it, for what she wrote meanwhile as well, and one that she does not take asks nothing" {
	local how

	for how in answered voicemail; do
		rm -f j.db*
		{
			hers 1 "02 10:00" session=a "$late"
			hers 2 "02 10:30" source=pbx/a session=c channel=voice type=call "\"reason\":\"abandoned_queue\",$late"
			rec 3 "02 10:31" source=pbx/a session=c channel=voice type=call direction=out actor=agent \
				"\"reason\":\"$how\",\"wait\":600,\"duration\":900,\"agent\":\"ana\",\"asks\":[\"order\"],$late"
			her 4 "02 10:35" session=a "\"entities\":{\"order\":\"7\"},$late"
		} | take
		case $how in answered) is "$(fact switch asked_known)" 1 ;; *) is "$(fact switch asked_known)" 0 ;; esac
	done
}

@test "a word of ours that names what it asks for asks for nothing known by that" {
	{
		hers 1 "02 10:00" session=a "$late"
		hers 2 "02 12:00" session=b channel=email "$late"
		rec 3 "02 12:10" session=b channel=email direction=out actor=agent '"asks":["order"],"entities":{"order":"7"}'
	} | take
	is "$(fact switch asked_known) $(fact contact '(answered_useful - started) / 1000' | tail -n 1)" "0 600"
	rec 4 "02 12:20" session=b channel=email direction=out actor=agent '"asks":["order"]' | take
	is "$(fact switch asked_known)" 1
}

@test "a word of ours after a close does not open the issue: what follows it is no switch" {
	{
		hers 1 "02 10:00" session=a "\"case\":\"C1\",$late"
		desk 2 "02 11:00" case.closed session=a '"case":"C1"'
		rec 3 "02 12:00" session=b channel=email direction=out actor=agent "\"case\":\"C1\",$me"
		hers 4 "02 13:00" session=c channel=chat "\"case\":\"C1\",$late"
	} | take
	is "$(fact contact 'began, issue' | tr '\n' ' ')" "customer|1 company|1 customer|1 "
	is "$(fact switch 'count(*)')" 0
	is "$(fact issue 'open, switches')" "1|0"
}

@test "a switch tells what came after it on the matter" {
	{
		hers 1 "02 10:00" session=a "$late"
		hers 2 "03 10:00" session=b channel=email "$late"
		hers 3 "04 10:00" session=c channel=web "$late"
	} | take
	is "$(fact switch '(next_switch_started - started) / 3600000, (next_matter_started - started) / 3600000' | tr '\n' ' ')" "24|24 | "
}

# ---- moves ----

@test "a person after a bot is a handoff, another person a transfer" {
	{
		hers 1 "02 10:00" "$late"
		bot 2 "02 10:01"
		ana 3 "02 10:10"
		rec 4 "02 10:20" direction=out actor=agent '"agent":"bia"'
		bot 5 "02 10:21"
		rec 6 "02 10:40" direction=out actor=agent '"agent":"bia"'
	} | take
	is "$(sqlite3 j.db 'SELECT kind, (at - started) / 60000, from_owner, to_owner FROM v_move ORDER BY at' | tr '\n' ' ')" "handoff|10|b1|ana transfer|20|ana|bia "
	is "$(fact contact 'handed_off, transferred, escalated, human, bot')" "1|1|0|1|1"
}

@test "records and changes of speaker within five minutes are one move, and escalation wins over handoff over transfer" {
	{
		hers 1 "02 10:00" "$late"
		ana 2 "02 10:05"
		desk 3 "02 10:10" transferred '"from":"ana","to":"bia","reason":"shift"'
		desk 4 "02 10:12" escalated '"from":"ana","to":"bia","reason":"complaint"'
		rec 5 "02 10:15" direction=out actor=agent '"agent":"bia"'
	} | take
	is "$(sqlite3 j.db 'SELECT kind, reason, from_owner, to_owner, (at - started) / 60000 FROM v_move')" "escalation|shift|ana|bia|10"
	is "$(fact contact 'escalated, transferred, handed_off')" "1|0|0"
}

@test "records more than five minutes apart are two moves" {
	{
		hers 1 "02 10:00" "$late"
		desk 2 "02 10:10" transferred '"from":"ana","to":"bia"'
		desk 3 "02 10:15:01" transferred '"from":"bia","to":"rui"'
	} | take
	is "$(fact contact transferred)" 2
}

@test "the five minutes of a move run from its first record, whatever comes in between" {
	local seconds
	for seconds in 00 01; do
		rm -f j.db*
		{
			hers 1 "02 10:00" "$late"
			desk 2 "02 10:10" transferred '"from":"ana","to":"bia"'
			desk 3 "02 10:14" transferred '"from":"bia","to":"rui"'
			desk 4 "02 10:15:$seconds" escalated '"from":"rui","to":"eva"'
			desk 5 "02 10:20" transferred '"from":"eva","to":"ana"'
		} | take
		sqlite3 j.db "SELECT kind, strftime('%M:%S', at / 1000, 'unixepoch') FROM v_move ORDER BY at" >moves.$seconds
	done
	# The third is in the first's five minutes, or the second move, which takes the last one in.
	is "$(tr '\n' ' ' <moves.00)" "escalation|10:00 transfer|20:00 "
	is "$(tr '\n' ' ' <moves.01)" "transfer|10:00 escalation|15:01 "
}

@test "who takes a call after it rang speaks behind all who spoke before he took it" {
	local on=(source=pbx/a session=c channel=voice)
	# Ana has the matter, bia speaks while ana's call rings, and ana takes it.
	{
		hers 1 "02 10:20" "${on[@]}" "$late"
		ana 2 "02 10:21" "${on[@]}"
		called 3 "02 10:30" "$late"
		rec 4 "02 10:33" "${on[@]}" direction=out actor=agent '"agent":"bia"'
	} | take
	is "$(sqlite3 j.db "SELECT from_owner, to_owner, strftime('%M:%S', at / 1000, 'unixepoch') FROM v_move ORDER BY at" | tr '\n' ' ')" \
		"ana|bia|33:00 bia|ana|40:00 "
	# Of two calls the one that rang later is taken first.
	rm -f j.db*
	{
		hers 1 "02 10:20" "${on[@]}" "$late"
		bot 2 "02 10:21" "${on[@]}"
		called 3 "02 10:30" "$late"
		called 4 "02 10:32" "$late" | sed 's/"wait":600/"wait":60/'
	} | take
	is "$(sqlite3 j.db "SELECT kind, strftime('%M:%S', at / 1000, 'unixepoch') FROM v_move")" "handoff|33:00"
}

@test "calls that ring at once are taken in the order in which they are answered" {
	local answered='"reason":"answered","duration":9000'
	call() { local id=$1 at=$2; shift 2; rec "$id" "$at" type=call source=pbx/a session="$id" channel=voice "$me,$late,$answered,$1"; }
	moved() { sqlite3 j.db "SELECT from_owner, to_owner, strftime('%H:%M', at / 1000, 'unixepoch') FROM v_move ORDER BY at" | tr '\n' ' '; }
	{
		hers 1 "02 10:20" source=pbx/a "$late"
		bot 2 "02 10:21" source=pbx/a
		call 3 "02 10:30" '"wait":1200,"agent":"ana"'
		call 4 "02 10:31" '"wait":120,"agent":"bia"'
		call 5 "02 10:32" '"wait":540,"agent":"cai"'
	} >in
	take <in
	is "$(moved)" "b1|bia|10:33 bia|cai|10:41 cai|ana|10:50 "
	# Somebody writes between them; and then ana goes on.
	{
		rec 6 "02 10:45" source=pbx/a direction=out actor=agent '"agent":"dora"'
		rec 7 "02 10:55" source=pbx/a session=3 channel=voice direction=out actor=agent '"agent":"ana"'
	} >rest
	take <rest
	is "$(moved)" "b1|bia|10:33 bia|cai|10:41 cai|dora|10:45 dora|ana|10:50 "
	rm j.db*
	sort -r in rest | take
	is "$(moved)" "b1|bia|10:33 bia|cai|10:41 cai|dora|10:45 dora|ana|10:50 "
}

@test "an assignment is a transfer only from somebody" {
	{
		hers 1 "02 10:00" "$late"
		desk 2 "02 10:01" case.assigned '"to":"ana"'
		desk 3 "02 10:20" case.assigned '"from":"ana","to":"bia"'
	} | take
	is "$(sqlite3 j.db 'SELECT kind, to_owner FROM v_move')" "transfer|bia"
}

@test "between contacts of an issue another person is a transfer within one source only" {
	{
		hers 1 "02 10:00" session=a "$late"
		ana 2 "02 10:05" session=a
		hers 3 "04 10:00" session=b "$late"
		rec 4 "04 10:05" session=b direction=out actor=agent '"agent":"bia"'
		hers 5 "06 10:00" source=mail/a session=c "$late"
		rec 6 "06 10:05" source=mail/a session=c direction=out actor=agent '"agent":"rui"'
	} | take
	is "$(fact move 'contact, kind, from_owner, to_owner')" "3|transfer|ana|bia"
	is "$(fact issue 'transfers, escalations')" "1|0"
}

# ---- rebuilt is grown ----

@test "rebuilt facts are those that grew, over random histories with late records, links, partings, erasures and updates in between" {
	local c erased=0

	for seed in $(seq "$(rounds 10 100)"); do
		n=$((20 + seed % 3 * 20))
		history -v seed=$seed -v n=$n -v people=$((1 + seed % 6)) -v shared=$((seed % 4 * 25)) -v days=$((3 + seed % 45)) \
			-v links=$((seed % 3 * 6)) -v partings=$((seed % 4 * 3)) -v rich=$((seed % 2)) >in
		rm -f j.db*
		RANDOM=$seed
		at=1
		while [ $at -le $n ]; do
			k=$((1 + RANDOM % 15))
			sed -n "$at,$((at + k - 1))p" in | jlog -q -d j.db append
			at=$((at + k))
			[ $((RANDOM % 2)) = 0 ] || jproject -q -d j.db update
			if [ $((seed % 3)) = 0 ] && [ $((RANDOM % 4)) = 0 ]; then
				c=$(sqlite3 j.db 'SELECT who FROM v_contact ORDER BY contact * 7919 % 101 LIMIT 1')
				[ -z "$c" ] || { jlog -q -d j.db forget --customer "$c" --why asked >/dev/null && erased=$((erased + 1)); }
			fi
		done
		jproject -q -d j.db update
		dump j.db >grown
		jproject -q -d j.db rebuild
		dump j.db >rebuilt
		cmp -s grown rebuilt || { echo "seed $seed"; diff grown rebuilt; false; }
		[ "$(sqlite3 j.db 'SELECT count(*) FROM touched')" = 0 ]
	done
	[ $erased -gt 2 ]
}

@test "an update with nothing new folds nobody" {
	history -v seed=1 -v n=50 | jlog -q -d j.db append
	jproject -d j.db update
	run jproject -d j.db update
	is "$output" "jproject: 0 customers folded"
}

@test "one new record folds its own customer alone" {
	history -v seed=1 -v n=200 -v people=30 -v shared=0 | take
	her new "30 10:00" session=fresh "$(phone +5599)" | jlog -q -d j.db append
	run jproject -d j.db update
	is "$output" "jproject: 1 customers folded"
}

@test "other facts than the shown generation are never seen, and a rebuild leaves none" {
	history -v seed=2 -v n=200 | take
	dump j.db >before
	jproject -q -d j.db rebuild
	jproject -q -d j.db rebuild
	dump j.db | cmp - before
	is "$(sqlite3 j.db 'SELECT count(DISTINCT gen) FROM contact')" 1
}

@test "a rebuild that is killed leaves the old facts served, and the next one ends well" {
	history -v seed=3 -v n=20000 -v people=3000 -v shared=5 | take
	dump j.db >before
	for after in 0.02 0.05 0.1 0.2; do
		jproject -q -d j.db rebuild &
		pid=$!
		sleep $after
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		dump j.db | cmp - before
	done
	jproject -q -d j.db contacts >/dev/null
	dump j.db | cmp - before
	jproject -q -d j.db rebuild
	dump j.db | cmp - before
	is "$(sqlite3 j.db 'SELECT count(DISTINCT gen) FROM contact')" 1
	is "$(sqlite3 j.db 'PRAGMA integrity_check')" ok
}

@test "an update that is killed is taken up by the next one" {
	history -v seed=4 -v n=20000 -v people=3000 -v shared=5 >in
	jlog -q -d j.db append in
	for after in 0.03 0.06 0.1; do
		jproject -q -d j.db update &
		pid=$!
		sleep $after
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
	done
	jproject -q -d j.db update
	dump j.db >grown
	jproject -q -d j.db rebuild
	dump j.db | cmp - grown
}

@test "a log that two threads read gives by one pass what looking records up gave" {
	history -v seed=11 -v n=24000 -v people=6000 -v shared=15 -v links=8 >in
	head -n 4000 in | take
	for at in $(seq 4001 2000 22001); do
		sed -n "$at,$((at + 1999))p" in | take
	done
	[ "$(sqlite3 j.db 'SELECT count(*) FROM session WHERE mixed IS NOT NULL')" -gt 100 ]
	dump j.db >grown
	jproject -q -d j.db rebuild
	dump j.db | cmp - grown
	head -n 24000 in | jlog -q -d once.db append
	jproject -q -d once.db update
	dump once.db | cmp - grown
}

@test "updates beside each other and beside the log's writer leave what a rebuild makes" {
	history -v seed=6 -v n=4000 -v people=300 -v shared=5 -v links=8 >in
	head -n 2000 in | take
	for at in $(seq 2001 100 3901); do
		sed -n "$at,$((at + 99))p" in | jlog -q -d j.db append --wait 30s
	done &
	writer=$!
	for who in 1 2 3; do
		while kill -0 $writer 2>/dev/null; do jproject -q -d j.db update --wait 30s; done &
	done
	wait
	jproject -q -d j.db update
	dump j.db >grown
	is "$(sqlite3 j.db 'SELECT count(*) FROM touched')" 0
	jproject -q -d j.db rebuild
	dump j.db | cmp - grown
}

@test "an update that was held up writes over nothing that another has folded since" {
	history -v seed=7 -v n=12000 -v people=400 -v shared=0 >in
	history -v seed=8 -v n=800 -v people=400 -v shared=0 -v first=12001 >later
	for after in 0.02 0.04 0.08; do
		rm -f j.db*
		jlog -q -d j.db append in
		jproject -q -d j.db update --wait 30s &
		held=$!
		sleep $after
		kill -STOP $held 2>/dev/null || true
		# Where it holds the file, it goes on.
		if jlog -q -d j.db append --wait 0s later; then
			jproject -q -d j.db update --wait 0s || true
		fi
		kill -CONT $held 2>/dev/null || true
		wait $held
		jlog -q -d j.db append later
		jproject -q -d j.db update
		dump j.db >grown
		jproject -q -d j.db rebuild
		dump j.db | cmp - grown
	done
}

@test "records that come while facts are rebuilt are in them after the next update" {
	history -v seed=5 -v n=20000 -v people=2000 -v shared=5 | jlog -q -d j.db append
	jproject -q -d j.db update
	history -v seed=5 -v n=2000 -v people=2000 -v first=20001 >later.ndjson
	jproject -q -d j.db rebuild --wait 30s &
	while read -r record; do echo "$record"; done <later.ndjson | jlog -q -d j.db append --wait 30s
	jproject -q -d j.db update --wait 30s
	wait
	jproject -q -d j.db update
	dump j.db >grown
	jproject -q -d j.db rebuild
	dump j.db | cmp - grown
}

@test "of two rebuilds at once the later one stands, the other leaves with 75, and no fact is lost" {
	history -v seed=4 -v n=20000 -v people=3000 -v shared=5 | take
	dump j.db >before
	for after in 0 0.02 0.1; do
		first=0
		jproject -q -d j.db rebuild --wait 30s 2>err &
		pid=$!
		sleep $after
		jproject -q -d j.db rebuild --wait 30s 2>err2 && second=0 || second=$?
		wait $pid || first=$?
		[ "$first $second" = "75 0" ] || [ "$first $second" = "0 75" ] || [ "$first $second" = "0 0" ]
		[ $first = 0 ] || is "$(cat err)" "jproject: another rebuild, or a change of who is who, overtook this one"
		dump j.db | cmp - before
		is "$(sqlite3 j.db 'SELECT count(DISTINCT gen) FROM contact')" 1
		is "$(sqlite3 j.db 'SELECT count(*) FROM contact')" "$(sqlite3 j.db 'SELECT count(*) FROM v_contact')"
	done
}

@test "updates and joins across another program's rebuild: what grew is what is rebuilt" {
	for seed in 1 2; do
		rm -f j.db*
		history -v seed=$seed -v n=6000 -v people=900 -v shared=15 -v links=8 >in
		head -n 3000 in | take
		jproject -q -d j.db rebuild --wait 30s &
		for at in $(seq 3001 300 5701); do
			sed -n "$at,$((at + 299))p" in | jlog -q -d j.db append --wait 30s
			jproject -q -d j.db update --wait 30s
		done &
		jproject -q -d j.db rebuild --wait 30s || [ $? = 75 ]
		for _ in 1 2 3; do jproject -q -d j.db rebuild --wait 30s; done
		wait
		jproject -q -d j.db update
		dump j.db >grown
		is "$(sqlite3 j.db 'SELECT count(*) FROM contact')" "$(sqlite3 j.db 'SELECT count(*) FROM v_contact')"
		jproject -q -d j.db rebuild
		dump j.db | cmp - grown
	done
}

@test "before the first facts nobody is marked, and joins while they are made are in them" {
	for after in 0 0.05 0.1 0.2; do
		rm -f j.db*
		history -v seed=6 -v n=20000 -v people=2000 -v shared=5 -v links=40 >in
		head -n 18000 in | jlog -q -d j.db append
		is "$(sqlite3 j.db 'SELECT count(*) FROM touched')" 0
		jproject -q -d j.db rebuild --wait 30s &
		sleep $after
		tail -n +18001 in | jlog -q -d j.db append --wait 30s
		wait
		jproject -q -d j.db update
		dump j.db >grown
		jproject -q -d j.db rebuild
		dump j.db | cmp - grown
	done
}

@test "a session of many people is marked once a record, and its people are folded when facts are asked for" {
	history -v seed=9 -v n=3000 -v people=4 | take
	for i in $(seq 4400); do
		printf '{"specversion":"1.0","id":"g%d","source":"g/a","type":"message","time":"2026-03-02T%02d:%02d:%02d.000Z","session":"g","channel":"chat","direction":"in","actor":"customer","data":{%s}}\n' \
			$i $((i / 3600)) $((i / 60 % 60)) $((i % 60)) "$([ $((i % 2)) = 0 ] || phone +55$((i % 4300)))"
	done >g
	head -n 4200 g | timeout 10 jlog -q -d j.db append
	timeout 10 jproject -q -d j.db update
	tail -n +4201 g | jlog -q -d j.db append
	is "$(sqlite3 j.db 'SELECT count(*) FROM touched_session')" 1
	jproject -q -d j.db update
	is "$(sqlite3 j.db 'SELECT count(*) FROM touched_session')" 0
	dump j.db >grown
	jproject -q -d j.db rebuild
	dump j.db | cmp - grown
}

@test "another ontology builds the facts anew" {
	{ hers 1 "02 10:00"; her 2 "02 15:00"; } | take
	is "$(fact contact events)" 2
	cp -r "$TOP/ontology" mine
	sed -i 's/whatsapp: asynchronous/whatsapp: live/' mine/channels.yaml
	jproject -q -d j.db update --ontology mine
	is "$(fact contact events | tr '\n' ' ')" "1 1 "
	jproject -q -d j.db update
	is "$(fact contact events)" 2
}

# ---- listings ----

@test "contacts are listed as NDJSON, CSV and a table, and chosen by customer and time" {
	{
		hers 1 "02 10:00" "$late"
		her 2 "05 10:00" session=b '"text":"a","identifiers":[{"kind":"email","value":"a@x.example"}]'
	} | jlog -q -d j.db append
	jproject -d j.db contacts >all
	is "$(wc -l <all)" 2
	grep -q '^{"customer":"c1","contact":1,.*"started":"2026-03-02T10:00:00.000Z"' all
	run ! grep -q '"gen"' all
	jproject -d j.db contacts -o csv >csv
	is "$(head -1 csv | cut -d, -f1-3)" "customer,contact,source"
	is "$(wc -l <csv)" 3
	jproject -d j.db contacts -o table >table
	grep -q 'c1 .*whatsapp.*2026-03-02 10:00' table
	is "$(jproject -d j.db contacts --customer a@x.example | wc -l)" 1
	is "$(jproject -d j.db contacts --since 2026-03-03 | wc -l)" 1
	is "$(jproject -d j.db contacts --until 2026-03-03 -o table --tz America/Sao_Paulo | grep -c '2026-03-02 07:00')" 1
	run jproject -d j.db contacts --customer nobody
	is "$status" 2
	run jproject -d j.db contacts -o xml
	is "$status" 2
}

@test "issues, switches and moves are listed too" {
	two_channels "02 12:00"
	is "$(jproject -d j.db issues | grep -c '"channels":2')" 1
	is "$(jproject -d j.db switches | grep -c '"from_channel":"whatsapp","to_channel":"email"')" 1
	is "$(jproject -d j.db moves | wc -l)" 0
}

@test "no time in a listing is a bare number" {
	jnorm -q "$TOP"/fixtures/demo/* | jintent -q | jlog -q -d j.db append
	for listing in contacts issues switches moves; do
		jproject -d j.db "$listing" >rows
		grep -q T rows
		run ! grep -E '":[0-9]{13}[,}]' rows
	done
}

@test "a listing brings the facts up to date by itself" {
	hers 1 "02 10:00" | jlog -q -d j.db append
	is "$(jproject -d j.db contacts | wc -l)" 1
	hers 2 "12 10:00" | jlog -q -d j.db append
	is "$(jproject -d j.db contacts | wc -l)" 2
}

@test "facts of another writer's file are waited for and then refused with 75" {
	hers 1 "02 10:00" | jlog -q -d j.db append
	hold j.db 1
	run jproject -d j.db --wait 100ms contacts
	is "$status" 75
	wait $holder
}

@test "a full disk for stdout is exit 2 for every listing" {
	two_channels "02 12:00"
	for verb in contacts issues switches snapshot "timeline --customer c1"; do
		run bash -c "jproject -d j.db $verb 2>&1 >/dev/full"
		is "$status" 2
		[[ "$output" == *"No space left on device"* ]]
	done
}

@test "jproject without a verb, with an unknown one or an operand says what is wrong" {
	run jproject
	is "$status" 2
	run jproject frob
	is "$status" 2
	hers 1 "02 10:00" | take
	run jproject -d j.db contacts extra
	is "$status" 2
	run jproject -d missing.db contacts
	is "$status" 2
	[ ! -e missing.db ]
}

# ---- timeline and snapshot ----

@test "the timeline tells one customer's records in the order of event time, whatever their sources" {
	{
		hers 3 "04 10:00" source=mail/a session=m channel=email "$late"
		hers 1 "02 10:00" "$late,\"text\":\"where is it\""
		ana 2 "02 10:05"
		her 4 "03 10:00" session=other "$(phone +552)"
	} | jlog -q -d j.db append
	jproject -d j.db timeline --customer +551 >records
	is "$(sed 's/.*"id":"\([^"]*\)".*/\1/' records | tr -d '\n')" 123
	grep -c '"contact":2,"issue":2,"specversion"' records | grep -qx 2
	jlog -q -d j.db cat --customer +551 | sort | diff - <(sed 's/"contact":[0-9]*,"issue":[0-9]*,//' records | sort)
	jproject -d j.db timeline --customer +551 -o table >story
	grep -q -- '-- 2026-03-02 10:00  whatsapp, delivery' story
	grep -q '2026-03-02 10:00  > customer  *where is it  \[delivery.late\]' story
	grep -q '2026-03-02 10:05  < ana' story
	grep -q -- '-- 2026-03-04 10:00  email, delivery, switched from whatsapp' story
	is "$(jproject -d j.db timeline --customer +551 --since 2026-03-03 | wc -l)" 1
	run jproject -d j.db timeline
	is "$status" 2
}

@test "the timeline shows no control characters of a text on a table" {
	hers 1 "02 10:00" '"text":"a\u001b[31mb\nc\u009b31md"' | jlog -q -d j.db append
	jproject -d j.db timeline --customer c1 -o table >out
	run ! grep -q "$(printf '\033')" out
	is "$(wc -l <out)" 2
}

@test "the snapshot is the latest by event time, and its version the last record it rests on" {
	{
		hers 1 "05 10:00" '"lang":"pt","name":"Ana"'
		her 2 "03 10:00" '"lang":"en","stage":"service"'
		rec 3 "05 11:00" type=consent.granted actor=system direction= '"channel":"email","purpose":"marketing"'
		rec 4 "05 10:30" type=consent.revoked actor=system direction= '"channel":"email","purpose":"marketing"'
		her 5 "03 10:00" session=other "$(phone +552)"
	} | jlog -q -d j.db append
	jproject -d j.db snapshot >all
	is "$(wc -l <all)" 2
	grep -q '^{"customer":"c1","version":4,"name":"Ana","lang":"pt","stage":"service"' all
	grep -q '"consents":\[{"channel":"email","purpose":"marketing","granted":true,"since":"2026-03-05T11:00:00.000Z"}\]' all
	grep -q '"identifiers":\[{"kind":"phone","value":"+551"}\]' all
	jproject -d j.db snapshot --customer +552 | grep -q '"customer":"c5","version":5'
	hers 6 "01 10:00" session=old | jlog -q -d j.db append
	jproject -d j.db snapshot --customer c1 | grep -q '"version":6'
}

# ---- enrich ----

enrich() { jproject -q -d j.db enrich "$@"; }
bare() { without customer recordedtime; }

@test "enrich tells a record's context, and refuses one that does not come from the log" {
	{
		hers 1 "02 10:00" "$late"
		ana 2 "02 10:05"
		hers 3 "04 10:00" channel=email session=m "$late"
	} | jlog -q -d j.db append
	jlog -q -d j.db cat | enrich >out
	sed -n 3p out | grep -q '"context":{"known":true,"first_contact":false,"contacts_24h":0,"contacts_7d":1,"contacts_30d":1,"open_issues":1,"repeat":true,"switched":true'
	sed -n 3p out | grep -q '"last_agent":"ana","matter":"delivery"'
	sed 's/,"context":{.*}}}$/}}/' out | cmp - <(jlog -q -d j.db cat)
	her 9 "02 10:00" >in
	run jproject -d j.db enrich in
	is "$status" 65
	[[ "$output" == *"jproject: in:1: no sequence: the record does not come from the log"* ]]
	her 9 "02 10:00" sequence=000000000099 >in
	run jproject -d j.db enrich in
	is "$status" 2
	[[ "$output" == *"no record 99"* ]]
}

@test "a transfer within the matter is seen from the word that makes it on" {
	{
		hers 1 "02 10:00" "$late"
		ana 2 "02 10:05"
		hers 3 "04 10:00" session=t "$late"
		rec 4 "04 10:05" session=t direction=out actor=agent '"agent":"bia"'
		her 5 "04 10:06" session=t
	} | jlog -q -d j.db append
	jlog -q -d j.db cat | enrich | sed 's/.*"transfers_30d":\([0-9]*\).*/\1/' | tr -d '\n' >out
	is "$(cat out)" 00011
}

@test "what a decision sees of a record does not change when later records come, whatever they say" {
	for seed in $(seq 30); do
		history -v seed=$seed -v n=60 -v people=$((1 + seed % 5)) -v shared=$((seed % 3 * 30)) -v late=$((seed % 4 * 10)) \
			-v links=$((seed % 2 * 8)) -v days=$((2 + seed % 30)) >in
		rm -f j.db*
		head -30 in | jlog -q -d j.db append
		jlog -q -d j.db cat >first
		enrich first >before
		tail -30 in | jlog -q -d j.db append
		enrich first | diff before - || { echo "seed $seed"; false; }
		jlog -q -d j.db cat | enrich | head -30 | bare | diff <(bare <before) - || { echo "seed $seed: in one run"; false; }
	done
}

@test "what a decision sees does not hang on what was read before it" {
	for seed in $(seq 20); do
		history -v seed=$seed -v n=80 -v people=$((1 + seed % 3)) -v shared=$((seed % 2 * 30)) -v late=$((seed % 3)) -v links=2 \
			-v days=$((2 + seed % 20)) >in
		rm -f j.db*
		jlog -q -d j.db append in
		jlog -q -d j.db cat >all
		enrich all >forward
		tac all | enrich | tac | diff forward - || { echo "seed $seed"; false; }
		sed -n 'p;n' all | enrich | diff <(sed -n 'p;n' forward) - || { echo "seed $seed: every other"; false; }
	done
}
