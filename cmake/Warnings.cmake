# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings are errors. Foreign headers come in as system headers, so these speak of our code alone.
add_library(ike_warnings INTERFACE)
target_compile_options(ike_warnings INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wconversion -Wno-sign-conversion -Wvla -Wundef
  -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wformat=2)
