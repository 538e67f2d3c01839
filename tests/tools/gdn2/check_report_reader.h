// What tests read in the answers of gdn2 check.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace gdn2::test {

/// The report on one tensor; null when there is none.
inline nlohmann::json tensor_report(const nlohmann::json& document, const std::string& name) {
    for (const nlohmann::json& tensor : document["tensors"])
        if (tensor["name"] == name) return tensor;
    return {};
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace gdn2::test
