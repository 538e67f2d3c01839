// Evaluates the formulas of fields.def, so that what they say is held against what was recorded.
// Notation: + - * ( ) exp(), name[index,...], name without indices, numbers as [r=s] (1 when true),
// sum(i) and sum(m<=r) of the product that follows, if(s<r) likewise (0 when false).
#pragma once

#include <cctype>
#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "reference/core/shape.h"

namespace gdn2::testing {

class Formula {
public:
    /// A tensor's number at evaluated indices.
    using Lookup = std::function<double(const std::string& name, const std::vector<Index>& indices)>;

    /// `sizes`: how far each summation index runs. `indices`: the values of the free ones. `last_of(n)`: last
    /// row of chunk n.
    Formula(std::string_view text, std::map<char, Index> sizes, std::map<char, Index> indices,
            std::function<Index(Index)> last_of, Lookup lookup)
        : text_(text),
          sizes_(std::move(sizes)),
          indices_(std::move(indices)),
          last_of_(std::move(last_of)),
          lookup_(std::move(lookup)) {}

    double value() {
        const double result = sum_of_terms();
        if (next() != '\0') fail("unread text");
        return result;
    }

private:
    [[noreturn]] void fail(const char* why) const {
        throw std::runtime_error(std::string(why) + " at " + std::to_string(at_) + " of " +
                                 std::string(text_));
    }

    char next() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    bool take(std::string_view word) {
        next();
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }

    void need(std::string_view word) {
        if (!take(word)) fail("unexpected text");
    }

    double sum_of_terms() {
        double result = term();
        while (true) {
            if (take("+"))
                result += term();
            else if (take("-"))
                result -= term();
            else
                return result;
        }
    }

    double term() {
        double result = factor();
        while (take("*")) result *= factor();
        return result;
    }

    double factor() {
        if (take("-")) return -factor();
        if (take("sum(")) return sum();
        if (take("if(")) {
            const bool holds = condition(")");
            const double rest = term();
            return holds ? rest : 0.0;
        }
        if (take("[")) return condition("]") ? 1.0 : 0.0;
        if (take("exp(")) {
            const double result = std::exp(sum_of_terms());
            need(")");
            return result;
        }
        if (take("(")) {
            const double result = sum_of_terms();
            need(")");
            return result;
        }
        return number();
    }

    /// After "sum(": "i) term" or "m<=r) term".
    double sum() {
        const char index = text_[at_++];
        Index end = sizes_.at(index);
        if (take("<="))
            end = index_value() + 1;
        else if (take("<"))
            end = index_value();
        need(")");
        const std::size_t body = at_;
        const auto outer = indices_;
        double result = 0;
        for (Index i = 0; i < std::max<Index>(end, 1); ++i) {  // once at least, to get past the body
            at_ = body;
            indices_[index] = i;
            const double value = term();
            if (i < end) result += value;
        }
        indices_ = outer;
        return result;
    }

    bool condition(std::string_view close) {
        const Index left = index_value();
        const bool strict = take("<"), equal = take("=");
        const Index right = index_value();
        need(close);
        return strict ? (equal ? left <= right : left < right) : left == right;
    }

    Index index_value() {
        next();
        const Index base = indices_.at(text_[at_++]);
        if (take("-1")) return base - 1;
        if (take("+1")) return base + 1;
        return base;
    }

    double number() {
        next();
        std::string name;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
            name += text_[at_++];
        if (name.empty()) fail("no name");
        std::vector<Index> indices;
        if (take("[")) do
                indices.push_back(take("last") ? last_of_(indices.at(0)) : index_value());
            while (take(","));
        if (!indices.empty()) need("]");
        return lookup_(name, indices);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::map<char, Index> sizes_, indices_;
    std::function<Index(Index)> last_of_;
    Lookup lookup_;
};

}  // namespace gdn2::testing
