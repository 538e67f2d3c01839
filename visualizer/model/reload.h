// Reading the open file again, as after each build of a kernel: what was looked at stays.
//   tests  tests/visualizer/model/reload_test.cpp
#pragma once

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// Opens the same file again, and the second one. The cursor and all that was chosen stay, kept inside what there is
/// now; edits stay where all sizes do. A scenario begins again. Throws Error and changes nothing where a file cannot be
/// read any more, or the two no longer fit.
void reload(Session& session);

}  // namespace gdn2::viewer
