// Rules that are not GDN-2 with its gates tied, on the same tokens, by the reference's own baselines: they are shown
// beside the others, but have no five phases to step through.
//   tests  tests/visualizer/model/other_rules_test.cpp
#pragma once

#include <array>
#include <string>
#include <vector>

#include "reference/baselines/mamba3.h"
#include "visualizer/model/head.h"
#include "visualizer/model/replayed_span.h"

namespace gdn2::viewer {

enum class OtherRule { mamba2, mamba3, softmax_attention };
inline constexpr std::array<OtherRule, 3> all_other_rules{OtherRule::mamba2, OtherRule::mamba3,
                                                          OtherRule::softmax_attention};

const char* name_of(OtherRule rule);  ///< "Mamba-2"
/// How what the rule has and GDN-2 has not was chosen, in a few words.
const char* choices_of(OtherRule rule);

/// A head's tokens under such a rule. Not for several threads at once.
///
/// The Mambas take k for B, q for C, v for x and the mean of w for their step size; their decay is the mean of g over
/// the channels, in Mamba-2, which has one rate for all tokens, their sum's. Softmax attention keeps k and w * v of the
/// tokens that write anything, and weighs them by exp(8 q . k): it is free to choose that scale.
class OtherRun {
public:
    static constexpr double sharpness = 8;
    static constexpr Index rows_shown = 64;  ///< of softmax attention's cache

    OtherRun(const Head& head, OtherRule rule);

    /// What is kept after `token`; -1: before the first. The state [key_dim, value_dim]; of softmax attention the last
    /// `rows_shown` tokens of the cache, a row each, its key and then its value. Throws Error for another token.
    Matrix<double> memory(Index token) const;
    /// How many tokens softmax attention keeps then; 0 for the others, whose memory does not grow.
    Index cached(Index token) const;
    /// What queries [n, key_dim] would read then: [n, value_dim], not scaled.
    Matrix<double> answers(const Matrix<double>& queries, Index token) const;

private:
    using State = baselines::Mamba3State<double>;
    void gates();
    void run();
    void step(Index token, State& state) const;
    baselines::Mamba3<double> mamba3() const;

    OtherRule rule_;
    Head head_;
    Matrix<double> step_size_, rate_, trapezoid_, angles_;  ///< per token
    double common_rate_ = 0;                                ///< Mamba-2's A
    Index interval_ = 1;
    std::vector<State> keyframes_;  ///< the state before every interval_th token
    std::vector<Index> writers_;    ///< tokens that softmax attention keeps
    mutable ReplayedSpan span_;
};

}  // namespace gdn2::viewer
