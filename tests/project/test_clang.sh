#!/bin/bash
# Clang finds nothing to say of any file either: the tree is for two compilers, and each sees what the other does not.
. "$(dirname "$0")/lib.sh"

has clang || skip "no clang"

# The compiler's command lines as they were, one a line, for clang to check and not to compile.
commands() {
    sed -nE 's/^ *"command": "(.*)",?$/\1/p' "$TROUPE_BUILD_DIR/compile_commands.json" |
        sed -E 's/\\(.)/\1/g; s/^[^ ]+ /clang -fsyntax-only -Werror -Wno-unknown-warning-option /; s/ -o [^ ]+//; s/ -M[DTF]( [^ ]+\.[do])?//g'
}

[[ $(commands | wc -l) -gt 0 ]] || fail "no compile_commands.json"
commands | tr '\n' '\0' | xargs -0 -P 2 -n 1 bash -c || fail "clang complains"
