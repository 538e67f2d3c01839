// What the chunk path's kernels hold of a problem, recorded under the names of the reference's trace, so that the two
// can be laid beside each other.
//   equations  Eqs. 18, 20, 21, 23-25     tests  tests/cuda/launch/trace_test.cpp
#pragma once

#include <string>
#include <vector>

#include "cuda/api/options.h"
#include "reference/delta_rule/problem.h"
#include "reference/trace/recorder.h"

namespace gdn2::cuda {

/// The fields that record_forward can record: S_0 gamma E A Qg A_qk K_tail of every chunk, o of every token.
std::vector<trace::Field> recorded_fields();

/// Runs the chunk path with Decay::log and records those of the fields above that the recorder wants, as numbers of
/// the precision that the kernels hold them in; scale, which the kernels fold into Qg and A_qk, is divided out.
/// Of gamma they keep a chunk's last row alone: the others are NaN. S_0 comes from a second pass, chunk by chunk.
/// Returns the launches, with what the emulator counted and drew, as the text of a JSON array (docs/formats.md).
/// Throws Error as forward() does (run.h), for another path, another chunk than 64 tokens, and where scale is 0.
std::string record_forward(const Problem<float>& problem, const Options& options, trace::Recorder& recorder);

}  // namespace gdn2::cuda
