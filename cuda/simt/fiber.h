// Fibers: stacks with guard pages, and the jump from one to another (Boost.Context's fcontext).
// Every jump says so to the sanitizers: AddressSanitizer learns which stack is in use; ThreadSanitizer, in builds with
// GDN2_THREAD_SANITIZER, takes each CUDA thread for a thread of its own (sanitizer.h).
//   tests  tests/cuda/simt/emulator_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gdn2::simt {

/// Where a fiber, or the host thread that runs fibers, goes on when it is next jumped to.
struct Context {
    void* handle = nullptr;
    const void* stack_bottom = nullptr;  // for AddressSanitizer
    std::size_t stack_bytes = 0;
    void* tsan_fiber = nullptr;
};

/// Suspends the caller, keeping its place in `from`, and goes on at `to`. Returns when somebody jumps to `from`.
void jump(Context& from, Context& to);

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
    std::size_t bytes() const { return stack_bytes; }

    /// Makes `context` a fresh fiber on stack `i` that will call `entry` once; `entry` must never return.
    void prepare(std::size_t i, Context& context, void (*entry)());

    /// Forgets what the sanitizers know of fibers that will never end.
    void forget_fibers();

    static constexpr std::size_t stack_bytes = 128 * 1024;

private:
    struct Stack {
        std::uintptr_t low = 0;
        void* tsan_fiber = nullptr;
    };
    std::vector<Stack> stacks_;
    std::vector<void*> slabs_;  // each of slab_stacks stacks
};

}  // namespace gdn2::simt
