# What troupe needs from the distribution. tools/setup installs all of it.
#
#   libraries    nanomsg (mailboxes), libelf (entries of an actor binary; headers only), uthash (headers only),
#                libdw (functions and lines of a crash; headers only), libseccomp (sandboxes; headers only)
#   the tool     libsmartcols, libconfuse (configuration files)
#   the tests    cmocka
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_search_module(nanomsg REQUIRED IMPORTED_TARGET nanomsg libnanomsg)
pkg_check_modules(libelf REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(libdw REQUIRED IMPORTED_TARGET libdw)
pkg_check_modules(libseccomp REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(smartcols REQUIRED IMPORTED_TARGET smartcols)
pkg_check_modules(confuse REQUIRED IMPORTED_TARGET libconfuse)

find_path(UTHASH_INCLUDE_DIR uthash.h)
if(NOT UTHASH_INCLUDE_DIR)
    message(FATAL_ERROR "uthash.h not found: run tools/setup, or install uthash-dev")
endif()

if(TROUPE_TESTS)
    pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
endif()
