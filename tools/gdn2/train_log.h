// The log of a run: a JSON object on every line, each whole on disk before the next step begins.
//   tests  tests/tools/gdn2/train_test.cpp, tests/tools/gdn2/train_kill_test.cpp
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reference/core/shape.h"
#include "reference/tasks/score.h"
#include "reference/train/evaluation.h"
#include "reference/train/trainer.h"

namespace gdn2::tools {

/// The means of every size's metrics, by the size's name.
nlohmann::ordered_json to_json(const std::vector<Evaluation>& evaluations);

/// One run's log. Throws Error naming the file when it cannot be written.
class TrainLog {
public:
    /// Begins a new log at `path`, or none where it is empty.
    explicit TrainLog(const std::string& path);
    /// Goes on with the log at `path`: lines of later steps than `steps`, which a stopped run may have left, and the
    /// last evaluation go.
    TrainLog(const std::string& path, Index steps);

    void step(const StepReport& report, double tokens_per_second, double seconds);
    void evaluation(Index step, const std::vector<Evaluation>& evaluations, bool last);

    /// `seconds` of the last step that was kept; 0 for a new log.
    double seconds() const { return seconds_; }

private:
    void write(const nlohmann::ordered_json& line);
    std::string kept_lines(Index steps);
    void open(std::ios::openmode mode);
    void require_written(bool good) const;

    std::string path_;
    std::ofstream file_;
    double seconds_ = 0;
};

}  // namespace gdn2::tools
