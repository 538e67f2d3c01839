// See axis.h.
#include "visualizer/model/axis.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {
namespace {

/// 1, 2 or 5 times a power of ten, at least `step`.
double round_step(double step) {
    const double power = std::pow(10.0, std::floor(std::log10(step)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= step * (1 - 1e-12)) return factor * power;
    return 10 * power;
}

std::vector<double> powers_between(double low, double high, int count) {
    const double first = std::round(std::log10(low)), last = std::round(std::log10(high));
    const double step = std::max(1.0, std::ceil((last - first) / std::max(count - 1, 1)));
    std::vector<double> ticks;
    for (double power = last; power > first; power -= step) ticks.insert(ticks.begin(), std::pow(10.0, power));
    ticks.insert(ticks.begin(), low);
    return ticks;
}

}  // namespace

double Axis::place(double value) const {
    const double share = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return std::clamp(share, 0.0, 1.0);
}

bool Axis::has_place(double value) const { return std::isfinite(value) && (!logarithmic || value > 0); }

std::vector<double> Axis::ticks(int count) const {
    if (logarithmic) return powers_between(low, high, count);
    const double step = round_step((high - low) / std::max(count - 1, 1));
    std::vector<double> ticks{low};
    for (double tick = std::ceil(low / step + 0.5) * step; tick < high - 0.5 * step; tick += step)
        ticks.push_back(std::abs(tick) < 1e-9 * step ? 0 : tick);
    ticks.push_back(high);
    return ticks;
}

Axis logarithmic_axis(double least, double most, int decades) {
    if (!(most > 0) || !std::isfinite(most)) return {0.1, 1, true};
    const double top = std::max(std::ceil(std::log10(most) - 1e-9), -300.0);
    const double wanted = least > 0 ? std::floor(std::log10(least) + 1e-9) : top - decades;
    const double bottom = std::clamp(wanted, top - decades, top - 1);
    return {std::pow(10.0, bottom), std::pow(10.0, top), true};
}

Axis linear_axis(double least, double most) {
    double low = std::isfinite(least) ? least : 0, high = std::isfinite(most) ? most : 0;
    if (!(high > low)) high = low + 1;
    const double step = round_step((high - low) / 4);
    low = std::floor(low / step + 1e-9) * step;
    high = std::ceil(high / step - 1e-9) * step;
    return {low, high, false};
}

}  // namespace gdn2::viewer
