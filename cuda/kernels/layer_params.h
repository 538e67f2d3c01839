// What the kernels of a layer are given, beside params.h. All pointers are device memory; "elements" are numbers of the
// kernel's type, float, bf16 or f16. Gradients of parameters, and sums on their way to one, are float always.
//   tests  tests/cuda/kernels/linear_test.cpp, short_conv_test.cpp, gated_rms_norm_test.cpp,
//          mixer_test.cpp
#pragma once

#include "cuda/kernels/params.h"

namespace gdn2::cuda {

/// What numbers pass through one by one.
enum class Activation : int { none, sigmoid, silu };

/// C = most activation(A B + bias + addend), for matrices as a linear layer has them:
///     linear                  y = x W^T       A = x  [rows, depth]    B^T = W [columns, depth]
///     linear_input_gradient   dx = dy W       A = dy [rows, depth]    B = W   [depth, columns]
///     linear_weight_gradient  dW = dy^T x     A^T = dy [depth, rows]  B = x   [depth, columns]
struct ProductParams {
    const void *A, *B;         ///< elements, stored as above, rows one after another
    void* C;                   ///< [splits, rows, columns], elements or float
    bool C_is_float;
    std::int64_t rows, depth;
    int columns;
    int splits;                ///< the depth is cut into so many parts, each with a C of its own; 1: it is not
    const float* bias;         ///< [columns], or null
    const float* addend;       ///< [rows, columns], or null; may be C itself
    Activation activation;
    float most;                ///< 1; 2 for an erase gate that may turn eigenvalues negative
    bool A_units, B_units;     ///< stored rows may be read 16 bytes at a time
};

/// y = activation(causal depthwise convolution of x + bias); a width of 1 and no weight is no convolution.
struct ConvParams {
    Sequences sequences;
    const void* x;             ///< elements [tokens, channels]
    const float* weight;       ///< [channels, width], the last tap meets the current token; null: 1
    const float* bias;         ///< [channels], or null
    int channels, width;       ///< width 1 to 8
    Activation activation;     ///< none or silu
    void* y;                   ///< elements [tokens, channels]
    const void* initial_past;  ///< elements [sequences, width - 1, channels], oldest first; null: zeros
    void* final_past;          ///< the same after the last token, or null
};

/// Its adjoint; sequences start from zeros. y is not looked at.
struct ConvGradientParams {
    ConvParams forward;
    const void* dy;            ///< elements [tokens, channels]
    void* dx;                  ///< elements [tokens, channels]
    float* weight_partials;    ///< [chunk slots, channels, width]: each chunk's part of dW; or null
    float* bias_partials;      ///< [chunk slots, channels], or null
};

/// y = x / rms(x) weight activation(gate), a row at a time.
struct NormParams {
    const void* x;             ///< elements [rows, dim]
    const void* gate;          ///< elements [rows, dim]; null: no gate
    const float* weight;       ///< [dim]
    std::int64_t rows;
    int dim;                   ///< 1 to 256
    float epsilon;             ///< rms = sqrt(mean of squares + epsilon)
    Activation activation;     ///< sigmoid or silu
    void* y;                   ///< elements [rows, dim]
};

/// Its adjoint. y is not looked at.
struct NormGradientParams {
    NormParams forward;
    const void* dy;            ///< elements [rows, dim]
    void *dx, *d_gate;         ///< elements [rows, dim]; d_gate null as gate is
    float* partials;           ///< [blocks, dim]: each block's part of d_weight
};

/// The gradient of a gate's logits.
struct LogitGradientParams {
    const void* dy;            ///< elements or float
    bool dy_is_float;
    const void* y;             ///< elements, most sigmoid(logits); null: y is the logits themselves
    float most;
    void* d_logits;            ///< elements
    std::int64_t count;
};

/// sums[s, column] = the sum of x over rows s rows_each .. of [rows, columns], added up in one order always.
struct RowSumParams {
    const void* x;             ///< elements
    std::int64_t rows, rows_each;
    std::int64_t columns;
    float* sums;               ///< [rows / rows_each, rounded up; columns]
};

}  // namespace gdn2::cuda
