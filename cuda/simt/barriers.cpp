// __syncthreads and named barriers, and the order that they give to accesses.
//   source  PTX ISA: bar, barrier
//   tests   tests/cuda/simt/planted_test.cpp, race_test.cpp
#include <algorithm>
#include <bit>

#include "cuda/simt/machine.h"
#include "cuda/simt/symbols.h"

namespace gdn2::simt {
namespace {

void join(Clock& into, const Clock& from) {
    for (unsigned v = 0; v < max_warps; ++v) into[v] = std::max(into[v], from[v]);
}

}  // namespace

/// What others may rely on once this warp has come to a barrier: all it knows, and its own tick, which ends here.
const Clock& Machine::end_tick(Warp& warp) {
    warp.clock[warp.index] = ++tick_;
    return warp.clock;
}

void Machine::block_barrier(const void* pc) {
    Lane& self = *current_;
    if (--self.steps_left < 0) [[unlikely]] never_ends(pc);
    if (at_barrier_ == 0) {
        barrier_pc_ = pc;
        barrier_thread_ = self.thread;
    } else if (!same_line(barrier_pc_, pc)) {
        fault(FaultKind::divergent_barrier, pc,
              [] { return "waits at a __syncthreads while another thread waits at another"; }, barrier_thread_,
              barrier_pc_);
    }
    if (ended_ > 0) {
        const auto gone = std::find_if(lanes_.begin(), lanes_.begin() + threads_,
                                       [](const Lane& lane) { return lane.state == LaneState::ended; });
        fault(FaultKind::divergent_barrier, pc,
              [] { return "waits at a __syncthreads that another thread left the kernel without"; }, gone->thread);
    }
    self.state = LaneState::at_barrier;
    self.pc = pc;
    if (self.lane() == 0) ++warp().step;
    void* round = barrier_place_.round();
    say_come(round);
    if (++at_barrier_ == threads_) complete_barrier();
    suspend();
    say_left(round);
}

void Machine::complete_barrier() {
    at_barrier_ = 0;
    barrier_place_.next_round();
    Clock joined{};
    std::int64_t step = 0;
    for (unsigned w = 0; w < warp_count_; ++w) {
        join(joined, end_tick(warps_[w]));
        step = std::max(step, warps_[w].step);
    }
    if (shuffled_) ready_warps_.shuffle(random_);
    for (unsigned w = 0; w < warp_count_; ++w) {
        warps_[w].clock = joined;
        catch_up(warps_[w], step);
        warps_[w].log.flush(counters_);
        release(warps_[w], warps_[w].lanes);
    }
    warp_ = &warps_[ready_warps_.first()];  // from the top again, whoever came last
    counters_.barriers += warp_count_;
}

void Machine::named_barrier(int id, int threads, bool wait, const void* pc) {
    if (id < 1 || id > 15)
        fault(FaultKind::bad_argument, pc,
              [=] { return "names barrier " + std::to_string(id) + ", and there are 1 to 15"; });
    if (threads < 32 || threads % 32 != 0 || threads > 1024)
        fault(FaultKind::bad_argument, pc, [=] {
            return "comes to a named barrier of " + std::to_string(threads) +
                   " threads, not a multiple of 32 up to 1024";
        });

    Warp& mine = warp();
    void* round = named_[static_cast<unsigned>(id)].meeting_place.round();
    say_come(round);
    if (arrive(mine.lanes, wait ? Operation::barrier_sync : Operation::barrier_arrive, pc)) {
        close_meeting(mine, mine.lanes);
        bring(mine, id, threads, wait, pc);
    }
    suspend();
    if (wait) say_left(round);
}

/// All lanes of `warp` have come to barrier `id`; the last of them calls.
void Machine::bring(Warp& warp, int id, int threads, bool wait, const void* pc) {
    NamedBarrier& barrier = named_[static_cast<unsigned>(id)];
    if (barrier.arrived == 0) {
        barrier = {threads, 0, 0, 0, barrier.meeting_place, {}, pc, current_->thread};
    } else if (barrier.threads != threads) {
        fault(FaultKind::named_barrier, pc, [&] {
            return "comes to barrier " + std::to_string(id) + " for " + std::to_string(threads) +
                   " threads, which another thread says is for " + std::to_string(barrier.threads);
        }, barrier.thread, barrier.pc);
    }
    ++counters_.barriers;
    barrier.arrived += static_cast<int>(warp_size);  // a warp counts whole, as on the card
    join(barrier.joined, end_tick(warp));
    barrier.step = std::max(barrier.step, warp.step);
    if (wait) {
        barrier.waiting |= 1u << warp.index;
        for (unsigned i = 0; i < warp_size; ++i)
            if (warp.lanes >> i & 1) lanes_[warp.index * warp_size + i].state = LaneState::at_named_barrier;
    } else {
        release(warp, warp.lanes);
    }
    if (barrier.arrived == barrier.threads) complete(barrier);
}

void Machine::complete(NamedBarrier& barrier) {
    for (std::uint32_t left = barrier.waiting; left; left &= left - 1) {
        Warp& warp = warps_[static_cast<unsigned>(std::countr_zero(left))];
        join(warp.clock, barrier.joined);
        warp.log.flush(counters_);
        catch_up(warp, barrier.step);
        release(warp, warp.lanes);
    }
    const MeetingPlace place = barrier.meeting_place;
    barrier = {};
    barrier.meeting_place = place;
    barrier.meeting_place.next_round();
}

void named_barrier_sync(int id, int threads) {
    machine().named_barrier(id, threads, true, __builtin_return_address(0));
}
void named_barrier_arrive(int id, int threads) {
    machine().named_barrier(id, threads, false, __builtin_return_address(0));
}

}  // namespace gdn2::simt
