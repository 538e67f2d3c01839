// See device.h.
#include "tools/gdn2/device.h"

#include <limits>
#include <mutex>

#include "reference/core/small_float.h"
#include "reference/io/text.h"

#if GDN2_WITH_KERNELS
#include "cuda/api/run.h"
#include "cuda/api/trace.h"
#endif

namespace gdn2::tools {
namespace {

double round_to(const std::string& precision, double x) {
    if (precision == "bf16") return BFloat16::decode(BFloat16::encode(x));
    return precision == "f16" ? Half::decode(Half::encode(x)) : static_cast<double>(static_cast<float>(x));
}

Tensor<double> rounded(const Tensor<double>& tensor, const std::string& precision) {
    Tensor<double> result = tensor;
    for (double& x : result.values()) x = round_to(precision, x);
    return result;
}

#if GDN2_WITH_KERNELS
cuda::Device device_named(const std::string& name) {
    return name == "cuda" ? cuda::Device::cuda : cuda::Device::emulator;
}

cuda::ScanChoice scan_choice(const std::string& scan) {
    using enum cuda::ScanChoice::Kind;
    if (scan == "auto") return {by_shape};
    if (scan == "serial") return {serial};
    return {segments, scan == "segments" ? 0 : std::stoi(scan)};
}

cuda::Options device_options(const ComputeOptions& options, ProgressFunction progress) {
    using enum cuda::ForwardPath;
    cuda::Options result;
    result.device = device_named(options.device);
    result.precision = options.precision == "f32"    ? cuda::Precision::f32
                       : options.precision == "bf16" ? cuda::Precision::bf16
                                                     : cuda::Precision::f16;
    result.path = options.path == "chunk" ? chunk : options.path == "recurrent_1" ? recurrent_1 : recurrent_2;
    result.scan = scan_choice(options.scan);
    result.threads = options.threads;
    result.progress = std::move(progress);
    return result;
}
#endif

}  // namespace

bool device_in_build(const std::string& name) {
    return name == "cpu" || (GDN2_WITH_KERNELS && (name == "emulator" || *GDN2_CUDA_TOOLKIT));
}

Problem<float> round_problem(const Problem<double>& problem, const std::string& precision, const std::string& file,
                             bool with_upstream) {
    Problem<double> copy = problem;
    if (!with_upstream) {
        copy.d_o.reset();
        copy.d_final_state.reset();
    }
    const auto present = [](std::optional<Tensor<double>>& tensor) { return tensor ? &*tensor : nullptr; };
    for (Tensor<double>* tensor : {&copy.q, &copy.k, &copy.b, &copy.v, &copy.w, present(copy.d_o)})
        if (tensor) *tensor = rounded(*tensor, precision);
    for (Tensor<double>* tensor : {&copy.g, present(copy.initial_state), present(copy.d_final_state)})
        if (tensor) *tensor = rounded(*tensor, "f32");
    try {
        validate_values(copy);
    } catch (const Error& error) {
        throw Error(io::quote_file(file) + ": " + error.what() + " once it is rounded to " + precision);
    }
    return cast_problem<float>(copy);
}

#if GDN2_WITH_KERNELS

bool device_available(const std::string& name, std::string* reason) {
    return name == "cpu" || cuda::device_available(device_named(name), reason);
}

nlohmann::json cuda_document() {
    if (!*GDN2_CUDA_TOOLKIT) return {{"toolkit", nullptr}};
    nlohmann::json document{{"toolkit", GDN2_CUDA_TOOLKIT}, {"architectures", GDN2_CUDA_ARCHITECTURES}};
    std::string reason;
    if (device_available("cuda", &reason))
        document["card"] = cuda::describe_card();
    else
        document["no_card"] = reason;
    return document;
}

Result<float> run_on_device(const Problem<float>& rounded, const ComputeOptions& options, bool with_gradient,
                            ProgressFunction progress) {
    const cuda::Options on_device = device_options(options, std::move(progress));
    return with_gradient ? cuda::gradient(rounded, on_device) : cuda::forward(rounded, on_device);
}

namespace {

/// Calls on a card come one after the other: they share its default stream.
class KernelDevice final : public DeltaDevice {
public:
    explicit KernelDevice(const std::string& name) {
        options_.device = device_named(name);
        options_.threads = 1;
    }
    Tensor<float> forward(const Problem<float>& problem) const override {
        const auto lock = turn();
        return cuda::forward(problem, options_).o;
    }
    Result<float> gradient(const Problem<float>& problem) const override {
        const auto lock = turn();
        return cuda::gradient(problem, options_);
    }

private:
    std::unique_lock<std::mutex> turn() const {
        return options_.device == cuda::Device::cuda ? std::unique_lock(mutex_) : std::unique_lock<std::mutex>();
    }

    cuda::Options options_;
    mutable std::mutex mutex_;
};

}  // namespace

std::unique_ptr<DeltaDevice> make_delta_device(const std::string& name) {
    return name == "cpu" ? nullptr : std::make_unique<KernelDevice>(name);
}

std::vector<trace::Field> fields_on_device() { return cuda::recorded_fields(); }

std::string record_on_device(const Problem<float>& rounded, const ComputeOptions& options,
                             trace::Recorder& recorder, ProgressFunction progress) {
    return cuda::record_forward(rounded, device_options(options, std::move(progress)), recorder);
}

#else

namespace {
constexpr const char* no_kernels = "this build has no kernels: it was configured with GDN2_BUILD_CUDA=OFF";
}

bool device_available(const std::string& name, std::string* reason) {
    if (reason) *reason = no_kernels;
    return name == "cpu";
}

nlohmann::json cuda_document() { return {{"toolkit", nullptr}}; }

Result<float> run_on_device(const Problem<float>&, const ComputeOptions&, bool, ProgressFunction) {
    throw Error(no_kernels);
}

std::unique_ptr<DeltaDevice> make_delta_device(const std::string& name) {
    require(name == "cpu", no_kernels);
    return nullptr;
}

std::vector<trace::Field> fields_on_device() { return {}; }

std::string record_on_device(const Problem<float>&, const ComputeOptions&, trace::Recorder&,
                             ProgressFunction) {
    throw Error(no_kernels);
}

#endif

}  // namespace gdn2::tools
