#!/bin/bash
# The tree's shell scripts parse, and shellcheck has nothing to say of them.
. "$(dirname "$0")/lib.sh"

cd "$source_dir"
scripts=$(grep -rlE '^#! ?/(usr/)?bin/(env )?(ba)?sh' .ci tools tests examples docs; echo tests/project/lib.sh)
for script in $scripts; do
    bash -n "$script"
done
has shellcheck || skip "no shellcheck; all scripts parse"
# shellcheck disable=SC2086 # names are words
shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR $scripts
