# Completion of the jtools commands for fish. The words come from the command itself (CMD --words), so that they are those of
# the version at hand.

# Behind the name of a verb: with the options of that one alone.
function __jtools_words
    set -l tokens (commandline -opc)
    $tokens[1] --words $argv 2>/dev/null
end

# How the option takes its value: kind and words; nothing where there is no such option.
function __jtools_option
    for line in (__jtools_words)
        set -l parts (string split -n ' ' -- $line)
        if test "$parts[1]" = option; and contains -- $argv[1] $parts[2..3]; and test "$argv[1]" != -
            string join \n -- $parts[4..-1]
            return
        end
    end
end

# The values that a kind and its words stand for; without a kind files. A list that was asked for may have a head, whose first word is "metric".
function __jtools_values
    set -l current (commandline -ct | string replace -r '^--[^=]*=' '')
    switch $argv[1]
        case words
            string join \n -- $argv[2..-1]
        case list
            string join \n -- (string replace -r '[^,]*$' '' -- $current)$argv[2..-1]
        case ask
            set -l tokens (commandline -opc)
            $tokens[1] $argv[2] 2>/dev/null | string match -rg '^(\S+)' | string match -v metric
        case folder
            __fish_complete_directories $current
        case file ''
            __fish_complete_path $current
    end
end

# The words that may stand at the cursor.
function __jtools_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l how
    if set -l long (string match -rg '^(--[^=]+)=' -- $current)
        for word in (__jtools_values (__jtools_option $long))
            echo $long=$word
        end
        return
    end
    if test (count $tokens) -gt 1
        set how (__jtools_option $tokens[-1])
    end
    if set -q how[1]; and test $how[1] != flag
        __jtools_values $how
        return
    end
    if string match -q -- '-*' $current
        __jtools_words (__jtools_verb) | string match -rg '^option (\S+)'
        return
    end
    set -l operand (__jtools_words | string match -rg '^operand (.+)')
    if __jtools_needs_verb
        __jtools_words | string match -rg '^verb (\S+)'
        test -n "$operand"; or return
    end
    __jtools_values (string split ' ' -- $operand)
end

# Whether the command has verbs and none stands on the line yet.
function __jtools_needs_verb
    __jtools_words | string match -q 'verb *'; and test -z "$(__jtools_verb)"
end

# The first word on the line that is neither an option nor an option's value.
function __jtools_verb
    set -l tokens (commandline -opc)
    set -l skip 0
    for token in $tokens[2..-1]
        if test $skip = 1
            set skip 0
        else if string match -q -- '-*' $token
            set -l how (__jtools_option $token)
            if set -q how[1]; and test $how[1] != flag
                set skip 1
            end
        else
            echo $token
            return
        end
    end
end

for command in jgen jnorm jintent jlog jproject jmetrics jredact jroute jdecide jreport jsh
    complete -c $command -f -a '(__jtools_complete)'
end
