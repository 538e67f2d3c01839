// The forward pass of tensors that are on a CUDA device, for programs with streams of their own. Plain C++.
//   equations  Eqs. 8-10, 20-25     tests  tests/cuda/launch/device_api_test.cpp
#pragma once

#include "cuda/api/options.h"

namespace gdn2::cuda {

/// Tensors on the device. Fill in what params.h says but `pairs` and `units`, which are found out here.
struct ForwardArguments {
    Precision precision = Precision::bf16;
    ForwardPath path = ForwardPath::chunk;
    ScanChoice scan = {};
    std::int64_t tokens = 0;  ///< of the whole batch: batch * length
    Sequences sequences{};
    KeySide key{};
    ValueSide value{};
    States states{};
};

/// Bytes of device memory that enqueue_forward needs besides: 0 for the recurrent paths.
std::size_t forward_workspace_bytes(const ForwardArguments& arguments);

/// Enqueues the forward pass on a stream (cudaStream_t; null: the default stream) and returns. Allocates nothing,
/// waits for nothing and never looks at cu_seqlens, so it may be captured in a graph.
/// `workspace`: forward_workspace_bytes() bytes, 16-byte aligned. Throws Error for what does not fit, CudaError for
/// what the driver says.
void enqueue_forward(const ForwardArguments& arguments, void* workspace, void* stream = nullptr);

}  // namespace gdn2::cuda
