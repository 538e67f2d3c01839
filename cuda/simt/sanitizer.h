// What ThreadSanitizer is told in builds that run under it; elsewhere these functions do nothing.
// There the kernels are instrumented as always, but it is ThreadSanitizer that watches: it sees every CUDA thread as a
// thread and these calls as what orders them. The emulator's files that run inside kernels are not instrumented, so
// that it sees nothing else.
//   tests  tests/cuda/simt/CMakeLists.txt: the tests named "ThreadSanitizer"
#pragma once

#include <cstddef>

#ifdef GDN2_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>

extern "C" void __tsan_read_range(void* address, unsigned long bytes);
extern "C" void __tsan_write_range(void* address, unsigned long bytes);
#endif

namespace gdn2::simt {

#ifdef GDN2_THREAD_SANITIZER
inline constexpr bool under_thread_sanitizer = true;
#else
inline constexpr bool under_thread_sanitizer = false;
#endif

/// A place where threads meet. What a thread does before it comes is ordered before what others do once they have left:
/// they leave the round that they came to, and nobody can come to the round after the next before all have left.
class MeetingPlace {
public:
    void* round() { return &rounds_[turn_]; }
    void next_round() { turn_ ^= 1; }

private:
    char rounds_[2] = {};
    unsigned turn_ = 0;
};

inline void say_come([[maybe_unused]] void* round) {
#ifdef GDN2_THREAD_SANITIZER
    __tsan_release(round);
#endif
}
inline void say_left([[maybe_unused]] void* round) {
#ifdef GDN2_THREAD_SANITIZER
    __tsan_acquire(round);
#endif
}
inline void say_accessed([[maybe_unused]] void* address, [[maybe_unused]] std::size_t bytes,
                         [[maybe_unused]] bool is_write) {
#ifdef GDN2_THREAD_SANITIZER
    is_write ? __tsan_write_range(address, bytes) : __tsan_read_range(address, bytes);
#endif
}

}  // namespace gdn2::simt
