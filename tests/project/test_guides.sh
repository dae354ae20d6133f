#!/bin/bash
# What the guides show in C compiles, without a warning: a whole program is linked and run, with a library that crashes and with
# one that does not; a fragment is put into a function that has what the text before it has.
. "$(dirname "$0")/lib.sh"

flags=(-std=gnu11 -g -Wall -Wextra -Wno-unused-variable -Werror -I"$source_dir/include")
[[ -z ${TROUPE_SANITIZE:-} ]] || flags+=("-fsanitize=$TROUPE_SANITIZE")

# blocks FILE FOLDER: each block of C as a file of its own, 1.c, 2.c …
blocks() {
    awk -v folder="$2" '
        /^```/ { is_c = $0 == "```c"; if (is_c) count++; next }
        is_c   { print > (folder "/" count ".c") }' "$1"
}

# The rest of a program whose function main is there.
complete() {
    cat <<'END'
#include <troupe.h>
void fragment(tr_pid pool, struct tr_reply reply, const char *row);
void fragment(tr_pid pool, struct tr_reply reply, const char *row)
{
END
    cat "$1"
    echo '}'
}

count=0
for guide in "$source_dir"/docs/*.md; do
    folder=$scratch/$(basename "$guide" .md)
    mkdir "$folder"
    blocks "$guide" "$folder"
    for block in "$folder"/*.c; do
        [[ -e $block ]] || continue
        count=$((count + 1))
        grep -q 'int main(' "$block" || { complete "$block" >"$block.whole" && mv "$block.whole" "$block"; }
        "${CC:-cc}" "${flags[@]}" -c "$block" -o "${block%.c}.o" ||
            fail "${guide#"$source_dir/"}: a block of C does not compile:" "$(cat -n "$block")"
    done
done
((count > 0)) || fail "no guide shows any C"

# isolate NAME BODY: the first program of docs/isolating.md, with such a library.
isolate() {
    printf '#include <stddef.h>\nint legacy_decode(const void *, size_t);\n' >"$scratch/legacy.c"
    printf 'int legacy_decode(const void *bytes, size_t size_bytes)\n{\n    (void)bytes;\n    %s\n}\n' "$2" \
        >>"$scratch/legacy.c"
    "${CC:-cc}" "${flags[@]}" "$scratch/isolating/1.o" "$scratch/legacy.c" -o "$scratch/$1" \
        "$TROUPE_LIBRARY" "-Wl,-rpath,$(dirname "$TROUPE_LIBRARY")" || fail "the program of docs/isolating.md does not link"
    said=$(XDG_RUNTIME_DIR=$scratch TROUPE_STATE=$scratch/state "$scratch/$1" 2>&1) ||
        fail "the program of docs/isolating.md ends with status $?:" "$said"
}

if [[ -n ${TROUPE_SANITIZE:-} ]]; then
    echo "the program of docs/isolating.md is not run: a sanitizer tells of the crash itself, and its shadow counts as memory"
    exit 0
fi
isolate good 'return (int)size_bytes;'
grep -qF '{ok,21,#{delivery => at_most_once,ms => ' <<<"$said" || fail "not as the guide says:" "$said"
isolate bad 'return *(volatile int *)(size_bytes - 21 + 8);'
grep -qF '{error,{signal,sigsegv,#{' <<<"$said" || fail "not as the guide says:" "$said"
grep -qF 'at => <<"legacy_decode (legacy.c:6)">>' <<<"$said" || fail "not as the guide says:" "$said"
