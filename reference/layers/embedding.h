// A row of the weight for each token.
//   y_t = W[token_t]      dW[token_t] += dy_t
//   tests  tests/reference/layers/embedding_test.cpp
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "reference/core/random.h"
#include "reference/layers/parameter.h"

namespace gdn2 {

/// A row for each token of the vocabulary.
template <class Scalar>
struct Embedding {
    Matrix<Scalar> weight;  ///< [vocabulary, dim]

    Index vocabulary() const { return weight.rows(); }
    Index dim() const { return weight.cols(); }
};

/// Rows normal with mean 0 and this deviation.
template <class Scalar>
Embedding<Scalar> make_embedding(Index vocabulary, Index dim, double deviation, Random& random);

/// y [tokens, dim]. Throws Error on a token outside [0, vocabulary), with its position.
template <class Scalar>
Matrix<Scalar> forward(const Embedding<Scalar>& layer, std::span<const std::int32_t> tokens);

/// Adds to `d`; tokens have no gradient. Throws Error as forward does, and when dy is not [tokens, dim].
template <class Scalar>
void backward(const Embedding<Scalar>& layer, std::span<const std::int32_t> tokens, const Matrix<Scalar>& dy,
              Embedding<Scalar>& d);

/// `prefix` + weight.
template <class Scalar>
void collect(const std::string& prefix, Embedding<Scalar>& layer, Parameters<Scalar>& into);

}  // namespace gdn2
