// How the rows of an activation are tokens of sequences.
//   tests  every layer that looks across tokens (short_conv, the mixers)
#pragma once

#include "reference/core/shape.h"

namespace gdn2 {

/// An activation is a matrix [batch * length, dim]: row s * length + t is token t of sequence s. Seen as
/// [batch, length, heads, dim / heads] it is the layout of every tensor of this project.
struct Batch {
    Index batch = 1;   ///< sequences, all of one length
    Index length = 0;  ///< tokens of each

    Index tokens() const { return batch * length; }
    bool operator==(const Batch&) const = default;
};

}  // namespace gdn2
