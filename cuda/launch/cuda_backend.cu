// The back end of a CUDA device, and the only file that launches kernels or calls the CUDA runtime for them.
//   tests  tests/cuda/launch/backend_test.cpp on a machine with a card
#include <cuda_runtime.h>

#include <map>
#include <string>
#include <vector>

#include "cuda/api/cuda_error.h"
#include "cuda/launch/backend.h"
#include "cuda/launch/device_kernels.h"

namespace gdn2::cuda {
namespace {

void check(cudaError_t status, const std::string& what) {
    if (status == cudaSuccess) return;
    cudaGetLastError();  // so that the next call does not report it again
    throw CudaError(what + ": " + cudaGetErrorString(status));
}

std::string describe(const KernelCall& call) {
    return std::string("kernel ") + name_of(call.id) + " with grid [" + std::to_string(call.grid.x) + ", " +
           std::to_string(call.grid.y) + "], " + std::to_string(call.threads) + " threads, " +
           std::to_string(call.shared_bytes) + " bytes of shared memory";
}

const void* function_of(KernelId id) {
    for (const auto find : {find_scan_kernel, find_other_kernel, find_backward_scan_kernel, find_gradient_kernel,
                            find_layer_kernel})
        if (const void* function = find(id)) return function;
    return nullptr;
}

#ifdef NDEBUG
constexpr bool checked = false;
#else
constexpr bool checked = true;
#endif
constexpr std::size_t guard_bytes = checked ? 256 : 0;  ///< before and after every buffer, where nobody may write
constexpr int poison = 0xff;                            ///< NaN in every format

class CudaBackend : public Backend {
public:
    void* allocate(std::size_t bytes, const char* name) override {
        void* memory = nullptr;
        const std::size_t all = bytes + 2 * guard_bytes;
        check(cudaMalloc(&memory, all ? all : 1),
              std::string("allocating ") + std::to_string(bytes) + " bytes for " + name);
        check(cudaMemset(memory, poison, all), std::string("poisoning ") + name);
        unsigned char* data = static_cast<unsigned char*>(memory) + guard_bytes;
        if constexpr (checked) guarded_[data] = {bytes, name};
        return data;
    }
    void free(void* memory) noexcept override {
        if constexpr (checked) guarded_.erase(static_cast<unsigned char*>(memory));
        cudaFree(static_cast<unsigned char*>(memory) - guard_bytes);
    }
    void upload(void* to, const void* from, std::size_t bytes) override {
        check(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice), "uploading " + std::to_string(bytes) + " bytes");
    }
    void download(void* to, const void* from, std::size_t bytes) override {
        check(cudaDeviceSynchronize(), "waiting for " + last_);
        if constexpr (checked) check_guards();
        check(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "downloading " + std::to_string(bytes) + " bytes");
    }
    void launch(const KernelCall& call) override {
        last_ = describe(call);
        enqueue_on_card(call, nullptr);
    }

private:
    struct Buffer {
        std::size_t bytes;
        std::string name;
    };

    /// Throws CudaError where a kernel wrote beside a buffer.
    void check_guards() const {
        for (const auto& [data, buffer] : guarded_)
            for (const unsigned char* guard : {data - guard_bytes, data + buffer.bytes}) {
                std::vector<unsigned char> bytes(guard_bytes);
                check(cudaMemcpy(bytes.data(), guard, guard_bytes, cudaMemcpyDeviceToHost), "reading a guard");
                for (const unsigned char byte : bytes)
                    if (byte != poison)
                        throw CudaError(last_ + " or one before it wrote " + (guard < data ? "before" : "after") +
                                        " the " + std::to_string(buffer.bytes) + " bytes of " + buffer.name);
            }
    }

    std::map<unsigned char*, Buffer> guarded_;
    std::string last_ = "the device";
};

}  // namespace

void enqueue_on_card(const KernelCall& call, void* stream) {
    const void* function = function_of(call.id);
    if (call.shared_bytes > 48 * 1024)
        check(cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                   static_cast<int>(call.shared_bytes)),
              describe(call));
    std::visit(
        [&](auto params) {
            void* arguments[] = {&params};
            check(cudaLaunchKernel(function, dim3(call.grid.x, call.grid.y), dim3(call.threads), arguments,
                                   call.shared_bytes, static_cast<cudaStream_t>(stream)),
                  describe(call));
        },
        call.params);
}

Backend& cuda_backend() {
    const char* reason = "";
    require(cuda_available(&reason), std::string("no CUDA device: ") + reason);
    static CudaBackend backend;
    return backend;
}

bool cuda_available(const char** reason) {
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess) cudaGetLastError();
    const bool no_driver = status == cudaErrorInsufficientDriver;
    if (reason)
        *reason = no_driver                ? "no driver is here, or one older than the toolkit this was built with"
                  : status != cudaSuccess  ? cudaGetErrorString(status)
                  : count == 0             ? "none found"
                                           : "";
    return status == cudaSuccess && count > 0;
}

}  // namespace gdn2::cuda
