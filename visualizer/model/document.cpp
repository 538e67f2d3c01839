// See document.h.
#include "visualizer/model/document.h"

#include <algorithm>
#include <filesystem>

#include "reference/io/file.h"
#include "reference/io/text.h"
#include "reference/io/text_lists.h"

namespace gdn2::viewer {
namespace {

constexpr const char* labels_name = "labels";

/// "blocks.3" of "blocks.3.q"; empty for "q".
std::string prefix_of(const std::string& name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string::npos ? "" : name.substr(0, dot);
}

/// What sorts "layers.2" before "layers.10": every number filled up with zeros.
std::string sorting_key(const std::string& name) {
    constexpr std::size_t width = 20;
    std::string key;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t end = std::min(name.find_first_not_of("0123456789", at), name.size());
        if (end == at) key += name[at++];
        else key += std::string(width - std::min(width, end - at), '0') + name.substr(at, end - at);
        at = std::max(at, end);
    }
    return key;
}

/// Inputs and results of one prefix apart.
struct Parts {
    io::Archive inputs, results;
};
Parts parts_of(const io::Archive& archive) {
    Parts parts;
    for (const auto& [name, array] : archive.entries())
        (is_result_name(name) ? parts.results : parts.inputs).add(name, array);
    return parts;
}

Layer layer_of(const std::string& name, const io::Archive& archive, std::vector<std::string>& notes) {
    const Parts parts = parts_of(archive);
    Layer layer;
    layer.name = name;
    layer.problem = problem_of(parts.inputs, notes);
    layer.sizes = validate_shapes(layer.problem);
    if (parts.results.size() > 0) layer.claim = claim_of(parts.results, notes);
    return layer;
}

/// Where a file's shapes say that two gates were exchanged, the reader's Error gets a hint.
std::string hint_for(const io::Archive& archive) {
    const io::Array *k = archive.find("k"), *v = archive.find("v"), *b = archive.find("b"), *w = archive.find("w");
    const bool swapped = k && v && b && w && k->shape != v->shape && b->shape == v->shape && w->shape == k->shape;
    return swapped ? "; did you swap b (key axis) and w (value axis)?" : "";
}

bool is_labels(const std::string& prefix, const io::Archive& group) {
    return prefix.empty() && group.size() == 1 && group.find(labels_name);
}

std::vector<Layer> layers_of(const io::Archive& archive, std::vector<std::string>& notes) {
    std::vector<Layer> layers;
    const auto groups = by_layer(archive);
    const bool any = std::any_of(groups.begin(), groups.end(), [](const auto& g) { return g.second.find("q"); });
    const bool only_results = std::all_of(archive.entries().begin(), archive.entries().end(), [](const auto& entry) {
        return is_result_name(entry.name);
    });
    require(!only_results, "it holds results only: there is nothing to run without q k v g b w");
    for (const auto& [name, group] : groups) {
        if (any && is_labels(name, group)) continue;
        if (!name.empty() && group.find(labels_name))
            notes.push_back("ignored: " + io::quote(name + "." + labels_name) + "; those of all layers have no prefix");
        if (any && !group.find("q")) {
            const auto other = std::find_if(group.entries().begin(), group.entries().end(), [](const auto& entry) {
                return entry.name != labels_name;
            });
            notes.push_back("ignored: " + io::quote(name.empty() ? other->name : name + ".*"));
            continue;
        }
        try {
            layers.push_back(layer_of(name, group, notes));
        } catch (const Error& error) {
            throw Error((name.empty() ? "" : io::quote(name) + ": ") + error.what() + hint_for(group));
        }
    }
    return layers;
}

Index longest(const std::vector<Layer>& layers) {
    Index length = 0;
    for (const Layer& layer : layers) length = std::max(length, layer.sizes.length);
    return length;
}

/// In one line, and no longer than the words of a tokenizer: what is longer is cut.
std::string label_of(const std::string& text) {
    constexpr std::size_t longest_label = 48;
    if (text.size() <= longest_label) return io::escaped(text);
    std::size_t end = longest_label;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not inside a character
    return io::escaped(text.substr(0, end)) + "\u2026";
}

/// As many as the longest layer has tokens: those given where they fit the first layer, then numbers.
void label_tokens(Document& document, const std::vector<std::string>& given) {
    document.named_tokens = !given.empty() && std::ssize(given) == document.layers.front().sizes.length;
    document.labels.clear();
    for (std::size_t t = 0; document.named_tokens && t < given.size(); ++t)
        document.labels.push_back(label_of(given[t]));
    for (Index t = std::ssize(document.labels); t < longest(document.layers); ++t)
        document.labels.push_back(std::to_string(t));
}

/// Those of the file, for all batch rows or each. Throws Error where they are not as many as there are tokens.
void take_labels(Document& document, const io::Array& array) {
    const std::vector<std::vector<std::string>> rows = io::to_text_lists(array, labels_name);
    const Index batch = document.layers.front().sizes.batch, length = longest(document.layers);
    const bool fits = std::ssize(rows) == 1 || std::ssize(rows) == batch;
    require(fits, "`labels` has " + std::to_string(rows.size()) + " lists of texts, expected one, or one for each of " +
                      std::to_string(batch) + " batch rows");
    document.labels.clear();
    for (const std::vector<std::string>& row : rows) {
        require(std::ssize(row) == length, "`labels` has a list of " + std::to_string(row.size()) +
                                               " texts, expected " + std::to_string(length) + ", one for each token");
        for (const std::string& text : row) document.labels.push_back(label_of(text));
    }
    document.named_tokens = true;
    document.label_rows = std::ssize(rows);
}

Document trace_document(const io::Archive& archive) {
    Document document;
    trace::Trace found = trace::trace_of(archive);
    document.layers = layers_of(found.problem, document.notes);
    document.layers.front().recorded = std::move(found.fields);
    label_tokens(document, found.meta.labels);
    document.meta = std::move(found.meta);
    return document;
}

Document problem_document(const io::Archive& archive) {
    Document document;
    document.layers = layers_of(archive, document.notes);
    label_tokens(document, {});
    return document;
}

Document document_of(const io::Archive& archive) {
    Document document = trace::is_trace(archive) ? trace_document(archive) : problem_document(archive);
    const bool named = document.meta && !document.meta->labels.empty();
    if (const io::Array* labels = archive.find(labels_name); labels && !named) take_labels(document, *labels);
    return document;
}

}  // namespace

