// The numbers to paint at a cursor: the state and its strips as far as they have moved. A pure function of the track
// and the cursor, so that scrubbing, playing, stepping back, screenshots and exports show the same.
//   tests  tests/visualizer/model/picture_test.cpp, tests/visualizer/model/narration_test.cpp
#pragma once

#include <array>
#include <string>

#include "reference/scenarios/recall.h"
#include "visualizer/model/cursor.h"
#include "visualizer/model/track.h"

namespace gdn2::viewer {

/// A vector beside the state and how much of it is there: 0 not yet computed by this token, 1 exact.
struct Strip {
    const char* symbol;  ///< "alpha", as fields.def prints it, or a problem tensor
    Vector<double> values;
    double shown = 1;
    bool active = false;  ///< the phase is about it
};

/// What is painted. While `moving` the numbers are between two exact ones, for the eye only.
struct Picture {
    Matrix<double> S;                ///< as far as this phase has brought it
    Vector<double> row_light;        ///< [key_dim], 0...1: which rows the phase consults or writes
    std::array<Strip, 5> key_side;   ///< alpha b k e q, left of the rows
    std::array<Strip, 6> value_side; ///< v w z r u above the columns, o below
    bool moving = false;
};
Picture picture_of(const Track& track, const Cursor& cursor);

/// Its S alone: where many are shown.
Matrix<double> state_at(const Track& track, const Cursor& cursor);

/// The phase in an equation and one or two sentences: what this token does in it, which gate did it, in its numbers.
/// With the scenario's `recall` vectors are named by the values they hold. (narration.cpp)
struct Narration {
    std::string equation, sentence;
};
Narration narrate(const Track& track, const Cursor& cursor, const std::string& label, const Recall* recall = nullptr);

}  // namespace gdn2::viewer
