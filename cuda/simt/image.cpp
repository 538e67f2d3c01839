// The running program's own memory: where its constants lie.
//   tests  tests/cuda/simt/planted_test.cpp
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

}  // namespace

bool is_constant_memory(std::uintptr_t address, std::size_t bytes) {
    static const std::vector<Segment> segments = find_constants();
    for (const Segment& segment : segments)
        if (address - segment.low < segment.bytes && bytes <= segment.bytes - (address - segment.low)) return true;
    return false;
}

}  // namespace gdn2::simt
