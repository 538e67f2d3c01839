// The scan under every mixer against the delta rule's recurrence and chunkwise adjoint, in every form it takes.
#include "reference/layers/memory_scan.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "tests/support/expect_close.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

using test::Decay;

template <class Scalar>
Matrix<Scalar> rows(const Tensor<double>& tensor) {
    const Shape& shape = tensor.shape();
    const Index cols = shape[2] * shape[3];
    return Eigen::Map<const Matrix<double>>(tensor.data(), tensor.size() / cols, cols).template cast<Scalar>();
}

template <class Scalar>
Tensor<double> tensor(const Matrix<Scalar>& matrix) {
    const Matrix<double> wide = matrix.template cast<double>();
    return {{wide.rows(), wide.cols()}, {wide.data(), wide.data() + wide.size()}};
}

struct Case {
    Sizes sizes;
    Decay decay;
    Problem<double> problem;

    Batch batch() const { return {sizes.batch, sizes.length}; }
    ScanSizes scan() const { return {sizes.key_heads, sizes.value_heads, sizes.key_dim, sizes.value_dim}; }
};

Case draw(Sizes sizes, Decay decay, std::uint64_t seed) {
    test::Draw how{sizes, decay};
    how.initial_state = false;
    how.b_high = 2;
    how.seed = seed;
    Case c{sizes, decay, test::draw_problem(how)};
    c.problem.initial_state.reset();
    c.problem.d_final_state.reset();
    Random random(seed);
    c.problem.d_o = random_normal(sizes.value_shape(), random);
    return c;
}

template <class Scalar>
ScanInput<Scalar> input_of(const Problem<double>& p) {
    ScanInput<Scalar> x;
    x.q = rows<Scalar>(p.q);
    x.k = rows<Scalar>(p.k);
    x.e = rows<Scalar>(p.b).cwiseProduct(x.k);
    x.z = rows<Scalar>(p.w).cwiseProduct(rows<Scalar>(p.v));
    x.g = rows<Scalar>(p.g);
    x.scale = static_cast<Scalar>(scale_of(p));
    return x;
}

const Sizes all_sizes[] = {{2, 37, 1, 1, 16, 16, 2}, {1, 16, 2, 2, 32, 32, 1}, {2, 33, 2, 4, 5, 3, 2},
                           {1, 1, 1, 1, 1, 1, 1},    {3, 17, 1, 3, 1, 8, 3},   {1, 50, 1, 2, 16, 16, 1}};

/// Against the chunkwise path, which shares no line with the scan.
template <class Scalar>
void expect_scan(const Case& c, double output_tolerance, double gradient_tolerance) {
    const Result<double> expected = gradient(c.problem, {});
    const ScanInput<Scalar> x = input_of<Scalar>(c.problem);
    ScanKept<Scalar> kept;
    const Matrix<Scalar> o = memory_scan(x, c.scan(), c.batch(), &kept);
    const auto d = memory_scan_backward(x, c.scan(), c.batch(), kept, rows<Scalar>(*c.problem.d_o));

    // e = b * k and z = w * v once more, by hand
    const Matrix<Scalar> b = rows<Scalar>(c.problem.b), w = rows<Scalar>(c.problem.w), v = rows<Scalar>(c.problem.v);
    const auto expect = [](const char* name, const Tensor<double>& wanted, const Matrix<Scalar>& claim,
                           double tolerance) {
        const Matrix<double> flat = rows<double>(wanted);
        test::expect_close(name, tensor(flat), tensor(claim), tolerance, 1e-3);
    };
    expect("o", expected.o, o, output_tolerance);
    expect("dq", expected.dq, d.dq, gradient_tolerance);
    expect("dk", expected.dk, d.dk + d.de.cwiseProduct(b), gradient_tolerance);
    expect("db", expected.db, d.de.cwiseProduct(x.k), gradient_tolerance);
    expect("dv", expected.dv, d.dz.cwiseProduct(w), gradient_tolerance);
    expect("dw", expected.dw, d.dz.cwiseProduct(v), gradient_tolerance);
    expect("dg", expected.dg, d.dg, gradient_tolerance);
}

TEST_CASE("the scan gives the delta rule's outputs and gradients at every size and decay") {
    for (const Sizes& sizes : all_sizes)
        for (const Decay decay : {Decay::zero, Decay::slow, Decay::mild, Decay::fast, Decay::wiped}) {
            INFO("key_dim " << sizes.key_dim << ", value_dim " << sizes.value_dim << ", " << test::name_of(decay));
            const Case c = draw(sizes, decay, 5);
            expect_scan<double>(c, check::tolerance(check::Pair::chunk_recurrent, check::Kind::output),
                                check::tolerance(check::Pair::chunk_recurrent, check::Kind::decay_gradient));
        }
}

