// The flat face of the device API, loaded as ctypes loads it. What it computes on a card side_by_side.py checks.
#ifdef GDN2_FLAT_LIBRARY
#include "tools/bench/side_by_side/flat_api.h"

#include <dlfcn.h>
#include <doctest/doctest.h>

#include <string>

#include "cuda/api/backward.h"

namespace {

/// One of the library's functions. It stays loaded: unloading cudart runs into its own threads.
template <class Function>
Function* function(const char* name) {
    static void* const library = dlopen(GDN2_FLAT_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    REQUIRE_MESSAGE(library, std::string(dlerror()));
    return reinterpret_cast<Function*>(dlsym(library, name));
}

Gdn2Problem packed() {
    Gdn2Problem problem{};
    problem.batch = 1, problem.length = 300, problem.sequences = 3;
    problem.heads = 2, problem.value_heads = 4, problem.key_dim = 128, problem.value_dim = 64;
    problem.precision = 1;
    problem.cu_seqlens = reinterpret_cast<const std::int64_t*>(64);  // never looked at here
    return problem;
}

}  // namespace

TEST_CASE("the flat face asks for the workspaces that the device API asks for") {
    gdn2::cuda::BackwardArguments a;
    a.forward.tokens = 300;
    a.forward.sequences = {3, 0, reinterpret_cast<const void*>(64), true};
    a.forward.key.heads = 2, a.forward.key.dim = 128;
    a.forward.value.heads = 4, a.forward.value.dim = 64;
    const Gdn2Problem problem = packed();
    using Size = std::int64_t(const Gdn2Problem*);
    CHECK(function<Size>("gdn2_forward_workspace")(&problem) ==
          static_cast<std::int64_t>(gdn2::cuda::forward_workspace_bytes(a.forward)));
    CHECK(function<Size>("gdn2_backward_workspace")(&problem) ==
          static_cast<std::int64_t>(gdn2::cuda::backward_workspace_bytes(a)));
}

TEST_CASE("the flat face says in words what it refuses") {
    Gdn2Problem problem = packed();
    problem.key_dim = 257;
    CHECK(function<int(const Gdn2Problem*, void*, void*)>("gdn2_forward")(&problem, nullptr, nullptr) == 1);
    const std::string error = function<const char*()>("gdn2_error")();
    CHECK(error.find("257") != std::string::npos);
    CHECK(error.find('\n') == std::string::npos);
}
#endif
