// Films as MP4s: H.264 where ffmpeg was built with it, encoded by that program, which reads the pictures from a socket.
//   tests  tests/visualizer/film/mp4_test.cpp
#pragma once

#include <memory>
#include <string>

#include "visualizer/film/film.h"

namespace gdn2::viewer {

/// An MP4 in colours that every player shows (4:2:0, BT.709). Its sides are even: the last column or row of an odd one
/// is there twice. Rates are 1...1000 a second. Throws Error when no ffmpeg is on PATH, or it does not start; what it
/// complains of later is the end of the Error that add() or finish() throws.
std::unique_ptr<Film> open_mp4(const std::string& path, int width, int height, int frames_per_second);

}  // namespace gdn2::viewer
