// See forward_plan.h.
#include "cuda/launch/forward_plan.h"

#include <algorithm>
#include <limits>
#include <string>

#include "cuda/launch/backend.h"
#include "cuda/launch/block_needs.h"
#include "reference/core/error.h"

namespace gdn2::cuda {
namespace {

constexpr int max_dim = 256;
constexpr std::int64_t max_grid_y = 65535;

std::string pair_of(const char* first, std::int64_t a, const char* second, std::int64_t b) {
    return std::string(first) + " = " + std::to_string(a) + ", " + second + " = " + std::to_string(b);
}

bool aligned(const void* pointer, std::size_t bytes) { return reinterpret_cast<std::uintptr_t>(pointer) % bytes == 0; }

void require_fits(const KeySide& key, const ValueSide& value) {
    require(key.dim >= 1 && key.dim <= max_dim && value.dim >= 1 && value.dim <= max_dim,
            "on a device dims are 1 to 256, got " + pair_of("key_dim", key.dim, "value_dim", value.dim));
    require(key.heads >= 1 && value.heads >= key.heads && value.heads % key.heads == 0 && value.heads <= max_grid_y,
            "value_heads must be a multiple of key_heads, at most 65535, got " +
                pair_of("key_heads", key.heads, "value_heads", value.heads));
    require(key.q && key.k && key.g && key.b && value.v && value.w && value.o,
            "q, k, g, b, v, w and o must be device memory, got a null pointer");
    require(key.decay == Decay::log || key.A_log, "a gated decay needs A_log, got a null pointer");
    require(key.decay != Decay::bounded || key.lower_bound <= 0,
            "lower_bound must be <= 0, got " + std::to_string(key.lower_bound));
}

/// How tensors may be read: two numbers, or 16 bytes, at a time.
void find_widths(KeySide& key, ValueSide& value, Precision precision) {
    key.g_is_float |= precision == Precision::f32;
    const std::size_t pair = 2 * size_of(precision), g_pair = key.g_is_float ? 8 : pair;
    key.pairs = key.dim % 2 == 0 && aligned(key.q, pair) && aligned(key.k, pair) && aligned(key.b, pair) &&
                aligned(key.g, g_pair);
    value.units = static_cast<std::size_t>(value.dim) * size_of(precision) % 16 == 0 && aligned(value.v, 16) &&
                  aligned(value.w, 16) && aligned(value.o, 16);
}

/// The kernel of a family for a precision and a size class.
KernelId pick(Precision precision, KernelId f32, KernelId bf16, KernelId f16, int size_class = 0) {
    const KernelId first = precision == Precision::f32 ? f32 : precision == Precision::bf16 ? bf16 : f16;
    return static_cast<KernelId>(static_cast<int>(first) + size_class);
}

unsigned grid_x(std::int64_t sequences, int value_dim, int width) {
    const std::int64_t blocks = sequences * ((value_dim + width - 1) / width);
    require(blocks <= std::numeric_limits<int>::max(),
            "too many sequences for one launch: " + std::to_string(sequences));
    return static_cast<unsigned>(blocks);
}

/// Slots of tile/sequence.h: enough for the chunks of any cu_seqlens.
std::int64_t chunk_slots(const ForwardArguments& arguments) {
    return slot_of(arguments.sequences.count, arguments.tokens);
}

/// Slabs of 64 key channels: 1, 2 or 4, which are the scans there are.
int slabs_of(int key_dim) { return key_dim <= 64 ? 1 : key_dim <= 128 ? 2 : 4; }

Record record_of(const ForwardArguments& arguments) {
    const int tile_bytes = 64 * 64 * static_cast<int>(size_of(arguments.precision));
    return {slabs_of(arguments.key.dim), tile_bytes};
}

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

}  // namespace

std::size_t forward_workspace_bytes(const ForwardArguments& arguments) {
    if (arguments.path != ForwardPath::chunk) return 0;
    return static_cast<std::size_t>(chunk_slots(arguments) * arguments.key.heads * record_of(arguments).bytes());
}

std::vector<KernelCall> make_forward_plan(const ForwardArguments& arguments, void* workspace) {
    ForwardArguments a = arguments;
    require_fits(a.key, a.value);
    find_widths(a.key, a.value, a.precision);
    if (a.sequences.count == 0) return {};
    if (a.path != ForwardPath::chunk) return {recurrent_call(a, {a.sequences, a.key, a.value, a.states})};

    const std::int64_t slots = chunk_slots(a);
    require(slots <= std::numeric_limits<int>::max(), "too many chunks for one launch: " + std::to_string(slots));
    require(workspace && aligned(workspace, 16), "the workspace must be device memory, aligned to 16 bytes");
    const Record record = record_of(a);
    const Workspace records{static_cast<unsigned char*>(workspace), record.bytes(), record.slabs};
    const KernelId prepare = pick(a.precision, KernelId::prepare_f32, KernelId::prepare_bf16, KernelId::prepare_f16);
    const KernelId scan = pick(a.precision, KernelId::scan_f32_64, KernelId::scan_bf16_64, KernelId::scan_f16_64,
                               record.slabs / 2);
    return {{prepare,
             {static_cast<unsigned>(slots), static_cast<unsigned>(a.key.heads)},
             prepare_needs(a.precision).threads,
             prepare_needs(a.precision).shared_bytes,
             PrepareParams{a.sequences, a.key, records}},
            {scan,
             {grid_x(a.sequences.count, a.value.dim, 64), static_cast<unsigned>(a.value.heads)},
             scan_needs(a.precision, record.slabs).threads,
             scan_needs(a.precision, record.slabs).shared_bytes,
             ScanParams{a.sequences, records, a.value, a.states, a.key.heads, a.key.dim}}};
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

const char* name_of(KernelId id) {
    static constexpr const char* names[] = {
#define GDN2_KERNEL(id, function, parameters) #id,
#include "cuda/launch/kernels_scan.def"
#define GDN2_KERNEL(id, function, parameters) #id,
#include "cuda/launch/kernels_other.def"
#define GDN2_KERNEL(id, function, parameters) #id,
#include "cuda/launch/kernels_layers.def"
    };
    return names[static_cast<std::size_t>(id)];
}

}  // namespace gdn2::cuda
