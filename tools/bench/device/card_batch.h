// Tensors on a card to time kernels with.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "cuda/api/forward.h"
#include "cuda/launch/backend.h"
#include "cuda/launch/device_buffer.h"
#include "cuda/launch/device_data.h"
#include "tools/bench/devices.h"

namespace gdn2::bench {

/// Random tensors of one shape on the card. Keys and queries have about unit length.
class Batch {
public:
    Batch(const KernelShape& n, cuda::Precision precision) : precision_(precision) {
        const std::int64_t tokens = n.batch * n.length, keys = tokens * n.heads * n.key_dim,
                           values = tokens * n.states() * n.value_dim;
        const float unit = std::sqrt(3.0f / static_cast<float>(n.key_dim));
        forward.precision = precision;
        forward.tokens = tokens;
        forward.sequences = {n.batch, n.length, nullptr, false};
        forward.key.q = random(keys, -unit, unit);
        forward.key.k = random(keys, -unit, unit);
        forward.key.b = random(keys, 0, 1);
        forward.key.g = random(keys, -0.1f, -0.001f, cuda::Precision::f32);
        forward.key.g_is_float = true;
        forward.key.scale = 1 / std::sqrt(static_cast<float>(n.key_dim));
        forward.key.heads = static_cast<int>(n.heads);
        forward.key.dim = static_cast<int>(n.key_dim);
        forward.value.v = random(values, -1, 1);
        forward.value.w = random(values, 0, 1);
        forward.value.o = random(values, 0, 0);
        forward.value.heads = static_cast<int>(n.states());
        forward.value.dim = static_cast<int>(n.value_dim);
        const std::int64_t states = n.batch * n.states() * n.key_dim * n.value_dim;
        forward.states = {nullptr, static_cast<float*>(random(states, -1, 1, cuda::Precision::f32)), true};
    }

    void* empty(std::size_t bytes) {
        return buffers_.emplace_back(cuda::cuda_backend(), bytes, "gdn2-bench").data();
    }

    void* random(std::int64_t count, float low, float high) { return random(count, low, high, precision_); }
    void* random(std::int64_t count, float low, float high, cuda::Precision precision) {
        void* memory = empty(static_cast<std::size_t>(count) * cuda::size_of(precision));
        cuda::fill_uniform(cuda::Device::cuda, memory, count, precision, low, high, ++seed_);
        return memory;
    }

    cuda::ForwardArguments forward;

private:
    cuda::Precision precision_;
    std::uint64_t seed_ = 2026;
    std::vector<cuda::DeviceBuffer> buffers_;
};

}  // namespace gdn2::bench
