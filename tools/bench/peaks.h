// What the machine can do, measured beside what we do: the bare fused multiply-add, and Eigen's product on
// tiles of the sizes that a chunk of 64 tokens with key_dim = value_dim = 128 multiplies.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include <array>
#include <functional>

#include "reference/core/shape.h"

namespace gdn2::bench {

/// [rows, inner] times [inner, columns].
struct Tile {
    Index rows, columns, inner;

    double flops() const { return 2.0 * static_cast<double>(rows * columns * inner); }
    bool operator==(const Tile&) const = default;
};

/// The tile that shares are shares of: Y S_0, Qg S_0.
inline constexpr Tile judged_tile{64, 128, 128};

/// It, and the others of a chunk: E K^T, A Z, K_tail^T R, and a square.
inline constexpr std::array<Tile, 5> tiles{
    {judged_tile, {64, 64, 128}, {64, 128, 64}, {128, 128, 64}, {128, 128, 128}}};

/// One product of a tile, in caches after the first call.
template <class Scalar>
std::function<void()> product_of(Tile tile);

/// `fma_loop_flops<Scalar>()` operations of nothing but multiply-adds in registers, enough of them side by
/// side to hide their latency. Without such an instruction in the build: a multiply and an add.
template <class Scalar>
void fma_loop();

template <class Scalar>
double fma_loop_flops();

}  // namespace gdn2::bench
