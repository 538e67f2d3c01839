// See mamba3_mixer.h. Its parts stand in mamba3_steps, ranks, running_rotation and mimo_scan; here they are joined.
#include "reference/layers/mamba3_mixer.h"

#include <algorithm>

#include "reference/core/instantiate.h"
#include "reference/layers/activation.h"
#include "reference/layers/gates.h"
#include "reference/layers/mamba3_steps.h"
#include "reference/layers/mimo_scan.h"
#include "reference/layers/per_head.h"
#include "reference/layers/ranks.h"
#include "reference/layers/rms_norm.h"
#include "reference/layers/running_rotation.h"

namespace gdn2 {
namespace {

template <class Scalar>
class Mamba3Mixer final : public Mixer<Scalar> {
public:
    using typename Mixer<Scalar>::Kept;
    using typename Mixer<Scalar>::State;

    Mamba3Mixer(const MixerOptions& options, Random& random)
        : mimo_(options.rule == "mamba3_mimo"),
          sizes_{options.groups_of_values(), mimo_ ? options.rank : 1, options.key_dim, options.value_dim},
          angles_(static_cast<Index>(static_cast<double>(options.key_dim) * options.rope_fraction) / 2) {
        const LinearOptions linear{false, LinearInit::xavier_uniform, options.gain};
        const Index H = sizes_.heads, RN = sizes_.ranks * sizes_.key_dim;
        in_proj_ =
            make_joint_linear<Scalar>(options.d_model, {inner(), inner(), RN, RN, H, H, H, angles_}, linear, random);
        dt_bias_ = make_dt_bias<Scalar>(H, random);
        B_norm_ = C_norm_ = make_rms_norm<Scalar>(sizes_.key_dim, options.norm_epsilon);
        B_bias_ = C_bias_ = Matrix<Scalar>::Ones(H * sizes_.ranks, sizes_.key_dim);
        D_ = Vector<Scalar>::Ones(H);
        mimo_z_ = Matrix<Scalar>::Ones(mimo_ ? H * sizes_.ranks : 0, sizes_.value_dim);
        mimo_x_ = mimo_o_ = mimo_z_ / static_cast<Scalar>(static_cast<double>(sizes_.ranks));
        out_proj_ = make_linear<Scalar>(inner(), options.d_model, linear, random);
    }

    Matrix<Scalar> forward(const Matrix<Scalar>& x, Batch batch, std::unique_ptr<Kept>* kept) const override {
        auto here = std::make_unique<Mamba3Kept>();
        here->batch = batch;
        here->x = x;
        prepare(*here, {});
        here->y = mimo_scan(here->input, sizes_, batch, kept ? &here->states : nullptr);
        Matrix<Scalar> y = finish(*here);
        if (kept) *kept = std::move(here);
        return y;
    }

    Matrix<Scalar> backward(const Kept& kept_before, const Matrix<Scalar>& dy, Mixer<Scalar>& d_mixer) const override {
        const auto& kept = dynamic_cast<const Mamba3Kept&>(kept_before);
        auto& d = dynamic_cast<Mamba3Mixer&>(d_mixer);
        // forward: out = narrowed(y * silu(wide_z)) W_out^T, wide_z = widened(z)
        Matrix<Scalar> d_z;
        const Matrix<Scalar> d_y = finish_backward(kept, dy, d, d_z);
        // forward: y = mimo_scan(input) + D v
        add_skip_backward(kept.input.v, d_y, d.D_);
        MimoGradient<Scalar> d_input = mimo_scan_backward(kept.input, sizes_, kept.batch, kept.states, d_y);
        add_skip(D_, d_y, d_input.dv);
        // forward: v = widened(values)
        const Matrix<Scalar> d_values = wide_backward(kept.values, mimo_x_, d_input.dv, d.mimo_x_);
        // forward: k = turned(biased(B_norm(B))), q = turned(biased(C_norm(C)))
        Matrix<Scalar> d_theta = Matrix<Scalar>::Zero(kept.steps.theta.rows(), kept.steps.theta.cols());
        const Matrix<Scalar> dB = turned_key_backward(kept.B, kept.input.k, kept, d_input.dk, B_norm_, d_theta,
                                                      d.B_norm_, d.B_bias_);
        const Matrix<Scalar> dC = turned_key_backward(kept.C, kept.input.q, kept, d_input.dq, C_norm_, d_theta,
                                                      d.C_norm_, d.C_bias_);
        // forward: steps = mamba3_steps(logits), z | values | B | C | logits = x W_in^T
        const Mamba3Steps<Scalar> d_steps{{}, {}, {}, d_input.dg, d_input.d_now, d_input.d_share, d_theta};
        Matrix<Scalar> d_projected(kept.x.rows(), in_proj_.out());
        d_projected << d_z, d_values, dB, dC,
            mamba3_steps_backward(kept.logits, dt_bias_, kept.batch, kept.steps, d_steps, d.dt_bias_);
        return gdn2::backward(in_proj_, kept.x, d_projected, d.in_proj_);
    }

