// tools/bench/flops.h against the operations counted one product at a time.
#include "tools/bench/flops.h"

#include <doctest/doctest.h>

using namespace gdn2;
using namespace gdn2::bench;

namespace {

/// Operations per token of a product of [rows, inner] and [inner, columns] that serves a chunk of `chunk`
/// tokens.
double product(double rows, double columns, double inner, double chunk) {
    return 2 * rows * columns * inner / chunk;
}

}  // namespace

TEST_CASE("the models credit the forward passes at dim 128 and chunk 64 with their known counts") {
    CHECK(flops(Path::recurrent, Pass::forward, {128, 128, 64}) == 7 * 128 * 128);
    CHECK(flops(Path::chunk, Pass::forward, {128, 128, 64}) == doctest::Approx(181589.3).epsilon(1e-6));
}

TEST_CASE("the chunkwise models are the sums of their products for unequal sizes") {
    const double C = 16, K = 24, V = 40;
    const double inverse = C * C * C / 3 / C;
    const double T = product(C, C, K, C), A_qk = T, Y = product(C, K, C, C), U = product(C, V, C, C);
    const double by_state = product(C, V, K, C), attend = U;
    const double forward = T + A_qk + Y + U + inverse + 3 * by_state + attend;
    CHECK(flops(Path::chunk, Pass::forward, {K, V, C}) == doctest::Approx(forward));

    const double square_by_key = product(C, K, C, C), square_by_value = product(C, V, C, C);
    const double rebuilt = T + A_qk + Y + U + inverse + by_state;
    const double inverse_backward = 2 * product(C, C, C, C);
    const double backward =
        6 * by_state + 4 * square_by_value + 2 * square_by_key + inverse_backward + 4 * square_by_key;
    CHECK(flops(Path::chunk, Pass::backward, {K, V, C}) == doctest::Approx(rebuilt + backward));

    const double solve = square_by_value;
    CHECK(flops(Path::residual, Pass::forward, {K, V, C}) ==
          doctest::Approx(T + A_qk + solve + attend + 3 * by_state));
    CHECK(flops(Path::residual, Pass::backward, {K, V, C}) ==
          doctest::Approx(T + A_qk + solve + by_state + 6 * by_state + 4 * square_by_value +
                          4 * square_by_key));
}

TEST_CASE("a gradient is credited with its forward and its backward pass") {
    for (const Path path : {Path::recurrent, Path::chunk, Path::residual}) {
        const HeadSizes sizes{24, 40, 16};
        CHECK(flops(path, Pass::run, sizes) == flops(path, Pass::forward, sizes));
        CHECK(flops(path, Pass::grad, sizes) ==
              flops(path, Pass::forward, sizes) + flops(path, Pass::backward, sizes));
    }
}
