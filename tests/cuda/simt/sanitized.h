// Which sanitizer the tests are built with. Under ThreadSanitizer the emulator sees neither a kernel's own accesses nor
// what they touch (cuda/simt/sanitizer.h), so tests of bounds, unwritten memory, races and counts are skipped there.
#pragma once

#include <doctest/doctest.h>

namespace gdn2::test {

#ifdef __SANITIZE_THREAD__
inline constexpr bool under_thread_sanitizer = true;
#else
inline constexpr bool under_thread_sanitizer = false;
#endif
#ifdef GDN2_ADDRESS_SANITIZER
inline constexpr bool under_address_sanitizer = true;
#else
inline constexpr bool under_address_sanitizer = false;
#endif

inline const doctest::skip skip_there(under_thread_sanitizer);

}  // namespace gdn2::test
