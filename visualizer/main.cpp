// gdn2-viewer: opens what it is told to, in a window or as a picture, a film or text.
//   exit  0 good, 2 bad usage or bad input
//   tests tests/visualizer/ui/command*_test.cpp
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>

#include "reference/io/text.h"
#include "visualizer/film/png.h"
#include "visualizer/film_export.h"
#include "visualizer/headless/headless.h"
#include "visualizer/model/difference_shown.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/settings.h"
#include "visualizer/model/state_string.h"
#include "visualizer/model/transcript.h"
#include "visualizer/options.h"
#include "visualizer/viewer.h"
#include "visualizer/window.h"

namespace {

using namespace gdn2::viewer;

constexpr int exit_good = 0, exit_bad_input = 2;

void open(Session& session, const Options& options) {
    if (!options.open.empty()) session.open(options.open);
    begin_lesson(session);
    if (!options.claim.empty()) {
        session.open_claim(options.claim);
        show_tab(session, Tab::difference);
    }
    if (options.state) restore(session, *options.state);
    if (options.theme) session.ui.theme = *options.theme;
}

/// A picture that says only that it is too small is of no use to anybody.
void require_room(const Session& session, const Options& options) {
    const double unit = options.scale * session.ui.ui_scale;
    const auto width = static_cast<int>(std::ceil(least_width * unit));
    const auto height = static_cast<int>(std::ceil(least_height * unit));
    gdn2::require(options.width >= width && options.height >= height,
                  "--size: expected at least " + std::to_string(width) + "x" + std::to_string(height) +
                      " for what is drawn at this scale, got " + std::to_string(options.width) + "x" +
                      std::to_string(options.height));
}

void write_screenshot(Session& session, const Options& options) {
    Headless headless(session, options.width, options.height, static_cast<float>(options.scale));
    session.ask_for_all();
    write_png(*options.screenshot, headless.still());
}

void write_film(const Session& session, const Options& options) {
    FilmExport film(state_string(session), *options.film, options.width, options.height, options.scale, options.range);
    while (film.step()) {
    }
}

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    gdn2::require(std::fflush(stdout) == 0 && !std::ferror(stdout), "cannot write to standard output");
}

void run(const Options& options) {
    Session session;
    if (!options.needs_no_window()) load_settings(session.ui, settings_file());
    open(session, options);
    if (options.transcript) print(options.state ? transcript(session) : transcript_of_run(session));
    if (options.screenshot || options.film) require_room(session, options);
    if (options.screenshot) write_screenshot(session, options);
    if (options.film) write_film(session, options);
    if (!options.needs_no_window()) {
        run_window(session, options);
        save_settings(session.ui, settings_file());
    }
    if (options.print_state) print(state_string(session) + "\n");
}

/// However long a name in it is: its start and its end.
std::string one_line(const std::string& message) {
    constexpr std::size_t longest = 600, start = 300, end = 200;
    const std::string text = gdn2::io::escaped(message);
    return text.size() <= longest ? text : text.substr(0, start) + " ... " + text.substr(text.size() - end);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (const auto options = parse_options(argc, argv)) run(*options);
        return exit_good;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "gdn2-viewer: %s\n", one_line(error.what()).c_str());
        return exit_bad_input;
    }
}
