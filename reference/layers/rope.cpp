// See rope.h.
#include "reference/layers/rope.h"

#include <cmath>

#include "reference/core/instantiate.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

/// cos and sin of every angle, [length, dim / 2] each, computed in float64.
template <class Scalar>
struct Angles {
    Matrix<Scalar> cos, sin;

    Angles(Index length, const RopeOptions& options)
        : cos(length, options.dim / 2), sin(length, options.dim / 2) {
        for (Index i = 0; i < cos.cols(); ++i) {
            const double turn =
                std::pow(options.base, -2 * static_cast<double>(i) / static_cast<double>(options.dim));
            for (Index t = 0; t < length; ++t) {
                const double theta = static_cast<double>(options.first + t) * turn;
                cos(t, i) = static_cast<Scalar>(std::cos(theta));
                sin(t, i) = static_cast<Scalar>(std::sin(theta));
            }
        }
    }
};

template <class Scalar>
Matrix<Scalar> rotate(const char* name, const Matrix<Scalar>& x, Batch batch, const RopeOptions& options,
                      Scalar direction) {
    require(options.dim % 2 == 0, "rope turns pairs: `dim` must be even, got " + std::to_string(options.dim));
    require_heads(name, x, options.dim);
    require_batch(name, x, batch);
    const Angles<Scalar> angles(batch.length, options);
    const Index half = options.dim / 2;
    Matrix<Scalar> y(x.rows(), x.cols());
    for (Index row = 0; row < x.rows(); ++row) {
        const auto cos = angles.cos.row(row % batch.length);
        const auto sin = angles.sin.row(row % batch.length) * direction;
        for (Index first = 0; first < x.cols(); first += options.dim) {
            const auto lower = x.row(row).segment(first, half), upper = x.row(row).segment(first + half, half);
            y.row(row).segment(first, half) = lower.cwiseProduct(cos) - upper.cwiseProduct(sin);
            y.row(row).segment(first + half, half) = upper.cwiseProduct(cos) + lower.cwiseProduct(sin);
        }
    }
    return y;
}

}  // namespace

template <class Scalar>
Matrix<Scalar> rope(const Matrix<Scalar>& x, Batch batch, const RopeOptions& options) {
    return rotate("x", x, batch, options, Scalar(1));
}

template <class Scalar>
Matrix<Scalar> rope_backward(const Matrix<Scalar>& dy, Batch batch, const RopeOptions& options) {
    return rotate("dy", dy, batch, options, Scalar(-1));
}

#define GDN2_DECLARE(Scalar)                                                          \
    template Matrix<Scalar> rope(const Matrix<Scalar>&, Batch, const RopeOptions&);   \
    template Matrix<Scalar> rope_backward(const Matrix<Scalar>&, Batch, const RopeOptions&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
