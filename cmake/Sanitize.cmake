# SPDX-License-Identifier: GPL-2.0-or-later
# -DSANITIZE=address,undefined instruments everything, tests included.
if(SANITIZE)
  add_compile_options(-fsanitize=${SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SANITIZE})
endif()

# -DFUZZING=ON: everything is instrumented for libFuzzer, under the address and the undefined
# behaviour sanitizer; the targets are in tests/fuzz/.
option(FUZZING "Build the fuzz targets with libFuzzer (clang)" OFF)
if(FUZZING)
  if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "FUZZING needs clang: -DCMAKE_C_COMPILER=clang")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
