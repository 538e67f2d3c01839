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

/// Reads channels channel, channel + 1 of the tokens first_token, first_token + 1, .. of one head.
template <class E>
class KeyReader {
public:
    GDN2_DEVICE KeyReader(const KeySide& key, std::int64_t first_token, int head, int channel)
        : key_(key), head_(head), channel_(channel), step_(key.heads * key.dim),
          first_((first_token * key.heads + head) * key.dim + channel) {}

    /// Two channels of the row'th token of a tensor of E; zeros where the token or a channel is outside.
    GDN2_DEVICE float2 pair(const void* tensor, int row, bool inside) const {
        return Element<E>::to_floats(read<E>(tensor, row, inside));
    }

    /// The same of g.
    GDN2_DEVICE float2 g(int row, bool inside) const {
        return key_.g_is_float ? read<float>(key_.g, row, inside) : pair(key_.g, row, inside);
    }

    /// alpha from g; 1 where the token or a channel is outside: nothing is forgotten there.
    GDN2_DEVICE float2 alpha(float2 g, bool inside) const {
        if (!inside || channel_ >= key_.dim) return make_float2(1.0f, 1.0f);
        if (key_.decay != Decay::log) {
            g.x = log_decay(key_, g.x, head_, channel_);
            g.y = channel_ + 1 < key_.dim ? log_decay(key_, g.y, head_, channel_ + 1) : 0.0f;
        }
        return make_float2(exp_of(g.x), exp_of(g.y));
    }

private:
    template <class T>
    GDN2_DEVICE typename Element<T>::Pair read(const void* tensor, int row, bool inside) const {
        const T* at = static_cast<const T*>(tensor) + first_ + row * step_;
        if (!inside || channel_ >= key_.dim) return Element<T>::from_floats(0.0f, 0.0f);
        if (key_.pairs) return *reinterpret_cast<const typename Element<T>::Pair*>(at);
        return Element<T>::from_floats(Element<T>::to_float(at[0]),
                                       channel_ + 1 < key_.dim ? Element<T>::to_float(at[1]) : 0.0f);
    }

    const KeySide& key_;
    int head_, channel_, step_;
    std::int64_t first_;
};

}  // namespace gdn2::cuda
