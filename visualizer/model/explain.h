// How a number was made: the formula of its field with indices, the same with numbers, and what it was made from.
//   tests  tests/visualizer/model/explain_test.cpp
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "visualizer/model/number.h"

namespace gdn2::viewer {

struct Explanation {
    std::string title;               ///< "S[A=7; 5, 9] = -0.7299"
    std::vector<std::string> lines;  ///< equation, "= " symbols, "= " numbers, the largest terms of a sum, remarks
    std::vector<Number> inputs;      ///< all that the formula reads, to be lit
    double value = 0;                ///< as it is shown
};

/// Of a number of the run in view. Throws Error: which tensor there is not, or which index.
Explanation explain(const Session& session, const Number& number);

/// The last token up to `token` that wrote to a cell of the state: k_i u_j is not zero there.
std::optional<Index> last_writer(const Track& track, Index token, const Cell& cell);

}  // namespace gdn2::viewer
