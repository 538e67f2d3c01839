// The viewer without a display: frames of any size as images, and scripted input for tests.
//   tests  tests/visualizer/ui/*_test.cpp
#pragma once

#include <memory>

#include "visualizer/headless/raster.h"
#include "visualizer/viewer.h"

namespace gdn2::viewer {

/// One viewer in a context of its own. One at a time is current: the one used last.
class Headless {
public:
    Headless(Session& session, int width, int height, float monitor_scale = 1);
    ~Headless();
    Headless(const Headless&) = delete;
    Headless& operator=(const Headless&) = delete;

    Viewer& viewer() { return *viewer_; }

    /// One frame, `seconds` after the last one. Returns in how many the picture will change by itself.
    double frame(double seconds = 1.0 / 60);
    /// The last frame as an image.
    Image image() const;
    /// Frames until the session has no work left, at least one. Time stands still.
    void settle();
    /// The same until nothing changes any more (texts of hovered numbers take one frame), then the image.
    Image still();

    /// Input for the next frames.
    void key(const Chord& chord);  ///< pressed in one frame, let go in the next
    void mouse(float x, float y);
    void button(bool down);
    void wheel(float steps);
    void text(const std::string& typed);

    /// What Dear ImGui made in the last frame.
    const ImDrawData& draw_data() const;

private:
    void use() const;
    void load();

    ImGuiContext* context_;
    MemoryTextures textures_;
    Fonts fonts_;
    float loaded_unit_ = 0;
    std::unique_ptr<Viewer> viewer_;
    int width_, height_;
};

}  // namespace gdn2::viewer
