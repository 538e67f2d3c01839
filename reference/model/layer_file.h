// One mixer of the delta family as a file, under the names that flash-linear-attention's layers give their parameters:
// what is trained there can be looked at here, and the other way round.
//   format  docs/formats.md: the table of names and shapes, and what shapes cannot tell
//   tests   tests/reference/model/layer_file_test.cpp, against layers written in numpy alone
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reference/io/array.h"
#include "reference/layers/mixer_options.h"

namespace gdn2 {

/// The metadata's `format` of a layer that write_layer made.
inline constexpr const char* layer_format = "gdn2 layer";

/// What to take for granted about a layer's file. What is not said comes from the file's metadata, and where that has
/// none (a file of PyTorch's) from the shapes and from that layer's own defaults.
struct LayerReading {
    std::optional<std::string> prefix;  ///< "model.layers.0.attn."; else the only one there is
    std::optional<std::string> rule;    ///< else by which parameters there are: w_proj, a_proj, f_proj, b_proj
    std::optional<Index> heads;         ///< of q and k, where A_log does not say it: Gated DeltaNet with grouped values
    std::optional<bool> negative_eigenvalues;
    std::optional<double> decay_lower_bound;   ///< of a layer with a safe gate
    std::optional<std::string> output_gate;    ///< else sigmoid for a low-rank gate, silu for one of full rank
    std::optional<double> norm_epsilon;
};

/// The prefixes under which the archive has a layer: what stands before "q_proj.weight".
std::vector<std::string> layer_prefixes(const io::Archive& archive);

/// A layer of a file.
template <class Scalar>
struct LayerOfFile {
    MixerOptions options;
    std::string prefix;
    std::unique_ptr<Mixer<Scalar>> mixer;
};

/// Reads a layer. Throws Error naming the first tensor that is missing, unknown under the prefix, or of a shape that
/// disagrees with the others; and when there are several layers and no prefix was said, with their prefixes.
template <class Scalar>
LayerOfFile<Scalar> layer_of(const io::Archive& archive, const LayerReading& reading = {});

/// The layer with its options in the metadata; shapes and names are the peers'.
template <class Scalar>
io::Archive archive_of(const MixerOptions& options, Mixer<Scalar>& mixer);

}  // namespace gdn2
