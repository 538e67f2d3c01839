// See layer_plan.h.
#include "cuda/launch/layer_plan.h"

#include <algorithm>
#include <limits>
#include <string>

#include "cuda/launch/block_needs.h"
#include "reference/core/error.h"

namespace gdn2::cuda {
namespace {

constexpr std::int64_t max_grid_y = 65535;
constexpr int max_width = 8, max_norm_dim = 256;

bool aligned(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0; }

std::int64_t pieces_of(std::int64_t count, std::int64_t each) { return (count + each - 1) / each; }

/// Kernels of kernels_layers.def stand in one order for every precision.
KernelId pick(Precision precision, KernelId f32) {
    constexpr int step = static_cast<int>(KernelId::linear_bf16) - static_cast<int>(KernelId::linear_f32);
    static_assert(static_cast<int>(KernelId::linear_f16) == static_cast<int>(KernelId::linear_bf16) + step);
    return static_cast<KernelId>(static_cast<int>(f32) + step * static_cast<int>(precision));
}

Extent grid_of(std::int64_t x, std::int64_t y, const char* what) {
    require(x >= 1 && y >= 1 && x <= std::numeric_limits<int>::max() && y <= max_grid_y,
            std::string("a launch of ") + what + " takes 1 to 2147483647 by 1 to 65535 blocks, got " +
                std::to_string(x) + " by " + std::to_string(y));
    return {static_cast<unsigned>(x), static_cast<unsigned>(y)};
}

/// Whether rows of `columns` numbers may be read 16 bytes at a time.
bool in_units(const void* numbers, std::int64_t columns, Precision precision) {
    return aligned(numbers) && columns * static_cast<std::int64_t>(size_of(precision)) % 16 == 0;
}

KernelId kernel_of(ProductKind kind) {
    switch (kind) {
        case ProductKind::linear:
            return KernelId::linear_f32;
        case ProductKind::input_gradient:
            return KernelId::linear_input_gradient_f32;
        case ProductKind::weight_gradient:
            return KernelId::linear_weight_gradient_f32;
    }
    throw Error("no such product");
}

void require_conv(const ConvParams& p) {
    require(p.x && (p.weight || p.width == 1),
            "a convolution needs x and, above width 1, its weight; got a null pointer");
    require(p.width >= 1 && p.width <= max_width,
            "on a device a convolution's width is 1 to 8, got " + std::to_string(p.width));
    require(p.channels >= 1, "a convolution needs channels, got " + std::to_string(p.channels));
}

/// A block for each chunk and 128 channels.
Extent conv_grid(const ConvParams& p, std::int64_t tokens) {
    return grid_of(slot_of(p.sequences.count, tokens), pieces_of(p.channels, 128), "a convolution");
}

void require_norm(const NormParams& p) {
    require(p.x && p.weight, "a norm needs x and its weight, got a null pointer");
    require(p.dim >= 1 && p.dim <= max_norm_dim, "on a device a norm's dim is 1 to 256, got " + std::to_string(p.dim));
    require(p.activation != Activation::none || !p.gate, "a gate is silu or sigmoid, got none");
}

}  // namespace

KernelCall make_product_call(ProductKind kind, Precision precision, const ProductParams& params) {
    ProductParams p = params;
    require(p.A && p.B && p.C, "a product needs A, B and C, got a null pointer");
    require(p.splits == 1 || (p.splits > 1 && p.C_is_float && !p.bias && !p.addend),
            "a product in splits is float, without bias and addend");
    p.A_units = in_units(p.A, kind == ProductKind::weight_gradient ? p.rows : p.depth, precision);
    p.B_units = in_units(p.B, kind == ProductKind::linear ? p.depth : p.columns, precision);
    const BlockNeeds needs = linear_needs(precision);
    return {pick(precision, kernel_of(kind)),
            grid_of(pieces_of(p.rows, 64) * p.splits, pieces_of(p.columns, 64), "a product"), needs.threads,
            needs.shared_bytes, p};
}

int weight_gradient_splits(std::int64_t tokens, int out, int in) {
    constexpr std::int64_t enough_blocks = 512, least_tokens = 512;
    const std::int64_t blocks = pieces_of(out, 64) * pieces_of(in, 64);
    return static_cast<int>(std::clamp<std::int64_t>(tokens / least_tokens, 1, pieces_of(enough_blocks, blocks)));
}

KernelCall make_row_sum_call(Precision precision, const RowSumParams& p) {
    require(p.x && p.sums && p.rows_each >= 1, "a sum over rows needs x, sums and rows_each");
    return {pick(precision, KernelId::sum_rows_f32),
            grid_of(pieces_of(p.columns, 32), pieces_of(p.rows, p.rows_each), "a sum over rows"), 256, 0, p};
}

KernelCall make_logit_gradient_call(Precision precision, const LogitGradientParams& p) {
    require(p.dy && p.d_logits, "a gate's adjoint needs dy and d_logits, got a null pointer");
    const Extent grid = grid_of(pieces_of(p.count, 1024), 1, "a gate's adjoint");
    return {pick(precision, KernelId::logit_gradient_f32), grid, 256, 0, p};
}

KernelCall make_conv_call(Precision precision, const ConvParams& p, std::int64_t tokens) {
    require_conv(p);
    require(p.y, "a convolution needs y, got a null pointer");
    return {pick(precision, KernelId::short_conv_f32), conv_grid(p, tokens), 128, 0, p};
}

KernelCall make_conv_gradient_call(Precision precision, const ConvGradientParams& p, std::int64_t tokens) {
    require_conv(p.forward);
    require(p.dy && p.dx, "a convolution's adjoint needs dy and dx, got a null pointer");
    require(!p.forward.initial_past, "a convolution's adjoint starts from zeros, got an initial past");
    return {pick(precision, KernelId::short_conv_gradient_f32), conv_grid(p.forward, tokens), 128, 0, p};
}

KernelCall make_norm_call(Precision precision, const NormParams& p) {
    require_norm(p);
    require(p.y, "a norm needs y, got a null pointer");
    return {pick(precision, KernelId::gated_rms_norm_f32), grid_of(pieces_of(p.rows, 4), 1, "a norm"), 128, 0, p};
}

KernelCall make_norm_gradient_call(Precision precision, const NormGradientParams& p) {
    require_norm(p.forward);
    require(p.dy && p.dx && p.partials && !p.forward.gate == !p.d_gate,
            "a norm's adjoint needs dy, dx, partials, and d_gate where there is a gate");
    return {pick(precision, KernelId::gated_rms_norm_gradient_f32),
            grid_of(norm_gradient_blocks(p.forward.rows), 1, "a norm's adjoint"), 128, 0, p};
}

std::int64_t norm_gradient_blocks(std::int64_t rows) { return pieces_of(rows, 64); }

}  // namespace gdn2::cuda
