// See forward_plan.h.
#include "cuda/launch/forward_plan.h"

#include <algorithm>
#include <limits>
#include <string>

#include "cuda/launch/backend.h"
#include "cuda/launch/block_needs.h"
#include "cuda/launch/plan_parts.h"
#include "cuda/launch/scan_plan.h"
#include "reference/core/error.h"

namespace gdn2::cuda {
namespace {

KernelCall recurrent_call(const ForwardArguments& a, const RecurrentParams& params) {
    const auto heads = static_cast<unsigned>(a.value.heads);
    if (a.path == ForwardPath::recurrent_1) {
        const KernelId id =
            pick(a.precision, KernelId::recurrent_1_f32, KernelId::recurrent_1_bf16, KernelId::recurrent_1_f16);
        return {id, {grid_x(a.sequences.count, a.value.dim, 64), heads}, 64, 0, params};
    }
    const KernelId id = pick(a.precision, KernelId::recurrent_2_f32_128, KernelId::recurrent_2_bf16_128,
                             KernelId::recurrent_2_f16_128, a.key.dim > 128);
    return {id, {grid_x(a.sequences.count, a.value.dim, 16), heads}, 128, 0, params};
}

/// Where everything of the chunk path lies in the workspace; with a null base the last member tells its size.
struct Layout {
    Workspace records;
    Segments segments;
    unsigned char* end;
};

Layout lay_out(const ForwardArguments& a, void* workspace) {
    const Record record = record_of(a);
    Pieces pieces(workspace);
    unsigned char* const records = pieces.take(chunk_slots(a) * a.key.heads * record.bytes());
    const Segments segments = segments_of(a, pieces);
    return {{records, record.bytes(), record.slabs}, segments, pieces.end()};
}

}  // namespace

std::size_t forward_workspace_bytes(const ForwardArguments& arguments) {
    if (arguments.path != ForwardPath::chunk) return 0;
    return reinterpret_cast<std::size_t>(lay_out(arguments, nullptr).end);
}

std::vector<KernelCall> make_forward_plan(const ForwardArguments& arguments, void* workspace) {
    ForwardArguments a = arguments;
    require_fits(a.key, a.value);
    find_widths(a.key, a.value, a.precision);
    if (a.sequences.count == 0) return {};
    if (a.path != ForwardPath::chunk) return {recurrent_call(a, {a.sequences, a.key, a.value, a.states})};

    require(workspace && aligned(workspace, 16), "the workspace must be device memory, aligned to 16 bytes");
    const Layout layout = lay_out(a, workspace);
    const KernelId scan = pick(a.precision, KernelId::scan_f32_64, KernelId::scan_bf16_64, KernelId::scan_f16_64,
                               layout.records.slabs / 2);
    std::vector<KernelCall> plan{prepare_call(a, layout.records)};
    add_scan(plan, a, scan,
             {a.sequences, layout.records, a.value, a.states, a.key.heads, a.key.dim, {}, layout.segments});
    return plan;
}

KernelCall make_decode_call(const DecodeArguments& arguments) {
    DecodeArguments a = arguments;
    require_fits(a.key, a.value);
    require(a.sequences >= 1, "decode takes at least one sequence, got " + std::to_string(a.sequences));
    require(a.tokens >= 1 && a.tokens <= 16, "decode takes 1 to 16 tokens, got " + std::to_string(a.tokens));
    require(a.states && aligned(a.states, 16), "states must be device memory, aligned to 16 bytes");
    find_widths(a.key, a.value, a.precision);
    const int size_class = (a.state_is_bf16 ? 2 : 0) + (a.key.dim > 128);
    const KernelId id = pick(a.precision, KernelId::decode_f32_128, KernelId::decode_bf16_128, KernelId::decode_f16_128,
                             size_class);
    const unsigned warps = static_cast<unsigned>(std::min(4, (a.value.dim + 7) / 8));
    return {id,
            {grid_x(a.sequences, a.value.dim, static_cast<int>(8 * warps)), static_cast<unsigned>(a.value.heads)},
            32 * warps,
            0,
            DecodeParams{a.key, a.value, a.states, a.slots, a.sequences, a.tokens}};
}

void enqueue_forward(const ForwardArguments& arguments, void* workspace, void* stream) {
    for (const KernelCall& call : make_forward_plan(arguments, workspace)) enqueue_on_card(call, stream);
}

void enqueue_decode(const DecodeArguments& arguments, void* stream) {
    if (arguments.sequences == 0) return;
    enqueue_on_card(make_decode_call(arguments), stream);
}

}  // namespace gdn2::cuda
