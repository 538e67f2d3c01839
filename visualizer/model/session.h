// The viewer's whole state without a pixel: what is open, where the cursor is, what was changed, and the runs that
// follow from it. Panels read a Session and ask it to change; nothing else holds state.
//   tests  tests/visualizer/model/session_test.cpp
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "visualizer/model/chunk_view.h"
#include "visualizer/model/claim_file.h"
#include "visualizer/model/cursor.h"
#include "visualizer/model/difference_map.h"
#include "visualizer/model/document.h"
#include "visualizer/model/edits.h"
#include "visualizer/model/gradient_view.h"
#include "visualizer/model/mixers.h"
#include "visualizer/model/numeric_gradient.h"
#include "visualizer/model/retrieved.h"
#include "visualizer/model/rules.h"
#include "visualizer/model/spectrum.h"
#include "visualizer/model/timeline_lanes.h"
#include "visualizer/model/track.h"

namespace gdn2::viewer {

enum class Tab { state, chunk, gradient, difference, spectrum };
inline constexpr int tab_count = 5;
const char* name_of(Tab tab);  ///< "State", ...
const char* id_of(Tab tab);    ///< "state", in state strings

/// How the colour scale is found.
enum class ScaleMode {
    locked,    ///< max |S| over the whole run: growth shows
    per_step,  ///< max |S| of the state shown
    manual,
};

inline constexpr double smallest_scale = 1e-12, largest_scale = 1e12;

enum class ThemeName { dark, light, print };

/// What the Diff tab holds against what.
enum class Versus {
    own_reference,     ///< what the open file holds against the reference
    second_reference,  ///< what the second file holds against the reference, run on the open problem
    second_own,        ///< what the second file holds against what the open one does
};

/// A cell of the state.
struct Cell {
    Index row = 0, col = 0;
    bool operator==(const Cell&) const = default;
};

/// How far a person is in the lesson that is open (lessons_guide.h).
struct LessonProgress {
    bool followed = true;         ///< false: no text and no stops, a lesson is a problem like any other
    Index step = 0;               ///< the one after the last is the question
    std::optional<Index> answer;  ///< the choice made at the question

    bool operator==(const LessonProgress&) const = default;
};

/// Everything that a person chose.
struct UiState {
    Cursor cursor;
    bool playing = false;
    std::optional<Cursor> stop_at;  ///< where playing stops: the next place of the lesson
    double speed = 1;               ///< 0.1 ... 16
    Tab tab = Tab::state;
    Mixer mixer = Mixer::gdn2;
    bool compare = false;  ///< the other mixers beside this one
    Index chunk_page = 0;  ///< of the Chunk tab's matrices; counted on around the end, for windows of any size
    Index layer = 0, sequence = 0, head = 0;  ///< head: of the value heads
    GateOptions gates;
    ScaleMode scale_mode = ScaleMode::locked;
    double manual_scale = 1;
    bool symlog = false;
    bool show_change = false;     ///< S_t - S_{t-1} instead of S
    bool show_ghost = false;      ///< the difference from the unedited run
    bool show_error = false;      ///< the difference from what the open file or the second file says
    bool show_numbers = false;    ///< in cells that are large enough
    std::optional<Cell> pinned;
    ThemeName theme = ThemeName::dark;
    double ui_scale = 1;  ///< 0.75 ... 2.5
    bool reduce_motion = false;
    bool keyboard_focus = false;  ///< ImGui's own navigation
    bool show_help = false, show_lessons = false;
    Versus versus = Versus::own_reference;
    std::string difference_tensor{};  ///< the one whose map shows; empty: the most interesting one
    DifferenceUnit difference_unit = DifferenceUnit::relative;
    LessonProgress lesson;

    bool operator==(const UiState&) const = default;
};

struct Expansion;    // expansion.h
struct RecallAlong;  // recall_table.h

/// An open document with its runs.
class Session {
public:
    /// The first lesson, paused before its first token.
    Session();

    UiState ui;

    const Document& document() const { return document_; }
    const Layer& layer() const;
    Index length() const { return track().length(); }
    const std::string& label(Index token) const;
    /// Which token, in a sentence: "A=4" of a scenario; of a file, where words come more than once, "12 (the)" or "12".
    std::string name(Index token) const;
    /// The same as a subject: "A=4", "token 12 (the)".
    std::string in_words(Index token) const;

    /// Replaces what is open and starts at its beginning; view settings stay. Throws Error and changes nothing.
    void open(const std::string& scenario_or_path);
    void open(Document document);
    /// The second file of the Diff tab, which then compares it. Throws Error and changes nothing.
    void open_claim(const std::string& path);
    void open_claim(ClaimFile file);
    void close_claim();
    const std::optional<ClaimFile>& claim() const { return claim_; }
    std::string claim_path() const { return claim_ ? claim_->path : ""; }

