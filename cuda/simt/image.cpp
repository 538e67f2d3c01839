// The running program's own memory: where its constants and its thread-local variables lie.
//   source  dl_iterate_phdr(3): PT_TLS, dlpi_tls_data
//   tests   tests/cuda/simt/planted_test.cpp, static_shared_test.cpp
#include "cuda/simt/image.h"

#include <link.h>

#include <vector>

namespace gdn2::simt {
namespace {

struct Segment {
    std::uintptr_t low, bytes;
};

int keep_constants(dl_phdr_info* module, std::size_t, void* data) {
    auto& segments = *static_cast<std::vector<Segment>*>(data);
    for (int i = 0; i < module->dlpi_phnum; ++i) {
        const auto& part = module->dlpi_phdr[i];
        const bool constant = (part.p_type == PT_LOAD && !(part.p_flags & PF_W)) || part.p_type == PT_GNU_RELRO;
        if (constant) segments.push_back({module->dlpi_addr + part.p_vaddr, part.p_memsz});
    }
    return 0;
}

std::vector<Segment> find_constants() {
    std::vector<Segment> segments;
    dl_iterate_phdr(keep_constants, &segments);
    return segments;
}

thread_local std::byte landmark;  // a variable among those that are looked for

int find_landmark(dl_phdr_info* module, std::size_t, void* data) {
    auto* start = static_cast<std::byte*>(module->dlpi_tls_data);  // of the calling thread; null when it has none
    for (int i = 0; start && i < module->dlpi_phnum; ++i) {
        const auto& part = module->dlpi_phdr[i];
        const auto offset = reinterpret_cast<std::uintptr_t>(&landmark) - reinterpret_cast<std::uintptr_t>(start);
        if (part.p_type != PT_TLS || offset >= part.p_memsz) continue;
        *static_cast<std::span<std::byte>*>(data) = {start, part.p_memsz};
        return 1;
    }
    return 0;
}

}  // namespace

bool is_constant_memory(std::uintptr_t address, std::size_t bytes) {
    static const std::vector<Segment> segments = find_constants();
    for (const Segment& segment : segments)
        if (address - segment.low < segment.bytes && bytes <= segment.bytes - (address - segment.low)) return true;
    return false;
}

std::span<std::byte> thread_local_memory() {
    std::span<std::byte> memory;
    landmark = {};  // a library's variables may be allocated only when one is touched
    dl_iterate_phdr(find_landmark, &memory);
    return memory;
}

}  // namespace gdn2::simt
