// First of the two forward kernels: everything of a chunk that does not need the state, for all chunks at once.
//     E = gamma b k     Qg = scale gamma q     K_tail     gamma_C     T, A = (I + T)^-1     A_qk
// One block of 8 warps a chunk and key head. Warp w owns rows 8w..8w+7, a lane four of them and two neighbouring
// channels, and the block walks over the channels, 32 at a time, adding their part of T and A_qk to accumulators.
//
// The decay between two tokens, exp(g_{j+1} + ... + g_i), is never a quotient of two gammas. A binary tree over the
// 64 rows meets every pair i > j exactly once: at the level where i and j lie in neighbouring blocks of `half` rows.
// With prefix_i = alpha_r ... alpha_i from the first row r of i's block and suffix_j = alpha_{j+1} ... alpha_{r-1},
//     T_ij = sum_c (e_ic prefix_ic) (k_jc suffix_jc)      A_qk_ij = scale sum_c (q_ic prefix_ic) (k_jc suffix_jc)
// Both are products of alphas, hence in [0, 1] for any g <= 0, -inf included, and a row uses only its own past.
//   equations  Eqs. 20, 21, 23-25 (docs/kernels.md, The tree)     tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include "cuda/kernels/prepare_inverse.cuh"
#include "cuda/kernels/prepare_tree.cuh"
#include "cuda/kernels/tile/key_row.h"
#include "cuda/kernels/tile/sequence.h"

namespace gdn2::cuda {

/// Shared memory of prepare. The staged operands and the matrices are never needed at the same time.
template <class E>
struct PrepareShared {
    static constexpr int staging = tree_levels * stage_bytes<E>;
    static constexpr int matrices = 3 * matrix_bytes;
    static constexpr int products = staging > matrices ? staging : matrices;  ///< float [8 warps][32 channels]
    static constexpr int norms = products + 8 * 32 * 4;                       ///< float [q, k][64 rows]
    static constexpr int bytes = norms + 2 * 64 * 4;
};

/// Blocks that an SM's shared memory holds, so that more registers would serve nobody: of 16-bit formats two, or one
/// where an SM has 100 KB (8.6, 8.9 and 12.0).
#if defined(__CUDA_ARCH__) && (__CUDA_ARCH__ == 860 || __CUDA_ARCH__ == 890 || __CUDA_ARCH__ >= 1200)
template <class E>
inline constexpr int prepare_blocks = 1;
#else
template <class E>
inline constexpr int prepare_blocks = sizeof(E) == 2 ? 2 : 1;
#endif

/// How many of the lane's rows exist.
GDN2_DEVICE int rows_of(Span chunk) { return static_cast<int>(chunk.length) - reread_first_row(); }

/// The reader of the lane's rows of one slice of channels.
template <class E>
GDN2_DEVICE KeyReader<E> reader_of(const KeySide& key, Span chunk, int head, int channel) {
    return KeyReader<E>(key, chunk.first + first_row(), head, channel);
}

/// What the tree is given of the lane's rows; the first `rows` of them exist, the others are zeros and do not decay.
template <class E>
GDN2_DEVICE void unpack_rows(KeyRows& x, const RawKeys<E, 4>& raw, const KeyReader<E>& reader, int rows,
                             const float* norms) {
    x.first = reread_first_row();
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        x.q[r] = scaled(Element<E>::to_floats(raw.q[r]), norms[x.first + r]);
        x.k[r] = scaled(Element<E>::to_floats(raw.k[r]), norms[64 + x.first + r]);
        x.e[r] = times(Element<E>::to_floats(raw.b[r]), x.k[r]);  // Eq. 8
        x.decay[r] = raw.g[r];
    }
    reader.to_alpha(x.decay, rows);                               // Eq. 9
}

