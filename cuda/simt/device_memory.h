// The emulator's device memory: the only memory, besides shared memory and its own variables, that a kernel may touch.
//   tests  tests/cuda/simt/device_memory_test.cpp, planted_test.cpp
#pragma once

#include <cstddef>
#include <string>

namespace gdn2::simt {

/// `bytes` of device memory that nobody has written: NaN as bfloat16 and as float32. `name` is what faults call it.
/// Aligned to 256 bytes, with guards of at least 256 bytes on both sides that belong to nobody. Throws Error when
/// the memory cannot be had. Zero bytes give an address that nobody may touch.
void* allocate(std::size_t bytes, const std::string& name);

/// Gives memory back that allocate gave; null is ignored. Throws Error for any other address.
void free(void* memory);

/// Says that the host has written [address, address + bytes), within one buffer; throws Error elsewhere.
void mark_written(const void* address, std::size_t bytes);

/// Says that nobody has written [address, address + bytes), within one buffer, and fills it with NaN again.
void mark_unwritten(void* address, std::size_t bytes);

/// True when host or kernels have written all of [address, address + bytes), within one buffer. Otherwise
/// *first_hole, when asked for, is the offset in bytes of the first that nobody wrote. After a launch without checks
/// all of device memory counts as written.
bool is_written(const void* address, std::size_t bytes, std::size_t* first_hole = nullptr);

/// Bytes of all buffers that are allocated now.
std::size_t allocated_bytes();

}  // namespace gdn2::simt
