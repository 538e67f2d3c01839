// See recall_table.h.
#include "visualizer/model/recall_table.h"

namespace gdn2::viewer {
namespace {

/// The last token whose write is done; -1: none.
Index written_until(const Cursor& at) {
    const bool written = at.phase > Phase::write || (at.phase == Phase::write && at.fraction >= 1);
    return written ? at.token : at.token - 1;
}

std::string expected_of(const Recall& recall, const Reading& reading) {
    if (reading.expected == Recall::none) return "none";
    return recall.value_names.at(static_cast<std::size_t>(reading.expected));
}

}  // namespace

RecallTable recall_table(const Session& session, const std::vector<Mixer>& mixers) {
    return recall_table(session, mixers, session.ui.cursor);
}

RecallTable recall_table(const Session& session, const std::vector<Mixer>& mixers, const Cursor& at) {
    RecallTable table{mixers, {}};
    const std::optional<Recall>& recall = session.document().recall;
    const Index token = written_until(at);
    if (!recall || token < 0) return table;
    for (const Mixer mixer : mixers) {
        const std::vector<Reading> readings = read_back(*recall, session.track(mixer).S(token), token);
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

RecallAlong recall_along(const Session& session, Mixer mixer) {
    RecallAlong along;
    const std::optional<Recall>& recall = session.document().recall;
    if (!recall) return along;
    const Track& track = session.track(mixer);
    for (Index t = 0; t < track.length(); ++t) {
        const Score after = score({read_back(*recall, track.S(t), t)});
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
