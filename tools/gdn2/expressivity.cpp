// gdn2 expressivity: what one token of each rule can do to a memory, as a table.
//   tests  tests/tools/gdn2/train_test.cpp; the numbers tests/reference/tasks/expressivity_test.cpp
#include "reference/tasks/expressivity.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"

namespace gdn2::tools {
namespace {

nlohmann::json to_json(const std::vector<std::vector<Expressivity>>& table) {
    nlohmann::json document = new_document("expressivity"), rules = nlohmann::json::array(),
                   operations = rules;
    for (const MemoryOperation& operation : memory_operations())
        operations.push_back({{"name", operation.name}, {"wants", operation.wants}});
    for (std::size_t i = 0; i < table.size(); ++i) {
        nlohmann::json errors = nlohmann::json::array();
        for (const Expressivity& cell : table[i]) errors.push_back(cell.error);
        rules.push_back({{"name", gate_rules()[i].name}, {"errors", errors}});
    }
    document["operations"] = std::move(operations);
    document["rules"] = std::move(rules);
    return document;
}

}  // namespace

void add_expressivity(CLI::App& program) {
    CLI::App* command = program.add_subcommand(
        "expressivity", "the least error of each rule at what one token may be asked to do");
    const auto as_json = std::make_shared<bool>(false);
    command->add_flag("--json", *as_json, "print a JSON document (docs/json.md)");
    command->footer("Example: gdn2 expressivity");
    command->callback([as_json] {
        const std::vector<std::vector<Expressivity>> table = expressivity_table();
        if (*as_json)
            print_json(to_json(table));
        else
            fmt::print("{}", to_text(table));
    });
}

}  // namespace gdn2::tools
