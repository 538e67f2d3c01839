// The lesson that is open: its text, step by step, the question, what to press. Of any other problem what it is.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>
#include <numbers>

#include "visualizer/model/lessons_guide.h"
#include "visualizer/panels/left_column.h"
#include "visualizer/panels/memory.h"

namespace gdn2::viewer {
namespace {

constexpr double pulse_seconds = 1.4;
constexpr int pulses = 4;  ///< then it rests: a screen that nobody touches costs nothing

void small_button(const View& view, const char* label, Action action) {
    if (ImGui::Button(label, {view.px(26), 0})) apply(action, view.session);
    key_tooltip(action);
}

/// Which lesson, and the ways to the others.
void lesson_line(const View& view, Index number) {
    ImGui::AlignTextToFramePadding();
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::Text("Lesson %td of %td", number + 1, std::ssize(lesson_guides()));
    ImGui::PopStyleColor();
    const float gap = view.px(3), width = 3 * view.px(26) + 2 * gap;
    ImGui::SameLine(ImGui::GetContentRegionMax().x - width);
    small_button(view, "\u25c2", Action::previous_lesson);
    ImGui::SameLine(0, gap);
    small_button(view, "\u2261", Action::lessons);
    ImGui::SameLine(0, gap);
    small_button(view, "\u25b8", Action::next_lesson);
}

void title(const View& view, const std::string& text) {
    if (view.fonts.large) ImGui::PushFont(view.fonts.large);
    ImGui::TextUnformatted(wrapped(text, ImGui::GetContentRegionAvail().x).c_str());
    if (view.fonts.large) ImGui::PopFont();
}

/// A dot for each step and a question mark for the question; a click goes there.
void step_dots(const View& view, const LessonGuide& guide) {
    Session& session = view.session;
    const Index count = std::ssize(guide.steps) + 1, now = session.ui.lesson.step;
    const float side = view.px(16);
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (Index i = 0; i < count; ++i) {
        ImGui::PushID(static_cast<int>(i));
        const ImVec2 at = ImGui::GetCursorScreenPos(), centre{at.x + side / 2, at.y + side / 2};
        if (ImGui::InvisibleButton("step", {side, side})) go_to_step(session, i);
        const bool hovered = ImGui::IsItemHovered(), question = i + 1 == count;
        if (hovered && question) ImGui::SetTooltip("the question");
        else if (hovered) ImGui::SetTooltip("step %td of %td", i + 1, count - 1);
        const Colour colour = i == now ? view.theme.accent : hovered ? view.theme.text : view.theme.quiet;
        if (question)
            draw_text(view, centre.x - text_width("?") / 2, centre.y - ImGui::GetFontSize() / 2, colour, "?");
        else if (i <= now) list->AddCircleFilled(centre, view.px(i == now ? 5.0f : 3.5f), colour);
        else list->AddCircle(centre, view.px(3.5f), colour, 0, view.px(1.2f));
        ImGui::PopID();
        if (!question) ImGui::SameLine(0, 0);
    }
}

/// 0 ... 1 and back, a few times after something new is to be read.
double pulse(const View& view) {
    const Session& session = view.session;
    HintMemory& hint = view.memory.hint;
    if (hint.document != session.document().source || !(hint.progress == session.ui.lesson))
        hint = {session.document().source, session.ui.lesson, ImGui::GetTime()};
    const double age = ImGui::GetTime() - hint.since;
    if (session.ui.reduce_motion || session.ui.playing || age > pulses * pulse_seconds) return 0;
    view.memory.animates = true;
    return 0.5 - 0.5 * std::cos(2 * std::numbers::pi * age / pulse_seconds);
}

/// A key as it looks on a keyboard. Returns where it ends.
float key_cap(const View& view, float x, float y, const std::string& key) {
    const float line = ImGui::GetFontSize(), width = text_width(key) + view.px(12);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled({x, y - view.px(2)}, {x + width, y + line + view.px(3)}, view.theme.panel, view.px(4));
    list->AddRect({x, y - view.px(2)}, {x + width, y + line + view.px(3)}, view.theme.quiet, view.px(4));
    draw_text(view, x + view.px(6), y, view.theme.text, key);
    return x + width;
}

/// What to press now; a click does the same.
void hint(const View& view) {
    Session& session = view.session;
    const std::string said = hint_of(session);
    const std::size_t colon = said.find(": ");
    if (at_question(session) || colon == std::string::npos) return paragraph(view, said, view.theme.quiet);
    const std::string key = said.substr(0, colon);
    const bool at_start = session.ui.cursor == first_cursor() && session.ui.lesson.step == 0;
    const std::string before = at_start && !session.ui.playing ? "press " : "";
    const std::string what = session.ui.playing ? "pause" : at_start ? "to begin" : said.substr(colon + 2);
    const Colour colour = mixed(view.theme.raised, view.theme.accent, 0.55 * pulse(view));
    const float height = ImGui::GetFrameHeight() + view.px(8);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::PushStyleColor(ImGuiCol_Button, colour);
    if (ImGui::Button("##go on", {-1, height})) apply(key == "F2" ? Action::lessons : Action::play_pause, session);
    ImGui::PopStyleColor();
    const float y = at.y + (height - ImGui::GetFontSize()) / 2;
    draw_text(view, at.x + view.px(10), y, view.theme.text, before);
    const float end = key_cap(view, at.x + view.px(10) + text_width(before), y, key);
    draw_text(view, end + view.px(8), y, view.theme.text, what);
}

/// One possible answer; once one is taken only the right one stays, marked, and a wrong guess.
void choice(const View& view, const LessonQuestion& question, Index i) {
    Session& session = view.session;
    const std::optional<Index>& taken = session.ui.lesson.answer;
    const bool right = taken && i == question.right, wrong = taken == i && !right;
    if (taken && !right && !wrong) return;
    const char* sign = right ? "\u2713" : wrong ? "\u2717" : "";
    const float room = view.px(28), pad = view.px(4);
    const std::string text = wrapped(pretty(question.choices[static_cast<std::size_t>(i)]),
                                     ImGui::GetContentRegionAvail().x - room - view.px(8));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float height = ImGui::CalcTextSize(text.c_str()).y + 2 * pad;
    ImGui::PushID(static_cast<int>(i));
    if (taken) ImGui::Dummy({1, height});
    else if (ImGui::Button("##choice", {-1, height})) answer(session, i);
    ImGui::PopID();
    const Colour colour = right ? view.theme.right : wrong ? view.theme.wrong : view.theme.text;
    draw_text(view, at.x + view.px(10), at.y + pad, taken ? colour : view.theme.quiet,
              taken ? sign : std::to_string(i + 1));
    draw_text(view, at.x + room, at.y + pad, colour, text);
}

/// What was asked stays while the answer is read.
void question(const View& view, const LessonGuide& guide, const LessonStep& step) {
    const Session& session = view.session;
    const bool answered = session.ui.lesson.answer.has_value();
    paragraph(view, guide.question.asked.text, answered ? view.theme.quiet : view.theme.text);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {view.px(7), view.px(answered ? 1 : 4)});
    for (Index i = 0; i < std::ssize(guide.question.choices); ++i) choice(view, guide.question, i);
    ImGui::PopStyleVar();
    if (!answered) return;
    ImGui::Dummy({0, view.px(2)});
    // The picture answers first.
    paragraph(view, session.ui.stop_at ? "Watch." : step.text, view.theme.text);
}

}  // namespace

