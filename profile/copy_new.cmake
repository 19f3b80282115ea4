# SPDX-License-Identifier: GPL-2.0-or-later
# Copies the folder FROM into the folder TO, unless it is there.
get_filename_component(name "${FROM}" NAME)
if(NOT EXISTS "${TO}/${name}")
  file(COPY "${FROM}" DESTINATION "${TO}")
endif()
