// See window_keys.h.
#include "visualizer/window_keys.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include "visualizer/viewer.h"

namespace gdn2::viewer {
namespace {

/// The key by what is printed on it, where that is one of ours; letters move with the keyboard's layout.
std::optional<Key> key_of(int code, int scancode) {
    constexpr int special[] = {GLFW_KEY_SPACE, GLFW_KEY_TAB,  GLFW_KEY_ENTER, GLFW_KEY_BACKSPACE, GLFW_KEY_ESCAPE,
                               GLFW_KEY_LEFT,  GLFW_KEY_RIGHT, GLFW_KEY_UP,   GLFW_KEY_DOWN,      GLFW_KEY_HOME,
                               GLFW_KEY_END,   GLFW_KEY_PAGE_UP, GLFW_KEY_PAGE_DOWN};
    if (code >= GLFW_KEY_F1 && code <= GLFW_KEY_F12)
        return static_cast<Key>(static_cast<int>(Key::f1) + code - GLFW_KEY_F1);
    if (const auto at = std::find(std::begin(special), std::end(special), code); at != std::end(special))
        return static_cast<Key>(at - std::begin(special));
    const char* printed = glfwGetKeyName(code, scancode);
    const int sign = printed && printed[0] && !printed[1] ? printed[0] : code;
    constexpr std::string_view signs = ",./[]-=0123456";
    if (const std::size_t at = signs.find(static_cast<char>(sign)); at != signs.npos)
        return static_cast<Key>(static_cast<std::size_t>(Key::comma) + at);
    const int letter = sign | 0x20;
    if (letter >= 'a' && letter <= 'z') return static_cast<Key>(static_cast<int>(Key::a) + letter - 'a');
    return std::nullopt;
}

/// Dear ImGui's own callbacks are called too: they were there before.
GLFWkeyfun imgui_key_callback = nullptr;

}  // namespace

void send_keys_to(Viewer& viewer, GLFWwindow* window) {
    glfwSetWindowUserPointer(window, &viewer);
    imgui_key_callback = glfwSetKeyCallback(window, [](GLFWwindow* on, int code, int scancode, int action, int mods) {
        if (imgui_key_callback) imgui_key_callback(on, code, scancode, action, mods);
        const std::optional<Key> key = action == GLFW_RELEASE ? std::nullopt : key_of(code, scancode);
        const auto held = [mods](int modifier) { return (mods & modifier) != 0; };
        if (key)
            static_cast<Viewer*>(glfwGetWindowUserPointer(on))
                ->press({*key, held(GLFW_MOD_SHIFT), held(GLFW_MOD_CONTROL), held(GLFW_MOD_ALT)},
                        action == GLFW_REPEAT);
    });
}

}  // namespace gdn2::viewer
