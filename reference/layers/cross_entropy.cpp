// See cross_entropy.h.
#include "reference/layers/cross_entropy.h"

#include <cmath>
#include <string>
#include <type_traits>

#include "reference/core/error.h"
#include "reference/core/instantiate.h"

namespace gdn2 {
namespace {

void require_targets(std::span<const std::int32_t> targets, Index tokens, Index vocabulary) {
    require(static_cast<Index>(targets.size()) == tokens, "`targets` must be " + std::to_string(tokens) +
                                                              ", one per row of logits, got " +
                                                              std::to_string(targets.size()));
    for (std::size_t t = 0; t < targets.size(); ++t)
        if (targets[t] != ignored_target && (targets[t] < 0 || targets[t] >= vocabulary))
            throw Error("target " + std::to_string(t) + " must be in [0, " + std::to_string(vocabulary) + ") or " +
                        std::to_string(ignored_target) + ", got " + std::to_string(targets[t]));
}

template <class Row>
Index largest(const Row& row) {
    Index best = 0;
    for (Index i = 1; i < row.size(); ++i)
        if (row(i) > row(best)) best = i;
    return best;
}

/// One counted token: its surprise. Leaves softmax(l) - [j = target], times `share`, in d.
template <class Row, class Gradient, class Scalar>
Scalar surprise(const Row& logits, Index target, Index best, Scalar share, Gradient d) {
    using std::log;
    const Scalar highest = logits(best);
    d = (logits.array() - highest).exp();
    const Scalar sum = d.sum();
    d *= share / sum;
    d(target) -= share;
    return log(sum) + (highest - logits(target));
}

}  // namespace

template <class Scalar>
CrossEntropy<Scalar> cross_entropy(const Matrix<Scalar>& logits, std::span<const std::int32_t> targets) {
    require_targets(targets, logits.rows(), logits.cols());
    CrossEntropy<Scalar> result;
    result.d_logits = Matrix<Scalar>::Zero(logits.rows(), logits.cols());
    for (const std::int32_t target : targets) result.count += target != ignored_target;
    if (result.count == 0) return result;

    using Sum = std::conditional_t<std::is_same_v<Scalar, float>, double, Scalar>;
    const Sum count(static_cast<double>(result.count));
    Sum total(0);
    for (Index t = 0; t < logits.rows(); ++t) {
        const Index target = targets[static_cast<std::size_t>(t)];
        if (target == ignored_target) continue;
        const Index best = largest(logits.row(t));
        result.correct += best == target;
        total += surprise(logits.row(t), target, best, static_cast<Scalar>(Sum(1) / count), result.d_logits.row(t));
    }
    result.loss = static_cast<Scalar>(total / count);
    return result;
}

template <class Scalar>
std::vector<std::int32_t> largest_columns(const Matrix<Scalar>& logits) {
    require(logits.cols() > 0, "`logits` must have a column");
    std::vector<std::int32_t> columns;
    for (Index t = 0; t < logits.rows(); ++t) columns.push_back(static_cast<std::int32_t>(largest(logits.row(t))));
    return columns;
}

#define GDN2_DECLARE(Scalar)                                                                                \
    template CrossEntropy<Scalar> cross_entropy(const Matrix<Scalar>&, std::span<const std::int32_t>);      \
    template std::vector<std::int32_t> largest_columns(const Matrix<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
