// Signals that kernels cause are faults, and only those; whoever waited for the signals before gets them again.
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <vector>

#include "cuda/simt/emulator.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/planted_kernels.h"
#include "tests/cuda/simt/sanitized.h"

namespace gdn2::test {
namespace {

struct Run {
    simt::Options options;
    bool good = false;

    std::string fault_of(const char* name, PlantedKernel kernel) const {
        DeviceArray<float> in(std::vector<float>(256, 9.0f), "in"), out(256, "out");
        const PlantedArguments arguments{in.data(), out.data(), good};
        try {
            const unsigned blocks = good ? 1 : 4;  // which would race for the outputs
            simt::run({name, {blocks}, {64}, 1024}, options, [&] { kernel(arguments); });
        } catch (const simt::Fault& fault) {
            return fault.what();
        }
        return "";
    }
};

volatile std::sig_atomic_t heard = 0;
void hear(int) { heard = heard + 1; }

}  // namespace

TEST_CASE("a trap names the lowest block and its thread on any number of host threads and the next launch is whole" *
          skip_there) {
    for (int trial = 0; trial < 12; ++trial) {
        Run bad, good;
        bad.options.threads = 1 + trial % 4;
        good.good = true;
        CHECK(bad.fault_of("division_by_zero", division_by_zero)
                  .starts_with("division_by_zero: block (0,0,0), thread 0 (warp 0, lane 0): divides an integer by "
                               "zero, at planted_trap_kernels.cpp:"));
        CHECK(bad.fault_of("deep_recursion", deep_recursion)
                  .starts_with("deep_recursion: block (0,0,0), thread 9 (warp 0, lane 9): needs more than the 128 KiB "
                               "of a thread's stack, at planted_trap_kernels.cpp:"));
        CHECK(good.fault_of("division_by_zero", division_by_zero).empty());
    }
}

TEST_CASE("memory that is not there is a fault also where accesses are not checked" * skip_there) {
    Run unchecked;
    unchecked.options.check = unchecked.options.count = false;
    const std::string fault = unchecked.fault_of("null_pointer", null_pointer);
    CHECK(fault.starts_with("null_pointer: block (0,0,0), thread 0 (warp 0, lane 0): touches a null pointer, at "
                            "planted_memory_kernels.cpp:"));
}

TEST_CASE("the step limit is of a launch and a thread may take as many steps as it says") {
    Run run;
    run.good = true;
    run.options.step_limit = 5;  // three votes, the one that ends the loop, and the output
    CHECK(run.fault_of("waits_for_a_vote", waits_for_a_vote).empty());
    run.options.step_limit = 3;
    CHECK(run.fault_of("waits_for_a_vote", waits_for_a_vote)
              .find("has taken 3 steps, accesses and meetings, and is taken not to end, at "
                    "planted_trap_kernels.cpp:") != std::string::npos);
}

TEST_CASE("signals of the host go where they went before during a launch and after it" * skip_there) {
    struct sigaction ours = {}, before = {}, after = {};
    ours.sa_handler = hear;
    sigaction(SIGFPE, &ours, &before);
    heard = 0;
    Run run;
    run.options.block_done = [] { raise(SIGFPE); };
    run.good = true;
    CHECK(run.fault_of("division_by_zero", division_by_zero).empty());
    CHECK(heard == 1);
    run.good = false;
    CHECK_FALSE(run.fault_of("division_by_zero", division_by_zero).empty());
    sigaction(SIGFPE, nullptr, &after);
    CHECK((after.sa_handler == hear));
    sigaction(SIGFPE, &before, nullptr);
}

}  // namespace gdn2::test
