// What the Diff tab shows: the open document's layer and the second file's, held against the reference or each other.
#include <algorithm>

#include "visualizer/model/difference_shown.h"

namespace gdn2::viewer {
namespace {

/// Seconds: of what is compared when it is first looked at, and of what is compared without being asked for.
constexpr double at_once = 0.1, unasked = 4;

}  // namespace

/// A comparison, and what it was made for.
struct Session::Compared {
    const Layer* layer;
    Versus versus;
    bool wanted;
    Difference difference;
    DifferenceMaps maps;

    Compared(const Layer& of, Versus chosen, Side candidate, std::optional<Side> reference)
        : layer(&of),
          versus(chosen),
          wanted(false),
          difference(of.problem, std::move(candidate), std::move(reference)),
          maps(difference) {
        wanted = difference.seconds_left() <= unasked;
        if (difference.seconds_left() <= at_once)
            while (difference.work()) {}
    }
};

void Session::open_claim(const std::string& path) {
    ClaimFile file = open_claim_file(path);
    require_shapes(file, document_);
    open_claim(std::move(file));
}

void Session::open_claim(ClaimFile file) {
    close_claim();
    claim_ = std::move(file);
    ui.versus = Versus::second_reference;
}

void Session::close_claim() {
    claim_.reset();
    compared_.reset();
    seeks_wrong_ = false;
    ui.versus = Versus::own_reference;
    ui.difference_tensor.clear();
}

std::vector<Versus> Session::comparisons() const {
    const Layer& own = layer();
    const ClaimLayer* second = claim_ ? claim_->layer(own.name) : nullptr;
    std::vector<Versus> possible;
    if (!own.claim.tensors.empty() || !own.recorded.empty()) possible.push_back(Versus::own_reference);
    if (second) possible.push_back(Versus::second_reference);
    const auto shared = [](const auto& a, const auto& b) {
        return std::any_of(a.begin(), a.end(), [&b](const auto& entry) { return b.count(entry.first) > 0; });
    };
    if (second && (shared(own.claim.tensors, second->claim.tensors) || shared(own.recorded, second->recorded)))
        possible.push_back(Versus::second_own);
    return possible;
}

Session::Compared* Session::compared() const {
    const std::vector<Versus> possible = comparisons();
    if (possible.empty()) return nullptr;
    const bool is_possible = std::find(possible.begin(), possible.end(), ui.versus) != possible.end();
    const Versus versus = is_possible ? ui.versus : possible.front();
    const Layer& own = layer();
    if (compared_ && compared_->layer == &own && compared_->versus == versus) return compared_.get();

    const Side open{document_.title, &own.claim, &own.recorded, &own.problem, document_.meta};
    Side second;
    if (const ClaimLayer* found = claim_ ? claim_->layer(own.name) : nullptr)
        second = {claim_->path.substr(claim_->path.find_last_of('/') + 1), &found->claim, &found->recorded,
                  found->problem ? &*found->problem : nullptr, claim_->meta};
    compared_ = std::make_shared<Compared>(own, versus, versus == Versus::own_reference ? open : second,
                                           versus == Versus::second_own ? std::optional(open) : std::nullopt);
    return compared_.get();
}

const Difference* Session::difference() const {
    const Compared* found = compared();
    return found ? &found->difference : nullptr;
}

void Session::ask_difference() {
    if (Compared* found = compared()) found->wanted = true;
}

const DifferenceMap* Session::difference_map() const {
    const Compared* found = compared();
    if (!found || length() == 0) return nullptr;
    const ComparedTensor* tensor = found->difference.find(ui.difference_tensor);
    if (!tensor) tensor = found->difference.most_interesting();
    return tensor ? difference_map(*tensor, ui.cursor.token) : nullptr;
}

const DifferenceMap* Session::difference_map(const ComparedTensor& tensor, Index token) const {
    const Compared* found = compared();
    return found && length() > 0 ? &found->maps.at(tensor.name, ui.sequence, ui.head, token) : nullptr;
}

void Session::seek_when_compared() {
    const Difference* found = difference();
    seeks_wrong_ = found && !found->complete();
    if (found && found->complete()) seek_wrong(*this);
}

/// Whether a comparison is wanted and not complete.
bool Session::compares() const {
    const Compared* found = compared();
    return found && found->wanted && !found->difference.complete();
}

/// A piece of the comparison. Returns whether there was one.
bool Session::compare_more() {
    if (!compares()) return false;
    compared()->difference.work();
    if (seeks_wrong_) seek_when_compared();
    return true;
}

}  // namespace gdn2::viewer
