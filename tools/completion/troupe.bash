# shellcheck shell=bash
# What Tab offers behind `troupe` in bash. The command itself knows; this carries words to it and back.

# The words up to the cursor, as they stand between spaces, in the array `words` of the caller: bash has cut them at
# = and : too. Quotes are taken off.
_troupe_words() {
    local rest=${COMP_LINE:0:COMP_POINT} word between i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || word=${rest##*([[:space:]])}
        between=${rest%"${rest##*([[:space:]])}"}
        if [[ $between || $i == 0 ]]; then
            words+=("$word")
        else
            words[-1]+=$word
        fi
        rest=${rest#"$between"}
        rest=${rest#"$word"}
    done
    words=("${words[@]//[\\\'\"]/}")
}

_troupe() {
    local words=() reply value kept='' has_extglob
    has_extglob=$(shopt -p extglob)
    shopt -s extglob
    _troupe_words
    eval "$has_extglob"
    # What readline does not replace: all up to the last place at which it cuts.
    [[ $COMP_WORDBREAKS != *:* ]] || kept=${words[-1]%"${words[-1]##*[=:]}"}
    COMPREPLY=()
    while IFS= read -r reply; do
        value=${reply%%$'\t'*}
        if [[ $value ]]; then
            COMPREPLY+=("$(printf %q "${value#"$kept"}")")
        else
            compopt -o default
        fi
    done < <("${words[0]}" complete "${words[@]:1}" 2>/dev/null)
}

complete -F _troupe troupe
