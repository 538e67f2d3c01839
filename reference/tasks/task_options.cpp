// See task_options.h.
#include "reference/tasks/task_options.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "reference/io/text.h"

namespace gdn2 {
namespace {

std::string names_of(const TaskOptions& options) {
    std::string names;
    for (const TaskOption& each : options) names += (names.empty() ? "" : ", ") + each.name;
    return names;
}

template <class Options>
auto& find(Options& options, const std::string& name) {
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const auto& x) { return x.name == name; });
    require(found != options.end(),
            "there is no option " + io::quote(name) + "; there are " + names_of(options));
    return *found;
}

Index whole_number(const std::string& what, const std::string& text) {
    Index value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    require(problem == std::errc{} && end == text.data() + text.size(),
            what + " must be a whole number, not " + io::quote(text));
    return value;
}

std::string described(const TaskOption& option) {
    return "option " + option.name + " (" + option.means + ")";
}

void set(TaskOption& option, const std::string& text) {
    option.value = whole_number(described(option), text);
    require(option.low <= option.value && option.value <= option.high,
            described(option) + " must be in [" + std::to_string(option.low) + ", " +
                std::to_string(option.high) + "], not " + std::to_string(option.value));
}

}  // namespace

Index value_of(const TaskOptions& options, const std::string& name) { return find(options, name).value; }

std::pair<std::string, std::string> split_spec(const std::string& spec) {
    const std::size_t colon = spec.find(':');
    if (colon == std::string::npos) return {spec, ""};
    return {spec.substr(0, colon), spec.substr(colon + 1)};
}

TaskOptions set_options(TaskOptions options, const std::string& text) {
    if (text.empty()) return options;
    std::set<std::string> given;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string item = text.substr(begin, end - begin);
        const std::size_t equals = item.find('=');
        require(equals != std::string::npos, "expected option=value, not " + io::quote(item));
        TaskOption& option = find(options, item.substr(0, equals));
        require(given.insert(option.name).second, "option " + option.name + " is given twice");
        set(option, item.substr(equals + 1));
        begin = end + 1;
    }
    return options;
}

void require_at_least(const TaskOptions& options, const std::string& name, Index least,
                      const std::string& called) {
    const TaskOption& option = find(options, name);
    require(option.value >= least, described(option) + " must be at least " + called + " = " +
                                       std::to_string(least) + ", not " + std::to_string(option.value));
}

void require_at_most(const TaskOptions& options, const std::string& name, Index most,
                     const std::string& called) {
    const TaskOption& option = find(options, name);
    require(option.value <= most, described(option) + " must be at most " + called + " = " +
                                      std::to_string(most) + ", not " + std::to_string(option.value));
}

std::string to_spec(const std::string& task, const TaskOptions& options) {
    std::string text = task;
    for (const TaskOption& each : options)
        text += (&each == &options.front() ? ":" : ",") + each.name + "=" + std::to_string(each.value);
    return text;
}

}  // namespace gdn2
