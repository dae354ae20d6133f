#!/bin/bash
# Includes point down, one folder talks to nanomsg, one file forks, one reads the clock.
. "$(dirname "$0")/lib.sh"

offences() {
    (cd "$1" && find src -name '*.[ch]' -type f | sort | xargs awk -f "$here/layers.awk")
}

# plant FILE LINE OFFENCE: in a tree with that line alone the check must name the file and the line.
plant() {
    local tree=$scratch/tree
    rm -rf "$tree"
    mkdir -p "$tree/$(dirname "$1")"
    printf '/* One line of comment that says fork() and "time(". */\n%s\n' "$2" >"$tree/$1"
    offences "$tree" | grep -qF "$1:2: $3" || fail "not seen: $2 in $1" "$(offences "$tree")"
    [[ $(offences "$tree" | wc -l) == 1 ]] || fail "seen twice: $2 in $1" "$(offences "$tree")"
}

plant src/term/a.c '#include "process/actor.h"' 'term includes'
plant src/base/a.h '#include "troupe/term.h"' 'base includes'
plant src/mailbox/a.c '#  include "node/table.h"' 'mailbox includes'
plant src/node/a.c '#include "mailbox/mailbox.h"' 'node includes'
plant src/term/a.c '#include "troupe/supervisor.h"' 'term includes'
plant src/term/a.c '#include "../base/fd.h"' '"../base/fd.h" is relative'
plant src/process/a.c '#include <nanomsg/nn.h>' 'uses nanomsg'
plant src/process/a.c '    int os_pid = fork();' 'uses fork'
plant src/mailbox/a.c '    clock_gettime(CLOCK_MONOTONIC, &now);' 'uses the clock'

found=$(offences "$source_dir")
[[ -z $found ]] || fail "$found"
