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

Conflict SharedShadow::read(const Access& access, std::size_t first, std::size_t last) {
    const Tick tick = access.tick();
    const std::uint64_t several = 1u << 5;
    const std::uint64_t mine = Mark::of(tick, access.pc, 0, access.lane).bits;
    const Mark self = access.mark();
    Mark* reads = reads_[access.warp].data();
    for (std::size_t g = first; g <= last; ++g) {
        const Mark write = written_[g];
        const bool ordered = write.tick() < (*access.clock)[write.warp()];
        const bool own = write.tick() == tick && write.thread() == self.thread();
        if (!(write.tick() > base_ && (ordered || own))) return why_not_read(access, g);

        const Mark before = reads[g];
        const bool others = before.tick() == tick && (before.lane() != access.lane || (before.bits & several));
        reads[g].bits = mine | (others ? several : 0);
    }
    return {};
}

Conflict SharedShadow::why_not_read(const Access&, std::size_t g) const {
    const Mark write = written_[g];
    if (write.tick() <= base_) return {Conflict::unwritten, g, {}, false};
    return {write.tick() == in_flight ? Conflict::in_flight : Conflict::race_with_write, g, write, false};
}

Conflict SharedShadow::write(const Access& access, std::size_t first, std::size_t last) {
    if (const Conflict conflict = why_not_write(access, first, last); conflict.kind) return conflict;
    std::fill(written_.begin() + static_cast<std::ptrdiff_t>(first),
              written_.begin() + static_cast<std::ptrdiff_t>(last) + 1, access.mark());
    return {};
}

Conflict SharedShadow::why_not_write(const Access& access, std::size_t first, std::size_t last) const {
    const Mark self = access.mark();
    for (std::size_t g = first; g <= last; ++g) {
        const Mark write = written_[g];
        if (write.tick() < (*access.clock)[write.warp()]) continue;
        if (write.tick() == in_flight) return {Conflict::in_flight, g, write, false};
        if (write.thread() != self.thread()) return {Conflict::race_with_write, g, write, false};
    }
    for (unsigned w = 0; w < warps_; ++w) {
        const Tick known = (*access.clock)[w];
        const Mark* reads = reads_[w].data();
        for (std::size_t g = first; g <= last; ++g) {
            const Mark read = reads[g];
            if (read.tick() < known) continue;
            const bool several = read.warp() != 0;
            if (w == access.warp && read.lane() == access.lane && !several) continue;
            return {Conflict::race_with_read, g, Mark::of(read.tick(), read.pc(), w, read.lane()), several};
        }
    }
    return {};
}

Conflict SharedShadow::announce(const Access& access, std::size_t first, std::size_t last) {
    if (const Conflict conflict = why_not_write(access, first, last); conflict.kind) return conflict;
    for (std::size_t g = first; g <= last; ++g)
        written_[g] = Mark::of(in_flight, access.pc, access.warp, access.lane);
    return {};
}

void SharedShadow::land(const Access& access, std::size_t first, std::size_t last) {
    for (std::size_t g = first; g <= last; ++g) written_[g] = access.mark();
}

}  // namespace gdn2::simt
