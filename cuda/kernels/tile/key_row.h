// Reading the key side, two neighbouring channels a lane: zeros outside the tensor, and the decay alpha = exp(g) with
// its gate where the gate is computed here.
//   equations  alpha of Eq. 9; gates of Eqs. 11, 85
//   tests      tests/cuda/kernels/forward_test.cpp (gates, norms, odd dims)
#pragma once

#include "cuda/kernels/params.h"
#include "cuda/kernels/tile/element.h"

namespace gdn2::cuda {

/// The log-decay of one channel, from g as the tensor has it.
GDN2_DEVICE float log_decay(const KeySide& key, float g, int head, int channel) {
    if (key.decay == Decay::log) return g;
    const float x = g + (key.dt_bias ? key.dt_bias[head * key.dim + channel] : 0.0f);
    const float rate = expf(key.A_log[head]);
    if (key.decay == Decay::softplus) return -rate * (x > 20.0f ? x : log1pf(expf(x)));
    return key.lower_bound / (1.0f + expf(-rate * x));
}

/// 1 / sqrt(sum of squares + epsilon)
GDN2_DEVICE float inverse_norm(const KeySide& key, float sum_of_squares) {
    return 1.0f / sqrtf(sum_of_squares + key.norm_epsilon);
}

/// Two neighbouring channels of `count` tokens, as they lie in memory but g: held while they arrive.
template <class E, int count>
struct RawKeys {
    typename Element<E>::Pair q[count], k[count], b[count];
    float2 g[count];
};

/// Reads channels channel, channel + 1 of the tokens first_token, first_token + 1, .. of one head.
template <class E>
class KeyReader {
public:
    GDN2_DEVICE KeyReader(const KeySide& key, std::int64_t first_token, int head, int channel)
        : key_(key), head_(head), left_(key.dim - channel), step_(key.heads * key.dim),
          first_((first_token * key.heads + head) * key.dim + channel) {}

    /// Begins to read the first `rows` tokens; zeros for other rows and for channels outside. Nothing waits for the
    /// loads here where `pairs` and float g allow it.
    template <int count>
    GDN2_DEVICE void load(RawKeys<E, count>& x, int rows) const {
        if (key_.pairs && key_.g_is_float) {
            load_pairs(x, rows);
        } else {
#pragma unroll
            for (int r = 0; r < count; ++r) {
                x.q[r] = load_either<E>(key_.q, r, r < rows);
                x.k[r] = load_either<E>(key_.k, r, r < rows);
                x.b[r] = load_either<E>(key_.b, r, r < rows);
                x.g[r] = key_.g_is_float ? load_either<float>(key_.g, r, r < rows)
                                         : Element<E>::to_floats(load_either<E>(key_.g, r, r < rows));
            }
        }
    }

    /// Turns g into alpha = exp(g); 1 for rows and channels outside: nothing is forgotten there.
    template <int count>
    GDN2_DEVICE void to_alpha(float2 (&g)[count], int rows) const {
        if (key_.decay != Decay::log) gate(g);
#pragma unroll
        for (int r = 0; r < count; ++r)
            g[r] = make_float2(r < rows && left_ > 0 ? exp_of(g[r].x) : 1.0f,
                               r < rows && left_ > 1 ? exp_of(g[r].y) : 1.0f);
    }

private:
    template <int count>
    GDN2_DEVICE void load_pairs(RawKeys<E, count>& x, int rows) const {
        using Pair = typename Element<E>::Pair;
        const E *q = static_cast<const E*>(key_.q) + first_, *k = static_cast<const E*>(key_.k) + first_,
                *b = static_cast<const E*>(key_.b) + first_;
        const float* g = static_cast<const float*>(key_.g) + first_;
#pragma unroll
        for (int r = 0; r < count; ++r) {
            x.q[r] = x.k[r] = x.b[r] = Pair{};
            x.g[r] = make_float2(0.0f, 0.0f);
            if (r < rows && left_ > 0) {
                x.q[r] = *reinterpret_cast<const Pair*>(q + r * step_);
                x.k[r] = *reinterpret_cast<const Pair*>(k + r * step_);
                x.b[r] = *reinterpret_cast<const Pair*>(b + r * step_);
                x.g[r] = *reinterpret_cast<const float2*>(g + r * step_);
            }
        }
    }

    /// Two numbers of any tensor, one by one where they must be.
    template <class T>
    GDN2_DEVICE typename Element<T>::Pair load_either(const void* tensor, int row, bool inside) const {
        const T* at = static_cast<const T*>(tensor) + first_ + row * step_;
        if (!inside || left_ <= 0) return Element<T>::from_floats(0.0f, 0.0f);
        if (key_.pairs) return *reinterpret_cast<const typename Element<T>::Pair*>(at);
        return Element<T>::from_floats(Element<T>::to_float(at[0]), left_ > 1 ? Element<T>::to_float(at[1]) : 0.0f);
    }

    template <int count>
    GDN2_DEVICE void gate(float2 (&g)[count]) const {
        const int channel = key_.dim - left_;
#pragma unroll
        for (int r = 0; r < count; ++r)
            g[r] = make_float2(left_ > 0 ? log_decay(key_, g[r].x, head_, channel) : 0.0f,
                               left_ > 1 ? log_decay(key_, g[r].y, head_, channel + 1) : 0.0f);
    }

    const KeySide& key_;
    int head_, left_, step_;  ///< left: channels from the first to the end
    std::int64_t first_;
};

}  // namespace gdn2::cuda
