// See session.h.
#include "visualizer/model/session.h"

#include <algorithm>

#include "visualizer/model/session_run.h"

namespace gdn2::viewer {

/// All that the runs depend on besides the document.
struct Session::Choice {
    Index layer, sequence, head;
    bool tie, wide_b;
    std::vector<Edit> edits;

    bool operator==(const Choice&) const = default;
};

const char* name_of(Tab tab) {
    constexpr const char* names[] = {"State", "Chunk", "Grad", "Diff", "Spectrum"};
    return names[static_cast<int>(tab)];
}

const char* id_of(Tab tab) {
    constexpr const char* ids[] = {"state", "chunk", "gradient", "difference", "spectrum"};
    return ids[static_cast<int>(tab)];
}

Session::Session() : document_(open_scenario(scenarios().front().name)) {}

const Layer& Session::layer() const { return document_.layers.at(static_cast<std::size_t>(ui.layer)); }

const std::string& Session::label(Index token) const {
    const std::optional<std::vector<Index>>& starts = layer().problem.cu_seqlens;
    const Index row_length = std::ssize(document_.labels) / document_.label_rows;
    const Index row = starts ? 0 : std::min(ui.sequence, document_.label_rows - 1);
    const bool packed = starts && document_.named_tokens;
    const Index first = row * row_length + (packed ? starts->at(static_cast<std::size_t>(ui.sequence)) : 0);
    return document_.labels.at(static_cast<std::size_t>(first + token));
}

std::string Session::name(Index token) const {
    const std::string number = std::to_string(token), &own = label(token);
    return document_.built_in || own == number ? own : own.empty() ? number : number + " (" + own + ")";
}

std::string Session::in_words(Index token) const {
    const bool speaks_for_itself = document_.built_in && label(token) != std::to_string(token);
    return speaks_for_itself ? label(token) : "token " + name(token);
}

void Session::open(const std::string& scenario_or_path) { open(open_any(scenario_or_path)); }

void Session::open(Document document) {
    document_ = std::move(document);
    edits_.replace({});
    close_claim();
    made_for_.reset();
    ui.cursor = first_cursor();
    ui.playing = false;
    ui.stop_at.reset();
    ui.layer = ui.sequence = ui.head = 0;
    ui.gates = {};
    ui.pinned.reset();
    ui.lesson.step = 0;
    ui.lesson.answer.reset();
}

Session::Choice Session::choice() const {
    return {ui.layer, ui.sequence, ui.head, ui.gates.tie, ui.gates.wide_b, edits_.edits()};
}

/// Forgets runs that belong to another choice.
void Session::refresh() const {
    const Choice now = choice();
    if (made_for_ && *made_for_ == now) return;
    made_for_ = std::make_shared<const Choice>(now);
    runs_.fill(nullptr);
    beside_.fill(nullptr);
    ghost_.reset();
}

const Session::Run& Session::run(Mixer mixer) const {
    refresh();
    std::shared_ptr<const Run>& found = runs_[static_cast<std::size_t>(mixer)];
    if (!found) {
        const Head own = edited(head_of(layer().problem, ui.sequence, ui.head), edits_.edits(), ui.gates);
        // Gates that a search found belong to the tokens as they were.
        const std::string scenario = document_.built_in && edits_.edits().empty() ? document_.source : "";
        Tied tied = tie(own, mixer, scenario);
        found = std::make_shared<const Run>(Run{Track(std::move(tied.head)), std::move(tied.gates)});
    }
    return *found;
}

const Session::BesideRun& Session::beside(OtherRule rule) const {
    refresh();
    std::shared_ptr<const BesideRun>& found = beside_[static_cast<std::size_t>(rule)];
    if (!found) found = std::make_shared<const BesideRun>(BesideRun{OtherRun(track(Mixer::gdn2).head(), rule)});
    return *found;
}

const OtherRun& Session::other(OtherRule rule) const { return beside(rule).run; }
const Track& Session::track(Mixer mixer) const { return run(mixer).track; }
const std::string& Session::gates_of(Mixer mixer) const { return run(mixer).gates; }

const Track* Session::ghost() const {
    refresh();
    if (edits_.edits().empty() && !ui.gates.tie) return nullptr;
    if (!ghost_) ghost_ = std::make_shared<const Track>(head_of(layer().problem, ui.sequence, ui.head));
    return ghost_.get();
}

double Session::scale() const {
    if (ui.scale_mode == ScaleMode::manual) return ui.manual_scale;
    const Matrix<double> S = ui.scale_mode == ScaleMode::per_step && length() > 0 ? track().S(ui.cursor.token)
                                                                                  : Matrix<double>();
    const double largest = S.size() > 0 ? S.cwiseAbs().maxCoeff() : track().largest_S();
    return largest > 0 ? largest : 1;
}

void Session::stand(const Cursor& at) {
    ui.playing = false;
    ui.stop_at.reset();
    seeks_wrong_ = false;
    ui.cursor = at;
    clamp();
}

bool Session::tick(double seconds) {
    const Cursor before = ui.cursor;
    ui.cursor = ui.playing ? advance(before, seconds, length(), ui.speed) : settle(before, seconds, ui.speed);
    // Before anything happened nothing moves until somebody steps or plays.
    if (!ui.playing && before == first_cursor()) ui.cursor = before;
    if (ui.playing && ui.stop_at && before < *ui.stop_at && *ui.stop_at <= ui.cursor) {
        ui.cursor = *ui.stop_at;
        ui.stop_at.reset();
        ui.playing = false;
    }
    if (ui.cursor == last_cursor(length())) ui.playing = false;
    const bool worked = work();
    return worked || ui.playing || !(ui.cursor == before);
}

void Session::clamp() {
    const auto inside = [](Index given, Index count) {
        return std::clamp<Index>(given, 0, std::max<Index>(count, 1) - 1);
    };
    ui.layer = inside(ui.layer, static_cast<Index>(document_.layers.size()));
    ui.sequence = inside(ui.sequence, layer().sizes.sequences);
    ui.head = inside(ui.head, layer().sizes.value_heads);
    ui.cursor.token = inside(ui.cursor.token, length());
    ui.cursor.fraction = std::clamp(ui.cursor.fraction, 0.0, 1.0);
    if (ui.pinned) ui.pinned = Cell{inside(ui.pinned->row, track().key_dim()),
                                    inside(ui.pinned->col, track().value_dim())};
    ui.speed = std::clamp(ui.speed, 0.1, 16.0);
    ui.manual_scale = std::clamp(ui.manual_scale, smallest_scale, largest_scale);
    ui.ui_scale = std::clamp(ui.ui_scale, 0.75, 2.5);
}

}  // namespace gdn2::viewer
