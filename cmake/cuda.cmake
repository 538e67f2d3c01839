# The kernels, compiled twice: for the emulator everywhere, and for cards where there is nvcc.

# -- For the emulator. Every memory access of these files calls back into cuda/simt/shadow (see cuda/simt/emulator.h):
# ThreadSanitizer's instrumentation, with a runtime of our own. No vectorising: accesses stay what the source says.
# A large frame touches its stack page by page, so that it meets the guard below it (cuda/simt/traps.h).
file(GLOB simt_sources CONFIGURE_DEPENDS cuda/simt/*.cpp)
file(GLOB emulated_sources CONFIGURE_DEPENDS cuda/launch/emulated_*.cpp)
option(GDN2_DEBUG_KERNELS "Compile the emulator's kernels with -Og, to step through them" OFF)
function(gdn2_compile_as_kernels)
    # Not -O0: g++ then leaves out stores of what a function returns. Statement frontiers would hide lines from gdb.
    set(flags $<IF:$<BOOL:${GDN2_DEBUG_KERNELS}>,-Og,-O2> -g $<$<CXX_COMPILER_ID:GNU>:-gno-statement-frontiers>
        -fsanitize=thread -fno-tree-vectorize
        -fno-tree-slp-vectorize -fno-optimize-sibling-calls -fstack-clash-protection -ffp-contract=off
        -Wno-unknown-pragmas -Wno-tsan)
    if(GDN2_SANITIZE STREQUAL "address")
        list(PREPEND flags -fno-sanitize=all)
    endif()
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "${flags}")
endfunction()
gdn2_compile_as_kernels(${emulated_sources})
set_property(SOURCE ${simt_sources} APPEND PROPERTY COMPILE_OPTIONS -g)  # gdb is to find current_thread()
if(GDN2_SANITIZE STREQUAL "address")
    # Frames of the emulator's functions stay on the fibers' stacks. AddressSanitizer's second stacks, in use by default
    # since GCC 13 and clang 15, are more than a mebibyte for each fiber, and the tests took four times as long.
    set_property(SOURCE ${simt_sources} APPEND PROPERTY COMPILE_OPTIONS
        $<IF:$<CXX_COMPILER_ID:GNU>,--param=asan-use-after-return=0,-fsanitize-address-use-after-return=never>)
endif()
if(GDN2_SANITIZE STREQUAL "thread")
    # There memory is left to ThreadSanitizer, which must see the kernels and not the emulator (cuda/simt/sanitizer.h).
    set(unseen ${simt_sources})
    list(FILTER unseen EXCLUDE REGEX "/(emulator|device_memory)\\.cpp$")
    set_property(SOURCE ${simt_sources} APPEND PROPERTY COMPILE_DEFINITIONS GDN2_THREAD_SANITIZER)
    set_property(SOURCE ${unseen} APPEND PROPERTY COMPILE_OPTIONS -fno-sanitize=thread)
endif()

set(cuda_sources cuda/launch/run.cpp cuda/launch/run_backward.cpp cuda/launch/host_call.cpp
    cuda/launch/forward_plan.cpp cuda/launch/backward_plan.cpp cuda/launch/plan_parts.cpp cuda/launch/scan_plan.cpp
    cuda/launch/layer_plan.cpp cuda/launch/mixer_parameters.cpp cuda/launch/mixer_run.cpp
    cuda/launch/mixer_backward.cpp
    cuda/launch/emulator_backend.cpp cuda/launch/trace.cpp cuda/launch/record_reader.cpp cuda/launch/launch_json.cpp)
if(CMAKE_CUDA_COMPILER)
    list(APPEND cuda_sources cuda/launch/cuda_backend.cu cuda/launch/card_name.cu cuda/launch/device_scan.cu
         cuda/launch/device_other.cu cuda/launch/device_backward_scans.cu cuda/launch/device_gradients.cu
         cuda/launch/device_layers.cu cuda/launch/device_data.cu)
else()
    list(APPEND cuda_sources cuda/launch/no_cuda.cpp)
    if(GDN2_THRUST)
        list(APPEND cuda_sources cuda/launch/device_data.cpp)
        set_source_files_properties(cuda/launch/device_data.cpp PROPERTIES
            COMPILE_DEFINITIONS THRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_CPP)
    endif()
endif()
# By themselves too, so that the emulator's tests need not wait for the kernels.
add_library(gdn2_simt OBJECT ${simt_sources})
set_target_properties(gdn2_simt PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_link_libraries(gdn2_simt PUBLIC gdn2::reference PRIVATE Boost::context gdn2_warnings)
add_library(gdn2_cuda STATIC $<TARGET_OBJECTS:gdn2_simt> ${emulated_sources} ${cuda_sources})
add_library(gdn2::cuda ALIAS gdn2_cuda)
set_target_properties(gdn2_cuda PROPERTIES EXPORT_NAME cuda POSITION_INDEPENDENT_CODE ON)
target_link_libraries(gdn2_cuda PUBLIC gdn2::reference
    PRIVATE Boost::context $<BUILD_INTERFACE:gdn2_warnings> $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>
    ${CMAKE_DL_LIBS})
target_compile_options(gdn2_cuda PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-unknown-pragmas>
    $<$<COMPILE_LANGUAGE:CUDA>:-lineinfo;-Xptxas=-v>)
if(CMAKE_CUDA_COMPILER OR GDN2_THRUST)
    target_compile_definitions(gdn2_cuda PUBLIC GDN2_WITH_THRUST)
endif()
if(CMAKE_CUDA_COMPILER)
    target_link_libraries(gdn2_cuda PRIVATE CUDA::cudart_static)
    # Keeps ptxas' report beside each object, for check_budgets.cmake.
    set_target_properties(gdn2_cuda PROPERTIES CUDA_COMPILER_LAUNCHER ${PROJECT_SOURCE_DIR}/cmake/ptxas_report.sh)
endif()
