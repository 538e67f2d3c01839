// One line that says all of what a person sees and chose: for copy and paste, --state, and tests. Only what differs
// from the defaults is in it:
//
//     gdn2:task=shared_context_keys;t=4;ph=4;rule=kda;edit=b[4][*]=1
//     gdn2:file="/tmp/my trace.npz";head=3;t=80;ph=2;fr=0.25
//
//   tests  tests/visualizer/model/state_string_test.cpp, tests/fuzz/state_string_fuzz.cpp
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// What a line says, not yet held against what it opens.
struct StateLine {
    std::string source;    ///< a scenario, or a path; empty: what is open stays, and its second file
    bool is_file = false;  ///< source is a path
    std::string claim;     ///< path of the second file, or empty
    UiState ui;            ///< paused
    bool finds_step = true;  ///< says nothing of the lesson's step or guide: the step that stands there, else no guide
    bool finds_versus = true;  ///< says nothing of what the Diff tab compares: the second file, where there is one
    bool finds_wide_b = true;  ///< says nothing of b in [0, 2]: on where an edit needs it
    std::vector<Edit> edits;

    bool operator==(const StateLine&) const = default;
};

/// The session's line. Numbers come back exactly; whether it was playing is not said.
std::string state_string(const Session& session);

/// Reads a line: blanks around it are no part of it. Settings of the window (theme, ui, reduce_motion, focus) that it
/// does not name are as in `window`. Throws Error that names the key, what was expected and what was given.
StateLine parse_state(std::string_view text, const UiState& window = {});

/// Goes where the line says: opens what it names, unless that is open already, and chooses all that it says, paused.
/// Throws Error and changes nothing where it cannot be read or opened, or names what is not there.
void restore(Session& session, std::string_view text);

}  // namespace gdn2::viewer
