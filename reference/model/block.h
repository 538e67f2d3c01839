// One pre-norm residual block: x + mixer(norm(x)), or x + mlp(norm(x)).
//   tests  tests/reference/model/language_model_test.cpp
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "reference/layers/mixer.h"
#include "reference/layers/mlp.h"
#include "reference/layers/rms_norm.h"

namespace gdn2 {

/// A norm and what it feeds.
template <class Scalar>
struct Block {
    std::string name;  ///< in files: "layers.0.mixer", "layers.0.mlp"
    RmsNorm<Scalar> norm;
    std::variant<std::unique_ptr<Mixer<Scalar>>, Mlp<Scalar>> inner;
};

/// What forward keeps for backward.
template <class Scalar>
struct BlockKept {
    Matrix<Scalar> x, normed;
    std::unique_ptr<typename Mixer<Scalar>::Kept> mixer;
    MlpKept<Scalar> mlp;
};

/// y of x [batch * length, d_model]. Fills `kept` unless null.
template <class Scalar>
Matrix<Scalar> forward(const Block<Scalar>& block, const Matrix<Scalar>& x, Batch batch, BlockKept<Scalar>* kept);

/// dx; adds to `d`.
template <class Scalar>
Matrix<Scalar> backward(const Block<Scalar>& block, const BlockKept<Scalar>& kept, const Matrix<Scalar>& dy,
                        Block<Scalar>& d);

/// `name` + _norm.weight, then the inner layer's under `name` + ".".
template <class Scalar>
void collect(Block<Scalar>& block, Parameters<Scalar>& into);

/// The same block with every parameter 0.
template <class Scalar>
Block<Scalar> zeros(const Block<Scalar>& block);

}  // namespace gdn2
