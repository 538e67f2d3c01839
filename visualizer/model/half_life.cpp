// See half_life.h.
#include "visualizer/model/half_life.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/io/text.h"

namespace gdn2::viewer {
namespace {

constexpr double longest_half_life = 1e4;

/// Three significant digits: "69.3", "2,570", from a billion on "1e+09".
std::string readable(double x) {
    if (x < 999.5 || x >= 999.5e6) return io::number(x, 3);
    const double unit = std::pow(10, std::floor(std::log10(x)) - 2);
    std::string text = std::to_string(std::llround(std::round(x / unit) * unit));
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
    return text;
}

}  // namespace

double half_life_place(double alpha) {
    if (!(alpha > 0)) return 0;
    if (alpha >= 1) return 1;
    return std::clamp(std::log(half_life(alpha)) / std::log(longest_half_life), 0.0, 1.0);
}

double g_at_place(double place) {
    if (place >= 1) return 0;
    return -std::log(2.0) / std::pow(longest_half_life, std::max(place, 0.0));
}

double half_life(double alpha) {
    if (alpha >= 1) return std::numeric_limits<double>::infinity();
    return alpha > 0 ? std::log(2.0) / -std::log(alpha) : 0;
}

std::string half_life_text(double alpha) {
    if (std::isnan(alpha)) return "not a number";
    if (alpha >= 1) return "no decay";
    if (alpha == 0) return "wiped";
    const std::string number = readable(half_life(alpha));
    return number + (number == "1" ? " token" : " tokens");
}

}  // namespace gdn2::viewer
