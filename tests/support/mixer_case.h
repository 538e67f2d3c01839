// A mixer of the rule gdn2 with parameters as a device holds them, and the same layer computed plainly with every
// tensor rounded: the yardstick of low precision.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cuda/api/mixer.h"
#include "reference/layers/activation.h"
#include "reference/layers/gated_rms_norm.h"
#include "reference/layers/gates.h"
#include "reference/layers/initial.h"
#include "reference/layers/l2_norm.h"
#include "reference/layers/mixer_options.h"
#include "reference/layers/projection.h"
#include "reference/layers/short_conv.h"
#include "tests/support/layer_device.h"

namespace gdn2::test {

/// Matrices of `precision`, the rest float; all of them moved away from where they start.
struct MixerCase {
    MixerOptions options;
    Batch batch;
    cuda::Precision precision;
    std::unique_ptr<Mixer<double>> mixer;
    Matrix<double> x, dy;

    MixerCase(const MixerOptions& o, Batch of, cuda::Precision p, std::uint64_t seed = 48)
        : options(o), batch(of), precision(p) {
        Random random(seed);
        mixer = make_mixer<double>(options, random);
        for (const Parameter<double>& parameter : all(*mixer))
            for (Index i = 0; i < parameter.size(); ++i)
                parameter.data[i] = rounded(parameter.data[i] + 0.1 * random.normal(),
                                            parameter.shape.size() == 2 ? precision : cuda::Precision::f32);
        x = rounded(normal_matrix<double>(batch.tokens(), options.d_model, 1, random), precision);
        dy = rounded(normal_matrix<double>(batch.tokens(), options.d_model, 1, random), precision);
    }

    static Parameters<double> all(Mixer<double>& of) {
        Parameters<double> parameters;
        of.collect("", parameters);
        return parameters;
    }

    cuda::MixerParameters parameters() const {
        cuda::MixerParameters named;
        for (const Parameter<double>& p : all(*mixer)) {
            const std::vector<double> numbers(p.data, p.data + p.size());
            named.emplace(p.name, cast<float>(Tensor<double>(p.shape, numbers)));
        }
        return named;
    }

    cuda::MixerOptions on_device() const {
        cuda::MixerOptions on;
        on.device = device();
        on.precision = precision;
        on.output_gate = options.output_gate == "silu"      ? cuda::Activation::silu
                         : options.output_gate == "sigmoid" ? cuda::Activation::sigmoid
                                                            : cuda::Activation::none;
        on.negative_eigenvalues = options.negative_eigenvalues;
        if (options.decay_lower_bound) on.decay_lower_bound = static_cast<float>(*options.decay_lower_bound);
        on.norm_epsilon = static_cast<float>(options.norm_epsilon);
        return on;
    }

    /// [batch, length, d_model]
    Tensor<float> shaped(const Matrix<double>& matrix) const {
        return cast<float>(tensor_of(matrix, {batch.batch, batch.length, matrix.cols()}));
    }
};

/// The layer as it is written, every tensor rounded as soon as it is there but the decay's logits.
class PlainMixer {
public:
    explicit PlainMixer(const MixerCase& c) : c_(c) {
        for (const Parameter<double>& p : MixerCase::all(*c.mixer)) named_.emplace(p.name, p);
    }

    Matrix<double> forward() const {
        const MixerOptions& o = c_.options;
        Problem<double> p;
        p.q = heads(round(l2_norm(branch("q"), o.key_dim)), o.key_dim);
        p.k = heads(round(l2_norm(branch("k"), o.key_dim)), o.key_dim);
        p.v = heads(branch("v"), o.value_dim);
        const EditGate<double> b{linear("b_proj."), o.negative_eigenvalues ? 2.0 : 1.0}, w{linear("w_proj.")};
        p.b = heads(round(gdn2::forward(b, c_.x)), o.key_dim);
        p.w = heads(round(gdn2::forward(w, c_.x)), o.value_dim);
        const DecayGate<double> decay{vector("A_log"), vector("dt_bias"), o.decay_lower_bound};
        p.g = heads(gdn2::forward(decay, projection("f_proj.", false)), o.key_dim);
        p.scale = 1 / std::sqrt(static_cast<double>(o.key_dim));
        return round(gdn2::forward(linear("o_proj."), normed(naive(p, c_.precision).o)));
    }

private:
    Matrix<double> round(const Matrix<double>& x) const { return rounded(x, c_.precision); }

    Tensor<double> heads(const Matrix<double>& x, Index dim) const {
        return tensor_of(x, {c_.batch.batch, c_.batch.length, x.cols() / dim, dim});
    }
    Vector<double> vector(const std::string& name) const {
        const Parameter<double>& p = named_.at(name);
        return Eigen::Map<const Vector<double>>(p.data, p.size());
    }
    Matrix<double> matrix(const std::string& name) const {
        const Parameter<double>& p = named_.at(name);
        return Eigen::Map<const Matrix<double>>(p.data, p.shape[0], p.size() / p.shape[0]);
    }
    Linear<double> linear(const std::string& name) const {
        return {matrix(name + "weight"), named_.contains(name + "bias") ? vector(name + "bias") : Vector<double>()};
    }
    Matrix<double> projection(const std::string& name, bool rounds) const {
        Matrix<double> y = named_.contains(name + "0.weight")
                               ? gdn2::forward(linear(name + "1."), round(gdn2::forward(linear(name + "0."), c_.x)))
                               : gdn2::forward(linear(name), c_.x);
        return rounds ? round(y) : y;
    }
    Matrix<double> branch(const std::string& name) const {
        Matrix<double> y = round(gdn2::forward(linear(name + "_proj."), c_.x));
        const std::string conv = name + "_conv1d.";
        if (named_.contains(conv + "weight"))
            y = gdn2::forward(ShortConv<double>{matrix(conv + "weight"), named_.contains(conv + "bias")
                                                                             ? vector(conv + "bias")
                                                                             : Vector<double>()},
                              y, c_.batch);
        return round(silu(y));
    }
    Matrix<double> normed(const Tensor<double>& o) const {
        GatedRmsNorm<double> layer{{vector("o_norm.weight"), c_.options.norm_epsilon}};
        const Index values = o.shape()[2] * o.shape()[3];
        const Matrix<double> x = Eigen::Map<const Matrix<double>>(o.data(), c_.batch.tokens(), values);
        if (c_.options.output_gate == "none") return round(gdn2::forward(layer.norm, x));
        if (c_.options.output_gate == "sigmoid") layer.activation = Activation::sigmoid;
        return round(gdn2::forward(layer, x, projection("g_proj.", true)));
    }

    const MixerCase& c_;
    std::map<std::string, Parameter<double>> named_;
};

}  // namespace gdn2::test
