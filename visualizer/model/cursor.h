// Where in a run the picture stands: a token, one of its five phases, and how far that phase has moved. Playing,
// stepping and scrubbing all only move the cursor; the picture is a pure function of the track and the cursor.
//   tests  tests/visualizer/model/cursor_test.cpp
#pragma once

#include <compare>

#include "reference/core/shape.h"

namespace gdn2::viewer {

/// What one token does, in order (Eqs. 8-10).
enum class Phase {
    decay = 1,   ///< S' = Diag(alpha) S
    erase_read,  ///< e = b * k,  r = S'^T e
    residual,    ///< z = w * v,  u = z - r
    write,       ///< S = S' + k u^T
    read_out,    ///< o = scale S^T q
};
inline constexpr int phase_count = 5;

/// "decay", "erase-read", "residual", "write", "read-out".
const char* name_of(Phase phase);

/// A place in a run. At rest `fraction` is 1: the phase is done. (token 0, decay, 0) is before anything happened.
struct Cursor {
    Index token = 0;
    Phase phase = Phase::decay;
    double fraction = 0;

    bool operator==(const Cursor&) const = default;
    std::partial_ordering operator<=>(const Cursor&) const = default;  ///< earlier is less
};

/// The fraction at which a step begins a phase: in motion, and no further.
inline constexpr double just_begun = 1e-6;

/// Before anything happened; the end of the last token.
Cursor first_cursor();
Cursor last_cursor(Index length);

/// The next phase at rest; from its start the phase itself. Stays at the end of the run.
Cursor next_phase(const Cursor& at, Index length);
/// The phase before at rest; before the first phase the start.
Cursor previous_phase(const Cursor& at);
/// The end of this token, or if it is there of the next; the end of the token before, or the start.
Cursor next_token(const Cursor& at, Index length);
Cursor previous_token(const Cursor& at);
/// This token with this phase done.
Cursor at_phase(const Cursor& at, Phase phase);
/// The end of `token`, kept inside the run.
Cursor at_token(Index token, Index length);

/// What playing for `seconds` does: a phase takes 0.35 s at speed 1.
Cursor advance(const Cursor& at, double seconds, Index length, double speed);
/// How long playing takes for so many tokens.
double seconds_to_play(Index tokens, double speed);
/// Only to the end of the phase that moves: what a single step animates.
Cursor settle(const Cursor& at, double seconds, double speed);

/// How much of a movement is shown.
struct Motion {
    double speed = 1;
    bool reduce_motion = false;
};
/// Where the picture stands while the cursor moves: there, or, with reduced motion, at the last phase that is done, or
/// from speed 16 on at the last token that is.
Cursor painted(const Cursor& at, const Motion& motion);

/// The last token whose write is done at `at`; -1: none.
Index written_until(const Cursor& at);

}  // namespace gdn2::viewer
