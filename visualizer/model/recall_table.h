// What every key would answer now, under several rules, after every token: right, wrong, how clearly.
//   tests  tests/visualizer/model/recall_table_test.cpp
#pragma once

#include <string>
#include <vector>

#include "visualizer/model/rules.h"
#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// One rule's answer for one key.
struct RecallCell {
    std::string answer;  ///< "7", "0|4" for a tie, "none"
    Content content;     ///< cosine and norm of the answer
    bool right = false;
};
/// "0|4: the answer is equally near to each, so it is neither"; empty where it is no tie.
std::string tie_in_words(const RecallCell& cell);

/// One key, one cell for each rule of the table.
struct RecallRow {
    std::string key, expected;
    std::vector<RecallCell> cells;
};

/// All keys seen so far, as the memory stands at the cursor: after the token before while this one has not written.
/// Empty where the document says nothing about recall, and before the first write.
struct RecallTable {
    std::vector<Rule> rules;
    std::vector<RecallRow> rows;
};
RecallTable recall_table(const Session& session, const std::vector<Rule>& rules);
/// The same elsewhere in the run.
RecallTable recall_table(const Session& session, const std::vector<Rule>& rules, const Cursor& at);
/// "What each key answers after A=3": of which token the table is; before the first write "... once something
/// is stored".
std::string recall_heading(const Session& session);
/// The first tie in it, in words; empty where there is none.
std::string tie_in_words(const RecallTable& table);

/// How many keys were right after each token, of how many asked: the timeline's lane and the score of a run. A rule
/// that never writes what will be overwritten is perfect at the end and wrong until then.
struct RecallAlong {
    std::vector<Index> right, asked;  ///< per token
    Index all_right = 0, all_asked = 0;
    double error = 0;  ///< mean squared error over all readings
};
RecallAlong recall_along(const Session& session, const Rule& rule);

}  // namespace gdn2::viewer
