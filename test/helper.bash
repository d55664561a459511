# What every bats file loads: where the tree and the binaries are, and a clean place to work in.
TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
J=${JTOOLS_BIN:-$TOP/build/bin}
PATH=$J:$PATH
# shellcheck disable=SC2034 # for the tests
DATA=${JTOOLS_DATA:-$TOP/../shared/data}
export TZ=UTC
unset JTOOLS_DB JTOOLS_ONTOLOGY
# rounds N LONG: how many times something random is tried; JTOOLS_LONG=1 takes the longer number.
rounds() { echo "$(($# > 1 && ${JTOOLS_LONG:-0} ? $2 : $1))"; }
# sanitized: the programs are those of `make asan`, which take much memory and cannot be traced.
sanitized() { grep -qa __asan_init "$J/jlog"; }
cd "$BATS_TEST_TMPDIR" || exit 1
