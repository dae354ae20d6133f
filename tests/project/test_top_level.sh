#!/bin/bash
# At the top stand the folders that a reader expects, and files that other tools look for there; nothing else.
. "$(dirname "$0")/lib.sh"

cd "$source_dir"
expected=" src include tools tests examples docs CMakeLists.txt README.md LICENSE CHANGELOG.md \
CMakePresets.json .clang-format .editorconfig .gitignore .ci .git "

# What git ignores is the developer's own.
entries() {
    git ls-files --cached --others --exclude-standard 2>/dev/null | cut -d/ -f1 | sort -u | grep . ||
        ls -A --ignore=build
}

ok=yes
for entry in $(entries); do
    [[ -e $entry ]] || continue
    [[ $expected == *" $entry "* ]] || {
        echo "not expected at the top level: $entry"
        ok=
    }
done
for entry in src include tools tests examples docs CMakeLists.txt README.md LICENSE CHANGELOG.md; do
    [[ -e $entry ]] || {
        echo "missing at the top level: $entry"
        ok=
    }
done

# The tree in the README shows the folders of the two upper levels: those that there are, and no others.
there() { git ls-files | awk -F/ 'NF > 1 { print $1 "/" } NF > 2 { print $1 "/" $2 "/" }' | sort -u; }
shown() {
    awk '/^```/                     { in_tree = !in_tree }
         in_tree && /^[^ ]+\/( |$)/ { print top = $1 }
         in_tree && /^    /          { for (i = 1; i <= NF && $i ~ /\/$/; i++) print top $i }' README.md | sort -u
}
if git rev-parse >/dev/null 2>&1; then
    differences=$(diff <(there) <(shown)) || {
        echo "README.md, Where things are: lacks (<), or shows what is not there (>):"
        echo "$differences"
        ok=
    }
fi
[[ $ok ]]
