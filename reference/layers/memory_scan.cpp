// The recurrence under every rule with a matrix memory, one value head of one sequence after the other.
// Threads are over groups of sequences, in the trainer; here is what one of them does.
//   paper  Eqs. 8-10
//   tests  tests/reference/layers/memory_scan_test.cpp
#include "reference/layers/memory_scan.h"

#include <algorithm>
#include <type_traits>

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"
#include "reference/layers/memory_head.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

constexpr Index span_length = 16;  // tokens whose states the adjoint rebuilds at once: 16 KiB at 16 x 16 in float

Index spans_of(Batch batch) { return (batch.length + span_length - 1) / span_length; }

/// Where the rows of one head begin, in `m` of the inputs or of the gradients; null when there is no such tensor.
template <class Matrix>
auto* at(Matrix& m, Index row, Index col) {
    return m.cols() == 0 ? nullptr : m.data() + row * m.cols() + col;
}

template <class Scalar>
MemoryHead<Scalar> head_of(const ScanInput<Scalar>& x, const Matrix<Scalar>& alpha, const ScanSizes& sizes, Index row,
                           Index head) {
    const Index key = head / sizes.group() * sizes.key_dim, value = head * sizes.value_dim;
    return {at(x.q, row, key), at(x.k, row, key), at(x.e, row, key), at(x.z, row, value),
            at(alpha, row, x.g_of_heads ? head : key), x.k.cols(), x.z.cols(), alpha.cols(), x.g_of_heads, x.scale};
}

/// Calls run(kernel) with one whose dims are known when compiling, for those that training uses most.
template <class Scalar, class Run>
void with_kernel(const ScanSizes& sizes, const Run& run) {
    constexpr int any = Eigen::Dynamic;
    if constexpr (std::is_same_v<Scalar, float>) {
        if (sizes.key_dim == 16 && sizes.value_dim == 16) return run(MemoryKernel<Scalar, 16, 16>(16, 16));
        if (sizes.key_dim == 32 && sizes.value_dim == 32) return run(MemoryKernel<Scalar, 32, 32>(32, 32));
    }
    run(MemoryKernel<Scalar, any, any>(sizes.key_dim, sizes.value_dim));
}

}  // namespace

template <class Scalar>
void require_scan(const ScanInput<Scalar>& x, const ScanSizes& sizes, Batch batch) {
    require(sizes.key_heads > 0 && sizes.value_heads > 0 && sizes.value_heads % sizes.key_heads == 0,
            "value_heads must be a multiple of key_heads, got " + std::to_string(sizes.value_heads) + " and " +
                std::to_string(sizes.key_heads));
    const Index keys = sizes.key_heads * sizes.key_dim, values = sizes.value_heads * sizes.value_dim;
    require_batch("q", x.q, batch);
    require_cols("q", x.q, keys);
    require_shape("k", x.k, x.q.rows(), keys);
    require_shape("z", x.z, x.q.rows(), values);
    if (x.e.cols() > 0) require_shape("e", x.e, x.q.rows(), keys);
    if (x.g.cols() > 0) require_shape("g", x.g, x.q.rows(), x.g_of_heads ? sizes.value_heads : keys);
}

template <class Scalar>
Matrix<Scalar> memory_scan(const ScanInput<Scalar>& x, const ScanSizes& sizes, Batch batch, ScanKept<Scalar>* kept) {
    require_scan(x, sizes, batch);
    const Matrix<Scalar> alpha = decay_of<Scalar>(x.g);
    const Index state = sizes.key_dim * sizes.value_dim, spans = spans_of(batch);
    if (kept) {
        kept->span = span_length;
        kept->starts.resize(static_cast<std::size_t>(batch.batch * sizes.value_heads * spans * state));
    }
    Matrix<Scalar> o(x.z.rows(), x.z.cols());
    with_kernel<Scalar>(sizes, [&](auto kernel) {
        for (Index piece = 0; piece < batch.batch * sizes.value_heads; ++piece) {
            const Index row = piece / sizes.value_heads * batch.length, head = piece % sizes.value_heads;
            Scalar* starts = kept ? kept->starts.data() + piece * spans * state : nullptr;
            kernel.S.setZero();
            kernel.forward(head_of(x, alpha, sizes, row, head), batch.length, at(o, row, head * sizes.value_dim),
                           span_length, starts);
        }
    });
    return o;
}

