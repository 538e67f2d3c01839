// Every access of kernel code to memory: whose it is, whether it is allowed, and the counts.
//   tests  tests/cuda/simt/planted_test.cpp, race_test.cpp, counters_test.cpp
#include <cstring>

#include "cuda/simt/cross_block.h"
#include "cuda/simt/image.h"
#include "cuda/simt/machine.h"

namespace gdn2::simt {
namespace {

void count(Traffic& traffic, std::size_t bytes, bool is_write) {
    ++(is_write ? traffic.stores : traffic.loads);
    (is_write ? traffic.bytes_stored : traffic.bytes_loaded) += static_cast<std::int64_t>(bytes);
}

}  // namespace

Access Machine::access_by_lane(bool is_write, const void* pc) const {
    const unsigned warp = current_->warp();
    return {is_write, warp, current_->lane(), pack_pc(pc), &warps_[warp].clock};
}

void Machine::access(std::uintptr_t address, std::size_t bytes, bool is_write, const void* pc) {
    say_accessed(reinterpret_cast<void*>(address), bytes, is_write);
    if (current_->lane() == 0) ++warps_[current_->warp()].step;
    const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(shared_);
    if (offset < shared_bytes_ && bytes <= shared_bytes_ - offset)
        access_shared(offset, bytes, is_write, pc);
    else
        access_global(address, bytes, is_write, pc);
}

void Machine::aligned_access(std::uintptr_t address, std::size_t bytes, bool is_write, const void* pc) {
    if (address % bytes != 0)
        fault(FaultKind::misaligned, pc, [&] {
            return std::string(is_write ? "writes " : "reads ") + std::to_string(bytes) + " bytes at " +
                   name_of_address(address) + ", which is not a multiple of " + std::to_string(bytes);
        });
    access(address, bytes, is_write, pc);
}

void Machine::access_shared(std::size_t offset, std::size_t bytes, bool is_write, const void* pc) {
    if (counts_) {
        count(counters_.shared, bytes, is_write);
        warp().log.add(current_->lane(), static_cast<std::uint32_t>(offset), static_cast<unsigned>(bytes), pack_pc(pc));
    }
    if (!checks_) return;
    const Conflict conflict =
        shadow_.touch(access_by_lane(is_write, pc), offset / granule, (offset + bytes - 1) / granule);
    if (conflict.kind) refuse(conflict, is_write, nullptr, pc);
}

void Machine::access_global(std::uintptr_t address, std::size_t bytes, bool is_write, const void* pc) {
    Buffer* buffer = buffer_of(address, bytes);
    if (!buffer) {
        if (!is_write && is_constant_memory(address, bytes)) return;
        if (checks_) out_of_bounds(address, bytes, is_write, pc);
        return;
    }
    if (counts_) count(counters_.global, bytes, is_write);
    if (!checks_) return;
    const std::size_t offset = address - buffer->begin;
    const Conflict conflict = buffer->shadow.touch(access_by_lane(is_write, pc), job_->number,
                                                   static_cast<std::uint32_t>(block_), offset / granule,
                                                   (offset + bytes - 1) / granule);
    if (conflict.kind == Conflict::other_block_read || conflict.kind == Conflict::other_block_wrote)
        note_cross_block(conflict, *buffer, is_write, pc);
    else if (conflict.kind)
        refuse(conflict, is_write, buffer, pc);
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
    const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(shared_);
    if (offset >= shared_bytes_ || bytes > shared_bytes_ - offset)
        fault(FaultKind::out_of_bounds, pc,
              [&] { return "gives ldmatrix a row outside shared memory, at " + name_of_address(address); });
    say_accessed(shared_ + offset, bytes, false);
    count(counters_.shared, bytes, false);
    if (!checks_) return;
    const Conflict conflict =
        shadow_.touch(access_by_lane(false, pc), offset / granule, (offset + bytes - 1) / granule);
    if (conflict.kind) refuse(conflict, false, nullptr, pc);
}

void Machine::count_matrices(const void* const (&rows)[warp_size], unsigned matrices) {
    ++counters_.ldmatrix;
    for (unsigned m = 0; counts_ && m < matrices; ++m) {
        std::array<std::uint32_t, 8> offsets;
        for (unsigned r = 0; r < 8; ++r)
            offsets[r] = static_cast<std::uint32_t>(static_cast<const std::byte*>(rows[8 * m + r]) - shared_);
        add_wavefronts(offsets, 16, counters_);
    }
}

void load_bytes(void* to, const void* from, int bytes) {
    const auto size = static_cast<std::size_t>(bytes);
    machine().aligned_access(reinterpret_cast<std::uintptr_t>(from), size, false, __builtin_return_address(0));
    std::memcpy(to, from, size);
}

void store_bytes(void* to, const void* from, int bytes) {
    const auto size = static_cast<std::size_t>(bytes);
    machine().aligned_access(reinterpret_cast<std::uintptr_t>(to), size, true, __builtin_return_address(0));
    std::memcpy(to, from, size);
}

}  // namespace gdn2::simt
