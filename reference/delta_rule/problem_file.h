// Problems, results and claims (somebody's results) as archives of named arrays, and as files:
// docs/formats.md.
//   names  q k v g b w, scale, initial_state (h0), cu_seqlens, do, dht (d_final_state)
//          o, final_state (ht), dq dk dv dg db dw, d_initial_state (dh0)
//   tests  tests/reference/delta_rule/problem_file_test.cpp, claim_file_test.cpp
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reference/delta_rule/problem.h"
#include "reference/io/array.h"

namespace gdn2 {

/// The problem that an archive holds, valid in shapes and values. Appends to `notes` one line for each array
/// that was ignored and for each thing that is allowed but unusual. Throws Error naming the tensor: missing,
/// given under two names, of a type that is no floating point, of a shape that disagrees, NaN or Inf anywhere
/// (here also -inf in g), g > 0, cu_seqlens that is no row of offsets.
Problem<double> problem_of(const io::Archive& archive, std::vector<std::string>& notes);

/// The same from a .npz or .safetensors file, which every Error and note names.
Problem<double> read_problem(const std::string& path, std::vector<std::string>& notes);
/// The same of what was read from a file of that path.
Problem<double> problem_of_file(const std::string& path, const io::Archive& archive, std::vector<std::string>& notes);

/// What problem_of reads back exactly. Throws Error when a shape is not valid.
io::Archive archive_of(const Problem<double>& problem);

/// Outputs, and those gradients that were computed, as f32 or f64.
template <class Scalar>
io::Archive archive_of(const Result<Scalar>& result);

/// Somebody's results, as they are: a NaN in them is for the comparison to find.
struct Claim {
    /// One tensor of the file.
    struct Entry {
        Tensor<double> values;
        io::DType dtype;  ///< what the file held
    };
    std::map<std::string, Entry> tensors;  ///< by our names: o, final_state, dq, ...
};

/// Whether a result may hold a tensor of this name, ours or a peer's.
bool is_result_name(std::string_view name);

/// Any of a result's tensors. Throws Error when there is none, or as problem_of for names and types.
Claim claim_of(const io::Archive& archive, std::vector<std::string>& notes);

/// The same from a file, which every Error and note names.
Claim read_claim(const std::string& path, std::vector<std::string>& notes);

}  // namespace gdn2
