// What a session keeps of one rule's run: for session.cpp and session_views.cpp alone.
//   tests  tests/visualizer/model/session_test.cpp
#pragma once

#include <map>

#include "visualizer/model/expansion.h"
#include "visualizer/model/recall_table.h"
#include "visualizer/model/retrieved.h"

namespace gdn2::viewer {

/// Which writes a token's output looks like.
struct RetrievedAt {
    Index token = 0;
    std::vector<Retrieved> tokens;
};

/// A run, and what has been asked of it so far.
struct Session::Run {
    Track track;
    std::string gates;
    mutable std::unique_ptr<const ChunkViews> chunks{};
    mutable std::unique_ptr<const GradientView> gradients{};
    mutable std::map<Index, NumericRun> numeric{};  ///< by token
    mutable std::optional<Index> asked_for{};       ///< token whose numeric gradient is to be completed
    mutable std::unique_ptr<Spectrum> spectrum{};
    mutable std::optional<Expansion> expansion{};
    mutable std::optional<RecallAlong> recall{};
    mutable std::optional<RetrievedAt> retrieved{};  ///< the last one asked for
    mutable std::optional<TimelineLanes> lanes{};
};

/// The same of a rule that ties no gates of GDN-2.
struct Session::BesideRun {
    OtherRun run;
    mutable std::optional<RecallAlong> recall{};
};

}  // namespace gdn2::viewer
