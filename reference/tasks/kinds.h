// The tasks there are, one function each: what it asks, its usual options, and how to make it.
//   tests  tests/reference/tasks/<task>_test.cpp
#pragma once

#include "reference/tasks/task.h"

namespace gdn2 {

TaskKind mqar_kind();                 ///< mqar.cpp
TaskKind mqar_zoology_kind();         ///< mqar_zoology.cpp
TaskKind overwrite_kind();            ///< overwrite.cpp
TaskKind streaming_overwrite_kind();  ///< streaming_overwrite.cpp
TaskKind attribute_update_kind();     ///< attribute_update.cpp
TaskKind record_kind();               ///< record.cpp
TaskKind s_niah_1_kind();             ///< needle.cpp
TaskKind s_niah_2_kind();             ///< needle.cpp
TaskKind s_niah_3_kind();             ///< needle.cpp
TaskKind mk_niah_1_kind();            ///< needle.cpp

}  // namespace gdn2
