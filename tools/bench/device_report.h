// devices.h told as tables and as JSON.
//   tests  tests/tools/bench/devices_test.cpp
#pragma once

#include <nlohmann/json.hpp>

#include "tools/bench/devices.h"

namespace gdn2::bench {

std::string text_of(const std::vector<CounterRow>& rows, const KernelShape& shape, const std::string& precision);
nlohmann::json json_of(const std::vector<CounterRow>& rows, const KernelShape& shape, const std::string& precision);

std::string text_of(const CardReport& report);
nlohmann::json json_of(const CardReport& report);

}  // namespace gdn2::bench
