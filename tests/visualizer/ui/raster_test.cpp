// What the CPU rasteriser paints, pixel by pixel.
#include "visualizer/headless/raster.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "reference/core/random.h"
#include "visualizer/imgui_compat.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

constexpr int width = 40, height = 30;
constexpr Colour black = 0xff000000u, half_white = 0x80ffffffu, white = 0xffffffffu;

/// One frame of a context with nothing in it but what a test draws. One at a time.
class Canvas {
public:
    Canvas() : context_(ImGui::CreateContext()) {
        ImGuiIO& io = ImGui::GetIO();
        io.IniFilename = nullptr;
        io.DisplaySize = {width, height};
        io.DeltaTime = 1;
        unsigned char* bytes = nullptr;
        int w = 0, h = 0;
        io.Fonts->GetTexDataAsRGBA32(&bytes, &w, &h);
        const std::vector<Colour> only_white(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), white);
        io.Fonts->SetTexID(textures.put("font", w, h, only_white));
        ImGui::NewFrame();
        list = ImGui::GetForegroundDrawList();
        list->Flags = 0;  // no soft edges
    }
    ~Canvas() { ImGui::DestroyContext(context_); }
    Canvas(const Canvas&) = delete;
    Canvas& operator=(const Canvas&) = delete;

    void triangle(const std::array<ImVec2, 3>& corners, const std::array<Colour, 3>& colours) {
        const ImVec2 uv = ImGui::GetFontTexUvWhitePixel();
        list->PrimReserve(3, 3);
        for (std::size_t i = 0; i < 3; ++i) list->PrimVtx(corners[i], uv, colours[i]);
    }
    void triangle(ImVec2 a, ImVec2 b, ImVec2 c, Colour colour) { triangle({a, b, c}, {colour, colour, colour}); }

    Image paint(Colour background = black) {
        ImGui::Render();
        return rasterise(*ImGui::GetDrawData(), width, height, background);
    }

    MemoryTextures textures;
    ImDrawList* list = nullptr;

private:
    ImGuiContext* context_;
};

Colour at(const Image& image, int x, int y) { return image.pixels[static_cast<std::size_t>(y * width + x)]; }

/// Black with a rectangle [x0, x1) x [y0, y1).
Image with_rectangle(int x0, int y0, int x1, int y1, Colour colour) {
    Image image{width, height, std::vector<Colour>(width * height, black)};
    for (int y = std::max(y0, 0); y < std::min(y1, height); ++y)
        for (int x = std::max(x0, 0); x < std::min(x1, width); ++x)
            image.pixels[static_cast<std::size_t>(y * width + x)] = colour;
    return image;
}

/// Corners in quarters of a pixel, so that which side of an edge a pixel lies on can be said in integers.
struct Corner {
    long x, y;
    ImVec2 vec() const { return {static_cast<float>(x) / 4, static_cast<float>(y) / 4}; }
};

/// Twice the area, in eighths of a pixel squared, of a, b and the centre of a pixel.
long side(const Corner& a, const Corner& b, long px, long py) {
    return (b.x - a.x) * (4 * py + 2 - a.y) - (b.y - a.y) * (4 * px + 2 - a.x);
}

TEST_CASE("triangles around a point paint every pixel of their polygon once and none outside it") {
    Random random(3);
    for (int round = 0; round < 60; ++round) {
        // A convex polygon: points of a circle, on quarter pixels, around the middle.
        std::vector<Corner> rim;
        const double turn = random.uniform(0, 6.28), radius = random.uniform(15, 55);
        for (int i = 0; i < 7; ++i)
            rim.push_back({std::lround(80 + radius * std::cos(turn + i * 0.8976)),
                           std::lround(60 + radius * std::sin(turn + i * 0.8976))});
        const Corner centre{random.integer(76, 84), random.integer(56, 64)};
        Canvas canvas;
        for (std::size_t i = 0; i < rim.size(); ++i)
            canvas.triangle(rim[i].vec(), rim[(i + 1) % rim.size()].vec(), centre.vec(), half_white);
        const Image image = canvas.paint();
        const Colour once = at(image, 20, 15);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                bool inside = true, outside = false;
                for (std::size_t i = 0; i < rim.size(); ++i) {
                    const long turned = side(rim[i], rim[(i + 1) % rim.size()], x, y);
                    inside = inside && turned > 0;
                    outside = outside || turned < 0;
                }
                INFO("round " << round << ", pixel " << x << ", " << y);
                if (inside) REQUIRE(at(image, x, y) == once);
                if (outside) REQUIRE(at(image, x, y) == black);
            }
        REQUIRE(once != black);
    }
}

TEST_CASE("two rectangles side by side share no pixel and leave none out wherever their edge lies") {
    for (const float edge : {10.0f, 10.25f, 10.5f, 10.75f}) {
        Canvas canvas;
        canvas.list->AddRectFilled({2, 3}, {edge, 9}, half_white);
        canvas.list->AddRectFilled({edge, 3}, {20, 9}, half_white);
        const Image image = canvas.paint();
        CHECK(image == with_rectangle(2, 3, 20, 9, at(image, 3, 3)));
    }
}

