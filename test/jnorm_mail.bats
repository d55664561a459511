bats_require_minimum_version 1.5.0
load helper

setup() {
	M=$TOP/fixtures/jnorm/mail
	DATA=${JTOOLS_DATA:-$TOP/../shared/data}
}

# mail FILE...: the records, for Lume; what was said on stderr is in the file err
mail() {
	jnorm --self @lume.example --self "Lume Casa" "$@" 2>err
}

# one ID FILTER: the filter's value in the record of that id
one() {
	jq -r "select(.id == \"$1\") | $2" out
}

# own BODY: what is left of a text as the body of a mail
own() {
	{ printf 'From: a@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nContent-Type: %s; charset=utf-8\n\n' "${2:-text/plain}"
	  cat "$1"; } >one.eml
	mail one.eml | jq -r '.data.text // ""'
}

@test "an mbox gives one message a mail, in the order of the file" {
	mail "$M/desk.mbox" >out
	[ "$(jq -r .id out | tr '\n' ' ')" = "a1@posta.example b1@lume.example a2@posta.example c1@lume.example d1@mx.posta.example e1@posta.example f1@lume.example " ]
	[ "$(jq -r '.type + .channel + .source' out | sort -u)" = messageemailemail/local ]
	[ "$(one f1@lume.example .data.text | tail -1)" = "From x" ]
}

@test "a From_ line counts only with a date and after a blank line, and its escapes are undone" {
	mail "$M/desk.mbox" >out
	one a1@posta.example .data.raw_text >text
	grep -qx 'From now on I write in English: where is it?' text
	grep -qx '>From a quoted line.' text
	grep -qx 'From my side nothing changed since Monday at 10.' text
}

@test "charset, transfer encoding and header words are decoded" {
	mail "$M/desk.mbox" >out
	[ "$(one a1@posta.example .data.subject)" = "Onde está o meu pedido 55017?" ]
	one a1@posta.example .data.text | grep -qx 'O pedido 55017 ainda não chegou.'
	[ "$(one b1@lume.example .data.subject)" = "Re: Onde está o meu pedido 55017?" ]
}

@test "who is not us is the customer, in what comes and in what goes" {
	mail "$M/desk.mbox" >out
	[ "$(one a1@posta.example '[.direction,.actor,.data.name,.data.identifiers[0].value]|join(" ")')" = "in customer Ana Prado ana.prado@posta.example" ]
	[ "$(one a1@posta.example '.data.ext.cc|join(" ")')" = "rui.prado@posta.example" ]
	[ "$(one b1@lume.example '[.direction,.actor,.data.agent,.data.identifiers[0].value]|join(" ")')" = "out agent bia@lume.example ana.prado@posta.example" ]
	[ "$(one c1@lume.example '[.direction,.actor,(.data.identifiers|tostring)]|join(" ")')" = "internal agent null" ]
}

@test "a form that writes as us to us is the words of whom it is to be answered to" {
	mail "$M/desk.mbox" >out
	[ "$(one f1@lume.example '[.direction,.actor,.data.name,.data.identifiers[0].value]|join(" ")')" = "in customer Caio Reis caio@correio.example" ]
}

@test "bounces and automatic replies are no words of a customer" {
	mail "$M/desk.mbox" >out
	[ "$(one d1@mx.posta.example '.actor + " " + .data.ext.auto')" = "system bounce" ]
	[ "$(one e1@posta.example '.actor + " " + .data.ext.auto')" = "system reply" ]
}

@test "a thread's root is the session, found through broken and repeated headers" {
	mail "$M/desk.mbox" >out
	for id in a1@posta.example b1@lume.example a2@posta.example; do
		[ "$(one $id .session)" = a1@posta.example ]
	done
	[ "$(one c1@lume.example .session)" = c1@lume.example ]
}

@test "a date that cannot be gives way to the From_ line or a Received header, and that is marked" {
	mail --tz UTC "$M/desk.mbox" >out
	[ "$(one a2@posta.example '.time + " " + .data.time_assumed')" = "2026-03-02T16:00:00.000Z from_line" ]
	mail "$M/received.eml" >out
	[ "$(one k1@correio.example '.time + " " + .data.time_assumed')" = "2026-03-07T10:00:00.000Z received" ]
}

@test "a mail without any date is refused as bad_time with its bytes" {
	run -65 mail --reject letters "$M/nodate.eml"
	[ "$(jq -r .reason letters)" = bad_time ]
	[ "$(jq -r .raw letters)" = "$(cat "$M/nodate.eml")" ]
}

