// Second of the two forward kernels: walks over a sequence's chunks and carries the state.
//     X = Z - E S_0     R = A X     O = Qg S_0 + A_qk R     S_C = Diag(gamma_C) S_0 + K_tail^T R
// Everything is transposed: a warp owns 16 value channels (rows) and all key channels (columns) of S^T, in its
// accumulators, for the whole sequence. Value channels never meet, so warps exchange nothing; they only share the
// tiles of the tape. The 64 tokens of a chunk are the columns of X^T, R^T and O^T.
//   equations  Eqs. 23, 24, 35 in the R form (kernels.md 0, 4.2)     tests  tests/cuda/kernels/forward_test.cpp
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

/// Shared memory of scan with `warps` warps a block.
template <class E>
constexpr int scan_shared_bytes(int warps) {
    return tape_stages<E> * stage_size<E> + warps * output_bytes<E>;
}

/// X^T = S^T E^T - Z^T, that is -(Z - E S_0)^T: what is to be written, before the chunk's own tokens have erased.
template <class E, int slabs>
GDN2_DEVICE void read_and_compare(Block& X, const Block (&S)[slabs], Tape<E, slabs>& tape, bool busy) {
    const int column = warp_index() * 16;
    Block w;
    const unsigned char* tile = tape.next();
    if (busy) Product<E>::load_transpose(X, tile, column);
    tile = tape.next();
    if (busy) Product<E>::load_transpose(w, tile, column);
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) X[n][i] *= -w[n][i];
#pragma unroll
    for (int slab = 0; slab < slabs; ++slab) {
        tile = tape.next();
        if (busy) Product<E>::with_transpose(X, S[slab], tile);
    }
}

/// S = Diag(gamma_C) S + K_tail^T R for one slab of key channels.
template <class E>
GDN2_DEVICE void write_state(Block& S, const Block& R, const unsigned char* tile) {
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

/// Turns the warp's 16 x 64 outputs around through shared memory and writes them as rows of o.
template <class E>
GDN2_DEVICE void store_output(const Block& O, unsigned char* shared, const ValueSide& value, int head, int first_value,
                              Span chunk) {
    E* rows = reinterpret_cast<E*>(shared);
    const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i)
            rows[(8 * n + 2 * t + i % 2) * output_stride<E> + g + i / 2 * 8] = Element<E>::from_float(O[n][i]);
    __syncwarp();
    const int step = value.units ? unit_size<E> : 1, per_row = 16 / step;
    for (int i = lane_index(); i < 64 * per_row; i += 32) {
        const int row = i / per_row, column = i % per_row * step;
        if (row >= chunk.length || first_value + column >= value.dim) continue;
        const E* source = rows + row * output_stride<E> + column;
        E* target = static_cast<E*>(value.o) + ((chunk.first + row) * value.heads + head) * value.dim + first_value + column;
        if (value.units) {
            store_vector<uint4>(target, load_vector<uint4>(source));
        } else {
            *target = *source;
        }
    }
    __syncwarp();
}

GDN2_DEVICE ScanPart part_of(const ScanParams& p) {
    const int head = static_cast<int>(blockIdx.y), width = static_cast<int>(blockDim.x) / 2;
    const int group = p.value.heads / p.key_heads;
    return {span_of(p.sequences, blockIdx.z), first_slot(p.sequences, blockIdx.z), head, head / group,
            static_cast<int>(blockIdx.x) * width, width};
}

/// grid (value blocks, value heads, sequences), 32 warps threads with 16 value channels a warp, warps 1 to 4,
/// scan_shared_bytes<E>(warps) of shared memory; slabs = key_dim / 64, rounded up
template <class E, int slabs>
__global__ void __launch_bounds__(128) scan(const ScanParams p) {
    const ScanPart part = part_of(p);
    const int first_value = part.first_value + 16 * warp_index();
    const bool busy = first_value < p.value.dim;
    unsigned char* outputs = shared_memory() + tape_stages<E> * stage_size<E> + warp_index() * output_bytes<E>;
    const StateBlock state{std::int64_t{blockIdx.z} * p.value.heads + part.head, first_value, p.key_dim, p.value.dim};

    Block S[slabs];
    load_state(S, p.states, state);
    Tape<E, slabs> tape(p, part);
    for (std::int64_t token = 0; token < part.sequence.length; token += chunk_length) {
        const Span chunk{part.sequence.first + token, part.sequence.length - token};
        Block X, R;
        phase("X = Z - E S");
        read_and_compare<E, slabs>(X, S, tape, busy);

        phase("R = A X");
        const unsigned char* tile = tape.next();
        clear(R);
        if (busy) Product<E>::with_transpose(R, X, tile);
        negate(R);

        phase("O = Qg S + A_qk R");
        clear(X);
#pragma unroll
        for (int slab = 0; slab < slabs; ++slab) {
            tile = tape.next();
            if (busy) Product<E>::with_transpose(X, S[slab], tile);
        }
        tile = tape.next();
        if (busy) Product<E>::with_transpose(X, R, tile);
        if (busy) store_output<E>(X, outputs, p.value, part.head, first_value, chunk);

        phase("S = gamma S + K_tail^T R");
#pragma unroll
        for (int slab = 0; slab < slabs; ++slab) {
            tile = tape.next();
            if (busy) write_state<E>(S[slab], R, tile);
        }
    }
    copy_async_wait<0>();
    store_state(S, p.states, state);
}

}  // namespace gdn2::cuda
