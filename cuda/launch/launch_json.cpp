// See launch_json.h.
#include "cuda/launch/launch_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gdn2::cuda {
namespace {

using nlohmann::json;

json counters_of(const simt::Counters& counters) {
    const auto traffic = [](const simt::Traffic& t) {
        return json{{"loads", t.loads},
                    {"stores", t.stores},
                    {"bytes_loaded", t.bytes_loaded},
                    {"bytes_stored", t.bytes_stored}};
    };
    return {{"global", traffic(counters.global)},
            {"shared", traffic(counters.shared)},
            {"mma", counters.mma()},
            {"ldmatrix", counters.ldmatrix},
            {"barriers", counters.barriers},
            {"warp_syncs", counters.warp_syncs},
            {"shuffles", counters.shuffles},
            {"async_copies", counters.async_copies},
            {"shared_wavefronts", counters.shared_wavefronts},
            {"shared_wavefronts_ideal", counters.shared_wavefronts_ideal},
            {"blocks", counters.blocks}};
}

/// How many spans to write: those of whole blocks, at most `most`.
std::size_t spans_kept(const simt::Timeline& timeline, std::size_t most) {
    if (timeline.size() <= most) return timeline.size();
    std::size_t kept = most;
    while (kept > 0 && timeline[kept - 1].block == timeline[kept].block) --kept;
    return kept;
}

json timeline_of(const simt::Timeline& timeline, std::size_t most) {
    std::vector<std::string> phases;
    json spans = json::array();
    const std::size_t kept = spans_kept(timeline, most);
    for (std::size_t i = 0; i < kept; ++i) {
        const simt::TimelineSpan& span = timeline[i];
        auto phase = std::ranges::find(phases, span.phase);
        if (phase == phases.end()) phase = phases.insert(phase, span.phase);
        spans.push_back({span.block, span.warp, phase - phases.begin(), span.first, span.last});
    }
    return {{"phases", phases}, {"spans", std::move(spans)}, {"whole", kept == timeline.size()}};
}

}  // namespace

std::string json_of(const std::vector<LaunchRecord>& launches, std::size_t most_spans) {
    json all = json::array();
    for (const LaunchRecord& launch : launches)
        all.push_back({{"kernel", launch.kernel},
                       {"grid", {launch.grid.x, launch.grid.y}},
                       {"threads", launch.threads},
                       {"shared_bytes", launch.shared_bytes},
                       {"counters", counters_of(launch.counters)},
                       {"timeline", timeline_of(launch.timeline, most_spans)}});
    return all.dump();
}

}  // namespace gdn2::cuda
