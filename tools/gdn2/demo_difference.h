// How far one computation is from another, tensor by tensor, as gdn2 demo shows it.
//   tests  tests/tools/gdn2/demo_test.cpp
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "reference/check/tolerances.h"
#include "reference/delta_rule/heads.h"
#include "tools/gdn2/demo.h"

namespace gdn2::tools {

/// The nine tensors of a gradient, by name.
using NamedTensors = std::vector<std::pair<std::string, Tensor<double>>>;
NamedTensors run_gradient(const Problem<double>& problem, Path path, Index chunk);

/// A tensor's norm-relative difference from another, and whether it is allowed.
struct Difference {
    std::string name;
    double relative = 0, tolerance = 0;
    bool passed = false;
};
Difference difference(const std::string& name, const Tensor<double>& reference, const Tensor<double>& claim,
                      check::Pair pair);

/// The one that comes closest to its tolerance, or fails. Not for none.
const Difference& worst(const std::vector<Difference>& all);

/// " 1.2e-16 ok" with a mark, 10 columns wide.
std::string figure(const Page& page, const Difference& x);

nlohmann::json to_json(const std::string& claim, const Difference& x);

}  // namespace gdn2::tools
