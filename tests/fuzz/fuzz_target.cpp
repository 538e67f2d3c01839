// See fuzz_target.h.
#include "tests/fuzz/fuzz_target.h"

#include <cstdio>
#include <cstdlib>

void gdn2::test::require_always(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "fuzz: %s\n", what);
    std::abort();
}
