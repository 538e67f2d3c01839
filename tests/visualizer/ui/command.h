// gdn2-viewer as it is called where there is no display, for the tests command*_test.cpp.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "tests/support/run_program.h"

namespace gdn2::test {

/// Runs gdn2-viewer without a display; false says that it was not built.
struct Command {
    Folder folder;

    Outcome operator()(const std::string& arguments) const {
#ifdef GDN2_VIEWER_BINARY
        const std::string program = "env -u DISPLAY -u WAYLAND_DISPLAY -u GDN2_UI_SCALE '" GDN2_VIEWER_BINARY "' ";
        return run_in(folder, program + arguments);
#else
        return {0, arguments, ""};
#endif
    }
    static bool skipped() {
#ifdef GDN2_VIEWER_BINARY
        return false;
#else
        MESSAGE("gdn2 skipped: gdn2-viewer was not built");
        return true;
#endif
    }
};

}  // namespace gdn2::test
