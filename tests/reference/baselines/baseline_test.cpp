// The decays of a chunk against their definition, and their adjoint against central differences.
#include "reference/baselines/baseline.h"

#include <doctest/doctest.h>

#include <limits>

namespace gdn2::baselines {
namespace {

Vector<double> alphas() {
    Vector<double> alpha(5);
    alpha << 0.9, 0.5, 0.7, 1.0, 0.3;
    return alpha;
}

TEST_CASE("a chunk's decays are products of the alphas between two tokens") {
    const Vector<double> alpha = alphas();
    const ChunkDecay<double> decay = chunk_decay(alpha);
    for (Index r = 0; r < 5; ++r) {
        CHECK(decay.from_start[r] == doctest::Approx(alpha.head(r + 1).prod()).epsilon(1e-15));
        CHECK(decay.to_end[r] == doctest::Approx(alpha.tail(4 - r).prod()).epsilon(1e-15));
        for (Index s = 0; s < 5; ++s) {
            const double expected = s > r ? 0 : alpha.segment(s + 1, r - s).prod();
            CHECK(decay.between(r, s) == doctest::Approx(expected).epsilon(1e-15));
        }
    }
    CHECK(decay.whole() == decay.from_start[4]);
}

TEST_CASE("the adjoint of a chunk's decays equals central differences") {
    const auto loss = [](const Vector<double>& g) {
        const ChunkDecay<double> decay = chunk_decay<double>(g.array().exp());
        double sum = 0;
        for (Index r = 0; r < 5; ++r) {
            sum += static_cast<double>(r + 1) * decay.from_start[r] + static_cast<double>(3 - r) * decay.to_end[r];
            for (Index s = 0; s <= r; ++s) sum += static_cast<double>(2 * r - 3 * s + 1) * decay.between(r, s);
        }
        return sum;
    };
    ChunkDecay<double> d{Vector<double>(5), Vector<double>(5), Matrix<double>::Zero(5, 5)};
    for (Index r = 0; r < 5; ++r) {
        d.from_start[r] = static_cast<double>(r + 1);
        d.to_end[r] = static_cast<double>(3 - r);
        for (Index s = 0; s <= r; ++s) d.between(r, s) = static_cast<double>(2 * r - 3 * s + 1);
    }
    const Vector<double> dg = chunk_decay_backward(chunk_decay(alphas()), d);
    constexpr double h = 1e-6;
    for (Index i = 0; i < 5; ++i) {
        Vector<double> up = alphas().array().log(), down = up;
        up[i] += h;
        down[i] -= h;
        CHECK(dg[i] == doctest::Approx((loss(up) - loss(down)) / (2 * h)).epsilon(1e-8));
    }
}

TEST_CASE("exp of -inf is exactly 0 in every precision") {
    const Matrix<float> g = Matrix<float>::Constant(3, 9, -std::numeric_limits<float>::infinity());
    CHECK(exp_of(g) == Matrix<float>::Zero(3, 9));
    const Matrix<double> h = Matrix<double>::Constant(3, 9, -std::numeric_limits<double>::infinity());
    CHECK(exp_of(h) == Matrix<double>::Zero(3, 9));
}

TEST_CASE("a span of rows keeps the stride of its heads") {
    const Matrix<double> all = Matrix<double>::Random(6, 8);
    const Rows<double> head{all.data() + 2, 6, 3, Eigen::OuterStride<>(8)};
    CHECK(span_of(head, 2, 3) == all.block(2, 2, 3, 3));
}

}  // namespace
}  // namespace gdn2::baselines
