// See view.h.
#include "visualizer/draw/view.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string_view>

#include "reference/io/text.h"
#include "visualizer/imgui_compat.h"

namespace gdn2::viewer {
namespace {

constexpr double seconds_shown = 6, seconds_shown_of_an_error = 20;

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Whether the hyphen at `at` is the sign of a number, or of its exponent, and not part of a name.
bool is_sign(const std::string& text, std::size_t at) {
    if (text[at] != '-' || at + 1 == text.size() || !is_digit(text[at + 1])) return false;
    const bool exponent = at > 1 && text[at - 1] == 'e' && is_digit(text[at - 2]);
    return at == 0 || exponent || std::string_view(" ([,").find(text[at - 1]) != std::string_view::npos;
}

std::string with_minus_signs(std::string text) {
    for (std::size_t at = 0; at < text.size(); ++at)
        if (is_sign(text, at)) text.replace(at, 1, "\u2212");
    return text;
}

}  // namespace

bool Hover::is_lit(const Number& other) const {
    if (!last) return false;
    if (*last == other) return true;
    return explanation && std::find(explanation->inputs.begin(), explanation->inputs.end(), other) !=
                              explanation->inputs.end();
}

void View::say(const std::string& text, bool is_error) const {
    message = {text, is_error, ImGui::GetTime() + (is_error ? seconds_shown_of_an_error : seconds_shown)};
}

void draw_text(const View&, float x, float y, Colour colour, const std::string& text, float width, ImFont* font) {
    ImFont* used = font ? font : ImGui::GetFont();
    const std::string whole_or_cut = width > 0 ? cut(text, width, font) : text;
    ImGui::GetWindowDrawList()->AddText(used, compat::size_of(*used), {x, y}, colour, whole_or_cut.c_str());
}

bool is_drawn_whole(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        unsigned c = length == 1 ? lead : lead & (0xffu >> (length + 1));
        for (std::size_t k = 1; k < length && at + k < text.size(); ++k)
            c = c << 6 | (static_cast<unsigned char>(text[at + k]) & 0x3f);
        if (!compat::has_glyph(*ImGui::GetFont(), c)) return false;
        at += length;
    }
    return true;
}

std::string cut(const std::string& text, float width, ImFont* font) {
    if (text_width(text, font) <= width) return text;
    std::size_t end = text.size();
    while (end > 0 && text_width(text.substr(0, end) + "\u2026", font) > width) {
        --end;
        while (end > 0 && (text[end] & 0xc0) == 0x80) --end;  // not inside a character
    }
    return text.substr(0, end) + "\u2026";
}

float text_width(const std::string& text, ImFont* font) {
    ImFont* used = font ? font : ImGui::GetFont();
    return used->CalcTextSizeA(compat::size_of(*used), 1e9f, 0, text.c_str()).x;
}

std::string fitting(const std::string& text, const std::string& shorter, float width) {
    return text_width(text) <= width ? text : shorter;
}

bool choice_button(const View& view, const char* label, bool chosen, ImVec2 size) {
    ImGui::PushStyleColor(ImGuiCol_Button, chosen ? view.theme.accent : view.theme.raised);
    ImGui::PushStyleColor(ImGuiCol_Text, chosen ? view.theme.on_accent : view.theme.text);
    const bool clicked = ImGui::Button(label, size);
    ImGui::PopStyleColor(2);
    return clicked;
}

void begin_panel(const View& view, const char* title, const Box& box) {
    ImGui::SetNextWindowPos(box.min());
    ImGui::SetNextWindowSize({box.width, box.height});
    ImGui::Begin(title, nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                     ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoSavedSettings |
                                     ImGuiWindowFlags_NoScrollWithMouse);
    if (title[0] == '#') return;
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::TextUnformatted(title);
    ImGui::PopStyleColor();
}

void end_panel() { ImGui::End(); }

void panel_headline(const View& view, Colour colour, const std::string& text, const std::string& remark) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float room = ImGui::GetContentRegionAvail().x, after = text_width(text) + view.px(18);
    const bool both = remark.empty() || after + text_width(remark) <= room;
    if (both) draw_text(view, at.x, at.y, colour, text, room);
    if (!remark.empty())
        draw_text(view, at.x + (both ? after : 0), at.y, view.theme.accent, remark, both ? room - after : room);
    ImGui::Dummy({1, ImGui::GetFontSize()});
}

std::string pretty(const std::string& ascii, const char* product) {
    constexpr std::array<std::array<const char*, 2>, 7> signs{{{"alpha", "\u03b1"},
                                                              {"gamma", "\u03b3"},
                                                              {"beta", "\u03b2"},
                                                              {"^T", "\u1d40"},
                                                              {"sum(i)", "\u03a3\u1d62"},
                                                              {" - ", " \u2212 "},
                                                              {"= -", "= \u2212"}}};
    std::string text = ascii;
    for (const auto& [from, to] : signs) replace_all(text, from, to);
    replace_all(text, " * ", product);
    return with_minus_signs(text);
}

namespace {

/// A word as it is, or in lines where it is wider than `width`: a path has no spaces.
std::string broken(const std::string& word, float width) {
    if (text_width(word) <= width) return word;
    std::string lines, line;
    for (std::size_t at = 0; at < word.size();) {
        std::size_t end = at + 1;
        while (end < word.size() && (word[end] & 0xc0) == 0x80) ++end;  // a whole character
        const std::string character = word.substr(at, end - at);
        if (!line.empty() && text_width(line + character) > width) {
            lines += line + '\n';
            line.clear();
        }
        line += character;
        at = end;
    }
    return lines + line;
}

}  // namespace

std::string wrapped(const std::string& text, float width) {
    std::string lines;
    std::size_t line = 0;  // where the last line begins
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
        const std::size_t before = lines.size();
        lines += broken(text.substr(at, end - at), width);
        if (before > line && text_width(lines.substr(line)) > width) {
            lines[before - 1] = '\n';
            line = before;
        }
        if (const std::size_t last = lines.rfind('\n'); last != lines.npos) line = std::max(line, last + 1);
        if (end < text.size()) lines += text[end];
        if (end < text.size() && text[end] == '\n') line = lines.size();
        at = end + 1;
    }
    return lines;
}

std::string shown(double value, int digits, double beside) {
    if (std::abs(value) < 1e-12 * beside) return "0";
    std::string text = with_minus_signs(io::number(value, digits));
    if (text[0] == '-') text.replace(0, 1, "\u2212");  // -inf
    return text;
}

}  // namespace gdn2::viewer
