// The error overlay of the State tab (key O): how far what a file holds is from what it should be, on the state and on
// every vector beside it that the file holds too. The numbers are those of the Diff tab.
//   tests  tests/visualizer/model/error_shown_test.cpp
#pragma once

#include <string>

#include "visualizer/model/number.h"

namespace gdn2::viewer {

/// What the overlay shows of the state.
struct ErrorShown {
    std::string headline;            ///< how far it is off, or why nothing is shown
    bool wrong = false;              ///< further than what is allowed
    Matrix<double> cells{};          ///< [key_dim, value_dim], in ui.difference_unit; empty where nothing is shown
    double allowed = 0;              ///< what a cell may be off by
};

/// Of S after the cursor's token, as a trace's S or S_0 or a result's final_state has it. Where ui.show_error is off or
/// there are no tokens, nothing at all.
std::optional<ErrorShown> error_shown(const Session& session);

/// The same of one vector at the cursor's token, by its symbol ("alpha", "o"); null where the file does not hold it or
/// it is not shown.
const DifferenceMap* strip_error(const Session& session, std::string_view symbol);

/// "kernel.npz has 0.25, off by 3e-07 (relative 4e-07, allowed 5e-06)", of a number of the state or of a vector; empty
/// where there is no overlay on it.
std::string error_line(const Session& session, const Number& number);

}  // namespace gdn2::viewer
