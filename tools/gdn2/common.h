// What the subcommands share: exit codes, the options of a computation, output paths, warnings.
//   tests  tests/tools/gdn2/command_test.cpp
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reference/delta_rule/heads.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace gdn2::tools {

inline constexpr int exit_good = 0;
inline constexpr int exit_check_failed = 1;
inline constexpr int exit_bad_input = 2;
inline constexpr int exit_by_signal = 128;  ///< and the signal's number, as shells say it

inline constexpr std::int64_t max_chunk = 1'000'000'000;
inline constexpr std::int64_t max_segment = 1'000'000;
inline constexpr std::int64_t max_threads = 4096;

/// Leaves a subcommand with exit code 1, after it has printed what failed.
struct CheckFailed {};
[[noreturn]] void check_failed();

/// The line on stderr, where it can be written: a message that is lost is no reason to fail.
void say(const std::string& line);

/// "1 tensor", "2 tensors".
std::string counted(Index count, const std::string& noun);

/// Accepts a whole number in [low, high], written in digits.
CLI::Validator whole_number(std::int64_t low, std::int64_t high);

/// How to compute, as given on the command line.
struct ComputeOptions {
    std::string path = "chunk";
    std::string device = "cpu";
    std::string precision;  ///< empty: what the device takes first
    Index chunk = 64;
    std::string scan = "auto";  ///< of a device: auto, serial, segments, or how many chunks a segment has
    int threads = 0;  ///< 0: all
};

/// Those that can be computed on here, and in.
std::vector<std::string> available_devices();
std::vector<std::string> available_precisions();

/// Adds --device and --precision, whose help says what is not in this build.
void add_device_options(CLI::App& command, std::string& device, std::string& precision);

/// Adds --path --chunk --device --precision --scan --threads.
void add_compute_options(CLI::App& command, ComputeOptions& options);

/// Throws Error with the devices there are, unless this build computes on `device` here.
void require_device(const std::string& device);

/// Fills in what was not said. Throws Error for a device that is not here, and for a path, precision, chunk or
/// scan that the device does not take; nothing is ever computed elsewhere than where it was asked for.
void settle(ComputeOptions& options);

/// As the library takes them. Without a progress bar.
Options library_options(const ComputeOptions& options);

/// The problem rounded to f32. Throws Error, naming the problem's file, where a number of it is beyond f32.
Problem<float> to_f32(const Problem<double>& problem, const std::string& file);

/// Throws Error unless `output` can be written: .npz or .safetensors, in a directory that exists and is
/// writable, no directory itself and not the file `input` under this or another name. Called before
/// computing.
void require_writable(const std::string& output, const std::string& input);

/// One line each on stderr: "gdn2: warning: ..."
void print_warnings(const std::vector<std::string>& warnings);

/// A JSON document on stdout, one line. NaN and Inf become null: JSON has neither.
void print_json(const nlohmann::json& document);

/// Starts a document with what made it.
nlohmann::json new_document(const std::string& command);

}  // namespace gdn2::tools