    std::unique_ptr<State> start() const override {
        auto state = std::make_unique<Mamba3State>();
        state->S.assign(static_cast<std::size_t>(memory_size()), Scalar(0));
        state->theta = Matrix<Scalar>::Zero(1, sizes_.heads * angles_);
        state->k = Matrix<Scalar>::Zero(sizes_.ranks, sizes_.heads * sizes_.key_dim);
        state->values = Matrix<Scalar>::Zero(1, inner());
        return state;
    }

    Vector<Scalar> step(const Vector<Scalar>& token, State& state_before) const override {
        auto& state = dynamic_cast<Mamba3State&>(state_before);
        Mamba3Kept here;
        here.batch = {1, 1};
        here.x = token.transpose();
        prepare(here, state.theta);
        const LastPairs<Scalar> last{state.k, wide(state.values, mimo_x_)};
        here.y = mimo_step(here.input, last, sizes_, state.S);
        state.theta = here.steps.theta;
        state.k = here.input.k;
        state.values = here.values;
        return finish(here).row(0).transpose();
    }

    Index state_size(Index) const override {
        return memory_size() + sizes_.heads * (sizes_.ranks * sizes_.key_dim + sizes_.value_dim + angles_);
    }

    void collect(const std::string& prefix, Parameters<Scalar>& into) override {
        gdn2::collect(prefix + "in_proj.", in_proj_, into);
        gdn2::collect(prefix + "dt_bias", dt_bias_, false, into);
        gdn2::collect(prefix + "B_bias", B_bias_, ranks(), false, into);
        gdn2::collect(prefix + "C_bias", C_bias_, ranks(), false, into);
        gdn2::collect(prefix + "B_norm.", B_norm_, into);
        gdn2::collect(prefix + "C_norm.", C_norm_, into);
        if (mimo_) {
            gdn2::collect(prefix + "mimo_x", mimo_x_, ranks(), true, into);
            gdn2::collect(prefix + "mimo_z", mimo_z_, ranks(), true, into);
            gdn2::collect(prefix + "mimo_o", mimo_o_, ranks(), true, into);
        }
        gdn2::collect(prefix + "D", D_, false, into);
        gdn2::collect(prefix + "out_proj.", out_proj_, into);
    }

    std::unique_ptr<Mixer<Scalar>> zeros() const override {
        auto mixer = std::make_unique<Mamba3Mixer>(*this);
        clear_parameters(*mixer);
        return mixer;
    }

private:
    struct Mamba3Kept final : Kept {
        Batch batch;
        Matrix<Scalar> x, z, values, B, C, logits;
        Mamba3Steps<Scalar> steps;
        RunningRotation<Scalar> rotation;
        MimoInput<Scalar> input;
        ScanKept<Scalar> states;
        Matrix<Scalar> y, wide_z, gated, narrow;
    };
    struct Mamba3State final : State {
        std::vector<Scalar> S;
        Matrix<Scalar> theta, k, values;  ///< angles; keys, turned, and values of the last token
    };

    Index inner() const { return sizes_.heads * sizes_.value_dim; }
    Index memory_size() const { return inner() * sizes_.key_dim; }
    RankSizes ranks() const { return {sizes_.heads, sizes_.ranks}; }

    /// One vector a head as one for each rank. SISO has but one.
    Matrix<Scalar> wide(const Matrix<Scalar>& x, const Matrix<Scalar>& by) const {
        return mimo_ ? widened(x, by, ranks()) : x;
    }
    Matrix<Scalar> wide_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& by, const Matrix<Scalar>& dy,
                                 Matrix<Scalar>& d_by) const {
        return mimo_ ? widened_backward(x, by, dy, ranks(), d_by) : dy;
    }

