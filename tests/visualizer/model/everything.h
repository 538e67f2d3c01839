// A file with all that a file can hold of a problem: heads that share keys, sequences of different lengths, one of them
// empty.
#pragma once

#include <map>
#include <vector>

#include "tests/support/random_problem.h"
#include "visualizer/model/session.h"

namespace gdn2::test {

inline Problem<double> packed() {
    return draw_problem({{1, 90, 2, 4, 5, 7, 3}, Decay::slow, 1, false, true, true, {0, 20, 20, 90}, 3});
}

inline std::map<trace::Field, Tensor<double>> recorded(const Problem<double>& problem, Index chunk) {
    std::vector<trace::Field> all;
    for (const trace::FieldInfo& line : trace::fields()) all.push_back(line.field);
    trace::Recorder recorder(all, recorder_sizes(problem, chunk));
    (void)gradient(problem, {.path = Path::recurrent, .recorder = &recorder});
    (void)forward(problem, {.path = Path::chunk, .chunk = chunk, .recorder = &recorder});
    std::map<trace::Field, Tensor<double>> fields;
    for (const trace::Field field : all) fields.emplace(field, recorder.tensor(field));
    return fields;
}

inline trace::TraceMeta meta(const char* device, const char* precision, Index chunk) {
    return {"a test", "", device, precision, chunk, {}};
}

/// Everything that a file can hold of a problem.
struct Everything {
    Problem<double> problem = packed();
    Claim claim;
    std::map<trace::Field, Tensor<double>> fields;
    Index chunk;

    explicit Everything(Index chunk_length = 16) : fields(recorded(problem, chunk_length)), chunk(chunk_length) {
        const Result<double> result = gradient(problem, {.path = Path::chunk});
        for (const std::string& name : result_names())
            claim.tensors[name] = {tensor_named(result, name), io::DType::f64};
        fields.erase(trace::Field::o);
    }
    viewer::Side side(const char* device = "cpu", const char* precision = "f64") const {
        return {"this file", &claim, &fields, &problem, meta(device, precision, chunk)};
    }
};

/// The same as a document.
inline viewer::Document document_of(const Everything& file) {
    viewer::Document document;
    document.title = "ours.npz";
    document.layers.push_back({"", file.problem, validate_shapes(file.problem), file.claim, file.fields});
    document.labels.assign(90, "x");
    document.meta = meta("cpu", "f64", file.chunk);
    return document;
}

}  // namespace gdn2::test
