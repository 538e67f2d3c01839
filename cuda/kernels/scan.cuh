// Second of the two forward kernels: walks over a sequence's chunks and carries the state.
//     X = Z - E S_0     R = A X     O = Qg S_0 + A_qk R     S_C = Diag(gamma_C) S_0 + K_tail^T R
// The tape brings -E, so that X is one sum; Qg and A_qk carry scale.
// Everything is transposed: a warp owns 16 value channels (rows) and all key channels (columns) of S^T, in its
// accumulators, for the whole sequence. Value channels never meet, so warps exchange nothing; they only share the
// tiles of the tape. The 64 tokens of a chunk are the columns of X^T, R^T and O^T.
//   equations  Eqs. 23, 24, 35 in the R form     tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include "cuda/kernels/tile/product.h"
#include "cuda/kernels/tile/state.h"
#include "cuda/kernels/tile/tape.h"

namespace gdn2::cuda {

/// Numbers from row to row where a warp turns its outputs around: neighbours in a column lie in different banks.
template <class E>
inline constexpr int output_stride = sizeof(E) == 2 ? 24 : 20;
template <class E>
inline constexpr int output_bytes = 64 * output_stride<E> * static_cast<int>(sizeof(E));

template <class E>
inline constexpr int scan_shared_bytes = tape_stages<E> * stage_size<E> + 4 * output_bytes<E>;

/// Z^T = (w * v)^T from the chunk's first two tiles.
template <class E, int slabs>
GDN2_DEVICE void read_values(Block& Z, Tape<E, slabs>& tape, bool busy) {
    Block w;
    const unsigned char* tile = tape.template next<0>();
    if (busy) Product<E>::load_transpose(Z, tile, warp_index() * 16);
    tile = tape.template next<1>();
    if (!busy) return;
    Product<E>::load_transpose(w, tile, warp_index() * 16);
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) Z[n][i] *= w[n][i];
}

/// d += S tile^T over all slabs, whose tiles stand at `position` and after.
template <int position, int slab = 0, class E, int slabs>
GDN2_DEVICE void read_state(Block& d, const Block (&S)[slabs], Tape<E, slabs>& tape, bool busy) {
    const unsigned char* tile = tape.template next<position + slab>();
    if (busy) Product<E>::with_transpose(d, S[slab], tile);
    if constexpr (slab + 1 < slabs) read_state<position, slab + 1>(d, S, tape, busy);
}

/// R += A X
template <int part = 0, class E, int slabs>
GDN2_DEVICE void multiply_inverse(Block& R, const Block& X, Tape<E, slabs>& tape, bool busy) {
    using At = Tape<E, slabs>;
    const unsigned char* tile = tape.template next<At::A + part>();
    if (busy) Product<E>::template with_transpose<Triangle::lower>(R, X, tile);
    if constexpr (part + 1 < At::A_tiles) multiply_inverse<part + 1>(R, X, tape, busy);
}

/// S = Diag(gamma_C) S + K_tail^T R for one slab of key channels.
template <class E>
GDN2_DEVICE void write_slab(Block& S, const Block& R, const unsigned char* tile) {
    const float* gamma = reinterpret_cast<const float*>(tile + tile_bytes<E>) + lane_index() % 4 * 2;
#pragma unroll
    for (int n = 0; n < 8; ++n) {
        const float2 decay = load_vector<float2>(gamma + 8 * n);
        S[n][0] *= decay.x;
        S[n][1] *= decay.y;
        S[n][2] *= decay.x;
        S[n][3] *= decay.y;
    }
    Product<E>::with(S, R, tile);
}

/// The same for all slabs, whose tiles stand at `position` and after.
template <int position, int slab = 0, class E, int slabs>
GDN2_DEVICE void write_state(Block (&S)[slabs], const Block& R, Tape<E, slabs>& tape, bool busy) {
    const unsigned char* tile = tape.template next<position + slab>();
    if (busy) write_slab<E>(S[slab], R, tile);
    if constexpr (slab + 1 < slabs) write_state<position, slab + 1>(S, R, tape, busy);
}

