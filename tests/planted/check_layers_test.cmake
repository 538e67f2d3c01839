# cmake/check_layers.cmake lets a good tree pass and names each rule that is broken.
include(${CMAKE_CURRENT_LIST_DIR}/expect_failure.cmake)

# Writes one file into an otherwise good tree.
function(plant path text)
    file(REMOVE_RECURSE ${TREE})
    file(WRITE ${TREE}/reference/core/matrix.h "#include <Eigen/Core>\n")
    file(WRITE ${TREE}/reference/io/npy.cpp
         "#include \"reference/core/matrix.h\"\n// an exit(1) and std::cout in words\nstd::snprintf(a);\nx.exit(1);\n")
    file(WRITE ${TREE}/tools/gdn2/main.cpp "#include \"reference/io/npy.h\"\nint main() { std::exit(1); }\n")
    file(WRITE ${TREE}/${path} "${text}")
endfunction()

plant(reference/trace/good.h "#include \"reference/io/npy.h\"\n")
expect_success(check_layers.cmake)

plant(reference/core/shape.h "#include \"reference/io/npy.h\"\n")
expect_failure(check_layers.cmake "reference/core/shape.h: may not include \"reference/io/npy.h\"")
plant(reference/io/npz.cpp "#include \"npy.h\"\n")
expect_failure(check_layers.cmake "reference/io/npz.cpp: may not include \"npy.h\"")
plant(reference/io/npz.cpp "#include \"tools/gdn2/common.h\"\n")
expect_failure(check_layers.cmake "reference/io/npz.cpp: may not include \"tools/gdn2/common.h\"")
plant(visualizer/main.cpp "#include \"cuda/api/forward.h\"\n")
expect_failure(check_layers.cmake "visualizer/main.cpp: may not include \"cuda/api/forward.h\"")
plant(reference/attic/old.h "\n")
expect_failure(check_layers.cmake "reference/attic/old.h: lies in no room")
plant(reference/io/npz.cpp "#include <Eigen/Dense>\n")
expect_failure(check_layers.cmake "reference/io/npz.cpp: includes Eigen")
plant(tests/reference/io/npz_test.cpp "#  include <unsupported/Eigen/AutoDiff>\n")
expect_failure(check_layers.cmake "tests/reference/io/npz_test.cpp: includes Eigen")
foreach(line "#include <iostream>" "  std::cout << x" "  printf(x)" "  std::fprintf(stderr)" "  exit(1)" "{std::abort()"
             "  std::terminate()" "  if (!x) abort ()  // why")
    plant(reference/io/npz.cpp "${line}\n")
    expect_failure(check_layers.cmake "reference/io/npz.cpp: prints or ends the program")
endforeach()
plant(reference/io/npz.h "using namespace std\n")
expect_failure(check_layers.cmake "reference/io/npz.h: imports a namespace in a header")
file(REMOVE_RECURSE ${TREE})
