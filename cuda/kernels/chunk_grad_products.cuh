// chunk_grad's products, a slab of 64 key channels at a time, and its shared memory.
//     dA_qk = tril(dO R^T)     dT = -tril(dX R^T, -1)     dQg = dO S_0^T     dE = -dX S_0^T     dK_tail = R dS_C^T
//     dG_C = gamma_C * rowsum(dS_C * S_0)
//   equations  Eqs. 26-28 in the R form (docs/kernels.md, Backward)     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/chunk_grad_tree.cuh"
#include "cuda/kernels/chunk_grad_values.cuh"

namespace gdn2::cuda {

/// Parts of the value axis whose tiles are in shared memory at a time: in 16-bit formats the next one's are on their
/// way while one is being multiplied.
template <class E>
inline constexpr int part_stages = sizeof(E) == 2 ? 2 : 1;

/// Shared memory of chunk_grad: tiles, or the tree's memory and the products; and what stays.
template <class E>
struct ChunkGradShared {
    static constexpr int tiles = part_stages<E> * 5 * tile_bytes<E>;
    static constexpr int K_tail = tree_memory_bytes<E>;               ///< float [64 rows][matrix_stride] dK_tail
    static constexpr int products = K_tail + matrix_bytes;            ///< float [dQg, dE][64 rows][result_stride]
    static constexpr int dG_C = products + 2 * 64 * result_stride * 4;  ///< float [4 parts][64 channels]
    static constexpr int slab_end = dG_C + 4 * 64 * 4;
    static constexpr int pairs = tiles > slab_end ? tiles : slab_end;
    static constexpr int norms = pairs + pair_bytes<E>;               ///< float [q, k][64 rows]
    static constexpr int bytes = norms + 2 * 64 * 4;

    static GDN2_DEVICE TreeMemory tree() {
        float* results = floats(tree_stages<E> * stage_bytes<E>);
        float* products = results + results_bytes / 4;
        return {shared_memory(), results, products, products + 8 * 32, pair_memory()};
    }
    static GDN2_DEVICE PairMemory pair_memory() {
        float* near = floats(pairs + far_bytes<E>);
        return {shared_memory() + pairs, near, near + near_bytes / 4};
    }
    static GDN2_DEVICE float* floats(int offset) { return reinterpret_cast<float*>(shared_memory() + offset); }
};

/// The tiles of one part of the value axis.
template <class E>
struct GradTiles {
    unsigned char *dO, *R, *dX, *S, *dS;

    GDN2_DEVICE explicit GradTiles(int stage)
        : dO(shared_memory() + stage * 5 * tile_bytes<E>), R(dO + tile_bytes<E>), dX(R + tile_bytes<E>),
          S(dX + tile_bytes<E>), dS(S + tile_bytes<E>) {}

    /// Starts copying them, of the states those of one slab.
    GDN2_DEVICE void begin(const ChunkGradParams& p, const GradChunk& c, ValuePart part, int slab) const {
        const std::int64_t tile = tile_number(p.value, c.slot, part.head, part.first);
        copy_output_gradient<E>(dO, p.value, c, part);
        copy_tile<E>(R, p.saved.rows, tile);
        copy_tile<E>(dX, p.gradient.rows, tile);
        copy_tile<E>(S, p.saved.states, tile * p.slabs + slab);
        copy_tile<E>(dS, p.gradient.states, tile * p.slabs + slab);
    }

    /// sums += 16 rows of dA_qk = dO R^T (warps 0-3), or of -dT^T = R^T dX (4-7).
    GDN2_DEVICE void multiply_pairs(Block& sums, int warp) const {
        if (warp < 4) {
            Product<E>::with(sums, Rows{dO, 16 * warp}, R);
        } else {
            Product<E>::with(sums, Columns{R, 16 * (warp - 4)}, dX);
        }
    }
    /// sums += 16 rows of dQg = dO S^T (warps 0-3), or of -dE = dX S^T (4-7).
    GDN2_DEVICE void multiply_state(Block& sums, int warp) const {
        if (warp < 4) {
            Product<E>::with(sums, Rows{dO, 16 * warp}, S);
        } else {
            Product<E>::with(sums, Columns{dX, 16 * (warp - 4)}, S);
        }
    }
    /// A thread's part of rowsum(dS_C * S_0): one channel, 16 values.
    GDN2_DEVICE float multiply_states(int thread) const {
        float sum = 0.0f;
#pragma unroll 4
        for (int value = thread / 64 * 16; value < thread / 64 * 16 + 16; ++value)
            sum += Element<E>::to_float(*tile_at<E>(S, value, thread % 64)) *
                   Element<E>::to_float(*tile_at<E>(dS, value, thread % 64));
        return sum;
    }
};

/// Leaves a warp's 16 rows of dK_tail for half of a slab's channels.
GDN2_DEVICE void leave_K_tail(float* memory, const float (&sums)[4][4]) {
    const int thread = reread_thread(), w = thread / 32, g = thread % 32 / 4, t = thread % 4;
    float* row = memory + (16 * (w % 4) + g) * matrix_stride + w / 4 * 32 + 2 * t;
#pragma unroll
    for (int n = 0; n < 4; ++n)
#pragma unroll
        for (int i = 0; i < 4; i += 2)
            store_vector<float2>(row + i * 4 * matrix_stride + 8 * n, make_float2(sums[n][i], sums[n][i + 1]));
}

/// The products of one slab: a warp's rows of dQg or -dE stay with it, dK_tail and the parts of dG_C are left. With the
/// first slab's come dA_qk and dT, left too, and dv and dw.
template <class E>
GDN2_DEVICE void multiply_slab(Block& of_state, const ChunkGradParams& p, const GradChunk& c, int slab) {
    using Shared = ChunkGradShared<E>;
    const int thread = reread_thread(), w = thread / 32;
    Block pairs;
    float K_tail[4][4] = {}, dG_C = 0.0f;
    clear(pairs);
    clear(of_state);
    int stage = 0;
    __syncthreads();  // the last slab's memory is free
    if (part_stages<E> > 1) {
        GradTiles<E>(0).begin(p, c, c.first_part(), slab);
        copy_async_commit();
    }
#pragma unroll 1
    for (ValuePart part = c.first_part(), next; part.head < c.end_head; part = next) {
        const GradTiles<E> tiles(stage);
        next = c.next_part(p.value, part);
        if (part_stages<E> > 1) stage ^= 1;
        const ValuePart coming = part_stages<E> > 1 ? next : part;
        if (coming.head < c.end_head) GradTiles<E>(stage).begin(p, c, coming, slab);
        copy_async_commit();
        const ValueUnits<E> values = load_values<E>(p, c, part, slab == 0);
        copy_async_wait<part_stages<E> - 1>();
        __syncthreads();
        if (slab == 0) {
            tiles.multiply_pairs(pairs, w);
            store_value_gradients<E>(p, c, part, values, tiles.dX);
        }
        tiles.multiply_state(of_state, w);
        Product<E>::with(K_tail, Columns{tiles.R, 16 * (w % 4)}, tiles.dS, w / 4 * 32);
        dG_C += tiles.multiply_states(thread);
        __syncthreads();
    }
    Shared::floats(Shared::dG_C)[thread] = dG_C;
    leave_K_tail(Shared::floats(Shared::K_tail), K_tail);
    if (slab == 0) place_pairs<E>(Shared::pair_memory(), pairs);
}

}  // namespace gdn2::cuda
