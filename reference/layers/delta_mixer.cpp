// See delta_mixer.h. The layer's parts stand in files of their own; here is how they are joined, and its adjoint.
#include "reference/layers/delta_mixer.h"

#include <algorithm>
#include <cmath>

#include "reference/core/instantiate.h"
#include "reference/layers/conv_branch.h"
#include "reference/layers/delta_family.h"
#include "reference/layers/delta_memory.h"
#include "reference/layers/gated_rms_norm.h"
#include "reference/layers/l2_norm.h"
#include "reference/layers/projection.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

template <class Scalar>
class DeltaMixer final : public Mixer<Scalar> {
public:
    using typename Mixer<Scalar>::Kept;
    using typename Mixer<Scalar>::State;

    DeltaMixer(const MixerOptions& options, Random& random) : options_(options), rule_(*find_delta_rule(options.rule)) {
        const Index keys = options.heads * options.key_dim, values = value_heads() * options.value_dim;
        q_ = make_branch(keys, random);
        k_ = make_branch(keys, random);
        v_ = make_branch(values, random);
        make_decay(random);
        make_gates(random);
        if (gated())
            g_proj_ = make_projection<Scalar>(options.d_model, options.output_gate_rank, values,
                                              linear(options.output_gate_rank > 0), random);
        o_norm_.norm = make_rms_norm<Scalar>(options.value_dim, options.norm_epsilon);
        o_norm_.activation = options.output_gate == "sigmoid" ? Activation::sigmoid : Activation::silu;
        o_proj_ = make_linear<Scalar>(values, options.d_model, linear(), random);
    }

    Matrix<Scalar> forward(const Matrix<Scalar>& x, Batch batch, std::unique_ptr<Kept>* kept) const override {
        auto here = std::make_unique<DeltaKept>();
        here->batch = batch;
        here->x = x;
        here->q_raw = gdn2::forward(q_, x, batch, &here->q);
        here->k_raw = gdn2::forward(k_, x, batch, &here->k);
        here->input = memory_input(x, gdn2::forward(v_, x, batch, &here->v), *here);
        here->o = delta_memory(here->input, memory_sizes(), batch, kept ? &here->memory : nullptr);
        here->normed = normed(x, *here);
        Matrix<Scalar> y = gdn2::forward(o_proj_, here->normed);
        if (kept) *kept = std::move(here);
        return y;
    }

    Matrix<Scalar> backward(const Kept& kept_before, const Matrix<Scalar>& dy, Mixer<Scalar>& d_mixer) const override {
        const auto& kept = dynamic_cast<const DeltaKept&>(kept_before);
        auto& d = dynamic_cast<DeltaMixer&>(d_mixer);
        Matrix<Scalar> dx = Matrix<Scalar>::Zero(kept.x.rows(), kept.x.cols());
        // forward: y = normed W_o^T
        const Matrix<Scalar> d_normed = gdn2::backward(o_proj_, kept.normed, dy, d.o_proj_);
        // forward: normed = RMSNorm(o) * act(gate), gate = g_proj(x)
        const Matrix<Scalar> d_o = normed_backward(kept, d_normed, d, dx);
        // forward: o = delta_memory(input)
        const auto d_input = delta_memory_backward(kept.input, memory_sizes(), kept.batch, kept.memory, d_o);
        memory_input_backward(kept, d_input, d, dx);
        return dx;
    }

    std::unique_ptr<State> start() const override {
        auto state = std::make_unique<DeltaState>();
        state->q = gdn2::start(q_.conv);
        state->k = gdn2::start(k_.conv);
        state->v = gdn2::start(v_.conv);
        state->S.assign(static_cast<std::size_t>(memory_size()), Scalar(0));
        return state;
    }

    Vector<Scalar> step(const Vector<Scalar>& token, State& state_before) const override {
        auto& state = dynamic_cast<DeltaState&>(state_before);
        const Matrix<Scalar> x = token.transpose();
        DeltaKept here;
        here.q_raw = gdn2::step(q_, x, state.q);
        here.k_raw = gdn2::step(k_, x, state.k);
        here.o = delta_memory_step(memory_input(x, gdn2::step(v_, x, state.v), here), memory_sizes(), state.S);
        return gdn2::forward(o_proj_, normed(x, here)).row(0).transpose();
    }

    Index state_size(Index) const override {
        const Index tail = std::max<Index>(options_.conv_width - 1, 0);
        return memory_size() + tail * (q_.proj.out() + k_.proj.out() + v_.proj.out());
    }

