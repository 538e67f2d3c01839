// The backward kernels against the reference, token by token in float64: every precision over shapes, decays, gates and
// packings; the golden files; integer problems, bit for bit; and what must repeat or not be noticed.
//   sources  reverse_scan.cuh chunk_grad.cuh chunk_grad_tree.cuh chunk_grad_decay.cuh chunk_grad_values.cuh
//            key_adjoint.cuh
#include <doctest/doctest.h>

#include "reference/delta_rule/problem_file.h"
#include "tests/support/device_cases.h"
#include "tests/support/device_gradient.h"

namespace gdn2::test {
namespace {

using enum cuda::Precision;

/// Tokens [first, first + length) of the first batch row.
Tensor<float> tokens_of(const Tensor<float>& t, Index first, Index length) {
    Tensor<float> part({1, length, t.shape()[2], t.shape()[3]});
    const Index row = t.shape()[2] * t.shape()[3];
    std::copy_n(t.values().begin() + first * row, length * row, part.values().begin());
    return part;
}

Tensor<float> one_state(const Tensor<float>& t, Index sequence) {
    Tensor<float> part({1, t.shape()[1], t.shape()[2], t.shape()[3]});
    std::copy_n(t.values().begin() + sequence * part.size(), part.size(), part.values().begin());
    return part;
}

void check_cases(cuda::Precision precision, Index first, Index last, bool large = false) {
    for (Index i = first; i < last; ++i) {
        const Draw draw = draw_case(i, large);
        INFO("case " << i << ": " << to_string(draw));
        // In one or two dims any two keys resemble each other.
        const double slack = draw.sizes.key_dim <= 2 ? check::near_singular_gradient_factor : 1;
        expect_gradient(draw_problem(draw), on_device(precision), i % 2 == 1, slack);
    }
}

TEST_CASE("gradients by the kernels agree with the reference in f32") { check_cases(f32, 0, 16); }
TEST_CASE("gradients by the kernels agree with the reference in bf16") { check_cases(bf16, 0, 16); }
TEST_CASE("gradients by the kernels agree with the reference in f16") { check_cases(f16, 24, 30); }
TEST_CASE("gradients by the kernels agree with the reference on wide heads") {
    check_cases(f32, 0, 5, true);
    check_cases(bf16, 4, 9, true);
}
TEST_CASE("gradients by the kernels agree with the reference on the long set of cases") {
    if (!long_tests()) return;
    for (const auto precision : all_precisions) {
        check_cases(precision, 36, 120);
        check_cases(precision, 36, 60, true);
    }
}

TEST_CASE("gradients stay within tolerance where keys resemble each other with b near 2 and no decay") {
    for (const auto precision : all_precisions)
        for (const Index key_dim : {32, 200}) {  // the wider take two warps a row
            INFO("key_dim " << key_dim);
            Problem<double> p =
                draw_problem({{1, 130, 1, 1, key_dim, 16, 1}, Decay::zero, 2, false, true, true, {}, 11});
            for (Index i = 0; i < p.k.size(); ++i) p.k[i] = p.k[i % key_dim] + 0.02 * p.k[i];
            p.k = unit_rows(p.k);
            for (double& b : p.b.values()) b = 1.9 + 0.05 * b;
            expect_gradient(cast_problem<double>(cast_problem<float>(p)), on_device(precision), false,
                            check::near_singular_factor);
        }
}

TEST_CASE("gradients by the kernels agree with the golden files") {
    for (const std::string name : golden_names) {
        std::vector<std::string> notes;
        const std::string stem = std::string(GDN2_SOURCE_DIR) + "/tests/golden/" + name;
        const Problem<double> p = read_problem(stem + ".in.npz", notes);
        const Claim golden = read_claim(stem + ".out.npz", notes);
        INFO(name);
        const Result<double> claim = to_double(
            static_cast<const Result<float>&>(cuda::gradient(cast_problem<float>(p), on_device(f32))));
        for (const auto& [tensor, values] : by_name(claim)) {
            REQUIRE(golden.tensors.contains(tensor));
            expect_close(tensor, golden.tensors.at(tensor).values, *values,
                         check::tolerance(check::Pair::f32_device, check::kind_of(tensor)));
        }
        for (const auto precision : {bf16, f16}) expect_gradient(p, on_device(precision));
    }
}

/// Integers small enough that no product or sum of the backward pass is rounded even in bf16: keys of one 1 each, no
/// decay, few tokens with something to say.
Problem<double> integer_problem(std::uint64_t seed, Index key_dim, Index value_dim) {
    Problem<double> p = draw_problem(
        {{1, 150, 1, 2, key_dim, value_dim, 1}, Decay::zero, 1, false, true, true, {0, 70, 70, 150}, seed});
    Random random(seed, 1);
    const auto fill = [&](Tensor<double>& t, double share) {
        for (double& x : t.values()) x = random.uniform() < share ? (random.uniform() < 0.5 ? -1 : 1) : 0;
    };
    for (Tensor<double>* t : {&p.q, &p.v, &*p.d_o}) fill(*t, 0.15);
    for (Tensor<double>* t : {&*p.initial_state, &*p.d_final_state}) fill(*t, 0.3);
    for (Tensor<double>* t : {&p.b, &p.w})
        for (double& x : t->values()) x = static_cast<double>(random.integer(0, 1));
    p.k = Tensor<double>(p.k.shape());
    for (Index row = 0; row < p.k.size(); row += key_dim) p.k[row + random.integer(0, key_dim - 1)] = 1;
    p.scale = 1;
    return p;
}

TEST_CASE("integer problems give the bits of the reference in every gradient and precision") {
    for (const auto& [key_dim, value_dim] : {std::pair<Index, Index>{8, 16}, {70, 20}, {200, 70}}) {
        const Problem<double> p = integer_problem(key_dim, key_dim, value_dim);
        const Result<double> truth = gradient(p, {.path = Path::recurrent});
        for (const auto precision : all_precisions) {
            INFO("dims " << key_dim << "x" << value_dim << " " << std::string(cuda::name_of(precision)));
            const Result<double> claim = to_double(
                static_cast<const Result<float>&>(cuda::gradient(cast_problem<float>(p), on_device(precision))));
            const auto claims = by_name(claim);
            for (const auto& [name, tensor] : by_name(truth)) {
                INFO(name);
                CHECK(identical(*tensor, *claims.at(name)));
            }
        }
    }
}

void expect_same_bits(const Result<float>& a, const Result<float>& b) {
    for (const auto member : {&Result<float>::o, &Result<float>::final_state, &Result<float>::dq, &Result<float>::dk,
                              &Result<float>::dv, &Result<float>::dg, &Result<float>::db, &Result<float>::dw,
                              &Result<float>::d_initial_state})
        CHECK(same_bits(a.*member, b.*member));
}

Problem<float> problem_of(Sizes sizes, std::vector<Index> offsets = {}) {
    return cast_problem<float>(
        draw_problem({sizes, Decay::mild, 1, false, true, true, std::move(offsets), 9}));
}

TEST_CASE("gradients have the same bits in every run and saved or computed again and in both layouts of states") {
    for (const auto precision : {f32, bf16}) {
        const Problem<float> p = problem_of({2, 70, 2, 4, 24, 72, 2});
        cuda::Options options = on_device(precision);
        const cuda::Gradients first = cuda::gradient(p, options);
        for (int run = 0; run < 4; ++run) {
            options.threads = 1 + run % 4;
            options.value_first = run % 2 == 1;
            expect_same_bits(cuda::gradient(p, options, run >= 2), first);
        }
    }
}

TEST_CASE("a sequence has the same gradients alone and in a pack") {
    const std::vector<Index> starts{0, 30, 30, 95, 200};
    const Problem<float> p = problem_of({1, 200, 1, 2, 20, 16, 4}, starts);
    for (const auto precision : {f32, bf16}) {
        const cuda::Gradients together = cuda::gradient(p, on_device(precision));
        for (const Index n : {0, 2, 3}) {
            const Index first = starts[static_cast<std::size_t>(n)],
                        length = starts[static_cast<std::size_t>(n) + 1] - first;
            Problem<float> alone;
            for (const auto member : {&Problem<float>::q, &Problem<float>::k, &Problem<float>::g, &Problem<float>::b,
                                      &Problem<float>::v, &Problem<float>::w})
                alone.*member = tokens_of(p.*member, first, length);
            alone.d_o = tokens_of(*p.d_o, first, length);
            alone.initial_state = one_state(*p.initial_state, n);
            alone.d_final_state = one_state(*p.d_final_state, n);
            const cuda::Gradients result = cuda::gradient(alone, on_device(precision));
            for (const auto member : {&Result<float>::dq, &Result<float>::dk, &Result<float>::dv, &Result<float>::dg,
                                      &Result<float>::db, &Result<float>::dw})
                CHECK(same_bits(tokens_of(together.*member, first, length), result.*member));
            CHECK(same_bits(one_state(together.d_initial_state, n), result.d_initial_state));
        }
    }
}

TEST_CASE("the gradient of a channel that forgets everything is small and right") {
    Problem<double> p = draw_problem({{1, 130, 1, 1, 16, 16, 1}, Decay::slow, 1, false, true, true, {}, 3});
    for (Index i = 0; i < p.g.size(); ++i)
        if (i % 4 == 1) p.g[i] = -12;
    p = rounded_with_upstream(p, bf16);
    const Result<double> truth = gradient(p, {.path = Path::recurrent});
    for (const auto precision : {f32, bf16}) {
        const cuda::Gradients claim = cuda::gradient(cast_problem<float>(p), on_device(precision));
        double error = 0, size = 0;
        for (Index i = 1; i < truth.dg.size(); i += 4) {
            error += std::pow(claim.dg[i] - truth.dg[i], 2);
            size += std::pow(truth.dg[i], 2);
        }
        CHECK(std::sqrt(error / size) < (precision == f32 ? 1e-5 : 2e-2));
    }
}

TEST_CASE("gradients take absent upstream gradients for zeros and empty sequences in their stride") {
    Problem<float> p = problem_of({1, 70, 1, 2, 16, 16, 3}, {0, 0, 70, 70});
    const Tensor<float> d_final = *p.d_final_state;
    expect_gradient(cast_problem<double>(p), on_device(f32));
    p.d_o = Tensor<float>(p.v.shape());
    const cuda::Gradients zeros = cuda::gradient(p, on_device(f32));
    p.d_o.reset();
    expect_same_bits(cuda::gradient(p, on_device(f32)), zeros);
    p.d_final_state = Tensor<float>(d_final.shape());
    const cuda::Gradients nothing = cuda::gradient(p, on_device(f32));
    p.d_final_state.reset();
    expect_same_bits(cuda::gradient(p, on_device(f32)), nothing);
    for (const float x : nothing.dk.values()) CHECK(x == 0);
}

}  // namespace
}  // namespace gdn2::test
