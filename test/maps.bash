# Golden exports of the shipped maps, in fixtures/jnorm/maps: of each case what is read (.in), jnorm's arguments, one a line, the last
# being the name under which it is read (.args), what it gives (.out), and what lies beside it (.d).
MAPS="$TOP/fixtures/jnorm/maps"

# read_case CASE: reads it under its own name, and leaves `out` and `err` in a folder of its own.
read_case() {
	local c=$1 args name status=0
	mkdir -p "$c"
	cd "$c"
	[ ! -d "$MAPS/$c.d" ] || cp -r "$MAPS/$c.d/." .
	mapfile -t args <"$MAPS/$c.args"
	name=${args[-1]}
	mkdir -p "$(dirname "$name")"
	cp "$MAPS/$c.in" "$name"
	jnorm "${args[@]}" >out 2>err || status=$?
	cd - >/dev/null
	return "$status"
}
