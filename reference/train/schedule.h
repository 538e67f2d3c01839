// The learning rate of each step: up in a straight line, then down along half a cosine.
//   f(n) = (n + 1) / warm                                            n < warm
//   f(n) = last + (1 - last) (1 + cos(pi (n - warm) / (steps - warm))) / 2   after, n = warm, warm + 1, ...
//   tests  tests/reference/train/schedule_test.cpp
#pragma once

#include "reference/core/shape.h"

namespace gdn2 {

/// How the learning rate goes over a run.
struct Schedule {
    double peak = 5e-3;     ///< the learning rate at the end of the warm-up
    double warm_up = 0.05;  ///< part of the steps that it takes; at least one step
    double last = 0;        ///< part of the peak that the cosine ends at, after the last step
    Index steps = 0;

    bool operator==(const Schedule&) const = default;
};

/// The learning rate of step 0, 1, ..., steps - 1. Throws Error outside of these.
double learning_rate(const Schedule& schedule, Index step);

}  // namespace gdn2
