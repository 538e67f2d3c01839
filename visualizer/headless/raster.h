// Draws what Dear ImGui made on the CPU: no window, no GL. The same bytes from every compiler, so that pictures can be
// compared exactly. Top-left fill rule, nearest texel, clip rectangles, alpha blending in integers.
//   tests  tests/visualizer/ui/raster_test.cpp
#pragma once

#include <map>

#include "visualizer/draw/view.h"
#include "visualizer/film/image.h"

struct ImDrawData;

namespace gdn2::viewer {

/// Textures in memory. An ImTextureID is a pointer to one of its images.
class MemoryTextures final : public Textures {
public:
    ImTextureID put(const std::string& slot, int width, int height, const std::vector<Colour>& pixels) override;

private:
    std::map<std::string, Image> images_;
};

/// Paints `data` over `background`. All its textures must be images of a MemoryTextures.
Image rasterise(const ImDrawData& data, int width, int height, Colour background);

}  // namespace gdn2::viewer
