// What the tabs Chunk, Grad and Spectrum show of the run in view: made when it is looked at, dropped with the run.
#include "visualizer/model/session_run.h"

namespace gdn2::viewer {
namespace {

/// Floating-point operations that nobody notices, and as many as a frame may spend on what was asked for.
constexpr double at_once = 1e8, per_frame = 2e8;

}  // namespace

const ChunkView& Session::chunk_view(Index chunk) const {
    const Run& in_view = run(ui.mixer);
    if (!in_view.chunks) in_view.chunks = std::make_unique<const ChunkViews>(in_view.track);
    return in_view.chunks->at(chunk);
}

Index Session::chunk_count() const { return (length() + chunk_length - 1) / chunk_length; }

const RecallAlong& Session::recall(const Rule& rule) const {
    const Mixer* mixer = std::get_if<Mixer>(&rule);
    std::optional<RecallAlong>& kept = mixer ? run(*mixer).recall : beside(std::get<OtherRule>(rule)).recall;
    if (!kept) kept = recall_along(*this, rule);
    return *kept;
}

const std::vector<Retrieved>& Session::retrieved() const {
    const Run& in_view = run(ui.mixer);
    const Index token = written_until(ui.cursor);
    std::optional<RetrievedAt>& kept = in_view.retrieved;
    if (!kept || kept->token != token)
        kept = {token, token < 0 ? std::vector<Retrieved>() : viewer::retrieved(in_view.track, token, retrieved_shown)};
    return kept->tokens;
}

const TimelineLanes& Session::lanes() const {
    const Run& in_view = run(ui.mixer);
    if (!in_view.lanes) in_view.lanes.emplace(in_view.track);
    return *in_view.lanes;
}

const GradientView& Session::gradients() const {
    const Run& in_view = run(ui.mixer);
    if (!in_view.gradients) in_view.gradients = std::make_unique<const GradientView>(in_view.track);
    return *in_view.gradients;
}

NumericRun& Session::numeric_run() const {
    const Run& in_view = run(ui.mixer);
    const Index token = ui.cursor.token;
    require(token < in_view.track.length(), "there is no token to differentiate");
    auto found = in_view.numeric.find(token);
    if (found == in_view.numeric.end()) {
        std::erase_if(in_view.numeric, [](const auto& other) { return !other.second.result().complete; });
        found = in_view.numeric.emplace(token, NumericRun(in_view.track, gradients(), token)).first;
        found->second.fill(at_once);
    }
    return found->second;
}

const NumericGradient& Session::numeric_gradient() const { return numeric_run().result(); }

void Session::ask_numeric_gradient() {
    if (length() > 0) run(ui.mixer).asked_for = ui.cursor.token;
}

bool Session::computes_numeric_gradient() const {
    return length() > 0 && run(ui.mixer).asked_for == ui.cursor.token && !numeric_gradient().complete;
}

Spectrum& Session::spectrum_in_view() const {
    const Run& in_view = run(ui.mixer);
    if (!in_view.spectrum) {
        in_view.spectrum = std::make_unique<Spectrum>(in_view.track);
        in_view.spectrum->extend(at_once);
    }
    return *in_view.spectrum;
}

const Spectrum& Session::spectrum() const { return spectrum_in_view(); }
const Expansion& Session::expansion() const {
    const Run& in_view = run(ui.mixer);
    if (!in_view.expansion) in_view.expansion = expansion_of(in_view.track, spectrum_in_view());
    return *in_view.expansion;
}

void Session::refine_spectrum() { spectrum_in_view().refine(); }

void Session::ask_for_all() {
    if (ui.tab == Tab::gradient) ask_numeric_gradient();
    if (ui.tab == Tab::difference || ui.show_error) ask_difference();
}

bool Session::busy() const {
    if (ui.tab == Tab::spectrum && !spectrum().complete()) return true;
    if ((ui.tab == Tab::difference || ui.show_error) && compares()) return true;
    return computes_numeric_gradient();
}

/// A piece of what was asked for. Returns whether there was any.
bool Session::work() {
    const Run& in_view = run(ui.mixer);
    if (ui.tab == Tab::spectrum && spectrum_in_view().extend(per_frame)) return true;
    if ((ui.tab == Tab::difference || ui.show_error) && compare_more()) return true;
    if (in_view.asked_for != ui.cursor.token) return false;
    if (!numeric_run().advance(per_frame)) in_view.asked_for.reset();
    return true;
}

}  // namespace gdn2::viewer
