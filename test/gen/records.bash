# Records and histories for tests.

# rec ID "DD HH:MM[:SS]" [attribute=value ...] [members of data]: one record of March 2026.
rec() {
	local id=$1 day=${2% *} clock=${2#* } a data= customer= sequence=
	local type=message source=wa/a session=s channel=whatsapp direction=in actor=customer
	shift 2
	[ ${#clock} = 5 ] && clock=$clock:00
	for a; do
		case $a in
		type=* | source=* | session=* | channel=* | direction=* | actor=* | customer=* | sequence=*) local "$a" ;;
		*) data=$a ;;
		esac
	done
	printf '{"specversion":"1.0","id":"%s","source":"%s","type":"%s","time":"2026-03-%sT%s.000Z"' \
		"$id" "$source" "$type" "$day" "$clock"
	for a in customer sequence session channel direction actor; do
		[ -z "${!a}" ] || printf ',"%s":"%s"' "$a" "${!a}"
	done
	printf ',"data":{%s}}\n' "$data"
}

# her ID TIME ...: a word of the customer; ana, bot: of ours. note: a record of the desk that says nothing.
her() { rec "$@"; }
ana() { local id=$1 at=$2; shift 2; rec "$id" "$at" direction=out actor=agent '"agent":"ana"' "$@"; }

phone() { printf '"identifiers":[{"kind":"phone","value":"%s"}]' "$1"; }
email() { printf '"identifiers":[{"kind":"email","value":"%s"}]' "$1"; }
both() { printf '"identifiers":[{"kind":"phone","value":"%s"},{"kind":"email","value":"%s"}]' "$1" "$2"; }

# history -v seed=N -v n=N ...: see history.awk.
history() { awk -f "$TOP/test/gen/history.awk" "$@"; }

# without NAME ...: stdin without these top-level string members.
without() {
	local args=() m
	for m; do args+=(-e "s/\"$m\":\"[^\"]*\",//"); done
	sed "${args[@]}"
}

# customers: id and customer of the records on stdin.
customers() { sed 's/.*"customer":"\([^"]*\)".*"id":"\([^"]*\)".*/\2 \1/'; }

# columns VIEW: all of its columns but the generation.
columns() { sqlite3 "$1" "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('$2') WHERE name <> 'gen'"; }

# dump FILE: all facts in a fixed order.
dump() {
	local v
	for v in v_contact v_issue v_switch v_move v_question v_commitment v_opportunity v_survey v_decision v_outbound v_handoff v_stage \
		v_customer v_handover v_touch v_entity v_ruling; do
		echo "$v"
		sqlite3 "$1" "SELECT $(columns "$1" $v) FROM $v ORDER BY customer, 3, 4, 5, 6"
	done
}

# fact VIEW COLUMNS [FILE]: columns of a view, a row a line, in the order of their beginning.
fact() {
	local id=$1
	[ "$id" != move ] || id=at
	sqlite3 "${3:-j.db}" "SELECT $2 FROM v_$1 ORDER BY customer, started, \"$id\""
}

# Holds the write lock of a file for some seconds; returns when it has it. The holder's id is in $holder.
hold() {
	rm -f held
	{
		echo 'BEGIN IMMEDIATE;'
		echo ".shell touch held"
		sleep "$2"
		echo 'ROLLBACK;'
	} | sqlite3 "$1" >hold.out 2>&1 3>&- &
	holder=$!
	for _ in $(seq 100); do
		[ -e held ] && return
		sleep 0.02
	done
	return 1
}

# Keeps a file open for some seconds, so that what others write stays in its write-ahead log.
keep_open() {
	rm -f held
	{
		echo 'SELECT count(*) FROM event;'
		echo ".shell touch held"
		sleep "$2"
	} | sqlite3 "$1" >hold.out 2>&1 3>&- &
	holder=$!
	for _ in $(seq 100); do
		[ -e held ] && return
		sleep 0.02
	done
	return 1
}

# As somebody who may not write everywhere: root may. The folder is one that this person can reach.
open_folder() {
	open=$(mktemp -d "${TMPDIR:-/tmp}/jtools.XXXXXX")
	chmod 755 "$open"
	mkdir "$open/bin"
	cp "$J/jlog" "$J/jproject" "$open/bin/"
	cp -r "$TOP/ontology" "$open/ontology"
	chmod -R a+rX "$open"
}
close_folder() { [ -z "${open:-}" ] || { chmod -R u+w "$open" && rm -rf "$open"; }; }
as_other() {
	if [ "$(id -u)" = 0 ]; then
		JTOOLS_ONTOLOGY=$open/ontology PATH=$open/bin:$PATH \
			setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		JTOOLS_ONTOLOGY=$open/ontology PATH=$open/bin:$PATH "$@"
	fi
}
need_other() {
	[ "$(id -u)" != 0 ] || command -v setpriv >/dev/null || skip "root, and no setpriv to be somebody else"
}

# is GOT EXPECTED
is() {
	[ "$1" = "$2" ] || { echo "expected: $2"; echo "got: $1"; false; }
}

# hers N TIME ...: like her, and it says who she is: $me.
hers() {
	local last=${!#}
	[[ $last == \"* ]] && set -- "${@:1:$#-1}" "$me,$last" || set -- "$@" "$me"
	her "$@"
}

# called ID TIME MEMBERS: a call of hers that ana takes after ten minutes.
called() {
	rec "$1" "$2" type=call source=pbx/a session=c channel=voice \
		"$me,\"reason\":\"answered\",\"wait\":600,\"duration\":900,\"agent\":\"ana\",$3"
}
