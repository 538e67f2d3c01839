// Why no thread of a block can run any more.
//   tests  tests/cuda/simt/planted_test.cpp
#include <bit>
#include <map>

#include "cuda/simt/machine.h"
#include "cuda/simt/symbols.h"

namespace gdn2::simt {

const char* name_of(Operation operation) {
    static constexpr const char* names[] = {
        "__syncwarp", "__shfl_sync", "__shfl_xor_sync", "__shfl_up_sync", "__shfl_down_sync", "__ballot_sync",
        "__any_sync", "__all_sync", "mma_m16n8k16_bf16", "mma_m16n8k16_f16", "mma_m16n8k8_bf16", "mma_m16n8k8_tf32",
        "ldmatrix_x4", "ldmatrix_x4_trans", "ldmatrix_x2", "ldmatrix_x2_trans", "named_barrier_sync",
        "named_barrier_arrive"};
    return names[static_cast<int>(operation)];
}

namespace {

/// "0-31,40" from the threads of a list in ascending order.
std::string ranges(const std::vector<int>& threads) {
    std::string text;
    for (std::size_t i = 0; i < threads.size();) {
        std::size_t end = i;
        while (end + 1 < threads.size() && threads[end + 1] == threads[end] + 1) ++end;
        text += (i ? "," : "") + std::to_string(threads[i]);
        if (end > i) text += "-" + std::to_string(threads[end]);
        i = end + 1;
    }
    return text;
}

}  // namespace

std::string Machine::whereabouts(const Lane& lane) const {
    if (lane.state == LaneState::ended) return "left the kernel";
    std::string what = "wait at a __syncthreads";
    if (lane.state == LaneState::at_named_barrier) what = "wait at a named barrier";
    if (lane.state == LaneState::in_operation) what = "are in an operation of their warp";
    return what + " (" + line_of(lane.pc) + ")";
}

/// A lane of `meeting` that is elsewhere, and that can no longer come.
RawFault Machine::missing_lane(const Warp& warp, const Meeting& meeting) const {
    const unsigned absent = meeting.mask & ~meeting.arrived;
    const Lane& there = lanes_[warp.index * warp_size + static_cast<unsigned>(std::countr_zero(meeting.arrived))];
    const Lane& away = lanes_[warp.index * warp_size + static_cast<unsigned>(std::countr_zero(absent))];
    std::string what = std::string("is in ") + name_of(meeting.operation) + ", which lane " +
                       std::to_string(away.lane()) + " of its warp does not come to: it ";
    if (away.state == LaneState::ended) what += "left the kernel";
    if (away.state == LaneState::at_barrier) what += "waits at a __syncthreads";
    if (away.state == LaneState::in_operation) what += "is in another operation";
    return {FaultKind::divergent_collective, what, there.thread, meeting.pc, away.thread,
            away.state == LaneState::ended ? nullptr : away.pc};
}

std::optional<RawFault> Machine::why_stuck() const {
    for (unsigned w = 0; w < warp_count_; ++w)
        for (const Meeting& meeting : warps_[w].meetings)
            if (meeting.arrived) return missing_lane(warps_[w], meeting);
    if (ended_ == threads_) {
        for (std::size_t id = 0; id < named_.size(); ++id)
            if (named_[id].arrived)
                return RawFault{FaultKind::named_barrier,
                                "came to barrier " + std::to_string(id) + ", which waits for " +
                                    std::to_string(named_[id].threads) + " threads; only " +
                                    std::to_string(named_[id].arrived) + " had come when the kernel ended",
                                named_[id].thread, named_[id].pc, -1, nullptr};
        return std::nullopt;
    }
    std::map<std::string, std::vector<int>> groups;
    for (int i = 0; i < threads_; ++i) {
        const Lane& lane = lanes_[static_cast<std::size_t>(i)];
        groups[whereabouts(lane)].push_back(lane.thread);
    }
    std::string what = "nobody can go on:";
    for (const auto& [where, threads] : groups) what += " threads " + ranges(threads) + " " + where + ";";
    what.pop_back();
    return RawFault{FaultKind::deadlock, what, -1, nullptr, -1, nullptr};
}

}  // namespace gdn2::simt
