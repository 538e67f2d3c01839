// What a model is made of, as JSON and as a struct.
//   tests  tests/reference/model/config_test.cpp
#pragma once

#include <string>

#include "reference/layers/mixer_options.h"

namespace gdn2 {

/// A stack of pre-norm residual blocks between an embedding and a linear head:
///   recurrent  each layer is a mixer and, where mlp_hidden > 0, an MLP
///   hybrid     each layer is a mixer, an MLP, sliding-window attention, an MLP (Fig. 1); no MLPs where mlp_hidden is 0
struct ModelConfig {
    MixerOptions mixer;
    Index vocabulary = 0;
    Index layers = 1;
    Index mlp_hidden = 0;  ///< of SwiGLU; 0: no MLPs
    bool hybrid = false;
    Index window = 16;           ///< of the hybrid's attention: tokens seen, itself included
    Index attention_heads = 1;   ///< of the hybrid's attention; d_model is a multiple
    double embedding_deviation = 1;

    bool operator==(const ModelConfig&) const = default;
};

/// JSON with every field, in a fixed order.
std::string to_json(const ModelConfig& config);

/// Fields that are absent keep their defaults. Throws Error on JSON that is none, on a field that is unknown or of
/// another type, and on sizes below 1, naming the field.
ModelConfig config_from_json(const std::string& text);

/// The hybrid's attention: softmax over a window, with rotary positions and no convolutions.
MixerOptions attention_of(const ModelConfig& config);

/// Throws Error naming the first field that is out of range, the mixer's among them.
void validate(const ModelConfig& config);

/// How many parameters a model of the configuration has, before there is one: exact up to 2^53, rounded beyond. Throws
/// Error as validate does.
double parameter_count(const ModelConfig& config);

}  // namespace gdn2
