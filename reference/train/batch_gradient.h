// Loss and gradient of one batch, on several threads and yet bit for bit the same on any number of them: the batch is
// cut into groups of sequences that do not depend on the threads, each group adds to a gradient of its own, and the
// groups are summed in their order.
//   loss = sum over groups of (count of the group / count of the batch) * mean loss of the group
//   tests  tests/reference/train/batch_gradient_test.cpp
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "reference/core/error.h"
#include "reference/core/parallel.h"
#include "reference/layers/batch.h"
#include "reference/layers/cross_entropy.h"
#include "reference/layers/parameter.h"

namespace gdn2 {

/// Tokens of sequences of one length, and the target of each.
struct LabelledTokens {
    Batch batch;
    std::span<const std::int32_t> tokens, targets;  ///< [batch * length]
};

/// How a model did on a batch.
struct BatchLoss {
    double loss = 0;    ///< the mean over all tokens that count
    Index counted = 0;  ///< tokens that count
    Index correct = 0;  ///< of these, predicted right
};

/// Gradients of a Model<Scalar> as LanguageModel is one: forward, backward, zeros, parameters, Kept. Buffers stay from
/// batch to batch: a gradient for each group, and for each thread what one group keeps on its way back.
template <class Scalar, template <class> class Model>
class BatchGradient {
public:
    static constexpr Index group_size = 4;  ///< sequences; part of what the result's last bits depend on

    /// The loss; its gradient is then in gradients(). Throws Error when nothing counts, and as the model does.
    BatchLoss compute(const Model<Scalar>& model, const LabelledTokens& data, int threads);

    /// Of the last batch; valid until the next.
    Parameters<Scalar> gradients() { return groups_.at(0).gradient.parameters(); }

private:
    using Kept = typename Model<Scalar>::Kept;

    struct Group {
        Model<Scalar> gradient;
        BatchLoss loss;
    };

    void compute_groups(const Model<Scalar>& model, const LabelledTokens& data, Index counted, int threads);
    void compute_group(const Model<Scalar>& model, const LabelledTokens& part, Index counted, Kept& kept,
                       Group& group);
    void sum_gradients(std::size_t count);

    std::vector<Group> groups_;
    std::vector<Kept> kept_;  ///< of threads
};

/// Sequences first, first + 1, ... of `data`.
inline LabelledTokens sequences_of(const LabelledTokens& data, Index first, Index count) {
    const auto begin = static_cast<std::size_t>(first * data.batch.length),
               size = static_cast<std::size_t>(count * data.batch.length);
    return {{count, data.batch.length}, data.tokens.subspan(begin, size), data.targets.subspan(begin, size)};
}

template <class Scalar, template <class> class Model>
BatchLoss BatchGradient<Scalar, Model>::compute(const Model<Scalar>& model, const LabelledTokens& data,
                                                int threads) {
    BatchLoss total;
    for (const std::int32_t target : data.targets) total.counted += target != ignored_target;
    require(total.counted > 0, "a batch without a target has no loss");
    const auto count = static_cast<std::size_t>((data.batch.batch + group_size - 1) / group_size);
    while (groups_.size() < count) groups_.push_back({model.zeros(), {}});
    compute_groups(model, data, total.counted, threads);
    for (std::size_t i = 0; i < count; ++i) {
        total.loss += groups_[i].loss.loss;
        total.correct += groups_[i].loss.correct;
    }
    sum_gradients(count);
    return total;
}

/// Each thread takes group after group.
template <class Scalar, template <class> class Model>
void BatchGradient<Scalar, Model>::compute_groups(const Model<Scalar>& model, const LabelledTokens& data,
                                                  Index counted, int threads) {
    const Index sequences = data.batch.batch, count = (sequences + group_size - 1) / group_size;
    const Index at_once = std::min<Index>(count, threads > 0 ? threads : available_threads());
    kept_.resize(std::max(kept_.size(), static_cast<std::size_t>(at_once)));
    std::atomic<Index> next = 0;
    parallel_for(at_once, threads, [&](Index thread) {
        for (Index i = next++; i < count; i = next++) {
            const Index first = i * group_size;
            const LabelledTokens part = sequences_of(data, first, std::min(group_size, sequences - first));
            compute_group(model, part, counted, kept_[static_cast<std::size_t>(thread)],
                          groups_[static_cast<std::size_t>(i)]);
        }
    });
}

template <class Scalar, template <class> class Model>
void BatchGradient<Scalar, Model>::compute_group(const Model<Scalar>& model, const LabelledTokens& part,
                                                 Index counted, Kept& kept, Group& group) {
    for (const Parameter<Scalar>& d : group.gradient.parameters()) std::fill_n(d.data, d.size(), Scalar(0));
    CrossEntropy<Scalar> entropy =
        cross_entropy(model.forward(part.tokens, part.batch, &kept), part.targets);
    const double share = static_cast<double>(entropy.count) / static_cast<double>(counted);
    group.loss = {share * static_cast<double>(entropy.loss), entropy.count, entropy.correct};
    if (entropy.count == 0) return;
    entropy.d_logits *= static_cast<Scalar>(share);
    model.backward(kept, entropy.d_logits, group.gradient);
}

/// Adds the gradients of groups 1, 2, ... to that of group 0.
template <class Scalar, template <class> class Model>
void BatchGradient<Scalar, Model>::sum_gradients(std::size_t count) {
    const Parameters<Scalar> sum = groups_[0].gradient.parameters();
    for (std::size_t i = 1; i < count; ++i) {
        const Parameters<Scalar> more = groups_[i].gradient.parameters();
        for (std::size_t p = 0; p < sum.size(); ++p)
            for (Index j = 0; j < sum[p].size(); ++j) sum[p].data[j] += more[p].data[j];
    }
}

}  // namespace gdn2
