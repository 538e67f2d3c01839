// See rules.h.
#include "visualizer/model/rules.h"

#include "visualizer/model/picture.h"
#include "visualizer/model/session.h"

namespace gdn2::viewer {

const std::vector<Rule>& all_rules() {
    static const std::vector<Rule> all = [] {
        std::vector<Rule> rules(all_mixers.begin(), all_mixers.end());
        rules.insert(rules.end(), all_other_rules.begin(), all_other_rules.end());
        return rules;
    }();
    return all;
}

std::string name_of(const Rule& rule) {
    return std::visit([](auto each) { return std::string(name_of(each)); }, rule);
}

std::string short_name_of(const Rule& rule) {
    constexpr const char* tied[] = {"GDN-2", "KDA", "GDN", "Delta", "GLA", "LA"};
    constexpr const char* others[] = {"Mamba-2", "Mamba-3", "softmax"};
    if (const Mixer* mixer = std::get_if<Mixer>(&rule)) return tied[static_cast<int>(*mixer)];
    return others[static_cast<int>(std::get<OtherRule>(rule))];
}

std::string choices_of(const Session& session, const Rule& rule) {
    if (const Mixer* mixer = std::get_if<Mixer>(&rule)) return session.gates_of(*mixer);
    return choices_of(std::get<OtherRule>(rule));
}

Matrix<double> memory_at(const Session& session, const Rule& rule, const Cursor& at) {
    if (const Mixer* mixer = std::get_if<Mixer>(&rule)) return state_at(session.track(*mixer), at);
    return session.other(std::get<OtherRule>(rule)).memory(written_until(at));
}

std::vector<Reading> read_back(const Session& session, const Rule& rule, Index token) {
    const Recall& recall = session.document().recall.value();
    if (const Mixer* mixer = std::get_if<Mixer>(&rule))
        return gdn2::read_back(recall, session.track(*mixer).S(token), token);
    return readings_of(recall, session.other(std::get<OtherRule>(rule)).answers(recall.queries, token), token);
}

}  // namespace gdn2::viewer
