// device_data.h where there is nvcc: Thrust on the card, and on the host over the emulator's memory.
#include "cuda/api/cuda_error.h"
#include "cuda/launch/device_data_thrust.h"

namespace gdn2::cuda {
namespace {

/// Thrust throws its own exceptions; ours say the same.
template <class Body>
auto checked(const char* what, const Body& body) {
    try {
        return body();
    } catch (const std::exception& error) {
        throw CudaError(std::string(what) + ": " + error.what());
    }
}

}  // namespace

void fill_uniform(Device device, void* numbers, std::int64_t count, Precision precision, float low,
                  float high, std::uint64_t seed) {
    const device_data::Fill fill{numbers, precision, low, high, seed};
    if (device == Device::cuda)
        return checked("filling device memory", [&] { device_data::fill(thrust::device, count, fill); });
    device_data::fill(thrust::host, count, fill);
    device_data::tell_emulator(numbers, count, precision);
}

std::int64_t count_nan(Device device, const void* numbers, std::int64_t count, Precision precision) {
    const device_data::Numbers all{numbers, precision};
    if (device == Device::emulator) return device_data::count_nan(thrust::host, count, all);
    return checked("counting NaN", [&] { return device_data::count_nan(thrust::device, count, all); });
}

Difference difference(Device device, const void* a, const void* b, std::int64_t count, Precision precision) {
    const device_data::Numbers first{a, precision}, second{b, precision};
    if (device == Device::emulator) return device_data::difference(thrust::host, count, first, second);
    return checked("comparing device memory",
                   [&] { return device_data::difference(thrust::device, count, first, second); });
}

}  // namespace gdn2::cuda
