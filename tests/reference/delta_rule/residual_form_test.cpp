// The R form against the recurrent path is in paths_test.cpp; here what it trades away, so that nobody is surprised.
#include "reference/delta_rule/residual_form.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

double norm_of_difference(const Tensor<double>& a, const Tensor<double>& b) {
    double sum = 0;
    for (Index i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return std::sqrt(sum);
}

TEST_CASE("under steep decay the R form keeps dg's absolute digits and chunk keeps the relative ones") {
    const Problem<double> p =
        test::draw_problem({{1, 40, 1, 1, 8, 8, 1}, test::Decay::steep, 1, false, true, true, {}, 3});
    const Tensor<double> zero(p.g.shape()), truth = gradient(p, {.path = Path::recurrent}).dg;
    const double size = norm_of_difference(truth, zero);
    CHECK(size < 1e-19);  // exp(-50) at most
    CHECK(norm_of_difference(gradient(p, {.path = Path::chunk}).dg, truth) <= 1e-12 * size);
    CHECK(norm_of_difference(gradient(p, {.path = Path::residual}).dg, truth) <= 1e-14);
}

TEST_CASE("residual_form refuses a chunk of no tokens") {
    const Problem<double> p = test::draw_problem(test::killer());
    CHECK_THROWS_AS(forward(p, {.path = Path::residual, .chunk = 0}), Error);
}

}  // namespace
}  // namespace gdn2
