// The tape: the tiles that scan consumes, in the order in which it consumes them, copied ahead through a ring of
// stages in shared memory. A slab is 64 key channels; there are n = 1, 2 or 4. Per chunk
//     v  w  -E_0 .. -E_n-1  A  Qg_0 .. Qg_n-1  A_qk  (K_tail_0 gamma_0) .. (K_tail_n-1 gamma_n-1)
// v and w are cut out of the caller's tensors; the rest lies in the workspace in this order (params.h).
//   tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include <utility>

#include "cuda/kernels/prepare_tree.cuh"
#include "cuda/kernels/tile/sequence.h"

namespace gdn2::cuda {

/// Warps that hold 16 value channels of the state together: one has not the registers for 256 key channels, and is
/// slower with 128 of float.
template <class E, int slabs>
inline constexpr int team_size = slabs == 4 || (sizeof(E) == 4 && slabs == 2) ? 2 : 1;
/// Four teams with 16 value channels each.
template <class E, int slabs>
inline constexpr int scan_threads = 128 * team_size<E, slabs>;

/// Tiles in shared memory at once.
template <class E>
inline constexpr int tape_stages = sizeof(E) == 2 ? 8 : 4;
template <class E>
inline constexpr int stage_size = tile_bytes<E> + gamma_bytes;

/// Which part of the work a block of scan has: a sequence, a head, and value channels from first_value on.
struct ScanPart {
    Place place;
    Span sequence;
    std::int64_t first_slot;
};

template <class E, int slabs>
class Tape {
public:
    /// Where in a chunk the tiles stand; v is 0, w is 1, the record's follow.
    static constexpr Record layout{slabs, tile_bytes<E>};
    static constexpr int E_tiles = 2, A = 2 + layout.A(), A_tiles = layout.A_tiles(), Qg = 2 + layout.Qg(),
                         A_qk = 2 + layout.A_qk(), K_tail = 2 + layout.K_tail();

    /// Begins to copy. `p` must outlive the tape.
    GDN2_DEVICE Tape(const ScanParams& p, const ScanPart& part) : p_(p), left_(static_cast<int>(part.sequence.length)) {
        const std::int64_t record = part.first_slot * p.key_heads + part.place.key_head;
        mine_ = p.workspace.records + record * p.workspace.record_bytes + threadIdx.x * unit_bytes;
        values_ = (part.sequence.first * p.value.heads + part.place.head) * p.value.dim + part.place.first_value;
        issue_all<0>(std::make_integer_sequence<int, stages - last_group>(), 0);
    }

    /// Tokens from this chunk's first to the sequence's end.
    GDN2_DEVICE int left() const { return left_; }

    /// Element of v, w and o: this chunk's first token, the block's first value channel.
    GDN2_DEVICE std::int64_t values() const { return values_; }

    /// Tile number `position` of the chunk, arrived; in order, all threads of the block. Tiles come in groups, and
    /// with the first of a group the group before it may be overwritten. With two slabs in bf16 (11 tiles, 8 stages)
    /// the groups are 0-3, 4-7, 8-10. At tile 4 the stages hold 0-7: 0-3 are done with, 4-7 must have arrived, so at
    /// most 8 - 4 - 4 = 0 copies may be under way; then tiles 8, 9, 10 and the next chunk's 0 take the freed stages.
    template <int position>
    GDN2_DEVICE const unsigned char* next() {
        if constexpr (position % group == 0) {
            constexpr int previous = position == 0 ? last_group : group;
            constexpr int count = items - position < group ? items - position : group;
            copy_async_wait<stages - previous - count>();
            __syncthreads();
            issue_all<position + stages - previous>(std::make_integer_sequence<int, previous>(), behind(previous));
        }
        const unsigned char* tile = shared_memory() + consumed_;
        consumed_ = after(consumed_);
        return tile;
    }

