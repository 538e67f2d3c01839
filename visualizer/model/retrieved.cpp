// See retrieved.h.
#include "visualizer/model/retrieved.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {

std::vector<Retrieved> retrieved(const Track& track, Index token, std::size_t count) {
    const Vector<double> o = track.o().row(token).transpose();
    const double size_o = o.stableNorm(), scale = track.head().scale;
    std::vector<Retrieved> found;
    if (!std::isfinite(size_o) || size_o == 0) return found;
    for (Index s = token; s >= 0; --s) {
        const auto z = track.z().row(s);
        const double size_z = z.stableNorm();
        if (!std::isfinite(size_z) || size_z == 0) continue;
        const double cosine = (z / size_z).dot(o / size_o);
        found.push_back({s, cosine, cosine * (size_o / size_z) / scale});
    }
    const auto nearer = [](const Retrieved& a, const Retrieved& b) { return std::abs(a.cosine) > std::abs(b.cosine); };
    std::stable_sort(found.begin(), found.end(), nearer);
    found.resize(std::min(found.size(), count));
    return found;
}

}  // namespace gdn2::viewer
