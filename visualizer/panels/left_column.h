// The parts of the left column, from top to bottom: for lesson_panel.cpp, which puts them together. Each fills the
// width that there is.
#pragma once

#include "visualizer/draw/view.h"
#include "visualizer/model/actions.h"

namespace gdn2::viewer {

/// The lesson's text, its question and what to press; of another problem what it is.
void lesson_part(const View& view);
void document_part(const View& view);
/// The gates of the cursor's token, all channels at once, and taking changes back.
void gates_part(const View& view);
/// What is shown and how.
void show_part(const View& view);

/// A quiet headline with a line above it, and what stands at its right end.
void part_heading(const View& view, const char* text, const std::string& right = "");
/// Text in paragraphs, broken at spaces.
void paragraph(const View& view, const std::string& text, Colour colour);
/// What the last item does and the key that does it too.
void key_tooltip(Action action, const char* what = nullptr);

}  // namespace gdn2::viewer
