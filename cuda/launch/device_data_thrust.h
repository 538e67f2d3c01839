// The Thrust algorithms of device_data.h for any policy: device_data.cu compiles them with nvcc, device_data.cpp with
// g++ where there is no toolkit.
#pragma once

#include <thrust/count.h>
#include <thrust/execution_policy.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/transform_reduce.h>

#include <cmath>
#include <cstring>

#include "cuda/launch/device_data.h"
#include "cuda/simt/device_memory.h"

#ifdef __CUDACC__
#define GDN2_BOTH __host__ __device__
#else
#define GDN2_BOTH
#endif

namespace gdn2::cuda::device_data {

/// Sign, 5 bits of exponent, 10 of mantissa.
GDN2_BOTH inline float half_to_float(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    const float sign = bits >> 15 ? -1.0f : 1.0f;
    if (exponent == 31) return mantissa ? NAN : sign * INFINITY;
    return exponent ? sign * ldexpf(static_cast<float>(mantissa + 1024), exponent - 25)
                    : sign * ldexpf(static_cast<float>(mantissa), -24);
}

/// To nearest, ties to even; x is finite and at most 65504 in size.
GDN2_BOTH inline std::uint16_t float_to_half(float x) {
    int exponent = 0;
    frexpf(x, &exponent);
    exponent = exponent < -13 ? -13 : exponent;  // x < 2^exponent, subnormal below
    const auto units = static_cast<int>(rintf(ldexpf(fabsf(x), 11 - exponent)));
    return static_cast<std::uint16_t>((x < 0 ? 0x8000 : 0) | (((exponent + 13) << 10) + units));
}

GDN2_BOTH inline float from_bits(std::uint32_t bits) {
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

/// Numbers of a precision that is known when the program runs.
struct Numbers {
    const void* data;
    Precision precision;

    GDN2_BOTH float operator[](std::int64_t i) const {
        if (precision == Precision::f32) return static_cast<const float*>(data)[i];
        const std::uint16_t bits = static_cast<const std::uint16_t*>(data)[i];
        return precision == Precision::bf16 ? from_bits(std::uint32_t{bits} << 16) : half_to_float(bits);
    }
};

/// Number i of a seed, in [low, high]: SplitMix64 (Steele, Lea and Flood 2014) of seed and i.
struct Fill {
    void* data;
    Precision precision;
    float low, high;
    std::uint64_t seed;

    GDN2_BOTH void operator()(std::int64_t i) const {
        std::uint64_t z = seed + static_cast<std::uint64_t>(i + 1) * 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        const double share = static_cast<double>(z >> 11) * 0x1p-53;
        store(i, static_cast<float>(low + (static_cast<double>(high) - low) * share));
    }
    GDN2_BOTH void store(std::int64_t i, float x) const {
        if (precision == Precision::f32) {
            static_cast<float*>(data)[i] = x;
        } else if (precision == Precision::f16) {
            static_cast<std::uint16_t*>(data)[i] = float_to_half(x);
        } else {
            std::uint32_t bits;
            memcpy(&bits, &x, 4);
            bits += 0x7fff + (bits >> 16 & 1);  // to nearest, ties to even
            static_cast<std::uint16_t*>(data)[i] = static_cast<std::uint16_t>(bits >> 16);
        }
    }
};

struct IsNan {
    Numbers numbers;
    GDN2_BOTH bool operator()(std::int64_t i) const {
        const float x = numbers[i];
        return x != x;
    }
};

/// What is known of some places. A NaN counts as larger than anything.
struct Part {
    double largest, sum_squares, reference_squares;
    std::int64_t at;
};

struct Compare {
    Numbers a, b;
    GDN2_BOTH Part operator()(std::int64_t i) const {
        const double x = a[i], y = b[i];
        const double off = x == y ? 0.0 : fabs(x - y);  // equal infinities do not differ
        return {off, off * off, y * y, off == 0.0 ? -1 : i};
    }
};

struct Merge {
    GDN2_BOTH static bool comes_first(const Part& x, const Part& y) {
        const bool x_nan = x.largest != x.largest, y_nan = y.largest != y.largest;
        if (x_nan != y_nan) return x_nan;
        if (!x_nan && x.largest != y.largest) return x.largest > y.largest;
        return x.at < y.at;
    }
    GDN2_BOTH Part operator()(const Part& x, const Part& y) const {
        const Part& first = comes_first(x, y) ? x : y;
        return {first.largest, x.sum_squares + y.sum_squares, x.reference_squares + y.reference_squares,
                first.at};
    }
};

template <class Policy>
void fill(const Policy& policy, std::int64_t count, const Fill& fill_one) {
    const thrust::counting_iterator<std::int64_t> first(0);
    thrust::for_each(policy, first, first + count, fill_one);
}

template <class Policy>
std::int64_t count_nan(const Policy& policy, std::int64_t count, const Numbers& numbers) {
    const thrust::counting_iterator<std::int64_t> first(0);
    return thrust::count_if(policy, first, first + count, IsNan{numbers});
}

template <class Policy>
Difference difference(const Policy& policy, std::int64_t count, const Numbers& a, const Numbers& b) {
    const thrust::counting_iterator<std::int64_t> first(0);
    const Part whole =
        thrust::transform_reduce(policy, first, first + count, Compare{a, b}, Part{0, 0, 0, -1}, Merge{});
    const double reference = std::sqrt(whole.reference_squares);
    return {whole.largest, whole.at, std::sqrt(whole.sum_squares) / (reference == 0 ? 1 : reference)};
}

/// Tells the emulator that the host wrote these.
inline void tell_emulator(void* numbers, std::int64_t count, Precision precision) {
    if (count > 0)
        simt::mark_written(numbers, static_cast<std::size_t>(count) * size_of(precision));
}

}  // namespace gdn2::cuda::device_data
