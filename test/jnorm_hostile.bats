#!/usr/bin/env bats
# Input that means harm: without end, without sense, without text. It is refused and told, in little memory.
bats_require_minimum_version 1.5.0
load helper

# So much of a line that its memory would show.
endless() { head -c 200M /dev/zero | tr '\0' "${1:-x}"; }

# bounded WRITTEN REJECTED ARGUMENT...: jnorm on stdin says so much, in less than 48 MiB.
bounded() {
	local written=$1 rejected=$2

	shift 2
	/usr/bin/time -f %M -o kb jnorm --self L "$@" - >out 2>err || [ $? -eq 65 ]
	grep -q "= written $written + duplicates 0 + rejected $rejected" err || { cat err && return 1; }
	sanitized || [ "$(tail -1 kb)" -lt 49152 ]
}

setup() {
	command -v /usr/bin/time >/dev/null || skip "no time(1)"
}

e='{"specversion":"1.0","id":"1","source":"a/b","type":"message","time":"2026-03-02T12:15:00Z"}'

@test "a line without end is refused or cut by every reader, and what is around it is read" {
	{ echo '02/03/2026, 09:15 - A: a'; printf '02/03/2026, 09:16 - A: '; endless; printf '\n02/03/2026, 09:17 - A: b\n'; } | bounded 2 1 -f whatsapp
	{ echo "$e"; endless; printf '\n%s\n' "$e"; } | bounded 2 1 -f records
	{ printf '[%s,{"specversion":"' "$e"; endless; printf '"},%s]\n' "$e"; } | bounded 2 1 -f records
	{ printf '{"vcon":"0.0.2","uuid":"'; endless; echo '"}'; } | bounded 0 1 -f vcon
	{ printf 'WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:03.000 --> 00:04.000\n'; endless; printf '\n\n00:05.000 --> 00:06.000\nb\n'; } |
		bounded 2 1 -f vtt --start 2026-03-02T09:00:00Z
}

@test "a mail without end keeps what of its text there is room for, and endless headers are refused" {
	mail='From: a@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n'
	{ printf "From x Mon Mar  2 10:00:00 2026\n$mail\n"; endless; printf "\n\nFrom x Mon Mar  2 10:00:00 2026\n$mail\nhi\n"; } | bounded 2 0 -f mbox
	grep -q '"text_cut":true' out
	{ printf "${mail}Subject: "; endless; printf '\n\nhi\n'; } | bounded 0 1 -f eml
	grep -q "headers too long" err
	{ printf "${mail}To: "; endless ' '; printf '\n\nhi\n'; } | bounded 0 1 -f eml
}

@test "nothing but NUL bytes is told to be no export" {
	head -c 50M /dev/zero >nul
	run --separate-stderr jnorm nul
	[ "$status" -ne 0 ]
	[ -z "$output" ]
	[[ $stderr == *"nul: not an export that jnorm knows"* ]]
	head -c 50M /dev/zero | bounded 0 1 -f records
}

@test "lone surrogates, NUL in a name and deep nesting are refused, the records around them are read" {
	{
		echo "$e"
		echo '{"specversion":"1.0","id":"2","source":"a/b","type":"message","time":"2026-03-02T12:15:00Z","data":{"text":"\ud800"}}'
		echo '{"specversion":"1.0","id":"3","source":"a/b","type":"message","time":"2026-03-02T12:15:00Z","data":{"\udc00":1}}'
		printf '{"specversion":"1.0","id":"4","so\0urce":"a/b"}\n'
		head -c 500000 /dev/zero | tr '\0' '['
		echo
		head -c 500000 /dev/zero | tr '\0' '[' | sed 's/\[/{"a":/g'
		echo
		echo "$e"
	} | bounded 2 5 -f records
}

# within ARGUMENT...: jnorm takes no more than so many seconds of the processor.
within() { (ulimit -t "$1" && shift && jnorm -q "$@" >out 2>err); }

lines() { yes -- "$1" | head -n "$2"; }

@test "brackets that nothing closes, captions that repeat themselves and rows of dashes take no longer than their length" {
	{ printf 'WEBVTT\n\n'; for i in 1 2 3; do printf '00:0%d.000 --> 00:0%d.500\n' $i $i; lines '<a' 350000 | tr -d '\n'; printf '\n\n'; done; } >a.vtt
	within 15 --start 2026-03-02T09:00:00Z a.vtt
	[ "$(wc -l <out)" -eq 3 ]
	{ printf 'WEBVTT\n\n'; for i in 1 2 3 4 5 6 7 8; do printf '00:0%d.000 --> 00:0%d.000\n' $i $((i + 1)); lines x 400000; printf '%d\n\n' $i; done; } >b.vtt
	within 15 --start 2026-03-02T09:00:00Z b.vtt
	[ "$(wc -l <out)" -eq 8 ]
	for i in {1..24}; do
		printf 'From x Mon Mar  2 10:00:00 2026\nFrom: a@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\n'
		lines -- 85000
		echo
	done >c.mbox
	within 15 --self L c.mbox
	[ "$(wc -l <out)" -eq 24 ]
}

@test "empty alternatives within one another are gone through once" {
	part() { printf 'Content-Type: multipart/alternative; boundary=b%d\n\n--b%d\n' "$1" "$1"; }
	{
		printf 'From: a@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\n'
		for i in {1..20}; do part "$i"; done
		printf 'Content-Type: text/plain\n\n\n'
		for i in {20..1}; do printf -- '--b%d\nContent-Type: text/html\n\n\n--b%d\nContent-Type: text/plain\n\n\n--b%d--\n' "$i" "$i" "$i"; done
	} >one.eml
	within 15 --self L one.eml
	[ "$(wc -l <out)" -eq 1 ]
}

@test "a mail of countless parts, or headers of parts, is refused in little memory" {
	head='From: a@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n'
	{ printf "$head"; yes -- $'--b\n\nx' | head -n 600000; echo '--b--'; } | bounded 0 1 -f eml
	grep -q "too many parts" err
	{ printf "$head"; echo '--b'; lines 'X: y' 300000; printf '\nx\n--b--\n'; } | bounded 0 1 -f eml
	{ printf "$head"; yes -- $'--b\n\nx' | head -n 25000; echo '--b--'; } | bounded 1 0 -f eml
	grep -q '"text":"x' out
	{ printf 'From: a@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\n'; lines '-- x' 20000; } | bounded 1 0 -f eml
	{ printf 'References: <a@x.example>\n'; lines ' <a@x.example>' 60000; printf "$head"; printf -- '--b\n\nx\n--b--\n'; } | bounded 1 0 -f eml
}
