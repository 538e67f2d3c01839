// The record of phases: who did what in which steps, and the gap of a warp that waits.
#include <doctest/doctest.h>

#include "cuda/simt/emulator.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/sanitized.h"
#include "tests/cuda/simt/unit_kernels.h"

namespace gdn2::test {

TEST_CASE("phases are recorded in steps and a barrier brings the warps to the same one" * skip_there) {
    for (const int lane_order : {0, 1, 2})
        for (const int threads : {1, 2}) {
            simt::Timeline timeline;
            simt::Options options;
            options.timeline = &timeline;
            options.lane_order = lane_order;
            options.threads = threads;
            DeviceArray<float> out(64, "out");
            simt::run({"phases", {1}, {64}, 256}, options, [&] { phases(out.data()); });
            REQUIRE(timeline.size() == 4);
            // fill: one store and the barrier, or more; sum: two loads and a store.
            const auto arrives = timeline[2].last;
            CHECK(timeline[0] == simt::TimelineSpan{0, 0, "fill", 0, 2});
            CHECK(timeline[1] == simt::TimelineSpan{0, 0, "sum", arrives, arrives + 3});
            CHECK(timeline[2] == simt::TimelineSpan{0, 1, "fill", 0, arrives});
            CHECK(timeline[3] == simt::TimelineSpan{0, 1, "sum", arrives, arrives + 3});
            CHECK(arrives == 3);
        }
}

}  // namespace gdn2::test
