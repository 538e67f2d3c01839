// What is open: a built-in problem, or a file's, with its names.
//   tests  tests/visualizer/model/document_test.cpp
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reference/delta_rule/problem_file.h"
#include "reference/scenarios/scenario.h"
#include "reference/trace/trace_file.h"

namespace gdn2::viewer {

/// One layer of a file: a file whose arrays are called "blocks.3.q" ... holds one for each prefix.
struct Layer {
    std::string name;  ///< "blocks.3"; empty where there is only one
    Problem<double> problem;
    Sizes sizes;
    Claim claim;                              ///< results that the file also holds: o, final_state, dq, ...
    std::map<trace::Field, Tensor<double>> recorded;  ///< intermediate tensors that a trace holds
};

/// A problem with what is known about it.
struct Document {
    std::string source;  ///< "overwrite" or a path: what a state string and the status line say
    std::string title, shows;
    bool built_in = false;
    std::vector<Layer> layers;
    std::vector<std::string> labels;  ///< one for each token of the longest layer; numbers where the file has none
    bool named_tokens = true;         ///< false: `labels` are numbers, and each sequence counts from 0
    Index label_rows = 1;             ///< such lists in `labels`, one after the other: for every batch row, or for all
    std::optional<Recall> recall;     ///< what every key should answer after every token
    std::vector<std::string> notes;   ///< what was odd about the file
    std::optional<trace::TraceMeta> meta;  ///< of a trace
};

/// The arrays of each prefix, without it, in the order of the prefixes' letters and numbers: safetensors knows letters
/// only, and stores layer 10 before layer 2.
std::vector<std::pair<std::string, io::Archive>> by_layer(const io::Archive& archive);

/// A scenario by its name. Throws Error, listing the names, when there is none.
Document open_scenario(const std::string& name);

/// A problem, trace or result file (.npz, .safetensors). For a result alone there is nothing to run, so that is an
/// Error that says so; so is every other bad file, in one line that names the file and the tensor.
/// A trace's labels come with it; else those of `labels` (io/text_lists.h): one list of texts for all batch rows, or
/// one for each.
Document open_file(const std::string& path);
/// The same of what was read from a file of that path.
Document open_archive(const io::Archive& archive, const std::string& path);

/// A file if there is one of that path, else a scenario.
Document open_any(const std::string& name);

}  // namespace gdn2::viewer
