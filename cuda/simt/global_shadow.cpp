// Shadow of one device buffer: who wrote and who read each granule, in which launch and block.
//   tests  tests/cuda/simt/global_shadow_test.cpp, race_test.cpp
#include "cuda/simt/global_shadow.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <thread>

#include "reference/core/error.h"

namespace gdn2::simt {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

std::uint64_t mask_mark(Tick tick, std::uint32_t warps) { return std::uint64_t{tick} << 36 | warps; }

/// While one is alive no other host thread changes the owners of a granule. Few locks serve all granules.
class OwnerChange {
public:
    explicit OwnerChange(const void* cell) : lock_(locks[reinterpret_cast<std::uintptr_t>(cell) / 64 % locks.size()]) {
        while (lock_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
    }
    ~OwnerChange() { lock_.clear(std::memory_order_release); }
    OwnerChange(const OwnerChange&) = delete;
    OwnerChange& operator=(const OwnerChange&) = delete;

private:
    static inline std::array<std::atomic_flag, 1024> locks;
    std::atomic_flag& lock_;
};

/// True when every read of a mark of several warps comes before what the clock's owner does next.
bool all_ordered(std::uint64_t mark, const Clock& clock) {
    const auto tick = static_cast<Tick>(mark >> 36);
    for (auto left = static_cast<std::uint32_t>(mark); left; left &= left - 1)
        if (tick >= clock[static_cast<unsigned>(std::countr_zero(left))]) return false;
    return true;
}

}  // namespace

GlobalShadow::GlobalShadow(std::size_t bytes) : cells_bytes_(((bytes + granule - 1) / granule + 1) * sizeof(Cell)) {
    // Zero pages from the system: cells that are never touched cost nothing.
    void* memory =
        mmap(nullptr, cells_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require(memory != MAP_FAILED, "no memory to watch a device buffer of " + std::to_string(bytes) + " bytes");
    cells_ = static_cast<Cell*>(memory);
}

GlobalShadow::~GlobalShadow() { munmap(cells_, cells_bytes_); }

Conflict GlobalShadow::touch(const Access& access, std::uint32_t launch, std::uint32_t block, std::size_t first,
                             std::size_t last) {
    const std::uint64_t self = Owner::of(launch, block);
    for (std::size_t g = first; g <= last; ++g) {
        Conflict conflict = access.is_write ? write(cells_[g], access, self) : read(cells_[g], access, self);
        if (conflict.kind == Conflict::unwritten && trusted_.load(relaxed)) continue;
        if (conflict.kind) {
            conflict.granule = g;
            return conflict;
        }
    }
    return {};
}

Conflict GlobalShadow::read(Cell& cell, const Access& access, std::uint64_t self) {
    const std::uint64_t writer = cell.writer.load(relaxed);
    if (writer == 0) return {Conflict::unwritten, 0, {}, false, 0};
    const std::uint64_t reader = cell.reader.load(relaxed);
    const bool known = Owner::same_launch(reader, self) && reader & Owner::several_blocks &&
                       Owner::block(self) >= Owner::block(cell.second_reader.load(relaxed));
    if (!known && !Owner::same_block(reader, self)) return first_read(cell, access, self);
    if (const Conflict conflict = against_writer(cell, writer, access, self); conflict.kind) return conflict;
    if (!known && !(reader & Owner::several_blocks)) remember_read(cell, reader, access, self);
    return {};
}

/// The block is not the granule's reader yet. Of several blocks that read, the two lowest are kept.
Conflict GlobalShadow::first_read(Cell& cell, const Access& access, std::uint64_t self) {
    const OwnerChange change(&cell);
    const std::uint64_t reader = cell.reader.load(relaxed), mark = access.mark().bits;
    const std::uint64_t several = Owner::same_launch(reader, self) ? Owner::several_blocks : 0;
    if (!several || Owner::block(self) < Owner::block(reader)) {
        cell.second_reader.store(reader, relaxed);
        cell.second_mark.store(cell.read_mark.load(relaxed), relaxed);
        cell.read_mark.store(mark, relaxed);
        cell.reader.store(self | several, relaxed);
    } else {
        const bool second = !(reader & Owner::several_blocks) ||
                            Owner::block(self) < Owner::block(cell.second_reader.load(relaxed));
        if (second) cell.second_reader.store(self, relaxed);
        if (second) cell.second_mark.store(mark, relaxed);
        cell.reader.store(reader | several, relaxed);
    }
    return against_writer(cell, cell.writer.load(relaxed), access, self);
}

Conflict GlobalShadow::write(Cell& cell, const Access& access, std::uint64_t self) {
    if (cell.writer.load(relaxed) != self) return first_write(cell, access, self);
    if (const Conflict conflict = against_writer(cell, self, access, self); conflict.kind) return conflict;
    if (const Conflict conflict = against_reader(cell, cell.reader.load(relaxed), access, self); conflict.kind)
        return conflict;
    cell.write_mark.store(access.mark().bits, relaxed);
    return {};
}

/// The block is not the granule's writer yet.
Conflict GlobalShadow::first_write(Cell& cell, const Access& access, std::uint64_t self) {
    const OwnerChange change(&cell);
    Conflict conflict = against_writer(cell, cell.writer.load(relaxed), access, self);
    if (!conflict.kind) conflict = against_reader(cell, cell.reader.load(relaxed), access, self);
    cell.write_mark.store(access.mark().bits, relaxed);
    cell.writer.store(self, relaxed);
    return conflict;
}

Conflict GlobalShadow::against_writer(const Cell& cell, std::uint64_t writer, const Access& access,
                                      std::uint64_t self) {
    if (!Owner::same_launch(writer, self)) return {};
    const Mark mark{cell.write_mark.load(relaxed)};
    if (!Owner::same_block(writer, self))
        return {Conflict::other_block_wrote, 0, mark, false, Owner::block(writer)};
    const bool ordered = mark.tick() < (*access.clock)[mark.warp()] || mark.thread() == access.mark().thread();
    return ordered ? Conflict{} : Conflict{Conflict::race_with_write, 0, mark, false, 0};
}

Conflict GlobalShadow::against_reader(const Cell& cell, std::uint64_t reader, const Access& access,
                                      std::uint64_t self) {
    if (!Owner::same_launch(reader, self)) return {};
    const Mark mark{cell.read_mark.load(relaxed)};
    if (!Owner::same_block(reader, self))
        return {Conflict::other_block_read, 0, mark, (reader & Owner::several_warps) != 0, Owner::block(reader)};
    if (reader & Owner::several_blocks)
        return {Conflict::other_block_read, 0, Mark{cell.second_mark.load(relaxed)},
                (cell.second_reader.load(relaxed) & Owner::several_warps) != 0,
                Owner::block(cell.second_reader.load(relaxed))};
    if (reader & Owner::several_warps) {
        if (all_ordered(mark.bits, *access.clock)) return {};
        return {Conflict::race_with_read, 0, {}, true, 0};
    }
    const bool alone = !(reader & Owner::several_lanes) && mark.thread() == access.mark().thread();
    if (alone || mark.tick() < (*access.clock)[mark.warp()]) return {};
    return {Conflict::race_with_read, 0, mark, (reader & Owner::several_lanes) != 0, 0};
}

/// The block has read this granule before, in this launch.
void GlobalShadow::remember_read(Cell& cell, std::uint64_t reader, const Access& access, std::uint64_t self) {
    const Mark before{cell.read_mark.load(relaxed)}, now = access.mark();
    std::uint64_t mark = now.bits, flags = 0;
    if (reader & Owner::several_warps) {
        const std::uint32_t mask = static_cast<std::uint32_t>(before.bits) | 1u << access.warp;
        if (mask == static_cast<std::uint32_t>(before.bits) && before.tick() >= now.tick()) return;
        if (!all_ordered(before.bits, *access.clock)) {
            mark = mask_mark(std::max(before.tick(), now.tick()), mask);
            flags = Owner::several_warps;
        }
    } else if (before.warp() != access.warp) {
        if (before.tick() >= (*access.clock)[before.warp()]) {
            mark = mask_mark(std::max(before.tick(), now.tick()), 1u << before.warp() | 1u << access.warp);
            flags = Owner::several_warps;
        }
    } else if (before.tick() == now.tick() && (before.lane() != access.lane || reader & Owner::several_lanes)) {
        flags = Owner::several_lanes;
    }
    cell.read_mark.store(mark, relaxed);
    if (reader == (self | flags)) return;
    const OwnerChange change(&cell);
    if (cell.reader.load(relaxed) == reader) cell.reader.store(self | flags, relaxed);
}

void GlobalShadow::set_written(bool written, std::size_t first, std::size_t last) {
    for (std::size_t g = first; g <= last; ++g) cells_[g].writer.store(written ? Owner::host : 0, relaxed);
}

std::optional<std::size_t> GlobalShadow::first_unwritten(std::size_t first, std::size_t last) const {
    for (std::size_t g = first; g <= last && !trusted_; ++g)
        if (cells_[g].writer.load(relaxed) == 0) return g;
    return std::nullopt;
}

}  // namespace gdn2::simt