/// Factors of q and k: scale, and with `normalise` the inverse norms.
template <class E>
GDN2_DEVICE void find_norms(float* norms, const KeySide& key, Span chunk, int head) {
    const int row = 8 * warp_index() + lane_index() % 8;
    if (!key.normalise) {
        if (lane_index() < 16) norms[lane_index() / 8 * 64 + row] = lane_index() < 8 ? key.scale : 1.0f;
        __syncwarp();
        return;
    }
    float of_q = 0.0f, of_k = 0.0f;
#pragma unroll 1
    for (int r = 0; r < 8; ++r) {
        float q_squares = 0.0f, k_squares = 0.0f;
        for (int channel = 2 * lane_index(); channel - 2 * lane_index() < key.dim; channel += 64) {
            const KeyReader<E> reader(key, chunk.first + 8 * warp_index() + r, head, channel);
            RawKeys<E, 1> raw;
            reader.load(raw, static_cast<int>(chunk.length) - 8 * warp_index() - r);
            const float2 q = Element<E>::to_floats(raw.q[0]), k = Element<E>::to_floats(raw.k[0]);
            q_squares += q.x * q.x + q.y * q.y;
            k_squares += k.x * k.x + k.y * k.y;
        }
        q_squares = warp_sum(q_squares);
        k_squares = warp_sum(k_squares);
        if (lane_index() == r) of_q = q_squares, of_k = k_squares;
    }
    if (lane_index() < 8) {
        norms[row] = key.scale * inverse_norm(key, of_q);
        norms[64 + row] = inverse_norm(key, of_k);
    }
    __syncwarp();
}

/// Writes E, Qg, K_tail and gamma_C of channels channel, channel + 1, once the blocks are the whole chunk.
template <class E>
GDN2_DEVICE void store_rows(unsigned char* record, Record layout, const KeyRows& x, int channel) {
    using Pair = typename Element<E>::Pair;
    const int slab = channel / 64, column = channel % 64;
    unsigned char* E_tile = record + layout.offset(slab);
    unsigned char* Qg_tile = record + layout.offset(layout.Qg() + slab);
    unsigned char* K_tail_tile = record + layout.offset(layout.K_tail() + slab);
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        const int at = tile_offset<E>(x.first + r, column);
        store_vector<Pair>(E_tile + at, Element<E>::from_floats(-x.e[r].x, -x.e[r].y));  // Eq. 20; scan adds it
        store_vector<Pair>(Qg_tile + at, Element<E>::from_floats(x.q[r].x, x.q[r].y));   // Eq. 24
        store_vector<Pair>(K_tail_tile + at, Element<E>::from_floats(x.k[r].x, x.k[r].y));  // Eq. 23
    }
    if (x.first == 60) store_vector<float2>(K_tail_tile + tile_bytes<E> + column * 4, x.decay[0]);
}

/// grid (chunk slots, key heads), 256 threads, PrepareShared<E>::bytes of shared memory
template <class E>
__global__ void __launch_bounds__(256, prepare_blocks<E>) prepare(const PrepareParams p) {
    const Span chunk = chunk_of(p.sequences, blockIdx.x);
    if (chunk.length <= 0) return;
    const int head = static_cast<int>(blockIdx.y);
    const Record layout{p.workspace.slabs, tile_bytes<E>};
    unsigned char* shared = shared_memory();
    float* products = reinterpret_cast<float*>(shared + PrepareShared<E>::products);
    float* norms = reinterpret_cast<float*>(shared + PrepareShared<E>::norms);
    unsigned char* record =
        p.workspace.records + (std::int64_t{blockIdx.x} * p.key.heads + head) * p.workspace.record_bytes;

    find_norms<E>(norms, p.key, chunk, head);
    TreeSums sums;
    const int lane_channel = lane_index() % 16 * 2;
    RawKeys<E, 4> raw;
    reader_of<E>(p.key, chunk, head, lane_channel).load(raw, rows_of(chunk));
#pragma unroll 1
    for (int channel = lane_channel; channel < 64 * layout.slabs; channel += 32) {
        KeyRows x;
        phase("unpack");
        unpack_rows<E>(x, raw, reader_of<E>(p.key, chunk, head, channel), rows_of(chunk), norms);
        reader_of<E>(p.key, chunk, head, channel + 32).load(raw, rows_of(chunk));  // on its way meanwhile
        phase("tree");
        climb_tree<E>(sums, x, shared, products);
        phase("store rows");
        store_rows<E>(record, layout, x, channel);
    }
    __syncthreads();

    phase("A_qk");
    float* T = reinterpret_cast<float*>(shared);
    float* A = T + matrix_bytes / 4;
    float* A_qk = A + matrix_bytes / 4;
    place_sums(sums, T, A_qk);
    __syncthreads();
    store_matrix<E>(record + layout.offset(layout.A_qk()), A_qk);
    phase("inverse");
    invert(A, T, A_qk);
    store_matrix<E, sizeof(E) == 2 ? 2 : 1>(record + layout.offset(layout.A()), A);
}

}  // namespace gdn2::cuda
