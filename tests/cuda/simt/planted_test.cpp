// Every mistake of planted_*_kernels.cpp is caught: its kind, the thread, both lines. Every correct twin passes.
#include <doctest/doctest.h>

#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "cuda/simt/emulator.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/planted_kernels.h"
#include "tests/cuda/simt/sanitized.h"

namespace gdn2::test {
namespace {

using simt::Fault;
using simt::FaultKind;

constexpr int any = -2, nobody = -1;  // threads

/// A kernel and the fault it must give: who, at which mark, and the other side. With several lane orders the two
/// sides may change places; `any` stands for a thread that depends on the order.
struct Planted {
    std::string name;
    PlantedKernel kernel;
    unsigned blocks, threads;
    FaultKind kind;
    int thread;
    const char* mark;
    int other_thread;
    const char* other_mark;
};

const std::vector<Planted> all_planted = {
    {"missing_syncthreads", missing_syncthreads, 1, 64, FaultKind::race, any, "write", any, "read"},
    {"missing_syncwarp", missing_syncwarp, 1, 32, FaultKind::race, any, "write", any, "read"},
    {"write_after_read", write_after_read, 1, 64, FaultKind::race, any, "read", any, "write"},
    {"same_value_race", same_value_race, 1, 64, FaultKind::race, any, "write", any, "write"},
    {"shuffle_is_no_barrier", shuffle_is_no_barrier, 1, 32, FaultKind::race, any, "write", any, "read"},
    {"global_race", global_race, 1, 64, FaultKind::race, any, "write", any, "read"},
    {"ldmatrix_race", ldmatrix_race, 1, 32, FaultKind::race, any, "write", any, "read"},
    {"two_blocks_write", two_blocks_write, 4, 32, FaultKind::race, 3, "write", 3, "write"},
    {"one_block_reads_the_other", one_block_reads_the_other, 2, 32, FaultKind::race, any, "read", any, "write"},
    {"missing_wait", missing_wait, 1, 64, FaultKind::missing_wait, any, "read", any, "copy"},
    {"wrong_wait_count", wrong_wait_count, 1, 32, FaultKind::missing_wait, any, "read", any, "copy"},
    {"missing_commit", missing_commit, 1, 32, FaultKind::missing_wait, any, "read", any, "copy"},
    {"write_under_copy", write_under_copy, 1, 32, FaultKind::missing_wait, any, "write", any, "copy"},
    {"copy_seen_without_barrier", copy_seen_without_barrier, 1, 32, FaultKind::race, any, "read", any, "copy"},
    {"never_waited", never_waited, 1, 32, FaultKind::missing_wait, any, "copy", nobody, ""},
    {"past_the_end", past_the_end, 1, 64, FaultKind::out_of_bounds, 63, "write", nobody, ""},
    {"before_the_start", before_the_start, 1, 64, FaultKind::out_of_bounds, 0, "read", nobody, ""},
    {"past_shared_memory", past_shared_memory, 1, 64, FaultKind::out_of_bounds, 63, "write", nobody, ""},
    {"null_pointer", null_pointer, 1, 32, FaultKind::out_of_bounds, any, "write", nobody, ""},
    {"write_to_constant", write_to_constant, 1, 32, FaultKind::out_of_bounds, any, "write", nobody, ""},
    {"copy_past_the_end", copy_past_the_end, 1, 64, FaultKind::out_of_bounds, 63, "copy", nobody, ""},
    {"ldmatrix_outside", ldmatrix_outside, 1, 32, FaultKind::out_of_bounds, any, "read", nobody, ""},
    {"unwritten_shared", unwritten_shared, 1, 64, FaultKind::unwritten, 8, "read", nobody, ""},
    {"unwritten_global", unwritten_global, 1, 64, FaultKind::unwritten, any, "read", nobody, ""},
    {"divergent_syncthreads", divergent_syncthreads, 1, 64, FaultKind::divergent_barrier, any, "one", any, "other"},
    {"left_before_barrier", left_before_barrier, 1, 64, FaultKind::divergent_barrier, any, "barrier", any, ""},
    {"left_while_others_wait", left_while_others_wait, 1, 64, FaultKind::divergent_barrier, any, "barrier", any, ""},
    {"divergent_collective", divergent_collective, 1, 32, FaultKind::divergent_collective, any, "shuffle", any, "vote"},
    {"divergent_lines", divergent_lines, 1, 32, FaultKind::divergent_collective, any, "one", any, "other"},
    {"partial_shuffle", partial_shuffle, 1, 32, FaultKind::divergent_collective, any, "", any, ""},
    {"lane_at_barrier", lane_at_barrier, 1, 64, FaultKind::divergent_collective, any, "operation", 20, "barrier"},
    {"shuffle_from_outside", shuffle_from_outside, 1, 32, FaultKind::divergent_collective, any, "", nobody, ""},
    {"mask_without_caller", mask_without_caller, 1, 32, FaultKind::bad_argument, 0, "", nobody, ""},
    {"misaligned_vector", misaligned_vector, 1, 32, FaultKind::misaligned, 0, "", nobody, ""},
    {"misaligned_pointer", misaligned_pointer, 1, 32, FaultKind::misaligned, 0, "", nobody, ""},
    {"misaligned_copy", misaligned_copy, 1, 32, FaultKind::misaligned, any, "", nobody, ""},
    {"misaligned_ldmatrix", misaligned_ldmatrix, 1, 32, FaultKind::misaligned, 7, "", nobody, ""},
    {"named_barrier_counts", named_barrier_counts, 1, 64, FaultKind::named_barrier, any, "one", any, "other"},
    {"unmatched_arrive", unmatched_arrive, 1, 64, FaultKind::named_barrier, any, "arrive", nobody, ""},
    {"barrier_zero", barrier_zero, 1, 64, FaultKind::bad_argument, any, "", nobody, ""},
    {"waits_in_a_circle", waits_in_a_circle, 1, 64, FaultKind::deadlock, nobody, "", nobody, ""},
    {"static_missing_syncthreads", static_missing_syncthreads, 1, 64, FaultKind::race, any, "write", any, "read"},
    {"static_scalar_race", static_scalar_race, 1, 64, FaultKind::race, any, "write", any, "write"},
    {"static_unwritten", static_unwritten, 1, 64, FaultKind::unwritten, 9, "read", nobody, ""},
    {"static_left_over", static_left_over, 2, 64, FaultKind::unwritten, any, "read", nobody, ""},
    {"static_missing_wait", static_missing_wait, 1, 32, FaultKind::missing_wait, any, "read", any, "copy"},
    {"static_far_outside", static_far_outside, 1, 64, FaultKind::out_of_bounds, any, "write", nobody, ""},
    {"deep_recursion", deep_recursion, 1, 64, FaultKind::stack_overflow, 9, "", nobody, ""},
    {"large_frame", large_frame, 1, 64, FaultKind::stack_overflow, 9, "", nobody, ""},
    {"division_by_zero", division_by_zero, 1, 64, FaultKind::division_by_zero, 9, "", nobody, ""},
    {"remainder_of_zero", remainder_of_zero, 1, 64, FaultKind::division_by_zero, 9, "", nobody, ""},
    {"waits_for_a_flag", waits_for_a_flag, 1, 64, FaultKind::endless_loop, 40, "", nobody, ""},
    {"waits_for_a_vote", waits_for_a_vote, 1, 32, FaultKind::endless_loop, any, "", nobody, ""},
    {"barriers_without_end", barriers_without_end, 1, 64, FaultKind::endless_loop, any, "", nobody, ""},
};

/// "file:line" of the line that carries a comment "mark <kernel> <what>".
std::string place_of(const std::string& kernel, const std::string& what) {
    const std::string mark = "// mark " + kernel + (what.empty() ? "" : " " + what);
    for (const std::string file :
         {"planted_memory_kernels.cpp", "planted_meeting_kernels.cpp", "planted_static_kernels.cpp",
          "planted_trap_kernels.cpp"}) {
        std::ifstream source(GDN2_SOURCE_DIR "/tests/cuda/simt/" + file);
        std::string line;
        for (int number = 1; std::getline(source, line); ++number)
            if (line.ends_with(mark)) return file + ":" + std::to_string(number);
    }
    return "no line is marked " + mark;
}

void run_planted(const Planted& planted, bool good, int lane_order, int host_threads) {
    std::vector<float> numbers(256);
    std::iota(numbers.begin(), numbers.end(), 0.0f);
    DeviceArray<float> in(numbers, "in"), out(256, "out");
    simt::Options options;
    options.lane_order = lane_order;
    options.threads = host_threads;
    options.step_limit = 100000;
    const PlantedArguments arguments{in.data(), out.data(), good};
    const simt::Launch launch{planted.name.c_str(), {planted.blocks}, {planted.threads}, 1024};
    simt::run(launch, options, [&] { planted.kernel(arguments); });
}

simt::FaultReport caught(const Planted& planted, int lane_order, int host_threads = 1) {
    try {
        run_planted(planted, false, lane_order, host_threads);
    } catch (const Fault& fault) {
        CHECK(std::string(fault.what()).find('\n') == std::string::npos);
        return fault.report();
    }
    FAIL_CHECK("nothing was caught");
    return {};
}

/// False for mistakes with memory where ThreadSanitizer has the watch.
bool can_be_caught(const Planted& planted) {
    const auto kind = planted.kind;
    return !under_thread_sanitizer || kind == FaultKind::divergent_barrier || kind == FaultKind::divergent_collective ||
           kind == FaultKind::named_barrier || kind == FaultKind::bad_argument || kind == FaultKind::deadlock;
}

bool names(int thread, int wanted) { return wanted == any || thread == wanted; }

/// True when the report names the marked lines, one way round or the other.
bool names_both_lines(const simt::FaultReport& report, const Planted& planted) {
    const bool one_line = planted.kind == FaultKind::deadlock;
    const std::string first = one_line ? "" : place_of(planted.name, planted.mark);
    const std::string second = *planted.other_mark ? place_of(planted.name, planted.other_mark) : "";
    return (report.where == first && report.other_where == second) ||
           (report.where == second && report.other_where == first);
}

}  // namespace

TEST_CASE("every planted mistake is caught with its kind and thread and lines in every lane order") {
    for (const Planted& planted : all_planted)
        for (const int lane_order : {0, 1, 2, 3}) {
            if (!can_be_caught(planted)) continue;
            CAPTURE(planted.name);
            CAPTURE(lane_order);
            const simt::FaultReport report = caught(planted, lane_order);
            CHECK(name_of(report.kind) == std::string(name_of(planted.kind)));
            CHECK(report.kernel == planted.name);
            CHECK(names(report.thread, planted.thread));
            CHECK(names(report.other_thread, planted.other_thread));
            CAPTURE(report.where);
            CAPTURE(report.other_where);
            CHECK(names_both_lines(report, planted));
        }
}

TEST_CASE("the correct twin of every planted mistake runs without a word in every lane order") {
    for (const Planted& planted : all_planted)
        for (const int lane_order : {0, 1, 2, 3, 4}) {
            CAPTURE(planted.name);
            CAPTURE(lane_order);
            CHECK_NOTHROW(run_planted(planted, true, lane_order, 1));
        }
}

}  // namespace gdn2::test
