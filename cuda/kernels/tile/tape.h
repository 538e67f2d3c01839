// The tape: the tiles that a walk over chunks consumes, in the order in which it consumes them, copied ahead through a
// ring of stages in shared memory. A slab is 64 key channels; there are n = 1, 2 or 4. Per chunk
//     scan          v  w  -E_0 .. -E_n-1  A  Qg_0 .. Qg_n-1  A_qk  (K_tail_0 gamma_0) .. (K_tail_n-1 gamma_n-1)
//     no outputs    v  w  -E_0 .. -E_n-1  A  (K_tail_0 gamma_0) .. (K_tail_n-1 gamma_n-1)
//     reverse_scan  do  (K_tail_0 gamma_0) .. (K_tail_n-1 gamma_n-1)  A_qk  A  Qg_0  -E_0  ..  Qg_n-1  -E_n-1
// v, w and do are cut out of the caller's tensors; the rest lies in the workspace, in scan's order (params.h).
//   tests  tests/cuda/kernels/forward_test.cpp, backward_test.cpp
#pragma once

#include <utility>

#include "cuda/kernels/prepare_tree.cuh"
#include "cuda/kernels/tile/sequence.h"
#include "cuda/kernels/tile/value_tile.h"

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

/// Which part of the work a block of scan has: tokens of a sequence, a head, and value channels from first_value on.
struct ScanPart {
    Place place;
    Span tokens;              ///< all of the sequence's, or a segment
    std::int64_t first_slot;  ///< of their first chunk
    std::int64_t segment;     ///< its slot
    bool first, last;         ///< whether the sequence begins, and ends, with them
};

/// What a scan does with the chunks that it walks over: writes o, saves what the backward pass needs, or both; or
/// neither, and leaves M and N of a segment.
struct Walk {
    static constexpr int outputs = 0, saves = 1, both = 2, maps = 3;  // numbers, for compilers' names of kernels
    GDN2_ANYWHERE static constexpr bool writes(int walk) { return walk == outputs || walk == both; }
    GDN2_ANYWHERE static constexpr bool keeps(int walk) { return walk == saves || walk == both; }
};

/// Value channels that a scan's blocks have, but where it maps: those, to whole blocks, and then the columns of M.
template <bool maps>
GDN2_DEVICE int scan_columns(const ScanParams& p) {
    return maps ? (p.value.dim + tile_dim - 1) / tile_dim * tile_dim + p.key_dim : p.value.dim;
}
/// What a block of a scan works on; the sequence is the segment's slot where sequences are cut.
template <bool maps>
GDN2_DEVICE Place scan_place(const ScanParams& p) {
    return place_of(scan_columns<maps>(p), tile_dim, p.value.heads, p.key_heads);
}

/// Scan's order: `tensors` tiles of the caller's, then tile(i) of the record is the i-th.
template <class E, int slabs, int walk>
struct ScanOrder {
    static constexpr Record layout{slabs, tile_bytes<E>};
    static constexpr bool reverse = false, maps = walk == Walk::maps;
    static constexpr int tensors = 2, skipped = Walk::writes(walk) ? 0 : slabs + 1;
    static constexpr int items = tensors + layout.tiles() - skipped;
    static constexpr int E_tiles = tensors, A = tensors + layout.A(), Qg = tensors + layout.Qg(),
                         A_qk = tensors + layout.A_qk(), K_tail = tensors + layout.K_tail() - skipped;
    GDN2_ANYWHERE static constexpr int tile(int i) { return i < layout.Qg() ? i : i + skipped; }
};

/// reverse_scan's: the last chunk first.
template <class E, int slabs>
struct ReverseOrder {
    static constexpr Record layout{slabs, tile_bytes<E>};
    static constexpr bool reverse = true, maps = false;
    static constexpr int tensors = 1, items = tensors + layout.tiles();
    static constexpr int K_tail = tensors, A_qk = K_tail + slabs, A = A_qk + 1, Qg_and_E = A + layout.A_tiles();
    GDN2_ANYWHERE static constexpr int tile(int i) {
        if (i < slabs) return layout.K_tail() + i;
        if (i == slabs) return layout.A_qk();
        const int from_A = i - slabs - 1, from_Qg = from_A - layout.A_tiles();
        if (from_Qg < 0) return layout.A() + from_A;
        return from_Qg % 2 == 0 ? layout.Qg() + from_Qg / 2 : from_Qg / 2;
    }
};

