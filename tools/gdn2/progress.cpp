// See progress.h.
#include "tools/gdn2/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace gdn2::tools {
namespace {

constexpr Index bar_width = 40, width_beside_note = 12;
constexpr std::chrono::milliseconds quiet_start{500};
constexpr std::chrono::milliseconds between_draws{50};

}  // namespace

std::string minutes(double seconds) {
    const auto whole = static_cast<Index>(seconds + 0.5);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

Progress::Progress(std::string label) : label_(std::move(label)), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(Index done, Index total, const std::string& note) {
    if (!terminal_ || total <= 0) return;
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    if (now - start_ < quiet_start || now - last_ < between_draws) return;
    last_ = now;
    drawn_ = true;
    const Index width = note.empty() ? bar_width : width_beside_note, filled = width * done / total;
    const std::string bar(static_cast<std::size_t>(filled), '#'),
        rest(static_cast<std::size_t>(width - filled), '.');
    const char* erase = note.empty() ? "" : "\x1b[K";  // a note may become shorter
    std::fputs(fmt::format("\r{} [{}{}] {}/{}{}{}", label_, bar, rest, done, total, note, erase).c_str(), stderr);
    std::fflush(stderr);
}

}  // namespace gdn2::tools
