// gdn2 grad: forward and backward of a problem from a file, for the loss <o, do> + <final_state, dht>.
//   tests  tests/tools/gdn2/operate_test.cpp
#include <CLI/CLI.hpp>
#include <memory>

#include "tools/gdn2/commands.h"
#include "tools/gdn2/operate.h"

namespace gdn2::tools {

void add_grad(CLI::App& program) {
    CLI::App* command = program.add_subcommand(
        "grad",
        "forward and backward: also dq dk dv dg db dw d_initial_state, from the problem's do and dht");
    const auto arguments = std::make_shared<OperateArguments>();
    add_operate_options(*command, *arguments);
    command->footer("Example: gdn2 grad problem.npz -o result.safetensors --chunk 32 --precision f32");
    command->callback([arguments] { operate("grad", *arguments, true); });
}

}  // namespace gdn2::tools