    /// From x, and the angles before it, to what the memory takes.
    void prepare(Mamba3Kept& here, const Matrix<Scalar>& theta) const {
        const Matrix<Scalar> projected = gdn2::forward(in_proj_, here.x);
        const Index E = inner(), RN = sizes_.ranks * sizes_.key_dim;
        here.z = projected.leftCols(E);
        here.values = projected.middleCols(E, E);
        here.B = projected.middleCols(2 * E, RN);
        here.C = projected.middleCols(2 * E + RN, RN);
        here.logits = projected.rightCols(projected.cols() - 2 * (E + RN));
        here.steps = mamba3_steps(here.logits, dt_bias_, here.batch, theta);
        here.rotation = {here.steps.theta, sizes_.heads, sizes_.ranks};
        here.input.k = turned(biased(gdn2::forward(B_norm_, here.B), B_bias_, ranks()), here.rotation);
        here.input.q = turned(biased(gdn2::forward(C_norm_, here.C), C_bias_, ranks()), here.rotation);
        here.input.v = wide(here.values, mimo_x_);
        here.input.g = here.steps.g;
        here.input.now = here.steps.now;
        here.input.share = here.steps.share;
    }

    /// dB of k = turned(biased(norm(B))), or dC; adds to the other gradients.
    Matrix<Scalar> turned_key_backward(const Matrix<Scalar>& B, const Matrix<Scalar>& k, const Mamba3Kept& kept,
                                       const Matrix<Scalar>& dk, const RmsNorm<Scalar>& norm, Matrix<Scalar>& d_theta,
                                       RmsNorm<Scalar>& d_norm, Matrix<Scalar>& d_bias) const {
        const Matrix<Scalar> d_biased = turned_backward(k, kept.rotation, dk, d_theta);
        return gdn2::backward(norm, B, biased_backward(d_biased, ranks(), d_bias), d_norm);
    }

    /// From what the memory gave in `y` to the layer's output.
    Matrix<Scalar> finish(Mamba3Kept& here) const {
        add_skip(D_, here.input.v, here.y);
        here.wide_z = wide(here.z, mimo_z_);
        here.gated = here.y.cwiseProduct(silu(here.wide_z));
        here.narrow = mimo_ ? narrowed(here.gated, mimo_o_, ranks()) : here.gated;
        return gdn2::forward(out_proj_, here.narrow);
    }

    /// The gradient by y after the skip; sets d_z.
    Matrix<Scalar> finish_backward(const Mamba3Kept& kept, const Matrix<Scalar>& d_out, Mamba3Mixer& d,
                                   Matrix<Scalar>& d_z) const {
        // forward: out = narrow W_out^T
        Matrix<Scalar> d_gated = gdn2::backward(out_proj_, kept.narrow, d_out, d.out_proj_);
        // forward: narrow = narrowed(gated)
        if (mimo_) d_gated = narrowed_backward(kept.gated, mimo_o_, d_gated, ranks(), d.mimo_o_);
        // forward: gated = y * silu(wide_z), wide_z = widened(z)
        const Matrix<Scalar> d_wide_z = silu_backward<Scalar>(kept.wide_z, d_gated.cwiseProduct(kept.y));
        d_z = wide_backward(kept.z, mimo_z_, d_wide_z, d.mimo_z_);
        return d_gated.cwiseProduct(silu(kept.wide_z));
    }

    bool mimo_;
    MimoSizes sizes_;
    Index angles_;
    Linear<Scalar> in_proj_;      ///< to z, x, B, C, dt, a, trap, angles
    Vector<Scalar> dt_bias_, D_;  ///< [heads]
    RmsNorm<Scalar> B_norm_, C_norm_;
    Matrix<Scalar> B_bias_, C_bias_;           ///< [heads * ranks, key_dim]
    Matrix<Scalar> mimo_x_, mimo_z_, mimo_o_;  ///< [heads * ranks, value_dim], or empty
    Linear<Scalar> out_proj_;
};

}  // namespace

template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_mamba3_mixer(const MixerOptions& options, Random& random) {
    return std::make_unique<Mamba3Mixer<Scalar>>(options, random);
}

#define GDN2_DECLARE(Scalar) \
    template std::unique_ptr<Mixer<Scalar>> make_mamba3_mixer(const MixerOptions&, Random&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
