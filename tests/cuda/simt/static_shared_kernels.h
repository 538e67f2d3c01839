// Kernels with __shared__ variables and without mistakes.
#pragma once

namespace gdn2::test {

/// out[64 * block + t] = in[64 * block + 63 - t] + the block's in[64 * block], through an array and a scalar.
void static_reverse(const float* in, float* out);
/// Transposes 8 x 8 floats a block, through an array with a column to spare.
void static_transpose(const float* in, float* out);
/// out[64 * block + t] = in[64 * block + 63 - t], through one of a function template's two arrays: of int or float.
void static_of_template(const float* in, float* out);
/// One warp: a matrix of 16-bit elements into shared memory by cp.async and out by ldmatrix; its words go to out.
void static_matrix(const float* in, float* out);
/// static_reverse's array in dynamic shared memory.
void dynamic_reverse(const float* in, float* out);

}  // namespace gdn2::test