    void collect(const std::string& prefix, Parameters<Scalar>& into) override {
        gdn2::collect(prefix, "q", q_, into);
        gdn2::collect(prefix, "k", k_, into);
        gdn2::collect(prefix, "v", v_, into);
        if (rule_.decay != DeltaDecay::none) {
            gdn2::collect(prefix + (rule_.decay == DeltaDecay::head ? "a_proj." : "f_proj."), decay_proj_, into);
            gdn2::collect(prefix, decay_, into);
        }
        gdn2::collect(prefix, gates_, into);
        if (gated()) gdn2::collect(prefix + "g_proj.", g_proj_, into);
        gdn2::collect(prefix + "o_norm.", o_norm_, into);
        gdn2::collect(prefix + "o_proj.", o_proj_, into);
    }

    std::unique_ptr<Mixer<Scalar>> zeros() const override {
        auto mixer = std::make_unique<DeltaMixer>(*this);
        clear_parameters(*mixer);
        return mixer;
    }

private:
    struct DeltaKept final : Kept {
        Batch batch;
        Matrix<Scalar> x;
        ConvBranchKept<Scalar> q, k, v;
        Matrix<Scalar> q_raw, k_raw;  ///< after SiLU, before the L2 norm
        Matrix<Scalar> f;             ///< logits of the decay
        DeltaGatesValues<Scalar> gates;
        DeltaMemoryInput<Scalar> input;
        DeltaMemoryKept<Scalar> memory;
        Matrix<Scalar> o, gate, normed;
    };
    struct DeltaState final : State {
        ShortConvCache<Scalar> q, k, v;
        std::vector<Scalar> S;
    };

    Index value_heads() const { return options_.groups_of_values(); }
    Index group() const { return value_heads() / options_.heads; }
    bool repeats() const { return rule_.of_value_heads && group() > 1; }
    bool gated() const { return options_.output_gate != "none"; }
    Index memory_size() const { return value_heads() * options_.key_dim * options_.value_dim; }
    LinearOptions linear(bool bias = false) const { return {bias, LinearInit::xavier_uniform, options_.gain}; }

    /// Heads that the memory, the gates and the decay see: q and k repeated where the rule belongs to value heads.
    ScanSizes memory_sizes() const {
        return {rule_.of_value_heads ? value_heads() : options_.heads, value_heads(), options_.key_dim,
                options_.value_dim};
    }

    ConvBranch<Scalar> make_branch(Index out, Random& random) const {
        ConvBranch<Scalar> branch;
        branch.proj = make_linear<Scalar>(options_.d_model, out, linear(), random);
        if (options_.conv_width > 0)
            branch.conv = make_short_conv<Scalar>(out, options_.conv_width, options_.conv_bias, random);
        return branch;
    }

    void make_decay(Random& random) {
        if (rule_.decay == DeltaDecay::none) return;
        const bool of_heads = rule_.decay == DeltaDecay::head;
        const Index heads = memory_sizes().key_heads;
        const Index channels = of_heads ? heads : heads * options_.key_dim;
        decay_proj_ = make_projection<Scalar>(options_.d_model, of_heads ? 0 : options_.decay_rank, channels, linear(),
                                              random);
        decay_ = make_decay_gate<Scalar>(heads, channels,
                                         {options_.A_low, options_.A_high, options_.decay_lower_bound}, random);
    }

    void make_gates(Random& random) {
        const ScanSizes sizes = memory_sizes();
        gates_.erase = rule_.erase;
        gates_.write = rule_.write;
        gates_.key_heads = sizes.key_heads;
        gates_.value_heads = sizes.value_heads;
        gates_.key_dim = sizes.key_dim;
        gates_.value_dim = sizes.value_dim;
        gates_.b.most = options_.negative_eigenvalues ? 2 : 1;
        const Index outputs = rule_.erase == Erase::beta ? sizes.key_heads : sizes.key_heads * sizes.key_dim;
        if (rule_.erase != Erase::none)
            gates_.b.proj = make_linear<Scalar>(options_.d_model, outputs, linear(), random);
        // A tied mean keeps w_proj, unused: the control has the parameters of what it controls.
        const Index values = sizes.value_heads * sizes.value_dim;
        if (rule_.write != Write::ones && rule_.erase != Erase::beta)
            gates_.w.proj = make_linear<Scalar>(options_.d_model, values, linear(), random);
    }

