// See emulator_backend.h and simt/emulator.h.
#include "cuda/launch/emulator_backend.h"

#include <cstring>
#include <string>

#include "cuda/launch/emulated_kernels.h"
#include "cuda/simt/device_memory.h"
#include "cuda/simt/emulator.h"
#include "reference/core/error.h"

namespace gdn2::cuda {
namespace {

KernelFunction function_of(KernelId id) {
    for (const auto find : {find_emulated_scan, find_emulated_other, find_emulated_backward_scan,
                            find_emulated_gradient, find_emulated_layer})
        if (const KernelFunction function = find(id)) return function;
    return nullptr;
}

template <class Params>
simt::Counters run(const simt::Launch& launch, const simt::Options& options, KernelId id, const Params& params) {
    const auto kernel = reinterpret_cast<void (*)(Params)>(function_of(id));
    return simt::run(launch, options, [&] { kernel(params); });
}

}  // namespace

void* EmulatorBackend::allocate(std::size_t bytes, const char* name) { return simt::allocate(bytes, name); }

void EmulatorBackend::free(void* memory) noexcept { simt::free(memory); }

void EmulatorBackend::upload(void* to, const void* from, std::size_t bytes) {
    if (bytes == 0) return;
    std::memcpy(to, from, bytes);
    simt::mark_written(to, bytes);
}

void EmulatorBackend::download(void* to, const void* from, std::size_t bytes) {
    std::size_t hole = 0;
    const bool whole = bytes == 0 || simt::is_written(from, bytes, &hole);
    require(whole, "no kernel wrote byte " + std::to_string(hole) + " of an output of " + std::to_string(bytes));
    if (bytes > 0) std::memcpy(to, from, bytes);
}

void EmulatorBackend::launch(const KernelCall& call) {
    const simt::Launch launch{name_of(call.id), {call.grid.x, call.grid.y, 1}, {call.threads, 1, 1}, call.shared_bytes};
    LaunchRecord record{name_of(call.id), call.grid, call.threads, call.shared_bytes, {}, {}};
    simt::Options options;
    options.threads = options_.threads;
    options.block_done = options_.block_done;
    if (options_.launches) options.timeline = &record.timeline;
    record.counters =
        std::visit([&](const auto& params) { return run(launch, options, call.id, params); }, call.params);
    if (options_.launches) options_.launches->push_back(std::move(record));
}

}  // namespace gdn2::cuda
