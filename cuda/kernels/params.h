// What kernels are given: plain structs, the same for nvcc and g++. All pointers are device memory.
//   layout  q k g b [tokens, key_heads, key_dim]     v w o [tokens, value_heads, value_dim], token = batch * length + t
//           states  [sequences, value_heads, key_dim, value_dim], or with value_first [..., value_dim, key_dim]
//   tests   tests/cuda/launch/plan_test.cpp
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define GDN2_ANYWHERE __host__ __device__
#else
#define GDN2_ANYWHERE
#endif

namespace gdn2::cuda {

/// Tokens of one chunk; as many channels make a slab.
inline constexpr int chunk_length = 64;

/// Where the first chunk of a sequence, or another part of `length` tokens, lies in the workspace, for the sequence's
/// number and first token: tile/sequence.h.
GDN2_ANYWHERE constexpr std::int64_t slot_of(std::int64_t sequence, std::int64_t first_token,
                                             int length = chunk_length) {
    return first_token / length + sequence;
}

/// Bytes of a slab's part of gamma_C.
inline constexpr int gamma_bytes = chunk_length * 4;

/// What prepare leaves of one chunk and key head, tile after tile in the order in which scan consumes them:
///     -E_0 .. -E_n-1   A   Qg_0 .. Qg_n-1   A_qk   (K_tail_0 gamma_0) .. (K_tail_n-1 gamma_n-1)
/// for n slabs of 64 key channels; a tile is 64 x 64 numbers (tile.h), gamma_i the chunk's whole decay. In 16-bit
/// formats A is two tiles whose sum it is: where keys resemble each other and b is near 2 it is far from the identity,
/// and rounding it once would cost more than all other roundings together.
struct Record {
    int slabs, tile_bytes;

    // Positions of tiles; E is at 0.
    GDN2_ANYWHERE constexpr int A() const { return slabs; }
    GDN2_ANYWHERE constexpr int A_tiles() const { return tile_bytes == chunk_length * chunk_length * 2 ? 2 : 1; }
    GDN2_ANYWHERE constexpr int Qg() const { return A() + A_tiles(); }
    GDN2_ANYWHERE constexpr int A_qk() const { return Qg() + slabs; }
    GDN2_ANYWHERE constexpr int K_tail() const { return A_qk() + 1; }
    GDN2_ANYWHERE constexpr int tiles() const { return K_tail() + slabs; }

