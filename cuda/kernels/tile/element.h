// The number formats of tensors in device memory: float, bf16 and f16, alone and in pairs. All arithmetic is float.
//   tests  tests/cuda/kernels/unit_test.cpp
#pragma once

#include <bit>
#include <cmath>

#include "cuda/kernels/tile/platform.h"
#include "reference/core/small_float.h"

namespace gdn2::cuda {

/// bfloat16: the upper half of a float.
struct bf16 {
    std::uint16_t bits;
};

/// IEEE half precision.
struct f16 {
    std::uint16_t bits;
};

#ifdef __CUDA_ARCH__

GDN2_DEVICE std::uint32_t round_to_bf16x2(float low, float high) {
    std::uint32_t pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}
GDN2_DEVICE std::uint32_t round_to_f16x2(float low, float high) {
    std::uint32_t pair;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}
GDN2_DEVICE float float_of_f16(std::uint16_t bits) {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
}
/// exp(x) for x <= 0 within a few ulp of the argument: 0 at -inf.
GDN2_DEVICE float exp_of(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x * 1.4426950408889634f));
    return y;
}

#else

inline std::uint32_t round_to_bf16(float x) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    if (x != x) return 0x7fff;
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;  // to nearest, ties to even
}
inline std::uint32_t round_to_bf16x2(float low, float high) { return round_to_bf16(low) | round_to_bf16(high) << 16; }
inline std::uint32_t round_to_f16x2(float low, float high) {
    return Half::encode(low) | static_cast<std::uint32_t>(Half::encode(high)) << 16;
}
inline float exp_of(float x) { return std::exp(x); }
inline float float_of_f16(std::uint16_t bits) { return static_cast<float>(Half::decode(bits)); }

#endif

/// How numbers of type E are read and written, one or two neighbours at a time.
template <class E>
struct Element;

template <>
struct Element<float> {
    using Pair = float2;
    static GDN2_DEVICE float to_float(float x) { return x; }
    static GDN2_DEVICE float from_float(float x) { return x; }
    static GDN2_DEVICE float2 to_floats(Pair pair) { return pair; }
    static GDN2_DEVICE Pair from_floats(float first, float second) { return make_float2(first, second); }
};

template <>
struct Element<bf16> {
    using Pair = std::uint32_t;
    static GDN2_DEVICE float to_float(bf16 x) { return __uint_as_float(static_cast<std::uint32_t>(x.bits) << 16); }
    static GDN2_DEVICE bf16 from_float(float x) { return {static_cast<std::uint16_t>(round_to_bf16x2(x, 0.0f))}; }
    static GDN2_DEVICE float2 to_floats(Pair pair) {
        return make_float2(__uint_as_float(pair << 16), __uint_as_float(pair & 0xffff0000u));
    }
    static GDN2_DEVICE Pair from_floats(float first, float second) { return round_to_bf16x2(first, second); }
};

template <>
struct Element<f16> {
    using Pair = std::uint32_t;
    static GDN2_DEVICE float to_float(f16 x) { return float_of_f16(x.bits); }
    static GDN2_DEVICE f16 from_float(float x) { return {static_cast<std::uint16_t>(round_to_f16x2(x, 0.0f))}; }
    static GDN2_DEVICE float2 to_floats(Pair pair) {
        return make_float2(float_of_f16(static_cast<std::uint16_t>(pair)),
                           float_of_f16(static_cast<std::uint16_t>(pair >> 16)));
    }
    static GDN2_DEVICE Pair from_floats(float first, float second) { return round_to_f16x2(first, second); }
};

}  // namespace gdn2::cuda
