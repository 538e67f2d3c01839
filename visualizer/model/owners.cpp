// See owners.h.
#include "visualizer/model/owners.h"

#include <algorithm>
#include <cmath>

#include "reference/io/text.h"

namespace gdn2::viewer {
namespace {

constexpr double rounding = 1e-9;  ///< shares below it are nobody's

std::vector<Owner> all_owners(const LedgerWindow& window, Index token) {
    const Index row = token - window.first;
    std::vector<Owner> owners;
    const auto add = [&owners](std::optional<Index> owner, double share) {
        if (std::abs(share) > rounding) owners.push_back({owner, share});
    };
    add(std::nullopt, window.older[row]);
    for (Index col = 0; col <= row; ++col) add(window.first + col, window.share(row, col));
    std::stable_sort(owners.begin(), owners.end(),
                     [](const Owner& a, const Owner& b) { return std::abs(a.share) > std::abs(b.share); });
    return owners;
}

std::string name_of(const Session& session, const LedgerWindow& window, const Owner& owner) {
    if (owner.token) return session.in_words(*owner.token);
    return window.first > 0 ? "what was before " + session.in_words(window.first) : "the initial state";
}

}  // namespace

std::vector<Owner> largest_owners(const LedgerWindow& window, Index token, std::size_t most) {
    std::vector<Owner> owners = all_owners(window, token);
    owners.resize(std::min(owners.size(), most));
    return owners;
}

std::string owners_in_words(const Session& session, const LedgerWindow& window, Index token, std::size_t named) {
    const std::string after = "After " + session.in_words(token) + " ";
    if (std::isnan(window.older[token - window.first])) return after + "S is not finite: nobody can own it";
    const std::vector<Owner> owners = all_owners(window, token);
    if (owners.empty()) return after + "S is 0: nobody owns it";
    std::string text = after + "S is made of: ";
    double rest = 0;
    for (std::size_t i = 0; i < owners.size(); ++i) {
        if (i >= named) rest += owners[i].share;
        else text += (i > 0 ? ", " : "") + name_of(session, window, owners[i]) + " " + io::number(owners[i].share, 2);
    }
    const std::size_t others = owners.size() > named ? owners.size() - named : 0;
    if (others == 0) return text;
    return text + ", " + std::to_string(others) + (others == 1 ? " other " : " others ") + io::number(rest, 2);
}

}  // namespace gdn2::viewer
