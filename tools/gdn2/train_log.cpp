// See train_log.h.
#include "tools/gdn2/train_log.h"

#include <cerrno>
#include <cstring>
#include <span>

#include "reference/io/new_file.h"
#include "reference/io/text.h"

namespace gdn2::tools {
namespace {

using Json = nlohmann::ordered_json;

/// Whether the line is of a run that has taken `steps` steps and has not ended.
bool belongs(const Json& line, Index steps) {
    if (!line.is_object() || !line.contains("step") || !line["step"].is_number_integer()) return false;
    return line["step"].get<Index>() <= steps && !line.contains("last");
}

}  // namespace

Json to_json(const std::vector<Evaluation>& evaluations) {
    Json sizes = Json::object();
    for (const Evaluation& evaluation : evaluations)
        for (const auto& [name, metric] : evaluation.metrics)
            sizes[evaluation.size.name][name] = metric.mean();
    return sizes;
}

TrainLog::TrainLog(const std::string& path) : path_(path) { open(std::ios::trunc); }

TrainLog::TrainLog(const std::string& path, Index steps) : path_(path) {
    const std::string kept = kept_lines(steps);
    io::naming(path_, [&] {
        io::NewFile file(path_);
        file.write(std::as_bytes(std::span(kept)));
        file.commit();
    });
    open(std::ios::app);
}

void TrainLog::open(std::ios::openmode mode) {
    if (path_.empty()) return;
    file_.open(path_, std::ios::binary | mode);
    require_written(file_.is_open());
}

void TrainLog::require_written(bool good) const {
    require(good, io::quote_file(path_) + ": cannot be written: " + std::strerror(errno));
}

/// The last line of a run that was killed may be torn: it is no JSON, and of a step that will be taken again.
std::string TrainLog::kept_lines(Index steps) {
    std::ifstream old(path_, std::ios::binary);
    std::string kept, line;
    while (std::getline(old, line)) {
        const Json json = Json::parse(line, nullptr, false);
        if (!belongs(json, steps)) continue;
        kept += line + "\n";
        if (json.contains("seconds") && json["seconds"].is_number()) seconds_ = json["seconds"].get<double>();
    }
    return kept;
}

void TrainLog::step(const StepReport& report, double tokens_per_second, double seconds) {
    const BatchLoss& loss = report.on_batch;
    write({{"step", report.step},
           {"loss", loss.loss},
           {"accuracy", static_cast<double>(loss.correct) / static_cast<double>(loss.counted)},
           {"learning_rate", report.learning_rate},
           {"gradient_norm", report.gradient_norm},
           {"tokens_per_second", tokens_per_second},
           {"seconds", seconds}});
}

void TrainLog::evaluation(Index step, const std::vector<Evaluation>& evaluations, bool last) {
    Json line{{"step", step}, {"evaluation", to_json(evaluations)}};
    if (last) line["last"] = true;
    write(line);
}

void TrainLog::write(const Json& line) {
    if (path_.empty()) return;
    file_ << line.dump() << '\n' << std::flush;
    require_written(file_.good());
}

}  // namespace gdn2::tools
