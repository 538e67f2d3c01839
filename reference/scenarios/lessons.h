// The six lessons: the smallest problems that each show one thing about the rule.
//   tests  tests/reference/scenarios/lessons_test.cpp (every claim, in numbers)
#pragma once

#include "reference/scenarios/scenario.h"

namespace gdn2 {

/// 1. A memory is a matrix.
Scenario lesson_a_memory_is_a_matrix();
/// 2. Writing the same key again replaces its value.
Scenario lesson_overwrite();
/// 3. Erasing and writing are separate acts.
Scenario lesson_erase_and_write_alone();
/// 4. Keys that share a context, and what channel-wise erasing does for them.
Scenario lesson_shared_context_keys();
/// 5. Decay forgets channel by channel.
Scenario lesson_decay();
/// 6. Chunk by chunk is token by token.
Scenario lesson_chunk_equals_recurrent();

/// Lesson 4 with its erase gate open by `slots` on the channels that tell keys apart and by `context` on
/// those that all keys share. The lesson itself is (2, 0).
Scenario shared_context_keys(double slots, double context);

}  // namespace gdn2
