// Every planted mistake must be caught, by the comparison and the tolerance that users get, on data that can
// show it; and what hides a mistake from a test is measured here, by name.
//   paper  Appendix B.5 (gates multiplied on afterwards)
#include "tests/planted/mutants.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "reference/check/compare.h"
#include "reference/check/tolerances.h"
#include "reference/core/random.h"
#include "reference/delta_rule/chunk_backward.h"
#include "reference/delta_rule/recurrent.h"
#include "reference/delta_rule/recurrent_backward.h"
#include "reference/delta_rule/residual_form.h"
#include "tests/planted/mutable_chunk.h"
#include "tests/support/allow_fp_exceptions.h"

using namespace gdn2;
using namespace gdn2::planted;
using check::Pair;

namespace {

using enum Mutant;

/// What the data are like. The defaults show every mistake: three chunks, the last one short; slow decay, so
/// that a chunk's start still matters at its end; states at both ends; untied gates.
struct Recipe {
    Index length = 150, key_dim = 13, value_dim = 29;
    double strongest = -0.05, weakest = -0.001;  // range of g
    double state = 0.3;                          // rms of the initial state
    bool tied_b = false, tied_w = false;         // b, w the same number in every channel
};

Matrix<double> matrix_of(const Tensor<double>& x) {
    return Eigen::Map<const Matrix<double>>(x.data(), x.shape()[0], x.shape()[1]);
}

Tensor<double> tensor_of(const Matrix<double>& x) {
    return {{x.rows(), x.cols()}, {x.data(), x.data() + x.size()}};
}

Inputs inputs(const Recipe& recipe = {}) {
    Random random(20260522);
    const Shape keys{recipe.length, recipe.key_dim}, values{recipe.length, recipe.value_dim};
    const Shape state{recipe.key_dim, recipe.value_dim};
    const Matrix<double> beta = matrix_of(random_uniform({recipe.length, 1}, random, 0, 1));
    Inputs x;
    x.q = matrix_of(unit_rows(random_normal(keys, random)));
    x.k = matrix_of(unit_rows(random_normal(keys, random)));
    x.v = matrix_of(random_normal(values, random));
    x.g = matrix_of(random_uniform(keys, random, recipe.strongest, recipe.weakest));
    x.b = matrix_of(random_uniform(keys, random, 0, 1));
    x.w = matrix_of(random_uniform(values, random, 0, 1));
    x.initial_state = recipe.state * matrix_of(random_normal(state, random));
    x.d_o = matrix_of(random_normal(values, random));
    x.d_final_state = matrix_of(random_normal(state, random));
    x.scale = 1 / std::sqrt(static_cast<double>(recipe.key_dim));
    if (recipe.tied_b) x.b = beta.replicate(1, recipe.key_dim);
    if (recipe.tied_w) x.w = beta.replicate(1, recipe.value_dim);
    return x;
}

Sequence<double> sequence_of(const Inputs& x) {
    return {rows_of(x.q), rows_of(x.k), rows_of(x.g), rows_of(x.b), rows_of(x.v), rows_of(x.w), x.scale};
}

Outputs outputs_of(const Forward<double>& y, const Gradient<double>& d) {
    return {y.o, y.final_state, d.dq, d.dk, d.dv, d.dg, d.db, d.dw, d.d_initial_state};
}

/// The library, token by token: the definition.
Outputs truth(const Inputs& x) {
    const Sequence<double> tokens = sequence_of(x);
    return outputs_of(recurrent(tokens, x.initial_state),
                      recurrent_backward(tokens, x.initial_state, rows_of(x.d_o), x.d_final_state));
}

struct Named {
    std::string name;
    const Matrix<double>* tensor;
};

/// The tensors that are there.
std::vector<Named> named(const Outputs& y) {
    std::vector<Named> all{{"o", &y.o},   {"final_state", &y.final_state},
                           {"dq", &y.dq}, {"dk", &y.dk},
                           {"dv", &y.dv}, {"dg", &y.dg},
                           {"db", &y.db}, {"dw", &y.dw},
                           {"d_initial_state", &y.d_initial_state}};
    std::erase_if(all, [](const Named& x) { return x.tensor->size() == 0; });
    return all;
}

/// The verdict for the tensor farthest beyond its tolerance. A NaN in any of them comes first.
check::Comparison worst(const Outputs& reference, const Outputs& claim, Pair pair = Pair::chunk_golden) {
    check::Comparison result;
    result.passed = true;
    const std::vector<Named> left = named(reference), right = named(claim);
    for (std::size_t i = 0; i < right.size(); ++i) {
        const double tolerance = check::tolerance(pair, check::kind_of(right[i].name));
        const check::Comparison c =
            check::compare(tensor_of(*left[i].tensor), tensor_of(*right[i].tensor), {.tolerance = tolerance});
        if (c.non_finite) return c;
        if (i == 0 || c.relative / c.tolerance > result.relative / result.tolerance) result = c;
    }
    return result;
}

const Entry& entry_of(Mutant mutant) { return mutants()[static_cast<std::size_t>(mutant)]; }

/// A forward mistake is judged by o and final_state, an adjoint mistake by everything.
Outputs run(const Inputs& x, const Entry& entry) {
    if (entry.place == Place::recurrence) return mutable_recurrence(x, {entry.mutant});
    Outputs y = mutable_chunk(x, {entry.mutant});
    if (entry.place != Place::adjoint) return {y.o, y.final_state, {}, {}, {}, {}, {}, {}, {}};
    return y;
}

bool passes(const Inputs& x, const Mutants& m) { return worst(truth(x), mutable_chunk(x, m)).passed; }

/// The mistakes that nobody would see on these data.
Mutants survivors(const Recipe& recipe) {
    const Inputs x = inputs(recipe);
    const Outputs correct = truth(x);
    Mutants result;
    for (const Entry& entry : mutants())
        if (worst(correct, run(x, entry)).passed) result.insert(entry.mutant);
    return result;
}

std::string names(const Mutants& set) {
    std::string line;
    for (const Entry& entry : mutants())
        if (set.contains(entry.mutant)) line += std::string(entry.name) + " ";
    return line;
}

/// Large enough on both axes for the mistakes that need key_dim = value_dim.
constexpr Recipe square() { return {.key_dim = 16, .value_dim = 16}; }

}  // namespace

