// See attention_mixer.h. The attention of one head of one sequence is baselines' own.
#include "reference/layers/attention_mixer.h"

#include <algorithm>
#include <cmath>

#include "reference/baselines/softmax_attention.h"
#include "reference/core/instantiate.h"
#include "reference/layers/conv_branch.h"
#include "reference/layers/rope.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

using baselines::SoftmaxAttention;
using baselines::SoftmaxAttentionGradient;
using baselines::SoftmaxAttentionState;

template <class Scalar>
class AttentionMixer final : public Mixer<Scalar> {
public:
    using typename Mixer<Scalar>::Kept;
    using typename Mixer<Scalar>::State;

    AttentionMixer(const MixerOptions& options, Random& random) : options_(options) {
        q_ = make_branch(options.heads * options.key_dim, random);
        k_ = make_branch(options.heads * options.key_dim, random);
        v_ = make_branch(options.heads * options.value_dim, random);
        o_proj_ = make_linear<Scalar>(v_.proj.out(), options.d_model, linear(), random);
    }

    Matrix<Scalar> forward(const Matrix<Scalar>& x, Batch batch, std::unique_ptr<Kept>* kept) const override {
        auto here = std::make_unique<AttentionKept>();
        here->batch = batch;
        here->x = x;
        here->q = rope(gdn2::forward(q_, x, batch, &here->q_branch), batch, rotary());
        here->k = rope(gdn2::forward(k_, x, batch, &here->k_branch), batch, rotary());
        here->v = gdn2::forward(v_, x, batch, &here->v_branch);
        here->o.resize(x.rows(), v_.proj.out());
        for_each_head(batch, [&](Index row, Index head) {
            values_of(here->o, row, batch.length, head) = softmax_attention(head_of(*here, row, batch.length, head));
        });
        Matrix<Scalar> y = gdn2::forward(o_proj_, here->o);
        if (kept) *kept = std::move(here);
        return y;
    }

    Matrix<Scalar> backward(const Kept& kept_before, const Matrix<Scalar>& dy, Mixer<Scalar>& d_mixer) const override {
        const auto& kept = dynamic_cast<const AttentionKept&>(kept_before);
        auto& d = dynamic_cast<AttentionMixer&>(d_mixer);
        const Index length = kept.batch.length;
        // forward: y = o W_o^T
        const Matrix<Scalar> d_o = gdn2::backward(o_proj_, kept.o, dy, d.o_proj_);
        // forward: o = softmax_attention(q, k, v), head by head
        Matrix<Scalar> dq(kept.q.rows(), kept.q.cols()), dk = dq, dv(kept.v.rows(), kept.v.cols());
        for_each_head(kept.batch, [&](Index row, Index head) {
            const SoftmaxAttentionGradient<Scalar> d_head = softmax_attention_backward(
                head_of(kept, row, length, head), rows_at(d_o, row, length, head, options_.value_dim));
            keys_of(dq, row, length, head) = d_head.dq;
            keys_of(dk, row, length, head) = d_head.dk;
            values_of(dv, row, length, head) = d_head.dv;
        });
        // forward: q, k = rope(q branch), rope(k branch)
        dq = rope_backward(dq, kept.batch, rotary());
        dk = rope_backward(dk, kept.batch, rotary());
        Matrix<Scalar> dx = gdn2::backward(q_, kept.x, kept.batch, kept.q_branch, dq, d.q_);
        dx += gdn2::backward(k_, kept.x, kept.batch, kept.k_branch, dk, d.k_);
        dx += gdn2::backward(v_, kept.x, kept.batch, kept.v_branch, dv, d.v_);
        return dx;
    }

    std::unique_ptr<State> start() const override {
        auto state = std::make_unique<AttentionState>();
        state->q = gdn2::start(q_.conv);
        state->k = gdn2::start(k_.conv);
        state->v = gdn2::start(v_.conv);
        state->heads.resize(static_cast<std::size_t>(options_.heads));
        return state;
    }

    Vector<Scalar> step(const Vector<Scalar>& token, State& state_before) const override {
        auto& state = dynamic_cast<AttentionState&>(state_before);
        const Matrix<Scalar> x = token.transpose();
        const RopeOptions here = rotary(state.heads.front().seen);
        AttentionKept now;
        now.q = rope(gdn2::step(q_, x, state.q), {1, 1}, here);
        now.k = rope(gdn2::step(k_, x, state.k), {1, 1}, here);
        now.v = gdn2::step(v_, x, state.v);
        Matrix<Scalar> o(1, v_.proj.out());
        for_each_head({1, 1}, [&](Index, Index head) {
            values_of(o, 0, 1, head) = softmax_attention_step(head_of(now, 0, 1, head), 0,
                                                              state.heads[static_cast<std::size_t>(head)]).transpose();
        });
        return gdn2::forward(o_proj_, o).row(0).transpose();
    }

