# SPDX-License-Identifier: GPL-2.0-or-later
# -DSANITIZE=address,undefined instruments everything, tests included.
if(SANITIZE)
  add_compile_options(-fsanitize=${SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SANITIZE})
endif()
