// See claim_file.h.
#include "visualizer/model/claim_file.h"

#include <algorithm>

#include "reference/delta_rule/judge.h"
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

void require_shape(const ClaimFile& file, const Layer& layer, std::string_view tensor, const Shape& expected,
                   const Shape& given) {
    const std::string where = layer.name.empty() || file.layers.size() == 1 ? "" : " of layer " + io::quote(layer.name);
    require(given == expected, io::quote_file(file.path) + ": " + io::quote(tensor) + where +
                                   " must have the open problem's shape, " + to_string(expected) + ", got " +
                                   to_string(given));
}

}  // namespace

const ClaimLayer* ClaimFile::layer(const std::string& name) const {
    if (layers.size() == 1) return &layers.front();
    const auto found = std::find_if(layers.begin(), layers.end(), [&](const auto& x) { return x.name == name; });
    return found == layers.end() ? nullptr : &*found;
}

void require_shapes(const ClaimFile& file, const Document& document) {
    for (const Layer& layer : document.layers) {
        const ClaimLayer* claimed = file.layer(layer.name);
        if (!claimed) continue;
        for (const auto& [name, tensor] : claimed->claim.tensors)
            require_shape(file, layer, name, result_shape(name, layer.sizes), tensor.values.shape());
        const trace::Recorder shapes({}, recorder_sizes(layer.problem, file.meta ? file.meta->chunk : 64));
        for (const auto& [field, tensor] : claimed->recorded)
            require_shape(file, layer, info(field).id, shapes.shape_of(field), tensor.shape());
    }
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
