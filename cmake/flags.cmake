# How everything is compiled.

# -- Warnings: ours alone, never a user's. CMAKE_COMPILE_WARNING_AS_ERROR (preset dev) makes them errors.
add_library(gdn2_warnings INTERFACE)
target_compile_options(gdn2_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:
    -Wall;-Wextra;-Wpedantic;-Wshadow=local;-Wconversion;-Wnon-virtual-dtor;-Woverloaded-virtual;-Wcast-align;
    -Wextra-semi;-Wundef>)
# g++ 12 takes the undefined lanes of its own AVX-512 intrinsics and some sums of strings for mistakes of ours
# (GCC bugs 105593 and 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(gdn2_warnings INTERFACE
        $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized;-Wno-uninitialized;-Wno-restrict>)
endif()

# -- Sanitizers: for the whole build, so that no part of a program is blind.
if(GDN2_SANITIZE STREQUAL "address")
    add_compile_options(
        "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=address,undefined;-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
    add_link_options(-fsanitize=address,undefined)
    add_compile_definitions(GDN2_ADDRESS_SANITIZER)  # g++ and clang each have a name of their own for it
elseif(GDN2_SANITIZE STREQUAL "thread")
    add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=thread;-fno-omit-frame-pointer>")
    add_link_options(-fsanitize=thread)
elseif(GDN2_SANITIZE)
    message(FATAL_ERROR "GDN2_SANITIZE must be address, thread or empty, got ${GDN2_SANITIZE}")
endif()

# -- The binary interface. Eigen aligns memory and cuts its loops by the vector units it is compiled for, and its
# templates are merged across object files by the linker. Code that uses the library must therefore be compiled
# for the same units: the flags below are PUBLIC and travel through gdn2-config.cmake and gdn2.pc. Elsewhere
# -march=native may mean other units; GDN2_ALIGNMENT travels with it, and core/matrix.h refuses to compile when
# the two disagree.
set(GDN2_ABI_OPTIONS -ffp-contract=off)  # a fused multiply-add rounds once where the mathematics says twice
if(GDN2_NATIVE)
    list(APPEND GDN2_ABI_OPTIONS -march=native)
endif()

execute_process(COMMAND ${CMAKE_CXX_COMPILER} ${GDN2_ABI_OPTIONS} -dM -E -x c++ /dev/null
                OUTPUT_VARIABLE macros RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "${CMAKE_CXX_COMPILER} refuses ${GDN2_ABI_OPTIONS}: use g++ 12 or clang 14, or newer")
endif()
foreach(candidate "__AVX512F__ AVX-512 64" "__AVX2__ AVX2 32" "__AVX__ AVX 32" "__ARM_NEON NEON 16"
                  "__SSE2__ SSE2 16" "__cplusplus plain 16")
    separate_arguments(candidate)
    list(POP_FRONT candidate macro GDN2_VECTOR_UNITS GDN2_ALIGNMENT)
    if(macros MATCHES "#define ${macro} ")
        break()
    endif()
endforeach()

function(gdn2_use_abi_flags target)
    target_compile_options(${target} PUBLIC $<$<COMPILE_LANGUAGE:CXX>:${GDN2_ABI_OPTIONS}>)
    target_compile_definitions(${target} PUBLIC GDN2_ALIGNMENT=${GDN2_ALIGNMENT})
endfunction()

# -- Threads: OpenMP, or std::thread where ThreadSanitizer watches (it knows nothing of libgomp).
function(gdn2_use_threads target)
    if(GDN2_SANITIZE STREQUAL "thread")
        target_compile_definitions(${target} PRIVATE GDN2_THREADS_STD)
        target_link_libraries(${target} PRIVATE Threads::Threads)
    else()
        target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
    endif()
endfunction()
