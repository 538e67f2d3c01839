// See text_lists.h.
#include "reference/io/text_lists.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reference/io/text.h"

namespace gdn2::io {
namespace {

using Json = nlohmann::json;

/// What lies deeper is left out, and then missed: texts lie at depth 2 at most.
constexpr int deepest = 3;

std::vector<std::string> texts_of(const Json& list, std::string_view name) {
    const auto other = std::find_if(list.begin(), list.end(), [](const Json& x) { return !x.is_string(); });
    const bool is_list = list.is_array(), all = is_list && other == list.end();
    const Json& odd = is_list && !all ? *other : list;
    require(all, quote(name) + " must be the text of a JSON list of texts, or of lists of them, got " +
                     (odd.is_discarded() ? "no JSON" : std::string("a JSON ") + odd.type_name()) +
                     (is_list ? " in one" : ""));
    return list.get<std::vector<std::string>>();
}

}  // namespace

std::vector<std::vector<std::string>> to_text_lists(const Array& array, std::string_view name) {
    require(array.dtype == DType::u8 && array.shape.size() == 1, quote(name) + " must be a u8 array of one axis, got " +
                                                                     std::string(name_of(array.dtype)) + " " +
                                                                     to_string(array.shape));
    const char* text = reinterpret_cast<const char*>(array.bytes.data());
    const auto keep = [](int depth, Json::parse_event_t, const Json&) { return depth <= deepest; };
    const Json json = Json::parse(text, text + array.bytes.size(), keep, false);
    const bool nested = json.is_array() && !json.empty() && json.front().is_array();
    if (!nested) return {texts_of(json, name)};
    std::vector<std::vector<std::string>> lists;
    for (const Json& list : json) lists.push_back(texts_of(list, name));
    return lists;
}

}  // namespace gdn2::io
