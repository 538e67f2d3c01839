// See headless.h.
#include "visualizer/headless/headless.h"

#include <cstring>

#include "visualizer/imgui_compat.h"
#include "visualizer/style.h"

namespace gdn2::viewer {

Headless::Headless(Session& session, int width, int height, float monitor_scale)
    : context_(ImGui::CreateContext()), width_(width), height_(height) {
    IMGUI_CHECKVERSION();
    use();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = {static_cast<float>(width), static_cast<float>(height)};
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
    compat::prepare_input();
    compat::feed_mouse(-1, -1);
    viewer_ = std::make_unique<Viewer>(session, textures_);
    viewer_->set_monitor_scale(monitor_scale);
}

Headless::~Headless() {
    use();
    viewer_.reset();
    ImGui::DestroyContext(context_);
}

void Headless::use() const { ImGui::SetCurrentContext(context_); }

/// Fonts for the size that is wanted now.
void Headless::load() {
    if (loaded_unit_ == viewer_->unit()) return;
    loaded_unit_ = viewer_->unit();
    fonts_ = load_fonts(loaded_unit_);
    unsigned char* bytes = nullptr;
    int width = 0, height = 0;
    ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&bytes, &width, &height);
    std::vector<Colour> pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    std::memcpy(pixels.data(), bytes, pixels.size() * sizeof(Colour));
    ImGui::GetIO().Fonts->SetTexID(textures_.put("font", width, height, pixels));
}

double Headless::frame(double seconds) {
    use();
    load();
    ImGui::GetIO().DeltaTime = static_cast<float>(seconds > 0 ? seconds : 1e-6);
    ImGui::NewFrame();
    const double wait = viewer_->frame(fonts_, seconds);
    ImGui::Render();
    return wait;
}

Image Headless::image() const {
    use();
    return rasterise(*ImGui::GetDrawData(), width_, height_,
                     theme_of(viewer_->session().ui.theme).background);
}

void Headless::settle() {
    do frame(0);
    while (viewer_->session().busy());
}

Image Headless::still() {
    settle();
    for (int i = 0; i < 3; ++i) frame(0);
    return image();
}

void Headless::key(const Chord& chord) {
    use();
    compat::feed_modifiers(chord.shift, chord.ctrl, chord.alt);
    compat::feed_key(chord.key, true);
    viewer_->press(chord);
    frame();
    compat::feed_key(chord.key, false);
    compat::feed_modifiers(false, false, false);
    frame();
}

void Headless::mouse(float x, float y) {
    use();
    compat::feed_mouse(x, y);
}

void Headless::button(bool down) {
    use();
    compat::feed_button(0, down);
}

void Headless::wheel(float steps) {
    use();
    compat::feed_wheel(steps);
}

void Headless::text(const std::string& typed) {
    use();
    ImGui::GetIO().AddInputCharactersUTF8(typed.c_str());
}

const ImDrawData& Headless::draw_data() const {
    use();
    return *ImGui::GetDrawData();
}

}  // namespace gdn2::viewer
