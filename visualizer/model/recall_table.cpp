// See recall_table.h.
#include "visualizer/model/recall_table.h"

namespace gdn2::viewer {
namespace {

std::string expected_of(const Recall& recall, const Reading& reading) {
    if (reading.expected == Recall::none) return "none";
    return recall.value_names.at(static_cast<std::size_t>(reading.expected));
}

}  // namespace

std::string tie_in_words(const RecallCell& cell) {
    const std::size_t near = cell.content.nearest.size();
    if (near < 2) return "";
    return cell.answer + ": the answer is equally near to " +
           (near == 2 ? "both, so it is neither" : "all, so it is none");
}

std::string tie_in_words(const RecallTable& table) {
    for (const RecallRow& row : table.rows)
        for (const RecallCell& cell : row.cells)
            if (const std::string tie = tie_in_words(cell); !tie.empty()) return tie;
    return "";
}

RecallTable recall_table(const Session& session, const std::vector<Rule>& rules) {
    return recall_table(session, rules, session.ui.cursor);
}

RecallTable recall_table(const Session& session, const std::vector<Rule>& rules, const Cursor& at) {
    RecallTable table{rules, {}};
    const std::optional<Recall>& recall = session.document().recall;
    const Index token = written_until(at);
    if (!recall || token < 0) return table;
    for (const Rule& rule : rules) {
        const std::vector<Reading> readings = read_back(session, rule, token);
        table.rows.resize(readings.size());
        for (std::size_t i = 0; i < readings.size(); ++i) {
            const Reading& reading = readings[i];
            table.rows[i].key = recall->key_names.at(static_cast<std::size_t>(reading.key));
            table.rows[i].expected = expected_of(*recall, reading);
            table.rows[i].cells.push_back({to_string(*recall, reading.answer), reading.answer, reading.right});
        }
    }
    return table;
}

std::string recall_heading(const Session& session) {
    const Index token = written_until(session.ui.cursor);
    return "What each key answers " + (token < 0 ? "once something is stored" : "after " + session.in_words(token));
}

RecallAlong recall_along(const Session& session, const Rule& rule) {
    RecallAlong along;
    const std::optional<Recall>& recall = session.document().recall;
    if (!recall) return along;
    for (Index t = 0; t < session.length(); ++t) {
        const Score after = score({read_back(session, rule, t)});
        along.right.push_back(after.right);
        along.asked.push_back(after.checks);
        along.all_right += after.right;
        along.all_asked += after.checks;
        along.error += after.error * static_cast<double>(after.checks);
    }
    if (along.all_asked > 0) along.error /= static_cast<double>(along.all_asked);
    return along;
}

}  // namespace gdn2::viewer
