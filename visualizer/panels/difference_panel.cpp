// Two things that should be equal: what is held against what, which tensors differ, where, and by how much.
//   maths  reference/check/compare.h, localise.h
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>

#include "visualizer/panels/difference_parts.h"
#include "visualizer/panels/left_column.h"

namespace gdn2::viewer {
namespace {

constexpr float list_share = 0.34f, narrowest_list = 300, widest_list = 540, margin = 10;

std::string file_of(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string open_name(const Session& session) { return file_of(session.document().source); }

std::string name_of(const Session& session, Versus versus) {
    const std::string second = file_of(session.claim_path());
    if (versus == Versus::own_reference) return open_name(session) + " : reference";
    return second + (versus == Versus::second_reference ? " : reference" : " : " + open_name(session));
}

void coloured(Colour colour, const std::string& text, ImFont* font = nullptr) {
    ImGui::PushStyleColor(ImGuiCol_Text, colour);
    if (font) ImGui::PushFont(font);
    ImGui::TextUnformatted(text.c_str());
    if (font) ImGui::PopFont();
    ImGui::PopStyleColor();
}

/// What can be held against what, where there is a choice.
void choices(const View& view) {
    Session& session = view.session;
    const std::vector<Versus> possible = session.comparisons();
    for (const Versus versus : possible) {
        if (possible.size() < 2) break;
        const bool chosen = session.ui.versus == versus;
        if (choice_button(view, name_of(session, versus).c_str(), chosen)) session.ui.versus = versus;
        key_tooltip(Action::versus);
        ImGui::SameLine();
    }
}

void unit_choice(const View& view) {
    for (const DifferenceUnit unit : {DifferenceUnit::absolute, DifferenceUnit::relative, DifferenceUnit::ulp}) {
        const bool chosen = view.session.ui.difference_unit == unit;
        if (choice_button(view, name_of(unit), chosen)) view.session.ui.difference_unit = unit;
        key_tooltip(Action::difference_unit);
        ImGui::SameLine();
    }
    ImGui::NewLine();
}

/// "all 3 tensors of", "1 of 3 tensors of": whose, and of which layer where there are several.
std::string tensors_of(const Session& session, const Difference& difference, Index bad) {
    const auto all = std::ssize(difference.tensors());
    const std::string some = bad > 0 ? std::to_string(bad) + " of " + std::to_string(all) + " tensors"
                             : all == 1 ? "the one tensor" : "all " + std::to_string(all) + " tensors";
    const bool layers = session.document().layers.size() > 1;
    return some + " of " + (layers ? session.layer().name + " in " : "") + difference.candidate_name();
}

struct Headline {
    std::string text;
    Colour colour;
};

Headline headline_of(const View& view, const Difference& difference) {
    const DifferenceCount count = count_of(difference);
    const std::string& reference = difference.reference_name();
    const auto tensors = [&](Index bad) { return tensors_of(view.session, difference, bad); };
    const auto verb = [](Index many, const char* one, const char* several) { return many == 1 ? one : several; };
    const Index bad = count.failed + count.refused, all = std::ssize(difference.tensors());
    if (count.refused > 0 && count.failed == 0)
        return {"\u2717 " + tensors(bad) + verb(bad, " has another shape than ", " have other shapes than ") +
                    reference,
                view.theme.wrong};
    if (bad > 0)
        return {"\u2717 " + tensors(bad) + verb(bad, " differs from ", " differ from ") + reference, view.theme.wrong};
    if (count.open > 0)
        return {difference.candidate_name() + " against " + reference + ": comparing \u2026", view.theme.text};
    if (count.undecided > 0)
        return {"? " + tensors(count.undecided) + " cannot be judged against " + reference, view.theme.text};
    return {"\u2713 " + tensors(0) + verb(all, " agrees with ", " agree with ") + reference, view.theme.right};
}

/// What the comparison does not follow.
std::string remark(const Session& session) {
    if (session.ui.mixer == Mixer::gdn2 && !session.ghost()) return "";
    return "Edits, ties and other rules have no part in this: it is GDN-2 with the file's own gates.";
}

/// The answer in a line.
void headline(const View& view, const Difference& difference) {
    const auto [text, colour] = headline_of(view, difference);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw_text(view, at.x, at.y, colour, text, ImGui::GetContentRegionAvail().x, view.fonts.large);
    ImGui::Dummy({1, view.px(21)});
}

void progress(const View& view, const Difference& difference) {
    if (difference.complete()) return;
    ImGui::AlignTextToFramePadding();
    coloured(view.theme.quiet, difference.cost());
    ImGui::SameLine();
    if (ImGui::Button("compare now (F7)")) view.session.ask_difference();
    ImGui::SameLine();
}

/// What to do where there is nothing to compare.
void nothing_yet(const View& view) {
    ImGui::Dummy({0, view.px(10)});
    coloured(view.theme.text, "Nothing to compare yet", view.fonts.large);
    ImGui::Dummy({0, view.px(6)});
    ImGui::PushTextWrapPos(view.px(720));
    ImGui::TextUnformatted(("Open is " + open_name(view.session) +
                            ". Press Ctrl+O, or drop a second file on this tab: results (o, final_state, dq dk dv dg "
                            "db dw, d_initial_state) or a trace. Each tensor is held against the reference, run on the "
                            "problem that is open.").c_str());
    ImGui::Dummy({0, view.px(4)});
    ImGui::TextUnformatted("Or open a file that holds q k g b v w and such results: it is held against the reference "
                           "itself (Ctrl+O on another tab, or drop it there).");
    ImGui::Dummy({0, view.px(4)});
    coloured(view.theme.quiet, "From the command line:  gdn2-viewer problem.npz kernel.npz");
    coloured(view.theme.quiet, "What kernels keep, against the reference:  gdn2 trace problem.npz --device emulator -o "
                               "kernel.npz");
    ImGui::PopTextWrapPos();
}

}  // namespace

void difference_panel(const View& view, const Box& box) {
    begin_panel(view, "What differs, and where", box);
    const Difference* difference = view.session.difference();
    if (!difference || difference->tensors().empty()) {
        nothing_yet(view);
        return end_panel();
    }
    headline(view, *difference);
    if (const std::string says = remark(view.session); !says.empty()) coloured(view.theme.accent, says);
    choices(view);
    progress(view, *difference);
    unit_choice(view);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = std::clamp(box.width * list_share, view.px(narrowest_list), view.px(widest_list));
    const float height = box.y + box.height - at.y - view.px(margin);
    difference_list(view, *difference, width, height);
    const float x = at.x + width + view.px(16);
    difference_maps(view, *difference, {x, at.y, box.x + box.width - view.px(margin) - x, height});
    end_panel();
}

}  // namespace gdn2::viewer
