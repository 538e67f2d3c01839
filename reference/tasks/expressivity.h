// What one token of each rule can do to a memory, whatever its training: keys, values and the stored memory are given,
// only the gates are free. A cell of the table is the least squared error that any setting of the gates leaves. It says
// what one token of one head can do with the value it is given. A trained layer also makes the value, and may have more
// heads: KDA deletes by writing zeros, and comes near an append by a small beta and a large v.
//   rule   S_t = S~ + k (z - S~^T e)^T,  S~ = Diag(alpha) S_{t-1},  e = b (.) k,  z = w (.) v
//   tests  tests/reference/tasks/expressivity_test.cpp (every cell)
#pragma once

#include <string>
#include <vector>

#include "reference/core/matrix.h"

namespace gdn2 {

/// The gates of one token, as GDN-2 has them; every other rule is a constraint on them.
struct TokenGates {
    Vector<double> alpha;  ///< [key_dim] decay
    Vector<double> b;      ///< [key_dim] erase
    Vector<double> w;      ///< [value_dim] write
};

/// The memory all operations start from, S = k old^T + other_key other^T, and the token that is to change it: key k
/// [key_dim 4], value `fresh` [value_dim 6]. The keys are unit vectors at a right angle that share every channel, so
/// that decay cannot tell them apart. Each value is a unit vector on two channels of its own, so that w can only take
/// from `fresh`, never make another value of it.
struct OneTokenMemory {
    Vector<double> k, other_key;
    Vector<double> old, fresh, other;
    Matrix<double> S;  ///< [key_dim, value_dim]
};
/// The one that every operation is tried on.
const OneTokenMemory& one_token_memory();

/// What an operation wants read at k afterwards. At other_key it always wants `other`, as before.
struct MemoryOperation {
    std::string name;   ///< "append"
    std::string wants;  ///< "old + fresh"
    Vector<double> target;
};
/// All of them, in the order of the table's columns.
const std::vector<MemoryOperation>& memory_operations();

/// How far a gate is free.
enum class GateShape { fixed, scalar, channels };

/// A rule: which gates it has. Fixed gates are alpha = 1, b = 0, w = 1.
struct GateRule {
    std::string name;
    GateShape decay, erase, write;
    bool tied = false;      ///< b and w are one scalar
    double most_erase = 1;  ///< b lies in [0, this]; alpha and w in [0, 1]
};
/// All of them, in the order of the table's rows.
const std::vector<GateRule>& gate_rules();

/// |S_t^T k - target|^2 + |S_t^T other_key - other|^2 after one token with these gates.
double operation_error(const TokenGates& gates, const MemoryOperation& operation);

/// The best gates and their error.
struct Expressivity {
    TokenGates gates;
    double error = 0;
};

/// Minimises the error over a rule's gates. The result depends on nothing but its arguments.
Expressivity best_gates(const GateRule& rule, const MemoryOperation& operation);

/// best_gates for all: [gate_rules()][memory_operations()]. Takes a fraction of a second.
std::vector<std::vector<Expressivity>> expressivity_table();

/// The table as text: a row for each rule, "0" for what a rule can do exactly.
std::string to_text(const std::vector<std::vector<Expressivity>>& table);

}  // namespace gdn2
