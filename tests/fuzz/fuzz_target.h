// What the fuzz targets share. Each defines the function below, libFuzzer's entry point: it must return whatever the
// bytes are. Under libFuzzer (docs/testing.md) that is the whole program; in a plain build driver.cpp calls it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace gdn2::test {

/// Well-formed inputs for driver.cpp to damage; each target defines it.
std::vector<std::vector<std::byte>> seeds();

/// Stops the program, as a fuzzer expects, when something that holds for every input does not.
void require_always(bool good, const char* what);

}  // namespace gdn2::test
