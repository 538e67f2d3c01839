// Device buffers: fresh ones hold NaN and count as unwritten; holes are found; misuse is refused.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "cuda/simt/device_memory.h"
#include "cuda/simt/emulator.h"
#include "reference/core/error.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/planted_kernels.h"
#include "tests/cuda/simt/sanitized.h"

namespace gdn2::test {

TEST_CASE("a fresh device buffer holds NaN and nobody has written it") {
    DeviceArray<float> fresh(100, "fresh");
    CHECK(reinterpret_cast<std::uintptr_t>(fresh.data()) % 256 == 0);
    for (const float value : fresh.values()) CHECK(std::isnan(value));
    std::size_t hole = 99;
    CHECK(!simt::is_written(fresh.data(), 400, &hole));
    CHECK(hole == 0);
    simt::mark_written(fresh.data(), 40);
    CHECK(simt::is_written(fresh.data(), 40));
    CHECK(!simt::is_written(fresh.data() + 4, 100, &hole));
    CHECK(hole == 24);
    simt::mark_unwritten(fresh.data() + 2, 8);
    CHECK(!simt::is_written(fresh.data(), 40, &hole));
    CHECK(hole == 8);
}

TEST_CASE("an output that a kernel leaves a hole in is found by its first byte" * skip_there) {
    DeviceArray<float> out(64, "out");
    simt::run({"unwritten_output", {1}, {64}}, {}, [&] { unwritten_output({nullptr, out.data(), false}); });
    std::size_t hole = 0;
    CHECK(!simt::is_written(out.data(), out.bytes(), &hole));
    CHECK(hole == 17 * 4);
    simt::run({"unwritten_output", {1}, {64}}, {}, [&] { unwritten_output({nullptr, out.data(), true}); });
    CHECK(simt::is_written(out.data(), out.bytes()));
}

TEST_CASE("after a launch without checks all device memory counts as written") {
    DeviceArray<float> out(64, "out");
    simt::Options unchecked;
    unchecked.check = false;
    simt::run({"unwritten_output", {1}, {64}}, unchecked, [&] { unwritten_output({nullptr, out.data(), false}); });
    CHECK(simt::is_written(out.data(), out.bytes()));
}

TEST_CASE("device memory that is misused is refused") {
    DeviceArray<float> buffer(16, "buffer");
    CHECK_THROWS_AS(simt::mark_written(buffer.data(), 65), Error);
    CHECK_THROWS_AS(simt::free(buffer.data() + 1), Error);
    float on_the_host = 0;
    CHECK_THROWS_AS(simt::mark_written(&on_the_host, 4), Error);
    CHECK_THROWS_AS(simt::free(&on_the_host), Error);
    CHECK_NOTHROW(simt::free(nullptr));
    CHECK_THROWS_AS(simt::allocate(std::size_t{1} << 60, "huge"), Error);
}

TEST_CASE("a freed buffer is nobody's memory" * skip_there) {
    auto* freed = static_cast<float*>(simt::allocate(256, "freed"));
    simt::free(freed);
    CHECK_THROWS_AS(
        simt::run({"unwritten_output", {1}, {64}}, {}, [&] { unwritten_output({nullptr, freed, true}); }), simt::Fault);
}

}  // namespace gdn2::test
