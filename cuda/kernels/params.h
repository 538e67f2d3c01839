// What kernels are given: plain structs, the same for nvcc and g++. All pointers are device memory.
//   layout  q k g b [tokens, key_heads, key_dim]     v w o [tokens, value_heads, value_dim], token = batch * length + t
//           states  [sequences, value_heads, key_dim, value_dim], or with value_first [..., value_dim, key_dim]
//   tests   tests/cuda/launch/plan_test.cpp
#pragma once

#include <cstdint>

namespace gdn2::cuda {

/// Tokens of one chunk.
inline constexpr int chunk_length = 64;

/// Which tokens belong to which sequence.
struct Sequences {
    std::int64_t count;       ///< sequences
    std::int64_t length;      ///< of each; 0 when packed
    const void* cu_seqlens;   ///< packed: [count + 1] starts, else null
    bool wide;                ///< cu_seqlens is int64, else int32
};

/// How g is meant.
enum class Decay : int {
    log,       ///< g is the log-decay
    softplus,  ///< log-decay = -exp(A_log[head]) softplus(g + dt_bias[head, channel])
    bounded    ///< log-decay = lower_bound sigmoid(exp(A_log[head]) (g + dt_bias[head, channel]))
};

/// The inputs on the key axis.
struct KeySide {
    const void *q, *k, *b;  ///< elements
    const void* g;          ///< elements, or float where g_is_float
    bool g_is_float;
    Decay decay;
    const float* A_log;     ///< [key_heads]; for Decay::log unused
    const float* dt_bias;   ///< [key_heads, key_dim]; null: zeros
    float lower_bound;      ///< of Decay::bounded, <= 0
    bool normalise;         ///< q and k are divided by sqrt(sum of squares + norm_epsilon) first
    float norm_epsilon;
    float scale;            ///< of o
    int heads, dim;
    bool pairs;             ///< rows may be read two numbers at a time (even dim, aligned pointers)
};

/// The inputs and outputs on the value axis.
struct ValueSide {
    const void *v, *w;  ///< elements
    void* o;            ///< elements
    int heads, dim;
    bool units;         ///< rows may be moved 16 bytes at a time
};

/// The states, float. An absent initial state is zeros, an absent final state is not wanted.
struct States {
    const float* initial_state;
    float* final_state;
    bool value_first;
};

/// Everything of the token-by-token kernels.
struct RecurrentParams {
    Sequences sequences;
    KeySide key;
    ValueSide value;
    States states;
};

/// Bytes of one chunk and key head in the workspace, the order in which scan consumes them:
///     -E_0 .. -E_n-1   A   Qg_0 .. Qg_n-1   A_qk   (K_tail_0 gamma_0) .. (K_tail_n-1 gamma_n-1)
/// where slab i is channels 64 i .. 64 i + 63, each a tile (tile.h), gamma_i 64 floats: the chunk's whole decay.
struct Workspace {
    unsigned char* records;     ///< [chunk slots, key_heads] records
    std::int64_t record_bytes;
    int slabs;                  ///< 1, 2 or 4
};

struct PrepareParams {
    Sequences sequences;
    KeySide key;
    Workspace workspace;
};

struct ScanParams {
    Sequences sequences;
    Workspace workspace;
    ValueSide value;
    States states;
    int key_heads, key_dim;
};

/// One decoding step of 1 to 16 tokens per sequence, states in place.
struct DecodeParams {
    KeySide key;              ///< tokens = sequences * tokens
    ValueSide value;
    void* states;             ///< [slots, value_heads, value_dim, key_dim], float or bf16
    const std::int32_t* slots;  ///< [sequences] state of each sequence, negative: skip; null: its own number
    int sequences, tokens;
};

}  // namespace gdn2::cuda
