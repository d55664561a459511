#!/usr/bin/env bats
# Mail that no person wrote to us is marked in ext.auto and is the system's word.
bats_require_minimum_version 1.5.0
load helper

setup() {
	command -v jq >/dev/null || skip "no jq here"
}

# auto [HEADER...]: what the mail with these headers, its body on stdin, is taken for; their From or To takes the place of ours.
auto() {
	{
		printf '%s\n' "$@" | grep -q ^From: || echo "From: Ana <ana@posta.example>"
		printf '%s\n' "$@" | grep -q ^To: || echo "To: desk@lume.example"
		echo "Date: Mon, 2 Mar 2026 10:00:00 +0000"
		printf '%s\n' "$@" ""
		cat
	} >one.eml
	jnorm -q -f eml --self @lume.example one.eml |
		jq -r '"\(.actor) \(.data.ext.auto // "-") \(.data.identifiers[0].value // "-")"'
}

# is WANT [HEADER...]
is() {
	local got

	got=$(shift && auto "$@" <<<"${BODY:-hello}")
	[ "$got" = "$1" ] || { echo "$*: $got" && return 1; }
}

@test "absence notes of many languages are replies of a machine, an answer to one is a person's" {
	is "customer - ana@posta.example" "Subject: Out of stock?"
	is "customer - ana@posta.example" "Auto-Submitted: no"
	is "customer - ana@posta.example" "Subject: Re: Automatic reply: your order"
	for subject in "Automatic reply: x" "Out of Office: x" "Resposta automática: x" "Respuesta automática: x" \
		"Automatische Antwort: x" "Réponse automatique : x" "Risposta automatica: x" "Automatisch antwoord: x"; do
		is "system reply ana@posta.example" "Subject: $subject"
	done
	is "system reply ana@posta.example" "Auto-Submitted: auto-replied (vacation)"
	is "system reply ana@posta.example" "Precedence: bulk" "X-Autoreply: yes"
	is "system generated root@posta.example" "From: root@posta.example" "Auto-Submitted: auto-generated"
	is "system generated no-reply@shop.example" "From: no-reply@shop.example"
	is "customer - ana@posta.example" "From: no-reply@lume.example" "Reply-To: ana@posta.example"
}

@test "a bounce names whom it did not reach, not the machine that says so" {
	report="Content-Type: multipart/report; report-type=delivery-status; boundary=b"
	BODY=$'--b\nContent-Type: text/plain\n\nnot delivered\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; <Bo@posta.example>\nAction: failed\n--b--'
	is "system bounce bo@posta.example" "From: MAILER-DAEMON@mx.example" "$report"
	is "system bounce bo@posta.example" "From: Outlook <mx329e71@mx.example>" "$report"
	BODY=gone
	is "system bounce bo@posta.example" "From: mailer-daemon@mx.example" "X-Failed-Recipients: bo@posta.example"
	is "system bounce -" "From: Mailer-Daemon@mx.example" "Subject: Mail delivery failed"
	is "customer - postmaster@posta.example" "From: postmaster@posta.example"
	is "system receipt ana@posta.example" "Content-Type: multipart/report; report-type=disposition-notification; boundary=b"
}

@test "appointments and answers to them are told apart from a calendar that somebody attached" {
	BODY=$'BEGIN:VCALENDAR\nMETHOD:CANCEL\nEND:VCALENDAR'
	is "system invitation ana@posta.example" "Content-Type: text/calendar; method=REQUEST"
	is "system invitation_reply ana@posta.example" "Content-Type: text/calendar; method=REPLY"
	is "system invitation ana@posta.example" "Content-Type: text/calendar"
	BODY=$'--b\nContent-Type: text/plain\n\nPlease come\n--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--'
	is "system invitation ana@posta.example" "Content-Type: multipart/alternative; boundary=b"
	BODY=$'--b\n\nSee the date\n--b\nContent-Type: text/calendar\nContent-Disposition: attachment\n\nBEGIN:VCALENDAR\nMETHOD:PUBLISH\n--b--'
	is "customer - ana@posta.example" "Content-Type: multipart/mixed; boundary=b"
}

@test "what goes to a list is not said to us, unless it names us or the list is ours" {
	post="List-Post: <mailto:notes@lists.example>" id="List-Id: Notes <notes.lists.example>"
	is "system list ana@posta.example" "To: notes@lists.example" "$id" "$post" "Precedence: list" "In-Reply-To: <a@b>"
	is "customer - ana@posta.example" "To: notes@lists.example" "Cc: desk@lume.example" "$id" "$post" "Precedence: list"
	is "customer - ana@posta.example" "List-Id: <desk.lume.example>" "List-Unsubscribe: <mailto:x@y.example>" "Precedence: list"
	is "system list news@shop.example" "From: news@shop.example" "List-Unsubscribe: <mailto:x@shop.example>"
	is "system list news@shop.example" "From: news@shop.example" "List-Id: <news.shop.example>" "Precedence: bulk"
}
