// The gradient at one token by central differences of the loss, channel by channel: what the analytic one is held to.
// Each channel is moved up and down, the run is done again from the state before its token to the end, and the two
// losses are subtracted. The runs take the chunkwise path, so that nothing is shared with the adjoint, and many stand
// side by side: the state's columns never mix, so the states of several runs are one wide state, and one run moves all
// channels of v, or of w, at once.
//   tests  tests/visualizer/model/numeric_gradient_test.cpp
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "reference/check/compare.h"
#include "visualizer/model/gradient_view.h"

namespace gdn2::viewer {

/// One tensor's gradient at one token.
struct ChannelGradient {
    const char* name = "";                ///< "dq"
    Vector<double> analytic, numeric;     ///< per channel; numeric is NaN where it is not known yet
    Vector<double> difference, relative;  ///< numeric - analytic; |difference| / max(|analytic|, least): see least
    Index known = 0;                      ///< channels with a numeric gradient: the first ones
    double allowed = 0;                   ///< a difference of this size is what the verdict tolerates in every channel
    double largest = 0;                   ///< max |analytic|; NaN where one is
    double largest_difference = 0;        ///< max |difference| of the known channels; NaN where one is
    std::optional<check::Comparison> verdict;  ///< of all channels, once they are known (Pair::adjoint_difference)
};

/// What is known so far.
struct NumericGradient {
    Index token = 0;
    std::array<ChannelGradient, 6> tensors;  ///< in the order in which they are computed: dq dv dw db dg dk
    double least = 0;  ///< a gradient smaller than this counts as this: a part of the largest at this token
    bool complete = false;
    double flops = 0, flops_left = 0;  ///< of all of it, and of what is not known yet
    std::string cost;  ///< what is not known yet and about how long it takes, in words; empty when complete
};

/// Computes it piece by piece.
class NumericRun {
public:
    /// How far a channel is moved, up and down: a power of two, so that numbers of few digits are moved exactly.
    static constexpr double step = 0x1p-13;

    /// Both must outlive the run.
    NumericRun(const Track& track, const GradientView& gradients, Index token);

    const NumericGradient& result() const { return result_; }

    /// Goes on for about this many floating-point operations, at least one piece. Returns whether more is to do.
    bool advance(double flops);
    /// Computes whole tensors, in order, as long as they fit.
    void fill(double flops);

private:
    /// Some channels of one tensor, each moved both ways: up and down stand side by side in S.
    struct Batch {
        std::size_t tensor;
        Index first, count;
        Index next = 0;            ///< token that comes next
        Matrix<double> S;          ///< [key_dim, count * 2 * value_dim]
        Matrix<double> difference; ///< [count, value_dim]: of the loss so far, by value channel
    };

    Index variants(std::size_t tensor) const;
    double flops_of(std::size_t tensor) const;
    double flops_per_chunk(Index rows, Index columns) const;
    Batch begin() const;
    void move(Batch& batch, Index variant, const Matrix<double>& S_before) const;
    double work(Batch& batch) const;
    void end(const Batch& batch);
    void judge(ChannelGradient& tensor) const;
    void say_what_is_left();

    const Track& track_;
    const Loss& loss_;
    NumericGradient result_;
    std::size_t tensor_ = 0;  ///< of those computed
    std::optional<Batch> batch_;
};

}  // namespace gdn2::viewer
