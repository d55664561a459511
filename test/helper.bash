TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd); J=${JTOOLS_BIN:-$TOP/build/bin}; PATH=$J:$PATH; export TZ=UTC; cd "$BATS_TEST_TMPDIR"