    Index state_size(Index length) const override {
        const Index tail = std::max<Index>(options_.conv_width - 1, 0);
        const Index seen = options_.window > 0 ? std::min(options_.window, length) : length;
        return seen * (k_.proj.out() + v_.proj.out()) + tail * (q_.proj.out() + k_.proj.out() + v_.proj.out());
    }

    void collect(const std::string& prefix, Parameters<Scalar>& into) override {
        gdn2::collect(prefix, "q", q_, into);
        gdn2::collect(prefix, "k", k_, into);
        gdn2::collect(prefix, "v", v_, into);
        gdn2::collect(prefix + "o_proj.", o_proj_, into);
    }

    std::unique_ptr<Mixer<Scalar>> zeros() const override {
        auto mixer = std::make_unique<AttentionMixer>(*this);
        clear_parameters(*mixer);
        return mixer;
    }

private:
    struct AttentionKept final : Kept {
        Batch batch;
        Matrix<Scalar> x;
        ConvBranchKept<Scalar> q_branch, k_branch, v_branch;
        Matrix<Scalar> q, k;  ///< turned
        Matrix<Scalar> v, o;
    };
    struct AttentionState final : State {
        ShortConvCache<Scalar> q, k, v;
        std::vector<SoftmaxAttentionState<Scalar>> heads;
    };

    LinearOptions linear() const { return {false, LinearInit::xavier_uniform, options_.gain}; }
    RopeOptions rotary(Index first = 0) const { return {.dim = options_.key_dim, .first = first}; }

    ConvBranch<Scalar> make_branch(Index out, Random& random) const {
        ConvBranch<Scalar> branch{make_linear<Scalar>(options_.d_model, out, linear(), random), {}, false};
        if (options_.conv_width > 0)
            branch.conv = make_short_conv<Scalar>(out, options_.conv_width, options_.conv_bias, random);
        return branch;
    }

    /// Calls visit(row, head) for every head of every sequence; `row` is the sequence's first token.
    template <class Visit>
    void for_each_head(Batch batch, const Visit& visit) const {
        for (Index sequence = 0; sequence < batch.batch; ++sequence)
            for (Index head = 0; head < options_.heads; ++head) visit(sequence * batch.length, head);
    }

    static Rows<Scalar> rows_at(const Matrix<Scalar>& m, Index row, Index count, Index head, Index dim) {
        return {m.data() + row * m.cols() + head * dim, count, dim, Eigen::OuterStride<>(m.cols())};
    }
    auto keys_of(Matrix<Scalar>& m, Index row, Index count, Index head) const {
        return m.block(row, head * options_.key_dim, count, options_.key_dim);
    }
    auto values_of(Matrix<Scalar>& m, Index row, Index count, Index head) const {
        return m.block(row, head * options_.value_dim, count, options_.value_dim);
    }

    /// One head of `count` tokens from `row` on.
    SoftmaxAttention<Scalar> head_of(const AttentionKept& kept, Index row, Index count, Index head) const {
        const Index key_dim = options_.key_dim;
        return {rows_at(kept.q, row, count, head, key_dim), rows_at(kept.k, row, count, head, key_dim),
                rows_at(kept.v, row, count, head, options_.value_dim),
                static_cast<Scalar>(1 / std::sqrt(static_cast<double>(key_dim))), options_.window};
    }

    MixerOptions options_;
    ConvBranch<Scalar> q_, k_, v_;
    Linear<Scalar> o_proj_;
};

}  // namespace

void validate_attention(const MixerOptions& options) {
    require(options.key_dim % 2 == 0,
            "`key_dim` of attention must be even, for rotary positions, got " + std::to_string(options.key_dim));
    require(options.groups_of_values() == options.heads,
            "`value_heads` of attention must be heads, got " + std::to_string(options.value_heads) + " and " +
                std::to_string(options.heads));
}

template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_attention_mixer(const MixerOptions& options, Random& random) {
    validate_attention(options);
    return std::make_unique<AttentionMixer<Scalar>>(options, random);
}

#define GDN2_DECLARE(Scalar) \
    template std::unique_ptr<Mixer<Scalar>> make_attention_mixer(const MixerOptions&, Random&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
