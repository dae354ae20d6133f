# What Tab offers behind `troupe` in fish. The command itself knows; this carries words to it and back.

function __troupe_complete
    set -l before (commandline -opc)
    set -l word (string unescape -- (commandline -ct))
    set -l troupe $before[1]
    for offer in ($troupe complete $before[2..] "$word" 2>/dev/null)
        if test "$offer" = \tfiles
            __fish_complete_path "$word"
        else
            printf '%s\n' "$offer"
        end
    end
end

complete -c troupe -f -a '(__troupe_complete)'
