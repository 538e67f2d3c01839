// What each warp did when: simt::phase, and the machine's part in it.
//   tests  tests/cuda/simt/timeline_test.cpp
#include "cuda/simt/timeline.h"

#include "cuda/simt/machine.h"

namespace gdn2::simt {

/// The warp's phase ends here; what follows is `name`.
void Machine::begin_phase(Warp& warp, const char* name) {
    if (job_->options.timeline && warp.step > warp.phase_first)
        spans_.push_back({block_, static_cast<int>(warp.index), warp.phase, warp.phase_first, warp.step});
    warp.phase = name;
    warp.phase_first = warp.step;
}

/// The warp has waited for others until `step`: its phase goes on after a gap.
void Machine::catch_up(Warp& warp, std::int64_t step) {
    if (step <= warp.step) return;
    begin_phase(warp, warp.phase);
    warp.step = warp.phase_first = step;
}

void phase(const char* name) {
    Machine& here = machine();
    if (here.lane().lane() == 0) here.begin_phase(here.warp(), name);
}

}  // namespace gdn2::simt
