// The parts of gdn2 demo. Each prints its section and returns what it found.
//   tests  tests/tools/gdn2/demo_test.cpp
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "reference/core/shape.h"

namespace gdn2::tools {

/// Colours on a terminal, nothing elsewhere. Colour never stands alone: marks say the same.
class Style {
public:
    /// As standard output and the environment want it (NO_COLOR, TERM=dumb).
    static Style for_stdout();
    explicit Style(bool colour) : colour_(colour) {}

    std::string heading(const std::string& text) const { return paint("1", text); }
    std::string quiet(const std::string& text) const { return paint("2", text); }
    std::string good(const std::string& text) const { return paint("36", text); }
    std::string bad(const std::string& text) const { return paint("33", text); }
    std::string verdict(bool passed, const std::string& text) const {
        return passed ? good(text) : bad(text);
    }

private:
    std::string paint(const char* code, const std::string& text) const {
        return colour_ ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
    }
    bool colour_;
};

inline constexpr const char* right_mark = "\u2713";
inline constexpr const char* wrong_mark = "\u2717";

/// Checks of a section, and the same for programs.
struct Outcome {
    Index passed = 0, failed = 0;
    nlohmann::json json;

    void count(bool good) { (good ? passed : failed) += 1; }
};

/// Where to print: nowhere when a program reads the answer.
struct Page {
    Style style;
    bool silent = false;

    void line(const std::string& text = "") const;
};

/// 1. The recall scenario token by token, under four rules.
Outcome demo_recall(const Page& page);

/// 2. Token by token against chunk by chunk, forward and backward.
Outcome demo_paths(const Page& page);

/// 3. The same against results made elsewhere. Without `folder`, looks where they are installed or were built
/// from; finding none is said, and is no failure. Throws Error when a given `folder` holds none.
Outcome demo_golden(const Page& page, const std::optional<std::string>& folder);

}  // namespace gdn2::tools
