// Fragment layouts against tables: what the figures of the PTX ISA show, element by element, written here without the
// implementation's formulas. Then products and transposes against plain loops.
//   source  PTX ISA, "Matrix fragments for mma.m16n8k16 with floating point type", "... mma.m16n8k8", "ldmatrix"
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "cuda/simt/emulator.h"
#include "cuda/simt/fragments.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/matrix_kernels.h"

namespace gdn2::test {
namespace {

/// Where one register element of lane 0 lies, and how far a step of one lane within a group of four, and of one such
/// group, takes it. The figures of the ISA are these tables drawn out.
struct Place {
    int row, column;
};
struct Fragment {
    std::vector<Place> elements;  // lane 0's, in order of register and half
    Place per_lane_in_group, per_group;
};

const Fragment a_16816 = {{{0, 0}, {0, 1}, {8, 0}, {8, 1}, {0, 8}, {0, 9}, {8, 8}, {8, 9}}, {0, 2}, {1, 0}};
const Fragment b_16816 = {{{0, 0}, {1, 0}, {8, 0}, {9, 0}}, {2, 0}, {0, 1}};
const Fragment a_1688 = {{{0, 0}, {0, 1}, {8, 0}, {8, 1}}, {0, 2}, {1, 0}};
const Fragment b_1688 = {{{0, 0}, {1, 0}}, {2, 0}, {0, 1}};
const Fragment a_tf32 = {{{0, 0}, {8, 0}, {0, 4}, {8, 4}}, {0, 1}, {1, 0}};
const Fragment b_tf32 = {{{0, 0}, {4, 0}}, {1, 0}, {0, 1}};
const Fragment accumulator = {{{0, 0}, {0, 1}, {8, 0}, {8, 1}}, {0, 2}, {1, 0}};

Place place(const Fragment& fragment, std::size_t element, int lane) {
    const Place first = fragment.elements[element];
    const int in_group = lane % 4, group = lane / 4;
    return {first.row + in_group * fragment.per_lane_in_group.row + group * fragment.per_group.row,
            first.column + in_group * fragment.per_lane_in_group.column + group * fragment.per_group.column};
}

using Registers32 = std::uint32_t[8][32];
using Multiply = void (*)(simt::Registers, simt::Registers, std::uint32_t (*)[32]);

/// One element 1 in A and one in B, everything else 0, as `bits_of_one`: the product has a single 1, in its place.
void check_unit_products(const Fragment& a, const Fragment& b, Multiply multiply, int bits, std::uint32_t one) {
    const int per_register = 32 / bits;
    const auto set = [&](Registers32& registers, std::size_t element, int lane) {
        const auto e = static_cast<int>(element);
        registers[e / per_register][lane] = one << (e % per_register * bits);
    };
    for (std::size_t i = 0; i < a.elements.size() * 32; ++i)
        for (std::size_t j = 0; j < b.elements.size() * 32; ++j) {
            Registers32 ra{}, rb{}, sum{};
            const std::size_t ea = i / 32, eb = j / 32;
            const int la = static_cast<int>(i % 32), lb = static_cast<int>(j % 32);
            set(ra, ea, la);
            set(rb, eb, lb);
            multiply(ra, rb, sum);
            const Place pa = place(a, ea, la), pb = place(b, eb, lb);
            int wrong = 0;
            for (std::size_t c = 0; c < 4; ++c)
                for (int lane = 0; lane < 32; ++lane) {
                    const Place at = place(accumulator, c, lane);
                    const bool hit = pa.column == pb.row && at.row == pa.row && at.column == pb.column;
                    wrong += sum[c][lane] != std::bit_cast<std::uint32_t>(hit ? 1.0f : 0.0f);
                }
            if (wrong) FAIL("element " << ea << " of lane " << la << " by element " << eb << " of lane " << lb);
        }
}

std::vector<std::uint16_t> random_bf16(std::size_t count, std::uint64_t seed) {
    std::vector<std::uint16_t> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const float value = static_cast<float>(static_cast<std::int64_t>(seed >> 40) - (1 << 23)) * 0x1p-23f;
        values[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
    }
    return values;
}

double value_of(std::uint16_t bf16) { return std::bit_cast<float>(std::uint32_t{bf16} << 16); }

}  // namespace

TEST_CASE("mma places every element of its operands and result where the PTX ISA draws it") {
    SUBCASE("m16n8k16 bf16") { check_unit_products(a_16816, b_16816, simt::mma_16816_bf16, 16, 0x3f80); }
    SUBCASE("m16n8k16 f16") { check_unit_products(a_16816, b_16816, simt::mma_16816_f16, 16, 0x3c00); }
    SUBCASE("m16n8k8 bf16") { check_unit_products(a_1688, b_1688, simt::mma_1688_bf16, 16, 0x3f80); }
    SUBCASE("m16n8k8 tf32") { check_unit_products(a_tf32, b_tf32, simt::mma_1688_tf32, 32, 0x3f800000); }
}

TEST_CASE("a product of 64 x 128 by 128 x 64 through ldmatrix and mma is the plain loop's") {
    const auto a = random_bf16(64 * 128, 1), b = random_bf16(128 * 64, 2);
    DeviceArray<std::uint16_t> A(a, "A"), B(b, "B");
    DeviceArray<float> C(64 * 64, "C");
    simt::run({"product", {1}, {128}, 2 * 64 * 128 * 2}, {}, [&] { product_64(A.data(), B.data(), C.data()); });
    const auto c = C.values();
    double worst = 0;
    for (std::size_t i = 0; i < 64; ++i)
        for (std::size_t j = 0; j < 64; ++j) {
            double sum = 0;
            for (std::size_t k = 0; k < 128; ++k) sum += value_of(a[i * 128 + k]) * value_of(b[k * 64 + j]);
            worst = std::fmax(worst, std::fabs(sum - c[i * 64 + j]));
        }
    CHECK(worst <= 1e-5);
    CHECK(worst > 0);  // float32 sums, after all
}

TEST_CASE("ldmatrix gives lane 4 r + c elements 2 c and 2 c + 1 of row r and transposed of column r") {
    for (const bool transposed : {false, true})
        for (const int matrices : {2, 4}) {
            CAPTURE(transposed);
            CAPTURE(matrices);
            DeviceArray<std::uint32_t> out(4 * 32, "out");
            simt::run({"load_matrices", {1}, {32}, 4 * 8 * 16}, {},
                      [&] { load_numbered_matrices(out.data(), matrices, transposed); });
            const auto values = out.values();
            // The kernel numbers the elements 64 m + 8 i + j.
            for (std::size_t m = 0; m < static_cast<std::size_t>(matrices); ++m)
                for (std::size_t lane = 0; lane < 32; ++lane) {
                    const std::size_t r = lane / 4, c = 2 * (lane % 4);
                    const std::size_t first = transposed ? 8 * c + r : 8 * r + c;
                    const std::size_t second = first + (transposed ? 8 : 1);
                    CHECK(values[32 * m + lane] == ((64 * m + second) << 16 | (64 * m + first)));
                }
        }
}

TEST_CASE("tf32 operands lose their low 13 bits and no more") {
    std::uint32_t a[4][32] = {}, b[2][32] = {}, sum[4][32] = {};
    a[0][0] = std::bit_cast<std::uint32_t>(1.0f) | 0x3fffu;  // 13 bits that go and one that stays
    b[0][0] = std::bit_cast<std::uint32_t>(1.0f) | 0x1fffu;  // 13 bits that go
    simt::mma_1688_tf32(a, b, sum);
    CHECK(sum[0][0] == (std::bit_cast<std::uint32_t>(1.0f) | 0x2000u));
}

TEST_CASE("f16 operands have their values down to the smallest subnormal and up to infinity") {
    const auto product = [](std::uint32_t f16) {
        std::uint32_t a[4][32] = {}, b[2][32] = {}, sum[4][32] = {};
        a[0][0] = f16;
        b[0][0] = 0x3c00;
        simt::mma_16816_f16(a, b, sum);
        return std::bit_cast<float>(sum[0][0]);
    };
    CHECK(product(0x0001) == 0x1p-24f);
    CHECK(product(0x03ff) == 1023 * 0x1p-24f);
    CHECK(product(0x0400) == 0x1p-14f);
    CHECK(product(0xc500) == -5.0f);
    CHECK(product(0x7bff) == 65504.0f);
}

}  // namespace gdn2::test
