// See delta_memory.h.
#include "reference/layers/delta_memory.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/chunk_backward.h"
#include "reference/layers/delta_device.h"

namespace gdn2 {
namespace {

constexpr Index largest_scanned = 40 * 40;  // numbers of a state; between the measured 32 x 32 and 48 x 48
constexpr Index chunk_length = 16;

template <class Scalar>
bool is_there(const Matrix<Scalar>& m) { return m.cols() > 0; }

template <class Scalar>
ScanInput<Scalar> scan_input(const DeltaMemoryInput<Scalar>& x) {
    ScanInput<Scalar> scan{x.q, x.k, {}, x.v, x.g, x.g_of_heads, x.scale};
    if (is_there(x.b)) scan.e = x.b.cwiseProduct(x.k);       // Eq. 8
    if (is_there(x.w)) scan.z = x.w.cwiseProduct(x.v);       // Eq. 8
    return scan;
}

template <class Scalar>
DeltaMemoryInput<Scalar> scan_input_backward(const DeltaMemoryInput<Scalar>& x, ScanGradient<Scalar> d_scan) {
    DeltaMemoryInput<Scalar> d;
    d.q = std::move(d_scan.dq);
    d.k = std::move(d_scan.dk);
    d.g = std::move(d_scan.dg);
    // forward: z = w * v
    d.v = is_there(x.w) ? Matrix<Scalar>(d_scan.dz.cwiseProduct(x.w)) : d_scan.dz;
    if (is_there(x.w)) d.w = d_scan.dz.cwiseProduct(x.v);
    // forward: e = b * k
    if (is_there(x.b)) {
        d.b = d_scan.de.cwiseProduct(x.k);
        d.k += d_scan.de.cwiseProduct(x.b);
    }
    return d;
}

/// The inputs with nothing absent and a decay for every channel, as the chunkwise rule takes them.
template <class Scalar>
struct Full {
    Matrix<Scalar> g, b, w;

