// The functions that g++ calls at every access of a file compiled with -fsanitize=thread. Kernel files are, and
// ordinary builds link them against these instead of against ThreadSanitizer: that is how the emulator sees every
// access that the compiler did not keep in registers, with its line, and kernels need no wrapper types.
// In a ThreadSanitizer build the real ones take over, and this file is empty.
//   source  the interface between compilers and ThreadSanitizer, as `nm -u` of an instrumented file shows it
//   tests   tests/cuda/simt/planted_test.cpp
#include <cstring>

#include "cuda/simt/machine.h"

#ifndef GDN2_THREAD_SANITIZER

namespace {

/// Accesses whose type says that they are aligned, and the others.
enum class Aligned { yes, no };

/// The running lane's stack is its own business; the rest goes to the machine. Outside kernels all is "own stack".
template <Aligned aligned, bool is_write>
__attribute__((always_inline)) inline void report(const void* address, std::size_t bytes, const void* pc) {
    const auto a = reinterpret_cast<std::uintptr_t>(address);
    const auto& own = gdn2::simt::own_stack;
    if (__builtin_expect(a - own.low < own.size, 1)) return;
    if constexpr (aligned == Aligned::yes)
        gdn2::simt::active_machine->aligned_access<is_write>(a, bytes, pc);
    else
        gdn2::simt::active_machine->access<is_write>(a, bytes, pc);
}

}  // namespace

extern "C" {

void __tsan_init() {}
/// Of every function that a kernel enters: it must leave the emulator's own functions their part of the stack, and its
/// frame may already reach past the end. Outside kernels `low` is 0, and nobody's stack lies there.
void __tsan_func_entry(void*) {
    constexpr std::uintptr_t kept = gdn2::simt::StackPool::kept_bytes, beyond = 1 << 20;
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    if (here - gdn2::simt::own_stack.low + beyond < kept + beyond) [[unlikely]]
        gdn2::simt::active_machine->overflow_stack(__builtin_return_address(0));
}
void __tsan_func_exit() {}

#define GDN2_CALLBACK(name, bytes, is_write, aligned) \
    void name(void* address) { report<Aligned::aligned, is_write>(address, bytes, __builtin_return_address(0)); }
GDN2_CALLBACK(__tsan_read1, 1, false, yes)
GDN2_CALLBACK(__tsan_read2, 2, false, yes)
GDN2_CALLBACK(__tsan_read4, 4, false, yes)
GDN2_CALLBACK(__tsan_read8, 8, false, yes)
GDN2_CALLBACK(__tsan_read16, 16, false, yes)
GDN2_CALLBACK(__tsan_write1, 1, true, yes)
GDN2_CALLBACK(__tsan_write2, 2, true, yes)
GDN2_CALLBACK(__tsan_write4, 4, true, yes)
GDN2_CALLBACK(__tsan_write8, 8, true, yes)
GDN2_CALLBACK(__tsan_write16, 16, true, yes)
GDN2_CALLBACK(__tsan_unaligned_read2, 2, false, no)
GDN2_CALLBACK(__tsan_unaligned_read4, 4, false, no)
GDN2_CALLBACK(__tsan_unaligned_read8, 8, false, no)
GDN2_CALLBACK(__tsan_unaligned_read16, 16, false, no)
GDN2_CALLBACK(__tsan_unaligned_write2, 2, true, no)
GDN2_CALLBACK(__tsan_unaligned_write4, 4, true, no)
GDN2_CALLBACK(__tsan_unaligned_write8, 8, true, no)
GDN2_CALLBACK(__tsan_unaligned_write16, 16, true, no)
GDN2_CALLBACK(__tsan_vptr_read, 8, false, yes)
void __tsan_vptr_update(void* address, void*) { report<Aligned::yes, true>(address, 8, __builtin_return_address(0)); }
#undef GDN2_CALLBACK

void __tsan_read_range(void* address, unsigned long bytes) {
    report<Aligned::no, false>(address, bytes, __builtin_return_address(0));
}
void __tsan_write_range(void* address, unsigned long bytes) {
    report<Aligned::no, true>(address, bytes, __builtin_return_address(0));
}


// clang calls these in place of the C library's.
void* __tsan_memcpy(void* to, const void* from, unsigned long bytes) {
    report<Aligned::no, false>(from, bytes, __builtin_return_address(0));
    report<Aligned::no, true>(to, bytes, __builtin_return_address(0));
    return std::memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, unsigned long bytes) {
    report<Aligned::no, false>(from, bytes, __builtin_return_address(0));
    report<Aligned::no, true>(to, bytes, __builtin_return_address(0));
    return std::memmove(to, from, bytes);
}
void* __tsan_memset(void* to, int value, unsigned long bytes) {
    report<Aligned::no, true>(to, bytes, __builtin_return_address(0));
    return std::memset(to, value, bytes);
}

}  // extern "C"

#endif
