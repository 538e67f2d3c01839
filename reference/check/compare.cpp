// See compare.h.
#include "reference/check/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/io/text.h"

namespace gdn2::check {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Digits of the significand and the smallest normal exponent, as frexp counts it.
struct Format {
    int digits;
    int min_exponent;
};

Format format_of(Precision precision) {
    switch (precision) {
        case Precision::f64:
            return {53, -1021};
        case Precision::f32:
            return {24, -125};
        case Precision::f16:
            return {11, -13};
        case Precision::bf16:
            return {8, -125};
    }
    return {53, -1021};
}

/// "1.25e-07"
std::string short_number(double value) { return io::number(value, 3); }

/// Sums are kept in long double: its range holds the square of any double.
struct Moments {
    long double difference = 0;  ///< sum (claim - ref)^2
    long double reference = 0;   ///< sum ref^2
    long double claim = 0;       ///< sum claim^2
    long double product = 0;     ///< sum claim * ref

    void add(long double ref, long double value) {
        difference += (value - ref) * (value - ref);
        reference += ref * ref;
        claim += value * value;
        product += value * ref;
    }
};

double root(long double x) { return static_cast<double>(std::sqrt(x)); }

/// x / y, where 0 / 0 is 0 and x / 0 is the absolute x: a reference of zeros is held to absolutely.
double over(double x, double y) { return y == 0 ? x : x / y; }

/// What an error is small against: rms(ref), but no less than options.least_rms, nor than the smallest normal
/// number of the format, below which it holds no relative accuracy; 1 for zeros, which are held to absolutely.
double size_of(const Moments& sums, Index count, const CompareOptions& options) {
    const double rms = root(sums.reference / static_cast<long double>(count));
    const double size = std::max(rms, options.least_rms);
    return size == 0 ? 1 : std::max(size, std::ldexp(1.0, format_of(options.precision).min_exponent - 1));
}

Element element_at(const Tensor<double>& reference, const Tensor<double>& claim, Index offset) {
    return {unravel(offset, reference.shape()), reference[offset], claim[offset]};
}

std::optional<Element> first_non_finite(const Tensor<double>& reference, const Tensor<double>& claim) {
    for (Index i = 0; i < reference.size(); ++i)
        if (!std::isfinite(reference[i]) || !std::isfinite(claim[i])) return element_at(reference, claim, i);
    return std::nullopt;
}

Moments moments(const Tensor<double>& reference, const Tensor<double>& claim, Index first, Index count) {
    Moments sums;
    for (Index i = first; i < first + count; ++i) sums.add(reference[i], claim[i]);
    return sums;
}

/// Offset of the largest |claim - reference|.
Index worst_offset(const Tensor<double>& reference, const Tensor<double>& claim) {
    Index worst = 0;
    for (Index i = 1; i < reference.size(); ++i)
        if (std::abs(claim[i] - reference[i]) > std::abs(claim[worst] - reference[worst])) worst = i;
    return worst;
}

void fill_worst_row(const Tensor<double>& reference, const Tensor<double>& claim, double size,
                    Comparison& result) {
    const Shape& shape = reference.shape();
    const Index row = shape.empty() ? 1 : shape.back();
    Index worst = 0;
    for (Index first = 0; first < reference.size(); first += row) {
        const Moments sums = moments(reference, claim, first, row);
        const auto count = static_cast<long double>(row);
        const double ratio = root(sums.difference / count) / std::max(size, root(sums.reference / count));
        if (ratio <= result.worst_row_ratio) continue;
        result.worst_row_ratio = ratio;
        worst = first;
    }
    result.worst_row = unravel(worst, shape);
    if (!shape.empty()) result.worst_row.pop_back();
}

UlpSpread ulp_spread(const Tensor<double>& reference, const Tensor<double>& claim, Precision precision) {
    std::vector<double> distances;
    distances.reserve(static_cast<std::size_t>(reference.size()));
    for (Index i = 0; i < reference.size(); ++i)
        distances.push_back(ulp_distance(reference[i], claim[i], precision));
    const auto at = [&](double quantile) {
        const auto i = static_cast<std::ptrdiff_t>(quantile * static_cast<double>(distances.size() - 1));
        std::nth_element(distances.begin(), distances.begin() + i, distances.end());
        return distances[static_cast<std::size_t>(i)];
    };
    return {at(0.5), at(0.99), at(1)};
}

double max_difference(const Tensor<double>& reference, const Tensor<double>& claim) {
    const Index worst = worst_offset(reference, claim);
    return std::abs(claim[worst] - reference[worst]);
}

void fill_figures(const Tensor<double>& reference, const Tensor<double>& claim, const CompareOptions& options,
                  Comparison& result) {
    const Moments sums = moments(reference, claim, 0, reference.size());
    const auto count = static_cast<long double>(reference.size());
    const double size = result.size;
    result.worst = element_at(reference, claim, worst_offset(reference, claim));
    result.max_abs = std::abs(result.worst.claim - result.worst.reference);
    const bool zeros = sums.reference == 0;
    result.relative = zeros && options.least_rms == 0 ? result.max_abs : root(sums.difference / count) / size;
    result.nmse = zeros ? root(sums.difference * sums.difference)
                        : static_cast<double>(sums.difference / sums.reference);
    result.ratio = root(sums.difference / count) / (root(sums.reference / count) + 1e-8);
    result.cosine =
        sums.claim == 0 || zeros
            ? (sums.claim == 0 && zeros ? 1 : 0)
            : static_cast<double>(sums.product / (std::sqrt(sums.claim) * std::sqrt(sums.reference)));
    result.best_scale =
        zeros ? (sums.claim == 0 ? 1 : not_a_number) : static_cast<double>(sums.product / sums.reference);
    result.ulp = ulp_spread(reference, claim, options.precision);
    fill_worst_row(reference, claim, size, result);
    if (options.low_precision)
        result.over_low_precision = over(result.max_abs, max_difference(reference, *options.low_precision));
}

void fill_nan(Comparison& result) {
    for (double* figure :
         {&result.relative, &result.worst_row_ratio, &result.max_abs, &result.ratio, &result.nmse,
          &result.cosine, &result.best_scale, &result.ulp.p50, &result.ulp.p99, &result.ulp.max})
        *figure = not_a_number;
}

/// The rule that failed, or nothing.
std::string failed_rule(const Comparison& result) {
    if (result.non_finite) {
        const bool ours = !std::isfinite(result.non_finite->reference);
        const double value = ours ? result.non_finite->reference : result.non_finite->claim;
        return std::string(ours ? "the reference" : "the claim") + " is " + short_number(value) + " at " +
               to_string(result.non_finite->index);
    }
    const auto exceeds = [](const char* what, double value, double limit) {
        return std::string(what) + short_number(value) + " > " + short_number(limit);
    };
    if (!(result.relative <= result.tolerance))
        return exceeds("relative ", result.relative, result.tolerance);
    if (!(result.worst_row_ratio <= row_margin * result.tolerance))
        return exceeds("worst row ", result.worst_row_ratio, row_margin * result.tolerance);
    return "";
}

/// Elements farther off than tolerance times the size: a failed norm has at least one.
std::vector<bool> bad_elements(const Tensor<double>& reference, const Tensor<double>& claim,
                               const CompareOptions& options, double size) {
    const double limit = options.tolerance * size;
    std::vector<bool> bad(static_cast<std::size_t>(reference.size()));
    for (Index i = 0; i < reference.size(); ++i)
        bad[static_cast<std::size_t>(i)] =
            !std::isfinite(claim[i]) || !(std::abs(claim[i] - reference[i]) <= limit);
    return bad;
}

}  // namespace

