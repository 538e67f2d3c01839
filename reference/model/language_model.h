// Tokens to logits: embedding, pre-norm residual blocks, a norm, a linear head. Forward, adjoint, token by token.
//   tests  tests/reference/model/language_model_test.cpp
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "reference/layers/batch.h"
#include "reference/layers/embedding.h"
#include "reference/layers/linear.h"
#include "reference/layers/rms_norm.h"
#include "reference/model/block.h"
#include "reference/model/config.h"

namespace gdn2 {

/// Const functions may run on several threads at once.
template <class Scalar>
class LanguageModel {
public:
    /// What forward keeps for backward.
    struct Kept {
        Batch batch;
        std::vector<std::int32_t> tokens;
        std::vector<BlockKept<Scalar>> blocks;
        Matrix<Scalar> last;    ///< what enters the last norm
        Matrix<Scalar> normed;  ///< what enters the head
    };
    /// What decoding one sequence carries from token to token.
    struct State {
        std::vector<std::unique_ptr<typename Mixer<Scalar>::State>> mixers;
    };

    /// Parameters are drawn from `seed` alone, in float64 whatever Scalar is. Calls `before_block` before it draws a
    /// block's: what that throws ends it. Throws Error as validate does.
    LanguageModel(const ModelConfig& config, std::uint64_t seed, const std::function<void()>& before_block = {});

    const ModelConfig& config() const { return config_; }

    /// Logits [batch * length, vocabulary]. Fills `kept` unless null. Throws Error on a token outside the vocabulary
    /// and when there are not batch * length tokens.
    Matrix<Scalar> forward(std::span<const std::int32_t> tokens, Batch batch, Kept* kept = nullptr) const;

    /// Adds the gradients of the parameters to `d`, a model made by zeros().
    void backward(const Kept& kept, const Matrix<Scalar>& d_logits, LanguageModel& d) const;

    /// The state before the first token.
    State start() const;
    /// Logits [vocabulary] after the next token: what forward gives in that row.
    Vector<Scalar> step(std::int32_t token, State& state) const;
    /// Numbers that a state of `length` tokens holds, all layers together.
    Index state_size(Index length) const;

    /// All parameters, by the names of a file: embeddings.weight, layers.0.mixer.q_proj.weight, norm.weight,
    /// lm_head.weight. The views live as long as this model.
    Parameters<Scalar> parameters();
    /// The same model with every parameter 0: a gradient to add to.
    LanguageModel zeros() const;

private:
    LanguageModel() = default;

    ModelConfig config_;
    Embedding<Scalar> embedding_;
    std::vector<Block<Scalar>> blocks_;
    RmsNorm<Scalar> norm_;
    Linear<Scalar> head_;
};

}  // namespace gdn2
