// See expressivity.h. The error is a square of something linear in each gate by itself, so the best value of one gate
// with the others held is known exactly; going round all gates until nothing moves, from several starts, finds the
// least error of all (coordinate descent).
#include "reference/tasks/expressivity.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/core/random.h"
#include "reference/io/text.h"

namespace gdn2 {
namespace {

constexpr Index key_dim = 4, value_dim = 6;

/// A rule's free numbers, laid out as alpha, b, w; each lies in [0, high].
struct FreeGates {
    const GateRule& rule;

    static Index count(GateShape shape, Index channels) {
        return shape == GateShape::channels ? channels : shape == GateShape::scalar ? 1 : 0;
    }
    Index decays() const { return count(rule.decay, key_dim); }
    Index erases() const { return count(rule.erase, key_dim); }
    Index writes() const { return rule.tied ? 0 : count(rule.write, value_dim); }
    Index size() const { return decays() + erases() + writes(); }

    double high(Index i) const { return i >= decays() && i < decays() + erases() ? rule.most_erase : 1; }

    static Vector<double> spread(const Vector<double>& part, Index channels, double if_none) {
        if (part.size() == channels) return part;
        return Vector<double>::Constant(channels, part.size() == 1 ? part(0) : if_none);
    }

    TokenGates gates(const Vector<double>& x) const {
        const Vector<double> erase = x.segment(decays(), erases());
        return {spread(x.head(decays()), key_dim, 1), spread(erase, key_dim, 0),
                spread(rule.tied ? erase : x.tail(writes()), value_dim, 1)};
    }
};

/// What is read at k and at other_key after the token, less what should be.
Vector<double> residual(const TokenGates& gates, const MemoryOperation& operation) {
    const OneTokenMemory& memory = one_token_memory();
    const Vector<double> e = gates.b.cwiseProduct(memory.k);
    const Vector<double> z = gates.w.cwiseProduct(memory.fresh);

    Matrix<double> S = gates.alpha.asDiagonal() * memory.S;
    const Vector<double> r = S.transpose() * e;
    S.noalias() += memory.k * (z - r).transpose();

    Vector<double> difference(2 * value_dim);
    difference << S.transpose() * memory.k - operation.target,
        S.transpose() * memory.other_key - memory.other;
    return difference;
}

/// The best value in [0, high] of gate i with the others as they are: the residual is at_0 + x slope.
double best_value(const FreeGates& free, const MemoryOperation& operation, Vector<double> x, Index i) {
    const double now = x(i);
    x(i) = 0;
    const Vector<double> at_0 = residual(free.gates(x), operation);
    x(i) = 1;
    const Vector<double> slope = residual(free.gates(x), operation) - at_0;
    if (slope.squaredNorm() < 1e-20) return now;
    return std::clamp(-slope.dot(at_0) / slope.squaredNorm(), 0.0, free.high(i));
}

/// Coordinate descent from x.
Expressivity descend(const FreeGates& free, const MemoryOperation& operation, Vector<double> x) {
    double moved = 1;
    for (int sweep = 0; sweep < 1000 && moved > 1e-9; ++sweep) {
        moved = 0;
        for (Index i = 0; i < x.size(); ++i) {
            const double value = best_value(free, operation, x, i);
            moved = std::max(moved, std::abs(value - x(i)));
            x(i) = value;
        }
    }
    const TokenGates gates = free.gates(x);
    return {gates, operation_error(gates, operation)};
}

Vector<double> key_vector(double last_half) {
    Vector<double> k(key_dim);
    k << 0.5, 0.5, last_half, last_half;
    return k;
}

/// The value on channels 2 i and 2 i + 1.
Vector<double> value_vector(Index i) {
    Vector<double> value = Vector<double>::Zero(value_dim);
    value.segment(2 * i, 2).setConstant(std::sqrt(0.5));
    return value;
}

OneTokenMemory make_memory() {
    OneTokenMemory memory{key_vector(0.5), key_vector(-0.5), value_vector(0),
                          value_vector(1), value_vector(2),  {}};
    memory.S = memory.k * memory.old.transpose() + memory.other_key * memory.other.transpose();
    return memory;
}

/// What of the answer at k lies in the last half of the key channels.
Vector<double> held_by_last_channels(const OneTokenMemory& memory) {
    constexpr Index half = key_dim / 2;
    return memory.S.bottomRows(half).transpose() * memory.k.tail(half);
}

/// The even channels of a value: one of the two it has.
Vector<double> half_of(Vector<double> value) {
    for (Index i = 1; i < value_dim; i += 2) value(i) = 0;
    return value;
}

std::string padded(const std::string& text, std::size_t width) {
    return std::string(text.size() < width ? width - text.size() : 1, ' ') + text;
}

/// "0", "0.375": three decimals.
std::string cell(double error) { return io::number(std::round(error * 1000) / 1000); }

}  // namespace

const OneTokenMemory& one_token_memory() {
    static const OneTokenMemory memory = make_memory();
    return memory;
}

const std::vector<MemoryOperation>& memory_operations() {
    static const OneTokenMemory& m = one_token_memory();
    static const std::vector<MemoryOperation> operations{
        {"overwrite", "fresh", m.fresh},
        {"append", "old + fresh", m.old + m.fresh},
        {"delete", "nothing", Vector<double>::Zero(value_dim)},
        {"keep", "old", m.old},
        {"masked write", "half the channels of fresh", half_of(m.fresh)},
        {"masked erase", "what half the key channels hold", held_by_last_channels(m)},
        {"replace half", "half of fresh, half of old", m.old - half_of(m.old) + half_of(m.fresh)},
        {"negate", "-old", -m.old},
    };
    return operations;
}

const std::vector<GateRule>& gate_rules() {
    constexpr GateShape fixed = GateShape::fixed, scalar = GateShape::scalar, channels = GateShape::channels;
    static const std::vector<GateRule> rules{
        {"linear attention", fixed, fixed, fixed},
        {"Mamba-2", scalar, fixed, scalar},
        {"DeltaNet", fixed, scalar, scalar, true},
        {"Gated DeltaNet", scalar, scalar, scalar, true},
        {"KDA", channels, scalar, scalar, true},
        {"GDN-2 tied", channels, scalar, scalar, true},
        {"GDN-2 untied scalars", channels, scalar, scalar},
        {"GDN-2 b-only", channels, channels, scalar},
        {"GDN-2 w-only", channels, scalar, channels},
        {"GDN-2", channels, channels, channels},
        {"GDN-2 b in [0, 2]", channels, channels, channels, false, 2},
    };
    return rules;
}

double operation_error(const TokenGates& gates, const MemoryOperation& operation) {
    return residual(gates, operation).squaredNorm();
}

Expressivity best_gates(const GateRule& rule, const MemoryOperation& operation) {
    const FreeGates free{rule};
    Expressivity best{{}, std::numeric_limits<double>::infinity()};
    Random random(1);
    for (int start = 0; start < 8; ++start) {
        Vector<double> x(free.size());
        for (Index i = 0; i < x.size(); ++i) x(i) = start == 0 ? 0.5 : random.uniform();
        const Expressivity found = descend(free, operation, x);
        if (found.error < best.error) best = found;
    }
    return best;
}

std::vector<std::vector<Expressivity>> expressivity_table() {
    std::vector<std::vector<Expressivity>> table;
    for (const GateRule& rule : gate_rules()) {
        table.emplace_back();
        for (const MemoryOperation& operation : memory_operations())
            table.back().push_back(best_gates(rule, operation));
    }
    return table;
}

std::string to_text(const std::vector<std::vector<Expressivity>>& table) {
    constexpr std::size_t name_width = 20, cell_width = 14;
    std::string text(name_width, ' ');
    for (const MemoryOperation& operation : memory_operations()) text += padded(operation.name, cell_width);
    for (std::size_t row = 0; row < table.size(); ++row) {
        const std::string& name = gate_rules().at(row).name;
        text += "\n" + name + std::string(name_width - name.size(), ' ');
        for (const Expressivity& each : table[row]) text += padded(cell(each.error), cell_width);
    }
    return text + "\n";
}

}  // namespace gdn2
