# make install and make uninstall: what is put where, and that it works from there.
bats_require_minimum_version 1.5.0
load helper

setup() {
	ROOT=$BATS_TEST_TMPDIR/root
	BUILD=$(cd "$J/.." && pwd)
	case $BUILD in
	"$TOP"/*) BUILD=${BUILD#"$TOP"/} ;;
	esac
}

# install_to VERB PREFIX: as a packager does, with what is built already
install_to() {
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$TOP" "$1" BUILD="$BUILD" DESTDIR="$ROOT" PREFIX="$2" -o all
}

@test "make install puts commands, ontology, manual and completions where they belong" {
	install_to install /usr
	for c in "$J"/*; do
		[ -x "$ROOT/usr/bin/$(basename "$c")" ]
	done
	diff -r -x intents.model "$TOP/ontology" "$ROOT/usr/share/jtools/ontology"
	cmp "$J/../intents.model" "$ROOT/usr/share/jtools/ontology/intents.model"
	for page in "$TOP"/doc/*.[1-8]; do
		[ -e "$page" ] || continue
		cmp "$page" "$ROOT/usr/share/man/man${page##*.}/$(basename "$page")"
	done
	if [ -e "$TOP/completions/jtools.bash" ]; then
		cmp "$TOP/completions/jtools.bash" "$ROOT/usr/share/bash-completion/completions/jlog"
	fi
	[ -z "$(find "$ROOT" -type f -perm /022)" ]
}

@test "an installed jintent finds its ontology beside itself, without a variable" {
	install_to install /opt/jtools
	echo '{"specversion":"1.0","id":"1","source":"s","type":"message","time":"2026-03-02T12:15:00Z","direction":"in","actor":"customer","data":{"text":"where is my order?"}}' >in
	env -i PATH=/usr/bin:/bin "$ROOT/opt/jtools/bin/jintent" -q in >out
	grep -q '"ontology":"base/' out
}

@test "make uninstall takes away what make install put there, and nothing else" {
	install_to install /usr
	mkdir -p "$ROOT/usr/share/other"
	echo mine >"$ROOT/usr/bin/mine"
	install_to uninstall /usr
	[ "$(find "$ROOT" ! -type d)" = "$ROOT/usr/bin/mine" ]
	[ ! -e "$ROOT/usr/share/jtools" ]
	[ -d "$ROOT/usr/share/other" ]
}

@test "make install twice gives the same tree as once" {
	install_to install /usr
	find "$ROOT" | sort >one
	install_to install /usr
	find "$ROOT" | sort >two
	cmp one two
}
