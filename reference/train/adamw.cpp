// See adamw.h. Plain loops: the square root of a vector unit may round otherwise than that of one number.
#include "reference/train/adamw.h"

#include <cmath>
#include <string>

#include "reference/core/error.h"

namespace gdn2 {
namespace {

template <class Scalar>
void require_fits(const Parameters<Scalar>& parameters, const Parameters<Scalar>& gradients,
                  const AdamWState<Scalar>& state) {
    const std::size_t count = parameters.size();
    require(gradients.size() == count && state.m.size() == count && state.v.size() == count,
            "AdamW needs a gradient and two moments for each of " + std::to_string(count) + " parameters");
    for (std::size_t i = 0; i < count; ++i) {
        const Index size = parameters[i].size();
        require(gradients[i].size() == size && state.m[i].size() == size && state.v[i].size() == size,
                "the gradient and the moments of `" + parameters[i].name + "` must have " +
                    std::to_string(size) + " numbers");
    }
}

/// What one step multiplies by, in the parameters' precision.
template <class Scalar>
struct Factors {
    Scalar keep_m, take_m, keep_v, take_v;
    Scalar unbias_v;  ///< 1 / (1 - beta2^n)
    Scalar rate;      ///< lr / (1 - beta1^n)
    Scalar epsilon, shrink;
};

template <class Scalar>
Factors<Scalar> factors(double learning_rate, const AdamWOptions& options, Index n) {
    const auto after = [n](double beta) { return 1 - std::pow(beta, static_cast<double>(n)); };
    const auto rounded = [](double x) { return static_cast<Scalar>(x); };
    return {rounded(options.beta1),
            rounded(1 - options.beta1),
            rounded(options.beta2),
            rounded(1 - options.beta2),
            rounded(1 / after(options.beta2)),
            rounded(learning_rate / after(options.beta1)),
            rounded(options.epsilon),
            rounded(1 - learning_rate * options.weight_decay)};
}

template <class Scalar>
void step_one(const Parameter<Scalar>& parameter, const Scalar* d, const Factors<Scalar>& f, Scalar* m,
              Scalar* v) {
    const Scalar shrink = parameter.weight_decay ? f.shrink : Scalar(1);
    for (Index i = 0; i < parameter.size(); ++i) {
        m[i] = f.keep_m * m[i] + f.take_m * d[i];
        v[i] = f.keep_v * v[i] + f.take_v * d[i] * d[i];
        const Scalar step = f.rate * m[i] / (std::sqrt(f.unbias_v * v[i]) + f.epsilon);
        parameter.data[i] = shrink * parameter.data[i] - step;
    }
}

}  // namespace

template <class Scalar>
AdamWState<Scalar> adamw_start(const Parameters<Scalar>& parameters) {
    AdamWState<Scalar> state;
    for (const Parameter<Scalar>& parameter : parameters) {
        state.m.push_back(Vector<Scalar>::Zero(parameter.size()));
        state.v.push_back(Vector<Scalar>::Zero(parameter.size()));
    }
    return state;
}

template <class Scalar>
void adamw_step(const Parameters<Scalar>& parameters, const Parameters<Scalar>& gradients,
                double learning_rate, const AdamWOptions& options, AdamWState<Scalar>& state) {
    require_fits(parameters, gradients, state);
    const Factors<Scalar> f = factors<Scalar>(learning_rate, options, ++state.steps);
    for (std::size_t i = 0; i < parameters.size(); ++i)
        step_one(parameters[i], gradients[i].data, f, state.m[i].data(), state.v[i].data());
}

template <class Scalar>
double norm_of(const Parameters<Scalar>& gradients) {
    double sum = 0;
    for (const Parameter<Scalar>& gradient : gradients)
        for (Index i = 0; i < gradient.size(); ++i) {
            const double d = gradient.data[i];
            sum += d * d;
        }
    return std::sqrt(sum);
}

template <class Scalar>
void clip(const Parameters<Scalar>& gradients, double norm, double most) {
    if (most == 0 || norm <= most) return;
    const auto factor = static_cast<Scalar>(most / norm);
    for (const Parameter<Scalar>& gradient : gradients)
        for (Index i = 0; i < gradient.size(); ++i) gradient.data[i] *= factor;
}

#define GDN2_DECLARE(Scalar)                                                               \
    template AdamWState<Scalar> adamw_start(const Parameters<Scalar>&);                    \
    template void adamw_step(const Parameters<Scalar>&, const Parameters<Scalar>&, double, \
                             const AdamWOptions&, AdamWState<Scalar>&);                    \
    template double norm_of(const Parameters<Scalar>&);                                    \
    template void clip(const Parameters<Scalar>&, double, double);
GDN2_DECLARE(float)
GDN2_DECLARE(double)

}  // namespace gdn2
