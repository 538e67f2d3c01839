// Decays as half-lives. 0.98 and 0.999 look alike as numbers, but they halve a row in 34 tokens and in 693; so decays
// are drawn on an axis of half-lives, logarithmic from 1 to 10^4 tokens.
//   tests  tests/visualizer/model/half_life_test.cpp
#pragma once

#include <string>

namespace gdn2::viewer {

/// Where a decay stands on that axis: 0 for one token and less, 1 for 10^4 tokens and more.
double half_life_place(double alpha);
/// The log-decay g at such a place, the inverse; 0 at 1.
double g_at_place(double place);

/// How many tokens halve what a channel holds: infinity where nothing decays, 0 where all of it goes at once.
double half_life(double alpha);
/// "69 tokens", "2,570 tokens", "no decay", "wiped" (alpha 0), "not a number".
std::string half_life_text(double alpha);

}  // namespace gdn2::viewer
