// The runs of gdn2 train as tables: a row for each mixer, of several seeds mean and spread.
//   tests  tests/tools/gdn2/train_test.cpp
#pragma once

#include <string>
#include <vector>

#include "tools/gdn2/train_run.h"

namespace gdn2::tools {

/// Rows of cells, the first row a heading, as lines of aligned columns: the first to the left, others to the right.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

/// "0.950", or "0.950 +-0.012" with the sample's standard deviation; "-" of none.
std::string mean_and_spread(const std::vector<double>& values);

/// Parameters, state and seconds of every mixer, then a table of metrics for every evaluation size.
std::string table_of(const std::vector<FinishedRun>& runs);

/// A table of metrics for every size, without runs.
std::string table_of(const std::vector<Evaluation>& evaluations);

}  // namespace gdn2::tools
