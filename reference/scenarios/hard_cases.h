// Problems that break what is nearly right: growth, slow forgetting, odd sizes, overlapping keys.
//   tests  tests/reference/scenarios/hard_cases_test.cpp (every claim, in numbers)
#pragma once

#include "reference/scenarios/scenario.h"

namespace gdn2 {

/// Two alternating tokens that grow by 1.25 a period with no decay.
Scenario hard_expansive_pair();
/// Odd sizes, slow decay, nonzero states, untied gates: few mistakes survive it.
Scenario hard_killer();
/// Values on channels with half-lives from 8 to 4096 tokens, and a long wait.
Scenario hard_long_decay();
/// Two keys that overlap.
Scenario hard_two_keys_collide();

}  // namespace gdn2
