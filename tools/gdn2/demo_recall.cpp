// Section 1 of gdn2 demo: what four rules keep of the same seven tokens.
#include <fmt/core.h>

#include "reference/delta_rule/heads.h"
#include "reference/scenarios/lessons.h"
#include "reference/scenarios/rivals.h"
#include "tools/gdn2/demo.h"

namespace gdn2::tools {
namespace {

constexpr int name_width = 18, content_width = 11, answer_width = 9;

/// A rule's run, token by token.
struct Run {
    std::string name, gates;
    std::vector<Content> erased, written;        ///< r and z of Eq. 9
    std::vector<std::vector<Reading>> readings;  ///< every key asked after every token
    Score total;
};

/// Row t of a recorded field of the value axis.
Content recorded(const Recall& recall, const Tensor<double>& field, Index t) {
    const Index dim = recall.values.cols();
    return content_of(recall, Eigen::Map<const Vector<double>>(field.data() + t * dim, dim));
}

Run run_of(const Recall& recall, const std::string& name, const std::string& gates,
           const Problem<double>& problem) {
    trace::Recorder recorder({trace::Field::r, trace::Field::z}, recorder_sizes(problem, 64));
    Options options;
    options.path = Path::recurrent;
    options.recorder = &recorder;
    (void)forward(problem, options);

    Run run{name, gates, {}, {}, walk(recall, problem), {}};
    for (Index t = 0; t < problem.v.shape()[1]; ++t) {
        run.erased.push_back(recorded(recall, recorder.tensor(trace::Field::r), t));
        run.written.push_back(recorded(recall, recorder.tensor(trace::Field::z), t));
    }
    run.total = score(run.readings);
    return run;
}

/// "4 1.00", "~0 0.71" for a mixture, "-" for nothing.
std::string described(const Recall& recall, const Content& content) {
    if (content.norm < 0.005) return "-";
    if (content.nearest.empty()) return fmt::format("weak {:.2f}", content.norm);
    const bool mixture = content.cosine < 0.95 && content.nearest.size() == 1;
    return fmt::format("{}{} {:.2f}", mixture ? "~" : "", to_string(recall, content), content.norm);
}

std::string answer_cell(const Page& page, const Recall& recall, const Reading& reading) {
    const std::string text = fmt::format("{:>{}}", described(recall, reading.answer), answer_width);
    return page.style.verdict(reading.right, text + " " + (reading.right ? right_mark : wrong_mark)) + "  ";
}

std::string expectation(const Recall& recall, Index token, Index key) {
    const Index wanted = recall.expected[static_cast<std::size_t>(token)][static_cast<std::size_t>(key)];
    return wanted < 0 ? "nothing" : recall.value_names[static_cast<std::size_t>(wanted)];
}

/// The token and what every key should answer now, then one line for each rule.
void print_token(const Page& page, const Scenario& scenario, const std::vector<Run>& runs, Index token) {
    const Recall& recall = *scenario.recall;
    const auto t = static_cast<std::size_t>(token);
    std::string head =
        fmt::format("{:<{}}{:<{}}{:<{}}", "", name_width, "erases", content_width, "writes", content_width);
    for (const Reading& reading : runs.front().readings[t]) {
        const std::string question = recall.key_names[static_cast<std::size_t>(reading.key)] + "? " +
                                     expectation(recall, token, reading.key);
        head += fmt::format("{:>{}}    ", question, answer_width);
    }
    head.erase(head.find_last_not_of(' ') + 1);
    page.line("  " + page.style.heading(fmt::format("{:<8}", scenario.labels[t])) +
              page.style.quiet(head.substr(8)));
    for (const Run& run : runs) {
        std::string row =
            fmt::format("  {:<{}}{:<{}}{:<{}}", run.name, name_width, described(recall, run.erased[t]),
                        content_width, described(recall, run.written[t]), content_width);
        for (const Reading& reading : run.readings[t]) row += answer_cell(page, recall, reading);
        page.line(row.substr(0, row.find_last_not_of(' ') + 1));
    }
}

void print_scores(const Page& page, const std::vector<Run>& runs) {
    page.line("  " +
              page.style.heading(
                  fmt::format("{:<{}}{:<11}{:<16}", "all questions", name_width, "right", "squared error")) +
              page.style.quiet("gates"));
    for (const Run& run : runs) {
        const std::string right =
            fmt::format("{:<11}", fmt::format("{} of {}", run.total.right, run.total.checks));
        page.line(fmt::format("  {:<{}}", run.name, name_width) +
                  page.style.verdict(run.total.right == run.total.checks, right) +
                  fmt::format("{:<16.3f}", run.total.error) + page.style.quiet(run.gates));
    }
}

nlohmann::json json_of(const std::vector<Run>& runs) {
    nlohmann::json rows = nlohmann::json::array();
    for (const Run& run : runs)
        rows.push_back({{"rule", run.name},
                        {"gates", run.gates},
                        {"right", run.total.right},
                        {"questions", run.total.checks},
                        {"mean_squared_error", run.total.error}});
    return rows;
}

}  // namespace

Outcome demo_recall(const Page& page) {
    const Scenario scenario = lesson_shared_context_keys();
    const Recall& recall = *scenario.recall;
    std::vector<Run> runs;
    for (const Rival& rival : rivals(scenario))
        runs.push_back(run_of(recall, rival.name, rival.gates, rival.problem));
    runs.front().gates = "erase 2 on own channels, 0 on shared; constant";

    page.line(page.style.heading("1  A memory, token by token"));
    page.line("   Seven tokens store, overwrite and delete. The keys A B C D share half of their channels.");
    page.line(
        "   Look at: after every token every key is asked again. \u2713 right, \u2717 wrong, ~ a mixture, "
        "with");
    page.line("   the strength of what comes back (1.00 as stored; below 0.30 is no answer).");
    for (Index token = 0; token < static_cast<Index>(scenario.labels.size()); ++token) {
        page.line();
        print_token(page, scenario, runs, token);
    }
    page.line();

    const std::vector<std::vector<Reading>> gdn2 = runs.front().readings;
    runs.insert(runs.begin() + 1,
                {run_of(recall, "GDN-2, b <= 1", "erase 1 on own channels, 0 on shared; constant",
                        shared_context_keys(1, 0).problem),
                 run_of(recall, "GDN-2, b = 1", "erase 1 on all channels; constant",
                        shared_context_keys(1, 1).problem)});
    print_scores(page, runs);
    page.line(
        page.style.quiet("  KDA and Gated DeltaNet erase and write through one gate: theirs are the gates of "
                         "least error that"));
    page.line(page.style.quiet(
        "  a search over all tokens found. To look inside: gdn2 trace shared_context_keys -o trace.npz"));

    Outcome outcome{0, 0, json_of(runs)};
    for (const std::vector<Reading>& after_token : gdn2)
        for (const Reading& reading : after_token) outcome.count(reading.right);
    return outcome;
}

}  // namespace gdn2::tools
