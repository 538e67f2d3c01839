// Holds one tensor, the claim, against another, the reference: how far apart, and whether that is allowed.
// A number that is not finite, in either, fails before anything is measured.
//   tests  tests/reference/check/compare_test.cpp
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reference/check/localise.h"
#include "reference/check/tolerances.h"
#include "reference/core/tensor.h"
#include "reference/io/array.h"

namespace gdn2::check {

/// The number format a claim was made in: the unit of its ULP figures.
enum class Precision { f64, f32, f16, bf16 };

/// "f64", "f32", "f16", "bf16".
const char* name_of(Precision precision);

/// The format a file's array holds; f64 for integers.
Precision precision_of(io::DType dtype);

/// The row of tolerances for somebody's results in this format.
Pair claim_pair(Precision precision);

/// |claim - reference| in units in the last place of the format, at the reference. At most 1e300; NaN where either is
/// not finite.
double ulp_distance(double reference, double claim, Precision precision);

/// What a comparison needs to know besides the numbers.
struct CompareOptions {
    double tolerance = 0;                  ///< allowed norm-relative error; see tolerances.h
    Precision precision = Precision::f64;  ///< of the claim
    Layout layout = {};                    ///< what the axes mean, to say where the error lies
    const Tensor<double>* low_precision =
        nullptr;           ///< a plain computation in the claim's format, if there is one
    double least_rms = 0;  ///< the reference counts as at least this large: for one that is rounding itself
};

/// One element of both tensors.
struct Element {
    std::vector<Index> index;
    double reference = 0;
    double claim = 0;
};

/// Errors in units in the last place of the claim's format, at the reference value.
struct UlpSpread {
    double p50 = 0, p99 = 0, max = 0;
};

/// A wrong row may hide in a right norm: one of 40 000 rows entirely wrong is a norm-relative error of 0.005.
/// So no single row may be worse than this many tolerances.
inline constexpr double row_margin = 10;

/// The verdict and every figure behind it. All figures but `size` are NaN when something is not finite.
struct Comparison {
    bool passed = false;
    std::string why;       ///< empty when passed, else one line: which rule failed, its figure and its limit
    double tolerance = 0;  ///< as given

    std::optional<Element> non_finite;  ///< the first NaN or Inf of either tensor, in storage order
    double relative = 0;           ///< judged: rms(diff) / max(rms(ref), least_rms); where that is 0, max_abs
    double worst_row_ratio = 0;    ///< judged too: rms(diff) / max(rms(ref) there, rms(ref) everywhere)
    std::vector<Index> worst_row;  ///< index without the last axis

    double size = 0;        ///< what errors are small against: max(rms(ref), least_rms); 1 where that is 0
    double max_abs = 0;     ///< largest |diff|
    Element worst;          ///< where that is
    double ratio = 0;       ///< rms(diff) / (rms(ref) + 1e-8), as flash-linear-attention's tests
    double nmse = 0;        ///< sum diff^2 / sum ref^2, as ggml's tests
    double cosine = 0;      ///< <claim, ref> / (|claim| |ref|)
    double best_scale = 0;  ///< a* = <claim, ref> / <ref, ref>: 2 when the claim is twice the truth
    UlpSpread ulp;
    std::optional<double>
        over_low_precision;  ///< max_abs over that of low_precision: flash-attention asks <= 2
    Localisation where;      ///< of the elements farther off than tolerance * rms(ref)
};

/// Compares. A reference of zeros is held to the tolerance absolutely; one whose rms is below the smallest normal
/// number of the claim's format is judged as if its rms were that number. Throws Error when the shapes disagree
/// or hold no element.
Comparison compare(const Tensor<double>& reference, const Tensor<double>& claim,
                   const CompareOptions& options);

}  // namespace gdn2::check
