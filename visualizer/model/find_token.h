// Which token a person means by a number or by words of its label.
//   tests  tests/visualizer/model/find_token_test.cpp
#pragma once

#include <optional>
#include <string_view>

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// "1834": that token. Else the next token after the cursor's, around the end, whose label holds the words, large and
/// small ASCII letters alike; the cursor's own is the last that is looked at, at the start the first. A number that is
/// no token, and a label such as "7=3", are words too. Nothing where none is meant, or nothing was asked.
std::optional<Index> find_token(const Session& session, std::string_view asked);

}  // namespace gdn2::viewer
