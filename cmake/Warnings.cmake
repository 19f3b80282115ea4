# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings are errors. Foreign headers come in as system headers, so these speak of our code alone.
add_library(ike_warnings INTERFACE)
target_compile_options(ike_warnings INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wconversion -Wno-sign-conversion -Wvla -Wundef
  -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wformat=2)

# What compilers and linkers have against what tests do not find. _FORTIFY_SOURCE needs an optimizing
# build, and the sanitizers have checks of their own.
if(NOT SANITIZE AND NOT FUZZING)
  target_compile_options(ike_warnings INTERFACE -fstack-protector-strong
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>)
  add_link_options(-Wl,-z,relro -Wl,-z,now)
endif()