TEST_CASE("the mutable rule without a mistake agrees with every path of the library") {
    for (const Recipe& recipe : {Recipe{}, square(), Recipe{.length = 1}, Recipe{.strongest = -0.5}}) {
        const Inputs x = inputs(recipe);
        const Sequence<double> tokens = sequence_of(x);
        CHECK(worst(truth(x), mutable_recurrence(x), Pair::recurrent_golden).passed);
        for (const Index length : {1, 7, 64, 150, 200}) {
            const Outputs y = mutable_chunk(x, {}, length);
            CHECK(worst(truth(x), y, Pair::chunk_recurrent).passed);
            ChunkStarts<double> starts;
            const Forward<double> wy = chunk(tokens, x.initial_state, length, &starts);
            const Gradient<double> d =
                chunk_backward(tokens, starts, rows_of(x.d_o), x.d_final_state, length);
            CHECK(worst(outputs_of(wy, d), y).passed);
            const Gradient<double> r =
                residual_form_backward(tokens, starts, rows_of(x.d_o), x.d_final_state, length);
            CHECK(worst(outputs_of(residual_form(tokens, x.initial_state, length), r), y).passed);
        }
    }
}

TEST_CASE("every planted mistake is caught") {
    CHECK(mutants().size() == 75);
    for (const Entry& entry : mutants()) {
        const Inputs x = inputs(entry.dims == Dims::square ? square() : Recipe{});
        const check::Comparison found = worst(truth(x), run(x, entry));
        INFO(entry.name << ": " << entry.says << ", relative error " << found.relative);
        CHECK_FALSE(found.passed);
        CHECK_FALSE(found.non_finite);                         // by its size, not by a NaN
        CHECK_FALSE(found.relative <= 1e6 * found.tolerance);  // and by far
    }
}

TEST_CASE("a gradient that is NaN is caught however large the tolerance") {
    const test::AllowFpExceptions allowed;
    const Inputs x = inputs({.strongest = -12, .weakest = -12});  // 1 / gamma overflows within a chunk of 64
    const Outputs overflowed = mutable_chunk(x);
    const check::Comparison found = worst(truth(x), overflowed);
    CHECK_FALSE(found.passed);
    CHECK(found.non_finite);
    CHECK(std::isnan(found.relative));
    const Tensor<double> dg = tensor_of(truth(x).dg);
    CHECK_FALSE(check::compare(dg, tensor_of(overflowed.dg), {.tolerance = 1e300}).passed);
}

