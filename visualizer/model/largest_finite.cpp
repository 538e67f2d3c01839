// See largest_finite.h.
#include "visualizer/model/largest_finite.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {

double largest_finite(std::span<const double> x) {
    const Eigen::Map<const Vector<double>> all(x.data(), static_cast<Index>(x.size()));
    if (all.size() > 0 && all.allFinite()) return all.cwiseAbs().maxCoeff();
    double largest = 0;
    for (const double each : x)
        if (std::isfinite(each)) largest = std::max(largest, std::abs(each));
    return largest;
}

}  // namespace gdn2::viewer
