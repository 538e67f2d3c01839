// See trace_file.h.
#include "reference/trace/trace_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gdn2::trace {
namespace {

using Json = nlohmann::json;

/// What lies deeper in `meta` is left out: nothing of ours does, and writing it down again is recursive.
constexpr int deepest = 16;

io::Array meta_array(const TraceMeta& meta) {
    Json json{{"format", "gdn2 trace"}, {"made_by", meta.made_by},     {"scenario", meta.scenario},
              {"device", meta.device},  {"precision", meta.precision}, {"chunk", meta.chunk},
              {"labels", Json(meta.labels)}};
    if (!meta.launches.empty()) {
        json["launches"] = Json::parse(meta.launches, nullptr, false);
        require(json["launches"].is_array(), "`meta`: `launches` must be the text of a JSON array");
    }
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    io::Array array{io::DType::u8, {static_cast<Index>(text.size())}, {}};
    for (const char c : text) array.bytes.push_back(static_cast<std::byte>(c));
    return array;
}

std::string text_of(const Json& json, const char* name) {
    const auto found = json.find(name);
    require(found != json.end() && found->is_string(), std::string("`meta`: `") + name + "` must be a text");
    return found->get<std::string>();
}

TraceMeta meta_of(const io::Array& array) {
    require(array.dtype == io::DType::u8 && array.shape.size() == 1, "`meta` must be a u8 array of one axis");
    const char* text = reinterpret_cast<const char*>(array.bytes.data());
    const auto keep = [](int depth, Json::parse_event_t, const Json&) { return depth <= deepest; };
    const Json json = Json::parse(text, text + array.bytes.size(), keep, false);
    require(json.is_object(), "`meta` must be the text of a JSON object");

    TraceMeta meta{text_of(json, "made_by"),
                   text_of(json, "scenario"),
                   text_of(json, "device"),
                   text_of(json, "precision"),
                   0,
                   {}};
    const auto chunk = json.find("chunk"), labels = json.find("labels");
    require(chunk != json.end() && chunk->is_number_integer() && *chunk >= 1 && *chunk <= (1 << 30),
            "`meta`: `chunk` must be a whole number of at least 1");
    meta.chunk = chunk->get<Index>();
    require(labels != json.end() && labels->is_array(), "`meta`: `labels` must be a list of texts");
    for (const Json& label : *labels) {
        require(label.is_string(), "`meta`: `labels` must be a list of texts");
        meta.labels.push_back(label.get<std::string>());
    }
    if (const auto launches = json.find("launches"); launches != json.end()) {
        require(launches->is_array(), "`meta`: `launches` must be a list");
        meta.launches = launches->dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    return meta;
}

std::vector<Index> indices_of(const io::Archive& archive, const char* name) {
    const std::vector<std::int64_t> numbers = io::to_integers(archive.at(name), name);
    return {numbers.begin(), numbers.end()};
}

io::Array array_of(const std::vector<Index>& numbers) {
    const std::vector<std::int64_t> wide(numbers.begin(), numbers.end());
    return io::from_integers({static_cast<Index>(wide.size())}, wide);
}

/// What a recorder of the problem's sizes would hold; it records nothing.
Recorder layout_of(const io::Archive& problem, Index chunk) {
    const Shape &keys = problem.at("q").shape, &values = problem.at("v").shape;
    const bool agree = keys.size() == 4 && values.size() == 4 && keys[0] == values[0] && keys[1] == values[1];
    require(agree, "`q` and `v` must be [batch, length, heads, dim] of the same tokens");
    RecorderSizes sizes{keys[0], keys[1], values[2], keys[3], values[3], chunk, {}};
    if (problem.find("cu_seqlens")) sizes.cu_seqlens = indices_of(problem, "cu_seqlens");
    return Recorder({}, std::move(sizes));
}

bool is_own(const std::string& name) {
    return name == "meta" || name == "chunk_starts" || name == "chunk_sequence" ||
           field_named(name).has_value();
}

}  // namespace

io::Archive archive_of(const io::Archive& problem, const Recorder& recorder, const TraceMeta& meta) {
    io::Archive archive = problem;
    for (const Field field : recorder.wanted()) {
        const std::string id(info(field).id);
        require(recorder.complete(field), "field `" + id + "` was asked for and not recorded by this run");
        archive.add(id, io::from_tensor(recorder.tensor(field)));
    }
    archive.add("chunk_starts", array_of(recorder.chunk_starts()));
    archive.add("chunk_sequence", array_of(recorder.chunk_sequence()));
    archive.add("meta", meta_array(meta));
    return archive;
}

Trace trace_of(const io::Archive& archive) {
    Trace trace;
    trace.meta = meta_of(archive.at("meta"));
    for (const auto& [name, array] : archive.entries())
        if (!is_own(name)) trace.problem.add(name, array);

    const Recorder layout = layout_of(trace.problem, trace.meta.chunk);
    trace.chunk_starts = indices_of(archive, "chunk_starts");
    trace.chunk_sequence = indices_of(archive, "chunk_sequence");
    require(trace.chunk_starts == layout.chunk_starts() && trace.chunk_sequence == layout.chunk_sequence(),
            "`chunk_starts` and `chunk_sequence` do not fit the problem's length and the chunk in `meta`");
    for (const auto& [name, array] : archive.entries()) {
        const std::optional<Field> field = field_named(name);
        if (!field) continue;
        require(array.shape == layout.shape_of(*field), "field `" + name + "` must be " +
                                                            to_string(layout.shape_of(*field)) + ", got " +
                                                            to_string(array.shape));
        trace.fields.emplace(*field, io::to_tensor<double>(array, name));
    }
    return trace;
}

bool is_trace(const io::Archive& archive) { return archive.find("meta") != nullptr; }

}  // namespace gdn2::trace
