// A film of a run, picture by picture, so that a window stays alive while it is made.
//   tests  tests/visualizer/ui/command*_test.cpp
#pragma once

#include <memory>
#include <string>

#include "visualizer/film/film.h"
#include "visualizer/film/film_request.h"
#include "visualizer/model/session.h"

namespace gdn2::viewer {

class Headless;

/// Plays a session, at its own speed, from before token `first` to the end of token `last`, and stays there a second.
class FilmExport {
public:
    /// `state`: what is filmed, as state_string() writes it. Throws Error when a token is not there or the film cannot
    /// be begun.
    FilmExport(const std::string& state, const std::string& path, int width, int height, double scale,
               const FilmRange& range);
    ~FilmExport();

    /// Adds a picture, or goes on with what the picture waits for. False when that was the last one and the file is
    /// there. Throws Error when it cannot be written.
    bool step();

    /// How much of it is done, 0 ... 1.
    double done() const;

private:
    std::unique_ptr<Session> session_;
    std::unique_ptr<Headless> headless_;
    std::unique_ptr<Film> film_;
    FilmRange range_;
    Index last_ = 0;
    int held_ = 0;
};

}  // namespace gdn2::viewer