TEST_CASE("a mistake that can be stated twice is the same mistake") {
    const Inputs x = inputs();
    for (const Mutant both : {base_two_decay, erase_before_decay})
        CHECK(worst(mutable_recurrence(x, {both}), run(x, entry_of(both))).passed);
    CHECK(worst(mutable_recurrence(x, {read_before_write}), run(x, entry_of(A_qk_strict))).passed);
}

TEST_CASE("gates multiplied onto dA afterwards pass exactly when they are tied") {
    const Inputs untied = inputs(), tied = inputs({.tied_b = true, .tied_w = true});
    const Inputs tied_b = inputs({.tied_b = true}), tied_w = inputs({.tied_w = true});
    for (const Mutant shortcut : {gates_after_dA, write_gate_after_dA, erase_gate_after_dA}) {
        CHECK(passes(tied, {shortcut}));
        CHECK_FALSE(passes(untied, {shortcut}));
        CHECK(passes(tied_b, {shortcut}) == (shortcut == erase_gate_after_dA));
        CHECK(passes(tied_w, {shortcut}) == (shortcut == write_gate_after_dA));
    }
}

TEST_CASE("the killer data hide no planted mistake and one token past a chunk already suffices") {
    CHECK(names(survivors(square())) == "");
    CHECK(names(survivors({.length = 65, .key_dim = 16, .value_dim = 16})) == "");
}

TEST_CASE("tied gates hide the seven mistakes about gates that differ by channel") {
    Recipe recipe = square();
    recipe.tied_b = recipe.tied_w = true;
    CHECK(names(survivors(recipe)) ==
          names({erase_gate_on_written_key, gates_swapped, mean_erase_gate, mean_write_gate, gates_after_dA,
                 write_gate_after_dA, erase_gate_after_dA}));
}

TEST_CASE("a sequence of one token hides 23 planted mistakes") {
    Recipe recipe = square();
    recipe.length = 1;
    const Mutants hidden = survivors(recipe);
    CHECK(hidden.size() == 23);
    CHECK(names(hidden) ==
          names({G_across_chunks, mixed_bases, A_of_first_order, U_without_A, dA_qk_unmasked, gates_after_dA,
                 write_gate_after_dA, erase_gate_after_dA, dA_without_w, dA_without_b, dA_without_Y,
                 dA_without_U, A_not_transposed, dT_not_transposed, dT_sign, dT_of_first_order, dE_without_T,
                 dK_bar_without_T, db_without_T, dgamma_C_in_first_row, dg_forward_sum, dg_without_sum,
                 dg_across_chunks}));
}

TEST_CASE("one full chunk hides 3 planted mistakes and from a zero state 12") {
    Recipe recipe = square();
    recipe.length = 64;
    CHECK(names(survivors(recipe)) == names({G_across_chunks, gamma_C_of_a_full_chunk, dg_across_chunks}));
    recipe.state = 0;
    const Mutants hidden = survivors(recipe);
    CHECK(hidden.size() == 12);
    CHECK(names(hidden) ==
          names({G_across_chunks, gamma_C_of_a_full_chunk, Qg_without_decay, S_C_without_gamma_C,
                 S_C_without_S_0, S_C_with_mean_gamma_C, dgamma_C_missing, dY_sign, erase_gate_after_dA,
                 dA_without_b, dA_without_Y, dg_across_chunks}));
}

TEST_CASE("no decay at all hides the 17 planted mistakes about decay") {
    Recipe recipe = square();
    recipe.strongest = recipe.weakest = 0;
    const Mutants hidden = survivors(recipe);
    CHECK(hidden.size() == 17);
    CHECK(names(hidden) ==
          names({base_two_decay, decay_on_value_axis, erase_before_decay, decay_after_write, G_exclusive,
                 G_across_chunks, gamma_C_of_a_full_chunk, inverted_ratio, mixed_bases,
                 K_tail_without_gamma_C, K_tail_from_start, Qg_without_decay, S_C_without_gamma_C,
                 S_C_with_mean_gamma_C, dS_0_without_gamma_C, db_without_gamma, dG_without_gamma}));
}
