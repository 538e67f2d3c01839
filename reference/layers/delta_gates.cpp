// See delta_gates.h.
#include "reference/layers/delta_gates.h"

#include "reference/core/instantiate.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

/// One number a head [tokens, heads], in each of the head's `dim` channels.
template <class Scalar>
Matrix<Scalar> spread(const Matrix<Scalar>& heads, Index dim) {
    Matrix<Scalar> channels(heads.rows(), heads.cols() * dim);
    heads_of(channels, dim).colwise() = Eigen::Map<const Vector<Scalar>>(heads.data(), heads.size());
    return channels;
}

/// The sum of each head's channels: [tokens, heads].
template <class Scalar>
Matrix<Scalar> sum_of_heads(const Matrix<Scalar>& channels, Index dim) {
    Matrix<Scalar> heads(channels.rows(), channels.cols() / dim);
    Eigen::Map<Vector<Scalar>>(heads.data(), heads.size()) = heads_of(channels, dim).rowwise().sum();
    return heads;
}

template <class Scalar>
Matrix<Scalar> mean_of_heads(const Matrix<Scalar>& channels, Index dim) {
    return sum_of_heads(channels, dim) / static_cast<Scalar>(static_cast<double>(dim));
}

/// forward: mean_of_heads.
template <class Scalar>
Matrix<Scalar> mean_of_heads_backward(const Matrix<Scalar>& d_heads, Index dim) {
    return spread<Scalar>(d_heads / static_cast<Scalar>(static_cast<double>(dim)), dim);
}

/// One erase strength a key head, where there is one.
template <class Scalar>
Matrix<Scalar> strength(const DeltaGates<Scalar>& gates, const Matrix<Scalar>& b_of) {
    return gates.erase == Erase::mean ? mean_of_heads(b_of, gates.key_dim) : b_of;
}

/// Value channels that follow one key head.
template <class Scalar>
Index values_of_key_head(const DeltaGates<Scalar>& gates) {
    return gates.value_heads / gates.key_heads * gates.value_dim;
}

}  // namespace

template <class Scalar>
DeltaGatesValues<Scalar> forward(const DeltaGates<Scalar>& gates, const Matrix<Scalar>& x) {
    DeltaGatesValues<Scalar> y;
    if (gates.erase != Erase::none) y.b_of = forward(gates.b, x);
    if (gates.erase == Erase::channels) y.b = y.b_of;
    if (gates.erase == Erase::mean || gates.erase == Erase::beta)
        y.b = spread(strength(gates, y.b_of), gates.key_dim);

    if (gates.write == Write::channels || gates.write == Write::mean) y.w_of = forward(gates.w, x);
    if (gates.write == Write::channels) y.w = y.w_of;
    if (gates.write == Write::mean) y.w = spread(mean_of_heads(y.w_of, gates.value_dim), gates.value_dim);
    if (gates.write == Write::of_erase) y.w = spread(strength(gates, y.b_of), values_of_key_head(gates));
    return y;
}

template <class Scalar>
Matrix<Scalar> backward(const DeltaGates<Scalar>& gates, const Matrix<Scalar>& x, const DeltaGatesValues<Scalar>& y,
                        const Matrix<Scalar>& db, const Matrix<Scalar>& dw, DeltaGates<Scalar>& d) {
    Matrix<Scalar> dx = Matrix<Scalar>::Zero(x.rows(), x.cols()), d_strength;
    if (gates.erase == Erase::mean || gates.erase == Erase::beta) {
        // forward: b = spread(strength), and perhaps w = spread(strength)
        d_strength = sum_of_heads(db, gates.key_dim);
        if (gates.write == Write::of_erase) d_strength += sum_of_heads(dw, values_of_key_head(gates));
    }
    // forward: w = w_of, or spread(mean(w_of)), of w_of = most sigmoid(x W_w^T)
    if (gates.write == Write::channels) dx += backward(gates.w, x, y.w_of, dw, d.w);
    if (gates.write == Write::mean)
        dx += backward(gates.w, x, y.w_of,
                       mean_of_heads_backward(sum_of_heads(dw, gates.value_dim), gates.value_dim), d.w);
    // forward: b = b_of, or strength = b_of or mean(b_of), of b_of = most sigmoid(x W_b^T)
    if (gates.erase == Erase::channels) dx += backward(gates.b, x, y.b_of, db, d.b);
    if (gates.erase == Erase::beta) dx += backward(gates.b, x, y.b_of, d_strength, d.b);
    if (gates.erase == Erase::mean)
        dx += backward(gates.b, x, y.b_of, mean_of_heads_backward(d_strength, gates.key_dim), d.b);
    return dx;
}

template <class Scalar>
void collect(const std::string& prefix, DeltaGates<Scalar>& gates, Parameters<Scalar>& into) {
    if (gates.b.proj.weight.size() > 0) collect(prefix + "b_proj.", gates.b, into);
    if (gates.w.proj.weight.size() > 0) collect(prefix + "w_proj.", gates.w, into);
}

#define GDN2_DECLARE(Scalar)                                                                                   \
    template DeltaGatesValues<Scalar> forward(const DeltaGates<Scalar>&, const Matrix<Scalar>&);               \
    template Matrix<Scalar> backward(const DeltaGates<Scalar>&, const Matrix<Scalar>&,                         \
                                     const DeltaGatesValues<Scalar>&, const Matrix<Scalar>&,                   \
                                     const Matrix<Scalar>&, DeltaGates<Scalar>&);                              \
    template void collect(const std::string&, DeltaGates<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
