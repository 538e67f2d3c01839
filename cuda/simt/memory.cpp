// Every access of kernel code to memory: whose it is, whether it is allowed, and the counts.
//   tests  tests/cuda/simt/planted_test.cpp, race_test.cpp, counters_test.cpp
#include <cstring>

#include "cuda/simt/cross_block.h"
#include "cuda/simt/image.h"
#include "cuda/simt/machine.h"

namespace gdn2::simt {
namespace {

template <bool is_write>
void count(Traffic& traffic, std::size_t bytes) {
    ++(is_write ? traffic.stores : traffic.loads);
    (is_write ? traffic.bytes_stored : traffic.bytes_loaded) += static_cast<std::int64_t>(bytes);
}

}  // namespace

inline Access Machine::access_by_lane(bool is_write, const void* pc) const {
    return {is_write, warp_->index, current_->lane(), pack_pc(pc), &warp_->clock};
}

template <bool is_write>
inline void Machine::check_shared(SharedRegion& region, std::size_t offset, std::size_t bytes, const void* pc) {
    const Access access = access_by_lane(is_write, pc);
    const std::size_t first = offset / granule, last = (offset + bytes - 1) / granule;
    SharedShadow& shadow = region.shadow;
    if (!(is_write ? shadow.write(access, first, last) : shadow.read(access, first, last)))
        refuse(shadow.conflict(access, first, last), is_write, nullptr, &region, pc);
}

template <bool is_write>
inline void Machine::access_shared(SharedRegion& region, std::uintptr_t address, std::size_t bytes, const void* pc) {
    const std::uintptr_t offset = region.offset_of(address);
    if (counts_) {
        count<is_write>(counters_.shared, bytes);
        warp_->log.add(current_->lane(), static_cast<std::uint32_t>(offset), static_cast<unsigned>(bytes), pack_pc(pc));
    }
    if (checks_) check_shared<is_write>(region, offset, bytes, pc);
}

template <bool is_write>
void Machine::access_global(std::uintptr_t address, std::size_t bytes, const void* pc) {
    Buffer* buffer = buffer_of(address, bytes);
    if (!buffer) {
        if (!is_write && is_constant_memory(address, bytes)) return;
        if (checks_) out_of_bounds(address, bytes, is_write, pc);
        return;
    }
    if (counts_) count<is_write>(counters_.global, bytes);
    if (!checks_) return;
    const std::size_t offset = address - buffer->begin;
    const Conflict conflict = buffer->shadow.touch(access_by_lane(is_write, pc), job_->number,
                                                   static_cast<std::uint32_t>(block_), offset / granule,
                                                   (offset + bytes - 1) / granule);
    if (conflict.kind == Conflict::other_block_read || conflict.kind == Conflict::other_block_wrote)
        note_cross_block(conflict, *buffer, is_write, pc);
    else if (conflict.kind)
        refuse(conflict, is_write, buffer, nullptr, pc);
}

template <bool is_write>
void Machine::access(std::uintptr_t address, std::size_t bytes, const void* pc) {
    say_accessed(reinterpret_cast<void*>(address), bytes, is_write);
    if (--current_->steps_left < 0) [[unlikely]] never_ends(pc);
    if (current_->lane() == 0) ++warp_->step;
    if (dynamic_.holds(address, bytes))
        access_shared<is_write>(dynamic_, address, bytes, pc);
    else if (static_.holds(address, bytes))
        access_shared<is_write>(static_, address, bytes, pc);
    else
        access_global<is_write>(address, bytes, pc);
}

template void Machine::access<false>(std::uintptr_t, std::size_t, const void*);
template void Machine::access<true>(std::uintptr_t, std::size_t, const void*);

void Machine::misaligned(std::uintptr_t address, std::size_t bytes, bool is_write, const void* pc) {
    fault(FaultKind::misaligned, pc, [&] {
        return std::string(is_write ? "writes " : "reads ") + std::to_string(bytes) + " bytes at " +
               name_of_address(address) + ", which is not a multiple of " + std::to_string(bytes);
    });
}

/// From now until it lands an asynchronous copy's destination belongs to it.
void Machine::announce_copy(SharedRegion& region, std::size_t offset, const void* pc) {
    constexpr std::size_t bytes = sizeof(AsyncCopy::data);
    if (counts_) {
        count<true>(counters_.shared, bytes);
        warp_->log.add(current_->lane(), static_cast<std::uint32_t>(offset), bytes, pack_pc(pc));
    }
    say_accessed(region.data + offset, bytes, true);
    if (!checks_) return;
    const Access access = access_by_lane(true, pc);
    const std::size_t first = offset / granule, last = (offset + bytes - 1) / granule;
    if (!region.shadow.announce(access, first, last))
        refuse(region.shadow.conflict(access, first, last), true, nullptr, &region, pc);
}

void Machine::land_copy(const AsyncCopy& copy) {
    std::memcpy(copy.to, copy.data.data(), copy.data.size());
    say_accessed(copy.to, copy.data.size(), true);
    if (!checks_) return;
    const auto to = reinterpret_cast<std::uintptr_t>(copy.to);
    SharedRegion& region = *shared_region_of(to, copy.data.size());
    const std::size_t offset = region.offset_of(to);
    region.shadow.land(access_by_lane(true, copy.pc), offset / granule, (offset + copy.data.size() - 1) / granule);
}

/// Null when it is not shared memory.
SharedRegion* Machine::shared_region_of(std::uintptr_t address, std::size_t bytes) {
    return dynamic_.holds(address, bytes) ? &dynamic_ : static_.holds(address, bytes) ? &static_ : nullptr;
}

Buffer* Machine::buffer_of(std::uintptr_t address, std::size_t bytes) {
    if (last_buffer_ && last_buffer_->holds(address, bytes)) return last_buffer_;
    Buffer* buffer = buffer_before(*job_->buffers, address);
    if (!buffer || !buffer->holds(address, bytes)) return nullptr;
    return last_buffer_ = buffer;
}

void Machine::read_matrix_row(const void* row, const void* pc) {
    const auto address = reinterpret_cast<std::uintptr_t>(row);
    constexpr std::size_t bytes = 16;
    if (address % bytes != 0)
        fault(FaultKind::misaligned, pc, [&] {
            return "gives ldmatrix a row at " + name_of_address(address) + ", which is not a multiple of 16";
        });
    SharedRegion* region = shared_region_of(address, bytes);
    if (!region)
        fault(FaultKind::out_of_bounds, pc,
              [&] { return "gives ldmatrix a row outside shared memory, at " + name_of_address(address); });
    say_accessed(const_cast<void*>(row), bytes, false);
    if (counts_) count<false>(counters_.shared, bytes);
    if (checks_) check_shared<false>(*region, region->offset_of(address), bytes, pc);
}

void Machine::count_matrices(const void* const (&rows)[warp_size], unsigned matrices) {
    ++counters_.ldmatrix;
    for (unsigned m = 0; counts_ && m < matrices; ++m) {
        std::array<std::uint32_t, 8> offsets;
        for (unsigned r = 0; r < 8; ++r) {
            const auto row = reinterpret_cast<std::uintptr_t>(rows[8 * m + r]);
            offsets[r] = static_cast<std::uint32_t>(shared_region_of(row, 16)->offset_of(row));
        }
        add_wavefronts(offsets, 16, counters_);
    }
}

void load_bytes(void* to, const void* from, int bytes) {
    const auto size = static_cast<std::size_t>(bytes);
    machine().aligned_access<false>(reinterpret_cast<std::uintptr_t>(from), size, __builtin_return_address(0));
    std::memcpy(to, from, size);
}

void store_bytes(void* to, const void* from, int bytes) {
    const auto size = static_cast<std::size_t>(bytes);
    machine().aligned_access<true>(reinterpret_cast<std::uintptr_t>(to), size, __builtin_return_address(0));
    std::memcpy(to, from, size);
}

}  // namespace gdn2::simt
