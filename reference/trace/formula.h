// The formulas of fields.def, read and evaluated: what a line says can be held against what was recorded, and shown
// with its numbers (arithmetic.h).
//
//   x + y * z - w      a product binds closer; the sign in `-x * y` belongs to x
//   name[i,j]          a number of a tensor; a name without indices is one too (scale)
//   exp(x)   (x)
//   sum(i) x * y       over the whole axis, of the product that follows; sum(m<r), sum(m<=r): from 0 as far as that
//   if(s<r) x * y      the product that follows, or 0 where the condition does not hold; s<=r and s=r likewise
//   [r=s]              1 where the condition holds, else 0
// An index is a small letter, a letter with -1 or +1, or `last`: the last row of the chunk that the first index names.
//   tests  tests/reference/trace/formula_test.cpp
#pragma once

#include <array>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reference/core/shape.h"
#include "reference/trace/fields.h"

namespace gdn2::trace {

/// `t` or `n-1`; `last` has no letter.
struct FormulaIndex {
    char letter = 0;
    int offset = 0;
};

/// How two indices of a condition compare; none: there is no condition.
enum class Relation { none, less, at_most, equal };

/// `s<r` of `sum(s<r)` or `if(s<r)`.
struct Condition {
    FormulaIndex left;
    Relation relation = Relation::none;
    FormulaIndex right = {};
};

/// A formula as a tree.
struct FormulaNode {
    enum class Operation {
        number,       ///< `name` at `at`
        add,          ///< all parts; a part that is taken away is a `negate`
        multiply,     ///< all parts
        negate,       ///< the one part, as of all kinds below
        exponential,
        sum,          ///< over condition.left; relation none: the whole axis
        when,         ///< 0 where the condition does not hold
        indicator,    ///< 1 or 0; no part
    };
    Operation operation = Operation::number;
    std::vector<FormulaNode> parts = {};
    std::string_view name = {};
    std::vector<FormulaIndex> at = {};
    Condition condition = {};
};

/// What the letters and names of a formula stand for.
struct Scope {
    std::map<char, Index> indices;            ///< of the letters that no sum binds
    std::map<char, Index> sizes;              ///< how far `sum(i)` runs, by letter
    std::function<Index(Index chunk)> last;   ///< last row of a chunk
    std::function<double(std::string_view name, std::span<const Index> at)> number;
};

/// A number that a formula read.
struct Read {
    static constexpr std::size_t most_indices = 3;
    std::string_view name = {};
    std::array<Index, most_indices> at{};
    std::size_t rank = 0;
    double value = 0;

    std::span<const Index> indices() const { return {at.data(), rank}; }
};

/// A parsed formula.
class Formula {
public:
    /// `text`, in the notation above, must outlive the formula. Throws Error that says where it is not understood.
    explicit Formula(std::string_view text);

    const FormulaNode& root() const { return root_; }

    /// The number; into `reads`, where that is given, goes every number it was made from, once, in the order read.
    /// Throws Error when a letter has neither an index nor a size.
    double value(const Scope& scope, std::vector<Read>* reads = nullptr) const;

private:
    FormulaNode root_;
};

/// Evaluates parts of a formula, with letters bound; a copy binds its own. `scope` and `reads` must outlive it.
class Evaluator {
public:
    explicit Evaluator(const Scope& scope, std::vector<Read>* reads = nullptr);

    double value(const FormulaNode& node);
    bool holds(const Condition& condition) const;
    Index index(const FormulaIndex& index) const;
    /// How many terms a sum has.
    Index terms_of(const FormulaNode& sum) const;
    void bind(char letter, Index value) { letters_[slot_of(letter)] = value; }

private:
    double number(const FormulaNode& node);
    double sum(const FormulaNode& node);
    static std::size_t slot_of(char letter) { return static_cast<unsigned char>(letter); }

    const Scope& scope_;
    std::vector<Read>* reads_;
    std::array<Index, 256> letters_;
};

/// The letters of a field's own indices, in order: "tij" for S, "nrs" for T.
std::string letters_of(const FieldInfo& line);

}  // namespace gdn2::trace
