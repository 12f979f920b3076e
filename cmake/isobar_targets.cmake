# isobar_add_library, isobar_add_service, isobar_add_proto: the three ways to declare code.
# Sources are always listed; nothing is globbed.
include(GoogleTest)

# A test binary for the given *_test.cpp files. Tests run from the source root and find real data through
# ISOBAR_SHARED (default ../shared).
function(_isobar_add_test_binary NAME)
  cmake_parse_arguments(A "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ISOBAR_BUILD_TESTS OR NOT A_SOURCES)
    return()
  endif()
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  add_executable(${NAME} ${A_SOURCES})
  target_link_libraries(${NAME} PRIVATE isobar_options ${A_DEPS} GTest::gmock GTest::gtest GTest::gtest_main rapidcheck)
  # What is tested is optimised in its library; optimising gtest's and rapidcheck's templates only costs build time.
  target_compile_options(${NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_compile_definitions(${NAME} PRIVATE ISOBAR_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ISOBAR_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${NAME}
    TEST_PREFIX "${NAME}." WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${A_TIMEOUT} LABELS "${A_LABELS}")
endfunction()

# One google-benchmark binary; ctest runs it with one short iteration as a smoke test.
function(_isobar_add_bench_binary NAME)
  cmake_parse_arguments(A "" "" "SOURCES;DEPS" ${ARGN})
  if(NOT ISOBAR_BUILD_BENCHES OR NOT A_SOURCES)
    return()
  endif()
  add_executable(${NAME} ${A_SOURCES})
  target_link_libraries(${NAME} PRIVATE isobar_options ${A_DEPS} benchmark::benchmark)
  target_compile_definitions(${NAME} PRIVATE ISOBAR_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(ISOBAR_BUILD_TESTS)
    add_test(NAME ${NAME}.smoke COMMAND ${NAME} --benchmark_min_time=0.001 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${NAME}.smoke PROPERTIES TIMEOUT 120 LABELS bench ENVIRONMENT "ISOBAR_BENCH_SMOKE=1")
  endif()
endfunction()

# isobar_add_library(NAME core SOURCES ... DEPS ... [TESTS ...] [TEST_DEPS ...] [BENCHES ...])
# Target isobar_<name>, alias isobar::<name>; headers are included as "<name>/file.hpp".
function(isobar_add_library)
  cmake_parse_arguments(A "" "NAME;TEST_TIMEOUT" "SOURCES;DEPS;TESTS;TEST_DEPS;BENCHES" ${ARGN})
  set(target isobar_${A_NAME})
  if(A_SOURCES)
    add_library(${target} STATIC ${A_SOURCES})
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/libs)
    target_link_libraries(${target} PUBLIC ${A_DEPS} PRIVATE isobar_options)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR}/libs)
    target_link_libraries(${target} INTERFACE ${A_DEPS})
  endif()
  add_library(isobar::${A_NAME} ALIAS ${target})
  _isobar_add_test_binary(${A_NAME}_test SOURCES ${A_TESTS} DEPS ${target} ${A_TEST_DEPS} TIMEOUT ${A_TEST_TIMEOUT})
  _isobar_add_bench_binary(${A_NAME}_bench SOURCES ${A_BENCHES} DEPS ${target} ${A_TEST_DEPS})
endfunction()

# isobar_add_service(NAME heatmap-builder DOMAIN ... SOURCES ... DEPS ... [TESTS ...] [TEST_DEPS ...] [BENCHES ...])
# Three targets: <name>-domain (the pure core, links core and market only), <name>-service (a library, so that the
# embedded process and the tests host it too) and the binary <name> from main.cpp.
function(isobar_add_service)
  cmake_parse_arguments(A "" "NAME;TEST_TIMEOUT" "DOMAIN;SOURCES;DEPS;TESTS;TEST_DEPS;BENCHES" ${ARGN})
  string(REPLACE "-" "_" word ${A_NAME})
  add_library(${word}_domain STATIC ${A_DOMAIN})
  target_include_directories(${word}_domain PUBLIC ${PROJECT_SOURCE_DIR}/services ${PROJECT_SOURCE_DIR}/libs)
  target_link_libraries(${word}_domain PUBLIC isobar::core isobar::market PRIVATE isobar_options)

  add_library(${word}_service STATIC ${A_SOURCES})
  target_include_directories(${word}_service PUBLIC ${PROJECT_SOURCE_DIR}/services)
  target_link_libraries(${word}_service PUBLIC ${word}_domain isobar::service isobar::wire ${A_DEPS} PRIVATE isobar_options)

  add_executable(${A_NAME} main.cpp)
  target_link_libraries(${A_NAME} PRIVATE ${word}_service isobar_options)
  install(TARGETS ${A_NAME} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

  _isobar_add_test_binary(${word}_test SOURCES ${A_TESTS} DEPS ${word}_service isobar::testing ${A_TEST_DEPS} TIMEOUT ${A_TEST_TIMEOUT})
  _isobar_add_bench_binary(${word}_bench SOURCES ${A_BENCHES} DEPS ${word}_service ${A_TEST_DEPS})
endfunction()

# isobar_add_proto(FILES isobar/chain/v1/chain.proto ...): one library, isobar::proto, generated in the build tree only.
function(isobar_add_proto)
  cmake_parse_arguments(A "" "" "FILES" ${ARGN})
  set_property(GLOBAL PROPERTY ISOBAR_PROTO_FILES ${A_FILES})  # tests/contract reads them too
  set(out ${PROJECT_BINARY_DIR}/proto-gen)
  file(MAKE_DIRECTORY ${out})
  set(message_sources)
  set(service_sources)
  foreach(file ${A_FILES})
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND protobuf::protoc -I ${CMAKE_CURRENT_SOURCE_DIR} --cpp_out=${out} ${file}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} VERBATIM)
    list(APPEND message_sources ${out}/${stem}.pb.cc)
    if(file MATCHES "_service\\.proto$")
      add_custom_command(
        OUTPUT ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h
        COMMAND protobuf::protoc -I ${CMAKE_CURRENT_SOURCE_DIR} --grpc_out=${out}
                --plugin=protoc-gen-grpc=${ISOBAR_GRPC_CPP_PLUGIN} ${file}
        DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file} ${out}/${stem}.pb.h
        WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} VERBATIM)
      list(APPEND service_sources ${out}/${stem}.grpc.pb.cc)
    endif()
  endforeach()
  # Messages alone for code that speaks the bus; services add gRPC and its heavy headers.
  add_library(isobar_proto STATIC ${message_sources})
  target_include_directories(isobar_proto SYSTEM PUBLIC ${out})
  target_link_libraries(isobar_proto PUBLIC protobuf::libprotobuf)
  add_library(isobar::proto ALIAS isobar_proto)
  add_library(isobar_grpc STATIC ${service_sources})
  target_link_libraries(isobar_grpc PUBLIC isobar_proto gRPC::grpc++)
  add_library(isobar::grpc ALIAS isobar_grpc)
endfunction()
