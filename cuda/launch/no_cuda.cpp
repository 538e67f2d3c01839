// Stands in for cuda_backend.cu where there is no CUDA toolkit: says so.
#include "cuda/api/options.h"
#include "cuda/launch/backend.h"
#include "reference/core/error.h"

namespace gdn2::cuda {

namespace {
constexpr const char* no_toolkit = "this build has no CUDA: nvcc was not found when it was configured";
}

void enqueue_on_card(const KernelCall&, void*) { throw Error(no_toolkit); }

std::string describe_card() { throw Error(no_toolkit); }

Backend& cuda_backend() { throw Error(no_toolkit); }

bool cuda_available(const char** reason) {
    if (reason) *reason = no_toolkit;
    return false;
}

}  // namespace gdn2::cuda
