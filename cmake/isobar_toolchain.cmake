# Compiler, linker and sanitizer settings shared by every target.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(ISOBAR_CCACHE ccache)
if(ISOBAR_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ISOBAR_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${ISOBAR_CCACHE})
endif()

find_program(ISOBAR_MOLD mold)
if(ISOBAR_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Programmer errors assert in release too: NDEBUG is never defined.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

add_library(isobar_options INTERFACE)
target_compile_options(isobar_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror=return-type
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)  # false alarms of GCC 12 on std::variant and std::optional

# Numbers feed digests: contraction into fused multiply-add would make them depend on the machine.
add_compile_options(-ffp-contract=off)

if(ISOBAR_SANITIZE)
  add_compile_options(-fsanitize=${ISOBAR_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ISOBAR_SANITIZE})
endif()
if(ISOBAR_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
