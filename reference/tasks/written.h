// What was written under each key so far: the answers of the tasks that write a key again, and the older values
// that would be stale.
//   tests  tests/reference/tasks/written_test.cpp
#pragma once

#include <vector>

#include "reference/tasks/task.h"

namespace gdn2 {

/// Slots of a memory, each with its past.
class Written {
public:
    explicit Written(Index slots) : values_(static_cast<std::size_t>(slots)) {}

    void write(Index slot, TokenId value) { values_.at(static_cast<std::size_t>(slot)).push_back(value); }

    bool empty(Index slot) const { return values_.at(static_cast<std::size_t>(slot)).empty(); }

    /// The last value; the slot must not be empty.
    TokenId value(Index slot) const { return values_.at(static_cast<std::size_t>(slot)).back(); }

    /// The question for a slot that is not empty: how often it was written and its older values.
    Question question(Index slot, Index answer, Index choices) const;

private:
    std::vector<std::vector<TokenId>> values_;
};

}  // namespace gdn2