    /// Byte at which the tile at a position begins.
    GDN2_ANYWHERE constexpr int offset(int position) const {
        const int gammas = position > K_tail() ? position - K_tail() : 0;
        return position * tile_bytes + gammas * gamma_bytes;
    }
    GDN2_ANYWHERE constexpr int bytes() const { return offset(tiles()); }
};

/// Which tokens belong to which sequence.
struct Sequences {
    std::int64_t count;       ///< sequences
    std::int64_t length;      ///< of each; 0 when packed
    const void* cu_seqlens;   ///< packed: [count + 1] starts, else null
    bool wide;                ///< cu_seqlens is int64, else int32
};

/// How g is meant.
enum class Decay : int {
    log,       ///< g is the log-decay
    softplus,  ///< log-decay = -exp(A_log[head]) softplus(g + dt_bias[head, channel])
    bounded    ///< log-decay = lower_bound sigmoid(exp(A_log[head]) (g + dt_bias[head, channel]))
};

/// The inputs on the key axis.
struct KeySide {
    const void *q, *k, *b;  ///< elements
    const void* g;          ///< elements, or float where g_is_float
    bool g_is_float;
    Decay decay;
    const float* A_log;     ///< [key_heads]; for Decay::log unused
    const float* dt_bias;   ///< [key_heads, key_dim]; null: zeros
    float lower_bound;      ///< of Decay::bounded, <= 0
    bool normalise;         ///< q and k are divided by sqrt(sum of squares + norm_epsilon) first
    float norm_epsilon;
    float scale;            ///< of o
    int heads, dim;
    bool pairs;             ///< rows may be read two numbers at a time (even dim, aligned pointers)
};

/// The inputs and outputs on the value axis.
struct ValueSide {
    const void *v, *w;  ///< elements
    void* o;            ///< elements
    int heads, dim;
    bool units;         ///< rows may be moved 16 bytes at a time
};

/// The states, float. An absent initial state is zeros, an absent final state is not wanted.
struct States {
    const float* initial_state;
    float* final_state;
    bool value_first;
};

/// Everything of the token-by-token kernels.
struct RecurrentParams {
    Sequences sequences;
    KeySide key;
    ValueSide value;
    States states;
};

/// Records of all chunks.
struct Workspace {
    unsigned char* records;     ///< [chunk slots, key_heads] records
    std::int64_t record_bytes;
    int slabs;                  ///< 1, 2 or 4
};

/// Tiles that the backward pass keeps of every chunk slot, value head and block of 64 value channels, transposed: the
/// rows are value channels. The backward pass: docs/kernels.md.
struct ChunkTiles {
    unsigned char* states;  ///< one a slab: S_0^T, or its gradient dS_C^T
    unsigned char* rows;    ///< one, its columns tokens: R^T, or its gradient before A, dX^T
};

/// What lets scan walk over all segments of a sequence at once (scan_part.cuh). A segment takes the state before it
/// to M S + N. Both are kept transposed, with 64 slabs key channels in a row.
struct Segments {
    int chunks;   ///< of a segment, of a sequence's last one maybe fewer; 0: sequences are not cut
    float* ends;  ///< [segment slots, value_heads, value_dim] rows: N, then the state at the segment's end
    float* maps;  ///< [segment slots, key_heads, key_dim] rows: M
};

struct PrepareParams {
    Sequences sequences;
    KeySide key;
    Workspace workspace;
};

/// Of scan, and of reverse_scan: there v is the gradient of o, the initial state that of the final state and the final
/// state that of the initial state, and w and o are nothing.
struct ScanParams {
    Sequences sequences;
    Workspace workspace;
    ValueSide value;
    States states;
    int key_heads, key_dim;
    ChunkTiles saved;  ///< to be written: S_0^T and R^T by scan where it saves, dS_C^T and dX^T by reverse_scan
    Segments segments;
};

/// Of carry_segments.
struct CarryParams {
    Sequences sequences;
    Segments segments;
    int key_heads, key_dim, value_heads, value_dim;
};

/// The backward pass' gradients of one chunk, all of them or where they go.
struct ChunkGradParams {
    Sequences sequences;
    KeySide key;
    ValueSide value;             ///< o is the gradient of o, to be read
    ChunkTiles saved, gradient;  ///< S_0^T and R^T, dS_C^T and dX^T
    void *d_q, *d_k, *d_b;       ///< elements; with `normalise` d_q and d_k are float, of the normalised q and k
    float* d_g;                  ///< of the log-decay
    void *d_v, *d_w;             ///< elements
    int slabs;                   ///< of a state's tiles
};

/// From gradients of normalised q and k, and of log-decays, to those of what the tensors hold.
struct KeyAdjointParams {
    KeySide key;
    std::int64_t tokens;
    const float *d_q_normalised, *d_k_normalised;  ///< null without `normalise`
    void *d_q, *d_k;                               ///< elements
    float* d_g;                                    ///< read and, with a gate, overwritten
    float* partial;  ///< [token blocks, heads * dim + heads] sums over 64 tokens: for dt_bias, then for A_log
};

/// One decoding step of 1 to 16 tokens per sequence, states in place.
struct DecodeParams {
    KeySide key;              ///< tokens = sequences * tokens
    ValueSide value;
    void* states;             ///< [slots, value_heads, value_dim, key_dim], float or bf16
    const std::int32_t* slots;  ///< [sequences] state of each sequence, negative: skip; null: its own number
    int sequences, tokens;
};

}  // namespace gdn2::cuda
