// Fibers: stacks with guard pages, and the jump from one to another.
//   tests  tests/cuda/simt/emulator_test.cpp
#include "cuda/simt/fiber.h"

#include <sys/mman.h>

#include "reference/core/error.h"

#ifdef GDN2_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace gdn2::simt {
namespace {

namespace fcontext = boost::context::detail;

constexpr std::size_t page = 4096;
constexpr std::size_t slab_stacks = 32;  // a warp's
// The first bytes used of neighbouring stacks differ by this more than a multiple of the page, so that the 32 lanes'
// hottest lines do not compete for one set of the cache.
constexpr std::size_t colour = 192;
constexpr std::size_t stride = page + StackPool::stack_bytes;

using Entry = void (*)();
constinit thread_local Entry first_call = nullptr;

void start(fcontext::transfer_t came) {
    arrive(came);
    first_call();
}

}  // namespace

StackPool::~StackPool() {
#ifdef GDN2_THREAD_SANITIZER
    for (const Stack& stack : stacks_) __tsan_destroy_fiber(stack.tsan_fiber);
#endif
#ifdef GDN2_ADDRESS_SANITIZER
    for (const Stack& stack : stacks_) __asan_unpoison_memory_region(reinterpret_cast<void*>(stack.low), stack_bytes);
#endif
    for (void* slab : slabs_) munmap(slab, slab_stacks * stride);
}

void StackPool::reserve(std::size_t count) {
    while (stacks_.size() < count) {
        void* slab = mmap(nullptr, slab_stacks * stride, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        require(slab != MAP_FAILED, "no memory for the stacks of " + std::to_string(count) + " threads");
        slabs_.push_back(slab);
        for (std::size_t i = 0; i < slab_stacks; ++i) {
            const std::uintptr_t guard = reinterpret_cast<std::uintptr_t>(slab) + i * stride;
            require(mprotect(reinterpret_cast<void*>(guard), page, PROT_NONE) == 0,
                    "cannot guard the stacks of " + std::to_string(count) + " threads");
            Stack stack{guard + page, nullptr};
#ifdef GDN2_THREAD_SANITIZER
            stack.tsan_fiber = __tsan_create_fiber(0);
#endif
            stacks_.push_back(stack);
        }
    }
}

bool StackPool::guards(std::uintptr_t address) const {
    for (void* slab : slabs_) {
        const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(slab);
        if (offset < slab_stacks * stride) return offset % stride < page;
    }
    return false;
}

void StackPool::forget_fibers() {
#ifdef GDN2_THREAD_SANITIZER
    for (Stack& stack : stacks_) {
        __tsan_destroy_fiber(stack.tsan_fiber);
        stack.tsan_fiber = __tsan_create_fiber(0);
    }
#endif
}

void StackPool::prepare(std::size_t i, Context& context, void (*entry)()) {
    const Stack& stack = stacks_[i];
    first_call = entry;
    const std::size_t used = stack_bytes - i % slab_stacks * colour;
    context.handle = fcontext::make_fcontext(reinterpret_cast<void*>(stack.low + used), used, start);
    context.stack_bottom = reinterpret_cast<void*>(stack.low);
    context.stack_bytes = stack_bytes;
    context.tsan_fiber = stack.tsan_fiber;
#ifdef GDN2_ADDRESS_SANITIZER
    __asan_unpoison_memory_region(reinterpret_cast<void*>(stack.low), stack_bytes);  // frames of abandoned fibers
#endif
}

}  // namespace gdn2::simt
