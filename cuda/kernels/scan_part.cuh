// Which part of the work a block of a scan has, the state it starts from and where it leaves the one it ends with.
// A sequence is walked over as a whole, or cut into segments of some chunks (docs/kernels.md, Segments). A segment
// takes the state S before it to M S + N. The walk that maps finds N as the state reached from zeros, and column j of M
// as the state reached from column j of the identity by values of zero, as if M's columns were more value channels:
//     blocks of a segment and head   | value channels 0-63 | .. | to value_dim | columns 0-63 of M | .. | to key_dim |
// It leaves out a sequence's last segment, which nobody needs, and M of the first, whose state is known; M is the same
// for all value heads of a group, the first of which makes it. carry_segments.cuh puts M and N together.
//   equations  maps of spans: affine_scan.h     tests  tests/cuda/kernels/segments_test.cpp
#pragma once

#include "cuda/kernels/tile/state.h"
#include "cuda/kernels/tile/tape.h"

namespace gdn2::cuda {

template <int walk = Walk::outputs>
GDN2_DEVICE ScanPart part_of(const ScanParams& p) {
    Place place = scan_place<walk == Walk::maps>(p);
    const std::int64_t slot = place.sequence;
    if (p.segments.chunks == 0)
        return {place, span_of(p.sequences, slot), first_slot(p.sequences, slot), 0, true, true};
    const int length = p.segments.chunks * chunk_length;
    place.sequence = sequence_of(p.sequences, slot, length);
    const Span sequence = span_of(p.sequences, place.sequence);
    const std::int64_t number = slot - first_slot(p.sequences, place.sequence, length);
    const std::int64_t left = sequence.length - number * length;
    return {place,
            {sequence.first + number * length, left < length ? left : length},
            first_slot(p.sequences, place.sequence) + number * p.segments.chunks,
            slot,
            number == 0,
            left <= length};
}

/// Number of the block's first column among those of M; negative for a block of value channels.
GDN2_DEVICE int map_column(const ScanParams& p, const ScanPart& part) {
    return part.place.first_value - (p.value.dim + tile_dim - 1) / tile_dim * tile_dim;
}
GDN2_DEVICE bool has_map(const ScanParams& p, const ScanPart& part) { return map_column(p, part) >= 0; }

/// Whether the block has nothing to do: in a gap between slots, and where nobody needs what it would find.
template <int walk>
GDN2_DEVICE bool is_idle(const ScanParams& p, const ScanPart& part) {
    if (walk != Walk::maps) return !part.first && part.tokens.length <= 0;
    const bool known = part.first || part.place.head % (p.value.heads / p.key_heads) != 0;
    return part.last || (has_map(p, part) && known);
}

/// States, and which part of them a team of warps has.
struct StatePlace {
    States states;
    StateBlock block;
};

/// In tensors of the caller's. `team`: which of the block's four.
GDN2_DEVICE StateBlock values_of(const ScanParams& p, const ScanPart& part, int team) {
    return {part.place.sequence * p.value.heads + part.place.head, part.place.first_value + 16 * team, p.key_dim,
            p.value.dim};
}

/// N of a segment, or the state at its end.
template <int slabs>
GDN2_DEVICE StatePlace end_of_segment(const ScanParams& p, const ScanPart& part, std::int64_t segment, int team) {
    StateBlock block = values_of(p, part, team);
    block.matrix = segment * p.value.heads + part.place.head;
    block.key_dim = tile_dim * slabs;
    return {{p.segments.ends, p.segments.ends, true}, block};
}

/// M of a segment.
template <int slabs>
GDN2_DEVICE StatePlace map_of_segment(const ScanParams& p, const ScanPart& part, int team) {
    return {{nullptr, p.segments.maps, true},
            {part.segment * p.key_heads + part.place.key_head, map_column(p, part) + 16 * team, tile_dim * slabs,
             p.key_dim}};
}

/// Where the walk's first state lies.
template <int walk, int slabs>
GDN2_DEVICE StatePlace start_of_part(const ScanParams& p, const ScanPart& part, int team) {
    if (walk == Walk::maps && has_map(p, part)) return map_of_segment<slabs>(p, part, team);
    if (part.first) return {p.states, values_of(p, part, team)};
    StatePlace before = end_of_segment<slabs>(p, part, part.segment - 1, team);
    if (walk == Walk::maps) before.states.initial_state = nullptr;  // zeros
    return before;
}

/// Where its last state goes: to nobody, but from a walk that maps or out of a sequence's last segment.
template <int walk, int slabs>
GDN2_DEVICE StatePlace end_of_part(const ScanParams& p, const ScanPart& part, int team) {
    if (walk == Walk::maps)
        return has_map(p, part) ? map_of_segment<slabs>(p, part, team)
                                : end_of_segment<slabs>(p, part, part.segment, team);
    StatePlace end{p.states, values_of(p, part, team)};
    if (!part.last) end.states.final_state = nullptr;
    return end;
}

}  // namespace gdn2::cuda
