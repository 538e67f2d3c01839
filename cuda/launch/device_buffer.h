// Device memory that gives itself back.
//   tests  tests/cuda/launch/backend_test.cpp
#pragma once

#include <utility>

#include "cuda/launch/backend.h"

namespace gdn2::cuda {

class DeviceBuffer {
public:
    DeviceBuffer() = default;
    DeviceBuffer(Backend& backend, std::size_t bytes, const char* name)
        : backend_(&backend), data_(backend.allocate(bytes, name)), bytes_(bytes) {}
    DeviceBuffer(DeviceBuffer&& other) noexcept { *this = std::move(other); }
    DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
        std::swap(backend_, other.backend_);
        std::swap(data_, other.data_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~DeviceBuffer() {
        if (data_) backend_->free(data_);
    }

    void* data() const { return data_; }
    std::size_t bytes() const { return bytes_; }

private:
    Backend* backend_ = nullptr;
    void* data_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace gdn2::cuda
