// See film_export.h.
#include "visualizer/film_export.h"

#include "reference/core/error.h"
#include "visualizer/headless/headless.h"
#include "visualizer/model/state_string.h"

namespace gdn2::viewer {

FilmExport::FilmExport(const std::string& state, const std::string& path, int width, int height, double scale,
                       const FilmRange& range)
    : session_(std::make_unique<Session>()), range_(range) {
    restore(*session_, state);
    const Index length = session_->length();
    require(length > 0, "there is nothing to film: the sequence has no tokens");
    last_ = range.last.value_or(length - 1);
    require(range.first <= last_ && last_ < length,
            "a film from token " + std::to_string(range.first) + " to " + std::to_string(last_) +
                ": expected two tokens in order, from 0 to " + std::to_string(length - 1));
    session_->ui.cursor = {range.first, Phase::decay, 0};
    session_->ui.playing = true;
    session_->ui.stop_at.reset();
    session_->ui.lesson.followed = false;  // a lesson's text is about where its reader stands
    if (session_->ui.tab == Tab::difference) session_->ask_for_all();
    headless_ = std::make_unique<Headless>(*session_, width, height, static_cast<float>(scale));
    film_ = open_film(path, width, height, range.frames_per_second);
    headless_->frame(0);  // fonts and layout settle before the first picture
}

FilmExport::~FilmExport() = default;

bool FilmExport::step() {
    if (session_->busy()) {
        headless_->frame(0);
        return true;
    }
    const Cursor end = at_token(last_, session_->length());
    const bool there = session_->ui.cursor.token > last_ || session_->ui.cursor == end;
    if (there) {
        session_->ui.playing = false;
        session_->ui.cursor = end;
        ++held_;
    }
    headless_->frame(1.0 / range_.frames_per_second);
    if (session_->ui.cursor.token > last_) session_->ui.cursor = end;
    film_->add(headless_->image());
    if (held_ <= range_.frames_per_second) return true;
    film_->finish();
    return false;
}

double FilmExport::done() const {
    const double tokens = static_cast<double>(last_ - range_.first + 1);
    const Cursor& at = session_->ui.cursor;
    const double phases = static_cast<double>(at.token - range_.first) +
                          (static_cast<double>(at.phase) - 1 + at.fraction) / phase_count;
    return phases / tokens;
}

}  // namespace gdn2::viewer
