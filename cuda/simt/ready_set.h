// Which lanes of a warp, or warps of a block, can run, and in which order they do.
//   tests  tests/cuda/simt/emulator_test.cpp
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

namespace gdn2::simt {

/// A small generator of our own: the same orders on every machine.
class OrderRandom {
public:
    explicit OrderRandom(std::uint64_t seed) : state_(seed) {}

    /// A number in [0, limit).
    unsigned below(unsigned limit) {
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return static_cast<unsigned>((z ^ (z >> 31)) % limit);
    }

private:
    std::uint64_t state_;
};

/// A set of numbers in [0, 32) that gives its members in an order of choice: bit p stands for member id_at_[p].
class ReadySet {
public:
    /// Empties the set and orders it: ascending, descending, or by shuffle() from now on.
    void reset(bool descending) {
        bits_ = 0;
        for (unsigned p = 0; p < 32; ++p) place(p, descending ? 31 - p : p);
    }

    bool empty() const { return bits_ == 0; }
    void add(unsigned id) { bits_ |= 1u << position_of_[id]; }

    /// Removes and returns the first member.
    unsigned take() {
        const auto first = static_cast<unsigned>(std::countr_zero(bits_));
        bits_ &= bits_ - 1;
        return id_at_[first];
    }

    /// The first member, which stays.
    unsigned first() const { return id_at_[static_cast<unsigned>(std::countr_zero(bits_))]; }
    void remove(unsigned id) { bits_ &= ~(1u << position_of_[id]); }

    /// A new order. Only while the set is empty.
    void shuffle(OrderRandom& random) {
        for (unsigned p = 31; p > 0; --p) {
            const unsigned other = random.below(p + 1);
            const unsigned id = id_at_[p];
            place(p, id_at_[other]);
            place(other, id);
        }
    }

private:
    void place(unsigned position, unsigned id) {
        id_at_[position] = static_cast<std::uint8_t>(id);
        position_of_[id] = static_cast<std::uint8_t>(position);
    }

    std::uint32_t bits_ = 0;
    std::array<std::uint8_t, 32> id_at_{}, position_of_{};
};

}  // namespace gdn2::simt
