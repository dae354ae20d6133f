#!/bin/bash
# Each public header compiles alone, as C11 and as C++17, with the warnings on.
. "$(dirname "$0")/lib.sh"

warnings=(-Wall -Wextra -Wpointer-arith -Wundef -Wwrite-strings -Werror -fsyntax-only)

cd "$source_dir/include"
headers=$(find . -name '*.h' | sort | sed 's|^\./||')
[[ $headers ]] || fail "no public header"

for header in $headers; do
    # Twice, because a header that guards itself badly shows only then.
    printf '#include "%s"\n#include "%s"\n' "$header" "$header" >"$scratch/one.c"
    cp "$scratch/one.c" "$scratch/one.cc"
    "${CC:-cc}" -std=gnu11 -I. "${warnings[@]}" -Wstrict-prototypes "$scratch/one.c" ||
        fail "$header does not compile alone as C11"
    if has c++; then
        c++ -std=c++17 -I. "${warnings[@]}" "$scratch/one.cc" ||
            fail "$header does not compile alone as C++17"
    fi
done
has c++ || skip "no C++ compiler; as C11 the headers are fine"
