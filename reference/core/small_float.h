// Floating-point numbers of 16 bits: IEEE half precision and bfloat16, to and from double.
//   tests  tests/reference/io/array_test.cpp
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace gdn2 {

/// Sign, `exponent_bits`, `mantissa_bits`, with infinities, NaN and subnormals as in IEEE 754.
template <int exponent_bits, int mantissa_bits>
struct SmallFloat {
    static constexpr int bias = (1 << (exponent_bits - 1)) - 1;
    static constexpr int all_ones = (1 << exponent_bits) - 1;
    static constexpr long infinity = long{all_ones} << mantissa_bits;

    static double decode(std::uint16_t bits) {
        const int exponent = (bits >> mantissa_bits) & all_ones;
        const int mantissa = bits & ((1 << mantissa_bits) - 1);
        const double sign = bits >> 15 ? -1.0 : 1.0;
        if (exponent == all_ones)
            return mantissa ? std::numeric_limits<double>::quiet_NaN()
                            : sign * std::numeric_limits<double>::infinity();
        if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - mantissa_bits);
        return sign * std::ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits);
    }

    /// To nearest, ties to even; beyond the largest number to infinity.
    static std::uint16_t encode(double x) {
        const long sign = std::signbit(x) ? 0x8000 : 0;
        const double size = std::abs(x);
        if (std::isnan(x)) return static_cast<std::uint16_t>(sign | infinity | (1 << (mantissa_bits - 1)));
        if (std::isinf(x)) return static_cast<std::uint16_t>(sign | infinity);
        if (size == 0) return static_cast<std::uint16_t>(sign);
        int exponent = 0;
        std::frexp(size, &exponent);
        exponent = std::max(exponent - 1, 1 - bias);
        if (exponent > bias) return static_cast<std::uint16_t>(sign | infinity);
        // In units of the last place, to nearest even. A carry past the mantissa runs into the exponent
        // field, and from the largest number into infinity: both are what rounding means.
        const long units = std::lrint(std::ldexp(size, mantissa_bits - exponent));
        return static_cast<std::uint16_t>(sign | ((long{exponent + bias - 1} << mantissa_bits) + units));
    }
};

using Half = SmallFloat<5, 10>;     ///< IEEE 754 binary16
using BFloat16 = SmallFloat<8, 7>;  ///< the upper half of binary32

}  // namespace gdn2
