// What the plans of the forward and the backward pass share: checks, how tensors may be read, grids.
//   tests  tests/cuda/launch/plan_test.cpp
#pragma once

#include <string>

#include "cuda/api/forward.h"
#include "cuda/launch/block_needs.h"
#include "cuda/launch/kernels.h"

namespace gdn2::cuda {

/// "first = a, second = b"
std::string pair_of(const char* first, std::int64_t a, const char* second, std::int64_t b);

bool aligned(const void* pointer, std::size_t bytes);

/// Throws Error where dims, heads, pointers and gates do not fit together.
void require_fits(const KeySide& key, const ValueSide& value);

/// Finds out how tensors may be read: two numbers, or 16 bytes, at a time.
void find_widths(KeySide& key, ValueSide& value, Precision precision);

/// The kernel of a family for a precision and a size class.
KernelId pick(Precision precision, KernelId f32, KernelId bf16, KernelId f16, int size_class = 0);

/// Blocks of `width` value channels of all sequences. Throws Error where they are too many.
unsigned grid_x(std::int64_t sequences, int value_dim, int width);

/// Slots of tile/sequence.h: enough for the chunks of any cu_seqlens.
std::int64_t chunk_slots(const ForwardArguments& arguments);

/// Slabs of 64 key channels: 1, 2 or 4, which are the scans there are.
int slabs_of(int key_dim);

Record record_of(const ForwardArguments& arguments);

/// A launch with a block for each chunk slot and key head. Throws Error where they are too many.
KernelCall chunk_call(const ForwardArguments& a, KernelId id, BlockNeeds needs, decltype(KernelCall::params) params);

KernelCall prepare_call(const ForwardArguments& a, const Workspace& records);

/// Cuts pieces off memory, each from a multiple of 128 bytes on where the first one is; from null on, to count bytes.
class Pieces {
public:
    explicit Pieces(void* memory) : next_(static_cast<unsigned char*>(memory)) {}
    unsigned char* take(std::int64_t bytes);
    unsigned char* end() const { return next_; }

private:
    unsigned char* next_;
};

/// scan or reverse_scan
KernelCall scan_call(const ForwardArguments& a, KernelId id, BlockNeeds needs, const ScanParams& params);

}  // namespace gdn2::cuda
