// See backward_plan.h.
#include "cuda/launch/backward_plan.h"

#include "cuda/launch/backend.h"
#include "cuda/launch/plan_parts.h"
#include "cuda/launch/scan_plan.h"
#include "reference/core/error.h"

namespace gdn2::cuda {
namespace {

/// Where everything lies in the workspace; with a null base the last member tells its size.
struct Layout {
    Workspace records;
    Segments segments;
    ChunkTiles saved, gradient;
    float *d_q_normalised = nullptr, *d_k_normalised = nullptr, *partial = nullptr;
    unsigned char* end;
};

int gate_columns(const KeySide& key) { return key.heads * (key.dim + 1); }

/// Blocks of 64 tokens, which do not care for sequences.
std::int64_t token_blocks(const ForwardArguments& a) { return (a.tokens + 63) / 64; }

Layout lay_out(const ForwardArguments& a, void* workspace) {
    const Record record = record_of(a);
    const std::int64_t slots = chunk_slots(a), tiles = slots * a.value.heads * ((a.value.dim + 63) / 64);
    Pieces pieces(workspace);
    const auto take = [&pieces](std::int64_t bytes) { return pieces.take(bytes); };
    const std::int64_t keys = a.tokens * a.key.heads * a.key.dim * 4;
    Layout layout{};
    layout.records = {take(slots * a.key.heads * record.bytes()), record.bytes(), record.slabs};
    layout.segments = segments_of(a, pieces);
    for (ChunkTiles* kept : {&layout.saved, &layout.gradient})
        *kept = {take(tiles * record.slabs * record.tile_bytes), take(tiles * record.tile_bytes)};
    if (a.key.normalise) {
        layout.d_q_normalised = reinterpret_cast<float*>(take(keys));
        layout.d_k_normalised = reinterpret_cast<float*>(take(keys));
    }
    if (a.key.decay != Decay::log)
        layout.partial = reinterpret_cast<float*>(take(token_blocks(a) * gate_columns(a.key) * 4));
    layout.end = pieces.end();
    return layout;
}

void require_path(const ForwardArguments& a) {
    require(a.path == ForwardPath::chunk, "gradients are computed by the chunk path only");
}

/// Checks, and a copy whose value.o is the gradient of o and whose widths hold for outputs too.
ForwardArguments settle(const BackwardArguments& arguments) {
    ForwardArguments a = arguments.forward;
    require_path(a);
    require(arguments.d_o && arguments.d_q && arguments.d_k && arguments.d_g && arguments.d_b && arguments.d_v &&
                arguments.d_w,
            "do, dq, dk, dg, db, dv and dw must be device memory, got a null pointer");
    require(a.key.decay == Decay::log || arguments.d_gate, "a gated decay needs d_gate, got a null pointer");
    a.value.o = const_cast<void*>(arguments.d_o);
    require_fits(a.key, a.value);
    find_widths(a.key, a.value, a.precision);
    const std::size_t pair = 2 * size_of(a.precision);
    for (const void* output : {arguments.d_q, arguments.d_k, arguments.d_b}) a.key.pairs &= aligned(output, pair);
    a.key.pairs &= aligned(arguments.d_g, 8);
    for (const void* output : {arguments.d_v, arguments.d_w}) a.value.units &= aligned(output, 16);
    return a;
}

void require_workspace(const void* workspace) {
    require(workspace && aligned(workspace, 16), "the workspace must be device memory, aligned to 16 bytes");
}

std::vector<KernelCall> saving_plan(const ForwardArguments& a, const Layout& layout, bool outputs) {
    const int size_class = layout.records.slabs / 2 * 3 + (outputs ? 1 : 0);
    const KernelId id = pick(a.precision, KernelId::scan_saves_f32_64, KernelId::scan_saves_bf16_64,
                             KernelId::scan_saves_f16_64, size_class);
    const ScanParams params{a.sequences, layout.records, a.value,      a.states,
                            a.key.heads, a.key.dim,      layout.saved, layout.segments};
    std::vector<KernelCall> plan{prepare_call(a, layout.records)};
    add_scan(plan, a, id, params);
    return plan;
}

KernelCall reverse_scan_call(const ForwardArguments& a, const BackwardArguments& arguments, const Layout& layout) {
    const KernelId id = pick(a.precision, KernelId::reverse_scan_f32_64, KernelId::reverse_scan_bf16_64,
                             KernelId::reverse_scan_f16_64, layout.records.slabs / 2 * 3);
    ValueSide value = a.value;
    value.v = arguments.d_o;
    const States states{arguments.d_final_state, arguments.d_initial_state, a.states.value_first};
    const ScanParams params{a.sequences, layout.records, value, states, a.key.heads, a.key.dim, layout.gradient, {}};
    return scan_call(a, id, reverse_scan_needs(a.precision, layout.records.slabs), params);
}

KernelCall chunk_grad_call(const ForwardArguments& a, const BackwardArguments& arguments, const Layout& layout) {
    const bool normalise = a.key.normalise;
    const ChunkGradParams params{a.sequences,
                                 a.key,
                                 a.value,
                                 layout.saved,
                                 layout.gradient,
                                 normalise ? layout.d_q_normalised : arguments.d_q,
                                 normalise ? layout.d_k_normalised : arguments.d_k,
                                 arguments.d_b,
                                 arguments.d_g,
                                 arguments.d_v,
                                 arguments.d_w,
                                 layout.records.slabs};
    const KernelId id =
        pick(a.precision, KernelId::chunk_grad_f32, KernelId::chunk_grad_bf16, KernelId::chunk_grad_f16);
    return chunk_call(a, id, chunk_grad_needs(a.precision), params);
}

/// The adjoints of what forward kernels do to q, k and g besides.
void add_key_adjoints(std::vector<KernelCall>& plan, const ForwardArguments& a, const BackwardArguments& arguments,
                      const Layout& layout) {
    const bool gated = a.key.decay != Decay::log;
    const KernelId id =
        pick(a.precision, KernelId::key_adjoint_f32, KernelId::key_adjoint_bf16, KernelId::key_adjoint_f16);
    const KeyAdjointParams params{a.key,         a.tokens,      layout.d_q_normalised, layout.d_k_normalised,
                                  arguments.d_q, arguments.d_k, arguments.d_g,         layout.partial};
    const Extent grid{static_cast<unsigned>(token_blocks(a)), static_cast<unsigned>(a.key.heads)};
    if ((gated || a.key.normalise) && a.tokens > 0) plan.push_back({id, grid, 256, 32, params});
    if (!gated) return;
    const int columns = gate_columns(a.key);
    const std::int64_t rows = token_blocks(a);
    plan.push_back({KernelId::sum_rows_f32,
                    {static_cast<unsigned>((columns + 31) / 32), 1},
                    256,
                    0,
                    RowSumParams{layout.partial, rows, rows, columns, arguments.d_gate}});
}

}  // namespace

std::size_t backward_workspace_bytes(const BackwardArguments& arguments) {
    require_path(arguments.forward);
    return reinterpret_cast<std::size_t>(lay_out(arguments.forward, nullptr).end);
}

std::vector<KernelCall> make_backward_plan(const BackwardArguments& arguments, void* workspace) {
    const ForwardArguments a = settle(arguments);
    if (a.sequences.count == 0) return {};
    require_workspace(workspace);
    const Layout layout = lay_out(a, workspace);
    std::vector<KernelCall> plan;
    if (!arguments.saved) {
        ForwardArguments without_final = a;
        without_final.states.final_state = nullptr;
        plan = saving_plan(without_final, layout, false);
    }
    plan.push_back(reverse_scan_call(a, arguments, layout));
    plan.push_back(chunk_grad_call(a, arguments, layout));
    add_key_adjoints(plan, a, arguments, layout);
    return plan;
}

std::vector<KernelCall> make_saving_plan(const BackwardArguments& arguments, void* workspace) {
    ForwardArguments a = arguments.forward;
    require_path(a);
    require_fits(a.key, a.value);
    find_widths(a.key, a.value, a.precision);
    if (a.sequences.count == 0) return {};
    require_workspace(workspace);
    return saving_plan(a, lay_out(a, workspace), true);
}

void enqueue_backward(const BackwardArguments& arguments, void* workspace, void* stream) {
    for (const KernelCall& call : make_backward_plan(arguments, workspace)) enqueue_on_card(call, stream);
}

void enqueue_forward_saving(const BackwardArguments& arguments, void* workspace, void* stream) {
    for (const KernelCall& call : make_saving_plan(arguments, workspace)) enqueue_on_card(call, stream);
}

}  // namespace gdn2::cuda
