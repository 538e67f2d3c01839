# One helper per kind of target, and the report at the end of the configuration.

# A program of all the sources of `folder`, linked to the reference and `ARGN`. Nothing while the folder is empty.
function(gdn2_add_program name folder)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(${name} ${sources})
    target_link_libraries(${name} PRIVATE gdn2::reference gdn2_warnings ${ARGN})
    if(GDN2_BUILD_CUDA)
        target_link_libraries(${name} PRIVATE gdn2::cuda)
    endif()
    list(JOIN CMAKE_CUDA_ARCHITECTURES " " architectures)
    target_compile_definitions(${name} PRIVATE
        GDN2_WITH_KERNELS=$<BOOL:${GDN2_BUILD_CUDA}>
        GDN2_WITH_CUDA=$<AND:$<BOOL:${GDN2_BUILD_CUDA}>,$<BOOL:${CMAKE_CUDA_COMPILER}>>
        GDN2_CUDA_TOOLKIT="${CMAKE_CUDA_COMPILER_VERSION}"
        GDN2_CUDA_ARCHITECTURES="${architectures}"
        GDN2_VERSION="${PROJECT_VERSION}"
        GDN2_BUILD_TYPE="$<CONFIG>"
        GDN2_PORTABLE=$<NOT:$<BOOL:${GDN2_NATIVE}>>
        GDN2_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
        GDN2_DATA_DIR="${CMAKE_INSTALL_FULL_DATADIR}/gdn2")
    install(TARGETS ${name} RUNTIME)
endfunction()

# A test program of every *_test.cpp below `folder`; ctest lists each TEST_CASE as "room: its sentence".
function(gdn2_add_tests room folder)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*_test.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(test_${room} ${sources})
    set_target_properties(test_${room} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    target_link_libraries(test_${room} PRIVATE gdn2_test_main ${ARGN})
    target_compile_definitions(test_${room} PRIVATE GDN2_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    if(TARGET gdn2 AND folder MATCHES "^tests/tools")
        target_compile_definitions(test_${room} PRIVATE GDN2_BINARY="$<TARGET_FILE:gdn2>")
        add_dependencies(test_${room} gdn2)
    endif()
    if(TARGET gdn2-bench AND folder MATCHES "^tests/tools")
        target_compile_definitions(test_${room} PRIVATE GDN2_BENCH_BINARY="$<TARGET_FILE:gdn2-bench>")
        add_dependencies(test_${room} gdn2-bench)
    endif()
    if(TARGET gdn2_flat AND folder MATCHES "^tests/tools")
        target_compile_definitions(test_${room} PRIVATE GDN2_FLAT_LIBRARY="$<TARGET_FILE:gdn2_flat>")
        target_link_libraries(test_${room} PRIVATE gdn2::cuda ${CMAKE_DL_LIBS})
        add_dependencies(test_${room} gdn2_flat)
    endif()
    # Single quotes keep the space. A test case that ran nothing, its name not being found, has not passed; nor has one
    # that says it was skipped.
    doctest_discover_tests(test_${room} TEST_PREFIX "'${room}: '" PROPERTIES
        TIMEOUT 600 LABELS ${room} FAIL_REGULAR_EXPRESSION "test cases: +0" SKIP_REGULAR_EXPRESSION "gdn2 skipped: ")
endfunction()

function(gdn2_report)
    set(build "${CMAKE_BUILD_TYPE}, ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}, ${GDN2_VECTOR_UNITS}")
    if(GDN2_SANITIZE)
        string(APPEND build ", sanitizer: ${GDN2_SANITIZE}")
    endif()
    message(STATUS "gdn2 ${PROJECT_VERSION}: ${build}")
    if(NOT GDN2_NATIVE)
        message(WARNING "gdn2: PORTABLE BUILD (GDN2_NATIVE=OFF): several times slower than this machine can be")
    endif()
    foreach(line IN LISTS GDN2_SKIPPED)
        message(STATUS "gdn2 skipped: ${line}")
    endforeach()
endfunction()
