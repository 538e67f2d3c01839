// The least model that can be trained: every token's logits are those of the token alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reference/layers/batch.h"
#include "reference/layers/embedding.h"
#include "reference/layers/linear.h"

namespace gdn2::test {

/// An embedding and a head, with LanguageModel's functions.
template <class Scalar>
class Bigram {
public:
    struct Kept {
        std::vector<std::int32_t> tokens;
        Matrix<Scalar> x;
    };

    Bigram(Index vocabulary, Index dim, std::uint64_t seed) {
        Random random(seed);
        embedding_ = make_embedding<Scalar>(vocabulary, dim, 1, random);
        head_ = make_linear<Scalar>(dim, vocabulary, {}, random);
    }

    Matrix<Scalar> forward(std::span<const std::int32_t> tokens, Batch, Kept* kept) const {
        kept->tokens.assign(tokens.begin(), tokens.end());
        kept->x = gdn2::forward(embedding_, tokens);
        return gdn2::forward(head_, kept->x);
    }

    void backward(const Kept& kept, const Matrix<Scalar>& d_logits, Bigram& d) const {
        gdn2::backward(embedding_, kept.tokens, gdn2::backward(head_, kept.x, d_logits, d.head_),
                       d.embedding_);
    }

    Parameters<Scalar> parameters() {
        Parameters<Scalar> all;
        collect("embeddings.", embedding_, all);
        collect("lm_head.", head_, all);
        return all;
    }

    Bigram zeros() const {
        Bigram d = *this;
        d.embedding_ = zeros_like(embedding_);
        d.head_ = zeros_like(head_);
        return d;
    }

private:
    Embedding<Scalar> embedding_;
    Linear<Scalar> head_;
};

}  // namespace gdn2::test
