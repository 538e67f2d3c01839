// Last of the four backward kernels: the gradients of a chunk's q k v g b w, for all chunks at once.
//     dA_qk = tril(dO R^T)     dT = -tril(dX R^T, -1)     dQg = dO S_0^T     dE = -dX S_0^T     dK_tail = R dS_C^T
//     dv = dX * w     dw = dX * v     dG_C = gamma_C * rowsum(dS_C * S_0)
// and from these, through prepare's tree (chunk_grad_tree.cuh), those of q, k, b and g.
// One block of 8 warps a chunk and key head. It adds up the value heads of the key head in their order, in registers.
// Slab after slab of 64 key channels: first the products (chunk_grad_products.cuh), 16 rows a warp, dQg (warps 0-3), dE
// (4-7) and dK_tail (all, 32 channels a warp), with the first slab's also dA_qk (0-3) and dT (4-7); then 32 channels at
// a time the way back.
//   equations  Eqs. 26-28, 49-82 in the R form (docs/kernels.md, Backward)
//   tests      tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/chunk_grad_products.cuh"
#include "cuda/kernels/prepare.cuh"

namespace gdn2::cuda {

/// Leaves the first 32 channels of dQg and dE for the lanes of the tree, and puts the other 32 in their place.
GDN2_DEVICE void leave_products(float* memory, Block& of_state) {
    const int thread = reread_thread(), w = thread / 32, g = thread % 32 / 4, t = thread % 4;
    const float sign = w < 4 ? 1.0f : -1.0f;
    float* row = memory + (16 * w + g) * result_stride + 2 * t;
#pragma unroll
    for (int n = 0; n < 4; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            if (i % 2 == 0)
                store_vector<float2>(row + i * 4 * result_stride + 8 * n,
                                     make_float2(sign * of_state[n][i], sign * of_state[n][i + 1]));
            else
                of_state[n][i - 1] = of_state[4 + n][i - 1], of_state[n][i] = of_state[4 + n][i];
        }
}

/// Says that nothing looks at the second half any more, which frees its registers between the two.
GDN2_DEVICE void forget_second_half(Block& of_state) {
#pragma unroll
    for (int n = 4; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) of_state[n][i] = 0.0f;
}

/// Begins the lane's rows from those of the inputs that exist.
template <class E>
GDN2_DEVICE void begin_rows(GradRows& x, const RawKeys<E, 4>& raw, const KeyReader<E>& reader, int rows,
                            const float* norms, const float* near) {
    unpack_rows<E>(x, raw, reader, rows, norms);
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        const float diagonal = near[x.first / 4 * 16 + r * 5];  // of A_qk, which nothing decays
        x.dq[r] = scaled(x.k[r], diagonal);
        x.dk[r] = scaled(x.q[r], diagonal);
        x.prefix[r] = x.suffix[r] = make_float2(1.0f, 1.0f);
        x.de[r] = x.dg[r] = x.earlier[r] = x.later[r] = make_float2(0.0f, 0.0f);
        extend_row(x, r, x.decay[r], true);  // a block of one row, as in climb_tree
    }
}

/// Adds what comes from the states and gives every decay all that is sent to it. products: of leave_products.
GDN2_DEVICE void finish_rows(GradRows& x, const TreeMemory& memory, const float* products, const float* K_tail,
                             const float* dG_C) {
    const int column = reread_thread() % 16 * 2;
    float2 to_decay[4], to_tail[4];
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        const float* row = products + (x.first + r) * result_stride + column;
        const float2 dQg = load_vector<float2>(row), dE = load_vector<float2>(row + 64 * result_stride);
        const float2 dK_tail = load_vector<float2>(K_tail + (x.first + r) * matrix_stride + column);
        add(x.dq[r], x.prefix[r], dQg);      // Qg = gamma q
        add(x.de[r], x.prefix[r], dE);       // E = gamma e, Eq. 20
        add(x.dk[r], x.suffix[r], dK_tail);  // K_tail = gamma_C / gamma k
        to_decay[r] = times(x.q[r], dQg);
        add(to_decay[r], x.e[r], dE);
        to_tail[r] = times(x.k[r], dK_tail);
        add(x.earlier[r], to_decay[r]);
        add(x.later[r], to_tail[r]);
    }
    leave_total(memory, to_earlier, to_decay);
    leave_total(memory, to_later, to_tail);
    spread_in_warp(x);
    __syncthreads();
    float2 sum = sum_of_others(memory.totals);
#pragma unroll
    for (int part = 0; part < 4; ++part)     // gamma_C S_0, Eq. 23
        add(sum, x.decay[0], load_vector<float2>(dG_C + part * 64 + column));
#pragma unroll
    for (int r = 0; r < 4; ++r) add(x.dg[r], sum);
}

/// Two neighbouring numbers of a gradient, of which `left` exist.
template <class T>
GDN2_DEVICE void store_two(void* tensor, std::int64_t at, float2 x, int left, bool pairs) {
    T* target = static_cast<T*>(tensor) + at;
    if (pairs) {
        store_vector<typename Element<T>::Pair>(target, Element<T>::from_floats(x.x, x.y));
    } else {
        target[0] = Element<T>::from_float(x.x);
        if (left > 1) target[1] = Element<T>::from_float(x.y);
    }
}

