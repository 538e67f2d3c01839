// The subcommands of gdn2. Each file adds its own to the program and runs inside the parse, as its callback.
//   A callback returns when all is well, throws gdn2::Error (or any std::exception) on bad usage or input,
//   calls check_failed() when a check that it ran to the end did not hold, and throws Interrupted when it was asked to
//   stop. main.cpp turns these into exit codes. tests  tests/tools/gdn2/
#pragma once

namespace CLI {
class App;
}

namespace gdn2::tools {

void add_demo(CLI::App& program);
void add_run(CLI::App& program);
void add_grad(CLI::App& program);
void add_check(CLI::App& program);
void add_gradcheck(CLI::App& program);
void add_trace(CLI::App& program);
void add_train(CLI::App& program);
void add_eval(CLI::App& program);
void add_layer(CLI::App& program);
void add_expressivity(CLI::App& program);
void add_info(CLI::App& program);

}  // namespace gdn2::tools
