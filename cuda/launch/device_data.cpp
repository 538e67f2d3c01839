// device_data.h where there is no toolkit: Thrust (Debian's libthrust-dev) on the host, over the emulator's memory.
#include "cuda/launch/device_data_thrust.h"
#include "reference/core/error.h"

namespace gdn2::cuda {
namespace {

void require_emulator(Device device) {
    std::string reason;
    if (!device_available(device, &reason)) throw Error(reason);
}

}  // namespace

void fill_uniform(Device device, void* numbers, std::int64_t count, Precision precision, float low,
                  float high, std::uint64_t seed) {
    require_emulator(device);
    device_data::fill(thrust::device, count, {numbers, precision, low, high, seed});
    device_data::tell_emulator(numbers, count, precision);
}

std::int64_t count_nan(Device device, const void* numbers, std::int64_t count, Precision precision) {
    require_emulator(device);
    return device_data::count_nan(thrust::device, count, {numbers, precision});
}

Difference difference(Device device, const void* a, const void* b, std::int64_t count, Precision precision) {
    require_emulator(device);
    return device_data::difference(thrust::device, count, {a, precision}, {b, precision});
}

}  // namespace gdn2::cuda
