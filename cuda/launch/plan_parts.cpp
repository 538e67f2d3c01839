// See plan_parts.h.
#include "cuda/launch/plan_parts.h"

#include <limits>

#include "reference/core/error.h"

namespace gdn2::cuda {
namespace {

constexpr int max_dim = 256;
constexpr std::int64_t max_grid_y = 65535;

}  // namespace

const char* name_of(KernelId id) {
    static constexpr const char* names[] = {
#define GDN2_KERNEL(id, function, parameters) #id,
#include "cuda/launch/all_kernels.def"
    };
    return names[static_cast<std::size_t>(id)];
}

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

void find_widths(KeySide& key, ValueSide& value, Precision precision) {
    key.g_is_float |= precision == Precision::f32;
    const std::size_t pair = 2 * size_of(precision), g_pair = key.g_is_float ? 8 : pair;
    key.pairs = key.dim % 2 == 0 && aligned(key.q, pair) && aligned(key.k, pair) && aligned(key.b, pair) &&
                aligned(key.g, g_pair);
    value.units = static_cast<std::size_t>(value.dim) * size_of(precision) % 16 == 0 && aligned(value.v, 16) &&
                  aligned(value.w, 16) && aligned(value.o, 16);
}

KernelId pick(Precision precision, KernelId f32, KernelId bf16, KernelId f16, int size_class) {
    const KernelId first = precision == Precision::f32 ? f32 : precision == Precision::bf16 ? bf16 : f16;
    return static_cast<KernelId>(static_cast<int>(first) + size_class);
}

unsigned grid_x(std::int64_t sequences, int value_dim, int width) {
    const std::int64_t blocks = sequences * ((value_dim + width - 1) / width);
    require(blocks <= std::numeric_limits<int>::max(),
            "too many sequences for one launch: " + std::to_string(sequences));
    return static_cast<unsigned>(blocks);
}

std::int64_t chunk_slots(const ForwardArguments& arguments) {
    return slot_of(arguments.sequences.count, arguments.tokens);
}

int slabs_of(int key_dim) { return key_dim <= 64 ? 1 : key_dim <= 128 ? 2 : 4; }

Record record_of(const ForwardArguments& arguments) {
    const int tile_bytes = 64 * 64 * static_cast<int>(size_of(arguments.precision));
    return {slabs_of(arguments.key.dim), tile_bytes};
}

KernelCall chunk_call(const ForwardArguments& a, KernelId id, BlockNeeds needs, decltype(KernelCall::params) params) {
    const std::int64_t slots = chunk_slots(a);
    require(slots <= std::numeric_limits<int>::max(), "too many chunks for one launch: " + std::to_string(slots));
    const Extent grid{static_cast<unsigned>(slots), static_cast<unsigned>(a.key.heads)};
    return {id, grid, needs.threads, needs.shared_bytes, std::move(params)};
}

KernelCall prepare_call(const ForwardArguments& a, const Workspace& records) {
    const KernelId id = pick(a.precision, KernelId::prepare_f32, KernelId::prepare_bf16, KernelId::prepare_f16);
    return chunk_call(a, id, prepare_needs(a.precision), PrepareParams{a.sequences, a.key, records});
}

unsigned char* Pieces::take(std::int64_t bytes) {
    unsigned char* const taken = next_;
    next_ += (bytes + 127) / 128 * 128;
    return taken;
}

KernelCall scan_call(const ForwardArguments& a, KernelId id, BlockNeeds needs, const ScanParams& params) {
    const Extent grid{grid_x(a.sequences.count, a.value.dim, 64), static_cast<unsigned>(a.value.heads)};
    return {id, grid, needs.threads, needs.shared_bytes, params};
}

}  // namespace gdn2::cuda
