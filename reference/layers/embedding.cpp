// See embedding.h.
#include "reference/layers/embedding.h"

#include "reference/core/instantiate.h"
#include "reference/layers/initial.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

void require_tokens(std::span<const std::int32_t> tokens, Index vocabulary) {
    for (std::size_t t = 0; t < tokens.size(); ++t)
        if (tokens[t] < 0 || tokens[t] >= vocabulary)
            throw Error("token " + std::to_string(t) + " must be in [0, " + std::to_string(vocabulary) + "), got " +
                        std::to_string(tokens[t]));
}

}  // namespace

template <class Scalar>
Embedding<Scalar> make_embedding(Index vocabulary, Index dim, double deviation, Random& random) {
    return {normal_matrix<Scalar>(vocabulary, dim, deviation, random)};
}

template <class Scalar>
Matrix<Scalar> forward(const Embedding<Scalar>& layer, std::span<const std::int32_t> tokens) {
    require_tokens(tokens, layer.vocabulary());
    Matrix<Scalar> y(static_cast<Index>(tokens.size()), layer.dim());
    for (Index t = 0; t < y.rows(); ++t) y.row(t) = layer.weight.row(tokens[static_cast<std::size_t>(t)]);
    return y;
}

template <class Scalar>
void backward(const Embedding<Scalar>& layer, std::span<const std::int32_t> tokens, const Matrix<Scalar>& dy,
              Embedding<Scalar>& d) {
    require_tokens(tokens, layer.vocabulary());
    require_shape("dy", dy, static_cast<Index>(tokens.size()), layer.dim());
    // forward: y_t = W[token_t]
    for (Index t = 0; t < dy.rows(); ++t) d.weight.row(tokens[static_cast<std::size_t>(t)]) += dy.row(t);
}

template <class Scalar>
void collect(const std::string& prefix, Embedding<Scalar>& layer, Parameters<Scalar>& into) {
    collect(prefix + "weight", layer.weight, true, into);
}

#define GDN2_DECLARE(Scalar)                                                                            \
    template Embedding<Scalar> make_embedding(Index, Index, double, Random&);                           \
    template Matrix<Scalar> forward(const Embedding<Scalar>&, std::span<const std::int32_t>);           \
    template void backward(const Embedding<Scalar>&, std::span<const std::int32_t>,                     \
                           const Matrix<Scalar>&, Embedding<Scalar>&);                                  \
    template void collect(const std::string&, Embedding<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
