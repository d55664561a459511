#!/usr/bin/env zsh
# zsh_offers.zsh LINE: what zsh offers at the end of the line where somebody presses Tab, one a line. COMPLETIONS is the folder
# of our completions; zsh's own are indexed once, in the working directory.
zmodload zsh/zpty || exit 1
zpty offers zsh -f -i
setup=$(mktemp)
cat >$setup <<END
PROMPT=
fpath=($COMPLETIONS \$fpath)
autoload -Uz compinit && compinit -u -d $PWD/zcompdump
zstyle ':completion:*' completer _complete
# Every word that is added, unless it only goes into an array.
compadd() {
	local -a found
	if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "\$@"
		return
	fi
	builtin compadd -O found "\$@"
	print -rl -- "\${found[@]/#/<offered>}"
	builtin compadd "\$@"
}
offer() { print '<begin>'; zle complete-word; print '<end>'; exit; }
zle -N offer
bindkey '^I' offer
print '<ready>'
END
zpty -w offers "source $setup"
zpty -r -m offers got '*<ready>*'
zpty -w -n offers "$1"$'\t'
zpty -r -m offers got '*<end>*'
rm -f $setup
print -r -- ${got#*<begin>} | tr -d '\r' | sed -n 's/.*<offered>//p' | sort -u
zpty -d offers
