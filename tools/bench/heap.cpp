// See heap.h. A program may bring its own malloc (the GNU C library's manual, "Replacing malloc"); this one
// hands everything on to the library's.
#include "tools/bench/heap.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace {

std::atomic<bool> counting = false;
std::atomic<std::ptrdiff_t> in_use = 0, most_in_use = 0;

void add(std::ptrdiff_t bytes) {
    if (!counting) return;
    const std::ptrdiff_t now = in_use += bytes;
    std::ptrdiff_t most = most_in_use;
    while (now > most && !most_in_use.compare_exchange_weak(most, now)) {
    }
}

#ifdef __GLIBC__
std::ptrdiff_t size_of(void* block) { return static_cast<std::ptrdiff_t>(malloc_usable_size(block)); }

void* counted(void* block) {
    if (block) add(size_of(block));
    return block;
}
#endif

}  // namespace

#ifdef __GLIBC__
extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) { return counted(__libc_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) { return counted(__libc_calloc(count, size)); }
void* memalign(std::size_t alignment, std::size_t size) { return counted(__libc_memalign(alignment, size)); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }

void free(void* block) {
    if (block) add(-size_of(block));
    __libc_free(block);
}

void* realloc(void* block, std::size_t size) {
    const std::ptrdiff_t before = block ? size_of(block) : 0;
    void* const result = __libc_realloc(block, size);
    if (result || size == 0) add((result ? size_of(result) : 0) - before);
    return result;
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
    void* const result = memalign(alignment, size);
    if (!result) return ENOMEM;
    *block = result;
    return 0;
}

}  // extern "C"
#endif

namespace gdn2::bench {

#ifdef __GLIBC__
bool can_count_heap() { return true; }
#else
bool can_count_heap() { return false; }
#endif

HeapUse heap_use(const std::function<void()>& call) {
    in_use = most_in_use = 0;
    counting = true;
    call();
    counting = false;
    return {static_cast<std::size_t>(most_in_use),
            static_cast<std::size_t>(std::max<std::ptrdiff_t>(in_use, 0))};
}

}  // namespace gdn2::bench
