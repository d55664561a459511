#!/usr/bin/env bats
# jsh: what is asked by hand, by -c and by a script, and through a pseudo-terminal.
# shellcheck disable=SC2154 # stderr is set by run
bats_require_minimum_version 1.5.0
load helper

setup_file() {
	export DEMO="$BATS_FILE_TMPDIR/demo.db"
	jnorm -q "$TOP"/fixtures/demo/* | jintent -q | jlog -q -d "$DEMO" append
	jlog -q -d "$DEMO" cat | jroute -q -d "$DEMO" -r "$TOP/fixtures/demo/routes.yaml" >"$BATS_FILE_TMPDIR/routed"
	jlog -q -d "$DEMO" append <"$BATS_FILE_TMPDIR/routed"
	# A message of the first customer, her last word.
	ASKED=$(jlog -q -d "$DEMO" cat | jq 'select((.data.text // "") | test("orçamento de três")) | .sequence | tonumber')
	LAST=$(sqlite3 "$DEMO" 'SELECT max(seq) FROM event')
	export ASKED LAST
}

setup() {
	export JTOOLS_DB=$DEMO XDG_STATE_HOME=$PWD/state PAGER=cat TERM=xterm INPUTRC=/dev/null NO_COLOR=1
	mkdir state
}

# A play on stdin, by a terminal: play [jsh's arguments]
play() {
	cat >play
	python3 "$TOP/test/jsh_pty.py" play "$@" >came || { cat came; return 1; }
}

# ---- -c and scripts ----

@test "jsh -c answers what jproject and jmetrics answer" {
	local v

	cp "$DEMO" same.db
	for v in contacts issues switches; do
		diff <(jsh -c "$v") <(jproject "$v" -q -d same.db)
	done
	diff <(jsh -c 'customer +5511912345601; timeline' -o table) <(jproject timeline -d same.db --customer +5511912345601 -o table)
	diff <(jsh -c 'customer c1; context' -o table) <(jproject context -d same.db --customer c1 -o text)
	diff <(jsh -c 'flow intent' -o csv) <(jproject flow -d same.db --of intent -o csv)
	diff <(jsh -q -c 'metrics repeat_contact_rate by channel') <(jmetrics -q -d same.db --by channel repeat_contact_rate)
	diff <(jsh -q -c 'why repeat_contact_rate.same_channel hit') \
		<(jmetrics -q -d same.db --explain repeat_contact_rate.same_channel --explain-rows hit)
	diff <(jsh -c 'as-of 200; issues') <(jproject issues -d same.db --as-of 200)
	diff <(jsh -c 'since 2026-03-20; until 2026-04-01; contacts') \
		<(jproject contacts -d same.db --since 2026-03-20 --until 2026-04-01)
}

@test "jsh writes nothing into the file, and builds facts beside it" {
	cp "$DEMO" stale.db
	sha256sum stale.db >before
	jsh -d stale.db -c 'contacts; as-of 100; metrics; as-of now; issues' >/dev/null 2>&1
	sha256sum -c --quiet before
	[ "$(sqlite3 stale.db 'SELECT count(*) FROM v_contact')" -eq 0 ]
}

@test "a customer, a period and a place in the log hold for what comes after them" {
	[ "$(jsh -c 'customer c1; contacts' | jq -r .customer | sort -u)" = c1 ]
	[ "$(jsh -c 'customer c1; customer -; contacts' | jq -r .customer | sort -u | wc -l)" -gt 10 ]
	[ "$(jsh -c 'as-of 20' -c 'sql SELECT count(*) AS n FROM v_event' | jq .n)" -eq 20 ]
	run -2 --separate-stderr jsh -c 'as-of 20; sql SELECT * FROM v_identity'
	[ "$stderr" = "jsh: v_identity is of the log as it stands, not as of a place" ]
	run -2 --separate-stderr jsh -c 'as-of 4000'
	[ "$stderr" = "jsh: 4000: the log ends at $LAST" ]
	run -0 --separate-stderr jsh -c 'as-of 2026-03-10; contacts'
	[ "$stderr" = "jsh: nothing was on record by then (the time is that of recording)" ]
	[ "$(jsh -q -c 'customer c1; metrics repeat_contact_rate' | jq -r 'select(.metric == "repeat_contact_rate") | .n')" = 3 ]
}

@test "a script's failure names its line, and ends it but with --keep-going" {
	printf 'customer c1\n# a comment\n\ncontatcs\nissues\n' >script
	run -2 --separate-stderr jsh <script
	[ "$stderr" = "jsh: <stdin>:4: no such command: contatcs (did you mean contacts?)" ]
	[ -z "$output" ]
	run -2 --separate-stderr jsh --keep-going <script
	[ "$(jq -r .customer <<<"$output" | sort -u)" = c1 ]
	printf 'sql SELECT 1 AS a,\n 2 AS b\n;\n\nsql SELECT nope\n;' >script
	run -2 --separate-stderr jsh <script
	[ "$output" = '{"a":1,"b":2}' ]
	[ "$stderr" = "jsh: <stdin>:5: no such column: nope" ]
}

@test "the exit code says that something was not there" {
	run -1 jsh -c 'find nosuchword'
	run -0 jsh -c 'find LÂMPADA'
	run -1 jsh -c 'find nosuchword; contacts'
	run -1 jsh -c 'why 1'
	run -2 jsh -c 'customer nobody@x.example'
	run -2 jsh -c 'timeline'
	run -2 jsh -c 'export'
}

@test "find knows identifiers and what was said, without regard to marks and capitals" {
	run -0 jsh -c 'find +5511912345601'
	[ "$(jq -r 'select(.kind == "phone") | .customer' <<<"$output")" = c1 ]
	[ "$(jsh -c 'find orcamento de tres' | jq -r "select(.sequence == $ASKED) | .kind")" = message ]
	[ "$(jsh -c 'find delivery.late' | jq -r 'select(.sequence == 2) | .kind + " " + .customer')" = "message c1" ]
	run -1 jsh -c "find delivery.lat"
	run -1 jsh -c "find don't"
	run -0 --separate-stderr jsh -c 'find e'
	[ "$(jq -c 'select(.time)' <<<"$output" | wc -l)" -eq 50 ]
	[ "$stderr" = "jsh: there are more, and the first are shown" ]
}

@test "a table shows times in the zone and spans as people read them, and records do not" {
	local tz=America/Sao_Paulo at seq

	at=$(jsh --tz $tz -c "find orcamento de tres" | jq -r "select(.sequence == $ASKED) | .time")
	[ "$at" = 2026-03-20T17:02:00.000Z ]
	jsh -o table --tz $tz -c "find orcamento de tres" | grep -q "^c1  *$ASKED  2026-03-20 14:02  message"
	seq=$(jsh -c "why $ASKED" | jq .sequence)
	jsh -o table --tz $tz -c "why $ASKED" | grep -q "^ *$seq  2026-03-20 14:02  route.decided"
	jsh -q -o table --tz $tz -c 'why repeat_contact_rate.same_channel hit' | grep -q '^c19 .* 2026-03-17 11:00 '
	[ "$(jsh -c 'customer c8; switches' | jq .gap)" -eq 69830000 ]
	jsh -o table -c 'customer c8; switches' | grep -q '^c8 .*  19h 23m  '
}

@test "a customer's state is laid out for people, and a record else" {
	jsh -c 'customer c1; customer' | jq -e '.last_contact.channel == "whatsapp"'
	jsh -o table --tz America/Sao_Paulo -c 'customer c1; customer' >state.txt
	grep -qx 'customer       c1' state.txt
	grep -qx 'last_contact   started 2026-03-20 14:02  ended 2026-03-20 14:31  channel whatsapp  family quote' state.txt
	grep -qx 'identifiers    kind phone  value +5511912345601' state.txt
}

@test "why tells the rule behind the decisions on an event" {
	jsh -c "why $ASKED" >why
	[ "$(jq -r '.type + " " + (.basis | tostring) + " " + .rule' why)" = "route.decided $ASKED sale" ]
	seq=$(jq .sequence why)
	diff why <(jsh -c "why $seq")
	id=$(jlog -q -d "$DEMO" cat --from "$ASKED" --to "$ASKED" | jq -r .id)
	diff why <(jsh -c "customer c1; why $id")
	[ "$(jsh -o table -c "why $seq" | tail -n 1)" = "route RULES $ASKED tells the conditions" ]
	run -1 jsh -o table -c 'why 1'
	[ "$output" = "no decision on 1 is on record" ]
	run -2 --separate-stderr jsh -c 'why transfer_rat'
	[ "$stderr" = "jsh: no such metric: transfer_rat (did you mean transfer_rate?); for the id of an event, customer C comes first" ]
	run -2 --separate-stderr jsh -c 'customer c1; why transfer_rat'
	[ "$stderr" = "jsh: transfer_rat: neither a metric nor an event of hers (did you mean transfer_rate?)" ]
}

@test "route tells what would be decided for a customer's last word or for an event" {
	rules="$TOP/fixtures/demo/routes.yaml"
	jsh -c "customer c1; route $rules" >decided
	[ "$(jq -r .rule decided)" = sale ]
	diff decided <(jsh -c "route $rules $ASKED")
	run -1 --separate-stderr jsh -c "route $rules $((ASKED + 1))"
	[ "$stderr" = "jsh: what did not come in is not routed" ]
}

@test "sql reads the documented views and nothing else" {
	local q

	for q in "SELECT * FROM meta" "SELECT * FROM event" "SELECT count(*) FROM shape" "SELECT * FROM sqlite_master" \
		"WITH v_contact AS (SELECT * FROM meta) SELECT * FROM v_contact" \
		"WITH \"v_contact\"(a) AS /* */ MATERIALIZED (SELECT key FROM meta) SELECT * FROM v_contact" \
		"WITH a AS (SELECT * FROM event) SELECT * FROM a" "WITH up AS (SELECT * FROM ident) SELECT * FROM up" \
		"SELECT * FROM pragma_table_info('meta')" "PRAGMA user_version" "ATTACH 'x.db' AS x" "DELETE FROM event" \
		"CREATE TEMP TABLE t(a)" "SELECT load_extension('x')" "SELECT randomblob(9)" "SELECT 1 WHERE :a" "BEGIN"; do
		run -2 jsh -c "sql $q"
		[[ $output == jsh:* ]] || { echo "$q: $output"; return 1; }
	done
	[ ! -e x.db ]
	for q in "SELECT count(*) FROM v_event" "SELECT count(*) FROM v_identity" "SELECT count(*) FROM v_ruling" \
		"WITH t AS (SELECT channel, count(*) AS n FROM v_contact GROUP BY 1) SELECT max(n) FROM t" \
		"SELECT s.event FROM v_stage AS s, v_event LIMIT 1" "SELECT value FROM json_each('[1]')"; do
		run -0 jsh -c "sql $q"
	done
}

