// Device buffers as the emulator keeps them.
//   tests  tests/cuda/simt/device_memory_test.cpp
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cuda/simt/global_shadow.h"

namespace gdn2::simt {

/// One buffer with its memory, guards and shadow.
struct Buffer {
    Buffer(std::size_t size, std::string buffer_name);
    ~Buffer();
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    bool holds(std::uintptr_t address, std::size_t size) const {
        return address - begin <= bytes && size <= bytes - (address - begin);
    }

    const std::string name;
    const std::size_t bytes;
    std::byte* const allocation;  // begins and ends with a guard
    const std::uintptr_t begin;
    GlobalShadow shadow;
};

/// Buffers by rising address.
using Buffers = std::vector<std::shared_ptr<Buffer>>;

/// The buffers that are allocated now. They live as long as the caller keeps them.
std::shared_ptr<const Buffers> current_buffers();

/// The buffer of `buffers` that begins at or before `address`, the last of these; null when there is none.
Buffer* buffer_before(const Buffers& buffers, std::uintptr_t address);

/// What fresh memory holds: NaN as two bfloat16 and as one float32.
inline constexpr std::uint16_t poison = 0x7fc1;
void fill_with_poison(std::byte* memory, std::size_t bytes);

}  // namespace gdn2::simt
