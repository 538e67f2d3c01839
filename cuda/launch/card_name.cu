// The current CUDA device in words, for people.
#include <cuda_runtime.h>

#include "cuda/api/cuda_error.h"
#include "cuda/api/options.h"

namespace gdn2::cuda {

std::string describe_card() {
    cudaDeviceProp card{};
    int device = 0, driver = 0;
    cudaError_t status = cudaGetDevice(&device);
    if (status == cudaSuccess) status = cudaGetDeviceProperties(&card, device);
    if (status == cudaSuccess) status = cudaDriverGetVersion(&driver);
    if (status != cudaSuccess)
        throw CudaError(std::string("asking for the CUDA device: ") + cudaGetErrorString(status));
    return std::string(card.name) + ", sm_" + std::to_string(card.major) + std::to_string(card.minor) + ", " +
           std::to_string(card.totalGlobalMem >> 20) + " MiB, driver for CUDA " +
           std::to_string(driver / 1000) + "." + std::to_string(driver % 1000 / 10);
}

}  // namespace gdn2::cuda
