// The grid: every path against the recurrent one in float64, forward and backward, over shapes, decays, gates,
// packings and chunk lengths drawn at random. What the theorems below do not pin down, this does.
//   sources  chunk.cpp chunk_backward.cpp residual_form.cpp recurrent_backward.cpp heads.cpp
#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "tests/support/expect_close.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

constexpr Index lengths[] = {1, 2, 3, 15, 16, 17, 31, 33, 48, 63, 64, 65, 100, 127, 128, 129, 150};
constexpr Index chunks[] = {1, 2, 7, 16, 17, 24, 32, 64, 100, 1000};
constexpr Index dims[][2] = {{1, 1}, {3, 2}, {13, 29}, {16, 16}, {32, 8}, {8, 33}};
constexpr Index heads[][2] = {{1, 1}, {2, 2}, {1, 3}, {2, 4}};

template <class T, std::size_t n>
const T& pick(const T (&choices)[n], Random& random) {
    return choices[random.integer(0, Index(n) - 1)];
}

/// 1 to 4 sequences in `length` tokens, empty ones likely.
std::vector<Index> draw_offsets(Index length, Random& random) {
    std::vector<Index> offsets{0};
    for (Index n = random.integer(0, 3); n > 0; --n) {
        const Index next = random.uniform() < 0.4 ? offsets.back() : random.integer(offsets.back(), length);
        offsets.push_back(next);
    }
    offsets.push_back(length);
    return offsets;
}

test::Draw draw_case(Index i) {
    Random random(2026, static_cast<std::uint64_t>(i));
    test::Draw draw;
    const auto& [key_dim, value_dim] = pick(dims, random);
    const auto& [key_heads, value_heads] = pick(heads, random);
    draw.sizes = {1, pick(lengths, random), key_heads, value_heads, key_dim, value_dim, 1};
    draw.decay = pick(test::all_decays, random);
    draw.b_high = random.uniform() < 0.3 ? 2 : 1;
    draw.tied = random.uniform() < 0.1;
    draw.initial_state = random.uniform() < 0.8;
    draw.seed = random.bits();
    if (random.uniform() < 0.4)
        draw.offsets = draw_offsets(draw.sizes.length, random);
    else
        draw.sizes.batch = random.integer(1, 2);
    return draw;
}

/// In R form dg is a sum of terms that cancel: it keeps their absolute precision, so it is held to their size.
void expect_decay_gradient_close(const Problem<double>& p, const Result<double>& truth, Result<double>& claim,
                                 double tolerance) {
    double terms = 0, error = 0;
    for (Index i = 0; i < p.q.size(); ++i) {
        const double term = std::abs(p.q[i] * truth.dq[i]) + std::abs(p.b[i] * truth.db[i]) +
                            std::abs(p.k[i] * truth.dk[i]);
        const double difference = claim.dg[i] - truth.dg[i];
        terms += term * term;
        error += difference * difference;
    }
    CHECK(std::sqrt(error) <= tolerance * std::sqrt(terms) * std::sqrt(double(p.q.shape()[1])));
    claim.dg = truth.dg;
}

void check_cases(Index first, Index last) {
    for (Index i = first; i < last; ++i) {
        const test::Draw draw = draw_case(i);
        Random random(77, static_cast<std::uint64_t>(i));
        const Index chunk = pick(chunks, random);
        INFO("case " << i << ": " << test::to_string(draw) << " chunk " << chunk);
        const Problem<double> p = test::draw_problem(draw);
        const Result<double> truth = gradient(p, {.path = Path::recurrent, .threads = 1});
        {
            INFO("path chunk");
            test::expect_close(truth, gradient(p, {.path = Path::chunk, .chunk = chunk, .threads = 1}),
                               check::Pair::chunk_recurrent);
        }
        INFO("path residual");
        Result<double> residual = gradient(p, {.path = Path::residual, .chunk = chunk, .threads = 1});
        expect_decay_gradient_close(
            p, truth, residual, check::tolerance(check::Pair::chunk_recurrent, check::Kind::decay_gradient));
        test::expect_close(truth, residual, check::Pair::chunk_recurrent);
    }
}

