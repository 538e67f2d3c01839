// What a model knows of a sequence mixer, whichever rule is inside: forward, adjoint, one token at a time.
//   tests  tests/reference/layers/mixers_test.cpp holds every mixer to this page
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "reference/core/matrix.h"
#include "reference/layers/batch.h"
#include "reference/layers/parameter.h"

namespace gdn2 {

/// A layer that moves information between tokens: x [batch * length, d_model] to y of the same shape. Token t of y
/// depends on tokens 0..t of its own sequence only. Const functions may run on several threads at once.
template <class Scalar>
class Mixer {
public:
    /// What forward keeps for backward.
    struct Kept {
        virtual ~Kept() = default;
    };
    /// What decoding one sequence carries from token to token; its size does not grow, except softmax attention's
    /// without a window.
    struct State {
        virtual ~State() = default;
    };
    virtual ~Mixer() = default;

    /// y. Fills `kept` unless null.
    virtual Matrix<Scalar> forward(const Matrix<Scalar>& x, Batch batch, std::unique_ptr<Kept>* kept) const = 0;
    /// dx, given what forward kept and dy. Adds the gradients of the parameters to `d`, a mixer made by zeros().
    virtual Matrix<Scalar> backward(const Kept& kept, const Matrix<Scalar>& dy, Mixer& d) const = 0;

    /// The state before the first token.
    virtual std::unique_ptr<State> start() const = 0;
    /// y of the next token x [d_model]: what forward gives in that row.
    virtual Vector<Scalar> step(const Vector<Scalar>& x, State& state) const = 0;
    /// Numbers that a state of `length` tokens holds: recurrent memory, convolution tails, caches.
    virtual Index state_size(Index length) const = 0;

    /// Appends the parameters under names that start with `prefix` ("layers.0.mixer.", or "").
    virtual void collect(const std::string& prefix, Parameters<Scalar>& into) = 0;
    /// The same mixer with every parameter 0: a gradient to add to.
    virtual std::unique_ptr<Mixer> zeros() const = 0;
};

/// Sets every parameter to 0: what zeros() does with a copy.
template <class Scalar>
void clear_parameters(Mixer<Scalar>& mixer) {
    Parameters<Scalar> parameters;
    mixer.collect("", parameters);
    for (const Parameter<Scalar>& p : parameters) std::fill_n(p.data, p.size(), Scalar(0));
}

}  // namespace gdn2
