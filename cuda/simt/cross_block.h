// Races between blocks of one launch, kept until the launch is over.
// Blocks run in any order and at once, so which of two blocks sees the other is chance. All conflicts at the lowest
// address are collected, and the report names the two lowest blocks there: the same every time.
//   tests  tests/cuda/simt/race_test.cpp
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace gdn2::simt {

/// One side of a race between blocks. `thread` is -1 when it is not known.
struct BlockAccess {
    std::int64_t block = 0;
    int thread = -1;
    const void* pc = nullptr;
    bool is_write = false;
};

class CrossBlockRaces {
public:
    void add(std::uintptr_t address, const std::string& place, const BlockAccess& one, const BlockAccess& other);

    struct Race {
        std::string place;
        BlockAccess first, second;  // by block
    };
    /// The race to report, when there was one.
    std::optional<Race> lowest() const;

private:
    void keep(const BlockAccess& access);

    mutable std::mutex mutex_;
    std::uintptr_t address_ = UINTPTR_MAX;
    std::string place_;
    std::map<std::int64_t, BlockAccess> blocks_;
};

}  // namespace gdn2::simt
