// A whole problem: every sequence and every value head through one path, over threads.
//   paper  Section 3 (one head); the layout, grouped value heads and packing are docs/formats.md
//   tests  tests/reference/delta_rule/heads_test.cpp
#pragma once

#include <functional>

#include "reference/delta_rule/problem.h"
#include "reference/trace/recorder.h"

namespace gdn2 {

/// Which way the same numbers are computed.
enum class Path {
    recurrent,  ///< token by token (recurrent.h), adjoint recurrent_backward.h
    chunk,      ///< chunk by chunk in WY form (chunk.h), adjoint in Appendix B's order (chunk_backward.h)
    residual,   ///< chunk by chunk in R form (solved for the rows R), and its own adjoint (residual_form.h)
};

/// How a problem is run.
struct Options {
    Path path = Path::chunk;
    Index chunk = 64;                                       ///< tokens per chunk, at least 1
    int threads = 0;                                        ///< over (sequence, value head); <= 0: all
    std::function<void(Index done, Index total)> progress = {};  ///< after each (sequence, value head); may be empty
    trace::Recorder* recorder = nullptr;                    ///< when set, one thread runs
};

/// The sizes a recorder needs for this problem.
template <class Scalar>
trace::RecorderSizes recorder_sizes(const Problem<Scalar>& problem, Index chunk);

/// o and final_state. Throws Error on shapes that disagree (validate_shapes) and on chunk < 1.
/// The result does not depend on the number of threads, bit for bit.
template <class Scalar>
Result<Scalar> forward(const Problem<Scalar>& problem, const Options& options = {});

/// o, final_state and the gradients of <o, d_o> + <final_state, d_final_state>; an absent one of the two is zero.
/// Throws Error also when both are absent. The gradients of q k g b are sums over the value heads of a group, in
/// the order of the heads.
template <class Scalar>
Result<Scalar> gradient(const Problem<Scalar>& problem, const Options& options = {});

}  // namespace gdn2
