// A run as a file, to go on from: parameters, AdamW's moments, options and the number of steps taken. Batches and
// learning rates follow from these, so that a run that goes on is the one that was never stopped, bit for bit.
//   format  docs/formats.md
//   tests   tests/reference/train/checkpoint_test.cpp
#pragma once

#include "reference/io/array.h"
#include "reference/train/trainer.h"

namespace gdn2 {

/// The metadata's `format` of a checkpoint.
inline constexpr const char* checkpoint_format = "gdn2 checkpoint";

/// The options as JSON, every number exactly.
std::string to_json(const TrainingOptions& options);

/// Throws Error on JSON that is none and on a field that is missing, unknown or of another type, by name.
TrainingOptions training_options_from_json(const std::string& text);

/// The trainer stays as it is. io::write_file makes a file of it: whole, or not there.
io::Archive checkpoint_of(Trainer& trainer);

/// Throws Error naming the first array or option that is missing, unknown, of another shape or not finite.
Trainer trainer_of(const io::Archive& archive);

}  // namespace gdn2
