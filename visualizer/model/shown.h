// What the state's panel paints for a session: the picture where the cursor stands, or a difference from it.
//   tests  tests/visualizer/model/shown_test.cpp
#pragma once

#include "visualizer/model/number.h"
#include "visualizer/model/picture.h"
#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// The picture of the run in view, as motion settings want it. The session must have a token.
Picture picture_of(const Session& session);

/// What the cells of the state at a cursor are called, but for row and column: S of its token; before the write
/// S_decayed, before the decay S of the token before or initial_state. While it moves, what it moves to.
Number name_of_state(const Cursor& at);
/// Of the picture of a session.
Number name_of_state(const Session& session);

/// [key_dim, value_dim]: the picture's state; what the token changed where show_change; else the difference from the
/// run without edits where show_ghost and there is one.
Matrix<double> shown_state(const Session& session, const Picture& picture);

/// Half-range of the colours of shown_state: the session's scale; of a difference, its own largest number where colours
/// are scaled by each step.
double shown_scale(const Session& session, const Matrix<double>& shown);

/// How large the numbers are where these colours leave them as good as zero: "all 0", "at most 0.00032 of the scale".
/// Empty where there is something to see, or something that is no finite number.
std::string dark_in_words(const Session& session, const Matrix<double>& shown);

/// How far the b strip reaches: 1, or 2 where b may or does exceed 1.
double largest_b(const Session& session);

/// A few numbers of the step at the cursor, after its token.
struct StepNumbers {
    double norm_S = 0, norm_dS = 0;  ///< Frobenius, of the state and of what the token changed
    double kept = 1;                 ///< 1 - e^T k: the part of the content along k that stays
    std::optional<double> ghost_distance;  ///< |S - S without edits|, where there are edits
    std::optional<Index> first_non_finite;
};
StepNumbers step_numbers(const Session& session);

}  // namespace gdn2::viewer
