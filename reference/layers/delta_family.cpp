// See delta_family.h.
#include "reference/layers/delta_family.h"

#include <algorithm>
#include <array>

#include "reference/core/instantiate.h"
#include "reference/layers/delta_mixer.h"

namespace gdn2 {
namespace {

constexpr std::array<DeltaRule, 9> delta_rules{{
    {"gdn2", DeltaDecay::channel, Erase::channels, Write::channels},
    {"gdn2_b_only", DeltaDecay::channel, Erase::channels, Write::mean},
    {"gdn2_w_only", DeltaDecay::channel, Erase::mean, Write::channels},
    {"gdn2_scalars", DeltaDecay::channel, Erase::mean, Write::mean},
    {"gdn2_tied", DeltaDecay::channel, Erase::mean, Write::of_erase},
    {"kda", DeltaDecay::channel, Erase::beta, Write::of_erase, true},
    {"gated_deltanet", DeltaDecay::head, Erase::beta, Write::of_erase, true},
    {"deltanet", DeltaDecay::none, Erase::beta, Write::of_erase, true},
    {"linear_attention", DeltaDecay::none, Erase::none, Write::ones},
}};

}  // namespace

const DeltaRule* find_delta_rule(const std::string& name) {
    const auto found = std::find_if(delta_rules.begin(), delta_rules.end(),
                                    [&](const DeltaRule& rule) { return rule.name == name; });
    return found == delta_rules.end() ? nullptr : &*found;
}

bool is_delta_rule(const std::string& rule) { return find_delta_rule(rule) != nullptr; }

template <class Scalar>
Matrix<Scalar> repeat_heads(const Matrix<Scalar>& x, Index dim, Index group) {
    Matrix<Scalar> y(x.rows(), x.cols() * group);
    for (Index head = 0; head < x.cols() / dim * group; ++head)
        y.middleCols(head * dim, dim) = x.middleCols(head / group * dim, dim);
    return y;
}

template <class Scalar>
Matrix<Scalar> repeat_heads_backward(const Matrix<Scalar>& dy, Index dim, Index group) {
    Matrix<Scalar> dx = Matrix<Scalar>::Zero(dy.rows(), dy.cols() / group);
    for (Index head = 0; head < dy.cols() / dim; ++head)
        dx.middleCols(head / group * dim, dim) += dy.middleCols(head * dim, dim);
    return dx;
}

#define GDN2_DECLARE(Scalar)                                                     \
    template Matrix<Scalar> repeat_heads(const Matrix<Scalar>&, Index, Index);   \
    template Matrix<Scalar> repeat_heads_backward(const Matrix<Scalar>&, Index, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
