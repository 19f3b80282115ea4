# SPDX-License-Identifier: GPL-2.0-or-later
# Installs for the user who runs it: PLUGIN into the personal plugin folder of the Wireshark version
# ABI, and the folder PROFILE among the personal profiles, unless there is one of that name: it may hold
# the user's keys and columns. With UNINSTALL, removes the plugin, and the profile if it is as it was
# installed. Run with cmake -P, so that it is the home of whoever runs it.
set(home "$ENV{HOME}")
if(DEFINED ENV{XDG_CONFIG_HOME} AND NOT "$ENV{XDG_CONFIG_HOME}" STREQUAL "")
  set(config "$ENV{XDG_CONFIG_HOME}")
else()
  set(config "${home}/.config")
endif()
set(folder "${home}/.local/lib/wireshark/plugins/${ABI}/epan")
get_filename_component(plugin_name "${PLUGIN}" NAME)
get_filename_component(profile_name "${PROFILE}" NAME)
set(profile "${config}/wireshark/profiles/${profile_name}")

# Wireshark rewrites "recent" whenever it is closed.
function(is_unchanged result)
  file(GLOB names RELATIVE "${profile}" "${profile}/*")
  foreach(name IN LISTS names)
    if(NOT name STREQUAL "recent")
      execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files "${profile}/${name}" "${PROFILE}/${name}"
        RESULT_VARIABLE differs OUTPUT_QUIET ERROR_QUIET)
      if(differs)
        set(${result} FALSE PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
  set(${result} TRUE PARENT_SCOPE)
endfunction()

if(UNINSTALL)
  file(REMOVE "${folder}/${plugin_name}")
  message(STATUS "removed ${folder}/${plugin_name}")
  if(EXISTS "${profile}")
    is_unchanged(unchanged)
    if(unchanged)
      file(REMOVE_RECURSE "${profile}")
      message(STATUS "removed ${profile}")
    else()
      message(STATUS "kept ${profile}: it was changed")
    endif()
  endif()
  return()
endif()

# Wireshark complains about a plugin that is in two folders, and takes the older one.
if(EXISTS "${SYSTEM_FOLDER}/epan/${plugin_name}")
  message(FATAL_ERROR "${SYSTEM_FOLDER}/epan/${plugin_name} is installed for all users. "
    "Remove it first: \"sudo apt remove wireshark-isakmp\", or delete the file.")
endif()
file(COPY "${PLUGIN}" DESTINATION "${folder}")
message(STATUS "installed ${folder}/${plugin_name}")
if(EXISTS "${profile}")
  message(STATUS "kept ${profile}: remove it for a new one")
else()
  file(COPY "${PROFILE}" DESTINATION "${config}/wireshark/profiles")
  message(STATUS "installed ${profile}")
endif()
