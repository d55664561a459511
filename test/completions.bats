#!/usr/bin/env bats
# Completion offers what the commands take, no more and no less.
load helper

COMPLETIONS="$TOP/completions"

commands() {
	local c

	for c in "$TOP"/cmd/j*.c; do
		basename "$c" .c
	done
}

# What bash offers for the last of the words: offered WORD...
offered() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_jtools
	[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}" | sort
}

bash_completion() {
	# shellcheck source=/dev/null
	source "$COMPLETIONS/jtools.bash"
}

@test "bash offers the options of each command" {
	local c

	bash_completion
	for c in $(commands); do
		diff <("$c" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort) <(offered "$c" -) ||
			{ echo "$c"; return 1; }
	done
}

@test "bash offers the verbs of each command, and none where one stands already" {
	local c verb

	bash_completion
	for c in $(commands); do
		diff <("$c" --help | awk '/^  [a-z]/ { print $1 }' | sort) <(offered "$c" "") || { echo "$c"; return 1; }
		for verb in $("$c" --help | awk '/^  [a-z]/ { print $1 }'); do
			[ -z "$(offered "$c" "$verb" "")" ]
		done
	done
}

@test "bash knows an option's value from a verb" {
	bash_completion
	[ "$(offered jlog -q ca)" = cat ]
	[ "$(offered jlog -d cat in)" = info ]
	[ "$(offered jlog --db = cat in)" = info ]
	[ -z "$(offered jlog -d ca)" ]
	[ -z "$(offered jlog cat --since 2)" ]
}

@test "bash offers the words that an option takes" {
	bash_completion
	[ "$(offered jproject contacts -o "" | tr '\n' ' ')" = "csv dot json mermaid ndjson table text " ]
	[ "$(offered jproject contacts --output = ta)" = table ]
	[ "$(offered jproject contacts --output = | tr '\n' ' ')" = "csv dot json mermaid ndjson table text " ]
}

@test "bash offers nothing where the command is not to be found" {
	bash_completion
	local PATH=/nonexistent
	COMP_WORDS=(jlog "")
	COMP_CWORD=1
	_jtools || true
	[ ${#COMPREPLY[@]} -eq 0 ]
}

@test "all three shells complete all commands" {
	local c

	for c in $(commands); do
		grep -qE "^complete .*-F _jtools( .*)? $c( |$)" "$COMPLETIONS/jtools.bash"
		head -n 1 "$COMPLETIONS/_jtools" | grep -qE "^#compdef( .*)? $c( |$)"
		grep -qE "^for command in( .*)? $c( |$)" "$COMPLETIONS/jtools.fish"
	done
}

@test "the completion for bash has no fault that shellcheck finds" {
	command -v shellcheck >/dev/null || skip "no shellcheck here"
	shellcheck "$COMPLETIONS/jtools.bash"
}

@test "the completion for zsh is well formed" {
	command -v zsh >/dev/null || skip "no zsh here"
	zsh -n "$COMPLETIONS/_jtools"
}

@test "fish offers verbs, options and an option's words" {
	command -v fish >/dev/null || skip "no fish here"
	fish_offers() {
		HOME=$PWD fish --no-config -c "source '$COMPLETIONS/jtools.fish'; complete -C '$1'" | sort | tr '\n' ' '
	}
	[ "$(fish_offers 'jlog ')" = "append cat check-proof checkpoints expire forget fsck head hold info migrate pack person prove tail verify " ]
	[ "$(fish_offers 'jlog -d cat in')" = "info " ]
	[ "$(fish_offers 'jproject contacts -o ')" = "csv dot mermaid ndjson table " ]
	[ "$(fish_offers 'jlog cat --ty')" = "--type " ]
}
