#!/bin/bash
# The man pages are good mdoc.
. "$(dirname "$0")/lib.sh"

pages=$(find "$source_dir/docs" -name '*.[1-8]' | sort)
[[ $pages ]] || fail "no man page in docs"
has mandoc || skip "no mandoc"
# shellcheck disable=SC2086 # names are words
mandoc -T lint -W warning $pages