void lesson_part(const View& view) {
    Session& session = view.session;
    lesson_line(view, *lesson_number(session.document()));
    title(view, session.document().title);
    const LessonGuide* guide = guide_of(session);
    if (!guide) {
        paragraph(view, session.document().shows, view.theme.text);
        if (ImGui::Button("Follow the lesson", {-1, 0})) apply(Action::follow_lesson, session);
        return key_tooltip(Action::follow_lesson);
    }
    step_dots(view, *guide);
    const LessonStep& step = *step_of(session);
    if (session.ui.lesson.step < std::ssize(guide->steps)) paragraph(view, step.text, view.theme.text);
    else question(view, *guide, step);
    hint(view);
}

namespace {

/// What was odd about a file: the first few, so that the rest of the column stays in reach.
void notes(const View& view, const std::vector<std::string>& all) {
    constexpr std::size_t shown = 4;
    for (std::size_t i = 0; i < std::min(all.size(), shown); ++i) paragraph(view, all[i], view.theme.wrong);
    if (all.size() > shown)
        paragraph(view, "and " + std::to_string(all.size() - shown) + " more (--transcript lists them)",
                  view.theme.wrong);
}

}  // namespace

void document_part(const View& view) {
    const Session& session = view.session;
    const Document& document = session.document();
    const Sizes& sizes = session.layer().sizes;
    if (ImGui::Button("Lessons", {-1, 0})) apply(Action::lessons, view.session);
    key_tooltip(Action::lessons);
    title(view, document.title);
    if (!is_drawn_whole(document.title)) paragraph(view, "? is a letter that no font here has.", view.theme.quiet);
    if (!document.shows.empty()) paragraph(view, document.shows, view.theme.text);
    const auto many = [](Index count, const char* what) {
        return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
    };
    paragraph(view, many(session.length(), "token") + ", S is " + std::to_string(sizes.key_dim) + " \u00d7 " +
                        std::to_string(sizes.value_dim) + ", " + many(sizes.value_heads, "head"),
              view.theme.quiet);
    notes(view, document.notes);
    paragraph(view, "Space plays, the arrows step. Point at a number: how it was made. Drag a gate. F1: all keys.",
              view.theme.quiet);
}

}  // namespace gdn2::viewer