@test "sql writes numbers, texts, blobs and columns of one name in every format" {
	q="SELECT 1 AS x, 1.5 AS x, 'a,\"b' AS t, NULL AS n, x'00ff' AS b"
	[ "$(jsh -c "sql $q")" = '{"x":1,"x:1":1.5,"t":"a,\"b","n":null,"b":"00ff"}' ]
	[ "$(jsh -c 'sql SELECT 1 AS "a""b"')" = '{"a\"b":1}' ]
	[ "$(jsh -o csv -c "sql $q" | tail -n 1)" = '1,1.5,"a,""b",,00ff' ]
	[ "$(jsh -o table -c "sql SELECT '日本' AS a, 1 AS b UNION ALL SELECT 'x', 22")" = $'a      b\n日本   1\nx     22' ]
	[ "$(jsh -o table -c "sql SELECT 'a'||char(27)||'[2Jb' AS a" | tail -n 1)" = 'a?[2Jb' ]
}

@test "export writes the last answer as records or CSV into a file of our own" {
	jsh -o table -c 'customer c1; contacts; export all.csv; export ndjson all.json' >/dev/null
	diff all.csv <(jsh -o csv -c 'customer c1; contacts')
	diff all.json <(jsh -c 'customer c1; contacts')
	[ "$(stat -c %a all.csv)" = 600 ]
	run -2 jsh -c 'customer c1; context; export all.csv'
	diff all.csv <(jsh -o csv -c 'customer c1; contacts')
	[ "$(echo all.csv*)" = all.csv ]
}

