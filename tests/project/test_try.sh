#!/bin/bash
# The README's first command keeps its word: the worker dies, both peers are told why, nothing is left behind.
. "$(dirname "$0")/lib.sh"

export XDG_RUNTIME_DIR=$scratch
chmod 700 "$scratch"
said=$("$source_dir/tools/try" </dev/null 2>&1) || fail "tools/try failed" "$said"

expect() { grep -qE "$1" <<<"$said" || fail "not said: $1" "$said"; }
expect 'kill -SEGV [0-9]+'
expect 'partner: my link to <0\.[0-9]+\.[0-9]+> broke: \{signal,sigsegv'
expect 'foreman: worker <0\.[0-9]+\.[0-9]+> is down: \{signal,sigsegv'
expect '^ *worker +<0\.'
expect '^ *partner +<0\.'

left=$(find "$scratch/troupe" -mindepth 1 2>/dev/null || true)
[[ -z $left ]] || fail "left behind:" "$left"
