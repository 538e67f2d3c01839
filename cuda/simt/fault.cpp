// What the emulator throws when a kernel does what CUDA does not allow.
//   tests  tests/cuda/simt/planted_test.cpp
#include "cuda/simt/fault.h"

#include <utility>

namespace gdn2::simt {
namespace {

std::string of_block(const BlockIndex& block) {
    return "(" + std::to_string(block.x) + "," + std::to_string(block.y) + "," + std::to_string(block.z) + ")";
}

std::string of_thread(int thread) {
    return "thread " + std::to_string(thread) + " (warp " + std::to_string(thread / 32) + ", lane " +
           std::to_string(thread % 32) + ")";
}

std::string sentence(const FaultReport& report) {
    std::string text = report.kernel + ": ";
    if (report.kind != FaultKind::bad_launch) text += "block " + of_block(report.block);
    if (report.thread >= 0) text += ", " + of_thread(report.thread);
    text += (report.kind == FaultKind::bad_launch ? "" : ": ") + report.what;
    if (!report.where.empty()) text += ", at " + report.where;
    if (report.other_thread >= 0 || !report.other_where.empty()) {
        text += "; the other: ";
        if (report.other_block != report.block) text += "block " + of_block(report.other_block) + ", ";
        if (report.other_thread >= 0) text += of_thread(report.other_thread);
        if (!report.other_where.empty()) text += (report.other_thread >= 0 ? ", at " : "") + report.other_where;
    }
    return text;
}

}  // namespace

const char* name_of(FaultKind kind) {
    switch (kind) {
        case FaultKind::out_of_bounds: return "out_of_bounds";
        case FaultKind::unwritten: return "unwritten";
        case FaultKind::race: return "race";
        case FaultKind::missing_wait: return "missing_wait";
        case FaultKind::misaligned: return "misaligned";
        case FaultKind::divergent_barrier: return "divergent_barrier";
        case FaultKind::divergent_collective: return "divergent_collective";
        case FaultKind::bad_argument: return "bad_argument";
        case FaultKind::named_barrier: return "named_barrier";
        case FaultKind::deadlock: return "deadlock";
        case FaultKind::endless_loop: return "endless_loop";
        case FaultKind::stack_overflow: return "stack_overflow";
        case FaultKind::division_by_zero: return "division_by_zero";
        case FaultKind::bad_launch: return "bad_launch";
    }
    return "";
}

Fault::Fault(FaultReport report) : Error(sentence(report)), report_(std::move(report)) {}

}  // namespace gdn2::simt