const char* name_of(Precision precision) {
    switch (precision) {
        case Precision::f64:
            return "f64";
        case Precision::f32:
            return "f32";
        case Precision::f16:
            return "f16";
        case Precision::bf16:
            return "bf16";
    }
    return "unknown";
}

Precision precision_of(io::DType dtype) {
    switch (dtype) {
        case io::DType::f32:
            return Precision::f32;
        case io::DType::f16:
            return Precision::f16;
        case io::DType::bf16:
            return Precision::bf16;
        default:
            return Precision::f64;
    }
}

Pair claim_pair(Precision precision) {
    switch (precision) {
        case Precision::f32:
            return Pair::f32_claim;
        case Precision::f16:
            return Pair::f16_claim;
        case Precision::bf16:
            return Pair::bf16_claim;
        default:
            return Pair::f64_claim;
    }
}

double ulp_distance(double reference, double claim, Precision precision) {
    if (!std::isfinite(reference) || !std::isfinite(claim)) return not_a_number;
    const Format format = format_of(precision);
    int exponent = format.min_exponent;
    if (reference != 0) {
        int own = 0;
        std::frexp(reference, &own);
        exponent = std::max(own, exponent);
    }
    const long double difference = std::abs(static_cast<long double>(claim) - reference);
    return static_cast<double>(std::min(std::ldexp(difference, format.digits - exponent), 1e300L));
}

Comparison compare(const Tensor<double>& reference, const Tensor<double>& claim,
                   const CompareOptions& options) {
    const auto require_same = [&](const char* what, const Shape& shape) {
        require(shape == reference.shape(), std::string(what) + " must be " + to_string(reference.shape()) +
                                                " like the reference, got " + to_string(shape));
    };
    require_same("the claim", claim.shape());
    if (options.low_precision) require_same("the low-precision result", options.low_precision->shape());
    require(reference.size() > 0, "nothing to compare: the tensors are " + to_string(reference.shape()));

    Comparison result;
    result.tolerance = options.tolerance;
    result.size = size_of(moments(reference, reference, 0, reference.size()), reference.size(), options);
    result.non_finite = first_non_finite(reference, claim);
    if (result.non_finite)
        fill_nan(result);
    else
        fill_figures(reference, claim, options, result);
    result.why = failed_rule(result);
    result.passed = result.why.empty();
    if (!result.passed)
        result.where =
            localise(bad_elements(reference, claim, options, result.size), reference.shape(), options.layout);
    return result;
}

}  // namespace gdn2::check
