# SPDX-License-Identifier: GPL-2.0-or-later
# Installs for the user who runs it: PLUGIN into the personal plugin folder of the Wireshark version
# ABI, and the folder PROFILE among the personal profiles, unless there is one of that name: it may hold
# the user's keys and columns. Run with cmake -P, so that it is his home and not that of who configured.
set(home "$ENV{HOME}")
if(DEFINED ENV{XDG_CONFIG_HOME} AND NOT "$ENV{XDG_CONFIG_HOME}" STREQUAL "")
  set(config "$ENV{XDG_CONFIG_HOME}")
else()
  set(config "${home}/.config")
endif()

file(COPY "${PLUGIN}" DESTINATION "${home}/.local/lib/wireshark/plugins/${ABI}/epan")
get_filename_component(name "${PROFILE}" NAME)
if(NOT EXISTS "${config}/wireshark/profiles/${name}")
  file(COPY "${PROFILE}" DESTINATION "${config}/wireshark/profiles")
endif()