    EditHistory& edits() { return edits_; }
    const EditHistory& edits() const { return edits_; }

    /// The run in view: the chosen layer, sequence, head and mixer, with edits.
    const Track& track() const { return track(ui.mixer); }
    /// The same under another rule.
    const Track& track(Mixer mixer) const;
    /// How that rule's gates were chosen.
    const std::string& gates_of(Mixer mixer) const;
    /// The run in view's tokens under a rule that ties no gates of GDN-2.
    const OtherRun& other(OtherRule rule) const;
    /// How many answers were right after each token, under a rule; kept with its run.
    const RecallAlong& recall(const Rule& rule) const;
    /// The writes of the run in view that are nearest to the output of the last token that has written (retrieved.h);
    /// none before the first.
    const std::vector<Retrieved>& retrieved() const;
    static constexpr std::size_t retrieved_shown = 8;
    /// The gates of the run in view, for the timeline; kept with the run.
    const TimelineLanes& lanes() const;
    /// The run in view without edits and ties; null where there are none.
    const Track* ghost() const;
    /// A chunk of the run in view, by both forms; it stays until two others are asked for. Throws Error when there is
    /// none.
    const ChunkView& chunk_view(Index chunk) const;
    Index chunk_count() const;
    /// Gradients of the run in view.
    const GradientView& gradients() const;
    /// The numeric gradient at the cursor's token, as far as it is known: what takes a moment is computed at once, the
    /// rest when asked for. Once complete it is kept until the run changes. Throws Error where there is no token.
    const NumericGradient& numeric_gradient() const;
    /// Asks for all of it: tick() goes on with it, while the cursor is there.
    void ask_numeric_gradient();
    /// Whether tick() is at it.
    bool computes_numeric_gradient() const;
    /// The states of the run in view as matrices. While its tab shows, tick() goes on sampling it.
    const Spectrum& spectrum() const;
    /// Whether the tokens of the run in view can make its states grow.
    const Expansion& expansion() const;
    /// Samples twice as many tokens.
    void refine_spectrum();
    /// What can be compared in the chosen layer, with the files that are open. Edits have no part in it.
    std::vector<Versus> comparisons() const;
    /// The one that ui.versus names, else the first; null where there is none. What is small is compared at once, the
    /// rest by tick() while its tab or ui.show_error shows: what takes more than a few seconds only when asked for.
    const Difference* difference() const;
    void ask_difference();
    /// Once all is compared, goes to where the shown tensor is wrong, as seek_wrong() of difference_shown.h does;
    /// stand() calls that off.
    void seek_when_compared();
    /// The map of ui.difference_tensor, else of the most interesting one, for the chosen sequence and head, at the
    /// cursor's token; null where there is none. It stays until several others are asked for.
    const DifferenceMap* difference_map() const;
    /// The same of any tensor of the comparison, and any token.
    const DifferenceMap* difference_map(const ComparedTensor& tensor, Index token) const;
    /// Half-range of the colours of S: +- this.
    double scale() const;

    /// Stops what plays and stands at `at`, brought inside the run: what a scrub and a step do.
    void stand(const Cursor& at);
    /// Asks for what the open tab waits to be asked for: for a picture in which nobody can press a key.
    void ask_for_all();
    /// Whether tick() has work left, for what shows or was asked for.
    bool busy() const;
    /// Playing, and a piece of whatever was asked for: call once a frame. Returns whether another frame will differ.
    /// Playing stops where ui.stop_at is reached.
    bool tick(double seconds);

    /// Keeps choices inside what there is (a head that is not there, a token past the end).
    void clamp();

private:
    struct Run;
    struct BesideRun;
    struct Choice;
    struct Compared;
    Choice choice() const;
    void refresh() const;
    const Run& run(Mixer mixer) const;
    const BesideRun& beside(OtherRule rule) const;
    NumericRun& numeric_run() const;
    Spectrum& spectrum_in_view() const;
    Compared* compared() const;
    bool compares() const;
    bool compare_more();
    bool work();

    Document document_;
    EditHistory edits_;
    std::optional<ClaimFile> claim_;
    mutable std::shared_ptr<const Choice> made_for_;  ///< what the runs below belong to
    mutable std::array<std::shared_ptr<const Run>, all_mixers.size()> runs_;
    mutable std::array<std::shared_ptr<const BesideRun>, all_other_rules.size()> beside_;
    mutable std::shared_ptr<const Track> ghost_;
    mutable std::shared_ptr<Compared> compared_;
    bool seeks_wrong_ = false;
};

}  // namespace gdn2::viewer
