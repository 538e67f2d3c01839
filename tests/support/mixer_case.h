// A mixer of the rule gdn2 with parameters as a device holds them.
#pragma once

#include <memory>
#include <string>

#include "cuda/api/mixer.h"
#include "reference/layers/initial.h"
#include "reference/layers/mixer_options.h"
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

}  // namespace gdn2::test
