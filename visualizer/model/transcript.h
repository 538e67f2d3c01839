// A run as text: what the picture shows, to copy, to compare, to hear read out. Plain ASCII but for a file's own names.
//   tests  tests/visualizer/model/transcript_test.cpp
#pragma once

#include <string>

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// How much of what is large is written; the rest is counted: "... 112 more".
struct TranscriptLimits {
    Index numbers = 16;  ///< of a vector or a row of S
    Index rows = 16;     ///< of S
};

/// The step at the cursor: where it stands and what was chosen, its equation and sentence, all vectors of its token,
/// the state as it stands there, what every key answers (under all rules where they are compared).
std::string transcript(const Session& session, const TranscriptLimits& limits = {});

/// The whole run: every token with its five phases, its vectors and what every key answers after it.
std::string transcript_of_run(const Session& session, const TranscriptLimits& limits = {});

}  // namespace gdn2::viewer
