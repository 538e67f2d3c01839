// How many passes shared memory takes to serve a warp, in a simple model of the card.
//   tests  tests/cuda/simt/counters_test.cpp
#include "cuda/simt/wavefronts.h"

#include <algorithm>
#include <map>

namespace gdn2::simt {
namespace {

constexpr unsigned banks = 32, word = 4;

/// Passes of one group: the most distinct words in a bank, and what they would be evenly spread.
void add_group(std::span<const std::uint32_t> offsets, unsigned bytes, Counters& counters) {
    std::uint32_t words[banks][warp_size];
    std::array<unsigned, banks> in_bank{};
    unsigned distinct = 0;
    for (const std::uint32_t offset : offsets)
        for (std::uint32_t w = offset / word; w <= (offset + bytes - 1) / word; ++w) {
            auto& here = words[w % banks];
            auto& count = in_bank[w % banks];
            if (std::find(here, here + count, w) != here + count) continue;
            here[count++] = w;
            ++distinct;
        }
    counters.shared_wavefronts += *std::ranges::max_element(in_bank);
    counters.shared_wavefronts_ideal += (distinct + banks - 1) / banks;
}

}  // namespace

void add_wavefronts(std::span<const std::uint32_t> offsets, unsigned bytes, Counters& counters) {
    const std::size_t lanes = bytes > 8 ? 8 : bytes > 4 ? 16 : 32;
    for (std::size_t i = 0; i < offsets.size(); i += lanes)
        add_group(offsets.subspan(i, std::min(lanes, offsets.size() - i)), bytes, counters);
}

void AccessLog::clear() {
    for (auto& lane : lanes_) lane.clear();
}

void AccessLog::flush(Counters& counters) {
    const auto& model = lanes_[0];
    const bool in_step = std::ranges::all_of(lanes_, [&](const auto& lane) {
        return std::ranges::equal(lane, model, [](const Entry& a, const Entry& b) {
            return a.pc == b.pc && a.bytes == b.bytes;
        });
    });
    if (!in_step) {
        flush_out_of_step(counters);
    } else {
        for (std::size_t k = 0; k < model.size(); ++k) {
            std::array<std::uint32_t, warp_size> offsets;
            for (unsigned lane = 0; lane < warp_size; ++lane) offsets[lane] = lanes_[lane][k].offset;
            add_wavefronts(offsets, std::min(model[k].bytes, 16u), counters);
        }
    }
    clear();
}

/// Lanes took different ways: the k-th accesses from each place belong together.
void AccessLog::flush_out_of_step(Counters& counters) {
    struct Group {
        unsigned bytes = 0;
        std::vector<std::uint32_t> offsets;
    };
    std::map<std::pair<std::uint32_t, std::size_t>, Group> groups;  // by place and k
    for (const auto& lane : lanes_) {
        std::map<std::uint32_t, std::size_t> seen;
        for (const Entry& entry : lane) {
            Group& group = groups[{entry.pc, seen[entry.pc]++}];
            group.bytes = std::min(entry.bytes, 16u);
            group.offsets.push_back(entry.offset);
        }
    }
    for (const auto& [place, group] : groups) add_wavefronts(group.offsets, group.bytes, counters);
}

}  // namespace gdn2::simt
