// A trace as an archive: the problem, the recorded fields, where chunks start, and a description in JSON.
//   arrays  the problem's own; one f64 array per field, named by its id in fields.def;
//           chunk_starts, chunk_sequence [chunks] i64: first token and sequence of each chunk;
//           meta [bytes] u8: UTF-8 text of a JSON object, in Python json.loads(bytes(file["meta"]))
//   tests   tests/reference/trace/trace_file_test.cpp
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reference/io/array.h"
#include "reference/trace/recorder.h"

namespace gdn2::trace {

/// What made a trace, and how. Absent texts are empty.
struct TraceMeta {
    std::string made_by;    ///< program and version
    std::string scenario;   ///< its name, when the problem is a built-in one
    std::string device;     ///< "cpu"
    std::string precision;  ///< "f64": what the numbers were computed in; they are stored as f64
    Index chunk = 64;
    std::vector<std::string> labels;  ///< one for each token of the first batch row, or none
    std::string launches{};           ///< of kernels: text of a JSON array (docs/formats.md), or nothing

    bool operator==(const TraceMeta&) const = default;
};

/// A trace that has been read.
struct Trace {
    io::Archive problem;  ///< every array that is not the trace's own
    std::map<Field, Tensor<double>> fields;
    std::vector<Index> chunk_starts, chunk_sequence;
    TraceMeta meta;
};

/// The arrays of a trace file. Throws Error when a field was wanted and is not complete, or when the problem
/// has an array of one of the trace's names.
io::Archive archive_of(const io::Archive& problem, const Recorder& recorder, const TraceMeta& meta);

/// Reads those arrays back. Throws Error when there is no `meta`, when it is malformed, or when a field's
/// shape does not fit the sizes of the problem's `q` and `v`.
Trace trace_of(const io::Archive& archive);

/// Whether these are the arrays of a trace: it has `meta`.
bool is_trace(const io::Archive& archive);

}  // namespace gdn2::trace
