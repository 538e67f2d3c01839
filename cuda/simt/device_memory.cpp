// The emulator's device memory.
//   tests  tests/cuda/simt/device_memory_test.cpp
#include "cuda/simt/device_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "cuda/simt/buffer.h"
#include "reference/core/error.h"

namespace gdn2::simt {
namespace {

constexpr std::size_t guard = 256;
constexpr std::size_t most_bytes = std::size_t{1} << 46;

std::byte* allocate_with_guards(std::size_t bytes, const std::string& name) {
    void* memory = nullptr;
    if (bytes <= most_bytes) memory = std::aligned_alloc(guard, (bytes + 3 * guard - 1) / guard * guard);
    require(memory, "no memory for the device buffer " + name + " of " + std::to_string(bytes) + " bytes");
    return static_cast<std::byte*>(memory);
}

/// All buffers. A change makes a new list, so that launches keep the one they began with.
struct Registry {
    std::mutex mutex;
    std::shared_ptr<const Buffers> buffers = std::make_shared<const Buffers>();
};
Registry& registry() {
    static Registry all;
    return all;
}

/// The buffer that holds all of [address, address + bytes) and the offset of its first byte.
std::pair<std::shared_ptr<Buffer>, std::size_t> find(const void* address, std::size_t bytes) {
    const auto a = reinterpret_cast<std::uintptr_t>(address);
    const auto buffers = current_buffers();
    for (const auto& buffer : *buffers)
        if (buffer->holds(a, bytes)) return {buffer, a - buffer->begin};
    throw Error("expected " + std::to_string(bytes) + " bytes within one device buffer");
}

}  // namespace

Buffer::Buffer(std::size_t size, std::string buffer_name)
    : name(std::move(buffer_name)),
      bytes(size),
      allocation(allocate_with_guards(size, name)),
      begin(reinterpret_cast<std::uintptr_t>(allocation) + guard),
      shadow(size) {
    fill_with_poison(allocation + guard, bytes);
}

Buffer::~Buffer() { std::free(allocation); }

void fill_with_poison(std::byte* memory, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) memory[i] = static_cast<std::byte>(i % 2 ? poison >> 8 : poison & 0xff);
}

std::shared_ptr<const Buffers> current_buffers() {
    const std::lock_guard lock(registry().mutex);
    return registry().buffers;
}

Buffer* buffer_before(const Buffers& buffers, std::uintptr_t address) {
    const auto after = std::ranges::upper_bound(buffers, address, {}, [](const auto& buffer) { return buffer->begin; });
    return after == buffers.begin() ? nullptr : std::prev(after)->get();
}

void* allocate(std::size_t bytes, const std::string& name) {
    auto buffer = std::make_shared<Buffer>(bytes, name);
    const std::lock_guard lock(registry().mutex);
    Buffers buffers = *registry().buffers;
    const auto after = std::ranges::upper_bound(buffers, buffer->begin, {}, [](const auto& b) { return b->begin; });
    buffers.insert(after, buffer);
    registry().buffers = std::make_shared<const Buffers>(std::move(buffers));
    return reinterpret_cast<void*>(buffer->begin);
}

void free(void* memory) {
    if (!memory) return;
    const std::lock_guard lock(registry().mutex);
    Buffers buffers = *registry().buffers;
    const auto removed = std::erase_if(buffers, [memory](const auto& buffer) {
        return buffer->begin == reinterpret_cast<std::uintptr_t>(memory);
    });
    require(removed == 1, "freed an address that is not a device buffer's");
    registry().buffers = std::make_shared<const Buffers>(std::move(buffers));
}

void mark_written(const void* address, std::size_t bytes) {
    const auto [buffer, offset] = find(address, bytes);
    if (bytes) buffer->shadow.set_written(true, offset / granule, (offset + bytes - 1) / granule);
}

void mark_unwritten(void* address, std::size_t bytes) {
    const auto [buffer, offset] = find(address, bytes);
    if (!bytes) return;
    buffer->shadow.set_written(false, offset / granule, (offset + bytes - 1) / granule);
    fill_with_poison(static_cast<std::byte*>(address), bytes);
}

bool is_written(const void* address, std::size_t bytes, std::size_t* first_hole) {
    const auto [buffer, offset] = find(address, bytes);
    if (!bytes) return true;
    const auto hole = buffer->shadow.first_unwritten(offset / granule, (offset + bytes - 1) / granule);
    if (hole && first_hole) *first_hole = std::max(*hole * granule, offset) - offset;
    return !hole;
}

std::size_t allocated_bytes() {
    std::size_t bytes = 0;
    for (const auto& buffer : *current_buffers()) bytes += buffer->bytes;
    return bytes;
}

}  // namespace gdn2::simt
