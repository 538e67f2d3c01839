// See reload.h.
#include "visualizer/model/reload.h"

#include <algorithm>

#include "visualizer/model/lessons_guide.h"

namespace gdn2::viewer {
namespace {

bool same_sizes(const Document& a, const Document& b) {
    return std::equal(a.layers.begin(), a.layers.end(), b.layers.begin(), b.layers.end(),
                      [](const Layer& one, const Layer& other) { return one.sizes == other.sizes; });
}

}  // namespace

void reload(Session& session) {
    const bool scenario = session.document().built_in;
    Document document = scenario ? open_scenario(session.document().source) : open_file(session.document().source);
    std::optional<ClaimFile> claim;
    if (session.claim()) {
        claim = open_claim_file(session.claim_path());
        require_shapes(*claim, document);
    }

    // From here on nothing is refused.
    UiState chosen = session.ui;
    chosen.playing = false;
    const bool keeps_edits = !scenario && same_sizes(document, session.document());
    const std::vector<Edit> edits = keeps_edits ? session.edits().edits() : std::vector<Edit>();
    session.open(std::move(document));
    if (claim) session.open_claim(std::move(*claim));
    if (scenario) return begin_lesson(session);
    session.ui = chosen;
    session.edits().replace(edits);
    session.clamp();
}

}  // namespace gdn2::viewer
