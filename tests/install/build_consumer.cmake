# Builds and runs consumer/ against the installation in PREFIX, by WAY find_package or pkg-config.
file(REMOVE_RECURSE ${BUILD})
file(MAKE_DIRECTORY ${BUILD})

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "failed: ${ARGN}\n${said}")
    endif()
endfunction()

if(WAY STREQUAL "find_package")
    run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${CONSUMER} -B ${BUILD} -DCMAKE_PREFIX_PATH=${PREFIX}
        -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Release)
    run(${CMAKE_COMMAND} --build ${BUILD})
else()
    set(ENV{PKG_CONFIG_PATH} ${PREFIX}/${LIBDIR}/pkgconfig)
    execute_process(COMMAND pkg-config --cflags --libs gdn2
                    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    separate_arguments(flags)
    run(${COMPILER} -O1 ${CONSUMER}/main.cpp ${flags} -o ${BUILD}/consumer)
    if(KERNELS)
        execute_process(COMMAND pkg-config --cflags --libs gdn2-cuda
                        OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
        separate_arguments(flags)
        run(${COMPILER} -O1 ${CONSUMER}/kernels.cpp ${flags} -o ${BUILD}/kernel_consumer)
    endif()
endif()
run(${BUILD}/consumer)
if(KERNELS)
    run(${BUILD}/kernel_consumer)
endif()
