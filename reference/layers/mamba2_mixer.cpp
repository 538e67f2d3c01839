// See mamba2_mixer.h.
#include "reference/layers/mamba2_mixer.h"

#include <algorithm>

#include "reference/core/instantiate.h"
#include "reference/layers/activation.h"
#include "reference/layers/gated_rms_norm.h"
#include "reference/layers/gates.h"
#include "reference/layers/memory_scan.h"
#include "reference/layers/per_head.h"
#include "reference/layers/short_conv.h"

namespace gdn2 {
namespace {

template <class Scalar>
class Mamba2Mixer final : public Mixer<Scalar> {
public:
    using typename Mixer<Scalar>::Kept;
    using typename Mixer<Scalar>::State;

    Mamba2Mixer(const MixerOptions& options, Random& random)
        : sizes_{1, options.groups_of_values(), options.key_dim, options.value_dim} {
        const LinearOptions linear{false, LinearInit::xavier_uniform, options.gain};
        const Index N = sizes_.key_dim;
        in_proj_ = make_joint_linear<Scalar>(options.d_model, {inner(), inner(), N, N, heads()}, linear, random);
        if (options.conv_width > 0)
            conv_ = make_short_conv<Scalar>(conv_channels(), options.conv_width, true, random);
        dt_bias_ = make_dt_bias<Scalar>(heads(), random);
        A_log_ = make_A_log<Scalar>(heads(), options.A_low, options.A_high, random);
        D_ = Vector<Scalar>::Ones(heads());
        norm_ = {make_rms_norm<Scalar>(inner(), options.norm_epsilon), Activation::silu, false};
        out_proj_ = make_linear<Scalar>(inner(), options.d_model, linear, random);
    }

    Matrix<Scalar> forward(const Matrix<Scalar>& x, Batch batch, std::unique_ptr<Kept>* kept) const override {
        auto here = std::make_unique<Mamba2Kept>();
        here->batch = batch;
        here->x = x;
        split(gdn2::forward(in_proj_, x), *here);
        here->convolved = has_conv() ? gdn2::forward(conv_, here->xBC, batch) : here->xBC;
        prepare(*here);
        here->u = memory_scan(here->input, sizes_, batch, kept ? &here->states : nullptr);
        Matrix<Scalar> y = finish(*here);
        if (kept) *kept = std::move(here);
        return y;
    }

    Matrix<Scalar> backward(const Kept& kept_before, const Matrix<Scalar>& dy, Mixer<Scalar>& d_mixer) const override {
        const auto& kept = dynamic_cast<const Mamba2Kept&>(kept_before);
        auto& d = dynamic_cast<Mamba2Mixer&>(d_mixer);
        // forward: y = normed W_out^T
        const Matrix<Scalar> d_normed = gdn2::backward(out_proj_, kept.normed, dy, d.out_proj_);
        // forward: normed = RMSNorm(u * silu(z))
        const GatedGradient<Scalar> d_gated = gdn2::backward(norm_, kept.u, kept.z, d_normed, d.norm_);
        // forward: u = memory_scan(input) + D values
        add_skip_backward(kept.values, d_gated.dx, d.D_);
        const auto d_input = memory_scan_backward(kept.input, sizes_, kept.batch, kept.states, d_gated.dx);
        Matrix<Scalar> d_values = scale_heads(d_input.dz, kept.dt);
        add_skip(D_, d_gated.dx, d_values);
        // forward: projected = x W_in^T
        Matrix<Scalar> d_projected(kept.x.rows(), in_proj_.out());
        d_projected << d_gated.d_gate, conv_backward(kept, d_values, d_input, d), step_size_backward(kept, d_input, d);
        return gdn2::backward(in_proj_, kept.x, d_projected, d.in_proj_);
    }

    std::unique_ptr<State> start() const override {
        auto state = std::make_unique<Mamba2State>();
        state->xBC = gdn2::start(conv_);
        state->S.assign(static_cast<std::size_t>(memory_size()), Scalar(0));
        return state;
    }

    Vector<Scalar> step(const Vector<Scalar>& token, State& state_before) const override {
        auto& state = dynamic_cast<Mamba2State&>(state_before);
        Mamba2Kept here;
        split(gdn2::forward(in_proj_, Matrix<Scalar>(token.transpose())), here);
        here.convolved = has_conv() ? gdn2::step(conv_, here.xBC, state.xBC) : here.xBC;
        prepare(here);
        here.u = memory_step(here.input, sizes_, state.S);
        return finish(here).row(0).transpose();
    }

    Index state_size(Index) const override {
        return memory_size() + (has_conv() ? (conv_.width() - 1) * conv_channels() : 0);
    }

    void collect(const std::string& prefix, Parameters<Scalar>& into) override {
        gdn2::collect(prefix + "in_proj.", in_proj_, into);
        if (has_conv()) gdn2::collect(prefix + "conv1d.", conv_, into);
        gdn2::collect(prefix + "dt_bias", dt_bias_, false, into);
        gdn2::collect(prefix + "A_log", A_log_, false, into);
        gdn2::collect(prefix + "D", D_, false, into);
        gdn2::collect(prefix + "norm.", norm_, into);
        gdn2::collect(prefix + "out_proj.", out_proj_, into);
    }

