// Reading a memory back: what each key answers after every token, and whether that is right.
//   tests  tests/reference/scenarios/recall_test.cpp
#pragma once

#include <string>
#include <vector>

#include "reference/delta_rule/problem.h"

namespace gdn2 {

/// What a memory should answer. Keys are asked with their query: answer = S^T query.
struct Recall {
    static constexpr Index unseen = -2;  ///< the key has not come up yet: not asked
    static constexpr Index none = -1;    ///< the key should answer nothing

    std::vector<std::string> key_names;
    Matrix<double> queries;  ///< [keys, key_dim]
    std::vector<std::string> value_names;
    Matrix<double> values;                     ///< [values, value_dim]
    std::vector<std::vector<Index>> expected;  ///< [tokens][keys]: a row of values, none or unseen
};

/// An answer weaker than this (root mean square; a stored value has 1) counts as none.
inline constexpr double weakest_answer = 0.3;

/// What a vector on the value axis holds: an answer, something read, something written.
struct Content {
    std::vector<Index> nearest;  ///< rows of values of the largest cosine: several when they tie; empty: none
    double cosine = 0;           ///< between the vector and the nearest value; 0 for zeros
    double norm = 0;             ///< root mean square of the vector
};
/// The values nearest to x, the cosine and the norm.
Content content_of(const Recall& recall, const Vector<double>& x);

/// "3", "0|4" for a tie, "none".
std::string to_string(const Recall& recall, const Content& content);

/// One key's answer after one token.
struct Reading {
    Index key = 0;
    Index expected = Recall::none;  ///< row of values, or Recall::none
    Content answer;
    double error = 0;    ///< mean squared difference from what was expected
    bool right = false;  ///< the nearest value is the one expected, and no other is as near
};

/// Asks every key seen so far, in the state S [key_dim, value_dim] after token `token`.
std::vector<Reading> read_back(const Recall& recall, const Matrix<double>& S, Index token);

/// The same of a memory that is no matrix, by what each key's query reads: answers [keys, value_dim].
std::vector<Reading> readings_of(const Recall& recall, const Matrix<double>& answers, Index token);

/// The state after every token of the first sequence and head of a problem, by the recurrent rule.
std::vector<Matrix<double>> states_of(const Problem<double>& problem);

/// Reads back after every token: [tokens][keys seen so far].
std::vector<std::vector<Reading>> walk(const Recall& recall, const Problem<double>& problem);

/// All readings of a walk together. Scoring along the way matters: a rule that never writes what will be
/// overwritten is perfect at the end and wrong until then.
struct Score {
    Index right = 0, checks = 0;
    double error = 0;  ///< mean of the readings' errors
};
/// The score of what walk() returned.
Score score(const std::vector<std::vector<Reading>>& readings);

}  // namespace gdn2
