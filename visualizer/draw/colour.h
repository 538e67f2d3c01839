// Colours of numbers and of everything else, in three themes. Signed numbers go through a diverging table whose middle
// is the panel's own quiet colour; gates are bars, grey to gold. Right and wrong differ by a mark too.
//   tests  tests/visualizer/ui/colour_test.cpp
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "visualizer/model/half_life.h"
#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// Bytes R G B A in memory, as ImU32 and as a texture's pixels.
using Colour = std::uint32_t;

constexpr Colour rgb(unsigned hex) {
    return 0xff000000u | (hex & 0xff) << 16 | (hex & 0xff00) | (hex >> 16 & 0xff);
}
/// The same with this opacity, 0 ... 1.
Colour faded(Colour colour, double opacity);
/// From `a` to `b`.
Colour mixed(Colour a, Colour b, double share);

/// Every colour there is on the screen.
struct Theme {
    Colour background, panel, raised, border;      ///< window, panels, buttons and table heads, lines
    Colour text, quiet;                            ///< both at least 4.5 : 1 on panel
    Colour accent, on_accent;                      ///< what is active, and text on it
    Colour right, wrong;                           ///< blue and orange
    Colour lit;                                    ///< outline of an input of the hovered number
    Colour query;                                  ///< tokens that only read
    Colour gate_low, gate_high, gate_track;        ///< ends of the ramp of bars, and the empty bar
    Colour bad_number;                             ///< NaN and Inf
    const unsigned char (*signed_table)[3];        ///< 256 entries
    bool dark;
};
const Theme& theme_of(ThemeName name);

/// How numbers become colours: the table runs over [-half, half], logarithmically towards zero where symlog.
struct Scale {
    double half = 1;
    bool symlog = false;
};
Colour signed_colour(const Theme& theme, double x, const Scale& scale);
/// The same for many.
std::vector<Colour> signed_colours(const Theme& theme, std::span<const double> numbers, const Scale& scale);
/// x from 0 (low) to 1 (high), clamped.
Colour gate_colour(const Theme& theme, double x);
/// Of how large a difference is: quiet greys up to `allowed`, from there on towards orange, both logarithmically over
/// three powers of ten.
Colour error_colour(const Theme& theme, double x, double allowed);

}  // namespace gdn2::viewer
