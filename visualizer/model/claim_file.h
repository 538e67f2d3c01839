// A second file, to be held against the open one or the reference: results or a trace, with or without the problem
// that they belong to.
//   tests  tests/visualizer/model/claim_file_test.cpp
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reference/delta_rule/problem_file.h"
#include "reference/trace/trace_file.h"

namespace gdn2::viewer {

struct Document;

/// One layer's tensors.
struct ClaimLayer {
    std::string name;  ///< "blocks.3"; empty where there is only one
    Claim claim;       ///< results
    std::map<trace::Field, Tensor<double>> recorded;
    std::optional<Problem<double>> problem;
};

/// What was read.
struct ClaimFile {
    std::string path;
    std::vector<ClaimLayer> layers;
    std::optional<trace::TraceMeta> meta;  ///< of a trace
    std::vector<std::string> notes;

    /// The layer of that name; the only one whatever its name; null where there is none.
    const ClaimLayer* layer(const std::string& name) const;
};

/// Throws Error, in one line that names the file and the tensor, when there are no results and no recorded fields.
ClaimFile open_claim_file(const std::string& path);

/// That what the file holds has the shapes of the document's layers. Throws Error that names the tensor, the shape it
/// must have and the one it has.
void require_shapes(const ClaimFile& file, const Document& document);

}  // namespace gdn2::viewer
