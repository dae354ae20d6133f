# shellcheck shell=bash
# What the tests of the tree share: where things are, a folder of their own that goes when they end, how to skip.
set -eu

source_dir=${TROUPE_SOURCE_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
# shellcheck disable=SC2034 # for those who source this
here=$source_dir/tests/project
scratch=$(mktemp -d "${TMPDIR:-/tmp}/troupe-project.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

has() { command -v "$1" >/dev/null 2>&1; }

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

fail() {
    printf '%s\n' "$@"
    exit 1
}

# Every C file of the tree.
c_files() {
    local folder
    for folder in src include tools tests examples; do
        find "$source_dir/$folder" -name '*.[ch]' -type f
    done | sort
}
