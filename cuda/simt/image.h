// The running program's own memory: where its constants lie.
//   tests  tests/cuda/simt/planted_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>

namespace gdn2::simt {

/// True when [address, address + bytes) are constants of the program or of a library: kernels may read them, as they
/// may read __constant__ memory.
bool is_constant_memory(std::uintptr_t address, std::size_t bytes);

}  // namespace gdn2::simt