TEST_CASE("in float the scan keeps to float's tolerances with dims known when compiling and without") {
    for (const Sizes& sizes : all_sizes) {
        INFO("key_dim " << sizes.key_dim << ", value_dim " << sizes.value_dim);
        const Case c = draw(sizes, Decay::slow, 6);
        expect_scan<float>(c, check::tolerance(check::Pair::f32_chunk, check::Kind::output),
                           check::tolerance(check::Pair::f32_chunk, check::Kind::decay_gradient));
    }
}

TEST_CASE("one decay for a head is that decay in each of its channels") {
    const Sizes sizes{2, 21, 2, 4, 3, 5, 2};
    const Case c = draw(sizes, Decay::slow, 7);
    ScanInput<double> one = input_of<double>(c.problem);
    one.g = rows<double>(c.problem.g)(Eigen::all, std::vector<Index>{0, 0, 3, 3});  // value heads 0 1 and 2 3 agree
    one.g_of_heads = true;
    ScanInput<double> all = one;
    all.g_of_heads = false;
    all.g = one.g(Eigen::all, std::vector<Index>{0, 0, 0, 2, 2, 2});

    ScanKept<double> kept_one, kept_all;
    CHECK(memory_scan(one, c.scan(), c.batch(), &kept_one).isApprox(memory_scan(all, c.scan(), c.batch(), &kept_all)));
    const Matrix<double> d_o = rows<double>(*c.problem.d_o);
    const auto d_one = memory_scan_backward(one, c.scan(), c.batch(), kept_one, d_o);
    const auto d_all = memory_scan_backward(all, c.scan(), c.batch(), kept_all, d_o);
    CHECK(d_one.dk.isApprox(d_all.dk, 1e-12));
    const Matrix<double> summed{{d_one.dg.col(0).sum() + d_one.dg.col(1).sum(), d_one.dg.rightCols(2).sum()}};
    CHECK(summed.isApprox(Matrix<double>{{d_all.dg.leftCols(3).sum(), d_all.dg.rightCols(3).sum()}}, 1e-12));
}

TEST_CASE("without e nothing is erased and without g nothing is forgotten") {
    const Sizes sizes{1, 19, 1, 1, 4, 3, 1};
    const Case c = draw(sizes, Decay::slow, 8);
    ScanInput<double> plain = input_of<double>(c.problem), zeros = plain;
    plain.e.resize(0, 0);
    plain.g.resize(0, 0);
    zeros.e.setZero();
    zeros.g.setZero();
    ScanKept<double> kept;
    const Matrix<double> d_o = rows<double>(*c.problem.d_o);
    CHECK(memory_scan(plain, c.scan(), c.batch(), &kept) == memory_scan(zeros, c.scan(), c.batch()));
    const auto d = memory_scan_backward(plain, c.scan(), c.batch(), kept, d_o);
    const auto d_zeros = memory_scan_backward(zeros, c.scan(), c.batch(), kept, d_o);
    CHECK(d.dq == d_zeros.dq);
    CHECK(d.dk == d_zeros.dk);
    CHECK(d.dz == d_zeros.dz);
    CHECK(d.de.size() == 0);
    CHECK(d.dg.size() == 0);
}

TEST_CASE("token by token the scan gives the bits of the whole sequence") {
    const Sizes sizes{1, 23, 2, 4, 16, 16, 1};
    const Case c = draw(sizes, Decay::slow, 9);
    const ScanInput<float> x = input_of<float>(c.problem);
    const Matrix<float> o = memory_scan(x, c.scan(), c.batch());
    std::vector<float> S(4 * 16 * 16, 0);
    for (Index t = 0; t < sizes.length; ++t) {
        const ScanInput<float> token{x.q.row(t), x.k.row(t), x.e.row(t), x.z.row(t), x.g.row(t), false, x.scale};
        CHECK(memory_step(token, c.scan(), S) == Matrix<float>(o.row(t)));
    }
}

TEST_CASE("the scan refuses shapes that disagree by name") {
    const Case c = draw({1, 4, 1, 1, 3, 2, 1}, Decay::slow, 10);
    ScanInput<double> x = input_of<double>(c.problem);
    x.z = Matrix<double>::Zero(4, 3);
    CHECK_THROWS_WITH_AS(memory_scan(x, c.scan(), c.batch()), "`z` must be [4, 2], got [4, 3]", Error);
    CHECK_THROWS_AS(memory_scan(input_of<double>(c.problem), {2, 3, 3, 2}, c.batch()), Error);
}

TEST_CASE("no tokens give no outputs") {
    const ScanInput<float> x{Matrix<float>(0, 4), Matrix<float>(0, 4), {}, Matrix<float>(0, 2), {}, false, 1};
    ScanKept<float> kept;
    CHECK(memory_scan(x, {1, 1, 4, 2}, {3, 0}, &kept).rows() == 0);
    CHECK(memory_scan_backward(x, {1, 1, 4, 2}, {3, 0}, kept, Matrix<float>(0, 2)).dq.rows() == 0);
}

}  // namespace
}  // namespace gdn2
