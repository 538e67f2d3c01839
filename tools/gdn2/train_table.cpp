// See train_table.h.
#include "tools/gdn2/train_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gdn2::tools {
namespace {

using Row = std::vector<std::string>;

/// The runs of one mixer.
struct Group {
    std::string mixer;
    std::vector<const FinishedRun*> runs;
};

/// In the order in which mixers first come.
std::vector<Group> by_mixer(const std::vector<FinishedRun>& runs) {
    std::vector<Group> groups;
    for (const FinishedRun& run : runs) {
        const auto found = std::find_if(groups.begin(), groups.end(),
                                        [&](const Group& group) { return group.mixer == run.mixer; });
        if (found == groups.end())
            groups.push_back({run.mixer, {&run}});
        else
            found->runs.push_back(&run);
    }
    return groups;
}

/// "accuracy" first, then the others; without "exact match" where every answer is one question: it is accuracy there.
Row metric_names(const Metrics& metrics) {
    Row names{"accuracy"};
    for (const auto& [name, metric] : metrics) {
        const bool again = name == "exact match" && metric.count == metrics.at("accuracy").count;
        if (name != "accuracy" && !again) names.push_back(name);
    }
    return names;
}

/// Adds the mean, if there was anything to count: no key of a long sequence may have been written only once.
void add_mean(const Metrics& metrics, const std::string& name, std::vector<double>& means) {
    const auto found = metrics.find(name);
    if (found != metrics.end()) means.push_back(found->second.mean());
}

std::string sizes_table(const std::vector<Group>& groups) {
    std::vector<Row> rows{{"mixer", "parameters", "state", "seconds"}};
    for (const Group& group : groups) {
        const FinishedRun& first = *group.runs.front();
        double seconds = 0;
        for (const FinishedRun* run : group.runs)
            seconds += run->seconds / static_cast<double>(group.runs.size());
        rows.push_back({group.mixer, std::to_string(first.parameters), std::to_string(first.state),
                        fmt::format("{:.1f}", seconds)});
    }
    return aligned(rows);
}

std::string metrics_table(const std::vector<Group>& groups, std::size_t size) {
    Metrics all;
    for (const Group& group : groups)
        for (const FinishedRun* run : group.runs) add(run->evaluations.at(size).metrics, all);
    const Row names = metric_names(all);
    std::vector<Row> rows{{groups.front().runs.front()->evaluations.at(size).size.name}};
    rows[0].insert(rows[0].end(), names.begin(), names.end());
    for (const Group& group : groups) {
        Row row{group.mixer};
        for (const std::string& name : names) {
            std::vector<double> values;
            for (const FinishedRun* run : group.runs)
                add_mean(run->evaluations.at(size).metrics, name, values);
            row.push_back(mean_and_spread(values));
        }
        rows.push_back(row);
    }
    return aligned(rows);
}

}  // namespace

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const Row& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            text += i == 0 ? fmt::format("{:<{}}", row[i], widths[i])
                           : fmt::format("  {:>{}}", row[i], widths[i]);
        text += "\n";
    }
    return text;
}

std::string mean_and_spread(const std::vector<double>& values) {
    if (values.empty()) return "-";
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    if (values.size() == 1) return fmt::format("{:.3f}", mean);
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    return fmt::format("{:.3f} +-{:.3f}", mean, std::sqrt(squares / (count - 1)));
}

std::string table_of(const std::vector<FinishedRun>& runs) {
    const std::vector<Group> groups = by_mixer(runs);
    std::string text = sizes_table(groups);
    for (std::size_t size = 0; size < runs.front().evaluations.size(); ++size)
        text += "\n" + metrics_table(groups, size);
    return text;
}

std::string table_of(const std::vector<Evaluation>& evaluations) {
    Metrics all;
    for (const Evaluation& evaluation : evaluations) add(evaluation.metrics, all);
    const Row names = metric_names(all);
    std::vector<Row> rows{{"size"}};
    rows[0].insert(rows[0].end(), names.begin(), names.end());
    for (const Evaluation& evaluation : evaluations) {
        rows.push_back({evaluation.size.name});
        for (const std::string& name : names) {
            std::vector<double> values;
            add_mean(evaluation.metrics, name, values);
            rows.back().push_back(mean_and_spread(values));
        }
    }
    return aligned(rows);
}

}  // namespace gdn2::tools
