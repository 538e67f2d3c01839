// How the recall scenarios are put together: keys and values with names, and a list of what each token does.
//   tests  tests/reference/scenarios/scenario_test.cpp
#pragma once

#include "reference/scenarios/scenario.h"

namespace gdn2 {

/// The words of a recall scenario.
struct Vocabulary {
    std::vector<std::string> key_names;
    Matrix<double> keys;     ///< [keys, key_dim]: what tokens write with
    Matrix<double> queries;  ///< [keys, key_dim]: what reads them
    std::vector<std::string> value_names;
    Matrix<double> values;  ///< [values, value_dim]
};

/// What one token does.
struct MemoryToken {
    std::string label;
    Index key = 0;                    ///< row of keys, and of queries
    Index value = Recall::none;       ///< row of values that v carries; none: v is zeros
    double erase = 0;                 ///< b, on the channels that erase_mask opens
    double write = 0;                 ///< w, on every channel
    Index expected = Recall::unseen;  ///< what the key should answer from now on; unseen: as before
};

/// The scenario of these tokens. `erase_mask` and `alpha` (decay) are [key_dim] and the same for all tokens.
/// Outputs are read with the token's own query, scale 1, and the loss is their sum (d_o is all ones).
Scenario memory_scenario(const Vocabulary& words, const std::vector<MemoryToken>& tokens,
                         const Vector<double>& erase_mask, const Vector<double>& alpha);

/// `count` x `dim` matrix of 1 and -1 with orthogonal rows: Walsh functions. `dim` is a power of 2, >= count.
Matrix<double> walsh_rows(Index count, Index dim);

/// One key per channel, read by itself; values are walsh_rows(values, value_dim), named by their row.
Vocabulary plain_vocabulary(Index keys, Index values, Index value_dim);

/// Adds "first+second" to the values, so that a memory that holds both has something to be nearest to.
void add_sum(Vocabulary& words, Index first, Index second);

}  // namespace gdn2
