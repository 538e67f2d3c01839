// Reads a chunk's record of the workspace back into matrices. The layout of a tile is in
// kernels/tile/tile.h; this repeats it for code that must not include kernels.
//   tests  tests/cuda/launch/trace_test.cpp
#pragma once

#include <vector>

#include "cuda/launch/host_call.h"
#include "reference/core/matrix.h"

namespace gdn2::cuda {

/// What prepare left for one chunk and key head, as 64 rows; columns beyond key_dim are zeros.
struct ChunkRecord {
    Matrix<double> E, Qg, K_tail;  ///< [64, 64 slabs]
    Matrix<double> A, A_qk;        ///< [64, 64]
    Vector<double> gamma;          ///< [64 slabs], of the chunk's last row
};

/// `bytes`: one record of Workspace::record_bytes, with so many slabs.
ChunkRecord read_record(const std::vector<unsigned char>& bytes, Precision precision, int slabs);

}  // namespace gdn2::cuda
