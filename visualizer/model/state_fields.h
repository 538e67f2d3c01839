// The keys of a state string, one line each: which choice a key stands for and what it may be. state_string.cpp adds
// those that are more than one number.
//   tests  tests/visualizer/model/state_string_test.cpp
#pragma once

#include <span>

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// "on" or "off".
struct Flag {
    const char* key;
    bool& (*of)(UiState&);
};
std::span<const Flag> state_flags();

/// A finite number in [low, high].
struct Setting {
    const char* key;
    double& (*of)(UiState&);
    double low, high;
};
std::span<const Setting> state_settings();

/// A whole number from 0 on.
struct Count {
    const char* key;
    Index& (*of)(UiState&);
};
std::span<const Count> state_counts();

/// One of `count` words.
struct Word {
    const char* key;
    int count;
    const char* (*word)(int);
    int (*get)(const UiState&);
    void (*set)(UiState&, int);
};
std::span<const Word> state_words();

}  // namespace gdn2::viewer
