// The running program's own memory: where its constants and its thread-local variables lie.
//   tests  tests/cuda/simt/planted_test.cpp, static_shared_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gdn2::simt {

/// True when [address, address + bytes) are constants of the program or of a library: kernels may read them, as they
/// may read __constant__ memory.
bool is_constant_memory(std::uintptr_t address, std::size_t bytes);

/// The calling thread's thread-local variables of the program or library that holds this file. Kernels that are linked
/// into the same one have their __shared__ variables there.
std::span<std::byte> thread_local_memory();

}  // namespace gdn2::simt
