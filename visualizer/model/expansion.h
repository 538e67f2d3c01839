// Whether a run's tokens can make its states grow, in numbers and in a sentence.
//   maths  reference/delta_rule/ledger.h: erase_norm
//   tests  tests/visualizer/model/expansion_test.cpp
#pragma once

#include <string>

#include "visualizer/model/spectrum.h"

namespace gdn2::viewer {

/// What stretches and what grows. A token stretches where the norm of I - k e^T is above 1: some content of the state
/// then becomes larger by its erasing, whatever decay does to it afterwards.
struct Expansion {
    Index tokens = 0;
    Index stretching = 0;           ///< how many of them stretch
    Index strongest = 0;            ///< the token that stretches most
    double largest_norm = 1;        ///< its norm
    bool gates_within_one = true;   ///< every b and w is in [0, 1]
    bool writes = false;            ///< some w v is not zero
    Index period = 0;               ///< the inputs repeat after so many tokens; 0: they do not
    double growth_per_period = 1;   ///< |S_end| / |S a period earlier|; 1 without a period
};

/// Of the run that `spectrum` belongs to.
Expansion expansion_of(const Track& track, const Spectrum& spectrum);

/// Whether a norm of I - k e^T is above 1 by more than rounding.
bool stretches(double erase_norm);

/// "Nothing is written and every gate is within [0, 1], yet |S| grows by 1.25 every 2 tokens ..."
std::string in_words(const Expansion& expansion, const std::string& label_of_strongest);

}  // namespace gdn2::viewer
