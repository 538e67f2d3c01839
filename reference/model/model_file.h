// A model as a file: its parameters under their names in a .safetensors, its configuration as JSON in the metadata.
//   format  docs/formats.md
//   tests   tests/reference/model/model_file_test.cpp
#pragma once

#include <string>

#include "reference/io/array.h"
#include "reference/model/language_model.h"

namespace gdn2 {

/// The metadata's `format` of a model.
inline constexpr const char* model_format = "gdn2 model";

/// Adds each parameter under `prefix` + its name, in its own precision.
template <class Scalar>
void add_parameters(const std::string& prefix, const Parameters<Scalar>& parameters, io::Archive& archive);

/// Fills the parameters with the arrays of those names. Throws Error naming the first that is missing, of another
/// shape, of integers, or not finite.
template <class Scalar>
void read_parameters(const std::string& prefix, const Parameters<Scalar>& parameters,
                     const io::Archive& archive);

/// Throws Error naming the first array that begins with none of the prefixes, or is no parameter after it.
template <class Scalar>
void require_known(const std::vector<std::string>& prefixes, const Parameters<Scalar>& parameters,
                   const io::Archive& archive);

/// The parameters, and the configuration in the metadata under `config`. The model stays as it is.
template <class Scalar>
io::Archive archive_of(LanguageModel<Scalar>& model);

/// A model of the configuration in the metadata, with parameters that read_parameters is still to fill. Throws Error
/// when `format` is not this one, on a configuration that is none, and on one that is larger than the archive.
template <class Scalar>
LanguageModel<Scalar> empty_model_of(const io::Archive& archive, const std::string& format);

/// The model of an archive. Throws Error as the three above do.
template <class Scalar>
LanguageModel<Scalar> model_of(const io::Archive& archive);

/// The text under `key` of the metadata. Throws Error when there is none.
std::string metadata_of(const io::Archive& archive, const std::string& key);

}  // namespace gdn2
