// See demo_difference.h.
#include "tools/gdn2/demo_difference.h"

#include <fmt/core.h>

#include <algorithm>

#include "reference/check/compare.h"

namespace gdn2::tools {

NamedTensors run_gradient(const Problem<double>& problem, Path path, Index chunk) {
    Options options;
    options.path = path;
    options.chunk = chunk;
    Result<double> x = gradient(problem, options);
    return {{"o", std::move(x.o)},
            {"final_state", std::move(x.final_state)},
            {"dq", std::move(x.dq)},
            {"dk", std::move(x.dk)},
            {"dv", std::move(x.dv)},
            {"dg", std::move(x.dg)},
            {"db", std::move(x.db)},
            {"dw", std::move(x.dw)},
            {"d_initial_state", std::move(x.d_initial_state)}};
}

Difference difference(const std::string& name, const Tensor<double>& reference, const Tensor<double>& claim,
                      check::Pair pair) {
    check::CompareOptions options;
    options.tolerance = check::tolerance(pair, check::kind_of(name));
    const check::Comparison found = check::compare(reference, claim, options);
    return {name, found.relative, options.tolerance, found.passed};
}

const Difference& worst(const std::vector<Difference>& all) {
    return *std::max_element(all.begin(), all.end(), [](const Difference& x, const Difference& y) {
        if (x.passed != y.passed) return x.passed;
        return x.relative / x.tolerance < y.relative / y.tolerance;
    });
}

std::string figure(const Page& page, const Difference& x) {
    return page.style.verdict(x.passed,
                              fmt::format("{:>8.1e} {}", x.relative, x.passed ? right_mark : wrong_mark));
}

nlohmann::json to_json(const std::string& claim, const Difference& x) {
    return {{"claim", claim},
            {"tensor", x.name},
            {"relative", x.relative},
            {"tolerance", x.tolerance},
            {"passed", x.passed}};
}

}  // namespace gdn2::tools
