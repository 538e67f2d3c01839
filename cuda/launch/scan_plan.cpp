// See scan_plan.h.
#include "cuda/launch/scan_plan.h"

#include <algorithm>

namespace gdn2::cuda {
namespace {

// The choice: constants, so that a shape has the same bits on every card.
constexpr std::int64_t most_serial_blocks = 48;  ///< with 64 an H100 took 1.13 of the serial time in two segments
constexpr std::int64_t least_chunks = 32;        ///< of a sequence on average; shorter chains are walked over as fast
constexpr std::int64_t aimed_blocks = 128;       ///< of the last scan, all at work at once
constexpr std::int64_t least_segment = 8;        ///< chunks

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Blocks of a scan for one sequence, or segment.
std::int64_t blocks_each(const ForwardArguments& a) { return a.value.heads * divide_up(a.value.dim, 64); }

std::int64_t chunks_of(const ForwardArguments& a) { return divide_up(a.tokens, chunk_length); }

bool pays(const ForwardArguments& a) {
    return a.sequences.count * blocks_each(a) <= most_serial_blocks &&
           chunks_of(a) >= a.sequences.count * least_chunks;
}

std::int64_t length_by_shape(const ForwardArguments& a) {
    return std::max(least_segment, divide_up(chunks_of(a) * blocks_each(a), aimed_blocks));
}

std::int64_t segment_slots(const ForwardArguments& a, int chunks) {
    return slot_of(a.sequences.count, a.tokens, chunks * chunk_length);
}

}  // namespace

int segment_chunks(const ForwardArguments& a) {
    if (a.scan.kind == ScanChoice::serial || (a.scan.kind == ScanChoice::by_shape && !pays(a))) return 0;
    constexpr std::int64_t most = 1 << 20;  // so that tokens of a segment are an int
    return static_cast<int>(std::min(most, a.scan.chunks > 0 ? a.scan.chunks : length_by_shape(a)));
}

Segments segments_of(const ForwardArguments& a, Pieces& pieces) {
    const int chunks = segment_chunks(a);
    if (chunks == 0) return {};
    const std::int64_t row = std::int64_t{64} * slabs_of(a.key.dim) * 4, slots = segment_slots(a, chunks);
    float* ends = reinterpret_cast<float*>(pieces.take(slots * a.value.heads * a.value.dim * row));
    return {chunks, ends, reinterpret_cast<float*>(pieces.take(slots * a.key.heads * a.key.dim * row))};
}

void add_scan(std::vector<KernelCall>& plan, const ForwardArguments& a, KernelId id, const ScanParams& params) {
    const int slabs = params.workspace.slabs, chunks = params.segments.chunks;
    KernelCall scan = scan_call(a, id, scan_needs(a.precision, slabs), params);
    if (chunks > 0) {
        const std::int64_t slots = segment_slots(a, chunks);
        const int columns = static_cast<int>(divide_up(a.value.dim, 64) + divide_up(a.key.dim, 64)) * 64;
        KernelCall maps = scan;
        maps.id = pick(a.precision, KernelId::scan_maps_f32_64, KernelId::scan_maps_bf16_64,
                       KernelId::scan_maps_f16_64, slabs / 2);
        maps.grid.x = grid_x(slots, columns, 64);
        scan.grid.x = grid_x(slots, a.value.dim, 64);
        const KernelId carry = static_cast<KernelId>(static_cast<int>(KernelId::carry_segments_64) + slabs / 2);
        const BlockNeeds needs = carry_needs(slabs);
        plan.push_back(maps);
        plan.push_back({carry,
                        {grid_x(a.sequences.count, a.value.dim, carry_rows_of_block), scan.grid.y},
                        needs.threads,
                        needs.shared_bytes,
                        CarryParams{a.sequences, params.segments, a.key.heads, a.key.dim, a.value.heads, a.value.dim}});
    }
    plan.push_back(scan);
}

}  // namespace gdn2::cuda
