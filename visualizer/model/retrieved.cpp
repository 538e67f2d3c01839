// See retrieved.h.
#include "visualizer/model/retrieved.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {
namespace {

/// |x| of any size. The square is quick, and enough for all ordinary numbers.
double norm_of(const auto& x) {
    const double square = x.squaredNorm();
    return square > 1e-200 && square < 1e200 ? std::sqrt(square) : x.stableNorm();
}

}  // namespace

std::vector<Retrieved> retrieved(const Track& track, Index token, std::size_t count) {
    const Vector<double> o = track.o().row(token).transpose();
    const double size_o = norm_of(o), scale = track.head().scale;
    std::vector<Retrieved> found;
    if (!std::isfinite(size_o) || size_o == 0) return found;
    const Vector<double> direction = o / size_o;
    for (Index s = 0; s <= token; ++s) {
        const auto z = track.z().row(s);
        const double size_z = norm_of(z);
        if (!std::isfinite(size_z) || size_z == 0) continue;
        const double cosine = z.dot(direction) / size_z;
        found.push_back({s, cosine, cosine * (size_o / size_z) / scale});
    }
    const auto nearer = [](const Retrieved& a, const Retrieved& b) {
        const double one = std::abs(a.cosine), other = std::abs(b.cosine);
        return one > other || (one == other && a.token > b.token);
    };
    const auto kept = static_cast<std::ptrdiff_t>(std::min(found.size(), count));
    std::partial_sort(found.begin(), found.begin() + kept, found.end(), nearer);
    found.resize(static_cast<std::size_t>(kept));
    return found;
}

}  // namespace gdn2::viewer
