// The six lessons: the smallest problems that each show one thing about the rule.
//   tests  tests/reference/scenarios/lessons_test.cpp (every claim, in numbers)
#pragma once

#include "reference/scenarios/scenario.h"

namespace gdn2 {

Scenario lesson_a_memory_is_a_matrix();
Scenario lesson_overwrite();
Scenario lesson_erase_and_write_alone();
Scenario lesson_shared_context_keys();
Scenario lesson_decay();
Scenario lesson_chunk_equals_recurrent();

/// Lesson 4 with its erase gate open by `slots` on the channels that tell keys apart and by `context` on those that
/// all keys share. The lesson itself is (2, 0).
Scenario shared_context_keys(double slots, double context);

}  // namespace gdn2
