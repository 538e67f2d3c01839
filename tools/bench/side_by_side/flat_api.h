// cuda/api with a flat face, for programs that are not C++: plain structs, and functions that give back 0 or leave a
// message. side_by_side.py calls it through ctypes on tensors of its own.
//   tests  tests/tools/bench/flat_api_test.cpp
#pragma once

#include <cstdint>

extern "C" {

/// A problem on the device, as ForwardArguments. Tensors are contiguous; g and the states are float.
struct Gdn2Problem {
    std::int64_t batch, length;      ///< packed: 1 and all tokens
    std::int64_t sequences;          ///< packed: how many; else 0
    std::int32_t heads, value_heads, key_dim, value_dim;
    std::int32_t precision;          ///< 0 f32, 1 bf16, 2 f16
    std::int32_t decay;              ///< 0 g is the log-decay, 1 softplus, 2 bounded
    std::int32_t normalise;          ///< q and k get unit length first
    std::int32_t value_first;        ///< layout of the states
    float scale, lower_bound;
    const void *q, *k, *v, *g, *b, *w;
    const std::int64_t* cu_seqlens;  ///< packed: [sequences + 1], else null
    const float *A_log, *dt_bias, *initial_state;
    void* o;
    float* final_state;
};

/// The gradients, as BackwardArguments.
struct Gdn2Gradients {
    const void* d_o;
    const float* d_final_state;
    void *d_q, *d_k, *d_v;
    float* d_g;
    void *d_b, *d_w;
    float *d_initial_state, *d_gate;
    std::int32_t saved;              ///< gdn2_forward_saving has filled the workspace
};

/// What the last call of this thread that failed had to say, in one line.
const char* gdn2_error();

/// Bytes of workspace, or -1.
std::int64_t gdn2_forward_workspace(const Gdn2Problem* problem);
std::int64_t gdn2_backward_workspace(const Gdn2Problem* problem);

/// Each enqueues on `stream` (cudaStream_t) and gives back 0, or 1: see gdn2_error.
int gdn2_forward(const Gdn2Problem* problem, void* workspace, void* stream);
int gdn2_forward_saving(const Gdn2Problem* problem, void* workspace, void* stream);
int gdn2_backward(const Gdn2Problem* problem, const Gdn2Gradients* gradients, void* workspace, void* stream);

/// One step of `length` tokens for each of `batch` sequences; `states` [batch, value_heads, value_dim, key_dim], float
/// or bf16, is updated in place.
int gdn2_decode(const Gdn2Problem* problem, void* states, int state_is_bf16, void* stream);
}
