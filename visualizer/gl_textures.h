// Textures in the card's memory; only what changed is sent there.
//   tests  tests/visualizer/window/window_test.sh
#pragma once

#include <map>

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// Needs a current OpenGL context, also when it goes.
class GlTextures final : public Textures {
public:
    GlTextures() = default;
    ~GlTextures() override;
    GlTextures(const GlTextures&) = delete;
    GlTextures& operator=(const GlTextures&) = delete;

    ImTextureID put(const std::string& slot, int width, int height, const std::vector<Colour>& pixels) override;

private:
    struct Texture {
        unsigned name = 0;  ///< OpenGL's
        int width = 0;
        std::vector<Colour> pixels;
    };

    std::map<std::string, Texture> textures_;
};

}  // namespace gdn2::viewer
