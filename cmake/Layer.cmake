# SPDX-License-Identifier: GPL-2.0-or-later
# A layer is a folder with a library of its own. Headers are included by their path from the project's
# root ("analysis/tracker/tracker.h"), which is no include path: a target sees the folders of the layers
# that it links and no others, so that an include that goes up does not compile.

# ike_layer_headers(TARGET SCOPE [PATH...]): adds the folder or header PATH, from the project's root, to
# the include path of TARGET (PUBLIC, INTERFACE or PRIVATE). Without PATH: the current folder.
function(ike_layer_headers target scope)
  set(paths ${ARGN})
  if(NOT paths)
    file(RELATIVE_PATH paths ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  string(TOLOWER ${scope} visible)
  set(include ${PROJECT_BINARY_DIR}/layers/${target}-${visible})
  foreach(path ${paths})
    get_filename_component(folder ${path} DIRECTORY)
    # In an older build tree the folder itself may be a link, which leads into the sources.
    if(IS_SYMLINK ${include}/${folder})
      file(REMOVE ${include}/${folder})
    endif()
    file(MAKE_DIRECTORY ${include}/${folder})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${path} ${include}/${path} SYMBOLIC)
  endforeach()
  target_include_directories(${target} ${scope} ${include})
endfunction()

# ike_layer(TARGET SOURCE...): the library of the current folder, whose headers its users see.
function(ike_layer target)
  add_library(${target} STATIC ${ARGN})
  target_link_libraries(${target} PRIVATE ike_warnings)
  ike_layer_headers(${target} PUBLIC)
endfunction()
