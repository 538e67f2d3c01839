// See style.h.
#include "visualizer/style.h"

#include <cmath>

#include "visualizer/fonts/embedded.h"

namespace gdn2::viewer {
namespace {

constexpr float text_size = 15, large_size = 21;

/// What the texts of the viewer need, and tokenizers' names of tokens, of what is in the font files.
const ImWchar ranges[] = {0x20,   0x7e,   0xa0,   0x17f,  0x370,  0x3ff,  0x1d40, 0x1d40, 0x1d62, 0x1d62, 0x2010,
                          0x2027, 0x2032, 0x2032, 0x2070, 0x209f, 0x2190, 0x22ff, 0x2423, 0x2423, 0x2581, 0x2581,
                          0x25a0, 0x25ff, 0x2713, 0x2713, 0x2717, 0x2717, 0};

ImFont* add(std::span<const unsigned char> file, float pixels) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.OversampleH = 2;
    return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<unsigned char*>(file.data()),
                                                      static_cast<int>(file.size()), std::round(pixels), &config,
                                                      ranges);
}

ImVec4 to_vec(Colour colour) { return ImGui::ColorConvertU32ToFloat4(colour); }

void apply_colours(const Theme& theme, ImGuiStyle& style) {
    const auto set = [&style](ImGuiCol which, Colour colour) { style.Colors[which] = to_vec(colour); };
    const Colour hovered = mixed(theme.raised, theme.text, 0.15), pressed = mixed(theme.raised, theme.accent, 0.5);
    set(ImGuiCol_Text, theme.text);
    set(ImGuiCol_TextDisabled, theme.quiet);
    set(ImGuiCol_WindowBg, theme.panel);
    set(ImGuiCol_ChildBg, faded(theme.panel, 0));
    set(ImGuiCol_PopupBg, theme.panel);
    set(ImGuiCol_Border, theme.border);
    set(ImGuiCol_FrameBg, theme.raised);
    set(ImGuiCol_FrameBgHovered, hovered);
    set(ImGuiCol_FrameBgActive, hovered);
    set(ImGuiCol_Button, theme.raised);
    set(ImGuiCol_ButtonHovered, hovered);
    set(ImGuiCol_ButtonActive, pressed);
    set(ImGuiCol_Header, theme.raised);
    set(ImGuiCol_HeaderHovered, hovered);
    set(ImGuiCol_HeaderActive, pressed);
    set(ImGuiCol_CheckMark, theme.accent);
    set(ImGuiCol_SliderGrab, mixed(theme.raised, theme.accent, 0.75));
    set(ImGuiCol_SliderGrabActive, theme.accent);
    set(ImGuiCol_Separator, theme.border);
    set(ImGuiCol_ScrollbarBg, theme.panel);
    set(ImGuiCol_ScrollbarGrab, theme.raised);
    set(ImGuiCol_ScrollbarGrabHovered, hovered);
    set(ImGuiCol_ScrollbarGrabActive, pressed);
    set(ImGuiCol_TableHeaderBg, theme.raised);
    set(ImGuiCol_TableBorderLight, theme.border);
    set(ImGuiCol_TableBorderStrong, theme.border);
    set(ImGuiCol_TableRowBg, faded(theme.panel, 0));
    set(ImGuiCol_TableRowBgAlt, faded(theme.text, 0.03));
    set(ImGuiCol_TextSelectedBg, faded(theme.accent, 0.35));
    set(ImGuiCol_NavHighlight, theme.accent);
    set(ImGuiCol_ModalWindowDimBg, faded(theme.background, 0.6));
}

}  // namespace

Fonts load_fonts(float unit) {
    ImGui::GetIO().Fonts->Clear();
    Fonts fonts;
    fonts.text = add(embedded_sans(), text_size * unit);
    fonts.mono = add(embedded_mono(), (text_size - 1) * unit);
    fonts.large = add(embedded_sans(), large_size * unit);
    return fonts;
}

void apply_style(const Theme& theme, float unit) {
    ImGuiStyle style;
    style.WindowRounding = 0;
    style.WindowBorderSize = 1;
    style.FrameRounding = 4;
    style.GrabRounding = 3;
    style.ScrollbarRounding = 4;
    style.ScrollbarSize = 10;
    style.WindowPadding = {10, 7};
    style.FramePadding = {8, 3};
    style.ItemSpacing = {7, 5};
    style.CellPadding = {6, 2};
    style.AntiAliasedLinesUseTex = false;
    apply_colours(theme, style);
    style.ScaleAllSizes(unit);
    ImGui::GetStyle() = style;
}

}  // namespace gdn2::viewer
