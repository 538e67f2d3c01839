// The one exception the library throws: bad input, said in one line.
//   tests  tests/reference/core/tensor_test.cpp and every bad-input test
#pragma once

#include <stdexcept>
#include <string>

namespace gdn2 {

/// Bad input. what() is one line that names the tensor or file, what was expected and what was given.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Throws Error(message) unless `good`. For conditions on input; our own mistakes are tests' business.
inline void require(bool good, const std::string& message) {
    if (!good) throw Error(message);
}

}  // namespace gdn2
