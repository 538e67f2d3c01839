// How many parameters a mixer of these options has, before there is one.
//   tests  tests/reference/layers/mixer_size_test.cpp
#pragma once

#include "reference/layers/mixer_options.h"

namespace gdn2 {

/// The count: exact up to 2^53, rounded beyond, and without a limit. Throws Error as validate does.
double parameter_count(const MixerOptions& options);

}  // namespace gdn2