    std::unique_ptr<Mixer<Scalar>> zeros() const override {
        auto mixer = std::make_unique<Mamba2Mixer>(*this);
        clear_parameters(*mixer);
        return mixer;
    }

private:
    struct Mamba2Kept final : Kept {
        Batch batch;
        Matrix<Scalar> x, z;
        Matrix<Scalar> xBC, convolved;  ///< before the convolution, and before SiLU
        Matrix<Scalar> dt_logits, dt;   ///< before dt_bias, and after softplus: [tokens, heads]
        Matrix<Scalar> values;          ///< the x of xBC
        ScanInput<Scalar> input;
        ScanKept<Scalar> states;
        Matrix<Scalar> u, normed;
    };
    struct Mamba2State final : State {
        ShortConvCache<Scalar> xBC;
        std::vector<Scalar> S;
    };

    Index heads() const { return sizes_.value_heads; }
    Index inner() const { return heads() * sizes_.value_dim; }
    Index conv_channels() const { return inner() + 2 * sizes_.key_dim; }
    Index memory_size() const { return inner() * sizes_.key_dim; }
    bool has_conv() const { return conv_.weight.size() > 0; }
    Vector<Scalar> A() const { return -A_log_.array().exp(); }

    void split(const Matrix<Scalar>& projected, Mamba2Kept& here) const {
        here.z = projected.leftCols(inner());
        here.xBC = projected.middleCols(inner(), conv_channels());
        here.dt_logits = projected.rightCols(heads());
    }

    /// From what left the convolution to what the memory takes.
    void prepare(Mamba2Kept& here) const {
        const Matrix<Scalar> xBC = silu(here.convolved);
        here.values = xBC.leftCols(inner());
        here.dt = softplus<Scalar>(here.dt_logits.rowwise() + dt_bias_.transpose());
        here.input.k = xBC.middleCols(inner(), sizes_.key_dim);
        here.input.q = xBC.rightCols(sizes_.key_dim);
        here.input.z = scale_heads(here.values, here.dt);
        here.input.g = here.dt * A().asDiagonal();
        here.input.g_of_heads = true;
    }

    /// From what the memory gave in `u` to the layer's output.
    Matrix<Scalar> finish(Mamba2Kept& here) const {
        add_skip(D_, here.values, here.u);
        here.normed = gdn2::forward(norm_, here.u, here.z);
        return gdn2::forward(out_proj_, here.normed);
    }

    /// d_xBC, given the gradients by what SiLU gave.
    Matrix<Scalar> conv_backward(const Mamba2Kept& kept, const Matrix<Scalar>& d_values,
                                 const ScanGradient<Scalar>& d_input, Mamba2Mixer& d) const {
        // forward: values | k | q = silu(convolved)
        Matrix<Scalar> d_silu(kept.xBC.rows(), conv_channels());
        d_silu << d_values, d_input.dk, d_input.dq;
        const Matrix<Scalar> d_convolved = silu_backward(kept.convolved, d_silu);
        // forward: convolved = conv(xBC)
        return has_conv() ? gdn2::backward(conv_, kept.xBC, kept.batch, d_convolved, d.conv_) : d_convolved;
    }

    /// The gradient by dt's logits.
    Matrix<Scalar> step_size_backward(const Mamba2Kept& kept, const ScanGradient<Scalar>& d_input,
                                      Mamba2Mixer& d) const {
        // forward: z = dt values, g = dt A
        Matrix<Scalar> d_dt = head_dots(d_input.dz, kept.values, heads());
        d_dt += d_input.dg * A().asDiagonal();
        const Vector<Scalar> dA = d_input.dg.cwiseProduct(kept.dt).colwise().sum().transpose();
        // forward: A = -exp(A_log)
        d.A_log_ += dA.cwiseProduct(A());
        // forward: dt = softplus(logits + dt_bias)
        const Matrix<Scalar> d_logits =
            softplus_backward<Scalar>(kept.dt_logits.rowwise() + dt_bias_.transpose(), d_dt);
        d.dt_bias_ += d_logits.colwise().sum().transpose();
        return d_logits;
    }

    ScanSizes sizes_;
    Linear<Scalar> in_proj_;  ///< to z, x, B, C, dt
    ShortConv<Scalar> conv_;
    Vector<Scalar> dt_bias_, A_log_, D_;  ///< [heads]
    GatedRmsNorm<Scalar> norm_;
    Linear<Scalar> out_proj_;
};

}  // namespace

template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_mamba2_mixer(const MixerOptions& options, Random& random) {
    return std::make_unique<Mamba2Mixer<Scalar>>(options, random);
}

#define GDN2_DECLARE(Scalar) \
    template std::unique_ptr<Mixer<Scalar>> make_mamba2_mixer(const MixerOptions&, Random&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
