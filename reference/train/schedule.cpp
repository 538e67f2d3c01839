// See schedule.h.
#include "reference/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "reference/core/error.h"

namespace gdn2 {

double learning_rate(const Schedule& schedule, Index step) {
    require(step >= 0 && step < schedule.steps,
            "a schedule of " + std::to_string(schedule.steps) + " steps has no step " + std::to_string(step));
    const auto n = static_cast<double>(step), steps = static_cast<double>(schedule.steps);
    const double warm = std::max(1.0, std::floor(schedule.warm_up * steps));
    if (n < warm) return schedule.peak * (n + 1) / warm;
    const double wave = (1 + std::cos(std::numbers::pi * (n - warm) / (steps - warm))) / 2;
    return schedule.peak * (schedule.last + (1 - schedule.last) * wave);
}

}  // namespace gdn2
