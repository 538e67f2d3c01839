// Every kernel by name, from all_kernels.def, and one call of one.
//   tests  tests/cuda/launch/plan_test.cpp
#pragma once

#include <cstddef>
#include <variant>

#include "cuda/kernels/layer_params.h"

namespace gdn2::cuda {

enum class KernelId {
#define GDN2_KERNEL(id, function, parameters) id,
#include "cuda/launch/all_kernels.def"
    count
};

/// The enumerator as written.
const char* name_of(KernelId id);

/// Sizes of a grid or block.
struct Extent {
    unsigned x = 1, y = 1;
};

/// One launch: everything but the stream.
struct KernelCall {
    KernelId id;
    Extent grid;
    unsigned threads;
    std::size_t shared_bytes;
    std::variant<RecurrentParams, PrepareParams, ScanParams, CarryParams, DecodeParams, ChunkGradParams,
                 KeyAdjointParams, ProductParams, RowSumParams, ConvParams, ConvGradientParams, NormParams,
                 NormGradientParams, LogitGradientParams>
        params;
};

}  // namespace gdn2::cuda
