// See conv_branch.h.
#include "reference/layers/conv_branch.h"

#include "reference/core/instantiate.h"
#include "reference/layers/activation.h"

namespace gdn2 {

template <class Scalar>
Matrix<Scalar> forward(const ConvBranch<Scalar>& branch, const Matrix<Scalar>& x, Batch batch,
                       ConvBranchKept<Scalar>* kept) {
    Matrix<Scalar> projected = forward(branch.proj, x), convolved;
    if (branch.has_conv()) convolved = forward(branch.conv, projected, batch);
    Matrix<Scalar> y = branch.has_conv() ? convolved : projected;
    if (branch.activated) y = silu(y);
    if (kept) *kept = {std::move(projected), std::move(convolved)};
    return y;
}

template <class Scalar>
Matrix<Scalar> backward(const ConvBranch<Scalar>& branch, const Matrix<Scalar>& x, Batch batch,
                        const ConvBranchKept<Scalar>& kept, const Matrix<Scalar>& dy, ConvBranch<Scalar>& d) {
    Matrix<Scalar> d_projected = dy;
    // forward: y = silu(convolved)
    if (branch.activated) d_projected = silu_backward(branch.has_conv() ? kept.convolved : kept.projected, dy);
    // forward: convolved = conv(projected)
    if (branch.has_conv()) d_projected = backward(branch.conv, kept.projected, batch, d_projected, d.conv);
    // forward: projected = x W^T
    return backward(branch.proj, x, d_projected, d.proj);
}

template <class Scalar>
Matrix<Scalar> step(const ConvBranch<Scalar>& branch, const Matrix<Scalar>& x, ShortConvCache<Scalar>& cache) {
    Matrix<Scalar> y = forward(branch.proj, x);
    if (branch.has_conv()) y = step(branch.conv, y, cache);
    return branch.activated ? silu(y) : y;
}

template <class Scalar>
void collect(const std::string& prefix, const std::string& name, ConvBranch<Scalar>& branch,
             Parameters<Scalar>& into) {
    collect(prefix + name + "_proj.", branch.proj, into);
    if (branch.has_conv()) collect(prefix + name + "_conv1d.", branch.conv, into);
}

#define GDN2_DECLARE(Scalar)                                                                                        \
    template Matrix<Scalar> forward(const ConvBranch<Scalar>&, const Matrix<Scalar>&, Batch, ConvBranchKept<Scalar>*); \
    template Matrix<Scalar> backward(const ConvBranch<Scalar>&, const Matrix<Scalar>&, Batch,                       \
                                     const ConvBranchKept<Scalar>&, const Matrix<Scalar>&, ConvBranch<Scalar>&);    \
    template Matrix<Scalar> step(const ConvBranch<Scalar>&, const Matrix<Scalar>&, ShortConvCache<Scalar>&);        \
    template void collect(const std::string&, const std::string&, ConvBranch<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