    /// From q, k and v after SiLU to what the memory takes. Keeps the decay's logits and the gates.
    DeltaMemoryInput<Scalar> memory_input(const Matrix<Scalar>& x, Matrix<Scalar> v, DeltaKept& kept) const {
        DeltaMemoryInput<Scalar> input;
        input.q = l2_norm(kept.q_raw, options_.key_dim);
        input.k = l2_norm(kept.k_raw, options_.key_dim);
        if (repeats()) {
            input.q = repeat_heads(input.q, options_.key_dim, group());
            input.k = repeat_heads(input.k, options_.key_dim, group());
        }
        input.v = std::move(v);
        kept.gates = gdn2::forward(gates_, x);                                                           // Eq. 12
        input.b = kept.gates.b;
        input.w = kept.gates.w;
        if (rule_.decay != DeltaDecay::none) {
            kept.f = gdn2::forward(decay_proj_, x);
            input.g = gdn2::forward(decay_, kept.f);                                                     // Eq. 11
        }
        input.g_of_heads = rule_.decay == DeltaDecay::head;
        input.scale = static_cast<Scalar>(1 / std::sqrt(static_cast<double>(options_.key_dim)));
        return input;
    }

    /// Adds to dx what comes through the inputs of the memory.
    void memory_input_backward(const DeltaKept& kept, const DeltaMemoryInput<Scalar>& d_input, DeltaMixer& d,
                               Matrix<Scalar>& dx) const {
        // forward: g = decay(f), f = decay_proj(x)
        if (rule_.decay != DeltaDecay::none)
            dx += gdn2::backward(decay_proj_, kept.x, gdn2::backward(decay_, kept.f, d_input.g, d.decay_),
                                 d.decay_proj_);
        // forward: b, w = gates(x)
        dx += gdn2::backward(gates_, kept.x, kept.gates, d_input.b, d_input.w, d.gates_);
        // forward: q, k = l2_norm(q_raw), l2_norm(k_raw), perhaps repeated
        const Index dim = options_.key_dim;
        const Matrix<Scalar> dq = repeats() ? repeat_heads_backward(d_input.q, dim, group()) : d_input.q;
        const Matrix<Scalar> dk = repeats() ? repeat_heads_backward(d_input.k, dim, group()) : d_input.k;
        dx += gdn2::backward(q_, kept.x, kept.batch, kept.q, l2_norm_backward(kept.q_raw, dim, dq), d.q_);
        dx += gdn2::backward(k_, kept.x, kept.batch, kept.k, l2_norm_backward(kept.k_raw, dim, dk), d.k_);
        dx += gdn2::backward(v_, kept.x, kept.batch, kept.v, d_input.v, d.v_);
    }

    Matrix<Scalar> normed(const Matrix<Scalar>& x, DeltaKept& kept) const {
        if (!gated()) return gdn2::forward(o_norm_.norm, kept.o);
        kept.gate = gdn2::forward(g_proj_, x);
        return gdn2::forward(o_norm_, kept.o, kept.gate);
    }

    /// d_o; adds to dx what comes through the output gate.
    Matrix<Scalar> normed_backward(const DeltaKept& kept, const Matrix<Scalar>& d_normed, DeltaMixer& d,
                                   Matrix<Scalar>& dx) const {
        if (!gated()) return gdn2::backward(o_norm_.norm, kept.o, d_normed, d.o_norm_.norm);
        GatedGradient<Scalar> d_both = gdn2::backward(o_norm_, kept.o, kept.gate, d_normed, d.o_norm_);
        dx += gdn2::backward(g_proj_, kept.x, d_both.d_gate, d.g_proj_);
        return std::move(d_both.dx);
    }

    MixerOptions options_;
    DeltaRule rule_;
    ConvBranch<Scalar> q_, k_, v_;
    Projection<Scalar> decay_proj_;
    DecayGate<Scalar> decay_;
    DeltaGates<Scalar> gates_;
    Projection<Scalar> g_proj_;
    GatedRmsNorm<Scalar> o_norm_;
    Linear<Scalar> o_proj_;
};

}  // namespace

void validate_delta(const MixerOptions& options) {
    require(is_delta_rule(options.rule), "`rule` must be one of the delta family, got " + options.rule);
    const std::string& gate = options.output_gate;
    require(gate == "silu" || gate == "sigmoid" || gate == "none",
            "`output_gate` must be silu, sigmoid or none, got " + gate);
    require(!options.decay_lower_bound || *options.decay_lower_bound < 0, "`decay_lower_bound` must be below 0");
}

template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_delta_mixer(const MixerOptions& options, Random& random) {
    validate_delta(options);
    return std::make_unique<DeltaMixer<Scalar>>(options, random);
}

#define GDN2_DECLARE(Scalar) \
    template std::unique_ptr<Mixer<Scalar>> make_delta_mixer(const MixerOptions&, Random&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
