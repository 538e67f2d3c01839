// See formula.h.
#include "reference/trace/formula.h"

#include <cctype>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "reference/core/error.h"
#include "reference/io/text.h"

namespace gdn2::trace {
namespace {

using Operation = FormulaNode::Operation;

constexpr Index unbound = std::numeric_limits<Index>::min();

/// Reads a formula from left to right.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    FormulaNode all() {
        FormulaNode node = expression();
        need(next() == '\0', "unread text");
        return node;
    }

private:
    void need(bool good, const char* what) const {
        require(good, "formula " + io::quote(text_, text_.size()) + ": " + what + " at " + std::to_string(at_));
    }

    char next() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    bool take(std::string_view word) {
        next();
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }

    FormulaNode expression() {
        FormulaNode node{.operation = Operation::add, .parts = {product()}};
        while (true) {
            if (take("+")) node.parts.push_back(product());
            else if (take("-")) node.parts.push_back({.operation = Operation::negate, .parts = {product()}});
            else break;
        }
        return unwrapped(std::move(node));
    }

    FormulaNode product() {
        FormulaNode node{.operation = Operation::multiply, .parts = {factor()}};
        while (take("*")) node.parts.push_back(factor());
        return unwrapped(std::move(node));
    }

    static FormulaNode unwrapped(FormulaNode node) {
        if (node.parts.size() > 1) return node;
        FormulaNode only = std::move(node.parts.front());
        return only;
    }

    FormulaNode factor() {
        if (take("-")) return {.operation = Operation::negate, .parts = {factor()}};
        if (take("sum(")) return bound(Operation::sum);
        if (take("if(")) return bound(Operation::when);
        if (take("[")) return {.operation = Operation::indicator, .condition = condition("]")};
        if (take("exp(")) return {.operation = Operation::exponential, .parts = {closed()}};
        if (take("(")) return closed();
        return number();
    }

    FormulaNode closed() {
        FormulaNode node = expression();
        need(take(")"), "expected `)`");
        return node;
    }

    FormulaNode bound(Operation operation) {
        FormulaNode node{.operation = operation, .condition = condition(")")};
        const Condition& given = node.condition;
        if (operation == Operation::when) need(given.relation != Relation::none, "expected a condition");
        else need(given.left.offset == 0 && given.relation != Relation::equal, "expected a range");
        node.parts.push_back(product());
        return node;
    }

    Condition condition(std::string_view close) {
        Condition condition{.left = index()};
        if (take("<=")) condition.relation = Relation::at_most;
        else if (take("<")) condition.relation = Relation::less;
        else if (take("=")) condition.relation = Relation::equal;
        if (condition.relation != Relation::none) condition.right = index();
        need(take(close), "expected the end of a condition");
        return condition;
    }

    FormulaIndex index() {
        need('a' <= next() && next() <= 'z', "expected an index");
        const char letter = text_[at_++];
        return {letter, take("-1") ? -1 : take("+1") ? 1 : 0};
    }

