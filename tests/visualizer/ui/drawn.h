// What must hold of everything that is drawn, whatever it shows.
#pragma once

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace gdn2::test {

/// Characters that the font lacks are drawn as this, far outside the atlas, so that they can be found.
#if IMGUI_VERSION_NUM < 19200
inline constexpr float missing_uv = 17;
inline void mark_missing_characters() {
    static ImFontGlyph glyph;
    glyph.Visible = 1;
    glyph.AdvanceX = glyph.X1 = glyph.Y1 = 8;
    glyph.U0 = glyph.U1 = glyph.V0 = glyph.V1 = missing_uv;
    for (ImFont* font : ImGui::GetIO().Fonts->Fonts) font->FallbackGlyph = &glyph;
}
#else  // fonts are baked as characters come up: text_test.cpp alone looks for those that are missing
inline constexpr float missing_uv = 1e9f;
inline void mark_missing_characters() {}
#endif

/// One character on the screen.
struct Glyph {
    float x0, y0, x1, y1;

    /// The same place: a text that is drawn once more in another colour.
    bool covers(const Glyph& other) const {
        return std::abs(x0 - other.x0) < 0.6f && std::abs(y0 - other.y0) < 0.6f && std::abs(x1 - other.x1) < 0.6f;
    }
    float area() const { return (x1 - x0) * (y1 - y0); }
    float overlap(const Glyph& other) const {
        const float w = std::min(x1, other.x1) - std::max(x0, other.x0);
        const float h = std::min(y1, other.y1) - std::max(y0, other.y0);
        return w > 0 && h > 0 ? w * h : 0;
    }
    std::string text() const {
        return "(" + std::to_string(x0) + ", " + std::to_string(y0) + ") to (" + std::to_string(x1) + ", " +
               std::to_string(y1) + ")";
    }
};

/// The characters that one command draws, inside its clip rectangle.
inline std::vector<Glyph> glyphs_of(const ImDrawList& list, const ImDrawCmd& command) {
    std::vector<Glyph> glyphs;
    const ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
    if (command.GetTexID() != atlas.TexID) return glyphs;
    const ImVec2 white = atlas.TexUvWhitePixel;
    for (unsigned i = 0; i + 6 <= command.ElemCount; i += 3) {
        const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset + i;
        const ImDrawVert& a = list.VtxBuffer.Data[command.VtxOffset + index[0]];
        const ImDrawVert& c = list.VtxBuffer.Data[command.VtxOffset + index[2]];
        const bool quad = index[3] == index[0] && index[4] == index[2] && index[1] == index[0] + 1;
        if (!quad || a.uv.x == white.x || !(c.uv.x > a.uv.x && c.uv.y > a.uv.y)) continue;
        const ImVec4& clip = command.ClipRect;
        if (a.pos.x < clip.z && c.pos.x > clip.x && a.pos.y < clip.w && c.pos.y > clip.y)
            glyphs.push_back({a.pos.x, a.pos.y, c.pos.x, c.pos.y});
        i += 3;
    }
    return glyphs;
}

#if IMGUI_VERSION_NUM < 19200
/// How often a character stands in a window, in whatever font and place.
inline int count_of(const ImDrawData& data, const std::string& window, ImWchar character) {
    int count = 0;
    for (const ImFont* font : ImGui::GetIO().Fonts->Fonts) {
        const ImFontGlyph& glyph = *font->FindGlyph(character);
        for (int n = 0; n < data.CmdListsCount; ++n)
            for (const ImDrawVert& vertex : data.CmdLists[n]->VtxBuffer) {
                const bool upper_left_corner = vertex.uv.x == glyph.U0 && vertex.uv.y == glyph.V0;
                count += upper_left_corner && data.CmdLists[n]->_OwnerName == window;
            }
    }
    return count;
}
#endif

/// Every vertex is finite, near the window and in the atlas; lists fit 16-bit indices. One line for each fault.
inline std::vector<std::string> faults_of(const ImDrawData& data) {
    std::vector<std::string> faults;
    const ImVec2 size = data.DisplaySize;
    for (int n = 0; n < data.CmdListsCount; ++n) {
        const ImDrawList& list = *data.CmdLists[n];
        if (list.VtxBuffer.Size >= 65536) faults.push_back(std::to_string(list.VtxBuffer.Size) + " vertices in a list");
        for (const ImDrawVert& vertex : list.VtxBuffer) {
            const bool near = std::abs(vertex.pos.x) <= 4 * size.x && std::abs(vertex.pos.y) <= 4 * size.y;  // no NaN
            const bool in_atlas = vertex.uv.x >= 0 && vertex.uv.x <= 1 && vertex.uv.y >= 0 && vertex.uv.y <= 1;
            const std::string at = std::to_string(vertex.pos.x) + ", " + std::to_string(vertex.pos.y);
            if (!near) faults.push_back("a vertex at " + at);
            if (vertex.uv.x == missing_uv) faults.push_back("a character that the font lacks at " + at);
            else if (!in_atlas) faults.push_back("a vertex outside its texture at " + at);
        }
        for (const ImDrawCmd& command : list.CmdBuffer) {
            const ImVec4& clip = command.ClipRect;
            if (!(clip.x <= clip.z && clip.y <= clip.w)) faults.push_back("a clip rectangle inside out");
            if (command.ElemCount > 0 && !command.GetTexID()) faults.push_back("a command without a texture");
        }
    }
    return faults;
}

/// Texts that lie over each other in one window, and characters cut at its left or right side. One line for each.
inline std::vector<std::string> text_faults_of(const ImDrawList& list) {
    std::vector<std::string> faults;
    std::vector<Glyph> all;
    for (const ImDrawCmd& command : list.CmdBuffer)
        for (const Glyph& glyph : glyphs_of(list, command)) {
            if (glyph.x0 < command.ClipRect.x - 1 || glyph.x1 > command.ClipRect.z + 1)
                faults.push_back("a character cut at " + glyph.text());
            all.push_back(glyph);
        }
    std::sort(all.begin(), all.end(), [](const Glyph& a, const Glyph& b) { return a.y0 < b.y0; });
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = i + 1; j < all.size() && all[j].y0 < all[i].y1; ++j)
            if (!all[i].covers(all[j]) && all[i].overlap(all[j]) > 0.4f * std::min(all[i].area(), all[j].area()))
                faults.push_back("characters over each other at " + all[i].text());
    return faults;
}

/// The same of all windows.
inline std::vector<std::string> text_faults_of(const ImDrawData& data) {
    std::vector<std::string> faults;
    for (int n = 0; n < data.CmdListsCount; ++n) {
        const std::vector<std::string> found = text_faults_of(*data.CmdLists[n]);
        faults.insert(faults.end(), found.begin(), found.end());
    }
    return faults;
}

}  // namespace gdn2::test