/// Writes the lane's rows of dq, dk, dg and db. raw: k and b, read again rather than kept.
template <class E>
GDN2_DEVICE void store_key_gradients(const ChunkGradParams& p, const GradChunk& c, const GradRows& x,
                                     const RawKeys<E, 4>& raw, int channel, const float* norms) {
    const int rows = rows_of(c.tokens), left = p.key.dim - channel;
    const std::int64_t first = ((c.tokens.first + x.first) * p.key.heads + c.key_head) * p.key.dim + channel;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        if (r >= rows || left <= 0) continue;
        const std::int64_t at = first + r * (p.key.heads * p.key.dim);
        const float2 k = scaled(Element<E>::to_floats(raw.k[r]), norms[64 + x.first + r]);
        float2 dk = x.dk[r];
        add(dk, x.de[r], Element<E>::to_floats(raw.b[r]));                              // e = b * k, Eq. 8
        const float2 dq = scaled(x.dq[r], p.key.scale);
        if (p.key.normalise) {
            store_two<float>(p.d_q, at, dq, left, p.key.pairs);
            store_two<float>(p.d_k, at, dk, left, p.key.pairs);
        } else {
            store_two<E>(p.d_q, at, dq, left, p.key.pairs);
            store_two<E>(p.d_k, at, dk, left, p.key.pairs);
        }
        store_two<E>(p.d_b, at, times(x.de[r], k), left, p.key.pairs);
        store_two<float>(p.d_g, at, x.dg[r], left, p.key.pairs);
    }
}

/// The first of the lane's two channels.
GDN2_DEVICE int channel_of(int slab, int half) { return 64 * slab + 32 * half + reread_thread() % 16 * 2; }

/// Whether inputs of a half are on their way while its forerunner, or the slab's products, are computed: in registers,
/// where floats do not fit.
template <class E>
inline constexpr bool reads_ahead = sizeof(E) == 2;

/// Begins to read the lane's rows of half a slab.
template <class E>
GDN2_DEVICE void load_rows(RawKeys<E, 4>& raw, const ChunkGradParams& p, const GradChunk& c, int slab, int half) {
    reader_of<E>(p.key, c.tokens, c.key_head, channel_of(slab, half)).load(raw, rows_of(c.tokens));
}

/// Both halves of a slab whose products are done. raw: of the first half.
template <class E>
GDN2_DEVICE void finish_slab(const ChunkGradParams& p, const GradChunk& c, Block& of_state, RawKeys<E, 4>& raw,
                             int slab) {
    using Shared = ChunkGradShared<E>;
    const float* norms = Shared::floats(Shared::norms);
    float* products = Shared::floats(Shared::products);
#pragma unroll 1
    for (int half = 0; half < 2 && 64 * slab + 32 * half < p.key.dim; ++half) {
        __syncthreads();
        leave_products(products, of_state);
        GradRows x;
        begin_rows<E>(x, raw, reader_of<E>(p.key, c.tokens, c.key_head, channel_of(slab, half)), rows_of(c.tokens),
                      norms, Shared::pair_memory().near);
        phase("tree");
        descend_tree<E>(x, Shared::tree());
        phase("decays");
        RawKeys<E, 4> again;
        load_rows<E>(again, p, c, slab, half);
        if (reads_ahead<E> && half == 0) load_rows<E>(raw, p, c, slab, 1);
        finish_rows(x, Shared::tree(), products, Shared::floats(Shared::K_tail) + 32 * half,
                    Shared::floats(Shared::dG_C) + 32 * half);
        store_key_gradients<E>(p, c, x, again, channel_of(slab, half), norms);
        if (!reads_ahead<E> && half == 0) load_rows<E>(raw, p, c, slab, 1);
        forget_second_half(of_state);
    }
}

/// grid (chunk slots, key heads), 256 threads, ChunkGradShared<E>::bytes of shared memory
template <class E>
__global__ void __launch_bounds__(256) chunk_grad(const ChunkGradParams p) {
    using Shared = ChunkGradShared<E>;
    const Span chunk = chunk_of(p.sequences, blockIdx.x);
    if (chunk.length <= 0) return;
    const int head = static_cast<int>(blockIdx.y), group = p.value.heads / p.key.heads;
    const GradChunk c{blockIdx.x, chunk, head, head * group, (head + 1) * group};

    find_norms<E>(Shared::floats(Shared::norms), p.key, chunk, head);
#pragma unroll 1
    for (int slab = 0; 64 * slab < p.key.dim; ++slab) {
        Block of_state;
        RawKeys<E, 4> raw;
        phase("products");
        if (reads_ahead<E>) load_rows<E>(raw, p, c, slab, 0);
        multiply_slab<E>(of_state, p, c, slab);
        if (!reads_ahead<E>) load_rows<E>(raw, p, c, slab, 0);
        finish_slab<E>(p, c, of_state, raw, slab);
    }
}

}  // namespace gdn2::cuda
