// See gl_textures.h.
#include "visualizer/gl_textures.h"

#include <GLFW/glfw3.h>

#include "visualizer/imgui_compat.h"

namespace gdn2::viewer {
namespace {

GLuint make() {
    GLuint name = 0;
    glGenTextures(1, &name);
    glBindTexture(GL_TEXTURE_2D, name);
    for (const GLenum which : {GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER})
        glTexParameteri(GL_TEXTURE_2D, which, GL_NEAREST);
    for (const GLenum which : {GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T})
        glTexParameteri(GL_TEXTURE_2D, which, GL_CLAMP_TO_EDGE);
    return name;
}

}  // namespace

GlTextures::~GlTextures() {
    for (auto& [slot, texture] : textures_) glDeleteTextures(1, &texture.name);
}

ImTextureID GlTextures::put(const std::string& slot, int width, int height,
                            const std::vector<Colour>& pixels) {
    Texture& texture = textures_[slot];
    if (texture.name == 0) texture.name = make();
    if (texture.width == width && texture.pixels == pixels) return compat::texture_id(texture.name);
    texture.width = width;
    texture.pixels = pixels;
    glBindTexture(GL_TEXTURE_2D, texture.name);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels.data());
    return compat::texture_id(texture.name);
}

}  // namespace gdn2::viewer
