// What is told of training, as text and as JSON.
#include <fmt/format.h>

#include <iterator>

#include "tools/bench/report.h"

namespace gdn2::bench {

std::string text_of(const TrainingReport& report) {
    const TrainingSizes& n = report.sizes;
    std::string text = fmt::format(
        "training: Gated DeltaNet-2, one layer with an MLP of {}, d_model {}, {} heads of {} x {}, batch {} x {} "
        "tokens, {} parameters, f32\n"
        "threads  ms a step [quartiles]   tokens/s   GF/s   of GEMM on as many threads [quartiles]\n",
        n.mlp_hidden, n.d_model, n.heads, n.dim, n.dim, n.batch, n.length, report.parameters);
    for (const TrainingRow& row : report.rows)
        fmt::format_to(std::back_inserter(text),
                       "{:7}  {:6.2f} [{:6.2f} {:6.2f}]  {:9.0f}  {:5.1f}   {:4.0f} % [{:3.0f} {:3.0f}]\n",
                       row.threads, row.milliseconds.median, row.milliseconds.low, row.milliseconds.high,
                       row.tokens_per_second, row.gflops, 100 * row.share.median, 100 * row.share.low,
                       100 * row.share.high);
    text += "of a step on one thread, each part alone:";
    for (const TrainingPart& part : report.parts)
        fmt::format_to(std::back_inserter(text), "\n  {:4.0f} %  {}", 100 * part.share.median, part.name);
    return text;
}

nlohmann::json json_of(const TrainingReport& report) {
    const auto quartiles_of = [](const Quartiles& q) {
        return nlohmann::json{{"low", q.low}, {"median", q.median}, {"high", q.high}};
    };
    const TrainingSizes& n = report.sizes;
    nlohmann::json result{{"d_model", n.d_model}, {"length", n.length},           {"batch", n.batch},
                          {"heads", n.heads},     {"dim", n.dim},                 {"mlp_hidden", n.mlp_hidden},
                          {"vocabulary", n.vocabulary}, {"parameters", report.parameters}};
    result["rows"] = result["parts"] = nlohmann::json::array();
    for (const TrainingRow& row : report.rows)
        result["rows"].push_back({{"threads", row.threads},
                                  {"ms_per_step", quartiles_of(row.milliseconds)},
                                  {"tokens_per_second", row.tokens_per_second},
                                  {"gflops", row.gflops},
                                  {"share_of_gemm", quartiles_of(row.share)}});
    for (const TrainingPart& part : report.parts)
        result["parts"].push_back({{"name", part.name}, {"share", quartiles_of(part.share)}});
    return result;
}

}  // namespace gdn2::bench
