// Which rule of the delta family ties what: the table of delta_mixer.h.
//   tests  tests/reference/layers/delta_mixer_test.cpp
#pragma once

#include <string>

#include "reference/layers/delta_gates.h"

namespace gdn2 {

/// How many log-decays a token has.
enum class DeltaDecay { none, head, channel };

/// One row of the table.
struct DeltaRule {
    const char* name;
    DeltaDecay decay;
    Erase erase;
    Write write;
    bool of_value_heads = false;  ///< beta and decay belong to value heads, not to those of q and k; these are repeated
};

/// The row of that name, or null.
const DeltaRule* find_delta_rule(const std::string& name);

/// Each head of x [tokens, heads * dim] `group` times in a row.
template <class Scalar>
Matrix<Scalar> repeat_heads(const Matrix<Scalar>& x, Index dim, Index group);

/// dx of y = repeat_heads(x).
template <class Scalar>
Matrix<Scalar> repeat_heads_backward(const Matrix<Scalar>& dy, Index dim, Index group);

}  // namespace gdn2
