#!/bin/bash
# What is installed is enough for a stranger's program: through CMake and pkg-config, shared and static.
. "$(dirname "$0")/lib.sh"

prefix=$scratch/prefix
flags="${TROUPE_SANITIZE:+-fsanitize=$TROUPE_SANITIZE}"
cp "$here"/consumer/* "$scratch/"

cmake --install "$TROUPE_BUILD_DIR" --prefix "$prefix" >"$scratch/log" 2>&1 || fail "$(cat "$scratch/log")"
# Moved afterwards, because a package that remembers where it was built works only there.
mv "$prefix" "$scratch/moved"
prefix=$scratch/moved
libdir=$(dirname "$(find "$prefix" -name libtroupe.a)")

# The actor binaries run nodes of their own.
export XDG_RUNTIME_DIR=$scratch LD_LIBRARY_PATH=$libdir

# expect PROGRAM shared|static: it runs, and needs the shared library or does not.
expect() {
    local needs=static
    "$1" >"$scratch/said" 2>&1 || fail "$1 ended with status $?; it said:" "$(cat "$scratch/said")"
    objdump -p "$1" | grep -q 'NEEDED.*libtroupe' && needs=shared
    [[ $needs == "$2" ]] || fail "$1 is linked with the $needs library, not with the $2 one"
}

# Where bash, zsh and fish look for completions by themselves.
for file in bash-completion/completions/troupe zsh/site-functions/_troupe fish/vendor_completions.d/troupe.fish; do
    [[ -s $prefix/share/$file ]] || fail "share/$file is not installed"
done

through_cmake() {
    local program
    cmake -S "$scratch" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_C_COMPILER="${CC:-cc}" -DCMAKE_C_FLAGS="$flags" >"$scratch/log" 2>&1 &&
        cmake --build "$scratch/build" >>"$scratch/log" 2>&1 || fail "$(cat "$scratch/log")"
    for program in terms actor; do
        expect "$scratch/build/${program}_shared" shared
        expect "$scratch/build/${program}_static" static
    done
}

# through_pkg_config PROGRAM COMPILER…
through_pkg_config() {
    local cflags libs program=$1
    shift
    export PKG_CONFIG_PATH=$libdir/pkgconfig
    cflags=$(pkg-config --cflags troupe)
    libs=$(pkg-config --libs troupe)
    [[ $libs != *nanomsg* ]] || fail "the shared library's users are made to link nanomsg: $libs"
    # shellcheck disable=SC2086 # flags are words
    "$@" $flags $cflags "$scratch/$program.c" -x none -o "$scratch/shared" $libs
    expect "$scratch/shared" shared
    libs=$(pkg-config --static --libs troupe)
    # shellcheck disable=SC2086
    "$@" $flags $cflags "$scratch/$program.c" -x none -o "$scratch/static" ${libs/-ltroupe/-l:libtroupe.a}
    expect "$scratch/static" static
}

through_cmake
through_pkg_config terms "${CC:-cc}"
if has c++; then
    through_pkg_config actor c++ -std=c++17 -x c++
fi
