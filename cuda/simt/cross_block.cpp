// Races between blocks of one launch, kept until the launch is over.
//   tests  tests/cuda/simt/race_test.cpp
#include "cuda/simt/cross_block.h"

namespace gdn2::simt {

void CrossBlockRaces::add(std::uintptr_t address, const std::string& place, const BlockAccess& one,
                          const BlockAccess& other) {
    const std::lock_guard lock(mutex_);
    if (address > address_) return;
    if (address < address_) blocks_.clear();
    address_ = address;
    place_ = place;
    keep(one);
    keep(other);
}

/// Of a block's accesses: a write rather than a read, then the lowest thread that is known.
void CrossBlockRaces::keep(const BlockAccess& access) {
    const auto [entry, is_new] = blocks_.try_emplace(access.block, access);
    if (is_new) return;
    BlockAccess& kept = entry->second;
    const auto rank = [](const BlockAccess& a) { return (a.is_write ? 0 : 4096) + (a.thread < 0 ? 2048 : a.thread); };
    if (rank(access) < rank(kept)) kept = access;
}

std::optional<CrossBlockRaces::Race> CrossBlockRaces::lowest() const {
    const std::lock_guard lock(mutex_);
    if (blocks_.size() < 2) return std::nullopt;
    const auto first = blocks_.begin();
    auto second = std::next(first);
    while (!first->second.is_write && !second->second.is_write && std::next(second) != blocks_.end()) ++second;
    return Race{place_, first->second, second->second};
}

}  // namespace gdn2::simt
