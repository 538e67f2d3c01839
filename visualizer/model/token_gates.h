// The gates of the cursor's token in a few numbers, and changing all channels of one at once.
//   tests  tests/visualizer/model/token_gates_test.cpp
#pragma once

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// The channels of one gate: smallest, mean and largest. Of decays the mean is the geometric one.
struct GateSpread {
    double low = 0, mean = 0, high = 0;
};

/// Of the cursor's token, with edits, as the rule in view has them. Of g: the alphas. The session must have a token.
GateSpread gate_spread(const Session& session, Gate gate);

/// Sets all channels of GDN-2's gate at the cursor's token: b or w to `value`, or g. With tied gates, b and w are both
/// set. A b above 1 lets b reach 2 from now on. While `dragging` this replaces what the last call did.
void set_gate(Session& session, Gate gate, double value, bool dragging);

/// Whether the token was edited; without edits but with tied gates none is.
bool is_edited(const Session& session, Index token);
/// The first token whose state may differ from the run without edits; nothing where there are no edits and no tie.
std::optional<Index> first_edited(const Session& session);

}  // namespace gdn2::viewer
