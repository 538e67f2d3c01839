// See arithmetic.h.
#include "reference/trace/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "reference/io/text.h"

namespace gdn2::trace {
namespace {

using Operation = FormulaNode::Operation;

/// A piece of text and how closely it binds: a sum inside a product gets parentheses.
struct Piece {
    std::string text;
    enum class Binds { sum, product, single } binds = Binds::single;
};
using Binds = Piece::Binds;

Piece in_parentheses(const Piece& piece) { return {"(" + piece.text + ")", Binds::single}; }

/// A factor behind the first may have no sign of its own.
std::string factor(const Piece& piece, bool first) {
    const bool bare = piece.binds != Binds::sum && (first || piece.text[0] != '-');
    return bare ? piece.text : in_parentheses(piece).text;
}

Piece product_of(const std::vector<Piece>& pieces) {
    std::string text = factor(pieces[0], true);
    for (std::size_t i = 1; i < pieces.size(); ++i) text += " * " + factor(pieces[i], false);
    return {text, Binds::product};
}

/// -x, which for a text that starts with a sign is the text without it.
Piece negated(const Piece& piece) {
    if (piece.binds == Binds::sum) return {"-" + in_parentheses(piece).text, Binds::product};
    return {piece.text[0] == '-' ? piece.text.substr(1) : "-" + piece.text, piece.binds};
}

/// Signs of the parts become the signs between them.
Piece sum_of(const std::vector<Piece>& pieces) {
    std::string text = pieces[0].text;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        const bool minus = pieces[i].text[0] == '-';
        text += (minus ? " - " : " + ") + pieces[i].text.substr(minus ? 1 : 0);
    }
    return {text, pieces.size() > 1 ? Binds::sum : pieces[0].binds};
}

/// The text of a tree. What stands for numbers, sums, conditions and indicators is up to `Writer`.
template <class Writer>
Piece written(const FormulaNode& node, Writer& writer) {
    std::vector<Piece> pieces;
    if (node.operation != Operation::sum && node.operation != Operation::when)
        for (const FormulaNode& part : node.parts) pieces.push_back(written(part, writer));
    switch (node.operation) {
        case Operation::add: return sum_of(pieces);
        case Operation::multiply: return product_of(pieces);
        case Operation::negate: return negated(pieces[0]);
        case Operation::exponential: return {"exp(" + pieces[0].text + ")"};
        case Operation::sum: return writer.sum(node);
        case Operation::when: return writer.when(node);
        case Operation::indicator: return writer.indicator(node);
        case Operation::number: break;
    }
    return writer.number(node);
}

/// Names and indices.
class SymbolWriter {
public:
    SymbolWriter(const Scope& scope, std::string_view letters) : scope_(scope), kept_(letters) {}

    Piece number(const FormulaNode& node) const {
        const std::optional<Field> field = field_named(node.name);
        std::string text(field ? info(*field).symbol : node.name);
        for (std::size_t axis = 0; axis < node.at.size(); ++axis) text += (axis ? "," : "[") + index(node.at[axis]);
        return {text + (node.at.empty() ? "" : "]")};
    }

    Piece sum(const FormulaNode& node) {
        const std::string_view outer = kept_;
        const std::string kept = std::string(kept_) + node.condition.left.letter;
        kept_ = kept;
        const std::string body = written(node.parts[0], *this).text;
        const std::string range = condition(node.condition);
        kept_ = outer;
        return {"sum(" + range + ") " + body, Binds::product};
    }

    /// A condition that holds need not be said.
    Piece when(const FormulaNode& node) {
        Piece body = written(node.parts[0], *this);
        if (Evaluator(scope_).holds(node.condition)) return body;
        return {"if(" + condition(node.condition) + ") " + body.text, Binds::product};
    }

    Piece indicator(const FormulaNode& node) const { return {"[" + condition(node.condition) + "]"}; }

private:
    std::string index(const FormulaIndex& index) const {
        if (index.letter == 0) return "last";
        if (kept_.find(index.letter) == std::string_view::npos)
            return std::to_string(Evaluator(scope_).index(index));
        return index.letter + std::string(index.offset == 0 ? "" : index.offset < 0 ? "-1" : "+1");
    }