TEST_CASE("every path agrees in float64 on random problems 0 to 149") { check_cases(0, 150); }
TEST_CASE("every path agrees in float64 on random problems 150 to 299") { check_cases(150, 300); }
TEST_CASE("every path agrees in float64 on random problems 300 to 449") { check_cases(300, 450); }
TEST_CASE("every path agrees in float64 on random problems 450 to 599") { check_cases(450, 600); }

TEST_CASE("every path agrees in float32 with recurrent float64") {
    for (Index i = 0; i < 200; ++i) {
        const test::Draw draw = draw_case(i);
        Random random(78, static_cast<std::uint64_t>(i));
        const Index chunk = pick(chunks, random);
        INFO("case " << i << ": " << test::to_string(draw) << " chunk " << chunk);
        const Problem<double> p = test::draw_problem(draw);
        const Problem<float> single = cast_problem<float>(p);
        const Result<double> truth = gradient(p, {.path = Path::recurrent, .threads = 1});
        test::expect_close(truth, test::to_double(gradient(single, {.path = Path::recurrent, .threads = 1})),
                           check::Pair::f32_recurrent);
        test::expect_close(truth, test::to_double(gradient(single, {.path = Path::chunk, .chunk = chunk})),
                           check::Pair::f32_chunk);
    }
}

TEST_CASE("the killer shape agrees at every chunk length") {
    const Problem<double> p = test::draw_problem(test::killer());
    const Result<double> truth = gradient(p, {.path = Path::recurrent});
    for (Index chunk = 1; chunk <= 151; chunk += 5) {
        INFO("chunk " << chunk);
        test::expect_close(truth, gradient(p, {.path = Path::chunk, .chunk = chunk}), check::Pair::chunk_recurrent);
        test::expect_close(truth, gradient(p, {.path = Path::residual, .chunk = chunk}),
                           check::Pair::chunk_recurrent);
    }
}

TEST_CASE("float32 chunkwise is right at g = -50 and at g = 0") {
    for (const test::Decay decay : {test::Decay::steep, test::Decay::zero}) {
        test::Draw draw{{1, 150, 1, 1, 32, 32, 1}, decay, 1, false, true, true, {}, 3};
        const Problem<double> p = test::draw_problem(draw);
        const Result<double> truth = gradient(p, {.path = Path::recurrent});
        const Result<float> single = gradient(cast_problem<float>(p), {.path = Path::chunk});
        test::expect_close(truth, test::to_double(single), check::Pair::f32_chunk);
    }
}

/// Inputs whose every intermediate is a small integer: keys are 0 / 1 with one 1 each, so that nothing is rounded.
Problem<double> integer_problem(std::uint64_t seed) {
    test::Draw draw{{1, 80, 2, 4, 5, 3, 3}, test::Decay::zero, 1, false, true, true, {0, 30, 30, 80}, seed};
    Problem<double> p = test::draw_problem(draw);
    Random random(seed, 1);
    const auto fill = [&](Tensor<double>& t, Index low, Index high) {
        for (double& x : t.values()) x = static_cast<double>(random.integer(low, high));
    };
    for (Tensor<double>* t : {&p.q, &p.v, &*p.initial_state, &*p.d_o, &*p.d_final_state}) fill(*t, -2, 2);
    fill(p.b, 0, 1);
    fill(p.w, 0, 1);
    p.k = Tensor<double>(p.k.shape());
    for (Index row = 0; row < p.k.size(); row += 5) p.k[row + random.integer(0, 4)] = random.uniform() < 0.5 ? -1 : 1;
    p.scale = 2;
    return p;
}

TEST_CASE("integer problems give the same bits on every path and in every precision") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        const Problem<double> p = integer_problem(seed);
        const Problem<float> single = cast_problem<float>(p);
        const Result<double> truth = gradient(p, {.path = Path::recurrent});
        for (const Index chunk : {1, 16, 33, 64})
            for (const Path path : {Path::recurrent, Path::chunk, Path::residual}) {
                INFO("seed " << seed << " chunk " << chunk << " path " << static_cast<int>(path));
                CHECK(test::identical(truth, gradient(p, {.path = path, .chunk = chunk})));
                CHECK(test::identical(truth, test::to_double(gradient(single, {.path = path, .chunk = chunk}))));
            }
    }
}

}  // namespace
}  // namespace gdn2
