// The pieces that kernels are made of, one by one under the emulator: chunk slots, number formats, products, inverse.
//   sources  tile/sequence.h tile/element.h tile/tile.h tile/product.h prepare_inverse.cuh
#include <doctest/doctest.h>

#include <bit>
#include <limits>
#include <set>

#include "cuda/simt/emulator.h"
#include "reference/core/matrix.h"
#include "reference/core/random.h"
#include "reference/core/small_float.h"
#include "tests/cuda/kernels/unit_kernels.h"
#include "tests/cuda/simt/device_array.h"

namespace gdn2::test {
namespace {

constexpr std::int64_t chunk = cuda::chunk_length;

/// Every chunk of every sequence must have a slot of its own that chunk_of takes back to it; other slots are gaps.
void check_slots(const std::vector<std::int64_t>& starts, bool wide) {
    const auto count = static_cast<std::int64_t>(starts.size()) - 1, slots = starts.back() / chunk + count;
    DeviceArray<std::int64_t> wide_starts(starts, "cu_seqlens");
    DeviceArray<std::int32_t> narrow_starts(std::vector<std::int32_t>(starts.begin(), starts.end()),
                                            "cu_seqlens");
    const void* device_starts = wide ? static_cast<const void*>(wide_starts.data()) : narrow_starts.data();
    const cuda::Sequences sequences{count, 0, device_starts, wide};
    DeviceArray<std::int64_t> chunks(static_cast<std::size_t>(2 * slots), "chunks"),
        first(starts.size(), "slots");
    simt::run({"write_chunks", {static_cast<unsigned>(slots)}, {32}}, {},
              [&] { write_chunks(sequences, chunks.data()); });
    simt::run({"write_first_slots", {1}, {32}}, {}, [&] { write_first_slots(sequences, first.data()); });
    const std::vector<std::int64_t> found = chunks.values(), firsts = first.values();
    std::set<std::int64_t> taken;
    for (std::size_t n = 0; n + 1 < starts.size(); ++n)
        for (std::int64_t token = starts[n], slot = firsts[n]; token < starts[n + 1];
             token += chunk, ++slot) {
            REQUIRE(slot < slots);
            CHECK(taken.insert(slot).second);
            const auto at = static_cast<std::size_t>(2 * slot);
            CHECK(found[at] == token);
            CHECK(found[at + 1] == std::min(chunk, starts[n + 1] - token));
        }
    for (std::int64_t slot = 0; slot < slots; ++slot)
        if (!taken.contains(slot)) CHECK(found[static_cast<std::size_t>(2 * slot + 1)] <= 0);
}

TEST_CASE("every chunk of a pack has a slot of its own and chunk_of inverts it") {
    Random random(4);
    for (int trial = 0; trial < 150; ++trial) {
        std::vector<std::int64_t> starts{0};
        for (Index n = random.integer(1, 9); n > 0; --n) {
            const std::int64_t edges[] = {0, 1, 63, 64, 65, random.integer(0, 300)};
            starts.push_back(starts.back() + edges[random.integer(0, 5)]);
        }
        check_slots(starts, trial % 2 == 0);
    }
    check_slots({0, 0, 0, 0}, true);
}

TEST_CASE("numbers are rounded to bf16 and f16 as IEEE 754 says") {
    std::vector<float> x = {0.0f,     -0.0f, 1.0f,  -1.0f, 65504.0f, 65519.0f,
                            65520.0f, 1e-8f, 6e-8f, 3e-5f, 3.4e38f};
    Random random(5);
    for (int i = 0; i < 3000; ++i) {
        auto bits = static_cast<std::uint32_t>(random.bits());
        if ((bits >> 23 & 0xff) == 0xff) bits ^= 0x00800000u;  // finite numbers only
        x.push_back(std::bit_cast<float>(bits));
        x.push_back(std::bit_cast<float>((bits & 0xffff0000u) | 0x8000u));  // halfway between two bf16
        x.push_back(std::bit_cast<float>((bits & 0xffffe000u) | 0x1000u));  // halfway between two f16
        x.push_back(static_cast<float>(random.normal()));
    }
    DeviceArray<float> in(x, "x");
    DeviceArray<std::uint16_t> out(6 * x.size(), "bits");
    simt::run({"write_rounded", {1}, {32}}, {}, [&] { write_rounded(in.data(), out.data(), int(x.size())); });
    const std::vector<std::uint16_t> bits = out.values();
    for (std::size_t i = 0; i < x.size(); ++i)
        for (std::size_t form = 0; form < 3; ++form) {
            CHECK(bits[6 * i + form] == BFloat16::encode(x[i]));
            CHECK(bits[6 * i + 3 + form] == Half::encode(x[i]));
        }
}

Matrix<double> matrix_of(const std::vector<float>& x, Index rows) {
    Matrix<double> m(rows, 64);
    for (Index i = 0; i < m.size(); ++i) m.data()[i] = x[static_cast<std::size_t>(i)];
    return m;
}

TEST_CASE("a block times a tile is exact on integers and right on random numbers") {
    for (const bool integers : {true, false})
        for (const bool is_bf16 : {false, true})
            for (const bool transposed : {false, true}) {
                Random random(6);
                std::vector<float> block(16 * 64), tile(64 * 64);
                for (std::vector<float>* x : {&block, &tile})
                    for (float& number : *x)
                        number =
                            static_cast<float>(integers ? double(random.integer(-9, 9)) : random.normal());
                DeviceArray<float> left(block, "block"), right(tile, "tile"), d(16 * 64, "d");
                simt::run({"multiply_tile", {1}, {32}, 64 * 64 * 4}, {},
                          [&] { multiply_tile(left.data(), right.data(), d.data(), is_bf16, transposed); });
                Matrix<double> B = matrix_of(tile, 64);
                if (transposed) B.transposeInPlace();
                const Matrix<double> truth = matrix_of(block, 16) * B;
                const double error = (matrix_of(d.values(), 16) - truth).norm() / truth.norm();
                INFO("integers " << integers << " bf16 " << is_bf16 << " transposed " << transposed);
                CHECK(error <= (integers ? 0 : is_bf16 ? 5e-3 : 1e-6));
            }
}

TEST_CASE("the inverse of I + T is exact on integers and right on dense triangles") {
    for (const bool integers : {true, false}) {
        Random random(7);
        Matrix<double> T = Matrix<double>::Zero(64, 64);
        std::vector<float> numbers(64 * 64,
                                   std::numeric_limits<float>::quiet_NaN());  // on and above: not looked at
        for (Index i = 0; i < 64; ++i)
            for (Index j = 0; j < i; ++j) {
                T(i, j) = integers ? double(random.uniform() < 0.02)
                                   : static_cast<float>(random.uniform(-0.2, 0.2));
                numbers[static_cast<std::size_t>(64 * i + j)] = static_cast<float>(T(i, j));
            }
        DeviceArray<float> in(numbers, "T"), out(64 * 64, "A");
        simt::run({"write_inverse", {1}, {256}, 3 * 64 * 68 * 4}, {},
                  [&] { write_inverse(in.data(), out.data()); });
        const Matrix<double> I = Matrix<double>::Identity(64, 64), truth = (I + T).inverse();
        const double error = (matrix_of(out.values(), 64) - truth).norm() / truth.norm();
        CHECK(error <= (integers ? 1e-15 : 1e-6));
    }
}

}  // namespace
}  // namespace gdn2::test