    FormulaNode number() {
        next();
        const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
        const std::size_t start = at_;
        while (at_ < text_.size() && in_name(text_[at_])) ++at_;
        need(at_ > start, "expected a name");
        FormulaNode node{.name = text_.substr(start, at_ - start)};
        if (!take("[")) return node;
        do node.at.push_back(!node.at.empty() && take("last") ? FormulaIndex{} : index());
        while (take(","));
        need(take("]"), "expected `]`");
        need(node.at.size() <= Read::most_indices, "too many indices");
        return node;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

struct SamePlace {
    bool operator()(const Read& a, const Read& b) const {
        return a.rank == b.rank && a.at == b.at && a.name == b.name;
    }
};

struct PlaceHash {
    std::size_t operator()(const Read& read) const {
        constexpr std::size_t prime = 1000003;
        std::size_t hash = read.name.size();
        for (const Index index : read.at) hash = hash * prime + static_cast<std::size_t>(index);
        return hash * prime + static_cast<std::size_t>(read.name.front());
    }
};

/// Keeps the first of reads of the same number.
void keep_first(std::vector<Read>& reads) {
    std::unordered_set<Read, PlaceHash, SamePlace> seen(reads.size());
    std::erase_if(reads, [&seen](const Read& read) { return !seen.insert(read).second; });
}

}  // namespace

Formula::Formula(std::string_view text) : root_(Parser(text).all()) {}

double Formula::value(const Scope& scope, std::vector<Read>* reads) const {
    const double value = Evaluator(scope, reads).value(root_);
    if (reads) keep_first(*reads);
    return value;
}

Evaluator::Evaluator(const Scope& scope, std::vector<Read>* reads) : scope_(scope), reads_(reads) {
    letters_.fill(unbound);
    for (const auto& [letter, value] : scope.indices) bind(letter, value);
}

double Evaluator::value(const FormulaNode& node) {
    double result = 0;
    switch (node.operation) {
        case Operation::number: return number(node);
        case Operation::add:
            for (const FormulaNode& part : node.parts) result += value(part);
            return result;
        case Operation::multiply:
            result = 1;
            for (const FormulaNode& part : node.parts) result *= value(part);
            return result;
        case Operation::negate: return -value(node.parts[0]);
        case Operation::exponential: return std::exp(value(node.parts[0]));
        case Operation::sum: return sum(node);
        case Operation::when: return holds(node.condition) ? value(node.parts[0]) : 0;
        case Operation::indicator: return holds(node.condition) ? 1 : 0;
    }
    return result;
}

double Evaluator::number(const FormulaNode& node) {
    Read read{.name = node.name, .rank = node.at.size()};
    for (std::size_t axis = 0; axis < node.at.size(); ++axis) {
        const bool last = node.at[axis].letter == 0;
        read.at[axis] = last ? scope_.last(read.at[0]) : index(node.at[axis]);
    }
    read.value = scope_.number(read.name, read.indices());
    if (reads_) reads_->push_back(read);
    return read.value;
}

double Evaluator::sum(const FormulaNode& node) {
    const char letter = node.condition.left.letter;
    const Index outer = letters_[slot_of(letter)], count = terms_of(node);
    double result = 0;
    for (Index i = 0; i < count; ++i) {
        bind(letter, i);
        result += value(node.parts[0]);
    }
    bind(letter, outer);
    return result;
}

Index Evaluator::terms_of(const FormulaNode& sum) const {
    const Condition& range = sum.condition;
    if (range.relation == Relation::less) return index(range.right);
    if (range.relation == Relation::at_most) return index(range.right) + 1;
    const auto size = scope_.sizes.find(range.left.letter);
    if (size == scope_.sizes.end()) throw Error(std::string("formula: `") + range.left.letter + "` has no size");
    return size->second;
}

bool Evaluator::holds(const Condition& condition) const {
    const Index left = index(condition.left), right = index(condition.right);
    switch (condition.relation) {
        case Relation::none: break;
        case Relation::less: return left < right;
        case Relation::at_most: return left <= right;
        case Relation::equal: return left == right;
    }
    return true;
}

Index Evaluator::index(const FormulaIndex& index) const {
    const Index value = letters_[slot_of(index.letter)];
    if (value == unbound) throw Error(std::string("formula: `") + index.letter + "` has no value");
    return value + index.offset;
}

std::string letters_of(const FieldInfo& line) {
    std::string position = line.kind == Kind::chunk ? "n" : "t";
    switch (line.axes) {
        case Axes::key: return position + "i";
        case Axes::value: return position + "j";
        case Axes::key_value: return position + "ij";
        case Axes::row_key: return position + "ri";
        case Axes::row_value: return position + "rj";
        case Axes::row_row: return position + "rs";
    }
    return position;
}

}  // namespace gdn2::trace