@test "help lists every command, and without a file the shell says how one comes to be" {
	[ "$(jsh -c help | wc -l)" -eq 18 ]
	[ "$(jsh -c 'help as-of')" = "as-of SEQ | TIME | now                 answer as of a place in the log from here on" ]
	unset JTOOLS_DB
	run -2 jsh -c help
	[[ $output == *"journey.db: No such file"*"jlog append"* ]]
}

# ---- a terminal ----

@test "the prompt shows the customer, the period and the place" {
	play <<-'END'
		see jsh> $
		type customer c1\n
		see jsh c1> $
		type since 2026-03-01; as-of 300\n
		see jsh c1 2026-03-01\.\. as of 300> $
		type until 2026-04-01T12:00:00Z; customer -; as-of now\n
		see jsh 2026-03-01\.\.2026-04-01T12:00> $
		type \x04
		end
	END
	tail -n 1 came | grep -qx 'exit 0'
}

@test "tab completes commands, customers, identifiers, metrics, dimensions, views and columns" {
	play <<-'END'
		see jsh> $
		type custo\t+55119123456\t01\n
		see jsh c1> $
		type help tim\t\n
		see timeline +her story
		type metrics repeat_contact_rate.sa\tby chann\t\n
		see channel +metric.*repeat_contact_rate.same_channel
		type sql SELECT from_chan\t
		see SELECT from_channel $
		type \x03
		see \^C.*c1> $
		type sql SELECT count(*) AS n, max(chan\t) FROM v_swit\t; \n
		see max\(channel
		type \x03
		see \^C.*c1> $
		type customer c1\t\t
		see c112 .*c128
		type \x03
		see \^C.*c1> $
		type customer \t\t
		see - +c112 .*c1 .*c59.*c1> customer $
		type \x03
		see \^C.*c1> $
		type since \t\t\n
		see since - [^-]*c1> $
		type sql SELECT v_contact.answered_h\t
		see v_contact.answered_human $
		type \x03
		see \^C.*c1> $
		type quit\n
		end
	END
	tail -n 1 came | grep -qx 'exit 0'
}

@test "Ctrl-C stops a query and not the shell, and drops what was typed" {
	play <<-'END'
		see jsh> $
		type sql SELECT count(*) FROM v_contact a, v_contact b, v_contact c, v_contact d, v_contact e, v_contact f;\n
		see v_contact f;
		type \x03
		see stopped.*jsh> $
		type sql SELECT 1\n
		see \.\.\.> $
		type \x03
		see \^C.*jsh> $
		type sql SELECT 6*7 AS answer\n
		see \.\.\.> $
		type ;\n
		see answer.*42.*jsh> $
		type \x04
		end
	END
	tail -n 1 came | grep -qx 'exit 0'
}

@test "history is kept for each file, for its owner alone, and not of -c" {
	printf 'see jsh> $\ntype help quit\\n\nsee jsh> $\ntype \\x04\nend\n' | play
	jsh -c 'help find' >/dev/null
	echo 'help since' | jsh >/dev/null
	[ "$(cat state/jtools/jsh-*)" = "help quit" ]
	[ "$(stat -c %a state/jtools/jsh-*)" = 600 ]
	printf 'see jsh> $\ntype \\x10\\n\nsee leave, as Ctrl-D does\ntype \\x04\nend\n' | play
	cp "$DEMO" other.db
	printf 'see jsh> $\ntype help find\\n\nsee jsh> $\ntype \\x04\nend\n' | play -d other.db
	[ "$(find state/jtools -type f | wc -l)" -eq 2 ]
}

@test "what is longer than the screen goes through the pager, and the rest does not" {
	export PAGER='sed "s/^/paged /" | head -n 2; echo that was all'
	play <<-'END'
		see jsh> $
		type contacts\n
		see paged customer.*paged c1 .*that was all.*jsh> $
		type help quit\n
		see leave, as Ctrl-D does
		type \x04
		end
	END
	[ "$(grep -c paged came)" -eq 2 ]
}