    Full(const DeltaMemoryInput<Scalar>& x, const ScanSizes& sizes) : g(x.g), b(x.b), w(x.w) {
        if (!is_there(b)) b = Matrix<Scalar>::Zero(x.k.rows(), x.k.cols());
        if (!is_there(w)) w = Matrix<Scalar>::Ones(x.v.rows(), x.v.cols());
        if (!is_there(g)) g = Matrix<Scalar>::Zero(x.k.rows(), x.k.cols());
        if (!x.g_of_heads || !is_there(x.g)) return;
        g.resize(x.k.rows(), x.k.cols());
        for (Index c = 0; c < g.cols(); ++c) g.col(c) = x.g.col(c / sizes.key_dim);
    }
};

/// One value head of one sequence, and where its columns begin.
struct Piece {
    Index row, key, value;
};

Piece piece_of(const ScanSizes& sizes, Batch batch, Index i) {
    const Index head = i % sizes.value_heads;
    return {i / sizes.value_heads * batch.length, head / sizes.group() * sizes.key_dim, head * sizes.value_dim};
}

template <class Scalar>
Rows<Scalar> view(const Matrix<Scalar>& m, Index row, Index col, Index length, Index dim) {
    return {m.data() + row * m.cols() + col, length, dim, Eigen::OuterStride<>(m.cols())};
}

template <class Scalar>
Sequence<Scalar> sequence_of(const DeltaMemoryInput<Scalar>& x, const Full<Scalar>& full, const ScanSizes& sizes,
                             const Piece& at, Index length) {
    const auto key = [&](const Matrix<Scalar>& m) { return view(m, at.row, at.key, length, sizes.key_dim); };
    const auto value = [&](const Matrix<Scalar>& m) { return view(m, at.row, at.value, length, sizes.value_dim); };
    return {key(x.q), key(x.k), key(full.g), key(full.b), value(x.v), value(full.w), x.scale};
}

template <class Scalar>
Matrix<Scalar> in_chunks(const DeltaMemoryInput<Scalar>& x, const ScanSizes& sizes, Batch batch,
                         DeltaMemoryKept<Scalar>* kept) {
    const Full<Scalar> full(x, sizes);
    const Index pieces = batch.batch * sizes.value_heads;
    const Matrix<Scalar> S_0 = Matrix<Scalar>::Zero(sizes.key_dim, sizes.value_dim);
    Matrix<Scalar> o(x.v.rows(), x.v.cols());
    if (kept) kept->starts.resize(static_cast<std::size_t>(pieces));
    for (Index i = 0; i < pieces; ++i) {
        const Piece at = piece_of(sizes, batch, i);
        ChunkStarts<Scalar>* starts = kept ? &kept->starts[static_cast<std::size_t>(i)] : nullptr;
        o.block(at.row, at.value, batch.length, sizes.value_dim) =
            chunk(sequence_of(x, full, sizes, at, batch.length), S_0, chunk_length, starts).o;
    }
    return o;
}

template <class Scalar>
DeltaMemoryInput<Scalar> in_chunks_backward(const DeltaMemoryInput<Scalar>& x, const ScanSizes& sizes, Batch batch,
                                            const DeltaMemoryKept<Scalar>& kept, const Matrix<Scalar>& d_o) {
    const Full<Scalar> full(x, sizes);
    const Matrix<Scalar> dS = Matrix<Scalar>::Zero(sizes.key_dim, sizes.value_dim);
    const auto zeros = [](const Matrix<Scalar>& m) { return Matrix<Scalar>(Matrix<Scalar>::Zero(m.rows(), m.cols())); };
    DeltaMemoryInput<Scalar> d{zeros(x.q), zeros(x.k), zeros(x.b), zeros(x.v), zeros(x.w), zeros(x.g)};
    for (Index i = 0; i < batch.batch * sizes.value_heads; ++i) {
        const Piece at = piece_of(sizes, batch, i);
        const Gradient<Scalar> part =
            chunk_backward(sequence_of(x, full, sizes, at, batch.length), kept.starts[static_cast<std::size_t>(i)],
                           view(d_o, at.row, at.value, batch.length, sizes.value_dim), dS, chunk_length);
        const auto add_keys = [&](Matrix<Scalar>& into, const Matrix<Scalar>& what) {
            if (is_there(into)) into.block(at.row, at.key, batch.length, sizes.key_dim) += what;
        };
        add_keys(d.q, part.dq);
        add_keys(d.k, part.dk);
        add_keys(d.b, part.db);
        d.v.block(at.row, at.value, batch.length, sizes.value_dim) = part.dv;
        if (is_there(d.w)) d.w.block(at.row, at.value, batch.length, sizes.value_dim) = part.dw;
        if (!x.g_of_heads)
            add_keys(d.g, part.dg);
        else if (is_there(d.g))  // forward: a head's number in each of its channels
            d.g.block(at.row, at.value / sizes.value_dim, batch.length, 1) = part.dg.rowwise().sum();
    }
    return d;
}

}  // namespace

bool goes_in_chunks(const ScanSizes& sizes) { return sizes.key_dim * sizes.value_dim > largest_scanned; }

template <class Scalar>
Matrix<Scalar> delta_memory(const DeltaMemoryInput<Scalar>& x, const ScanSizes& sizes, Batch batch,
                            DeltaMemoryKept<Scalar>* kept) {
    ScanInput<Scalar> scan = scan_input(x);
    require_scan(scan, sizes, batch);
    if constexpr (std::is_same_v<Scalar, float>)
        if (const DeltaDevice* device = delta_device()) return memory_on(*device, x, sizes, batch);
    if (goes_in_chunks(sizes)) return in_chunks(x, sizes, batch, kept);
    Matrix<Scalar> o = memory_scan(scan, sizes, batch, kept ? &kept->states : nullptr);
    if (kept) kept->scan = std::move(scan);
    return o;
}

template <class Scalar>
DeltaMemoryInput<Scalar> delta_memory_backward(const DeltaMemoryInput<Scalar>& x, const ScanSizes& sizes, Batch batch,
                                               const DeltaMemoryKept<Scalar>& kept, const Matrix<Scalar>& d_o) {
    if constexpr (std::is_same_v<Scalar, float>)
        if (const DeltaDevice* device = delta_device()) return memory_backward_on(*device, x, sizes, batch, d_o);
    if (goes_in_chunks(sizes)) return in_chunks_backward(x, sizes, batch, kept, d_o);
    return scan_input_backward(x, memory_scan_backward(kept.scan, sizes, batch, kept.states, d_o));
}

template <class Scalar>
Matrix<Scalar> delta_memory_step(const DeltaMemoryInput<Scalar>& x, const ScanSizes& sizes, std::vector<Scalar>& S) {
    return memory_step(scan_input(x), sizes, S);
}

#define GDN2_DECLARE(Scalar)                                                                                          \
    template Matrix<Scalar> delta_memory(const DeltaMemoryInput<Scalar>&, const ScanSizes&, Batch,                    \
                                         DeltaMemoryKept<Scalar>*);                                                   \
    template DeltaMemoryInput<Scalar> delta_memory_backward(const DeltaMemoryInput<Scalar>&, const ScanSizes&, Batch, \
                                                            const DeltaMemoryKept<Scalar>&, const Matrix<Scalar>&);   \
    template Matrix<Scalar> delta_memory_step(const DeltaMemoryInput<Scalar>&, const ScanSizes&, std::vector<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
