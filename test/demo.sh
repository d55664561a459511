#!/usr/bin/env bash
# test/demo.sh BUILD: the README's pipe over fixtures/demo, six weeks of a lamp shop's WhatsApp, mail, calls and desk.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
PATH=$PWD/$build/bin:$PATH
unset JTOOLS_ONTOLOGY
export JTOOLS_DB=$build/demo/journey.db
mkdir -p "$build/demo"
rm -f "$JTOOLS_DB" "$JTOOLS_DB"-wal "$JTOOLS_DB"-shm

# show COMMAND: as typed, then what it prints
show() {
	printf '\n$ %s\n' "$1"
	bash -o pipefail -c "$1"
}

echo "The journey file is \$JTOOLS_DB=$JTOOLS_DB."
show 'jnorm fixtures/demo/* | jintent | jlog append -q'
show 'jmetrics -o table'
show 'jproject timeline --customer beatriz.lima@caixa.example --tz America/Sao_Paulo -o table'
show "jlog cat -q | jroute -q -r fixtures/demo/routes.yaml >$build/demo/routed.ndjson"
show "head -n 3 $build/demo/routed.ndjson"
show "jreport --tz America/Sao_Paulo >$build/demo/report.html"
