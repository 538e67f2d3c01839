// A GIF as giflib reads it.
#pragma once

#include <doctest/doctest.h>
#include <gif_lib.h>

#include <string>
#include <vector>

#include "tests/visualizer/film/pictures.h"

namespace gdn2::test {

/// What a decoder makes of one stored picture.
struct Stored {
    viewer::Image image;  ///< as it is seen, on those before it
    int hundredths = 0, transparent = -1;
    GifImageDesc rectangle{};
};

struct Decoded {
    std::vector<Stored> pictures;
    std::string extensions;  ///< bytes of those before the first picture

    std::vector<int> hundredths() const {
        std::vector<int> all;
        for (const Stored& picture : pictures) all.push_back(picture.hundredths);
        return all;
    }
};

inline void lay(const SavedImage& saved, const ColorMapObject& map, int transparent, viewer::Image& canvas) {
    const GifImageDesc& at = saved.ImageDesc;
    for (int y = 0; y < at.Height; ++y)
        for (int x = 0; x < at.Width; ++x) {
            const int index = saved.RasterBits[y * at.Width + x];
            if (index == transparent) continue;
            const GifColorType& colour = map.Colors[index];
            canvas.pixels[static_cast<std::size_t>((at.Top + y) * canvas.width + at.Left + x)] =
                rgb(colour.Red, colour.Green, colour.Blue);
        }
}

inline Decoded decode(const std::string& path) {
    int why = 0;
    GifFileType* gif = DGifOpenFileName(path.c_str(), &why);
    REQUIRE(gif != nullptr);
    REQUIRE(DGifSlurp(gif) == GIF_OK);
    Decoded decoded;
    viewer::Image canvas = flat(gif->SWidth, gif->SHeight, 0);
    for (int i = 0; i < gif->ImageCount; ++i) {
        const SavedImage& saved = gif->SavedImages[i];
        GraphicsControlBlock control{};
        REQUIRE(DGifSavedExtensionToGCB(gif, i, &control) == GIF_OK);
        CHECK(control.DisposalMode == DISPOSE_DO_NOT);
        lay(saved, *gif->SColorMap, control.TransparentColor, canvas);
        decoded.pictures.push_back({canvas, control.DelayTime, control.TransparentColor, saved.ImageDesc});
        for (int j = 0; i == 0 && j < saved.ExtensionBlockCount; ++j)
            decoded.extensions.append(reinterpret_cast<const char*>(saved.ExtensionBlocks[j].Bytes),
                                      static_cast<std::size_t>(saved.ExtensionBlocks[j].ByteCount));
    }
    DGifCloseFile(gif, nullptr);
    return decoded;
}

}  // namespace gdn2::test
