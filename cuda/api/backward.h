// The backward pass of tensors that are on a CUDA device, for programs with streams of their own. Plain C++.
//   equations  Eqs. 26-28, 49-82 in the R form     tests  tests/cuda/kernels/backward_test.cpp, device_api_test.cpp
#pragma once

#include "cuda/api/forward.h"

namespace gdn2::cuda {

/// Gradients of the loss <o, d_o> + <final_state, d_final_state>, on the device.
struct BackwardArguments {
    /// Of the forward pass, by the chunk path; value.o and states.final_state are not looked at here.
    ForwardArguments forward{};
    const void* d_o = nullptr;               ///< elements, as o
    const float* d_final_state = nullptr;    ///< as final_state; null: zeros
    void *d_q = nullptr, *d_k = nullptr, *d_b = nullptr, *d_v = nullptr, *d_w = nullptr;  ///< elements, as q k b v w
    float* d_g = nullptr;                    ///< float, in the layout of g; of g as it is given, before its gate
    float* d_initial_state = nullptr;        ///< as initial_state; null: not wanted
    float* d_gate = nullptr;  ///< for a gated decay: [key_heads, key_dim] of dt_bias, then [key_heads] of A_log
    bool saved = false;       ///< enqueue_forward_saving has filled the workspace: two kernels of four are left
};

/// Bytes of device memory that enqueue_backward and enqueue_forward_saving need besides.
std::size_t backward_workspace_bytes(const BackwardArguments& arguments);

/// Enqueues the backward pass on a stream (cudaStream_t; null: the default stream) and returns, as enqueue_forward
/// does (forward.h). The forward pass is computed again unless it was `saved`. `workspace`: backward_workspace_bytes()
/// bytes, 16-byte aligned. No atomics: the same bits every time. Throws Error for what does not fit, CudaError for what
/// the driver says.
void enqueue_backward(const BackwardArguments& arguments, void* workspace, void* stream = nullptr);

/// Enqueues a forward pass that leaves in the workspace what enqueue_backward needs with `saved`. Writes
/// forward.value.o and, where wanted, forward.states.final_state; of the rest only the shapes are looked at.
void enqueue_forward_saving(const BackwardArguments& arguments, void* workspace, void* stream = nullptr);

}  // namespace gdn2::cuda
