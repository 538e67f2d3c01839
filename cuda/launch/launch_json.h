// Launches as JSON: what the emulator counted, and its timeline.
//   tests  tests/cuda/launch/trace_test.cpp
#pragma once

#include "cuda/launch/emulator_backend.h"

namespace gdn2::cuda {

/// The most spans of a timeline that are written down: whole blocks from the first on, as many as fit.
inline constexpr std::size_t max_spans = 100'000;

/// Text of a JSON array with an object per launch, as docs/formats.md describes it.
std::string json_of(const std::vector<LaunchRecord>& launches, std::size_t most_spans = max_spans);

}  // namespace gdn2::cuda
