// Gradients of one number, the loss, by everything that a track is made from, token by token in reverse.
//   maths  section 1 of docs/equations.md
//   tests  tests/visualizer/model/gradient_view_test.cpp
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/trace/fields.h"
#include "visualizer/model/track.h"

namespace gdn2::viewer {

/// What the gradients are of: <d_o, o> + <d_final_state, final_state>.
struct Loss {
    Matrix<double> d_o;            ///< [length, value_dim]
    Matrix<double> d_final_state;  ///< [key_dim, value_dim]
    std::string says;              ///< in a few words, with what was assumed
};
/// The head's own; where it has neither gradient, the sum of o.
Loss loss_of(const Head& head);

/// All gradients at one token; a symbol's gradient stands where TokenFrame has the symbol.
struct GradientFrame {
    Index token = 0;
    Vector<double> dg, db, dk, de, dq;       ///< key axis
    Vector<double> dv, dw, dz, dr, du, d_o;  ///< value axis
    Matrix<double> dS;  ///< by the state after this token, with all that later tokens send to it
};

/// A track's gradients, by the reference's recurrent adjoint. The track must outlive them. Vectors are kept for all
/// tokens; dS only where each span of about sqrt(length) tokens ends, from which the others are replayed. Not for
/// several threads at once.
class GradientView {
public:
    explicit GradientView(const Track& track);

    const Loss& loss() const { return loss_; }
    double loss_value() const;

    /// dq dk dg db [length, key_dim], dv dw [length, value_dim], d_initial_state [key_dim, value_dim].
    const Gradient<double>& gradient() const { return d_; }
    const Matrix<double>& du() const { return du_; }  ///< [length, value_dim]
    const Matrix<double>& de() const { return de_; }  ///< [length, key_dim]

    /// The gradient by the state after `token`; -1: by the initial state. Throws Error for another token.
    Matrix<double> dS(Index token) const;
    /// One number of it. At a span's last token without a replay.
    double dS(Index token, Index row, Index col) const;

    /// All of one token. Throws Error when there is none.
    GradientFrame frame(Index token) const;

    const std::vector<double>& norm_dS() const { return norm_dS_; }  ///< per token, Frobenius
    double largest_dS() const { return largest_dS_; }  ///< max |dS| over finite numbers and all tokens
    /// The same of a vector by its symbol: "dg" ... "do". Throws Error when there is none.
    double largest(std::string_view symbol) const;

    Index span() const { return span_; }
    std::size_t state_bytes() const;  ///< of the kept dS and of one replayed span

private:
    struct Replay;
    Replay replay(Index n, std::vector<trace::Field> wanted) const;
    void run();
    void keep(const Replay& span, Index first);
    const Matrix<double>& gradient_by(Index token) const;

    const Track& track_;
    Loss loss_;
    Gradient<double> d_;
    Matrix<double> du_, de_;
    std::vector<double> norm_dS_;
    double largest_dS_ = 0;
    std::map<std::string, double, std::less<>> largest_;
    Index span_ = 1;
    std::vector<Matrix<double>> sent_;  ///< span n: what the tokens after it send to the state at its end
    mutable ReplayedSpan replayed_;
};

}  // namespace gdn2::viewer
