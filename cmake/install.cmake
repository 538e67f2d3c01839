# cmake --install: library, headers, programs, golden data, and what find_package(gdn2) and pkg-config read.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/gdn2)
install(TARGETS gdn2_reference EXPORT gdn2-targets)
if(GDN2_BUILD_CUDA)
    install(TARGETS gdn2_cuda EXPORT gdn2-targets)
    install(DIRECTORY cuda DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/gdn2
            FILES_MATCHING PATTERN "*.h" PATTERN "*.cuh")
endif()
install(EXPORT gdn2-targets NAMESPACE gdn2:: DESTINATION ${package_dir})
install(DIRECTORY reference DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/gdn2
        FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
install(DIRECTORY tests/golden DESTINATION ${CMAKE_INSTALL_DATADIR}/gdn2
        FILES_MATCHING PATTERN "*.npz")

set(GDN2_FOR_CARDS OFF)
if(GDN2_BUILD_CUDA AND CMAKE_CUDA_COMPILER)
    set(GDN2_FOR_CARDS ON)
endif()
configure_package_config_file(cmake/gdn2-config.cmake.in gdn2-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(gdn2-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/gdn2-config.cmake ${PROJECT_BINARY_DIR}/gdn2-config-version.cmake
        DESTINATION ${package_dir})

list(JOIN GDN2_ABI_OPTIONS " " pc_cflags)
file(RELATIVE_PATH pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)  # found from the file: prefixes move
configure_file(cmake/gdn2.pc.in gdn2.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/gdn2.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(GDN2_BUILD_CUDA)
    set(pc_cuda_libs "-lboost_context")
    if(GDN2_FOR_CARDS)
        string(APPEND pc_cuda_libs " -L${CUDAToolkit_LIBRARY_DIR} -lcudart_static -ldl -lrt -lpthread")
    endif()
    configure_file(cmake/gdn2-cuda.pc.in gdn2-cuda.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/gdn2-cuda.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