/// Turns the warp's 16 x 64 outputs around through shared memory and writes them as rows of o, from element `first`
/// on; of the rows `length` exist, of the channels `channels`. The tape's next barrier lets the rows be written again.
template <class E>
GDN2_DEVICE void store_output(const Block& O, unsigned char* shared, const ValueSide& value, std::int64_t first,
                              int channels, int length) {
    E* rows = reinterpret_cast<E*>(shared);
    const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i)
            rows[(8 * n + 2 * t + i % 2) * output_stride<E> + g + i / 2 * 8] = Element<E>::from_float(O[n][i]);
    __syncwarp();
    E* corner = static_cast<E*>(value.o) + first;
    const std::int64_t step = std::int64_t{value.heads} * value.dim;
    if (value.units) {
        constexpr int per_row = 16 / unit_size<E>;
        const int column = lane_index() % per_row * unit_size<E>;
#pragma unroll
        for (int row = lane_index() / per_row; row < 64; row += 32 / per_row)
            if (row < length && column < channels)
                store_vector<uint4>(corner + row * step + column,
                                    load_vector<uint4>(rows + row * output_stride<E> + column));
    } else {
        for (int i = lane_index(); i < 64 * 16; i += 32)
            if (i / 16 < length && i % 16 < channels)
                corner[i / 16 * step + i % 16] = rows[i / 16 * output_stride<E> + i % 16];
    }
}

GDN2_DEVICE ScanPart part_of(const ScanParams& p) {
    const Place place = place_of(p.value.dim, 64, p.value.heads, p.key_heads);
    return {place, span_of(p.sequences, place.sequence), first_slot(p.sequences, place.sequence)};
}

/// grid (sequences * value blocks of 64 channels, value heads), 128 threads, scan_shared_bytes<E> of shared memory;
/// slabs = key_dim / 64, rounded up to 1, 2 or 4
template <class E, int slabs>
__global__ void __launch_bounds__(scan_threads) scan(const ScanParams p) {
    const ScanPart part = part_of(p);
    const int first_value = part.place.first_value + 16 * warp_index();
    const bool busy = first_value < p.value.dim;  // warps beyond the tensor only keep the barriers
    unsigned char* outputs = shared_memory() + tape_stages<E> * stage_size<E> + warp_index() * output_bytes<E>;
    const StateBlock state{part.place.sequence * p.value.heads + part.place.head, first_value, p.key_dim, p.value.dim};

    Block S[slabs];
    load_state(S, p.states, state);
    using At = Tape<E, slabs>;  // where on the tape a tile stands
    At tape(p, part);
    for (; tape.left() > 0; tape.next_chunk()) {
        Block X, R;
        phase("X = Z - E S");                                                          // Eq. 35 before A
        read_values(X, tape, busy);
        read_state<At::E_tiles>(X, S, tape, busy);

        phase("R = A X");
        clear(R);
        multiply_inverse(R, X, tape, busy);                                           // Eq. 35

        phase("O = Qg S + A_qk R");
        clear(X);  // from here on X is O: two blocks are all that fits beside the state
        read_state<At::Qg>(X, S, tape, busy);
        const unsigned char* A_qk = tape.template next<At::A_qk>();
        if (busy) Product<E>::template with_transpose<Triangle::lower>(X, R, A_qk);   // Eq. 24
        if (busy)
            store_output<E>(X, outputs, p.value, tape.values() + 16 * warp_index(), p.value.dim - first_value,
                            tape.left());

        phase("S = gamma S + K_tail^T R");
        write_state<At::K_tail>(S, R, tape, busy);                                     // Eq. 23
    }
    copy_async_wait<0>();
    store_state(S, p.states, state);
}

}  // namespace gdn2::cuda