TEST_CASE("a rectangle owns the pixels whose centres it holds, its left and upper edge included") {
    Canvas canvas;
    canvas.list->AddRectFilled({2.5f, 3.5f}, {7.5f, 9.5f}, white);
    CHECK(canvas.paint() == with_rectangle(2, 3, 7, 9, white));
}

TEST_CASE("an edge through the middle of pixels does not hang on a processor's last bits") {
    const auto painted = [](float noise) {
        Canvas canvas;
        canvas.triangle({5.5f + noise, 4.5f - noise}, {20.5f, 4.5f + noise}, {5.5f - noise, 20.5f}, white);
        return canvas.paint();
    };
    CHECK(painted(4e-4f) == painted(0));
    CHECK(painted(-4e-4f) == painted(0));
    CHECK_FALSE(painted(0.25f) == painted(0));
}

TEST_CASE("nothing is painted outside a clip rectangle or outside the picture") {
    Canvas canvas;
    canvas.list->PushClipRect({5, 6}, {9, 100});
    canvas.list->AddRectFilled({-1000, -1000}, {1000, 1000}, white);
    canvas.list->PopClipRect();
    CHECK(canvas.paint() == with_rectangle(5, 6, 9, height, white));
}

Image one_triangle(ImVec2 a, ImVec2 b, ImVec2 c) {
    Canvas canvas;
    canvas.triangle(a, b, c, white);
    return canvas.paint();
}

TEST_CASE("it makes no difference which way round a triangle goes") {
    const Image image = one_triangle({3, 3}, {3, 25}, {30, 8});
    CHECK(at(image, 5, 8) == white);
    CHECK(one_triangle({30, 8}, {3, 25}, {3, 3}) == image);
}

TEST_CASE("a triangle without an area paints nothing") {
    const Image nothing = with_rectangle(0, 0, 0, 0, white);
    CHECK(one_triangle({3, 3}, {10, 10}, {20, 20}) == nothing);
    CHECK(one_triangle({3, 3}, {3, 3}, {20, 5}) == nothing);
}

TEST_CASE("blending goes from one colour to the other, nothing at alpha 0 and all at 255") {
    for (int alpha = 0; alpha < 256; ++alpha) {
        Canvas canvas;
        canvas.list->AddRectFilled({0, 0}, {10, 10}, static_cast<Colour>(alpha) << 24 | 0x0000ff40u);
        const Colour pixel = at(canvas.paint(0xff800020u), 5, 5);
        const auto off = [&](int shift, double under, double over) {
            return std::abs((pixel >> shift & 0xff) - (under + (over - under) * alpha / 255));
        };
        CHECK((pixel >> 24) == 255);
        CHECK(off(0, 0x20, 0x40) <= 0.5);
        CHECK(off(8, 0, 0xff) <= 0.5);
        CHECK(off(16, 0x80, 0) <= 0.5);
    }
}

TEST_CASE("a texture is sampled at the nearest texel") {
    Canvas canvas;
    const std::vector<Colour> texels{0xff0000ffu, 0xff00ff00u, 0xffff0000u, 0xff00ffffu, 0xffff00ffu, 0xffffff00u};
    const ImTextureID texture = canvas.textures.put("six", 3, 2, texels);
    canvas.list->AddImage(texture, {4, 5}, {4 + 3 * 7, 5 + 2 * 4});
    const Image image = canvas.paint();
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const bool inside = x >= 4 && x < 25 && y >= 5 && y < 13;
            const int texel = (y - 5) / 4 * 3 + (x - 4) / 7;
            CHECK(at(image, x, y) == (inside ? texels[static_cast<std::size_t>(texel)] : black));
        }
}

TEST_CASE("colours of corners run into each other") {
    Canvas canvas;
    const Colour red = 0xff0000ffu;
    canvas.triangle({ImVec2{0, 0}, {40, 0}, {0, 40}}, {black, red, black});
    const Image image = canvas.paint();
    for (int x = 0; x < 39; ++x)
        CHECK(std::abs(static_cast<double>(at(image, x, 0) & 0xff) - 255 * (x + 0.5) / 40) <= 1);
}

TEST_CASE("a texture is tinted by the colour of its corners") {
    Canvas tinted;
    const ImTextureID grey = tinted.textures.put("grey", 1, 1, {0xff808080u});
    tinted.list->AddImage(grey, {0, 0}, {5, 5}, {0, 0}, {1, 1}, 0xff0040ffu);
    CHECK(at(tinted.paint(), 2, 2) == 0xff002080u);
}

TEST_CASE("a texture keeps its place when its pixels change") {
    MemoryTextures textures;
    const ImTextureID first = textures.put("a", 1, 1, {black});
    textures.put("b", 1, 1, {black});
    CHECK(textures.put("a", 2, 1, {white, white}) == first);
    CHECK(static_cast<const Image*>(compat::pointer_of(first))->width == 2);
}

}  // namespace
}  // namespace gdn2::test
