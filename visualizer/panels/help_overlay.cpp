// All keys, group by group, over a dimmed screen.
//   tests  tests/visualizer/ui/panels_test.cpp
#include <algorithm>
#include <string_view>

#include "visualizer/model/actions.h"
#include "visualizer/panels/overlay.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

/// One line for an action: all its keys, then what it does.
struct Line {
    std::string keys;
    const char* what;
};

/// A headline and its lines.
struct Group {
    const char* name;
    std::vector<Line> lines;
};

std::vector<Group> groups() {
    std::vector<Group> all;
    const Binding* before = nullptr;
    for (const Binding& each : bindings()) {
        if (all.empty() || all.back().name != std::string_view(each.group)) all.push_back({each.group, {}});
        std::vector<Line>& lines = all.back().lines;
        const bool same = before && before->action == each.action && !lines.empty();
        if (same) lines.back().keys += "  " + text_of(each.chord);
        else lines.push_back({text_of(each.chord), each.what});
        before = &each;
    }
    return all;
}

void draw_group(const View& view, const Group& group) {
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.accent);
    ImGui::TextUnformatted(group.name);
    ImGui::PopStyleColor();
    for (const Line& line : group.lines) {
        ImGui::TextUnformatted(line.keys.c_str());
        ImGui::SameLine(std::max(ImGui::CalcTextSize(line.keys.c_str()).x + view.px(26), view.px(132)));
        ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
        ImGui::TextUnformatted(wrapped(line.what, ImGui::GetContentRegionAvail().x).c_str());
        ImGui::PopStyleColor();
    }
    ImGui::Dummy({0, view.px(8)});
}

void draw_mouse_and_trap(const View& view) {
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.accent);
    ImGui::TextUnformatted("Mouse");
    ImGui::PopStyleColor();
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted("On any number: how it was made. On the strips of \u03b1, b and w: drag to change a gate; "
                           "with Shift all channels, with Alt fully open or closed. On the timeline: drag to scrub, "
                           "wheel to zoom. Click a cell of S to pin it. Drop a file to open it, in the Diff tab to "
                           "compare it.");
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::TextUnformatted("A trap in names: kernels that follow flash-linear-attention keep Y of the chunkwise form "
                           "in a buffer called w. Here w is always the write gate.");
    ImGui::PopStyleColor();
    ImGui::PopTextWrapPos();
}

}  // namespace

void help_overlay(const View& view) {
    bool& open = view.session.ui.show_help;
    if (!begin_overlay(view, "Keys", {1320, 840}, open)) return;
    const int columns = ImGui::GetWindowWidth() >= view.px(1100) ? 3 : ImGui::GetWindowWidth() >= view.px(700) ? 2 : 1;
    const std::vector<Group> all = groups();
    constexpr std::size_t lines_of_mouse = 10, slack = 3;
    std::size_t lines = lines_of_mouse, filled = 0;
    for (const Group& group : all) lines += group.lines.size() + 2;
    const std::size_t per_column = lines / static_cast<std::size_t>(columns) + slack;
    if (ImGui::BeginTable("keys", columns)) {
        ImGui::TableNextColumn();
        for (const Group& group : all) {
            if (filled > 0 && filled + group.lines.size() > per_column) {
                ImGui::TableNextColumn();
                filled = 0;
            }
            draw_group(view, group);
            filled += group.lines.size() + 2;
            if (&group != &all.front()) continue;
            draw_mouse_and_trap(view);
            ImGui::Dummy({0, view.px(8)});
            filled += lines_of_mouse;
        }
        ImGui::EndTable();
    }
    end_overlay();
}

}  // namespace gdn2::viewer
