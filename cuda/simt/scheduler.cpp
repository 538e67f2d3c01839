// Which lane runs next, and meetings of a warp's lanes.
//   tests  tests/cuda/simt/emulator_test.cpp, planted_test.cpp
#include <bit>

#include "cuda/simt/machine.h"
#include "cuda/simt/symbols.h"

namespace gdn2::simt {

/// The next lane that can run, of the current warp while it has one; null when nobody can.
Lane* Machine::next_lane() {
    Warp* warp = warp_;
    if (warp->ready.empty()) {
        if (warp->open_meetings > 0) return nullptr;  // somebody is missing, and nobody else can make him come
        if (ready_warps_.empty()) return nullptr;
        warp = &warps_[ready_warps_.first()];
    }
    Lane& lane = lanes_[warp->index * warp_size + warp->ready.take()];
    if (warp->ready.empty()) ready_warps_.remove(warp->index);
    warp_ = warp;
    return &lane;
}

/// Gives way until the calling lane has been made ready again and its turn has come.
void Machine::suspend() {
    Lane& self = *current_;
    Lane* next = next_lane();
    if (next == &self) return;
    say_come(&block_ends_);
    if (next) {
        current_ = next;
        own_stack.low = stacks_.low(static_cast<std::size_t>(next->thread));
        jump(self.context, next->context);
    } else {
        jump(self.context, home_);
    }
}

/// Makes `lanes` of `warp` ready.
void Machine::release(Warp& warp, unsigned lanes) {
    if (shuffled_ && warp.ready.empty()) warp.ready.shuffle(random_);
    for (unsigned left = lanes; left; left &= left - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(left));
        lanes_[warp.index * warp_size + lane].state = LaneState::ready;
        warp.ready.add(lane);
    }
    ready_warps_.add(warp.index);
}

bool Machine::arrive(unsigned mask, Operation operation, const void* pc) {
    Lane& self = *current_;
    Warp& mine = *warp_;
    const unsigned bit = 1u << self.lane();
    if (--self.steps_left < 0) [[unlikely]] never_ends(pc);
    if (!(mask & bit))
        fault(FaultKind::bad_argument, pc, [] { return "calls an operation with a mask that leaves it out"; });

    Meeting& meeting = mine.meetings[static_cast<unsigned>(std::countr_zero(mask))];
    if (meeting.arrived == 0) {
        meeting = {mask, 0, operation, pc};
        ++mine.open_meetings;
    } else if (meeting.operation != operation || meeting.mask != mask || !same_line(meeting.pc, pc)) {
        const int first = std::countr_zero(meeting.arrived) + self.thread / 32 * 32;
        fault(FaultKind::divergent_collective, pc, [&] {
            return std::string("is in ") + name_of(operation) + " while another lane of its warp is in " +
                   name_of(meeting.operation) + (meeting.mask != mask ? " with another mask" : "");
        }, first, meeting.pc);
    }
    meeting.arrived |= bit;
    if (self.lane() == 0) ++mine.step;
    self.state = LaneState::in_operation;
    self.pc = pc;
    return meeting.arrived == mask;
}

void Machine::close_meeting(Warp& warp, unsigned mask) {
    warp.meetings[static_cast<unsigned>(std::countr_zero(mask))].arrived = 0;
    --warp.open_meetings;
}

}  // namespace gdn2::simt
