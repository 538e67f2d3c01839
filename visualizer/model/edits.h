// What a person changed: gates of single channels at single tokens, with undo and redo. The original stays.
//   tests  tests/visualizer/model/edits_test.cpp
#pragma once

#include <vector>

#include "visualizer/model/head.h"

namespace gdn2::viewer {

/// What can be changed.
enum class Gate { b, w, g };

/// "b", "w", "g".
const char* name_of(Gate gate);

/// One change. A later one of the same channel wins.
struct Edit {
    static constexpr Index all_channels = -1;

    Gate gate = Gate::b;
    Index token = 0;
    Index channel = all_channels;
    double value = 0;

    bool operator==(const Edit&) const = default;
};

/// Ways of constraining the gates on top of the edits.
struct GateOptions {
    bool tie = false;     ///< b = w = beta, the mean of the token's gates: what KDA can do
    bool wide_b = false;  ///< b may reach 2; else it stops at 1 (where the problem's own values do)

    bool operator==(const GateOptions&) const = default;
};

/// The largest value an edit may set: 1; 2 for b where wide_b; 0 for g.
double largest(Gate gate, const GateOptions& options);

/// The head with the edits made, values kept inside their range. Edits of tokens or channels that are not there are
/// ignored.
Head edited(Head head, const std::vector<Edit>& edits, const GateOptions& options);

/// Changes with a past and a future.
class EditHistory {
public:
    const std::vector<Edit>& edits() const { return edits_; }

    /// Makes a change; what had been undone is gone. While `dragging` the same channel's last change is replaced, so
    /// that one drag is one step back.
    void make(const Edit& edit, bool dragging = false);
    /// Several at once, as one step.
    void make(const std::vector<Edit>& together, bool dragging = false);
    bool undo();  ///< false: nothing to undo
    bool redo();
    bool can_undo() const { return !past_.empty(); }
    bool can_redo() const { return !future_.empty(); }
    void reset();                        ///< as one step that undo takes back
    void replace(std::vector<Edit> all);  ///< forgets the past: for a state string

private:
    std::vector<Edit> edits_;
    std::vector<std::vector<Edit>> past_, future_;
};

}  // namespace gdn2::viewer
