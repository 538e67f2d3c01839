// One free function for each part of the screen. They read the session, draw, and ask it to change; numbers come from
// visualizer/model/.
//   tests  tests/visualizer/ui/panels_test.cpp
#pragma once

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// Play and step buttons, speed, where we are, rule, tabs.
void toolbar(const View& view, const Box& box);
/// Every token with its gates, what it changed and how well the memory answers; drag to scrub, wheel to zoom.
void timeline(const View& view, const Box& box);
/// The lesson's text and question, the gates of this token, what is shown.
void lesson_panel(const View& view, const Box& box);
/// The state with its vectors along its axes.
void state_panel(const View& view, const Box& box);
/// The five phases of this token, the equation, a sentence.
void step_panel(const View& view, const Box& box);
/// What every key would answer, under rules that tie the gates; their states; some numbers.
void recall_panel(const View& view, const Box& box);
/// What all rules keep, large.
void compare_panel(const View& view, const Box& box);
/// Beside that: what every key would answer under each, and how what GDN-2 has not was chosen.
void rules_panel(const View& view, const Box& box);
/// One chunk by both forms.
void chunk_panel(const View& view, const Box& box);
/// The gradient by the state, with the gradients by its vectors along its axes.
void gradient_panel(const View& view, const Box& box);
/// The loss, and whether central differences agree; beside the gradient, in place of recall.
void gradient_check_panel(const View& view, const Box& box);
/// Two files, or a file and the reference.
void difference_panel(const View& view, const Box& box);
/// Singular values, overlaps, who owns the state.
void spectrum_panel(const View& view, const Box& box);
/// What is open, how it is computed, the colour scale, memory, messages.
void status_bar(const View& view, const Box& box);

/// Over everything, while shown.
void help_overlay(const View& view);
void lesson_list(const View& view);
void open_dialog(const View& view);
void film_dialog(const View& view);
void find_dialog(const View& view);
/// How the hovered number was made.
void number_tooltip(const View& view);

}  // namespace gdn2::viewer
