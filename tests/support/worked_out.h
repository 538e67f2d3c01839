// What a reader gets who works out a printed line of arithmetic. It knows nothing of the code that prints: every number
// is as wide as its rounding, so that the right value must lie inside the result.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace gdn2::test {

struct Interval {
    double low, high;

    bool holds(double value) const {
        const double slack = 1e-13 * (1 + std::abs(low) + std::abs(high));
        return low - slack <= value && value <= high + slack;
    }
    double middle() const { return (low + high) / 2; }
    double width() const { return high - low; }
};

/// A decimal number rounded to `digits` significant ones.
inline Interval printed(double value, int digits) {
    if (value == 0) return {0, 0};
    const double half = 0.5 * std::pow(10, std::floor(std::log10(std::abs(value))) - digits + 1);
    return {value - half, value + half};
}

/// + - * exp ( ) and numbers, with intervals.
class WorkedOut {
public:
    WorkedOut(const std::string& line, int digits) : at_(line.c_str()), digits_(digits) {}

    Interval value() {
        const Interval result = sum();
        if (*at_ != '\0') throw std::runtime_error(std::string("left over: ") + at_);
        return result;
    }

private:
    bool take(const std::string& text) {
        if (std::string(at_).compare(0, text.size(), text) != 0) return false;
        at_ += text.size();
        return true;
    }

    Interval sum() {
        Interval result = product();
        while (true) {
            const bool plus = take(" + "), minus = !plus && take(" - ");
            if (!plus && !minus) return result;
            const Interval x = product();
            result = plus ? Interval{result.low + x.low, result.high + x.high}
                          : Interval{result.low - x.high, result.high - x.low};
        }
    }

    Interval product() {
        Interval result = factor();
        while (take(" * ")) {
            if (*at_ == '-') throw std::runtime_error("a sign behind *");
            const Interval x = factor();
            const double corners[] = {result.low * x.low, result.low * x.high, result.high * x.low,
                                      result.high * x.high};
            result = {*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4)};
        }
        return result;
    }

    Interval factor() {
        const bool minus = take("-");
        if (minus && *at_ == '-') throw std::runtime_error("two signs");
        const bool power = take("exp(");
        const Interval x = power || take("(") ? closed() : number();
        const Interval y = power ? Interval{std::exp(x.low), std::exp(x.high)} : x;
        return minus ? Interval{-y.high, -y.low} : y;
    }

    Interval closed() {
        const Interval result = sum();
        if (!take(")")) throw std::runtime_error("not closed");
        return result;
    }

    Interval number() {
        char* end = nullptr;
        const double value = std::strtod(at_, &end);
        if (end == at_) throw std::runtime_error(std::string("no number: ") + at_);
        at_ = end;
        return printed(value, digits_);
    }

    const char* at_;
    int digits_;
};

inline Interval worked_out(const std::string& line, int digits = 4) { return WorkedOut(line, digits).value(); }

}  // namespace gdn2::test
