// Which writes an output looks like: a recall for files, which do not say what each key should answer.
//   paper  Eq. 8 (z = w * v), Eq. 10 (o)
//   tests  tests/visualizer/model/retrieved_test.cpp
#pragma once

#include <cstddef>
#include <vector>

#include "visualizer/model/track.h"

namespace gdn2::viewer {

/// One token's write beside an output.
struct Retrieved {
    Index token = 0;
    double cosine = 0;  ///< between o and its z
    double share = 0;   ///< <o, z> / (scale <z, z>): 1 where S^T q holds that z once
};

/// The tokens up to `token` whose z, or its opposite, is nearest to the direction of its o: largest |cosine| first, of
/// equal ones the latest first; at most `count`. Tokens that write nothing, or too much to be measured, are left out.
/// Empty where o is 0 or not finite.
std::vector<Retrieved> retrieved(const Track& track, Index token, std::size_t count);

}  // namespace gdn2::viewer
