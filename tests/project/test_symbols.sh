#!/bin/bash
# The shared library exports what the public headers declare with TR_API: all of it, and nothing else.
. "$(dirname "$0")/lib.sh"

# The names that the headers mark, without those that only stand in a comment.
declared() {
    cat "$source_dir"/include/*.h "$source_dir"/include/troupe/*.h |
        grep -v '^ *#' | sed -E 's,/\*.*\*/,,; s/__attribute__\(\([a-z]+\)\) ?//' | tr '\n' ' ' |
        grep -oE 'TR_API [^;({]*[^a-z0-9_;({]tri?_[a-z0-9_]+ *[([;]' |
        grep -oE 'tri?_[a-z0-9_]+ *[([;]$' | tr -d ' ([;' | sort -u
}

# The sanitizers' own marks aside, which only a sanitized build has.
exported() {
    nm --dynamic --defined-only --format=posix "$TROUPE_LIBRARY" | cut -d' ' -f1 | sed 's/@.*//' |
        grep -vE '^__(odr_)?(asan|ubsan|tsan|sanitizer)' | sort -u
}

declared >"$scratch/declared"
exported >"$scratch/exported"
[[ -s $scratch/declared ]] || fail "no declaration found in the headers"

ok=yes
for name in $(comm -13 "$scratch/declared" "$scratch/exported"); do
    echo "exported, but no public header declares it with TR_API: $name"
    ok=
done
for name in $(comm -23 "$scratch/declared" "$scratch/exported"); do
    echo "declared in a public header, but not in the library: $name"
    ok=
done
[[ $ok ]]
