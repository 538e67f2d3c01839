// See difference_shown.h.
#include "visualizer/model/difference_shown.h"

#include <algorithm>
#include <string_view>

namespace gdn2::viewer {

DifferenceCount count_of(const Difference& difference) {
    DifferenceCount count;
    for (const ComparedTensor& tensor : difference.tensors()) {
        if (tensor.refused) ++count.refused;
        else if (!tensor.compared) ++count.open;
        else if (tensor.verdict == Verdict::fail) ++count.failed;
        else if (tensor.verdict == Verdict::undecided) ++count.undecided;
        else ++count.passed;
    }
    return count;
}

const ComparedTensor* shown_tensor(const Session& session) {
    const Difference* difference = session.difference();
    if (!difference) return nullptr;
    const ComparedTensor* chosen = difference->find(session.ui.difference_tensor);
    return chosen ? chosen : difference->most_interesting();
}

void show_tensor(Session& session, const std::string& name) {
    session.ui.difference_tensor = name;
    const ComparedTensor* tensor = shown_tensor(session);
    if (tensor && tensor->first_bad) go_to(session, *tensor->first_bad);
}

void move_tensors(Session& session, Index by) {
    const ComparedTensor* shown = shown_tensor(session);
    if (!shown) return;
    const std::vector<ComparedTensor>& all = session.difference()->tensors();
    const Index at = shown - all.data(), count = std::ssize(all);
    show_tensor(session, all[static_cast<std::size_t>((at + by + count) % count)].name);
}

void next_versus(Session& session) {
    const std::vector<Versus> possible = session.comparisons();
    if (possible.empty()) return;
    const auto now = std::find(possible.begin(), possible.end(), session.ui.versus);
    const auto at = now == possible.end() ? possible.begin() : now;
    session.ui.versus = at + 1 == possible.end() ? possible.front() : *(at + 1);
}

void show_tab(Session& session, Tab tab) {
    session.ui.tab = tab;
    if (tab == Tab::difference) session.seek_when_compared();
}

void seek_wrong(Session& session) {
    const ComparedTensor* tensor = shown_tensor(session);
    if (!tensor || !tensor->first_bad) return;
    const DifferenceMap* map = session.difference_map();
    if (!map || !map->first_wrong_row()) go_to(session, *tensor->first_bad);
}

void go_to_first_wrong(Session& session) {
    const ComparedTensor* tensor = shown_tensor(session);
    if (tensor && tensor->first_bad) go_to(session, *tensor->first_bad);
}

void go_to_worst(Session& session) {
    const ComparedTensor* tensor = shown_tensor(session);
    if (tensor && tensor->worst) go_to(session, *tensor->worst);
}

void go_to(Session& session, const ElementPlace& place) {
    session.ui.sequence = place.sequence;
    session.ui.head = place.head;
    const bool final_state = place.token == ElementPlace::no_token;
    session.stand(final_state ? last_cursor(session.length()) : at_token(place.token, session.length()));
}

std::string text_of(const ElementPlace& place, const Sizes& sizes) {
    std::string text = place.token == ElementPlace::no_token ? "end" : std::to_string(place.token);
    const bool sequences = sizes.sequences > 1, heads = sizes.value_heads > 1;
    if (sequences || heads) text += " in ";
    if (sequences) text += "sequence " + std::to_string(place.sequence);
    if (sequences && heads) text += ", ";
    if (heads) text += "head " + std::to_string(place.head);
    return text;
}

TokenWindow token_window(Index length, Index cursor, Index fits) {
    const Index count = std::clamp<Index>(fits, 0, length);
    return {std::clamp<Index>(cursor - count / 2, 0, length - count), count};
}

std::optional<Number> number_at(const Session& session, const ComparedTensor& tensor, Index row, Index col) {
    const bool own = session.ui.mixer == Mixer::gdn2 && !session.ghost();
    if (!own || tensor.refused || !session.difference()) return std::nullopt;
    if (tensor.name == "final_state") return Number{"S", {session.length() - 1, row, col}};
    const std::string& letters = tensor_line(tensor.name).letters;
    const bool by_key = !tensor.field && letters == "ti";  // of all heads that share a key head
    if (by_key && session.layer().sizes.group() > 1) return std::nullopt;
    if (letters.size() == 2) return Number{tensor.name, {row, col}};
    if (letters[0] == 't') return Number{tensor.name, {session.ui.cursor.token, row, col}};
    const bool all_chunks = session.difference()->place_of(tensor).row_axis() == std::string_view("chunk");
    if (all_chunks || session.difference()->chunk() != chunk_length) return std::nullopt;
    return Number{tensor.name, {session.ui.cursor.token / chunk_length, row, col}};
}

}  // namespace gdn2::viewer
