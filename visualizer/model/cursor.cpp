// See cursor.h.
#include "visualizer/model/cursor.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {
namespace {

constexpr double phase_seconds = 0.35;
constexpr double no_movement_from = 16;  ///< speed from which only whole tokens show

int number_of(Phase phase) { return static_cast<int>(phase); }
Phase phase_of(int number) { return static_cast<Phase>(number); }

bool at_end(const Cursor& at) { return at.phase == Phase::read_out && at.fraction >= 1; }

/// How many phases of a run are behind the cursor: 5 a token.
double progress_of(const Cursor& at) {
    return static_cast<double>(at.token * phase_count + number_of(at.phase) - 1) + at.fraction;
}

/// The inverse; a whole number of phases, but for rounding, is the phase before at rest.
Cursor cursor_of(double progress) {
    if (progress <= 0) return first_cursor();
    const double nearest = std::round(progress);
    const bool at_rest = nearest > 0 && std::abs(progress - nearest) < 1e-9;
    const Index phases = static_cast<Index>(at_rest ? nearest - 1 : progress);
    return {phases / phase_count, phase_of(static_cast<int>(phases % phase_count) + 1),
            at_rest ? 1.0 : progress - static_cast<double>(phases)};
}

}  // namespace

const char* name_of(Phase phase) {
    constexpr const char* names[] = {"decay", "erase-read", "residual", "write", "read-out"};
    return names[number_of(phase) - 1];
}

Cursor first_cursor() { return {}; }

Cursor last_cursor(Index length) {
    return length == 0 ? first_cursor() : Cursor{length - 1, Phase::read_out, 1};
}

Cursor next_phase(const Cursor& at, Index length) {
    if (length == 0 || at.fraction < 1) return {at.token, at.phase, length == 0 ? at.fraction : 1};
    if (at.phase != Phase::read_out) return {at.token, phase_of(number_of(at.phase) + 1), 1};
    return at.token + 1 < length ? Cursor{at.token + 1, Phase::decay, 1} : at;
}

Cursor previous_phase(const Cursor& at) {
    if (at.phase != Phase::decay) return {at.token, phase_of(number_of(at.phase) - 1), 1};
    return at.token > 0 ? Cursor{at.token - 1, Phase::read_out, 1} : first_cursor();
}

Cursor next_token(const Cursor& at, Index length) {
    return length == 0 ? at : at_token(at_end(at) ? at.token + 1 : at.token, length);
}

Cursor previous_token(const Cursor& at) {
    return at.token > 0 ? Cursor{at.token - 1, Phase::read_out, 1} : first_cursor();
}

Cursor at_phase(const Cursor& at, Phase phase) { return {at.token, phase, 1}; }

Cursor at_token(Index token, Index length) {
    return length == 0 ? first_cursor() : Cursor{std::clamp<Index>(token, 0, length - 1), Phase::read_out, 1};
}

Cursor advance(const Cursor& at, double seconds, Index length, double speed) {
    if (length == 0) return at;
    const double end = static_cast<double>(length * phase_count);
    const double to = std::min(end, progress_of(at) + std::max(seconds, 0.0) * speed / phase_seconds);
    return cursor_of(to);
}

double seconds_to_play(Index tokens, double speed) {
    return static_cast<double>(tokens * phase_count) * phase_seconds / speed;
}

Cursor settle(const Cursor& at, double seconds, double speed) {
    return {at.token, at.phase, std::min(1.0, at.fraction + std::max(seconds, 0.0) * speed / phase_seconds)};
}

Cursor painted(const Cursor& at, const Motion& motion) {
    if (at.fraction >= 1) return at;
    if (motion.speed >= no_movement_from) return previous_token(at);
    return motion.reduce_motion ? previous_phase(at) : at;
}

Index written_until(const Cursor& at) {
    const bool written = at.phase > Phase::write || (at.phase == Phase::write && at.fraction >= 1);
    return written ? at.token : at.token - 1;
}

}  // namespace gdn2::viewer
