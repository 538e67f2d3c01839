// See peaks.h.
#include "tools/bench/peaks.h"

#include <benchmark/benchmark.h>

#include <memory>

#include "reference/core/matrix.h"

namespace gdn2::bench {
namespace {

// Eigen's own packet: the registers and the instruction that its products are made of.
template <class Scalar>
using Packet = typename Eigen::internal::packet_traits<Scalar>::type;

constexpr int side_by_side = 10;
constexpr int iterations = 20000;

template <class Scalar>
struct Factors {
    Matrix<Scalar> left, right, product;
};

}  // namespace

template <class Scalar>
std::function<void()> product_of(Tile tile) {
    const auto x = std::make_shared<Factors<Scalar>>();
    x->left = Matrix<Scalar>::Random(tile.rows, tile.inner);
    x->right = Matrix<Scalar>::Random(tile.inner, tile.columns);
    x->product.resize(tile.rows, tile.columns);
    return [x] {
        x->product.noalias() = x->left * x->right;
        benchmark::DoNotOptimize(x->product.data());
        benchmark::ClobberMemory();
    };
}

template <class Scalar>
void fma_loop() {
    using namespace Eigen::internal;
    Scalar factor = Scalar(0.5), term = Scalar(0.25);  // x -> x / 2 + 1/4 stays near 1/2
    benchmark::DoNotOptimize(factor);
    benchmark::DoNotOptimize(term);
    const auto a = pset1<Packet<Scalar>>(factor), b = pset1<Packet<Scalar>>(term);
    Packet<Scalar> sums[side_by_side];
    for (auto& sum : sums) sum = b;
    for (int i = 0; i < iterations; ++i)
        for (auto& sum : sums) sum = pmadd(sum, a, b);
    for (auto& sum : sums) benchmark::DoNotOptimize(sum);
}

template <class Scalar>
double fma_loop_flops() {
    return 2.0 * iterations * side_by_side * int(Eigen::internal::packet_traits<Scalar>::size);
}

template std::function<void()> product_of<float>(Tile);
template std::function<void()> product_of<double>(Tile);
template void fma_loop<float>();
template void fma_loop<double>();
template double fma_loop_flops<float>();
template double fma_loop_flops<double>();

}  // namespace gdn2::bench
