// The WY matrices of one chunk, each against the line of the paper that defines it.
#include "reference/delta_rule/wy.h"

#include <doctest/doctest.h>

#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

/// One chunk of `length` tokens.
struct Drawn {
    Problem<double> p;
    Sequence<double> x;

    explicit Drawn(Index length, test::Decay decay = test::Decay::mild)
        : p(test::draw_problem({{1, length, 1, 1, 6, 5, 1}, decay, 2, false, true, true, {}, 17})),
          x{rows(p.q), rows(p.k), rows(p.g), rows(p.b), rows(p.v), rows(p.w), 1.0} {}

    static Rows<double> rows(const Tensor<double>& t) { return head_rows(t, 0, 0, 0, t.shape()[1]); }
};

TEST_CASE("A inverts I + T to a few units in the last place") {
    for (const Index length : {1, 2, 16, 33, 64}) {
        const Drawn drawn(length);
        const WY<double> c = wy(drawn.x);
        const Matrix<double> I = Matrix<double>::Identity(length, length);
        // LAPACK's test ratio: a residual in units of eps, norm and size; below 30 is right.
        const double ratio = ((I + c.T) * c.A - I).norm() / ((I + c.T).norm() * c.A.norm() * double(length) * 2.2e-16);
        CHECK(ratio < 30);
        CHECK(c.A.isLowerTriangular(0));
        CHECK((c.A.diagonal().array() == 1).all());
    }
}

TEST_CASE("Y and U satisfy the row recurrences of Eqs. 45 and 46") {
    const Drawn drawn(40);
    const WY<double> c = wy(drawn.x);
    for (Index r = 0; r < 40; ++r) {
        Matrix<double> y = c.E.row(r), u = c.Z.row(r);
        for (Index s = 0; s < r; ++s) {
            y -= c.T(r, s) * c.Y.row(s);                                 // Eq. 45
            u -= c.T(r, s) * c.U.row(s);                                 // Eq. 46
        }
        CHECK((y - c.Y.row(r)).norm() <= 1e-13);
        CHECK((u - c.U.row(r)).norm() <= 1e-13);
    }
}

TEST_CASE("wy holds the gates where Eq. 20 puts them") {
    const Drawn drawn(9);
    const WY<double> c = wy(drawn.x);
    CHECK(c.e == drawn.x.b.cwiseProduct(drawn.x.k));
    CHECK(c.Z == drawn.x.w.cwiseProduct(drawn.x.v));
    Matrix<double> G = drawn.x.g;
    for (Index r = 1; r < 9; ++r) G.row(r) += G.row(r - 1);
    CHECK((c.E - G.array().exp().matrix().cwiseProduct(c.e)).norm() <= 1e-15);
    CHECK((c.Qg - G.array().exp().matrix().cwiseProduct(drawn.x.q)).norm() <= 1e-15);
    CHECK(c.K_tail.row(8) == drawn.x.k.row(8));
}

TEST_CASE("wy_inverse reads T below the diagonal only") {
    Matrix<double> T = Matrix<double>::Constant(5, 5, 0.25);
    const Matrix<double> clean = T.triangularView<Eigen::StrictlyLower>();
    CHECK(wy_inverse(T) == wy_inverse(clean));
}

}  // namespace
}  // namespace gdn2
