// See raster.h. Compiled without fused multiply-adds, like all of gdn2: they would move edges by a pixel.
#include "visualizer/headless/raster.h"

#include <algorithm>
#include <cmath>

#include "visualizer/imgui_compat.h"

namespace gdn2::viewer {
namespace {

/// Pixels [x0, x1) x [y0, y1).
struct Span {
    int x0, y0, x1, y1;
};

Colour channel(Colour colour, int i) { return colour >> (8 * i) & 0xff; }

Colour blended(Colour under, Colour over) {
    const int alpha = static_cast<int>(channel(over, 3));
    if (alpha == 255) return over;
    if (alpha == 0) return under;
    Colour result = 0xff000000u;
    for (int i = 0; i < 3; ++i) {
        const int from = static_cast<int>(channel(under, i)), to = static_cast<int>(channel(over, i));
        const int moved = from + ((to - from) * alpha + (to >= from ? 127 : -127)) / 255;
        result |= static_cast<Colour>(moved) << (8 * i);
    }
    return result;
}

Colour product(Colour a, Colour b) {
    if (a == 0xffffffffu) return b;
    if (b == 0xffffffffu) return a;
    Colour result = 0;
    for (int i = 0; i < 4; ++i) result |= (channel(a, i) * channel(b, i) + 127) / 255 << (8 * i);
    return result;
}

Colour texel(const Image& texture, float u, float v) {
    const int x = std::clamp(static_cast<int>(std::floor(u * static_cast<float>(texture.width))), 0, texture.width - 1);
    const int y =
        std::clamp(static_cast<int>(std::floor(v * static_cast<float>(texture.height))), 0, texture.height - 1);
    return texture.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(texture.width) +
                          static_cast<std::size_t>(x)];
}

/// Twice the area of (a, b, point), positive when they turn as the triangle does.
float edge(ImVec2 a, ImVec2 b, float x, float y) { return (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x); }

/// Pixels on this edge belong to the triangle: so two triangles that share it paint each of them once.
bool owns_edge(ImVec2 a, ImVec2 b) { return (a.y == b.y && b.x > a.x) || b.y < a.y; }

/// A corner, moved to the nearest 1/64 of a pixel: Dear ImGui finds the direction of a line's edge with an instruction
/// (rsqrtss) of which every make of processor has its own last bits, and they would decide about an edge that goes
/// through the middle of pixels.
ImDrawVert on_grid(ImDrawVert corner) {
    corner.pos = ImVec2(std::floor(corner.pos.x * 64 + 0.5f) / 64, std::floor(corner.pos.y * 64 + 0.5f) / 64);
    return corner;
}

/// A triangle with corners in turning order, and what it needs for every pixel.
struct Triangle {
    ImDrawVert a, b, c;
    float area;
    const Image& texture;
    bool one_colour, one_texel;
    Colour texel_everywhere = 0;

    Triangle(const ImDrawVert& p, const ImDrawVert& q, const ImDrawVert& r, const Image& of)
        : a(on_grid(p)), b(on_grid(q)), c(on_grid(r)), area(edge(a.pos, b.pos, c.pos.x, c.pos.y)), texture(of) {
        if (area < 0) {
            std::swap(b, c);
            area = -area;
        }
        one_colour = a.col == b.col && b.col == c.col;
        one_texel = a.uv.x == b.uv.x && b.uv.x == c.uv.x && a.uv.y == b.uv.y && b.uv.y == c.uv.y;
        if (one_texel) texel_everywhere = texel(texture, a.uv.x, a.uv.y);
    }

    /// With weights of a, b, c that add up to 1.
    Colour colour_at(float wa, float wb, float wc) const {
        Colour colour = a.col;
        if (!one_colour) {
            colour = 0;
            for (int i = 0; i < 4; ++i) {
                const float value = wa * static_cast<float>(channel(a.col, i)) +
                                    wb * static_cast<float>(channel(b.col, i)) +
                                    wc * static_cast<float>(channel(c.col, i));
                colour |= static_cast<Colour>(value + 0.5f) << (8 * i);
            }
        }
        const Colour over = one_texel ? texel_everywhere
                                      : texel(texture, wa * a.uv.x + wb * b.uv.x + wc * c.uv.x,
                                              wa * a.uv.y + wb * b.uv.y + wc * c.uv.y);
        return product(over, colour);
    }
};

Span inside(const Triangle& t, const Span& clip) {
    const auto low = [](float p, float q, float r) { return static_cast<int>(std::floor(std::min({p, q, r}))); };
    const auto high = [](float p, float q, float r) { return static_cast<int>(std::ceil(std::max({p, q, r}))); };
    return {std::max(clip.x0, low(t.a.pos.x, t.b.pos.x, t.c.pos.x)),
            std::max(clip.y0, low(t.a.pos.y, t.b.pos.y, t.c.pos.y)),
            std::min(clip.x1, high(t.a.pos.x, t.b.pos.x, t.c.pos.x)),
            std::min(clip.y1, high(t.a.pos.y, t.b.pos.y, t.c.pos.y))};
}

void paint(Image& image, const Triangle& t, const Span& clip) {
    if (!(t.area > 0)) return;
    const Span span = inside(t, clip);
    const bool own_a = owns_edge(t.b.pos, t.c.pos), own_b = owns_edge(t.c.pos, t.a.pos),
               own_c = owns_edge(t.a.pos, t.b.pos);
    const float scale = 1 / t.area;
    for (int y = span.y0; y < span.y1; ++y)
        for (int x = span.x0; x < span.x1; ++x) {
            const float px = static_cast<float>(x) + 0.5f, py = static_cast<float>(y) + 0.5f;
            const float wa = edge(t.b.pos, t.c.pos, px, py), wb = edge(t.c.pos, t.a.pos, px, py),
                        wc = edge(t.a.pos, t.b.pos, px, py);
            if (wa < 0 || wb < 0 || wc < 0) continue;
            if ((wa == 0 && !own_a) || (wb == 0 && !own_b) || (wc == 0 && !own_c)) continue;
            Colour& pixel = image.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                                         static_cast<std::size_t>(x)];
            pixel = blended(pixel, t.colour_at(wa * scale, wb * scale, wc * scale));
        }
}

void paint(Image& image, const ImDrawList& list, const ImDrawCmd& command) {
    const ImVec4 c = command.ClipRect;
    const Span clip{std::max(0, static_cast<int>(c.x)), std::max(0, static_cast<int>(c.y)),
                    std::min(image.width, static_cast<int>(c.z)), std::min(image.height, static_cast<int>(c.w))};
    const auto& texture = *static_cast<const Image*>(compat::pointer_of(command.GetTexID()));
    const ImDrawVert* corners = list.VtxBuffer.Data + command.VtxOffset;
    const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset;
    for (unsigned i = 0; i < command.ElemCount; i += 3)
        paint(image, Triangle(corners[index[i]], corners[index[i + 1]], corners[index[i + 2]], texture), clip);
}

}  // namespace

ImTextureID MemoryTextures::put(const std::string& slot, int width, int height, const std::vector<Colour>& pixels) {
    Image& image = images_[slot];
    image.width = width;
    image.height = height;
    image.pixels = pixels;
    return compat::texture_id(&image);
}

Image rasterise(const ImDrawData& data, int width, int height, Colour background) {
    Image image{width, height, std::vector<Colour>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
                                                   background)};
    for (int i = 0; i < data.CmdListsCount; ++i)
        for (const ImDrawCmd& command : data.CmdLists[i]->CmdBuffer)
            if (!command.UserCallback) paint(image, *data.CmdLists[i], command);
    return image;
}

}  // namespace gdn2::viewer