template <class Scalar>
ScanGradient<Scalar> memory_scan_backward(const ScanInput<Scalar>& x, const ScanSizes& sizes, Batch batch,
                                          const ScanKept<Scalar>& kept, const Matrix<Scalar>& d_o) {
    require_scan(x, sizes, batch);
    require_shape("d_o", d_o, x.z.rows(), x.z.cols());
    const Matrix<Scalar> alpha = decay_of<Scalar>(x.g);
    const Index state = sizes.key_dim * sizes.value_dim, spans = spans_of(batch);
    const auto zeros = [](const Matrix<Scalar>& m) { return Matrix<Scalar>(Matrix<Scalar>::Zero(m.rows(), m.cols())); };
    ScanGradient<Scalar> d{zeros(x.q), zeros(x.k), zeros(x.e), Matrix<Scalar>(x.z.rows(), x.z.cols()), zeros(x.g)};
    with_kernel<Scalar>(sizes, [&](auto kernel) {
        for (Index piece = 0; piece < batch.batch * sizes.value_heads; ++piece) {
            const Index row = piece / sizes.value_heads * batch.length, head = piece % sizes.value_heads;
            const Index key = head / sizes.group() * sizes.key_dim, value = head * sizes.value_dim;
            kernel.backward(head_of(x, alpha, sizes, row, head), batch.length, at(d_o, row, value), kept.span,
                            kept.starts.data() + piece * spans * state,
                            {at(d.dq, row, key), at(d.dk, row, key), at(d.de, row, key), at(d.dz, row, value),
                             at(d.dg, row, x.g_of_heads ? head : key)});
        }
    });
    return d;
}

template <class Scalar>
Matrix<Scalar> memory_step(const ScanInput<Scalar>& x, const ScanSizes& sizes, std::vector<Scalar>& S) {
    require_scan(x, sizes, {1, 1});
    const Matrix<Scalar> alpha = decay_of<Scalar>(x.g);
    const Index state = sizes.key_dim * sizes.value_dim;
    require(static_cast<Index>(S.size()) == sizes.value_heads * state,
            "`S` must hold " + std::to_string(sizes.value_heads * state) + " numbers, got " + std::to_string(S.size()));
    Matrix<Scalar> o(1, x.z.cols());
    with_kernel<Scalar>(sizes, [&](auto kernel) {
        for (Index head = 0; head < sizes.value_heads; ++head) {
            Scalar* const numbers = S.data() + head * state;
            std::copy_n(numbers, state, kernel.S.data());
            kernel.forward(head_of(x, alpha, sizes, 0, head), 1, at(o, 0, head * sizes.value_dim), 1, nullptr);
            std::copy_n(kernel.S.data(), state, numbers);
        }
    });
    return o;
}

#define GDN2_DECLARE(Scalar)                                                                                         \
    template void require_scan(const ScanInput<Scalar>&, const ScanSizes&, Batch);                                   \
    template Matrix<Scalar> memory_scan(const ScanInput<Scalar>&, const ScanSizes&, Batch, ScanKept<Scalar>*);       \
    template ScanGradient<Scalar> memory_scan_backward(const ScanInput<Scalar>&, const ScanSizes&, Batch,            \
                                                       const ScanKept<Scalar>&, const Matrix<Scalar>&);              \
    template Matrix<Scalar> memory_step(const ScanInput<Scalar>&, const ScanSizes&, std::vector<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