@test "CRLF and a last line without its end are read like any other" {
	mail --tz UTC "$M/crlf.mbox" >out
	[ "$(jq -r .data.text out | tr '\n' '|')" = "line one|no end of line|" ]
	[ "$(jq -r .data.origin.offset out | tr '\n' ' ')" = "0 $(($(head -8 "$M/crlf.mbox" | wc -c))) " ]
}

@test "the same mail twice has one id, another mail under that id has its own" {
	mail "$M/same_id.mbox" >out
	[ "$(jq -r .id out | head -2 | sort -u)" = same@correio.example ]
	tail -1 out | jq -r .id | grep -Eqx 'same@correio.example#[0-9a-f]{8}'
}

@test "a copy that came through a list is a duplicate, other words under its id are not" {
	copy() { printf 'From: a@x.example\nTo: desk@lume.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <1@x.example>\n%s\n\n%s\n' "$1" "$2"; }
	mkdir -p md/cur md/new
	copy "Subject: late" "Where is it?" >md/cur/1
	copy "Subject: [desk] late" "Where is it?" >md/cur/2
	copy "Subject: late" "Where is the other one?" >md/cur/3
	copy "Subject: late" "Where is it?" >md/cur/4
	run -0 --separate-stderr jnorm --self @lume.example md
	[ "$(jq -r .data.text <<<"$output" | tr '\n' ' ')" = "Where is it? Where is the other one? Where is it? " ]
	[[ $stderr == *"read 4 = written 3 + duplicates 1 + rejected 0"* ]]
	run -0 --separate-stderr jlog append <<<"$output"
	[[ $stderr == *"read 3 = written 2 + duplicates 1 + rejected 0"* ]]
}

@test "an mbox through a pipe gives what the file gives" {
	mail "$M/crlf.mbox" | jq -c 'del(.data.origin)' >a
	mail -f mbox - <"$M/crlf.mbox" | jq -c 'del(.data.origin)' >b
	cmp a b
}

@test "HTML becomes lines where the plain part says nothing, and attachments are listed" {
	mail "$M/html.eml" >out
	[ "$(one h1@correio.example .data.text)" = "$(printf 'Olá, café & luz quebrou.\n\nLinha um\nLinha dois\n- um\n- dois')" ]
	[ "$(one h1@correio.example '[.data.ext.attachments[]|.type]|join(" ")')" = "application/pdf text/calendar" ]
	[ "$(one h1@correio.example '.data.ext.attachments[0].name')" = "nota fiscal.pdf" ]
	one h1@correio.example .data.raw_text | grep -q '^> Pode confirmar?$'
}

@test "flowed lines are joined and answers between quoted lines stay" {
	mail "$M/flowed.eml" >out
	[ "$(one i1@correio.example .data.text)" = "$(printf 'The one with the long name, in blue.\n\nRua Um, 5.')" ]
}

@test "a mail that only passes another one on says what that one says" {
	mail "$M/forward.eml" >out
	one l1@correio.example .data.text | grep -qx 'Seu pedido 7 saiu.'
}

@test "a Maildir is read, cur before new, in the order of names" {
	mail "$M/maildir" >out
	[ "$(jq -r .id out | tr '\n' ' ')" = "i1@correio.example k1@correio.example l1@correio.example " ]
}

@test "a Maildir's other mailboxes are read with it, hidden ones too, and its own files are none" {
	letter() { mkdir -p "$(dirname "$1")" && printf 'Message-ID: <%s@x.example>\nFrom: ana@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\n%s\n' "$2" "$2" >"$1"; }
	for box in Mail Mail/.Sent Mail/.Sent.2025 Mail/old/box Mail/.hidden; do
		[ $box = Mail/.hidden ] || mkdir -p "$box/cur" "$box/new" "$box/tmp"
		letter "$box/cur/1.M1P1.host:2,S" "$(basename "$box")"
	done
	letter Mail/tmp/2.host half
	echo 3 V1 >Mail/dovecot-uidlist
	run --separate-stderr jnorm Mail
	[ "$(jq -r .data.text <<<"$output" | tr '\n' ' ')" = 'Mail .Sent .Sent.2025 box ' ]
	[[ $stderr == *"read 4 = written 4 "* ]]
	rm -r Mail/tmp
	tar czf mail.tgz Mail
	# What lies in an archive is known by its path alone.
	[ "$(jnorm -q mail.tgz | jq -r .data.text | sort | tr '\n' ' ')" = '.Sent .Sent.2025 .hidden Mail box ' ]
}

