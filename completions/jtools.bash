# Completion of the jtools commands for bash. The words come from the command itself (CMD --words), so that they are those of
# the version at hand.
# shellcheck shell=bash

# How the option takes its value: flag, value, file, folder, words or list with the words behind it, ask with the option that
# lists them; nothing where there is no such option.
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

# The verb before the word at the cursor: the first word that is neither an option nor an option's value. Fails where there is none.
_jtools_verb()
{
	local i word how

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word != -?* ]]; then
			printf '%s\n' "$word"
			return
		fi
		how=$(_jtools_option "$1" "$word")
		if [[ ${COMP_WORDS[i + 1]-} == = ]]; then
			((i += 2))
		elif [[ -n $how && $how != flag* ]]; then
			((i += 1))
		fi
	done
	return 1
}

# Adds the words that begin as the second argument does, each behind the third.
_jtools_fill()
{
	local word

	while read -r word; do
		[[ -n $word ]] && COMPREPLY+=("${3-}$word")
	done < <(compgen -W "$1" -- "$2")
}

# Adds the values that a kind and its words stand for: _jtools_values COMMAND KIND WORDS CURRENT. A list that was asked for may
# have a head, whose first word is "metric".
_jtools_values()
{
	local before=

	case $2 in
	words) _jtools_fill "$3" "$4" ;;
	ask) _jtools_fill "$("$1" "$3" 2>/dev/null | awk '$1 != "metric" { print $1 }')" "$4" ;;
	list)
		[[ $4 == *,* ]] && before=${4%,*},
		_jtools_fill "$3" "${4##*,}" "$before"
		;;
	folder) compopt -o dirnames 2>/dev/null ;;
	esac
}

_jtools()
{
	local command=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local words how operand

	COMPREPLY=()
	words=$("$command" --words 2>/dev/null) || return
	# "--output=csv" comes as three words.
	if [[ $current == = ]]; then
		current=
	elif [[ $before == = && $COMP_CWORD -gt 1 ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	[[ $before == -?* ]] && how=$(_jtools_option "$words" "$before")
	if [[ -n $how && $how != flag* ]]; then
		_jtools_values "$command" "${how%% *}" "${how#* }" "$current"
	elif [[ $current == -* ]]; then
		words=$("$command" --words "$(_jtools_verb "$words")" 2>/dev/null)
		_jtools_fill "$(sed -n 's/^option \([^ ]*\) .*/\1/p' <<<"$words")" "$current"
	else
		_jtools_verb "$words" >/dev/null || _jtools_fill "$(sed -n 's/^verb //p' <<<"$words")" "$current"
		operand=$(sed -n 's/^operand //p' <<<"$words")
		[[ -z $operand ]] || _jtools_values "$command" "${operand%% *}" "${operand#* }" "$current"
	fi
}

# Where nothing fits, names of files.
complete -o bashdefault -o default -F _jtools jgen jnorm jintent jlog jproject jmetrics jredact jroute jdecide jreport jsh
