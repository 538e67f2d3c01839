// See find_token.h.
#include "visualizer/model/find_token.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace gdn2::viewer {
namespace {

std::string in_small_letters(std::string_view text) {
    std::string small(text);
    for (char& c : small)
        if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return small;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<Index> number_in(std::string_view text) {
    Index number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<Index> find_token(const Session& session, std::string_view asked) {
    const std::string words = in_small_letters(trimmed(asked));
    const Index length = session.length();
    if (words.empty() || length == 0) return std::nullopt;
    if (const std::optional<Index> number = number_in(words); number && 0 <= *number && *number < length) return number;
    const Index first = session.ui.cursor == first_cursor() ? 0 : session.ui.cursor.token + 1;
    for (Index step = 0; step < length; ++step) {
        const Index token = (first + step) % length;
        if (in_small_letters(session.label(token)).find(words) != std::string::npos) return token;
    }
    return std::nullopt;
}

}  // namespace gdn2::viewer
