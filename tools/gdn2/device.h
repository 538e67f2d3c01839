// The kernels of cuda/ behind gdn2 run, grad and trace: which devices there are, and problems rounded for them.
// The one file that knows whether this build has kernels (GDN2_WITH_KERNELS) is device.cpp.
//   tests  tests/tools/gdn2/device_test.cpp
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "reference/delta_rule/problem.h"
#include "reference/layers/delta_device.h"
#include "reference/trace/recorder.h"
#include "tools/gdn2/common.h"

namespace gdn2::tools {

/// Whether this build knows --device `name`: cpu, emulator or cuda.
bool device_in_build(const std::string& name);

/// Whether this build computes on it here; if not, *reason (unless null) says why, in one line.
bool device_available(const std::string& name, std::string* reason = nullptr);

/// For `gdn2 info`: the toolkit that kernels were compiled with, and the card if there is one.
nlohmann::json cuda_document();

/// The problem rounded as it will lie on the device: q k b v w and do to the precision, g and the states to f32.
/// Without `with_upstream` do and dht are left out. Throws Error, naming the problem's file, where a number of it is
/// beyond the precision.
Problem<float> round_problem(const Problem<double>& problem, const std::string& precision,
                             const std::string& file, bool with_upstream);

using ProgressFunction = std::function<void(Index done, Index total)>;

/// o and final_state of a rounded problem, by the kernels of options.path; and all gradients if wanted.
Result<float> run_on_device(const Problem<float>& rounded, const ComputeOptions& options, bool with_gradient,
                            ProgressFunction progress);

/// Kernels for the memories of a model (delta_device.h) by float32 on the device `name`, one thread a call; null for
/// "cpu".
std::unique_ptr<DeltaDevice> make_delta_device(const std::string& name);

/// The fields that record_on_device can record.
std::vector<trace::Field> fields_on_device();

/// Records what the chunk path's kernels keep; returns the launches as JSON text (docs/formats.md).
std::string record_on_device(const Problem<float>& rounded, const ComputeOptions& options,
                             trace::Recorder& recorder, ProgressFunction progress);

}  // namespace gdn2::tools
