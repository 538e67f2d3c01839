// See claim_file.h.
#include "visualizer/model/claim_file.h"

#include <algorithm>

#include "reference/io/file.h"
#include "reference/io/text.h"
#include "visualizer/model/document.h"

namespace gdn2::viewer {
namespace {

ClaimLayer layer_of(const std::string& name, const io::Archive& archive, std::vector<std::string>& notes) {
    io::Archive inputs, results;
    for (const auto& [tensor, array] : archive.entries())
        (is_result_name(tensor) ? results : inputs).add(tensor, array);
    ClaimLayer layer;
    layer.name = name;
    if (results.size() > 0) layer.claim = claim_of(results, notes);
    if (inputs.find("q")) layer.problem = problem_of(inputs, notes);
    return layer;
}

ClaimFile claim_file_of(const io::Archive& archive) {
    ClaimFile file;
    if (trace::is_trace(archive)) {
        trace::Trace found = trace::trace_of(archive);
        file.layers.push_back(layer_of("", found.problem, file.notes));
        file.layers.front().recorded = std::move(found.fields);
        file.meta = std::move(found.meta);
    } else {
        for (const auto& [name, group] : by_layer(archive)) file.layers.push_back(layer_of(name, group, file.notes));
    }
    std::erase_if(file.layers, [](const ClaimLayer& x) { return x.claim.tensors.empty() && x.recorded.empty(); });
    require(!file.layers.empty(), "it holds no results and no trace: there is nothing to compare");
    return file;
}

}  // namespace

const ClaimLayer* ClaimFile::layer(const std::string& name) const {
    if (layers.size() == 1) return &layers.front();
    const auto found = std::find_if(layers.begin(), layers.end(), [&](const auto& x) { return x.name == name; });
    return found == layers.end() ? nullptr : &*found;
}

ClaimFile open_claim_file(const std::string& path) {
    const io::Archive archive = io::read_file(path);
    try {
        ClaimFile file = claim_file_of(archive);
        file.path = path;
        return file;
    } catch (const Error& error) {
        throw Error(path + ": " + error.what());
    }
}

}  // namespace gdn2::viewer
