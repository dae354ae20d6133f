#!/bin/bash
# Every C file is as clang-format would write it.
. "$(dirname "$0")/lib.sh"

has clang-format || skip "no clang-format"

# The newer versions know better, but not the same: the tree follows one.
version=$(clang-format --version | sed -E 's/.*version ([0-9]+).*/\1/')
[[ $version == 14 ]] || skip "the tree is formatted by clang-format 14, this is $version"

cd "$source_dir"
c_files | xargs clang-format --dry-run --Werror --ferror-limit=1 ||
    fail "" "to put it right: clang-format -i on the files above"
