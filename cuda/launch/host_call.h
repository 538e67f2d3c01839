// What calls on problems of the host's memory are made of: rounding, uploading, running, bringing back.
//   tests  tests/cuda/kernels/forward_test.cpp, decode_test.cpp
#pragma once

#include <atomic>
#include <vector>

#include "cuda/api/run.h"
#include "cuda/launch/device_buffer.h"
#include "cuda/launch/emulator_backend.h"
#include "cuda/launch/forward_plan.h"

namespace gdn2::cuda {

/// Numbers as they lie on the device, and back.
std::vector<unsigned char> encode_numbers(const Tensor<float>& tensor, Precision precision);
Tensor<float> decode_numbers(const std::vector<unsigned char>& bytes, const Shape& shape,
                             Precision precision);

/// [.., rows, columns] -> [.., columns, rows]
Tensor<float> transpose_states(const Tensor<float>& states);

/// The device of a call, and how far it has come.
class Execution {
public:
    explicit Execution(const Options& options, std::vector<LaunchRecord>* launches = nullptr);
    Execution(const Execution&) = delete;
    Execution& operator=(const Execution&) = delete;

    Backend& backend() { return backend_; }
    void run(const std::vector<KernelCall>& plan);

private:
    std::function<void(std::int64_t, std::int64_t)> progress_;
    std::int64_t blocks_ = 0;
    std::atomic<std::int64_t> done_ = 0;
    EmulatorBackend emulator_;
    Backend& backend_;
};

/// Buffers of one call. Kept until it is over.
class Uploads {
public:
    Uploads(Backend& backend, Precision precision) : backend_(backend), precision_(precision) {}

    void* bytes(const void* data, std::size_t count, const char* name);
    void* empty(std::size_t count, const char* name) {
        return buffers_.emplace_back(backend_, count, name).data();
    }

    /// Rounded to the call's precision.
    void* elements(const Tensor<float>& tensor, const char* name);
    float* floats(const float* data, std::size_t count, const char* name) {
        return static_cast<float*>(bytes(data, count * sizeof(float), name));
    }
    Tensor<float> fetch(const void* memory, const Shape& shape, Precision precision);

    /// [sequences, value_heads, key_dim, value_dim], however they lie on the device.
    Tensor<float> fetch_states(const void* memory, const Sizes& sizes, bool value_first);

private:
    Backend& backend_;
    Precision precision_;
    std::vector<DeviceBuffer> buffers_;
};

/// Shapes always; values too, except that a gate may be handed any finite g.
Sizes validate(const Problem<float>& problem, const Options& options);

KeySide upload_keys(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes,
                    const Options& options);
ValueSide upload_values(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes,
                        Precision precision);

/// Everything of a forward pass but the workspace.
ForwardArguments upload_forward(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes,
                                const Options& options);

/// o and final_state of a pass that has run.
Result<float> fetch_result(Uploads& uploads, const ForwardArguments& arguments, const Sizes& sizes);

}  // namespace gdn2::cuda