@test "a draft is no mail" {
	from='From: ana@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n'
	mkdir -p Mail/cur Mail/new
	printf "$from\nnever sent\n" | tee "Mail/cur/1.M1P1.host:2,DS" >/dev/null
	printf "${from}\nsent\n" >"Mail/cur/2.Drafts.host:2,S"
	printf "${from}X-Mozilla-Draft-Info: internal/draft; vcard=0\n\nx\n" >1.eml
	printf "${from}X-Unsent: 1\n\nx\n" >2.eml
	printf "${from}X-Gmail-Labels: =?UTF-8?Q?Aberto,Entw=C3=BCrfe?=\n\nx\n" >3.eml
	printf "${from}X-Gmail-Labels: Sent,Drafts of Ana\n\nsent\n" >4.eml
	run --separate-stderr jnorm Mail 1.eml 2.eml 3.eml 4.eml
	[ "$status" -eq 0 ]
	[ "$(jq -r .data.text <<<"$output" | tr '\n' ' ')" = 'sent sent ' ]
	[[ $stderr == *"read 2 = written 2 + duplicates 0 + rejected 0 (4 empty, 0 inputs not read)"* ]]
}

@test "quoted mail and signatures go in the languages of the mail programs, prose stays" {
	for f in "$M"/quote/*.in; do
		own "$f" >got
		diff "${f%.in}.out" got || {
			echo "$f"
			false
		}
	done
}

@test "a signature without a mark goes where the sender's name or a farewell says so, and no address that is given" {
	signed() {
		printf 'From: "Ana Souza" <ana@x.example>\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n%b' "$1" >one.eml
		[ "$(mail one.eml | jq -r .data.text)" = "$(printf '%b' "${2-$1}")" ] || { mail one.eml && return 1; }
	}
	signed 'Where is it?\n\nAtenciosamente,\nAna Souza\nCompras\nTel. 11 91234-5601' 'Where is it?\n\nAtenciosamente,'
	signed 'Where is it?\n\nMit freundlichen Grüßen\n\nA. Souza\nMusterweg 1' 'Where is it?\n\nMit freundlichen Grüßen'
	signed 'Where is it?\n-Ana Souza, Ph.D.\nana@x.example' 'Where is it?'
	signed 'Deliver to:\n\nAna Souza\nRua das Flores 12'
	signed 'My new address is\nAna Souza\nRua das Flores 12'
	signed 'Hello,\nAna Souza\nRua X 1\nplease send it there, and not to the old address of mine.'
	signed 'My lamp is broken.\n\nAna Souza ordered it.'
	signed 'Thanks,\nI am waiting for the refund.'
	signed 'Thanks,\nBo'
	signed 'Ana Souza'
}

@test "an mbox of any length takes the same memory" {
	command -v /usr/bin/time >/dev/null || skip "no time(1)"
	! sanitized || skip "a sanitizer's memory says nothing"
	awk 'BEGIN {
		for (i = 0; i < 6000; i++) {
			printf "From x Mon Mar  2 10:00:00 2026\nFrom: p%d@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <%d@x.example>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n", i, i
			for (k = 0; k < 60; k++)
				print "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY3ODkwQUJDREVGR0hJSktMTU5P"
			print "--b--\n"
		}
		printf "From x Mon Mar  2 10:00:00 2026\nFrom: p@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n"
		print "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
		for (k = 0; k < 1000000; k++)
			print "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY3ODkwQUJDREVGR0hJSktMTU5P"
	}' >big.mbox
	/usr/bin/time -f %M -o kb jnorm -q big.mbox >out
	[ "$(wc -l <out)" -eq 6001 ]
	[ "$(tail -1 kb)" -lt 65536 ]
}

@test "the customer's own words are found in the replies of the common mail programs" {
	T=$DATA/formats/email/talon
	[ -d "$T" ] || skip "no mail corpus at $T"
	right=0 all=0
	for f in "$T"/standard_replies/*.eml; do
		# one of them has no Date
		{ sed -n '/^[Dd]ate:/q1' "$f" && echo "Date: Mon, 2 Mar 2026 10:00:00 +0000"; cat "$f"; } >one.eml
		all=$((all + 1))
		[ "$(mail one.eml | jq -r .data.text)" = Hello ] && right=$((right + 1)) || echo "not: $f"
	done
	for f in "$T"/html_replies/*.html; do
		all=$((all + 1))
		case $(own "$f" text/html | tr -s '\n' ' ') in
		"Hi. I am fine. Thanks, Alex " | "Hi there Bob ") right=$((right + 1)) ;;
		*) echo "not: $f" ;;
		esac
	done
	echo "# own words right in $right of $all replies" >&3
	[ $((right * 100)) -ge $((all * 95)) ]
}

@test "no line of a customer's own is lost where the signature has no mark" {
	T=$DATA/formats/email/talon/signature/emails/P
	[ -d "$T" ] || skip "no mail corpus at $T"
	for f in "$T"/102682_R_S "$T"/johndoeexamplecom_body "$T"/unicode_msg; do
		sed '1,/^$/{/^[A-Z][a-z]*: /d}' "$f" >body
		grep -v '^#sig#\|^#reply#' body | sed 's/[ \t]*$//' | grep . >want
		sed 's/^#sig#//; s/^#reply#//' body >text
		own text | sed 's/[ \t]*$//' | grep . >got
		[ -z "$(grep -vxFf got want)" ]
		! sed -n 's/^#reply#\(..*\)/\1/p' body | grep -qxFf - got
	done
}

@test "mails broken on purpose lose no body and are refused only where they have no date" {
	T=$DATA/formats/email/mikel-mail
	[ -d "$T" ] || skip "no mail corpus at $T"
	find "$T" -name '*.eml' | LC_ALL=C sort >list
	run -65 --separate-stderr jnorm --reject letters $(cat list)
	[ "$(jq -r .reason letters | sort -u)" = bad_time ]
	[ "$(wc -l <letters)" -eq 10 ]
	# some are the same mail with another attachment
	[[ $stderr =~ read\ ([0-9]+)\ =\ written\ ([0-9]+)\ .*\ rejected\ 10 ]]
	[ "${BASH_REMATCH[1]}" -eq "$(wc -l <list)" ]
	[ "${BASH_REMATCH[2]}" -eq "$(grep -c '^{"specversion"' <<<"$output")" ]
}

@test "a mail of an mbox that is refused is kept as it came, its From_ line and its escapes with it" {
	from='From a@x.example Mon Mar  2 10:00:00 2026'
	good="From: a@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\n>From here\n\n"
	printf '%s\r\n\r\n>From you\r\n>>From us\r\n> From\r\n\r\n' "$from" >bad
	{ printf "$from\n$good"; cat bad; printf "$from\n$good"; } >in.mbox
	run -65 --separate-stderr jnorm --self @lume.example --reject letters in.mbox
	[ "$(jq -r .data.text <<<"$output")" = 'From here
From here' ]
	[[ $stderr == *"read 3 = written 2 + duplicates 0 + rejected 1"* ]]
	jq -rj '.raw, "\n"' letters | cmp - bad
	rm letters
	{ printf '%s\n\n' "$from"; seq -f '>From line %.0f' 150000; seq -f '%.0f of a long mail' 150000; } >bad
	{ printf "$from\n$good"; cat bad; } >in.mbox
	run -65 jnorm -q --self @lume.example --reject letters in.mbox
	jq -r .raw_base64 letters | base64 -d | cmp - bad
}

@test "text before the first From_ line of an mbox is rejected, not dropped" {
	from='From a@x.example Mon Mar  2 10:00:00 2026'
	printf '\n\nlost\r\n>From here\n\nand there\n\n' >front
	{ cat front; printf '%s\nFrom: a@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\nhi\n' "$from"; } >in.mbox
	run -65 --separate-stderr jnorm --self @lume.example -f mbox --reject letters in.mbox
	[ "$(jq -r .data.text <<<"$output")" = hi ]
	[[ $stderr == *"in.mbox:3: text before the first From line"* ]]
	[[ $stderr == *"read 2 = written 1 + duplicates 0 + rejected 1"* ]]
	[ "$(jq -c '[.reason, .line, .offset]' letters)" = '["bad_row",3,2]' ]
	{ jq -r .raw_base64 letters | base64 -d; echo; } | cmp - <(tail -c +3 front)
	rm letters
	{ echo 'no mail at all'; head -c 300000 /dev/zero | tr '\0' x; echo; } >in.mbox
	run -65 --separate-stderr jnorm -f mbox --reject letters in.mbox
	[ -z "$output" ]
	[[ $stderr == *"read 1 = written 0 + duplicates 0 + rejected 1"* ]]
	{ jq -r .raw_base64 letters | base64 -d; echo; } | cmp - in.mbox
	printf '\n \n' >in.mbox
	run -0 jnorm -q -f mbox in.mbox
}
