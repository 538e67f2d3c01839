// The older rules on the same tokens: GDN-2 with its gates tied, as a baseline that says how its gates were
// chosen.
//   tests  tests/reference/scenarios/rivals_test.cpp
#pragma once

#include "reference/scenarios/scenario.h"

namespace gdn2 {

/// A scenario's tokens under one rule.
struct Rival {
    std::string name;   ///< "KDA"
    std::string gates;  ///< how its gates were chosen, in a few words
    Problem<double> problem;
};

/// GDN-2 itself first, then KDA, Gated DeltaNet and linear attention. The tied gates are the means of the
/// scenario's own, except for shared_context_keys, where they are the best that a search found.
std::vector<Rival> rivals(const Scenario& scenario);

/// Gates of a rule tied by beta, one per token, with one decay for the channels that tell keys apart and one
/// for those that all keys share.
struct TiedGates {
    std::vector<double> beta, slot_alpha, context_alpha;
};

/// What the search found for lesson 4: coordinate descent on the mean squared error of all readings, from
/// many random starts, over beta in [0, 2] and alpha in [0, 1] for every token. For KDA a decay for each
/// single channel finds nothing better.
TiedGates searched_kda();
TiedGates searched_gated_deltanet();  ///< with one decay for all channels of a token

/// Lesson 4 under such gates.
Problem<double> shared_context_tied(const TiedGates& gates);

}  // namespace gdn2
