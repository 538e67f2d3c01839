// See baseline.h.
#include "reference/baselines/baseline.h"

#include "reference/core/instantiate.h"

namespace gdn2::baselines {

template <class Scalar>
ChunkDecay<Scalar> chunk_decay(const Vector<Scalar>& alpha) {
    const Index length = alpha.size();
    ChunkDecay<Scalar> decay{alpha, Vector<Scalar>(length), Matrix<Scalar>::Identity(length, length)};
    for (Index r = 1; r < length; ++r) {
        decay.from_start[r] *= decay.from_start[r - 1];
        decay.between.row(r).head(r) = alpha[r] * decay.between.row(r - 1).head(r);
    }
    decay.to_end = decay.between.row(length - 1).transpose();
    return decay;
}

template <class Scalar>
Vector<Scalar> chunk_decay_backward(const ChunkDecay<Scalar>& decay, const ChunkDecay<Scalar>& d) {
    // Gradients by the logarithms: gamma_r holds g_1..g_r, L_rs and to_end_s hold what comes after s.
    const Matrix<Scalar> d_between = d.between.cwiseProduct(decay.between);
    const Vector<Scalar> d_to_end = d.to_end.cwiseProduct(decay.to_end);
    Vector<Scalar> dg = d.from_start.cwiseProduct(decay.from_start) - d_to_end;
    dg += d_between.rowwise().sum() - d_between.colwise().sum().transpose();
    dg[dg.size() - 1] += d_to_end.sum();
    for (Index i = dg.size() - 1; i > 0; --i) dg[i - 1] += dg[i];
    return dg;
}

#define GDN2_DECLARE(Scalar)                                               \
    template ChunkDecay<Scalar> chunk_decay(const Vector<Scalar>& alpha);  \
    template Vector<Scalar> chunk_decay_backward(const ChunkDecay<Scalar>&, const ChunkDecay<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
