// Shadow of one device buffer: who wrote and who read each granule, in which launch and block.
// Within a block the rule is shared memory's (shared_shadow.h). Blocks of one launch are never ordered, since our
// kernels have neither atomics nor grid barriers: two blocks on one granule, at least one writing, is a race. Launches
// are ordered. Several host threads check at once, each for its own block. A granule's marks belong to the block that
// its owner word names, and owners change under a lock, so of two blocks the later one sees the other.
//   tests  tests/cuda/simt/global_shadow_test.cpp, race_test.cpp
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>

#include "cuda/simt/mark.h"

namespace gdn2::simt {

class GlobalShadow {
public:
    /// Throws Error when the memory cannot be had.
    explicit GlobalShadow(std::size_t bytes);
    ~GlobalShadow();
    GlobalShadow(const GlobalShadow&) = delete;
    GlobalShadow& operator=(const GlobalShadow&) = delete;

    /// Checks an access of `block` in `launch` (from 1) to granules [first, last] and remembers it.
    Conflict touch(const Access& access, std::uint32_t launch, std::uint32_t block, std::size_t first,
                   std::size_t last);

    /// The host has written, or taken back, granules [first, last].
    void set_written(bool written, std::size_t first, std::size_t last);
    /// From now on all counts as written: a launch has run unchecked.
    void trust() { trusted_.store(true); }
    /// The first of granules [first, last] that nobody has written.
    std::optional<std::size_t> first_unwritten(std::size_t first, std::size_t last) const;

private:
    /// Launch 28 bits, flags 4 bits, block 32 bits. 0: nobody; 1: the host, before any launch.
    struct Owner {
        static constexpr std::uint64_t several_lanes = std::uint64_t{1} << 32;
        static constexpr std::uint64_t several_warps = std::uint64_t{2} << 32;  // then the mark is tick and a mask
        static constexpr std::uint64_t several_blocks = std::uint64_t{4} << 32;
        static constexpr std::uint64_t host = 1;
        static std::uint64_t of(std::uint32_t launch, std::uint32_t block) {
            return std::uint64_t{launch} << 36 | block;
        }
        static std::uint32_t block(std::uint64_t owner) { return static_cast<std::uint32_t>(owner); }
        static bool same_launch(std::uint64_t a, std::uint64_t b) { return a >> 36 == b >> 36; }
        static bool same_block(std::uint64_t a, std::uint64_t b) {
            return same_launch(a, b) && block(a) == block(b);
        }
    };
    struct Cell {
        std::atomic<std::uint64_t> writer, write_mark, reader, read_mark;
        std::atomic<std::uint64_t> second_reader, second_mark;  // when several blocks read
    };

    static Conflict read(Cell& cell, const Access& access, std::uint64_t self);
    static Conflict first_read(Cell& cell, const Access& access, std::uint64_t self);
    static Conflict write(Cell& cell, const Access& access, std::uint64_t self);
    static Conflict first_write(Cell& cell, const Access& access, std::uint64_t self);
    static Conflict against_writer(const Cell& cell, std::uint64_t writer, const Access& access, std::uint64_t self);
    static Conflict against_reader(const Cell& cell, std::uint64_t reader, const Access& access, std::uint64_t self);
    static void remember_read(Cell& cell, std::uint64_t reader, const Access& access, std::uint64_t self);

    std::atomic<bool> trusted_ = false;
    std::size_t cells_bytes_ = 0;
    Cell* cells_ = nullptr;
};

}  // namespace gdn2::simt
