// Decoding on a CUDA device: one to sixteen tokens for each of many sequences, states updated in place.
//   equations  Eqs. 8-10     tests  tests/cuda/kernels/decode_test.cpp
#pragma once

#include "cuda/api/options.h"

namespace gdn2::cuda {

/// Tensors on the device; key.q and so on are [sequences, tokens, heads, dim].
struct DecodeArguments {
    Precision precision = Precision::bf16;
    bool state_is_bf16 = false;
    int sequences = 0, tokens = 1;         ///< tokens of each, 1 to 16
    KeySide key{};
    ValueSide value{};
    void* states = nullptr;                ///< [slots, value_heads, value_dim, key_dim], value first; 16-byte aligned
    const std::int32_t* slots = nullptr;   ///< [sequences] state of each, no two alike; negative: left alone, and its
                                           ///< o is not written. null: sequence n has state n
};

/// Enqueues one step on a stream (cudaStream_t) and returns; nothing for no sequences. Throws Error for what
/// does not fit.
void enqueue_decode(const DecodeArguments& arguments, void* stream = nullptr);

}  // namespace gdn2::cuda
