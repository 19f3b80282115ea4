# SPDX-License-Identifier: GPL-2.0-or-later
# Packages: `cpack -G DEB` for the Wireshark of the build, the sources (`cpack --config
# CPackSourceConfig.cmake`), and in the folder packages/ of the build an RPM spec and a PKGBUILD.
# tools/debs.sh makes the packages of all Debian releases. A plugin works with the minor version of
# Wireshark that it was built for and no other, so the package says so.
include(GNUInstallDirs)
set(docs ${CMAKE_INSTALL_DATAROOTDIR}/doc/wireshark-isakmp)
install(FILES README.md LICENSE DESTINATION ${docs})
install(FILES LICENSE DESTINATION ${docs} RENAME copyright)
install(DIRECTORY docs DESTINATION ${docs} FILES_MATCHING PATTERN "*.md" PATTERN "*.png")
install(PROGRAMS tools/fleet.sh tools/fleet-table.py tools/inject-keys.py DESTINATION ${docs}/tools)

# Captures of real daemons with their logs, to try the plugin on.
set(samples esp/made-plain ikev2/port-500-rekey ikev2/no-proposal-chosen failing/libreswan-psk
  failing/libreswan-ts libreswan/to-libreswan-ikev1)
foreach(sample IN LISTS samples)
  get_filename_component(name ${sample} NAME)
  install(FILES testdata/${sample}.pcap DESTINATION ${docs}/samples)
  install(FILES testdata/${sample}.initiator.log DESTINATION ${docs}/samples RENAME ${name}.log)
endforeach()
install(FILES docs/samples/README.md DESTINATION ${docs}/samples)

set(CPACK_PACKAGE_NAME wireshark-isakmp)
set(CPACK_PACKAGE_VENDOR isakmp)
set(CPACK_PACKAGE_CONTACT "The isakmp maintainers <maintainers@isakmp.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
# CPack puts the summary in front and indents the lines.
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "A plugin for Wireshark and tshark that replaces the built-in ISAKMP dissector.
It decodes IKEv1, IKEv2, GDOI and G-IKEv2, decrypts IKE and ESP with the logs of
VPN daemons, and explains why a negotiation failed.
.
ike-log2pcap makes captures of the daemons' logs, and ike_keylog_nss.so logs the
keys of libreswan.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_RESOURCE_FILE_README ${PROJECT_SOURCE_DIR}/README.md)
set(CPACK_STRIP_FILES ON)

# The names of the libraries (libwireshark16 and so on) come from the linked plugin.
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
string(REGEX MATCH "^([0-9]+)[.-]([0-9]+)" abi "${WIRESHARK_ABI}")
math(EXPR next_minor "${CMAKE_MATCH_2} + 1")
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "wireshark-common (>= ${abi}), wireshark-common (<< ${CMAKE_MATCH_1}.${next_minor}~)")
# One package for each Wireshark: its version tells them apart.
set(CPACK_DEBIAN_PACKAGE_VERSION "${PROJECT_VERSION}+wireshark${abi}")

# After the installation, says which users have a plugin of their own: Wireshark complains about both.
configure_file(cmake/packages/postinst.in ${PROJECT_BINARY_DIR}/packages/postinst @ONLY
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/packages/postinst)

set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME "${PROJECT_NAME}-${PROJECT_VERSION}")
# Patterns for whole paths: what is built in the tree, not what the tree is in.
string(REGEX REPLACE "([][+.*()^$?|\\])" "\\\\\\1" here "${PROJECT_SOURCE_DIR}")
set(CPACK_SOURCE_IGNORE_FILES "^${here}/\\.git(/|$)" "^${here}/build[^/]*/" "^${here}/\\.cache/" "/__pycache__/")
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)

# What other systems build from the source tarball; not tried by the tests.
foreach(name wireshark-isakmp.spec PKGBUILD)
  configure_file(cmake/packages/${name}.in ${PROJECT_BINARY_DIR}/packages/${name} @ONLY)
endforeach()
