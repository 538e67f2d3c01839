// All that differs between Dear ImGui 1.86 (Debian 12) and 1.92: key codes, how input is fed, what a texture is.
//   tests  tests/visualizer/ui/input_test.cpp
#pragma once

#include <imgui.h>

#include <cstdint>

#include "visualizer/model/actions.h"

namespace gdn2::viewer::compat {

#if IMGUI_VERSION_NUM < 18700

/// The index of a key in io.KeysDown: GLFW's code, which its backend uses.
inline int native(Key key) {
    constexpr int special[] = {32, 258, 257, 259, 256, 263, 262, 265, 264, 268, 269, 266, 267,
                               44, 46,  47,  91,  93,  45,  61,  48,  49,  50,  51,  52,  53,  54};
    if (key < Key::a) return special[static_cast<int>(key)];
    if (key < Key::f1) return 'A' + static_cast<int>(key) - static_cast<int>(Key::a);
    return 290 + static_cast<int>(key) - static_cast<int>(Key::f1);
}

/// Whether Enter went down in this frame: 1.86 presses buttons in keyboard focus by Space alone.
inline bool enter_pressed() { return ImGui::IsKeyPressed(ImGui::GetIO().KeyMap[ImGuiKey_Enter], false); }
inline void feed_key(Key key, bool down) { ImGui::GetIO().KeysDown[native(key)] = down; }
inline void feed_modifiers(bool shift, bool ctrl, bool alt) {
    ImGuiIO& io = ImGui::GetIO();
    io.KeyShift = shift;
    io.KeyCtrl = ctrl;
    io.KeyAlt = alt;
}
inline void feed_mouse(float x, float y) { ImGui::GetIO().MousePos = {x, y}; }
inline void feed_button(int button, bool down) { ImGui::GetIO().MouseDown[button] = down; }
inline void feed_wheel(float steps) { ImGui::GetIO().MouseWheel = steps; }

/// Before the first frame, where no platform backend does it.
inline void prepare_input() {
    ImGuiIO& io = ImGui::GetIO();
    const auto map = [&io](ImGuiKey key, Key ours) { io.KeyMap[key] = native(ours); };
    map(ImGuiKey_Tab, Key::tab);
    map(ImGuiKey_LeftArrow, Key::left);
    map(ImGuiKey_RightArrow, Key::right);
    map(ImGuiKey_UpArrow, Key::up);
    map(ImGuiKey_DownArrow, Key::down);
    map(ImGuiKey_PageUp, Key::page_up);
    map(ImGuiKey_PageDown, Key::page_down);
    map(ImGuiKey_Home, Key::home);
    map(ImGuiKey_End, Key::end);
    map(ImGuiKey_Backspace, Key::backspace);
    map(ImGuiKey_Space, Key::space);
    map(ImGuiKey_Enter, Key::enter);
    map(ImGuiKey_Escape, Key::escape);
    map(ImGuiKey_A, Key::a);
    map(ImGuiKey_C, Key::c);
    map(ImGuiKey_V, Key::v);
    map(ImGuiKey_X, Key::x);
    map(ImGuiKey_Y, Key::y);
    map(ImGuiKey_Z, Key::z);
}

#else

inline ImGuiKey native(Key key) {
    constexpr ImGuiKey special[] = {
        ImGuiKey_Space,       ImGuiKey_Tab,          ImGuiKey_Enter,      ImGuiKey_Backspace,    ImGuiKey_Escape,
        ImGuiKey_LeftArrow,   ImGuiKey_RightArrow,   ImGuiKey_UpArrow,    ImGuiKey_DownArrow,    ImGuiKey_Home,
        ImGuiKey_End,         ImGuiKey_PageUp,       ImGuiKey_PageDown,   ImGuiKey_Comma,        ImGuiKey_Period,
        ImGuiKey_Slash,       ImGuiKey_LeftBracket,  ImGuiKey_RightBracket, ImGuiKey_Minus,      ImGuiKey_Equal,
        ImGuiKey_0,           ImGuiKey_1,            ImGuiKey_2,          ImGuiKey_3,            ImGuiKey_4,
        ImGuiKey_5,           ImGuiKey_6};
    if (key < Key::a) return special[static_cast<int>(key)];
    const int first = key < Key::f1 ? ImGuiKey_A - static_cast<int>(Key::a) : ImGuiKey_F1 - static_cast<int>(Key::f1);
    return static_cast<ImGuiKey>(first + static_cast<int>(key));
}

inline bool enter_pressed() { return ImGui::IsKeyPressed(ImGuiKey_Enter, false); }
inline void feed_key(Key key, bool down) { ImGui::GetIO().AddKeyEvent(native(key), down); }
inline void feed_modifiers(bool shift, bool ctrl, bool alt) {
    ImGuiIO& io = ImGui::GetIO();
#if IMGUI_VERSION_NUM < 18900
    io.AddKeyEvent(ImGuiKey_ModShift, shift);
    io.AddKeyEvent(ImGuiKey_ModCtrl, ctrl);
    io.AddKeyEvent(ImGuiKey_ModAlt, alt);
#else
    io.AddKeyEvent(ImGuiMod_Shift, shift);
    io.AddKeyEvent(ImGuiMod_Ctrl, ctrl);
    io.AddKeyEvent(ImGuiMod_Alt, alt);
#endif
}
inline void feed_mouse(float x, float y) { ImGui::GetIO().AddMousePosEvent(x, y); }
inline void feed_button(int button, bool down) { ImGui::GetIO().AddMouseButtonEvent(button, down); }
inline void feed_wheel(float steps) {
    if (steps != 0) ImGui::GetIO().AddMouseWheelEvent(0, steps);
}
inline void prepare_input() { ImGui::GetIO().ConfigInputTrickleEventQueue = false; }

#endif

/// The pixels that a font was loaded for.
#if IMGUI_VERSION_NUM < 19200
inline float size_of(const ImFont& font) { return font.FontSize; }
#else
inline float size_of(const ImFont& font) { return font.LegacySize; }
#endif

/// Whether a font draws this character as itself.
#if IMGUI_VERSION_NUM < 19200
inline bool has_glyph(const ImFont& font, unsigned c) {
    return font.FindGlyphNoFallback(static_cast<ImWchar>(c)) != nullptr;
}
#else
inline bool has_glyph(const ImFont& font, unsigned c) {
    return const_cast<ImFont&>(font).IsGlyphInFont(static_cast<ImWchar>(c));
}
#endif

/// ImTextureID is a pointer up to 1.91.3 and an integer after.
inline ImTextureID texture_id(const void* pointer) { return (ImTextureID)(std::intptr_t)pointer; }
inline ImTextureID texture_id(unsigned name) { return (ImTextureID)(std::intptr_t)name; }
inline const void* pointer_of(ImTextureID id) { return reinterpret_cast<const void*>((std::intptr_t)id); }

}  // namespace gdn2::viewer::compat
