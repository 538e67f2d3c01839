// Shadow of a block's shared memory: who wrote and who read each granule, and whether that was allowed.
//   tests  tests/cuda/simt/race_test.cpp, planted_test.cpp
#include "cuda/simt/shared_shadow.h"

#include <algorithm>

namespace gdn2::simt {

void SharedShadow::begin(std::size_t bytes, unsigned warps, Tick base) {
    const std::size_t granules = (bytes + granule - 1) / granule;
    if (written_.size() < granules) written_.resize(granules);
    for (unsigned w = 0; w < warps; ++w)
        if (reads_[w].size() < granules) reads_[w].resize(granules);
    warps_ = warps;
    base_ = base;
}

void SharedShadow::clear() {
    std::ranges::fill(written_, Mark{});
    for (auto& plane : reads_) std::ranges::fill(plane, Mark{});
}

Conflict SharedShadow::conflict(const Access& access, std::size_t first, std::size_t last) const {
    for (std::size_t g = first; g <= last; ++g) {
        const Mark write = written_[g];
        if (access.is_write) {
            if (const Conflict conflict = conflict_of_write(access, g); conflict.kind) return conflict;
        } else if (!may_read(write, access)) {
            if (write.tick() <= base_) return {Conflict::unwritten, g, {}, false, 0};
            return {write.tick() == in_flight ? Conflict::in_flight : Conflict::race_with_write, g, write, false, 0};
        }
    }
    return {};
}

Conflict SharedShadow::conflict_of_write(const Access& access, std::size_t g) const {
    const Mark write = written_[g];
    if (write.tick() == in_flight) return {Conflict::in_flight, g, write, false, 0};
    if (write.tick() >= (*access.clock)[write.warp()] && !write.same_tick_and_thread(access.mark()))
        return {Conflict::race_with_write, g, write, false, 0};
    for (unsigned w = 0; w < warps_; ++w) {
        const Mark read = reads_[w][g];
        const bool own = w == access.warp && read.thread() == static_cast<int>(access.lane);
        if (read.tick() < (*access.clock)[w] || own) continue;
        return {Conflict::race_with_read, g, Mark::of(read.tick(), read.pc(), w, read.lane()), read.warp() != 0, 0};
    }
    return {};
}

bool SharedShadow::announce(const Access& access, std::size_t first, std::size_t last) {
    if (!may_write(access, first, last)) return false;
    for (std::size_t g = first; g <= last; ++g)
        written_[g] = Mark::of(in_flight, access.pc, access.warp, access.lane);
    return true;
}

void SharedShadow::land(const Access& access, std::size_t first, std::size_t last) {
    for (std::size_t g = first; g <= last; ++g) written_[g] = access.mark();
}

}  // namespace gdn2::simt
