// The back end that runs kernels on the CPU, checked. See backend.h and simt/emulator.h.
#include <cstring>
#include <string>

#include "cuda/launch/backend.h"
#include "cuda/launch/emulated_kernels.h"
#include "cuda/simt/device_memory.h"
#include "cuda/simt/emulator.h"
#include "reference/core/error.h"

namespace gdn2::cuda {
namespace {

class EmulatorBackend : public Backend {
public:
    explicit EmulatorBackend(int threads) : threads_(threads) {}

    void* allocate(std::size_t bytes, const char* name) override { return simt::allocate(bytes, name); }
    void free(void* memory) noexcept override { simt::free(memory); }
    void upload(void* to, const void* from, std::size_t bytes) override {
        if (bytes == 0) return;
        std::memcpy(to, from, bytes);
        simt::mark_written(to, bytes);
    }
    void zero(void* to, std::size_t bytes) override {
        if (bytes == 0) return;
        std::memset(to, 0, bytes);
        simt::mark_written(to, bytes);
    }
    void download(void* to, const void* from, std::size_t bytes) override {
        std::size_t hole = 0;
        require(bytes == 0 || simt::is_written(from, bytes, &hole),
                "no kernel wrote byte " + std::to_string(hole) + " of an output of " + std::to_string(bytes));
        if (bytes > 0) std::memcpy(to, from, bytes);
    }
    void launch(const KernelCall& call) override {
        const simt::Launch launch{name_of(call.id), {call.grid.x, call.grid.y, 1}, {call.threads, 1, 1}, call.shared_bytes};
        simt::Options options;
        options.threads = threads_;
        std::visit([&](const auto& params) { run(launch, options, call.id, params); }, call.params);
    }

private:
    template <class Params>
    static void run(const simt::Launch& launch, const simt::Options& options, KernelId id, const Params& params) {
        KernelFunction found = find_emulated_scan(id);
        if (!found) found = find_emulated_other(id);
        const auto kernel = reinterpret_cast<void (*)(Params)>(found);
        simt::run(launch, options, [&] { kernel(params); });
    }

    int threads_;
};

}  // namespace

Backend& emulator_backend(int threads) {
    thread_local EmulatorBackend backend(0);
    backend = EmulatorBackend(threads);
    return backend;
}

}  // namespace gdn2::cuda
