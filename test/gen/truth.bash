# A journey file beside what is true (jgen --truth): every line that these print is a difference.

# imported SQL TRUTH [FIGURES]: runs SQL on the journey file or memory with the truth's lines in temp.line(body) and jmetrics' records
# in temp.figure(body).
imported() {
	local database=$1 sql=$2 truth=$3 figures=${4:-/dev/null}

	sqlite3 -bail "$database" <<-END
		CREATE TEMP TABLE line(body TEXT);
		CREATE TEMP TABLE figure(body TEXT);
		.mode ascii
		.separator "\037" "\n"
		.import --schema temp $truth line
		.import --schema temp $figures figure
		.mode list
		.separator |
		.read $sql
	END
}

# false_facts JOURNEY TRUTH
false_facts() { imported "$1" "$TOP/test/gen/compare.sql" "$2"; }

# false_figures JOURNEY TRUTH: for every window that the truth knows.
false_figures() {
	local window part

	for window in 24h 72h 7d 30d; do
		jmetrics -q -d "$1" -o ndjson --window $window >figures.ndjson
		for part in intent stage reason; do
			jmetrics -q -d "$1" -o ndjson --by $part opportunity_abandonment_rate
		done >>figures.ndjson
		imported :memory: "$TOP/test/gen/figures.sql" "$2" figures.ndjson
	done
}

# false_recount JOURNEY TRUTH: opportunities and what is counted of them.
false_recount() {
	{
		echo 'CREATE TEMP TABLE means(intent, what);'
		awk '/- id:/ { id = $3 } $1 ~ /^(commercial|courtesy|resolving):$/ && $2 == "true" {
			printf "INSERT INTO means VALUES (\047%s\047, \047%s\047);\n", id, substr($1, 1, length($1) - 1) }' \
			"$TOP/ontology/intents.yaml"
		cat "$TOP/test/gen/recount.sql"
	} >recount.sql
	imported "$1" recount.sql "$2"
}

# shop [SED ...]: the shipped scenario, changed line by line.
shop() {
	local args=()

	while [ $# -gt 0 ]; do
		args+=(-e "$1")
		shift
	done
	jgen --show | sed "${args[@]:--n -e p}"
}

# same_questions DB TRUTH: of each intent as many questions, at whatever stage. Exports of chats and mails say no stage, and where
# jintent labels, another message of a contact may be the one that asks, behind a change of stage.
same_questions() {
	jq -r 'select(.metric == "recurring_questions" and .statistic == "count" and .intent) | "\(.intent) \(.value)"' "$2" |
		awk '{ n[$1] += $2 } END { for (i in n) print i, n[i] }' | sort >questions.true
	jmetrics -q -d "$1" -o ndjson recurring_questions | jq -r 'select(.statistic == "count" and .group.intent) | "\(.group.intent) \(.value)"' |
		awk '{ n[$1] += $2 } END { for (i in n) print i, n[i] }' | sort >questions.said
	[ "$(wc -l <questions.true)" -gt 3 ]
	diff questions.true questions.said
}

# as_planned FILE: its records as jintent labels them, by phrases alone, since texts are written around these; without what a plan does not
# tell: promises that stand in answers, feelings of texts that were to have none.
as_planned() {
	jintent -q --no-model "$1" | jq -c -n --slurpfile had "$1" '
		[inputs | select(.id | startswith("promise-") | not)] | to_entries[] | $had[.key] as $was | .value |
		if $was.data.sentiment then . else del(.data.sentiment) end'
}
