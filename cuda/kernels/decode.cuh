// Decoding: a few tokens for each of many sequences, states updated in place. Bound by moving the states, so each is
// read and written once, 16 bytes a lane, whatever the number of tokens, and the work on a token is one reduction.
//   equations  Eqs. 8-10     tests  tests/cuda/kernels/decode_test.cpp
#pragma once

#include <type_traits>

#include "cuda/kernels/tile/sequence.h"
#include "cuda/kernels/tile/token_step.h"

namespace gdn2::cuda {

inline constexpr int decode_rows = 8;  ///< value channels of a warp
inline constexpr int max_decode_tokens = 16;

/// Four neighbouring numbers of a state as they lie in memory, and in float.
GDN2_DEVICE float4 four_floats(float4 x) { return x; }
GDN2_DEVICE float4 four_floats(uint2 x) {
    const float2 low = Element<bf16>::to_floats(x.x), high = Element<bf16>::to_floats(x.y);
    return make_float4(low.x, low.y, high.x, high.y);
}
GDN2_DEVICE void store_four(float* to, float4 x) { store_vector<float4>(to, x); }
GDN2_DEVICE void store_four(bf16* to, float4 x) {
    store_vector<uint2>(to, make_uint2(round_to_bf16x2(x.x, x.y), round_to_bf16x2(x.z, x.w)));
}

/// The warp's part of one state: `rows` rows of `dim` numbers from `first` on, a lane's channels as in TokenKeys.
template <class T, int parts>
class StateRows {
public:
    GDN2_DEVICE StateRows(T* first, int rows, int dim) : first_(first), rows_(rows), dim_(dim) {}

    /// Zeros for rows and channels outside.
    template <int count>
    GDN2_DEVICE void load(float (&S)[count][4 * parts]) const {
        Four raw[count][parts];  // all on their way before the first is looked at
#pragma unroll
        for (int row = 0; row < count; ++row)
#pragma unroll
            for (int part = 0; part < parts; ++part) {
                raw[row][part] = Four{};
                if (whole() && row < rows_ && channel_of(4 * part) < dim_)
                    raw[row][part] = load_vector<Four>(at(row, 4 * part));
            }
#pragma unroll
        for (int row = 0; row < count; ++row)
#pragma unroll
            for (int part = 0; part < parts; ++part) {
                const float4 x = four_floats(raw[row][part]);
                const int i = 4 * part;
                S[row][i] = x.x, S[row][i + 1] = x.y, S[row][i + 2] = x.z, S[row][i + 3] = x.w;
            }
        if (!whole()) load_singly(S);
    }

    template <int count>
    GDN2_DEVICE void store(const float (&S)[count][4 * parts]) const {
#pragma unroll
        for (int row = 0; row < count; ++row)
#pragma unroll
            for (int i = 0; i < 4 * parts; i += 4)
                if (whole() && row < rows_ && channel_of(i) < dim_)
                    store_four(at(row, i), make_float4(S[row][i], S[row][i + 1], S[row][i + 2], S[row][i + 3]));
        if (!whole()) store_singly(S);
    }

private:
    using Four = std::conditional_t<sizeof(T) == 4, float4, uint2>;

    /// Whether rows are whole groups of four.
    GDN2_DEVICE bool whole() const { return dim_ % 4 == 0; }
    GDN2_DEVICE T* at(int row, int i) const { return first_ + row * dim_ + channel_of(i); }

    template <int count>
    GDN2_DEVICE void load_singly(float (&S)[count][4 * parts]) const {
#pragma unroll
        for (int row = 0; row < count; ++row)
#pragma unroll
            for (int i = 0; i < 4 * parts; ++i)
                if (row < rows_ && channel_of(i) < dim_) S[row][i] = Element<T>::to_float(*at(row, i));
    }
    template <int count>
    GDN2_DEVICE void store_singly(const float (&S)[count][4 * parts]) const {
#pragma unroll
        for (int row = 0; row < count; ++row)
#pragma unroll
            for (int i = 0; i < 4 * parts; ++i)
                if (row < rows_ && channel_of(i) < dim_) *at(row, i) = Element<T>::from_float(S[row][i]);
    }

    T* first_;
    int rows_, dim_;
};

/// grid (sequences * value blocks of 8 warps, value heads), 32 warps threads, no shared memory; E the inputs' type, T
/// the state's; parts = key_dim / 128, rounded up
template <class E, class T, int parts>
__global__ void __launch_bounds__(128, parts == 2 ? 3 : sizeof(E) == 2 ? 5 : 4) decode(const DecodeParams p) {
    constexpr int rows = decode_rows, row_lanes = 32 / rows;
    const Place place = place_of(p.value.dim, static_cast<int>(blockDim.x / 32) * rows, p.value.heads, p.key.heads);
    const int head = place.head, first = place.first_value + warp_index() * rows;
    const std::int64_t slot = p.slots ? p.slots[place.sequence] : place.sequence;
    if (first >= p.value.dim || slot < 0) return;
    T* state = static_cast<T*>(p.states) + ((slot * p.value.heads + head) * p.value.dim + first) * p.key.dim;
    const StateRows<T, parts> state_rows(state, p.value.dim - first, p.key.dim);

    float S[rows][4 * parts];
    state_rows.load(S);
    const int channel = first + lane_index() / row_lanes;
    for (int t = 0; t < p.tokens; ++t) {
        const std::int64_t token = place.sequence * p.tokens + t;
        const TokenKeys<parts> keys = load_keys<E, parts>(p.key, token, place.key_head);
        const float o = step_token<rows, parts>(S, keys, load_z<E>(p.value, token, head, channel));
        if (lane_index() % row_lanes == 0) store_o<E>(p.value, token, head, channel, o);
    }

    state_rows.store(S);
}

}  // namespace gdn2::cuda
