#!/usr/bin/env bats
# Completion offers what the commands take, no more and no less.
bats_require_minimum_version 1.5.0
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

@test "behind a verb bash offers the options that go with it" {
	bash_completion
	offered jlog forget - >options
	grep -qx -- --why options
	run -1 grep -x -- --follow options
	diff <(offered jlog -) <(offered jlog -d forget -)
	diff options <(offered jlog -d j.db forget --dry-run -)
	offered jmetrics publish - >options
	grep -qx -- --period options
	run -1 grep -x -- --top options
	grep -qx -- --top <(offered jmetrics contacts -)
	# What is offered is taken.
	for option in $(offered jproject flow -); do
		[[ ! "$(jproject flow "$option" 2>&1)" == *"does not go with"* ]]
	done
}

verbs() {
	"$1" --help | awk '/^  [a-z]/ { print $1 }' | sort
}

metrics() {
	jmetrics --list | awk 'NR > 1 { print $1 }' | LC_ALL=C sort
}

@test "bash offers the verbs of each command, and none where one stands already" {
	local c verb

	bash_completion
	for c in $(commands); do
		diff <({ verbs "$c"; [ "$c" != jmetrics ] || metrics; } | sort) <(offered "$c" "") || { echo "$c"; return 1; }
		for verb in $(verbs "$c"); do
			[ "$c" = jmetrics ] || [ -z "$(offered "$c" "$verb" "")" ]
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

@test "bash offers metrics where one is asked for, and to jmetrics as operands" {
	bash_completion
	diff <(metrics) <(offered jmetrics --define "" | LC_ALL=C sort)
	diff <(metrics) <(offered jmetrics measure "" | LC_ALL=C sort)
	[ "$(offered jmetrics --explain contacts.h)" = contacts.handled ]
}

@test "bash offers the dimensions of all shipped metrics, also behind a comma" {
	bash_completion
	local m

	echo '{"specversion":"1.0","id":"1","source":"a/b","type":"message","time":"2026-01-01T00:00:00Z"}' | jlog append -q
	for m in $(jmetrics --list | awk 'NR > 1 && !seen[$3]++ { print $1 }'); do
		jmetrics --by nonesuch "$m" 2>&1 | sed -n 's/.* are //p'
	done >told
	sed 's/;.*//' told | tr -d ',' | tr ' ' '\n' | sort -u >dimensions
	sed -n 's/.*; and the entities //p' told | tr -d ',' | tr ' ' '\n' | sort -u >entities
	grep -qx agent_kind dimensions
	grep -qx order entities
	diff <(sort -u dimensions entities) <(offered jmetrics --by "")
	diff dimensions <(offered jreport --by "")
	[ "$(offered jmetrics --by channel,fam)" = channel,family ]
	[ "$(offered jredact --only email,pos)" = email,postal_code ]
}

@test "bash offers the types of events that the ontology has, also behind a comma" {
	bash_completion
	diff <(sed -n 's/.*{id: \([a-z._]*\),.*/\1/p' "$TOP/ontology/types.yaml" | sort) <(offered jlog cat --type "")
	[ "$(offered jlog tail --type call,mess)" = "$(printf 'call,%s\n' message message.deleted message.edited message.reaction message.status)" ]
}

@test "bash offers formats, those of maps too" {
	bash_completion
	[ "$(offered jnorm -f zendesk-h)" = zendesk-history ]
	[ "$(offered jnorm --show-map zendesk-h)" = zendesk-history ]
	diff <(jnorm --formats | awk '{ print $1 }' | sort) <(offered jnorm --format = "")
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

# What zsh offers at the end of a line, on one line.
zsh_offers() {
	COMPLETIONS=$COMPLETIONS timeout 60 "$TOP/test/zsh_offers.zsh" "$1" | tr '\n' ' '
}

@test "zsh offers verbs, options, words, lists, metrics, dimensions and formats" {
	command -v zsh >/dev/null || skip "no zsh here"
	[ "$(zsh_offers 'jlog ')" = "$(verbs jlog | tr '\n' ' ')" ]
	[ "$(zsh_offers 'jlog -d cat in')" = "info " ]
	[ "$(zsh_offers 'jlog cat --ty')" = "--type " ]
	[ "$(zsh_offers 'jlog --fo')" = "--follow " ]
	[ -z "$(zsh_offers 'jlog forget --fo')" ]
	[ "$(zsh_offers 'jlog forget --wh')" = "--why " ]
	[ "$(zsh_offers 'jlog -d forget --fo')" = "--follow " ]
	[ "$(zsh_offers 'jmetrics --output=pr')" = "prom " ]
	[ "$(zsh_offers 'jmetrics --define contacts.')" = "contacts.handled contacts.offered " ]
	[ "$(zsh_offers 'jmetrics -q contacts.h')" = "contacts.handled " ]
	[ "$(zsh_offers 'jmetrics --by channel,fam')" = "family " ]
	[ "$(zsh_offers 'jnorm -f zendesk-h')" = "zendesk-history " ]
}

@test "fish offers verbs, options, words, lists, metrics, dimensions and formats" {
	command -v fish >/dev/null || skip "no fish here"
	fish_offers() {
		HOME=$PWD fish --no-config -c "source '$COMPLETIONS/jtools.fish'; complete -C '$1'" | sort | tr '\n' ' '
	}
	[ "$(fish_offers 'jlog ')" = "$(verbs jlog | tr '\n' ' ')" ]
	[ "$(fish_offers 'jlog -d cat in')" = "info " ]
	[ "$(fish_offers 'jlog cat --ty')" = "--type " ]
	[ "$(fish_offers 'jlog --fo')" = "--follow " ]
	[ -z "$(fish_offers 'jlog forget --fo')" ]
	[ "$(fish_offers 'jlog forget --wh')" = "--why " ]
	[ "$(fish_offers 'jlog -d forget --fo')" = "--follow " ]
	[ "$(fish_offers 'jmetrics --output=pr')" = "--output=prom " ]
	[ "$(fish_offers 'jproject contacts -o ')" = "csv dot json mermaid ndjson table text " ]
	[ "$(fish_offers 'jmetrics --define contacts.')" = "contacts.handled contacts.offered " ]
	[ "$(fish_offers 'jmetrics -q contacts.h')" = "contacts.handled " ]
	[ "$(fish_offers 'jmetrics --by channel,fam')" = "channel,family " ]
	[ "$(fish_offers 'jnorm -f zendesk-h')" = "zendesk-history " ]
	touch README
	[ "$(fish_offers 'jlog cat REA')" = "README " ]
	[ -z "$(fish_offers 'jlog cat --since ')" ]
}