    std::string condition(const Condition& condition) const {
        constexpr const char* signs[] = {"", "<", "<=", "="};
        std::string left = index(condition.left);
        if (condition.relation == Relation::none) return left;
        return left + signs[static_cast<int>(condition.relation)] + index(condition.right);
    }

    const Scope& scope_;
    std::string_view kept_;
};

/// Values. Remembers the terms of the first sum that it writes.
class NumberWriter {
public:
    NumberWriter(const Evaluator& evaluator, const Writing& writing, Arithmetic& result)
        : evaluator_(evaluator), writing_(writing), result_(result) {}

    Piece number(const FormulaNode& node) { return number(evaluator_.value(node)); }
    Piece indicator(const FormulaNode& node) { return number(evaluator_.value(node)); }

    Piece when(const FormulaNode& node) {
        return evaluator_.holds(node.condition) ? written(node.parts[0], *this) : number(0);
    }

    Piece sum(const FormulaNode& node) {
        const std::vector<double> values = values_of(node);
        const std::vector<std::size_t> largest = largest_of(values);
        std::vector<Piece> pieces;
        for (const std::size_t i : largest) pieces.push_back(number(values[i]));
        const double rest = rest_of(values, largest);
        if (rest != 0 || pieces.empty()) pieces.push_back(number(rest));
        if (result_.letter == 0) list(node, values, largest, rest);
        return sum_of(pieces);
    }

private:
    Piece number(double value) const {
        return {io::number(value == 0 ? 0 : value, writing_.digits)};  // never -0
    }

    std::vector<double> values_of(const FormulaNode& node) const {
        Evaluator inside = evaluator_;
        std::vector<double> values(static_cast<std::size_t>(std::max<Index>(inside.terms_of(node), 0)));
        for (std::size_t i = 0; i < values.size(); ++i) {
            inside.bind(node.condition.left.letter, static_cast<Index>(i));
            values[i] = inside.value(node.parts[0]);
        }
        return values;
    }

    /// Which terms are written, largest first; of equal ones the earlier first.
    std::vector<std::size_t> largest_of(const std::vector<double>& values) const {
        const auto size = [&values](std::size_t i) {
            return std::isnan(values[i]) ? std::numeric_limits<double>::infinity() : std::abs(values[i]);
        };
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < values.size(); ++i)
            if (size(i) != 0) order.push_back(i);
        const std::size_t count = std::min(writing_.terms, order.size());
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                          [&size](std::size_t a, std::size_t b) {
                              return size(a) > size(b) || (size(a) == size(b) && a < b);
                          });
        order.resize(count);
        return order;
    }

    static double rest_of(std::vector<double> values, const std::vector<std::size_t>& without) {
        for (const std::size_t i : without) values[i] = 0;
        return std::accumulate(values.begin(), values.end(), 0.0);
    }

    void list(const FormulaNode& node, const std::vector<double>& values, const std::vector<std::size_t>& largest,
              double rest) {
        result_.letter = node.condition.left.letter;
        result_.others = static_cast<Index>(values.size() - largest.size());
        result_.rest = rest;
        for (const std::size_t i : largest) {
            NumberWriter inside = *this;
            inside.evaluator_.bind(result_.letter, static_cast<Index>(i));
            const std::string numbers = written(node.parts[0], inside).text;
            result_.terms.push_back({static_cast<Index>(i), values[i], numbers});
        }
    }

    Evaluator evaluator_;
    const Writing& writing_;
    Arithmetic& result_;
};

}  // namespace

Arithmetic arithmetic_of(const Formula& formula, const Scope& scope, const Writing& writing) {
    Arithmetic result;
    result.value = formula.value(scope, &result.reads);
    SymbolWriter symbols(scope, writing.letters);
    result.symbols = written(formula.root(), symbols).text;
    NumberWriter numbers(Evaluator(scope), writing, result);
    result.numbers = written(formula.root(), numbers).text;
    return result;
}

}  // namespace gdn2::trace
