// Who owns most of a state, and how to say it.
//   maths  reference/delta_rule/ledger.h
//   tests  tests/visualizer/model/owners_test.cpp
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// A part of a state.
struct Owner {
    std::optional<Index> token;  ///< none: all before the window, and the initial state
    double share = 0;
};

/// The owners of the state after `token`, which the window holds: those of the largest |share| first, at most `most`;
/// who owns nothing is left out.
std::vector<Owner> largest_owners(const LedgerWindow& window, Index token, std::size_t most);

/// "After C=1 S is made of: B=5 0.43, A=3 0.31, D=2 0.15, 2 others 0.11".
/// `named` of them by name.
std::string owners_in_words(const Session& session, const LedgerWindow& window, Index token, std::size_t named = 3);

}  // namespace gdn2::viewer
