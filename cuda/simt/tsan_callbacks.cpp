// The functions that g++ calls at every access of a file compiled with -fsanitize=thread. Kernel files are, and
// ordinary builds link them against these instead of against ThreadSanitizer: that is how the emulator sees every
// access that the compiler did not keep in registers, with its line, and kernels need no wrapper types.
// In a ThreadSanitizer build the real ones take over, and this file is empty.
//   source  the interface between compilers and ThreadSanitizer, as `nm -u` of an instrumented file shows it
//   tests   tests/cuda/simt/planted_test.cpp
#include "cuda/simt/machine.h"

#ifndef __SANITIZE_THREAD__

namespace {

/// The running lane's stack is its own business; the rest goes to the machine. Outside kernels all is "own stack".
__attribute__((always_inline)) inline void report(const void* address, std::size_t bytes, bool is_write, const void* pc) {
    const auto a = reinterpret_cast<std::uintptr_t>(address);
    const auto& own = gdn2::simt::own_stack;
    if (__builtin_expect(a - own.low < own.size, 1)) return;
    gdn2::simt::active_machine->access(a, bytes, is_write, pc);
}

}  // namespace

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}

#define GDN2_CALLBACK(name, bytes, is_write) \
    void name(void* address) { report(address, bytes, is_write, __builtin_return_address(0)); }
GDN2_CALLBACK(__tsan_read1, 1, false)
GDN2_CALLBACK(__tsan_read2, 2, false)
GDN2_CALLBACK(__tsan_read4, 4, false)
GDN2_CALLBACK(__tsan_read8, 8, false)
GDN2_CALLBACK(__tsan_read16, 16, false)
GDN2_CALLBACK(__tsan_write1, 1, true)
GDN2_CALLBACK(__tsan_write2, 2, true)
GDN2_CALLBACK(__tsan_write4, 4, true)
GDN2_CALLBACK(__tsan_write8, 8, true)
GDN2_CALLBACK(__tsan_write16, 16, true)
GDN2_CALLBACK(__tsan_unaligned_read2, 2, false)
GDN2_CALLBACK(__tsan_unaligned_read4, 4, false)
GDN2_CALLBACK(__tsan_unaligned_read8, 8, false)
GDN2_CALLBACK(__tsan_unaligned_read16, 16, false)
GDN2_CALLBACK(__tsan_unaligned_write2, 2, true)
GDN2_CALLBACK(__tsan_unaligned_write4, 4, true)
GDN2_CALLBACK(__tsan_unaligned_write8, 8, true)
GDN2_CALLBACK(__tsan_unaligned_write16, 16, true)
#undef GDN2_CALLBACK

void __tsan_read_range(void* address, unsigned long bytes) {
    report(address, bytes, false, __builtin_return_address(0));
}
void __tsan_write_range(void* address, unsigned long bytes) {
    report(address, bytes, true, __builtin_return_address(0));
}

}  // extern "C"

#endif
