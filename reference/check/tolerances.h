// The one table of what may differ from what, by how much, and why. Every test and the `gdn2` command take
// their tolerance from here; a change of tolerance is a commit of its own.
//   tests  tests/reference/check/tolerances_test.cpp
#pragma once

#include <array>
#include <string_view>

#include "reference/core/error.h"

namespace gdn2::check {

/// Who is held against whom. The left-hand side is the claim.
enum class Pair {
    recurrent_golden,    ///< f64 token by token against numbers made elsewhere in f64
    chunk_golden,        ///< f64 chunkwise (either form) against numbers made elsewhere in f64
    chunk_recurrent,     ///< f64 chunkwise against f64 token by token
    f32_recurrent,       ///< f32 token by token against f64 token by token
    f32_chunk,           ///< f32 chunkwise (either form) against f64 token by token
    f64_claim,           ///< somebody's f64 numbers against f64 token by token
    f32_claim,           ///< somebody's f32 numbers, without TF32, against f64
    f16_claim,           ///< somebody's f16 numbers against f64
    bf16_claim,          ///< somebody's bf16 numbers against f64
    f32_device,          ///< our kernels in f32 against f64 token by token
    f16_device,          ///< our kernels in f16 against f64 token by token on the same rounded inputs
    bf16_device,         ///< our kernels in bf16 against f64 token by token on the same rounded inputs
    adjoint_dual,        ///< an adjoint against dual numbers, dot-product test
    adjoint_difference,  ///< an adjoint against central differences
    exact,               ///< integer inputs: every path and precision gives the same bits
};

/// What kind of tensor is compared.
enum class Kind {
    output,          ///< o, final_state
    gradient,        ///< dq dk dv db dw d_initial_state
    decay_gradient,  ///< dg: a sum of q dq + b db - k dk terms that nearly cancel
};

/// One row: the norm-relative error allowed, sqrt(sum (claim - reference)^2) / sqrt(sum reference^2).
struct Tolerance {
    Pair pair;
    Kind kind;
    double value;
    std::string_view reason;
};

/// Every tolerance there is.
inline constexpr std::array<Tolerance, 45> tolerances{{
    {Pair::recurrent_golden, Kind::output, 1e-12, "same sums in another order; a few ulp per token"},
    {Pair::recurrent_golden, Kind::gradient, 1e-11, "the reverse pass doubles the roundings"},
    {Pair::recurrent_golden, Kind::decay_gradient, 1e-11, "a row sum per token, little cancellation"},
    {Pair::chunk_golden, Kind::output, 1e-11, "a triangular solve between the two"},
    {Pair::chunk_golden, Kind::gradient, 1e-10, "the adjoint of that solve"},
    {Pair::chunk_golden, Kind::decay_gradient, 1e-10, "suffix sums of terms that cancel"},
    {Pair::chunk_recurrent, Kind::output, 1e-12, "a triangular solve between the two"},
    {Pair::chunk_recurrent, Kind::gradient, 1e-11, "the adjoint of that solve"},
    {Pair::chunk_recurrent, Kind::decay_gradient, 1e-10, "suffix sums of terms that cancel"},
    {Pair::f32_recurrent, Kind::output, 2e-6, "naive f32 measures 1e-7 to 2.4e-7 at any length"},
    {Pair::f32_recurrent, Kind::gradient, 1e-5, "the reverse pass, with a margin"},
    {Pair::f32_recurrent, Kind::decay_gradient, 5e-5, "cancellation"},
    {Pair::f32_chunk, Kind::output, 1e-5, "the solve amplifies: 3.3e-6 seen at key_dim 1, b near 2, no decay"},
    {Pair::f32_chunk, Kind::gradient, 5e-5, "1.3e-5 seen at key_dim 1, in a d_initial_state of one number"},
    {Pair::f32_chunk, Kind::decay_gradient, 5e-5, "cancellation in suffix sums"},
    {Pair::f64_claim, Kind::output, 1e-11, "whichever path made them"},
    {Pair::f64_claim, Kind::gradient, 1e-10, "whichever path made them"},
    {Pair::f64_claim, Kind::decay_gradient, 1e-10, "whichever path made them"},
    {Pair::f32_claim, Kind::output, 5e-6, "20 times what naive f32 measures, for other orders of summation"},
    {Pair::f32_claim, Kind::gradient, 2e-5, "the reverse pass, with a margin"},
    {Pair::f32_claim, Kind::decay_gradient, 1e-4, "cancellation in suffix sums"},
    {Pair::f16_claim, Kind::output, 5e-3, "f16 inputs round at 5e-4; tensor cores accumulate in f32"},
    {Pair::f16_claim, Kind::gradient, 1e-2, "as for bf16"},
    {Pair::f16_claim, Kind::decay_gradient, 2e-2, "cancellation"},
    {Pair::bf16_claim, Kind::output, 5e-3, "rounding only the inputs to bf16 already costs 3e-3"},
    {Pair::bf16_claim, Kind::gradient, 1e-2, "what peers ask of their bf16 kernels"},
    {Pair::bf16_claim, Kind::decay_gradient, 2e-2, "what peers ask of their bf16 kernels"},
    {Pair::f32_device, Kind::output, 1e-5, "3e-7 under the emulator, 4e-6 seen on a card: tensor cores truncate sums"},
    {Pair::f32_device, Kind::gradient, 5e-5, "as for f32 chunkwise"},
    {Pair::f32_device, Kind::decay_gradient, 1e-4, "cancellation in suffix sums"},
    {Pair::f16_device, Kind::output, 2e-3, "operands of products are rounded: 5e-4 to 7e-4 measured"},
    {Pair::f16_device, Kind::gradient, 5e-3, "the reverse pass, with a margin"},
    {Pair::f16_device, Kind::decay_gradient, 1e-2, "cancellation"},
    {Pair::bf16_device, Kind::output, 1e-2, "operands of products are rounded: 4e-3 to 6e-3 measured"},
    {Pair::bf16_device, Kind::gradient, 2e-2, "the reverse pass, with a margin"},
    {Pair::bf16_device, Kind::decay_gradient, 4e-2, "cancellation"},
    {Pair::adjoint_dual, Kind::output, 1e-14, "dual numbers are exact; measured 5e-17 at most"},
    {Pair::adjoint_dual, Kind::gradient, 1e-14, "dual numbers are exact; measured 5e-17 at most"},
    {Pair::adjoint_dual, Kind::decay_gradient, 1e-14, "dual numbers are exact; measured 5e-17 at most"},
    {Pair::adjoint_difference, Kind::output, 1e-7, "h^2 of truncation and eps / h of rounding at h = 1e-5"},
    {Pair::adjoint_difference, Kind::gradient, 1e-7, "h^2 of truncation and eps / h of rounding at h = 1e-5"},
    {Pair::adjoint_difference, Kind::decay_gradient, 1e-7, "as the other gradients"},
    {Pair::exact, Kind::output, 0, "sums of small integers are exact in any order"},
    {Pair::exact, Kind::gradient, 0, "sums of small integers are exact in any order"},
    {Pair::exact, Kind::decay_gradient, 0, "sums of small integers are exact in any order"},
}};

/// Rounding of an f64 reference, relative to the terms a tensor is summed from. A gradient that is zero but for
/// rounding has two witnesses that differ by about this much of those terms: their size is that difference over this.
inline constexpr double reference_rounding = 1e-14;

/// In f16 and bf16 a kernel may err by this factor times what a plain computation errs that rounds to the same format,
/// and a fifth of the table's tolerance besides (the rule of flash-attention's tests).
inline constexpr double low_precision_factor = 2;

/// The same for gradients, of which more is rounded on the way.
inline constexpr double low_precision_gradient_factor = 3;

/// And by this factor more where b is near 2 and keys resemble each other: A is then far from the identity, and what is
/// rounded before it is multiplied by it. Measured: 3 times a plain computation's error in all, at key_dim 1.
inline constexpr double near_singular_factor = 2;

/// For gradients in one or two key channels, where any two keys resemble each other. Measured: 8 times a plain
/// computation's error, in dg at key_dim 1, b up to 2 and no decay.
inline constexpr double near_singular_gradient_factor = 6;

/// A gradient smaller than this part of the largest one counts as that part when two f64 witnesses are compared; so
/// does an output beside the largest output.
inline constexpr double smallest_part = 1e-3;

/// The row for a pair and a kind. The table is complete; a test says so.
constexpr const Tolerance& tolerance_row(Pair pair, Kind kind) {
    for (const Tolerance& row : tolerances)
        if (row.pair == pair && row.kind == kind) return row;
    throw Error("the table of tolerances has no such row");  // at compile time this line is an error
}

/// Its value.
constexpr double tolerance(Pair pair, Kind kind) { return tolerance_row(pair, kind).value; }

/// The kind of a result tensor by its name in a file: "dg" is a decay_gradient, "o" an output.
constexpr Kind kind_of(std::string_view name) {
    if (name == "o" || name == "final_state") return Kind::output;
    return name == "dg" ? Kind::decay_gradient : Kind::gradient;
}

}  // namespace gdn2::check
