// A device buffer of the emulator for tests: filled from numbers, freed at the end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "cuda/simt/device_memory.h"

namespace gdn2::test {

template <class T>
class DeviceArray {
public:
    /// `count` elements that nobody has written.
    DeviceArray(std::size_t count, const std::string& name)
        : count_(count), data_(static_cast<T*>(simt::allocate(count * sizeof(T), name))) {}
    DeviceArray(const std::vector<T>& values, const std::string& name) : DeviceArray(values.size(), name) {
        std::copy(values.begin(), values.end(), data_);
        simt::mark_written(data_, count_ * sizeof(T));
    }
    ~DeviceArray() { simt::free(data_); }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;

    T* data() { return data_; }
    std::size_t bytes() const { return count_ * sizeof(T); }
    std::vector<T> values() const { return {data_, data_ + count_}; }

private:
    std::size_t count_;
    T* data_;
};

}  // namespace gdn2::test
