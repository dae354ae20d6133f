# What `cmake --install` puts where, and how other projects find it: find_package(troupe) and troupe.pc.
#
# The two libraries have target files of their own, because a program that links the shared one needs none of the
# libraries beneath it, and must not be asked for them.
include(CMakePackageConfigHelpers)

install(TARGETS troupe EXPORT troupe-shared)
install(TARGETS troupe_static EXPORT troupe-static)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.h")

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/troupe")
install(EXPORT troupe-shared NAMESPACE troupe:: DESTINATION "${package_dir}")
install(EXPORT troupe-static NAMESPACE troupe:: DESTINATION "${package_dir}")

configure_package_config_file(
    "${CMAKE_CURRENT_LIST_DIR}/troupe-config.cmake.in" "${PROJECT_BINARY_DIR}/troupe-config.cmake"
    INSTALL_DESTINATION "${package_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/troupe-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/troupe-config.cmake" "${PROJECT_BINARY_DIR}/troupe-config-version.cmake"
    DESTINATION "${package_dir}")

# The prefix is found from where the file lies, so that an installed tree may be moved.
set(pc_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH pc_to_prefix "/${pc_dir}" "/")
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
configure_file("${CMAKE_CURRENT_LIST_DIR}/troupe.pc.in" "${PROJECT_BINARY_DIR}/troupe.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/troupe.pc" DESTINATION "${pc_dir}")
