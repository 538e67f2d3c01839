// What is Mamba-3's own: the paper's SISO form written out plainly, Mamba-2 and linear attention as limits, the two
// ways to write, and the rotation.
#include "reference/baselines/mamba3.h"

#include <doctest/doctest.h>

#include <numbers>

#include "reference/baselines/mamba2.h"
#include "reference/baselines/mamba3_rotation.h"
#include "reference/baselines/mamba3_single_write.h"
#include "reference/core/random.h"
#include "tests/support/expect_close.h"

namespace gdn2::baselines {
namespace {

constexpr Index length = 33, state_dim = 8, value_dim = 5, angle_count = 3;

Matrix<double> uniform(Index rows, Index cols, Random& random, double low, double high) {
    const Tensor<double> t = random_uniform({rows, cols}, random, low, high);
    return Eigen::Map<const Matrix<double>>(t.data(), rows, cols);
}

/// The inputs' numbers, a state to start from and what arrives from above.
struct Draw {
    Matrix<double> C, B, x, Delta, A, lambda, angles, d_y;
    double D = 0.7;
    Index rank;
    Mamba3State<double> start, d_end;

    explicit Draw(Index rank, std::uint64_t seed = 1) : rank(rank) {
        Random random(seed);
        const auto signed_numbers = [&](Index rows, Index cols) { return uniform(rows, cols, random, -1, 1); };
        const auto state = [&] {
            return Mamba3State<double>{signed_numbers(state_dim, value_dim), signed_numbers(rank, state_dim),
                                       signed_numbers(rank, value_dim), signed_numbers(1, angle_count)};
        };
        C = signed_numbers(length, rank * state_dim);
        B = signed_numbers(length, rank * state_dim);
        x = signed_numbers(length, rank * value_dim);
        Delta = uniform(length, 1, random, 0.05, 1);
        A = uniform(length, 1, random, -1, -0.1);
        lambda = uniform(length, 1, random, 0, 1);
        angles = 2 * signed_numbers(length, angle_count);
        d_y = signed_numbers(length, rank * value_dim);
        start = state();
        d_end = state();
    }

