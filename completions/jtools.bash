# Completion of the jtools commands for bash. The words come from the command itself (CMD --words), so that they are those of
# the version at hand.
# shellcheck shell=bash

# How the option takes its value: flag, value, file, words with the words behind it; nothing where there is no such option.
_jtools_option()
{
	local kind long short rest

	while read -r kind long short rest; do
		if [[ $kind == option && ($long == "$2" || ($short == "$2" && $short != -)) ]]; then
			printf '%s\n' "$rest"
			return
		fi
	done <<<"$1"
}

# Whether a verb stands before the word at the cursor: the first word that is neither an option nor an option's value.
_jtools_has_verb()
{
	local i word how

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		[[ $word == -?* ]] || return 0
		how=$(_jtools_option "$1" "$word")
		if [[ ${COMP_WORDS[i + 1]-} == = ]]; then
			((i += 2))
		elif [[ -n $how && $how != flag* ]]; then
			((i += 1))
		fi
	done
	return 1
}

_jtools_fill()
{
	local word

	COMPREPLY=()
	while read -r word; do
		[[ -n $word ]] && COMPREPLY+=("$word")
	done < <(compgen -W "$1" -- "$2")
}

_jtools()
{
	local command=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local words how

	COMPREPLY=()
	words=$("$command" --words 2>/dev/null) || return
	# "--output=csv" comes as three words.
	if [[ $current == = ]]; then
		current=
	elif [[ $before == = && $COMP_CWORD -gt 1 ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	[[ $before == -?* ]] && how=$(_jtools_option "$words" "$before")
	if [[ $how == words* ]]; then
		_jtools_fill "${how#words}" "$current"
	elif [[ -n $how && $how != flag* ]]; then
		return # a file, or a value that nobody can guess
	elif [[ $current == -* ]]; then
		_jtools_fill "$(sed -n 's/^option \([^ ]*\) .*/\1/p' <<<"$words")" "$current"
	elif ! _jtools_has_verb "$words"; then
		_jtools_fill "$(sed -n 's/^verb //p' <<<"$words")" "$current"
	fi
}

# Where nothing fits, names of files.
complete -o bashdefault -o default -F _jtools jgen jnorm jintent jlog jproject jmetrics jredact jroute jdecide jreport jsh
