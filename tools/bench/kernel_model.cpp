// See model_of in devices.h. Tiles are 64 x 64, key channels stand in slabs of 64: 1, 2 or 4 of them.
#include <algorithm>
#include <cmath>

#include "reference/core/error.h"
#include "tools/bench/devices.h"

namespace gdn2::bench {
namespace {

struct Sizes {
    double element, tokens, keys, values, states, slabs, inverses, chunks, record;
};

Sizes sizes_of(const KernelShape& n, const std::string& precision) {
    Sizes s{};
    s.element = precision == "f32" ? 4 : 2;
    s.tokens = static_cast<double>(n.batch * n.length);
    s.keys = s.tokens * static_cast<double>(n.heads * n.key_dim);
    s.values = s.tokens * static_cast<double>(n.states() * n.value_dim);
    s.states = 4 * static_cast<double>(n.batch * n.states() * n.key_dim * n.value_dim);
    s.slabs = n.key_dim <= 64 ? 1 : n.key_dim <= 128 ? 2 : 4;
    s.chunks = static_cast<double>(n.batch * ((n.length + 63) / 64));
    s.inverses = precision == "f32" ? 1 : 2;  // tiles of A
    s.record = (3 * s.slabs + s.inverses + 1) * 64 * 64 * s.element + s.slabs * 64 * 4;  // E Qg K_tail, A A_qk, gamma
    return s;
}

/// 64 x 64 x 64 products in m16n8k16, or in f32 three m16n8k8 for each half.
double mma_per_tile(const std::string& precision) { return 4 * 8 * 4 * (precision == "f32" ? 6 : 1); }

/// The kernels of the backward pass, with every tile as often as they read it: scans once for each block of 64 value
/// channels, chunk_grad dO, R and dX once for each slab.
KernelModel backward_model(const std::string& rung, const KernelShape& shape, const std::string& precision) {
    const Sizes s = sizes_of(shape, precision);
    const double value_blocks = static_cast<double>((shape.value_dim + 63) / 64);
    const double blocks = s.chunks * static_cast<double>(shape.states()) * value_blocks, tile = 64 * 64 * s.element;
    const double saved = blocks * (s.slabs + 1) * tile, values = s.values * s.element;
    const double product = mma_per_tile(precision);
    if (rung == "scan_saves")
        return {blocks * (s.record - (s.slabs + 1) * tile) + 2 * values, saved,
                blocks * (2 * s.slabs + s.inverses) * product};
    if (rung == "reverse_scan")
        return {blocks * s.record + values + s.states, saved + s.states,
                blocks * (3 * s.slabs + s.inverses + 1) * product};
    require(rung == "chunk_grad", "there is no rung " + rung);
    // For 32 channels, levels of 8, 16 and 32 rows: four warps with lower rows, four with upper ones and twice as many.
    const double products = precision == "f32" ? (1 + 2 + 4) * 4 * 3 * (4 + 8) : (1 + 1 + 2) * 4 * (4 + 8);
    const double tree = 2 * products * s.slabs * s.chunks * static_cast<double>(shape.heads);
    return {2 * s.keys * (3 * s.element + 4) + s.slabs * (values + 4 * blocks * tile) + 2 * values,
            s.keys * (3 * s.element + 4) + 2 * values, blocks * (2 + 3 * s.slabs) * product + tree};
}

/// The scan in segments: N of all but a sequence's last, M of all but the first and last, and the scan between them.
KernelModel segments_model(const std::string& rung, const KernelShape& n, const std::string& precision) {
    const Sizes s = sizes_of(n, precision);
    const double batch = static_cast<double>(n.batch), chunks = s.chunks / batch, each = static_cast<double>(n.segment),
                 count = std::ceil(chunks / each), row = 64 * s.slabs * 4;  // of a state's transpose, in bytes
    const double N = batch * std::max(0.0, count - 1) * static_cast<double>(n.states()),
                 M = batch * std::max(0.0, count - 2) * static_cast<double>(n.heads);
    const double carried = batch * std::max(0.0, count - 2) * static_cast<double>(n.states() * n.value_dim) * row,
                 ends = N * static_cast<double>(n.value_dim) * row, maps = M * static_cast<double>(n.key_dim) * row;
    if (rung == "carry") return {ends + maps, carried, 0};
    if (rung == "scan_maps") {
        const double blocks = each * (N * static_cast<double>((n.value_dim + 63) / 64) +
                                      M * static_cast<double>((n.key_dim + 63) / 64));
        return {blocks * (s.record - (s.slabs + 1) * 64 * 64 * s.element) +
                    2 * N * each * 64 * static_cast<double>(n.value_dim) * s.element,
                ends + maps, blocks * (2 * s.slabs + s.inverses) * mma_per_tile(precision)};
    }
    KernelModel sum = model_of("scan", n, precision);  // scan_cut
    sum.bytes_loaded += ends;
    for (const char* part : {"scan_maps", "carry"}) {
        if (rung == "scan_cut") break;
        const KernelModel more = segments_model(part, n, precision);
        sum = {sum.bytes_loaded + more.bytes_loaded, sum.bytes_stored + more.bytes_stored, sum.mma + more.mma};
    }
    return sum;
}

}  // namespace

KernelModel model_of(const std::string& rung, const KernelShape& shape, const std::string& precision) {
    const Sizes s = sizes_of(shape, precision);
    const double inputs = s.keys * (3 * s.element + 4),
                 records = s.chunks * static_cast<double>(shape.heads) * s.record;
    const double outputs = s.values * s.element, reads = 2 * s.values * s.element;
    if (rung == "recurrent_1" || rung == "recurrent_2") return {inputs + reads, outputs + s.states, 0};
    if (rung == "prepare") {  // 40 of the 8 x 8 pieces of T and A_qk, stacked in pairs as m16n8
        const double tree = 40 * s.slabs * 4 * (precision == "f32" ? 6 : 1);
        return {inputs, records, tree * s.chunks * static_cast<double>(shape.heads)};
    }
    if (rung == "scan") {  // E S, Qg S, K_tail^T R over the slabs; A X and A_qk R
        const double blocks = static_cast<double>(shape.states() * ((shape.value_dim + 63) / 64));
        return {records + reads, outputs + s.states,
                s.chunks * blocks * (3 * s.slabs + s.inverses + 1) * mma_per_tile(precision)};
    }
    if (rung == "scan_maps" || rung == "carry" || rung == "scan_cut" || rung == "segments")
        return segments_model(rung, shape, precision);
    if (rung != "decode") return backward_model(rung, shape, precision);
    return {inputs / static_cast<double>(shape.length) + reads / static_cast<double>(shape.length) + s.states,
            outputs / static_cast<double>(shape.length) + s.states, 0};
}

}  // namespace gdn2::bench
