// The two parts of a block's shared memory: the dynamic one, of the size that the launch asks for, and the kernels'
// __shared__ variables, which under g++ are thread-local variables of the program. A block runs on one host thread, so
// its threads share them and other blocks that run at the same time have their own.
//   tests  tests/cuda/simt/static_shared_test.cpp, planted_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/simt/shared_shadow.h"

namespace gdn2::simt {

struct SharedRegion {
    std::byte* data = nullptr;
    std::size_t bytes = 0;
    SharedShadow shadow;

    std::uintptr_t offset_of(std::uintptr_t address) const { return address - reinterpret_cast<std::uintptr_t>(data); }
    bool holds(std::uintptr_t address, std::size_t size) const {
        return offset_of(address) < bytes && size <= bytes - offset_of(address);
    }
};

}  // namespace gdn2::simt