    /// Call after a chunk's last tile.
    GDN2_DEVICE void next_chunk() {
        mine_ += p_.key_heads * p_.workspace.record_bytes;
        values_ += std::int64_t{chunk_length} * token_step();
        left_ -= chunk_length;
    }

private:
    static constexpr int stages = tape_stages<E>, items = 2 + layout.tiles();  ///< items: tiles of a chunk
    /// Large groups wait less often, but let the compiler hold more tiles' numbers in registers at once. Of two tiles
    /// each warp of a team has one.
    static constexpr int group = team_size<E, slabs> > 1 ? 2 : sizeof(E) == 4 ? 1 : stages / 2;
    static constexpr int threads = scan_threads<E, slabs>;
    static constexpr int last_group = items % group == 0 ? group : items % group;
    static constexpr int last_stage = (stages - 1) * stage_size<E>;

    /// The stage after the one at byte `stage`, and the one `count` before the next to be handed out.
    static GDN2_DEVICE int after(int stage) { return stage == last_stage ? 0 : stage + stage_size<E>; }
    GDN2_DEVICE int behind(int count) const {
        const int stage = consumed_ - count * stage_size<E>;
        return stage < 0 ? stage + stages * stage_size<E> : stage;
    }

    template <int first, int... positions>
    GDN2_DEVICE void issue_all(std::integer_sequence<int, positions...>, int stage) {
        ((issue<first + positions>(stage), stage = after(stage)), ...);
    }

    /// Starts copying the tile at `position`, counted from this chunk's first; none at the tape's end. Closes a group.
    template <int position>
    GDN2_DEVICE void issue(int at) {
        constexpr int item = position % items, chunk = position / items;
        if (left_ > chunk * chunk_length) {
            unsigned char* stage = shared_memory() + at;
            if constexpr (item < 2) {
                copy_values(stage, static_cast<const E*>(item == 0 ? p_.value.v : p_.value.w), chunk * chunk_length);
            } else {
                constexpr int offset = layout.offset(item - 2), bytes = layout.offset(item - 1) - offset;
                copy_run<bytes>(stage, mine_ + chunk * p_.key_heads * p_.workspace.record_bytes + offset);
            }
        }
        copy_async_commit();
    }

    template <int bytes>
    GDN2_DEVICE void copy_run(unsigned char* stage, const unsigned char* source) const {
        constexpr int per_round = threads * unit_bytes;
        const int mine = static_cast<int>(threadIdx.x) * unit_bytes;
#pragma unroll
        for (int at = 0; at < bytes; at += per_round)
            if (at + per_round <= bytes || mine < bytes - at) copy_async_16(stage + mine + at, source + at, true);
    }

    /// Elements of v and w from token to token.
    GDN2_DEVICE int token_step() const { return p_.value.heads * p_.value.dim; }

    /// 64 tokens x 64 channels of v or w, `ahead` tokens further on; zeros beyond the sequence and the tensor.
    GDN2_DEVICE void copy_values(unsigned char* stage, const E* tensor, int ahead) const {
        constexpr int per_row = 64 / unit_size<E>, rows_at_once = threads / per_row;
        const int thread = static_cast<int>(threadIdx.x), step = token_step(), left = left_ - ahead;
        const int columns = p_.value.dim - place_of(p_.value.dim, 64, p_.value.heads, p_.key_heads).first_value;
        const E* corner = tensor + (values_ + std::int64_t{ahead} * step);
        if (p_.value.units) {
            const int row = thread / per_row, column = thread % per_row * unit_size<E>;
            unsigned char* target = stage + tile_offset<E>(row, column);
            const E* source = corner + (row * step + column);
#pragma unroll
            for (int i = 0; i < 64; i += rows_at_once, source += rows_at_once * step) {
                const bool inside = column < columns && row + i < left;
                copy_async_16(target + i * tile_dim * static_cast<int>(sizeof(E)), inside ? source : tensor, inside);
            }
        } else {
#pragma unroll 1
            for (int i = thread; i < 64 * 64; i += threads)
                *tile_at<E>(stage, i / 64, i % 64) = i % 64 < columns && i / 64 < left
                                                         ? corner[std::int64_t{i / 64} * step + i % 64]
                                                         : Element<E>::from_float(0.0f);
        }
    }

    const ScanParams& p_;
    const unsigned char* mine_;      ///< this thread's first unit of this chunk's record
    std::int64_t values_;
    int left_;
    int consumed_ = 0;               ///< byte offset of the next stage to hand out
};

}  // namespace gdn2::cuda
