// Fibers: stacks with guard pages, and the jump from one to another (Boost.Context's fcontext).
// Every jump says so to the sanitizers: AddressSanitizer learns which stack is in use, and which second one, of its
// own making, where frames outlive their functions (detect_stack_use_after_return, on by default since GCC 13);
// ThreadSanitizer, in builds with GDN2_THREAD_SANITIZER, takes each CUDA thread for a thread of its own (sanitizer.h).
//   tests  tests/cuda/simt/emulator_test.cpp
#pragma once

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#ifdef GDN2_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef GDN2_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace gdn2::simt {

/// Where a fiber, or the host thread that runs fibers, goes on when it is next jumped to.
struct Context {
    void* handle = nullptr;
    const void* stack_bottom = nullptr;  // this and the next three for AddressSanitizer
    std::size_t stack_bytes = 0;
    void* asan_frames = nullptr;       // its second stack, from the first use on; a next fiber takes it over
    const Context* gone_to = nullptr;  // where the last jump from here went
    void* tsan_fiber = nullptr;
};

/// After a jump, on the side jumped to: keeps the place of the side that jumped.
inline void arrive(boost::context::detail::transfer_t came) {
    auto& from = *static_cast<Context*>(came.data);
    from.handle = came.fctx;
#ifdef GDN2_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(from.gone_to->asan_frames, &from.stack_bottom, &from.stack_bytes);
#endif
}

/// Suspends the caller, keeping its place in `from`, and goes on at `to`. Returns when somebody jumps to `from`.
inline void jump(Context& from, Context& to) {
#ifdef GDN2_ADDRESS_SANITIZER
    from.gone_to = &to;
    __sanitizer_start_switch_fiber(&from.asan_frames, to.stack_bottom, to.stack_bytes);
#endif
#ifdef GDN2_THREAD_SANITIZER
    if (!from.tsan_fiber) from.tsan_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to.tsan_fiber, __tsan_switch_to_fiber_no_sync);
#endif
    arrive(boost::context::detail::jump_fcontext(to.handle, &from));
}

/// Equal stacks of one host thread, used again by block after block. Below each lies a page that nobody may touch.
class StackPool {
public:
    StackPool() = default;
    ~StackPool();
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;

    /// Has at least `count` stacks; throws Error when memory is short. No fiber may be alive.
    void reserve(std::size_t count);

    std::uintptr_t low(std::size_t i) const { return stacks_[i].low; }

    /// Whether `address` lies in the page below one of the stacks.
    bool guards(std::uintptr_t address) const;

    /// Makes `context` a fresh fiber on stack `i` that will call `entry` once; `entry` must never return.
    void prepare(std::size_t i, Context& context, void (*entry)());

    /// Forgets what the sanitizers know of fibers that will never end.
    void forget_fibers();

    static constexpr std::size_t stack_bytes = 128 * 1024;
    static constexpr std::size_t kept_bytes = 16 * 1024;  ///< of it for the emulator's own functions

private:
    struct Stack {
        std::uintptr_t low = 0;
        void* tsan_fiber = nullptr;
    };
    std::vector<Stack> stacks_;
    std::vector<void*> slabs_;  // each of slab_stacks stacks
};

}  // namespace gdn2::simt
