// gdn2 run: the forward pass of a problem from a file.
//   tests  tests/tools/gdn2/operate_test.cpp
#include <CLI/CLI.hpp>
#include <memory>

#include "tools/gdn2/commands.h"
#include "tools/gdn2/operate.h"

namespace gdn2::tools {

void add_run(CLI::App& program) {
    CLI::App* command = program.add_subcommand("run", "forward: o and final_state");
    const auto arguments = std::make_shared<OperateArguments>();
    add_operate_options(*command, *arguments);
    command->footer("Example: gdn2 run problem.npz -o result.npz --path recurrent");
    command->callback([arguments] { operate("run", *arguments, false); });
}

}  // namespace gdn2::tools
