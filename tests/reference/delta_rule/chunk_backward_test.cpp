// What Appendix B.5 warns of, pinned here; that the adjoint is right is paths_test, operators_test and golden_test.
#include "reference/delta_rule/chunk_backward.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "reference/delta_rule/wy.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

TEST_CASE("dA with the gate inside is not any rescaling of dA without it unless the gate is tied") {
    Random random(4);
    const auto draw = [&](Index rows, Index cols) {
        return Matrix<double>(rows, cols).unaryExpr([&](double) { return random.normal(); }).eval();
    };
    const Matrix<double> dU = draw(6, 5), V = draw(6, 5), beta = draw(6, 1), w = draw(6, 5).cwiseAbs();
    const Matrix<double> outside = dU * V.transpose();                                        // before any gate
    const Matrix<double> tied = dU * (beta.replicate(1, 5).cwiseProduct(V)).transpose();      // Eq. 26, w = beta
    CHECK((tied - outside * Vector<double>(beta.col(0)).asDiagonal()).norm() <= 1e-13);
    const Matrix<double> inside = dU * w.cwiseProduct(V).transpose();                         // Eq. 26
    double best = 0;  // the best factor for each column s still leaves this much
    for (Index s = 0; s < 6; ++s) {
        const double factor = inside.col(s).dot(outside.col(s)) / outside.col(s).squaredNorm();
        best += (inside.col(s) - factor * outside.col(s)).squaredNorm();
    }
    CHECK(std::sqrt(best) > 0.1 * inside.norm());
}

TEST_CASE("chunk_backward adds nothing for tokens that nothing above depends on") {
    Problem<double> p = test::draw_problem(test::killer());
    p.d_final_state.reset();
    for (Index i = 100 * 29; i < p.d_o->size(); ++i) (*p.d_o)[i] = 0;  // only the first 100 outputs count
    const Result<double> d = gradient(p, {.path = Path::chunk});
    for (const Tensor<double>* t : {&d.dq, &d.dk, &d.dg, &d.db})
        for (Index i = 100 * 13; i < t->size(); ++i) CHECK((*t)[i] == 0);
    for (Index i = 100 * 29; i < d.dv.size(); ++i) CHECK(d.dv[i] == 0);
}

}  // namespace
}  // namespace gdn2
