// How a computation on a device is meant. Plain C++: no toolkit is needed to include this.
//   tests  tests/cuda/kernels/forward_test.cpp, gates_test.cpp
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cuda/kernels/params.h"

namespace gdn2::cuda {

/// Where kernels run.
enum class Device {
    emulator,  ///< on the CPU, every CUDA thread a fiber, every mistake an Error
    cuda       ///< on the current CUDA device
};

/// What tensors hold on the device. Sums and states are float always.
enum class Precision { f32, bf16, f16 };

/// Which kernels: the chunkwise pair, or a rung of the ladder before it.
enum class ForwardPath { chunk, recurrent_1, recurrent_2 };

/// How scan walks over the chunks of a sequence: one after another, or cut into segments, all of them at once, which
/// takes more work and fewer steps (docs/kernels.md, Segments). The results are the same within tolerance, not to the
/// bit. So a sequence has the same bits alone and among others where both are serial, or cut into segments of one
/// length, and by_shape may choose otherwise for another shape.
struct ScanChoice {
    enum Kind {
        by_shape,  ///< from batch, tokens, heads and dims, whatever the card
        serial,
        segments
    } kind = by_shape;
    int chunks = 0;  ///< of a segment; <= 0: by shape
};

/// Bytes of one number.
constexpr std::size_t size_of(Precision precision) { return precision == Precision::f32 ? 4 : 2; }

/// "f32", "bf16", "f16".
const char* name_of(Precision precision);

/// Whether `device` works in this build on this machine; if not, *reason (unless null) says why, in one line.
bool device_available(Device device, std::string* reason = nullptr);

/// The current CUDA device in words: its name, architecture, memory and driver. Throws Error where there is none.
std::string describe_card();

/// What may be folded into the kernels, and how they run.
struct Options {
    Device device = Device::emulator;
    Precision precision = Precision::f32;
    ForwardPath path = ForwardPath::chunk;
    ScanChoice scan = {};
    Decay decay = Decay::log;
    std::vector<float> A_log = {};  ///< [key_heads], for the gated decays
    std::vector<float> dt_bias = {};  ///< [key_heads, key_dim], or empty: zeros
    float lower_bound = -5.0f;    ///< of Decay::bounded
    bool normalise = false;       ///< q and k are divided by sqrt(sum of squares + norm_epsilon) first
    float norm_epsilon = 1e-6f;
    bool value_first = false;     ///< states on the device are [.., value_dim, key_dim]; the host's never are
    int threads = 0;              ///< of the emulator; <= 0: all
    /// Of the emulator: after every block, on any thread, with the blocks done so far of all launches; may be empty.
    std::function<void(std::int64_t done, std::int64_t blocks)> progress{};
};

}  // namespace gdn2::cuda
