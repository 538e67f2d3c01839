// The forward kernels against the reference, token by token in float64: every path and precision over shapes, decays,
// gates and packings; the golden files; and integer problems, bit for bit.
//   sources  recurrent_1_naive.cuh recurrent_2_warp.cuh prepare.cuh prepare_tree.cuh prepare_inverse.cuh scan.cuh
#include <doctest/doctest.h>

#include <algorithm>

#include "reference/delta_rule/problem_file.h"
#include "tests/support/device_cases.h"

namespace gdn2::test {
namespace {

void check_cases(cuda::Precision precision, cuda::ForwardPath path, Index first, Index last,
                 bool large = false) {
    for (Index i = first; i < last; ++i) {
        const Draw draw = draw_case(i, large);
        INFO("case " << i << ": " << to_string(draw));
        // In one or two dims any two keys resemble each other.
        const double slack = draw.sizes.key_dim <= 2 ? check::near_singular_factor : 1;
        expect_forward(draw_problem(draw), on_device(precision, path), slack);
    }
}

using enum cuda::ForwardPath;
using enum cuda::Precision;

TEST_CASE("the chunkwise kernels agree with the reference in f32 on cases 0 to 11") {
    check_cases(f32, chunk, 0, 12);
}
TEST_CASE("the chunkwise kernels agree with the reference in f32 on cases 12 to 23") {
    check_cases(f32, chunk, 12, 24);
}
TEST_CASE("the chunkwise kernels agree with the reference in bf16 on cases 0 to 17") {
    check_cases(bf16, chunk, 0, 18);
}
TEST_CASE("the chunkwise kernels agree with the reference in bf16 on cases 18 to 35") {
    check_cases(bf16, chunk, 18, 36);
}
TEST_CASE("the chunkwise kernels agree with the reference in f16 on cases 24 to 35") {
    check_cases(f16, chunk, 24, 36);
}
TEST_CASE("the chunkwise kernels agree with the reference in f32 on wide heads") {
    check_cases(f32, chunk, 0, 9, true);
}
TEST_CASE("the chunkwise kernels agree with the reference in bf16 on wide heads") {
    check_cases(bf16, chunk, 9, 18, true);
}
TEST_CASE("the chunkwise kernels agree with the reference in f16 on wide heads") {
    check_cases(f16, chunk, 18, 22, true);
}

TEST_CASE("the naive recurrent kernel agrees with the reference in every precision") {
    check_cases(f32, recurrent_1, 0, 12);
    check_cases(bf16, recurrent_1, 12, 18);
    check_cases(f16, recurrent_1, 18, 24);
    check_cases(f32, recurrent_1, 2, 4, true);
}
TEST_CASE("the warp recurrent kernel agrees with the reference in every precision") {
    check_cases(f32, recurrent_2, 0, 12);
    check_cases(bf16, recurrent_2, 12, 18);
    check_cases(f16, recurrent_2, 18, 24);
    check_cases(f32, recurrent_2, 0, 9, true);
    check_cases(bf16, recurrent_2, 2, 4, true);
}

void check_long(cuda::Precision precision, cuda::ForwardPath path, Index small, Index large) {
    if (!long_tests()) return;
    check_cases(precision, path, 36, 36 + small);
    check_cases(precision, path, 36, 36 + large, true);
}

TEST_CASE("the long set of cases in f32 chunkwise") { check_long(f32, chunk, 120, 27); }
TEST_CASE("the long set of cases in bf16 chunkwise") { check_long(bf16, chunk, 120, 27); }
TEST_CASE("the long set of cases in f16 chunkwise") { check_long(f16, chunk, 120, 27); }
TEST_CASE("the long set of cases in f32 token by token") {
    check_long(f32, recurrent_1, 60, 9);
    check_long(f32, recurrent_2, 60, 9);
}
TEST_CASE("the long set of cases in bf16 token by token") {
    check_long(bf16, recurrent_1, 60, 9);
    check_long(bf16, recurrent_2, 60, 9);
}

TEST_CASE("empty sequences may stand at the front and in the middle and at the end of a pack") {
    const std::vector<Index> packs[] = {
        {0, 0, 70}, {0, 30, 30, 30, 100}, {0, 65, 65}, {0, 1, 1, 65, 66, 66, 130}};
    for (const std::vector<Index>& pack : packs)
        for (const auto path : all_paths) {
            Draw draw{{1, pack.back(), 1, 2, 16, 24, 1}, Decay::slow, 1, false, true, true, pack, 5};
            INFO(to_string(draw));
            expect_forward(draw_problem(draw), on_device(f32, path));
            draw.initial_state = false;
            expect_forward(draw_problem(draw), on_device(bf16, path));
        }
}

TEST_CASE("keys that resemble each other with b near 2 and no decay stay within tolerance") {
    for (const auto precision : all_precisions)
        for (const Index key_dim : {32, 1, 200}) {  // the widest take two warps a row
            INFO("key_dim " << key_dim);
            Problem<double> p =
                draw_problem({{1, 130, 1, 1, key_dim, 16, 1}, Decay::zero, 2, false, true, true, {}, 11});
            for (Index i = 0; i < p.k.size(); ++i) p.k[i] = p.k[i % key_dim] + 0.02 * p.k[i];
            p.k = unit_rows(p.k);
            for (double& b : p.b.values()) b = 1.9 + 0.05 * b;
            p = cast_problem<double>(cast_problem<float>(p));
            expect_forward(p, on_device(precision), check::near_singular_factor);
            expect_forward(p, on_device(precision, recurrent_2));
        }
}

TEST_CASE("the kernels agree with the golden files in f32") {
    for (const std::string name : golden_names) {
        std::vector<std::string> notes;
        const std::string stem = std::string(GDN2_SOURCE_DIR) + "/tests/golden/" + name;
        const Problem<float> p = cast_problem<float>(read_problem(stem + ".in.npz", notes));
        const Claim golden = read_claim(stem + ".out.npz", notes);
        for (const auto path : all_paths) {
            INFO(name << " " << name_of(path));
            const Result<double> claim = to_double(cuda::forward(p, on_device(f32, path)));
            const double tolerance = check::tolerance(check::Pair::f32_device, check::Kind::output);
            expect_close("o", golden.tensors.at("o").values, claim.o, tolerance);
            expect_close("final_state", golden.tensors.at("final_state").values, claim.final_state,
                         tolerance);
        }
    }
}

TEST_CASE("the kernels keep the rule of low precision on the golden problems") {
    for (const std::string name : golden_names) {
        std::vector<std::string> notes;
        const Problem<double> p =
            read_problem(std::string(GDN2_SOURCE_DIR) + "/tests/golden/" + name + ".in.npz", notes);
        INFO(name);
        for (const auto precision : {bf16, f16}) expect_forward(p, on_device(precision));
    }
}

/// Inputs whose every intermediate is an integer below 256, so that not even bf16 rounds: keys of one 1 each, no decay.
Problem<double> integer_problem(std::uint64_t seed, Index key_dim, Index value_dim,
                                const std::vector<Index>& offsets = {0, 70, 70, 150}) {
    Draw draw{{1, 150, 1, 2, key_dim, value_dim, 1}, Decay::zero, 1, false, true, true, offsets, seed};
    Problem<double> p = draw_problem(draw);
    Random random(seed, 1);
    const auto fill = [&](Tensor<double>& t, Index low, Index high) {
        for (double& x : t.values()) x = static_cast<double>(random.integer(low, high));
    };
    for (Tensor<double>* t : {&p.q, &p.v, &*p.initial_state}) fill(*t, -2, 2);
    fill(p.b, 0, 1);
    fill(p.w, 0, 1);
    p.k = Tensor<double>(p.k.shape());
    for (Index row = 0; row < p.k.size(); row += key_dim)
        p.k[row + random.integer(0, key_dim - 1)] = random.uniform() < 0.5 ? -1 : 1;
    p.scale = 2;
    return p;
}

/// v of one head that makes every residual -1, 0 or 1, where nothing decays, w = 1, b is 2 and keys are as they are.
void choose_values(Problem<double>& p, Index head, Random& random) {
    Tensor<double> states = *p.initial_state;
    Eigen::Map<Matrix<double>> S = state_of(states, 0, head);
    for (Index t = 0; t < p.v.shape()[1]; ++t) {
        const Vector<double> k = head_rows(p.k, 0, 0, t, 1).row(0);
        Vector<double> residual(S.cols());
        for (double& r : residual) r = static_cast<double>(random.integer(-1, 1));
        head_rows(p.v, 0, head, t, 1).row(0) = residual + 2 * S.transpose() * k;
        S += k * residual.transpose();
    }
}

/// Integers again, but A holds some that no single number of 16 bits is: six tokens in a row have the same key of four
/// ones, one in each quarter of the channels, so that at b = 2 a residual comes back -7 times as large a token later.
/// What the kernels round besides stays small. key_dim is a multiple of 4 and at least 100.
Problem<double> steep_integer_problem(std::uint64_t seed, Index key_dim, Index value_dim) {
    Problem<double> p = integer_problem(seed, key_dim, value_dim, {});
    p.k = Tensor<double>(p.k.shape());
    for (Index t = 0; t < p.k.shape()[1]; ++t)
        for (Index quarter = 0; quarter < 4; ++quarter) p.k[t * key_dim + quarter * key_dim / 4 + t / 6] = 1;
    p.b = Tensor<double>(p.b.shape(), 2);
    p.w = Tensor<double>(p.w.shape(), 1);
    Random random(seed, 2);
    for (Index head = 0; head < p.v.shape()[2]; ++head) choose_values(p, head, random);
    return p;
}

void expect_bits(const Problem<double>& p) {
    const Result<double> truth = forward(p, {.path = Path::recurrent});
    for (const auto precision : all_precisions)
        for (const auto path : all_paths) {
            INFO("dims " << p.k.shape()[3] << "x" << p.v.shape()[3] << " " << std::string(cuda::name_of(precision))
                         << " " << name_of(path));
            const Result<double> claim = to_double(cuda::forward(cast_problem<float>(p), on_device(precision, path)));
            CHECK(identical(rounded(truth.o, precision), claim.o));
            CHECK(identical(truth.final_state, claim.final_state));
        }
}

TEST_CASE("integer problems give the bits of the reference on every path and in every precision") {
    expect_bits(integer_problem(8, 8, 16));
    expect_bits(integer_problem(5, 5, 3));
    expect_bits(integer_problem(70, 70, 20));
}

TEST_CASE("integers of A that no 16 bits hold give the bits of the reference with one warp and two a row") {
    for (const Index key_dim : {100, 256}) {
        const Problem<double> p = steep_integer_problem(7, key_dim, 20);
        const auto [low, high] = std::ranges::minmax(p.v.values());
        CHECK(std::max(-low, high) <= 256);  // else bf16 rounds
        expect_bits(p);
    }
}

}  // namespace
}  // namespace gdn2::test
