// See token_gates.h.
#include "visualizer/model/token_gates.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {

GateSpread gate_spread(const Session& session, Gate gate) {
    const Head& head = session.track().head();
    const Matrix<double>& values = gate == Gate::b ? head.b : gate == Gate::w ? head.w : head.g;
    const auto row = values.row(session.ui.cursor.token);
    const GateSpread spread{row.minCoeff(), row.mean(), row.maxCoeff()};
    return gate != Gate::g ? spread : GateSpread{std::exp(spread.low), std::exp(spread.mean), std::exp(spread.high)};
}

void set_gate(Session& session, Gate gate, double value, bool dragging) {
    const Index token = session.ui.cursor.token;
    std::vector<Edit> edits{{gate, token, Edit::all_channels, value}};
    if (session.ui.gates.tie && gate != Gate::g)
        edits = {{Gate::b, token, Edit::all_channels, value}, {Gate::w, token, Edit::all_channels, value}};
    if (gate == Gate::b && value > 1) session.ui.gates.wide_b = true;
    session.edits().make(edits, dragging);
}

bool is_edited(const Session& session, Index token) {
    const std::vector<Edit>& edits = session.edits().edits();
    return std::any_of(edits.begin(), edits.end(), [token](const Edit& edit) { return edit.token == token; });
}

std::optional<Index> first_edited(const Session& session) {
    if (session.ui.gates.tie) return 0;
    const std::vector<Edit>& edits = session.edits().edits();
    const auto first = std::min_element(edits.begin(), edits.end(),
                                        [](const Edit& a, const Edit& b) { return a.token < b.token; });
    return first == edits.end() ? std::nullopt : std::optional(first->token);
}

}  // namespace gdn2::viewer
