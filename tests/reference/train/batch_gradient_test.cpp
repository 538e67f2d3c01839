// A batch in groups and on threads against the whole batch at once, on a model of an embedding and a head.
#include "reference/train/batch_gradient.h"

#include <doctest/doctest.h>

#include <cmath>
#include <mutex>
#include <set>

#include "tests/reference/train/bigram.h"

namespace gdn2::test {

/// A bigram that notes what it kept its activations in.
template <class Scalar>
struct Watched : Bigram<Scalar> {
    using typename Bigram<Scalar>::Kept;
    explicit Watched(const Bigram<Scalar>& model) : Bigram<Scalar>(model) {}

    Matrix<Scalar> forward(std::span<const std::int32_t> tokens, Batch batch, Kept* kept) const {
        const std::lock_guard lock(mutex);
        kept_in.insert(kept);
        return Bigram<Scalar>::forward(tokens, batch, kept);
    }
    Watched zeros() const { return Watched(Bigram<Scalar>::zeros()); }

    static inline std::mutex mutex;
    static inline std::set<const Kept*> kept_in;
};

}  // namespace gdn2::test

using namespace gdn2;
using namespace gdn2::test;

namespace {

constexpr std::int32_t words = 7;

/// Random tokens, of whose targets the first sequences have many, later ones fewer and the last group none.
struct Drawn {
    std::vector<std::int32_t> tokens, targets;
    Batch batch;

    Drawn(Index sequences, std::uint64_t seed) : batch{sequences, 5} {
        Random random(seed);
        for (Index i = 0; i < batch.tokens(); ++i) {
            tokens.push_back(static_cast<std::int32_t>(random.integer(0, words - 1)));
            const bool counts = i == 0 || random.uniform() < 0.9 - 0.9 * static_cast<double>(i) / 40;
            targets.push_back(counts ? static_cast<std::int32_t>(random.integer(0, words - 1))
                                     : ignored_target);
        }
    }
    LabelledTokens labelled() const { return {batch, tokens, targets}; }
};

/// Loss and gradient of the whole batch in one piece.
template <class Scalar>
double in_one_piece(const Bigram<Scalar>& model, const Drawn& drawn, Bigram<Scalar>& d) {
    typename Bigram<Scalar>::Kept kept;
    const auto entropy = cross_entropy(model.forward(drawn.tokens, drawn.batch, &kept), drawn.targets);
    model.backward(kept, entropy.d_logits, d);
    return static_cast<double>(entropy.loss);
}

template <class Scalar>
double distance(const Parameters<Scalar>& a, const Parameters<Scalar>& b) {
    double most = 0;
    for (std::size_t p = 0; p < a.size(); ++p)
        for (Index i = 0; i < a[p].size(); ++i)
            most = std::max(most, std::abs(static_cast<double>(a[p].data[i] - b[p].data[i])));
    return most;
}

}  // namespace

TEST_CASE("groups weigh as much as the tokens that count in them") {
    const Bigram<double> model(words, 4, 1);
    BatchGradient<double, Bigram> batch_gradient;
    for (const Index sequences : {10, 3, 11, 4}) {  // more and less: buffers are kept and begin at 0
        CAPTURE(sequences);
        const Drawn drawn(sequences, 3);
        Bigram<double> d = model.zeros();
        const double loss = in_one_piece(model, drawn, d);
        const BatchLoss found = batch_gradient.compute(model, drawn.labelled(), 2);
        CHECK(std::abs(found.loss - loss) <= 1e-14);
        CHECK(distance(batch_gradient.gradients(), d.parameters()) <= 1e-15);
        CHECK(found.counted ==
              std::count_if(drawn.targets.begin(), drawn.targets.end(), [](auto t) { return t >= 0; }));
        CHECK(found.correct <= found.counted);
    }
}

TEST_CASE("loss and gradient are the same bit for bit on any number of threads") {
    const Bigram<float> model(words, 4, 1);
    const Drawn drawn(30, 8);
    BatchGradient<float, Bigram> one;
    const BatchLoss first = one.compute(model, drawn.labelled(), 1);
    for (const int threads : {2, 3, 8}) {
        BatchGradient<float, Bigram> more;
        const BatchLoss again = more.compute(model, drawn.labelled(), threads);
        CHECK(again.loss == first.loss);
        CHECK(again.correct == first.correct);
        CHECK(distance(one.gradients(), more.gradients()) == 0);
    }
}

TEST_CASE("a batch in which nothing counts is refused") {
    const Bigram<double> model(words, 4, 1);
    Drawn drawn(2, 1);
    for (std::int32_t& target : drawn.targets) target = ignored_target;
    BatchGradient<double, Bigram> batch_gradient;
    CHECK_THROWS_WITH_AS(batch_gradient.compute(model, drawn.labelled(), 1),
                         "a batch without a target has no loss", Error);
}

TEST_CASE("activations are kept for each thread and not for each group") {
    const Drawn drawn(40, 3);
    const Watched<double> model(Bigram<double>(words, 4, 1));
    for (const int threads : {1, 2}) {
        Watched<double>::kept_in.clear();
        BatchGradient<double, Watched> batch_gradient;
        batch_gradient.compute(model, drawn.labelled(), threads);
        CHECK(static_cast<int>(Watched<double>::kept_in.size()) <= threads);
    }
}
