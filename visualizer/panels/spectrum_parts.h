// The two halves of the Spectrum tab: for the files spectrum*.cpp alone.
#pragma once

#include <string>

#include "visualizer/draw/plot.h"
#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// Over all tokens: |S| and its singular values, how many directions it has, what each token does to them.
void draw_spectrum_curves(const View& view, const Box& box);
/// Of the tokens around the cursor: how they overlap, and which owns how much of S.
void draw_spectrum_window(const View& view, const Box& box);

/// Height of a line of text, with what is between lines.
float caption_height(const View& view);

/// The marks of a curve: a line, a dashed one, or points.
enum class Mark { line, dashed, triangle, circle };
/// A mark with its name, from x on; where the next one can begin. Left out where it does not fit before `right`.
float draw_key(const View& view, float x, float y, float right, Mark mark, Colour colour, const std::string& name);
/// Width of a name that draw_key has room for within `width`.
float key_room(const View& view, float width);
inline constexpr float key_sample = 18, key_gap = 4;  ///< pixels of the design: a mark, and up to its name

/// One point of a curve.
void draw_mark(const View& view, ImVec2 at, Mark mark, Colour colour);

}  // namespace gdn2::viewer
