// See memory.h.
#include "tools/bench/memory.h"

#include <algorithm>
#include <cmath>

#include "tools/bench/heap.h"
#include "tools/bench/workload.h"

namespace gdn2::bench {
namespace {

MemoryRow measure(Path path, Index length, Index dim, Index chunk) {
    const Problem<float> problem = cast_problem<float>(timed_problem({length, 1, dim}));
    Workload<float> workload(problem, path, chunk, 1);
    const HeapUse use = heap_use([&] { workload.run(Pass::grad); });
    const auto numbers = static_cast<double>(use.beyond_results()) / sizeof(float);
    return {path, length, states_needed(path, length, chunk),
            6 * static_cast<double>(length) / static_cast<double>(dim),
            numbers / static_cast<double>(dim * dim)};
}

}  // namespace

Index states_needed(Path path, Index length, Index chunk) {
    if (path != Path::recurrent) return (length + chunk - 1) / chunk;
    const auto span = std::max<Index>(1, static_cast<Index>(std::sqrt(static_cast<double>(length))));
    return (length + span - 1) / span + std::min(span, length) + 1;
}

std::vector<MemoryRow> measure_memory(const std::vector<Index>& lengths, Index dim, Index chunk) {
    if (!can_count_heap()) return {};
    std::vector<MemoryRow> rows;
    for (const Path path : {Path::recurrent, Path::chunk})
        for (const Index length : lengths) rows.push_back(measure(path, length, dim, chunk));
    return rows;
}

}  // namespace gdn2::bench