template <class E, int slabs, class Order>
class Tape {
public:
    /// Where in a chunk the tiles stand.
    using At = Order;
    static constexpr Record layout = Order::layout;
    static constexpr int A_tiles = layout.A_tiles();

    /// Begins to copy. `p` must outlive the tape.
    GDN2_DEVICE Tape(const ScanParams& p, const ScanPart& part) : p_(p), left_(static_cast<int>(part.tokens.length)) {
        std::int64_t record = part.first_slot * p.key_heads + part.place.key_head;
        values_ = (part.tokens.first * p.value.heads + part.place.head) * p.value.dim + part.place.first_value;
        if constexpr (Order::reverse) {
            chunks_ = (left_ + chunk_length - 1) / chunk_length;
            const int last = chunks_ > 0 ? chunks_ - 1 : 0;
            record += std::int64_t{last} * p.key_heads;
            values_ += std::int64_t{last} * chunk_length * token_step();
            left_ -= last * chunk_length;
        }
        mine_ = p.workspace.records + record * p.workspace.record_bytes + threadIdx.x * unit_bytes;
        issue_all<0>(std::make_integer_sequence<int, stages - last_group>(), 0);
    }

    /// Tokens from this chunk's first to the end of the block's.
    GDN2_DEVICE int left() const { return left_; }

    /// Whether there is a chunk left, and in reverse how many there are, this one included.
    GDN2_DEVICE bool more() const { return is_there(0); }
    GDN2_DEVICE int chunks() const { return chunks_; }

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
        constexpr int direction = Order::reverse ? -1 : 1;
        mine_ += direction * p_.key_heads * p_.workspace.record_bytes;
        values_ += direction * std::int64_t{chunk_length} * token_step();
        left_ -= direction * chunk_length;
        if constexpr (Order::reverse) --chunks_;
    }

private:
    static constexpr int stages = tape_stages<E>, items = Order::items;  ///< items: tiles of a chunk
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
        if (is_there(chunk)) {
            unsigned char* stage = shared_memory() + at;
            constexpr int ahead = Order::reverse ? -chunk : chunk;
            if constexpr (item < Order::tensors) {
                copy_values(stage, static_cast<const E*>(item == 0 ? p_.value.v : p_.value.w), ahead * chunk_length);
            } else {
                constexpr int tile = Order::tile(item - Order::tensors), offset = layout.offset(tile);
                copy_run<layout.offset(tile + 1) - offset>(
                    stage, mine_ + ahead * p_.key_heads * p_.workspace.record_bytes + offset);
            }
        }
        copy_async_commit();
    }

    /// Whether the chunk `number` further on exists.
    GDN2_DEVICE bool is_there(int number) const {
        return Order::reverse ? chunks_ > number : left_ > number * chunk_length;
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

    /// 64 tokens x 64 channels of v, w or do, `ahead` tokens further on; zeros beyond the sequence and the tensor,
    /// where the columns of M are.
    GDN2_DEVICE void copy_values(unsigned char* stage, const E* tensor, int ahead) const {
        const int columns = p_.value.dim - scan_place<Order::maps>(p_).first_value;
        copy_value_tile<E, threads>(stage, tensor, values_ + std::int64_t{ahead} * token_step(), token_step(),
                                    left_ - ahead, columns, p_.value.units);
    }

    const ScanParams& p_;
    const unsigned char* mine_;      ///< this thread's first unit of this chunk's record
    std::int64_t values_;
    int left_;
    int chunks_ = 0;                 ///< in reverse
    int consumed_ = 0;               ///< byte offset of the next stage to hand out
};

}  // namespace gdn2::cuda
