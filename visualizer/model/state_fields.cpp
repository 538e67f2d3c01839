// See state_fields.h.
#include "visualizer/model/state_fields.h"

namespace gdn2::viewer {
namespace {

constexpr Flag flags[] = {
    {"compare", [](UiState& ui) -> bool& { return ui.compare; }},
    {"tie", [](UiState& ui) -> bool& { return ui.gates.tie; }},
    {"wide_b", [](UiState& ui) -> bool& { return ui.gates.wide_b; }},
    {"symlog", [](UiState& ui) -> bool& { return ui.symlog; }},
    {"change", [](UiState& ui) -> bool& { return ui.show_change; }},
    {"ghost", [](UiState& ui) -> bool& { return ui.show_ghost; }},
    {"error", [](UiState& ui) -> bool& { return ui.show_error; }},
    {"numbers", [](UiState& ui) -> bool& { return ui.show_numbers; }},
    {"reduce_motion", [](UiState& ui) -> bool& { return ui.reduce_motion; }},
    {"focus", [](UiState& ui) -> bool& { return ui.keyboard_focus; }},
    {"help", [](UiState& ui) -> bool& { return ui.show_help; }},
    {"lessons", [](UiState& ui) -> bool& { return ui.show_lessons; }},
    {"guide", [](UiState& ui) -> bool& { return ui.lesson.followed; }},
};

constexpr Setting settings[] = {
    {"speed", [](UiState& ui) -> double& { return ui.speed; }, 0.1, 16},
    {"manual", [](UiState& ui) -> double& { return ui.manual_scale; }, smallest_scale, largest_scale},
    {"ui", [](UiState& ui) -> double& { return ui.ui_scale; }, 0.75, 2.5},
};

constexpr Count counts[] = {
    {"layer", [](UiState& ui) -> Index& { return ui.layer; }},
    {"seq", [](UiState& ui) -> Index& { return ui.sequence; }},
    {"head", [](UiState& ui) -> Index& { return ui.head; }},
    {"page", [](UiState& ui) -> Index& { return ui.chunk_page; }},
    {"step", [](UiState& ui) -> Index& { return ui.lesson.step; }},
};

constexpr const char* scales[] = {"locked", "per_step", "manual"};
constexpr const char* sides[] = {"own_reference", "second_reference", "second_own"};
constexpr const char* themes[] = {"dark", "light", "print"};

template <auto member>
int number_of(const UiState& ui) {
    return static_cast<int>(ui.*member);
}
template <auto member>
void set_number(UiState& ui, int number) {
    using Enum = std::remove_reference_t<decltype(ui.*member)>;
    ui.*member = static_cast<Enum>(number);
}

const char* tab_word(int i) { return id_of(static_cast<Tab>(i)); }
const char* rule_word(int i) { return id_of(static_cast<Mixer>(i)); }
const char* scale_word(int i) { return scales[i]; }
const char* theme_word(int i) { return themes[i]; }
const char* versus_word(int i) { return sides[i]; }
const char* unit_word(int i) { return name_of(static_cast<DifferenceUnit>(i)); }
constexpr int rule_count = static_cast<int>(all_mixers.size());

constexpr Word words[] = {
    {"tab", tab_count, tab_word, number_of<&UiState::tab>, set_number<&UiState::tab>},
    {"rule", rule_count, rule_word, number_of<&UiState::mixer>, set_number<&UiState::mixer>},
    {"scale", 3, scale_word, number_of<&UiState::scale_mode>, set_number<&UiState::scale_mode>},
    {"versus", 3, versus_word, number_of<&UiState::versus>, set_number<&UiState::versus>},
    {"unit", 3, unit_word, number_of<&UiState::difference_unit>, set_number<&UiState::difference_unit>},
    {"theme", 3, theme_word, number_of<&UiState::theme>, set_number<&UiState::theme>},
};

}  // namespace

std::span<const Flag> state_flags() { return flags; }
std::span<const Setting> state_settings() { return settings; }
std::span<const Count> state_counts() { return counts; }
std::span<const Word> state_words() { return words; }

}  // namespace gdn2::viewer
