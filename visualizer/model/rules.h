// Every rule that the reference has, on the tokens of a session: those that tie GDN-2's gates and those that do not.
//   tests  tests/visualizer/model/rules_test.cpp
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "reference/scenarios/recall.h"
#include "visualizer/model/mixers.h"
#include "visualizer/model/other_rules.h"

namespace gdn2::viewer {

class Session;
struct Cursor;

using Rule = std::variant<Mixer, OtherRule>;

/// All of them, GDN-2 first.
const std::vector<Rule>& all_rules();

std::string name_of(const Rule& rule);        ///< "Gated DeltaNet"
std::string short_name_of(const Rule& rule);  ///< "GDN", for a column
/// How the rule's gates, or what it has in their place, were chosen.
std::string choices_of(const Session& session, const Rule& rule);

/// What the rule keeps at the cursor, as OtherRun::memory has it where its gates are not tied.
Matrix<double> memory_at(const Session& session, const Rule& rule, const Cursor& at);
/// What each key seen so far reads after `token`. The document must say what should be recalled.
std::vector<Reading> read_back(const Session& session, const Rule& rule, Index token);

}  // namespace gdn2::viewer
