// See expansion.h.
#include "visualizer/model/expansion.h"

#include <algorithm>
#include <cmath>

#include "reference/io/text.h"

namespace gdn2::viewer {
namespace {

constexpr Index longest_period = 8, rounds_at_least = 3;
constexpr double rounding = 1e-9;

bool repeats_after(const Matrix<double>& rows, Index period) {
    const Index compared = rows.rows() - period;
    return rows.topRows(compared) == rows.bottomRows(compared);
}

/// The shortest period of all inputs that act on the state; 0 without one.
Index period_of(const Head& head) {
    for (Index period = 1; period <= std::min(longest_period, head.length() / rounds_at_least); ++period) {
        const auto repeats = [period](const Matrix<double>* rows) { return repeats_after(*rows, period); };
        const Matrix<double>* inputs[] = {&head.k, &head.g, &head.b, &head.v, &head.w};
        if (std::all_of(std::begin(inputs), std::end(inputs), repeats)) return period;
    }
    return 0;
}

double growth_over(const Track& track, Index period) {
    const double before = track.norm_S()[static_cast<std::size_t>(track.length() - 1 - period)];
    const double now = track.norm_S().back();
    return before > 0 && std::isfinite(now) ? now / before : 1;
}

bool within_one(const Matrix<double>& gates) {
    return gates.size() == 0 || (gates.minCoeff() >= 0 && gates.maxCoeff() <= 1);
}

std::string count(Index tokens, Index of) {
    if (tokens == of) return of == 1 ? "The token" : "Each of the " + std::to_string(of) + " tokens";
    return std::to_string(tokens) + " of " + std::to_string(of) + " tokens";
}

}  // namespace

bool stretches(double erase_norm) { return erase_norm > 1 + rounding; }

Expansion expansion_of(const Track& track, const Spectrum& spectrum) {
    Expansion result;
    result.tokens = track.length();
    if (result.tokens == 0) return result;
    const std::vector<double>& norms = spectrum.erase_norm();
    result.stretching = std::count_if(norms.begin(), norms.end(), stretches);
    result.strongest = std::max_element(norms.begin(), norms.end()) - norms.begin();
    result.largest_norm = norms[static_cast<std::size_t>(result.strongest)];
    result.gates_within_one = within_one(track.head().b) && within_one(track.head().w);
    result.writes = !track.z().isZero(0);
    result.period = period_of(track.head());
    if (result.period > 0) result.growth_per_period = growth_over(track, result.period);
    return result;
}

std::string in_words(const Expansion& expansion, const std::string& label_of_strongest) {
    const auto number = [](double x) { return io::number(x, 3); };
    if (expansion.tokens == 0) return "There is no token.";
    if (expansion.stretching == 0)
        return "No token stretches the state: the norm of I - k e^T is never above 1. What grows was written.";
    const std::string norm = number(expansion.largest_norm);
    const bool grows = !expansion.writes && expansion.period > 0 && expansion.growth_per_period > 1 + rounding;
    if (grows)
        return std::string("Nothing is written") +
               (expansion.gates_within_one ? " and every gate is within [0, 1]" : "") + ", yet |S| grows by " +
               number(expansion.growth_per_period) +
               (expansion.period == 1 ? " every token" : " every " + std::to_string(expansion.period) + " tokens") +
               ": a token that reads along e and takes away along k can stretch the state, here by up to " + norm + ".";
    return count(expansion.stretching, expansion.tokens) + " can stretch the state by erasing, " +
           (expansion.tokens > 1 ? label_of_strongest + " most: by up to " : "by up to ") + norm +
           (expansion.gates_within_one ? ", though every gate is within [0, 1]." : ".");
}

}  // namespace gdn2::viewer
