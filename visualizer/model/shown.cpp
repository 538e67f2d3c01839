// See shown.h.
#include "visualizer/model/shown.h"

#include <algorithm>

#include "reference/io/text.h"

namespace gdn2::viewer {

namespace {

Cursor painted(const Session& session) {
    return viewer::painted(session.ui.cursor, {session.ui.speed, session.ui.reduce_motion});
}

/// Whether the phase has begun.
bool is_in(const Cursor& at, Phase phase) { return at.phase > phase || (at.phase == phase && at.fraction > 0); }

}  // namespace

Picture picture_of(const Session& session) { return picture_of(session.track(), painted(session)); }

Number name_of_state(const Cursor& at) {
    if (is_in(at, Phase::write)) return {"S", {at.token}};
    if (is_in(at, Phase::decay)) return {"S_decayed", {at.token}};
    return at.token > 0 ? Number{"S", {at.token - 1}} : Number{"initial_state", {}};
}

Number name_of_state(const Session& session) { return name_of_state(painted(session)); }

Matrix<double> shown_state(const Session& session, const Picture& picture) {
    const Index token = session.ui.cursor.token;
    if (session.ui.show_change) return picture.S - session.track().S(token - 1);
    const Track* ghost = session.ui.show_ghost ? session.ghost() : nullptr;
    if (ghost) return picture.S - state_at(*ghost, session.ui.cursor);
    return picture.S;
}

double shown_scale(const Session& session, const Matrix<double>& shown) {
    const bool difference = session.ui.show_change || (session.ui.show_ghost && session.ghost());
    if (!difference || session.ui.scale_mode != ScaleMode::per_step) return session.scale();
    const double largest = shown.size() > 0 ? shown.cwiseAbs().maxCoeff() : 0;
    return largest > 0 ? largest : 1;
}

std::string dark_in_words(const Session& session, const Matrix<double>& shown) {
    constexpr double visible = 1.0 / 16, visible_in_logarithmic_colours = 1.0 / 2000;
    if (shown.size() == 0 || !shown.allFinite()) return "";
    const double share = shown.cwiseAbs().maxCoeff() / shown_scale(session, shown);
    if (share == 0) return "all 0";
    if (share >= (session.ui.symlog ? visible_in_logarithmic_colours : visible)) return "";
    return "at most " + io::number(share, 2) + " of the scale" +
           (session.ui.scale_mode == ScaleMode::per_step ? "" : " (S: colours of this step)");
}

StepNumbers step_numbers(const Session& session) {
    const Track& track = session.track();
    const Index token = session.ui.cursor.token;
    const auto at = static_cast<std::size_t>(token);
    StepNumbers numbers;
    numbers.norm_S = track.norm_S().at(at);
    numbers.norm_dS = track.norm_dS().at(at);
    numbers.kept = 1 - track.e().row(token).dot(track.head().k.row(token));
    if (const Track* ghost = session.ghost()) numbers.ghost_distance = (track.S(token) - ghost->S(token)).norm();
    numbers.first_non_finite = track.first_non_finite();
    return numbers;
}

double largest_b(const Session& session) {
    const Matrix<double>& b = session.track().head().b;
    return session.ui.gates.wide_b || (b.size() > 0 && b.maxCoeff() > 1) ? 2 : 1;
}

}  // namespace gdn2::viewer
