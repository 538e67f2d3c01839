// Causal depthwise convolution over time: each channel sees its own last `width` tokens, nothing before the
// sequence's first. No activation inside.
//   y_t = bias + sum over lags j = 0 .. width - 1 of W[:, width - 1 - j] * x_{t-j}        (elementwise in channels)
//   dx_s = sum_j W[:, width - 1 - j] * dy_{s+j}      dW[:, width - 1 - j] = sum_t dy_t * x_{t-j}
//   tests  tests/reference/layers/short_conv_test.cpp
#pragma once

#include <string>

#include "reference/core/random.h"
#include "reference/layers/batch.h"
#include "reference/layers/parameter.h"

namespace gdn2 {

/// As PyTorch's Conv1d with groups = channels: the last tap meets the current token.
template <class Scalar>
struct ShortConv {
    Matrix<Scalar> weight;  ///< [channels, width], in a file [channels, 1, width]
    Vector<Scalar> bias;    ///< [channels], or empty for none

    Index channels() const { return weight.rows(); }
    Index width() const { return weight.cols(); }
};

/// PyTorch's first values: weight and bias uniform within 1 / sqrt(width).
template <class Scalar>
ShortConv<Scalar> make_short_conv(Index channels, Index width, bool bias, Random& random);

/// y of x, both [batch * length, channels]. Throws Error when x has another shape.
template <class Scalar>
Matrix<Scalar> forward(const ShortConv<Scalar>& conv, const Matrix<Scalar>& x, Batch batch);

/// dx; adds to `d`. Throws Error when x or dy has another shape.
template <class Scalar>
Matrix<Scalar> backward(const ShortConv<Scalar>& conv, const Matrix<Scalar>& x, Batch batch,
                        const Matrix<Scalar>& dy, ShortConv<Scalar>& d);

/// What decoding carries: the last width - 1 tokens.
template <class Scalar>
struct ShortConvCache {
    Matrix<Scalar> past;  ///< [width - 1, channels], oldest first, 0 before the first token
};

/// The cache before the first token; without rows where there is no convolution.
template <class Scalar>
ShortConvCache<Scalar> start(const ShortConv<Scalar>& conv);

/// y [1, channels] of the next token x [1, channels]: the bits of forward's row.
template <class Scalar>
Matrix<Scalar> step(const ShortConv<Scalar>& conv, const Matrix<Scalar>& x, ShortConvCache<Scalar>& cache);

/// `prefix` + weight, bias.
template <class Scalar>
void collect(const std::string& prefix, ShortConv<Scalar>& conv, Parameters<Scalar>& into);

}  // namespace gdn2