std::vector<std::pair<std::string, io::Archive>> by_layer(const io::Archive& archive) {
    std::vector<std::pair<std::string, io::Archive>> layers;
    for (const auto& [name, array] : archive.entries()) {
        const std::string prefix = prefix_of(name);
        auto at = std::find_if(layers.begin(), layers.end(), [&](const auto& layer) { return layer.first == prefix; });
        if (at == layers.end()) at = layers.insert(at, {prefix, {}});
        at->second.add(prefix.empty() ? name : name.substr(prefix.size() + 1), array);
    }
    std::stable_sort(layers.begin(), layers.end(), [](const auto& a, const auto& b) {
        return sorting_key(a.first) < sorting_key(b.first);
    });
    return layers;
}

Document open_scenario(const std::string& name) {
    const Scenario& found = scenario(name);
    Document document;
    document.source = found.name;
    document.title = found.title;
    document.shows = found.shows;
    document.built_in = true;
    document.layers.push_back({"", found.problem, validate_shapes(found.problem), {}, {}});
    label_tokens(document, found.labels);
    document.recall = found.recall;
    return document;
}

Document open_file(const std::string& path) { return open_archive(io::read_file(path), path); }

Document open_archive(const io::Archive& archive, const std::string& path) {
    try {
        Document document = document_of(archive);
        document.source = path;
        document.title = std::filesystem::path(path).filename().string();
        return document;
    } catch (const Error& error) {
        throw Error(path + ": " + error.what());
    }
}

Document open_any(const std::string& name) {
    const bool looks_like_a_file = name.find_first_of("./") != std::string::npos;
    std::error_code too_long;
    return std::filesystem::exists(name, too_long) || looks_like_a_file ? open_file(name) : open_scenario(name);
}

}  // namespace gdn2::viewer
