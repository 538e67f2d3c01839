// Section 2 of gdn2 demo: the paths against each other.
#include <fmt/core.h>

#include "reference/scenarios/scenario.h"
#include "tools/gdn2/demo_difference.h"

namespace gdn2::tools {

Outcome demo_paths(const Page& page) {
    constexpr Index chunk = 64;
    const Problem<double>& problem = scenario("killer").problem;
    const NamedTensors reference = run_gradient(problem, Path::recurrent, chunk),
                       by_wy = run_gradient(problem, Path::chunk, chunk),
                       by_r = run_gradient(problem, Path::residual, chunk);
    page.line(page.style.heading("2  One rule, three ways to compute it"));
    page.line(
        "   Token by token is the definition. Chunks of 64 tokens give the same numbers in matrix products:");
    page.line("   by the paper's form, and by a second form with an adjoint of its own. Here: 150 tokens.");
    page.line("   Look at: how far each lies from token by token, in every output and every gradient.");
    page.line();
    page.line(
        page.style.quiet(fmt::format("   {:<18}{:>8}{:>16}{:>11}", "", "chunk", "second form", "allowed")));

    Outcome outcome{0, 0, nlohmann::json::array()};
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const auto& [name, truth] = reference[i];
        const Difference wy = difference(name, truth, by_wy[i].second, check::Pair::chunk_recurrent);
        const Difference r = difference(name, truth, by_r[i].second, check::Pair::chunk_recurrent);
        page.line(
            fmt::format("   {:<18}{}    {}{:>11.0e}", name, figure(page, wy), figure(page, r), wy.tolerance));
        outcome.count(wy.passed);
        outcome.count(r.passed);
        outcome.json.push_back(to_json("chunk", wy));
        outcome.json.push_back(to_json("residual", r));
    }
    return outcome;
}

}  // namespace gdn2::tools
