# Completion of the jtools commands for fish. The words come from the command itself (CMD --words), so that they are those of
# the version at hand.

function __jtools_words
    set -l tokens (commandline -opc)
    $tokens[1] --words 2>/dev/null
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

# The words that may stand at the cursor.
function __jtools_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l how
    if test (count $tokens) -gt 1
        set how (__jtools_option $tokens[-1])
    end
    if set -q how[1]; and test $how[1] != flag
        if test $how[1] = words
            string join \n -- $how[2..-1]
        else
            __fish_complete_path $current
        end
        return
    end
    if string match -q -- '-*' $current
        __jtools_words | string match -rg '^option (\S+)'
        return
    end
    if __jtools_needs_verb
        __jtools_words | string match -rg '^verb (\S+)'
        return
    end
    __fish_complete_path $current
end

# Whether the command has verbs and none stands on the line yet.
function __jtools_needs_verb
    set -l tokens (commandline -opc)
    set -l skip 0
    if not __jtools_words | string match -q 'verb *'
        return 1
    end
    for token in $tokens[2..-1]
        if test $skip = 1
            set skip 0
        else if string match -q -- '-*' $token
            set -l how (__jtools_option $token)
            if set -q how[1]; and test $how[1] != flag
                set skip 1
            end
        else
            return 1
        end
    end
    return 0
end

for command in jgen jnorm jintent jlog jproject jmetrics jredact jroute jdecide jreport jsh
    complete -c $command -f -a '(__jtools_complete)'
end