    Mamba3<double> view() const {
        return {rows_of(C), rows_of(B),      rows_of(x),      rows_of(Delta),
                rows_of(A), rows_of(lambda), rows_of(angles), D,              rank};
    }
};

void expect_equal(const char* name, const Matrix<double>& reference, const Matrix<double>& claim) {
    const auto tensor = [](const Matrix<double>& m) {
        return Tensor<double>({m.rows(), m.cols()}, {m.data(), m.data() + m.size()});
    };
    test::expect_close(name, tensor(reference), tensor(claim),
                       check::tolerance(check::Pair::recurrent_golden, check::kind_of(name)));
}

void expect_equal(const Mamba3State<double>& reference, const Mamba3State<double>& claim) {
    expect_equal("S", reference.S, claim.S);
    expect_equal("k", reference.k, claim.k);
    expect_equal("x", reference.x, claim.x);
    expect_equal("theta", reference.theta, claim.theta);
}

/// The paper's SISO recurrence in loops over numbers, from nothing.
Matrix<double> written_out(const Draw& d) {
    Matrix<double> S = Matrix<double>::Zero(state_dim, value_dim), y(length, value_dim);
    Vector<double> theta = Vector<double>::Zero(angle_count), k_before = Vector<double>::Zero(state_dim);
    for (Index t = 0; t < length; ++t) {
        const double Delta = d.Delta(t, 0), alpha = std::exp(Delta * d.A(t, 0)), lambda = d.lambda(t, 0);
        Vector<double> k = d.B.row(t), q = d.C.row(t);
        for (Index i = 0; i < angle_count; ++i) {
            theta[i] += Delta * std::numbers::pi * std::tanh(d.angles(t, i));
            const double c = std::cos(theta[i]), s = std::sin(theta[i]);
            for (Vector<double>* turning : {&k, &q}) {
                const double y0 = (*turning)[2 * i], y1 = (*turning)[2 * i + 1];
                (*turning)[2 * i] = y0 * c - y1 * s;
                (*turning)[2 * i + 1] = y0 * s + y1 * c;
            }
        }
        for (Index i = 0; i < state_dim; ++i)
            for (Index j = 0; j < value_dim; ++j) {
                const double before = t > 0 ? k_before[i] * d.x(t - 1, j) : 0;
                S(i, j) = alpha * S(i, j) + (1 - lambda) * Delta * alpha * before + lambda * Delta * k[i] * d.x(t, j);
            }
        for (Index j = 0; j < value_dim; ++j) y(t, j) = S.col(j).dot(q) + d.D * d.x(t, j);
        k_before = k;
    }
    return y;
}

TEST_CASE("Mamba-3 with one pair per token is the SISO recurrence written out") {
    const Draw d(1);
    const Mamba3<double> in = d.view();
    expect_equal("o", written_out(d), mamba3(in, mamba3_start(in)).y);
}

TEST_CASE("pairs of a token that share key and value share the weight of one") {
    const Draw one(1);
    Draw three(3);
    for (Index r = 0; r < 3; ++r) {
        three.B.middleCols(r * state_dim, state_dim) = one.B;
        three.C.middleCols(r * state_dim, state_dim) = one.C;
        three.x.middleCols(r * value_dim, value_dim) = one.x;
    }
    three.Delta = one.Delta;
    three.A = one.A;
    three.lambda = one.lambda;
    three.angles = one.angles;
    three.D = 3 * one.D;
    const Matrix<double> y = mamba3(one.view(), mamba3_start(one.view())).y;
    const Matrix<double> thrice = mamba3(three.view(), mamba3_start(three.view())).y;
    for (Index r = 0; r < 3; ++r) expect_equal("o", 3 * y, thrice.middleCols(r * value_dim, value_dim));
}

TEST_CASE("Mamba-3 with lambda 1 and angles 0 is Mamba-2 in outputs and gradients") {
    Draw d(1);
    d.lambda.setOnes();
    d.angles.setZero();
    d.start.theta.setZero();
    d.A.setConstant(-0.6);
    d.d_end.k.setZero();
    d.d_end.x.setZero();
    const Mamba3<double> in = d.view();
    const Mamba2<double> euler{in.C, in.B, in.x, in.Delta, -0.6, d.D};
    const Mamba3Forward<double> run = mamba3(in, d.start);
    const Forward<double> reference = mamba2(euler, d.start.S);
    expect_equal("o", reference.o, run.y);
    expect_equal("final_state", reference.final_state, run.final_state.S);

    const Mamba2Gradient<double> expected = mamba2_backward(euler, d.start.S, rows_of(d.d_y), d.d_end.S);
    const Mamba3Gradient<double> found = mamba3_backward(in, d.start, rows_of(d.d_y), d.d_end);
    expect_equal("dC", expected.dC, found.dC);
    expect_equal("dB", expected.dB, found.dB);
    expect_equal("dx", expected.dx, found.dx);
    expect_equal("dDelta", expected.ddt, found.dDelta);
    CHECK(found.dA.sum() == doctest::Approx(expected.dA).epsilon(1e-12));
    CHECK(found.dD == doctest::Approx(expected.dD).epsilon(1e-12));
    expect_equal("d_initial_state", expected.d_initial_state, found.d_initial_state.S);
}

TEST_CASE("one write per token gives what two give, with turning keys and three pairs") {
    for (const Index rank : {1, 3}) {
        const Draw d(rank, 4);
        const Mamba3Forward<double> two = mamba3(d.view(), d.start), one = mamba3_single_write(d.view(), d.start);
        expect_equal("o", two.y, one.y);
        expect_equal(two.final_state, one.final_state);
    }
}

TEST_CASE("without steps of the angles nothing turns and a constant turn is not seen") {
    Draw d(2);
    d.angles.setZero();
    Mamba3State<double> start = mamba3_start(d.view());
    CHECK(rotation_of(d.view(), start.theta).k == d.B);
    const Matrix<double> y = mamba3(d.view(), start).y;
    start.theta.setConstant(1.3);
    expect_equal("o", y, mamba3(d.view(), start).y);
}

TEST_CASE("angles keep within a turn and mean the same after many") {
    Draw d(1);
    d.Delta.setConstant(1);
    d.angles.setConstant(20);  // half a turn per token
    const Rotation<double> by = rotation_of<double>(d.view(), Matrix<double>::Zero(1, angle_count));
    CHECK(by.theta.cwiseAbs().maxCoeff() <= 3.2);
    for (Index t = 0; t < length; ++t)
        CHECK(by.cosine(t, 0) == doctest::Approx(t % 2 == 0 ? -1 : 1).epsilon(1e-12));
}

TEST_CASE("Mamba-3 reads one head among others as it reads one alone") {
    const Draw d(2);
    const auto among_others = [](const Matrix<double>& head) {
        Matrix<double> all = Matrix<double>::Constant(head.rows(), 3 * head.cols(), 1e9);
        all.middleCols(head.cols(), head.cols()) = head;
        return all;
    };
    const Matrix<double> x = among_others(d.x), B = among_others(d.B), C = among_others(d.C), d_y = among_others(d.d_y);
    const auto middle = [](const Matrix<double>& all) {
        return Rows<double>(all.data() + all.cols() / 3, all.rows(), all.cols() / 3, Eigen::OuterStride<>(all.cols()));
    };
    const Mamba3<double> alone = d.view();
    const Mamba3<double> in{middle(C),    middle(B),    middle(x), alone.Delta, alone.A,
                            alone.lambda, alone.angles, d.D,       2};
    CHECK(mamba3(in, d.start).y == mamba3(alone, d.start).y);
    CHECK(mamba3_single_write(in, d.start).y == mamba3_single_write(alone, d.start).y);
    CHECK(mamba3_backward(in, d.start, middle(d_y), d.d_end).dx ==
          mamba3_backward(alone, d.start, rows_of(d.d_y), d.d_end).dx);
    ChunkStarts<double> starts;
    CHECK(mamba3_chunk(in, d.start, 8, &starts).y == mamba3_chunk(alone, d.start, 8).y);
    CHECK(mamba3_chunk_backward(in, d.start, starts, middle(d_y), d.d_end, 8).dx ==
          mamba3_chunk_backward(alone, d.start, starts, rows_of(d.d_y), d.d_end, 8).dx);
}

TEST_CASE("Mamba-3 refuses widths that do not fit") {
    Draw d(3);
    d.rank = 7;
    CHECK_THROWS_AS(mamba3(d.view(), d.start), Error);
    d.rank = 3;
    d.angles = Matrix<double>::Zero(length, 5);
    CHECK_THROWS_AS(mamba3_start(d.view()), Error);
}

}  // namespace
}  // namespace gdn2::baselines
