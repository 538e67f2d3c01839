// How surprised a model is by the right answers, over the tokens that count.
//   loss = mean over counted tokens of log(sum_j exp(l_j)) - l_target
//   d_logits = (softmax(l) - [j = target]) / count, and 0 where a token does not count
// The largest logit is taken out before exp, so that nothing overflows.
//   tests  tests/reference/layers/cross_entropy_test.cpp
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reference/core/matrix.h"

namespace gdn2 {

/// The target of a token that does not count.
inline constexpr std::int32_t ignored_target = -100;

/// What a batch of logits costs, and how often it is right.
template <class Scalar>
struct CrossEntropy {
    Scalar loss{};            ///< the mean; 0 when nothing counts
    Matrix<Scalar> d_logits;  ///< the gradient of the mean
    Index count = 0;          ///< tokens that count
    Index correct = 0;        ///< of these, how often the largest logit is the target's
};

/// Of logits [tokens, vocabulary] and one target each. Throws Error on a wrong number of targets, or one that is
/// neither in [0, vocabulary) nor ignored, with its position.
template <class Scalar>
CrossEntropy<Scalar> cross_entropy(const Matrix<Scalar>& logits, std::span<const std::int32_t> targets);

/// The column of each row's largest number, the first where several are. Throws Error when there are no columns.
template <class Scalar>
std::vector<std::int32_t> largest_columns(const Matrix<Scalar>& logits);

}  // namespace gdn2
