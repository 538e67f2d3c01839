// See tied.h.
#include "reference/delta_rule/tied.h"

#include "reference/core/instantiate.h"

namespace gdn2 {
namespace {

/// Rows of equal length, so many to each key head of each token: [tokens * key_heads, rest].
template <class Scalar>
Eigen::Map<const Matrix<Scalar>> by_key_head(const Tensor<Scalar>& tensor, Index token_heads) {
    return {tensor.data(), token_heads, tensor.size() / token_heads};
}

template <class Scalar>
Eigen::Map<Matrix<Scalar>> by_key_head(Tensor<Scalar>& tensor, Index token_heads) {
    return {tensor.data(), token_heads, tensor.size() / token_heads};
}

/// Left to right: the order of a vectorised sum, and so its last bit, would depend on where in memory the row lies.
template <class Row>
typename Row::Scalar sum_of(const Row& row) {
    typename Row::Scalar sum(0);
    for (Index i = 0; i < row.size(); ++i) sum += row[i];
    return sum;
}

template <class Row>
typename Row::Scalar mean_of(const Row& row) {
    return sum_of(row) / typename Row::Scalar(static_cast<double>(row.size()));
}

Shape beta_shape(const Sizes& sizes) { return {sizes.batch, sizes.length, sizes.key_heads}; }

}  // namespace

template <class Scalar>
Tensor<Scalar> mean_gates(const Problem<Scalar>& problem) {
    Tensor<Scalar> beta(beta_shape(validate_shapes(problem)));
    const auto b = by_key_head(problem.b, beta.size()), w = by_key_head(problem.w, beta.size());
    for (Index i = 0; i < beta.size(); ++i)
        beta[i] = (mean_of(b.row(i)) + mean_of(w.row(i))) / Scalar(2);
    return beta;
}

template <class Scalar>
Problem<Scalar> tie_kda(Problem<Scalar> problem, const Tensor<Scalar>& beta) {
    const Shape expected = beta_shape(validate_shapes(problem));
    require(beta.shape() == expected, "`beta` must be [batch, length, key_heads] = " + to_string(expected) +
                                          ", got " + to_string(beta.shape()));
    auto b = by_key_head(problem.b, beta.size()), w = by_key_head(problem.w, beta.size());
    for (Index i = 0; i < beta.size(); ++i) {
        b.row(i).setConstant(beta[i]);                                   // Eq. 47
        w.row(i).setConstant(beta[i]);                                   // Eq. 47
    }
    return problem;
}

template <class Scalar>
Problem<Scalar> tie_gated_deltanet(Problem<Scalar> problem, const Tensor<Scalar>& beta) {
    problem = tie_kda(std::move(problem), beta);
    auto g = by_key_head(problem.g, beta.size());
    for (Index i = 0; i < beta.size(); ++i)
        g.row(i).setConstant(mean_of(g.row(i)));                         // Eq. 48
    return problem;
}

template <class Scalar>
Problem<Scalar> tie_deltanet(Problem<Scalar> problem, const Tensor<Scalar>& beta) {
    problem = tie_kda(std::move(problem), beta);
    problem.g = Tensor<Scalar>(problem.g.shape());
    return problem;
}

template <class Scalar>
Problem<Scalar> linear_attention(Problem<Scalar> problem) {
    problem.b = Tensor<Scalar>(problem.b.shape());
    problem.w = Tensor<Scalar>(problem.w.shape(), Scalar(1));
    return problem;
}

template <class Scalar>
Tensor<Scalar> beta_gradient(const Result<Scalar>& result) {
    const Shape& keys = result.db.shape();
    require(keys.size() == 4, "`db` must be there for the gradient of beta: run gradient() first");
    Tensor<Scalar> d_beta({keys[0], keys[1], keys[2]});
    const auto db = by_key_head(result.db, d_beta.size()), dw = by_key_head(result.dw, d_beta.size());
    for (Index i = 0; i < d_beta.size(); ++i) d_beta[i] = sum_of(db.row(i)) + sum_of(dw.row(i));
    return d_beta;
}

#define GDN2_DECLARE(Scalar)                                                                   \
    template Tensor<Scalar> mean_gates(const Problem<Scalar>&);                                \
    template Problem<Scalar> tie_kda(Problem<Scalar>, const Tensor<Scalar>&);                  \
    template Problem<Scalar> tie_gated_deltanet(Problem<Scalar>, const Tensor<Scalar>&);       \
    template Problem<Scalar> tie_deltanet(Problem<Scalar>, const Tensor<Scalar>&);             \
    template Problem<Scalar> linear_attention(Problem<Scalar>);                                \
    template Tensor<Scalar> beta_gradient(const Result<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
