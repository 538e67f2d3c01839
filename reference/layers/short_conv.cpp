// See short_conv.h. All tokens of a sequence at one lag are one product, so that no loop is over tokens.
#include "reference/layers/short_conv.h"

#include <algorithm>
#include <cmath>

#include "reference/core/instantiate.h"
#include "reference/layers/initial.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

/// Row j is what the token j before the current one is multiplied by: [width, channels].
template <class Scalar>
Matrix<Scalar> taps_by_lag(const ShortConv<Scalar>& conv) {
    return conv.weight.rowwise().reverse().transpose();
}

/// Calls meet(lag, now, then, count): rows [now, now + count) meet rows [then, then + count), `lag` before them.
template <class Meet>
void for_each_lag(Index width, Batch batch, const Meet& meet) {
    for (Index first = 0; first < batch.tokens(); first += batch.length)
        for (Index lag = 0; lag < std::min(width, batch.length); ++lag)
            meet(lag, first + lag, first, batch.length - lag);
}

}  // namespace

template <class Scalar>
ShortConv<Scalar> make_short_conv(Index channels, Index width, bool bias, Random& random) {
    require(width > 0, "a short convolution's width must be positive, got " + std::to_string(width));
    const double bound = 1 / std::sqrt(static_cast<double>(width));
    ShortConv<Scalar> conv;
    conv.weight = uniform_matrix<Scalar>(channels, width, bound, random);
    conv.bias = uniform_matrix<Scalar>(bias ? channels : 0, 1, bound, random);
    return conv;
}

template <class Scalar>
Matrix<Scalar> forward(const ShortConv<Scalar>& conv, const Matrix<Scalar>& x, Batch batch) {
    require_cols("x", x, conv.channels());
    require_batch("x", x, batch);
    const Matrix<Scalar> taps = taps_by_lag(conv);
    Matrix<Scalar> y = Matrix<Scalar>::Zero(x.rows(), x.cols());
    for_each_lag(conv.width(), batch, [&](Index lag, Index now, Index then, Index count) {
        y.middleRows(now, count).noalias() += x.middleRows(then, count) * taps.row(lag).asDiagonal();
    });
    if (conv.bias.size() > 0) y.rowwise() += conv.bias.transpose();
    return y;
}

template <class Scalar>
Matrix<Scalar> backward(const ShortConv<Scalar>& conv, const Matrix<Scalar>& x, Batch batch,
                        const Matrix<Scalar>& dy, ShortConv<Scalar>& d) {
    require_cols("x", x, conv.channels());
    require_batch("x", x, batch);
    require_shape("dy", dy, x.rows(), x.cols());
    const Matrix<Scalar> taps = taps_by_lag(conv);
    Matrix<Scalar> d_taps = Matrix<Scalar>::Zero(taps.rows(), taps.cols());
    Matrix<Scalar> dx = Matrix<Scalar>::Zero(x.rows(), x.cols());
    // forward: y += bias
    if (conv.bias.size() > 0) d.bias += dy.colwise().sum().transpose();
    // forward: y_now += x_then Diag(taps_lag)
    for_each_lag(conv.width(), batch, [&](Index lag, Index now, Index then, Index count) {
        dx.middleRows(then, count).noalias() += dy.middleRows(now, count) * taps.row(lag).asDiagonal();
        d_taps.row(lag) += dy.middleRows(now, count).cwiseProduct(x.middleRows(then, count)).colwise().sum();
    });
    // forward: taps are the weight, its width reversed
    d.weight += d_taps.transpose().rowwise().reverse();
    return dx;
}

template <class Scalar>
ShortConvCache<Scalar> start(const ShortConv<Scalar>& conv) {
    return {Matrix<Scalar>::Zero(std::max<Index>(conv.width() - 1, 0), conv.channels())};
}

template <class Scalar>
Matrix<Scalar> step(const ShortConv<Scalar>& conv, const Matrix<Scalar>& x, ShortConvCache<Scalar>& cache) {
    require_shape("x", x, 1, conv.channels());
    const Index last = conv.width() - 1;
    require_shape("past", cache.past, last, conv.channels());
    Matrix<Scalar> y = Matrix<Scalar>::Zero(1, x.cols());
    y += x.cwiseProduct(conv.weight.col(last).transpose());
    for (Index lag = 1; lag <= last; ++lag)
        y += cache.past.row(last - lag).cwiseProduct(conv.weight.col(last - lag).transpose());
    if (conv.bias.size() > 0) y += conv.bias.transpose();

    for (Index i = 0; i + 1 < last; ++i) cache.past.row(i) = cache.past.row(i + 1);
    if (last > 0) cache.past.row(last - 1) = x;
    return y;
}

template <class Scalar>
void collect(const std::string& prefix, ShortConv<Scalar>& conv, Parameters<Scalar>& into) {
    into.push_back({prefix + "weight", {conv.channels(), 1, conv.width()}, conv.weight.data(), true});
    collect(prefix + "bias", conv.bias, false, into);
}

#define GDN2_DECLARE(Scalar)                                                                               \
    template ShortConv<Scalar> make_short_conv(Index, Index, bool, Random&);                               \
    template Matrix<Scalar> forward(const ShortConv<Scalar>&, const Matrix<Scalar>&, Batch);               \
    template Matrix<Scalar> backward(const ShortConv<Scalar>&, const Matrix<Scalar>&, Batch,               \
                                     const Matrix<Scalar>&, ShortConv<Scalar>&);                           \
    template ShortConvCache<Scalar> start(const ShortConv<Scalar>&);                                       \
    template Matrix<Scalar> step(const ShortConv<Scalar>&, const Matrix<Scalar>&, ShortConvCache<Scalar>&); \
    template void collect(const std::string&, ShortConv<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
