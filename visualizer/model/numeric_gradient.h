// The gradient at one token by central differences: what the analytic one is held to.
// Each channel is moved up and down, and the token's own step is done again from the state before it. All that follows
// is affine in the state after it (Eq. 9), so each of its cells has a worth for the loss: what the later tokens make,
// without values of their own, of a state that is 1 there and 0 elsewhere. Those runs take the chunkwise path, so that
// nothing is shared with the adjoint, and many stand side by side, because a state's columns never mix.
// One token's part of the loss is a polynomial of degree 2 at most in each channel, and affine in exp(g): the
// differences have no truncation, so steps may be large, and what is left is rounding, which is bounded.
//   tests  tests/visualizer/model/numeric_gradient_test.cpp
#pragma once

#include <array>
#include <optional>
#include <string>

#include "visualizer/model/gradient_view.h"

namespace gdn2::viewer {

/// What is known of a gradient that was checked.
enum class GradientVerdict {
    open,       ///< not computed yet
    agrees,     ///< no farther off than allowed, and the numeric one is known well enough to say so
    differs,    ///< farther off than what is allowed and the numeric one's own error
    undecided,  ///< the numeric one's own error is not small against the gradient
};

/// One tensor's gradient at one token.
struct ChannelGradient {
    const char* name = "";                     ///< "dq"
    Vector<double> analytic;                   ///< per channel
    Vector<double> numeric, difference;        ///< NaN until known; numeric - analytic
    Vector<double> error;                      ///< bound of the numeric one's rounding; NaN until known
    double largest = 0;                        ///< max |analytic|; NaN where one is
    double largest_difference = 0;             ///< max |difference|; NaN where one is
    double largest_error = 0;                  ///< max error; NaN where one is
    double relative = 0;                       ///< root mean square of the difference over that of the analytic one
    double allowed = 0;                        ///< a difference of this size in every channel means nothing
    GradientVerdict verdict = GradientVerdict::open;
    std::string why;                           ///< a line; empty while open
};

/// What is known so far.
struct NumericGradient {
    Index token = 0;
    std::array<ChannelGradient, 6> tensors;  ///< dq dv dw db dg dk: dq is known at once, the others together
    bool complete = false;
    double flops = 0, flops_left = 0;  ///< of all of it, and of what is not known yet
    std::string cost;  ///< what is not known yet and about how long it takes, in words; empty when complete
};

/// Computes it piece by piece.
class NumericRun {
public:
    /// How far a channel is moved up and down, of its size: a power of two, so that numbers of few digits are moved
    /// exactly. A channel smaller than 1 counts as 1; g is moved by this much.
    static constexpr double step = 0.5;

    /// Both must outlive the run.
    NumericRun(const Track& track, const GradientView& gradients, Index token);

    const NumericGradient& result() const { return result_; }

    /// Goes on for about this many floating-point operations, at least one piece. Returns whether more is to do.
    bool advance(double flops);
    /// Computes all of it where it takes no more than that.
    void fill(double flops);

private:
    /// The state with 1 in one cell of each column and 0 elsewhere, for some rows side by side.
    struct Batch {
        Index first, count;  ///< rows
        Index next;          ///< token that comes next
        Matrix<double> S;    ///< [key_dim, count * value_dim]
    };
    struct Move;

    double flops_per_chunk(Index rows, Index columns) const;
    Batch begin() const;
    double work(Batch& batch);
    void end(const Batch& batch);
    Move moved(std::size_t tensor, Index channel) const;
    void measure(std::size_t tensor);
    void say_what_is_left();

    const Track& track_;
    const Loss& loss_;
    NumericGradient result_;
    Matrix<double> S_before_;
    Matrix<double> worth_, worth_terms_;  ///< [key_dim, value_dim]: of the state after the token; sums of |terms|
    Index rows_ = 0;                      ///< of worth_ that are known
    std::optional<Batch> batch_;
};

}  // namespace gdn2::viewer
