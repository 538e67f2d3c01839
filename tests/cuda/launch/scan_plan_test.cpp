// When a scan is cut into segments, of which lengths, and what the launches and the workspace are then.
//   sources  scan_plan.cpp
#include <doctest/doctest.h>

#include "cuda/launch/backward_plan.h"
#include "cuda/launch/forward_plan.h"
#include "cuda/launch/scan_plan.h"

namespace gdn2::test {
namespace {

using namespace cuda;

/// Some address that nobody looks at.
char* address(std::size_t at) { return reinterpret_cast<char*>(at); }

struct Shape {
    std::int64_t batch, length;
    int key_heads, value_heads, key_dim, value_dim;
};

ForwardArguments arguments_of(const Shape& shape) {
    ForwardArguments a;
    a.tokens = shape.batch * shape.length;
    a.sequences = {shape.batch, shape.length, nullptr, false};
    a.key.q = a.key.k = a.key.b = a.key.g = address(0x1000);
    a.key.g_is_float = true;
    a.key.heads = shape.key_heads;
    a.key.dim = shape.key_dim;
    a.value.v = a.value.w = address(0x2000);
    a.value.o = address(0x3000);
    a.value.heads = shape.value_heads;
    a.value.dim = shape.value_dim;
    return a;
}

ForwardArguments cut(const Shape& shape, int chunks) {
    ForwardArguments a = arguments_of(shape);
    a.scan = {ScanChoice::segments, chunks};
    return a;
}

std::vector<KernelCall> plan_of(const ForwardArguments& a) { return make_forward_plan(a, address(0x8000)); }

TEST_CASE("few heads with many chunks are cut into segments and others are not") {
    const std::pair<Shape, int> table[] = {
        {{1, 8192, 64, 64, 128, 128}, 0},   // 128 blocks fill a card
        {{8, 2048, 16, 16, 128, 128}, 0},   // so do 256
        {{1, 8192, 16, 64, 128, 128}, 0},   // and 64 value heads
        {{1, 8192, 16, 16, 128, 128}, 32},  // 32 blocks a segment, four segments
        {{1, 32768, 16, 16, 128, 128}, 128},
        {{2, 8192, 16, 16, 128, 128}, 0},   // 64 blocks a segment
        {{1, 8192, 24, 24, 128, 128}, 48},  // 48
        {{2, 8192, 12, 12, 256, 128}, 48},
        {{1, 8192, 25, 25, 128, 128}, 0},   // 50
        {{4, 8192, 16, 16, 128, 128}, 0},
        {{1, 8192, 4, 4, 128, 128}, 8},
        {{1, 8192, 1, 1, 128, 128}, 8},     // no shorter than 8 chunks
        {{1, 2048, 16, 16, 128, 128}, 8},   // 32 chunks
        {{1, 1984, 16, 16, 128, 128}, 0},   // 31
        {{2, 1984, 8, 8, 128, 128}, 0},
        {{1, 8192, 64, 64, 64, 64}, 0},     // one block of value channels a head
        {{1, 8192, 32, 32, 64, 64}, 32},
        {{1, 0, 1, 1, 64, 64}, 0},
    };
    for (const auto& [shape, chunks] : table) {
        CAPTURE(shape.batch);
        CAPTURE(shape.length);
        CAPTURE(shape.value_heads);
        ForwardArguments a = arguments_of(shape);
        CHECK(segment_chunks(a) == chunks);
        CHECK(plan_of(a).size() == (chunks > 0 ? 4 : 2));
        a.scan.kind = ScanChoice::serial;
        CHECK(segment_chunks(a) == 0);
        a.scan = {ScanChoice::segments, 5};
        CHECK(segment_chunks(a) == 5);
        a.scan.chunks = 0;
        CHECK(segment_chunks(a) >= 8);
    }
}

TEST_CASE("a pack is cut by its mean length, which is all the host knows") {
    ForwardArguments a = arguments_of({1, 8192, 4, 4, 128, 128});
    a.sequences = {4, 0, address(0x9000), true};
    CHECK(segment_chunks(a) == 8);
    a.sequences.count = 5;  // 26 chunks on average
    CHECK(segment_chunks(a) == 0);
}

TEST_CASE("segments take two more launches with blocks for every slot and the columns of M") {
    const auto plan = plan_of(cut({3, 1000, 2, 4, 129, 70}, 4));
    REQUIRE(plan.size() == 4);
    const unsigned slots = 3000 / 256 + 3;
    CHECK(plan[0].id == KernelId::prepare_bf16);
    CHECK(plan[1].id == KernelId::scan_maps_bf16_256);
    CHECK(plan[1].grid.x == slots * (2 + 3));
    CHECK(plan[1].grid.y == 4);
    CHECK(plan[2].id == KernelId::carry_segments_256);
    CHECK(plan[2].grid.x == 3 * 9);
    CHECK(plan[2].grid.y == 4);
    CHECK(plan[2].threads == 256);
    CHECK(plan[2].shared_bytes == 8 * 256 * 4);
    CHECK(plan[3].id == KernelId::scan_bf16_256);
    CHECK(plan[3].grid.x == slots * 2);
    CHECK(plan[3].threads == plan[1].threads);
    CHECK(plan[3].shared_bytes == plan[1].shared_bytes);
    CHECK(plan_of(cut({3, 1000, 2, 4, 64, 70}, 4))[2].id == KernelId::carry_segments_64);
    CHECK(plan_of(cut({3, 1000, 2, 4, 65, 70}, 4))[2].id == KernelId::carry_segments_128);
}

TEST_CASE("the workspace holds the ends and maps of every segment slot behind the records") {
    const Shape shape{3, 1000, 2, 4, 100, 70};
    ForwardArguments serial = arguments_of(shape), a = cut(shape, 4);
    serial.scan.kind = ScanChoice::serial;
    const std::size_t slots = 3000 / 256 + 3, ends = slots * 4 * 70 * 128 * 4, maps = slots * 2 * 100 * 128 * 4;
    CHECK(forward_workspace_bytes(a) == forward_workspace_bytes(serial) + ends + maps);
    const Segments segments = std::get<ScanParams>(plan_of(a)[3].params).segments;
    CHECK(reinterpret_cast<std::size_t>(segments.ends) == 0x8000 + forward_workspace_bytes(serial));
    CHECK(reinterpret_cast<std::size_t>(segments.maps) == reinterpret_cast<std::size_t>(segments.ends) + ends);
}

TEST_CASE("the backward pass and the pass that saves for it are cut alike") {
    BackwardArguments b;
    b.forward = cut({3, 1000, 2, 4, 100, 70}, 4);
    b.d_o = b.d_q = b.d_k = b.d_b = b.d_v = b.d_w = address(0x4000);
    b.d_g = reinterpret_cast<float*>(address(0x5000));
    CHECK(backward_workspace_bytes(b) > forward_workspace_bytes(b.forward));
    const auto backward = make_backward_plan(b, address(0x8000)), saving = make_saving_plan(b, address(0x8000));
    REQUIRE(backward.size() == 6);
    CHECK(backward[1].id == KernelId::scan_maps_bf16_128);
    CHECK(backward[3].id == KernelId::scan_saves_bf16_128);
    CHECK(backward[4].id == KernelId::reverse_scan_bf16_128);
    REQUIRE(saving.size() == 4);
    CHECK(saving[3].id == KernelId::scan_both_bf16_128);
}

}  // namespace
}  // namespace gdn2::test
