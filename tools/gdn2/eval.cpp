// gdn2 eval: a trained model's answers to a task's fixed questions.
//   tests  tests/tools/gdn2/eval_test.cpp
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "reference/io/file.h"
#include "reference/io/text.h"
#include "reference/model/model_file.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/train_log.h"
#include "tools/gdn2/train_table.h"

namespace gdn2::tools {
namespace {

struct Arguments {
    std::string model, task;
    EvaluationOptions options;
    bool as_json = false;
};

void run(const Arguments& arguments) {
    const io::Archive archive = io::read_file(arguments.model);
    const auto model = io::naming(arguments.model, [&] { return model_of<float>(archive); });
    const Task task = arguments.task.empty()
                          ? io::naming(arguments.model, [&] { return make_task(metadata_of(archive, "task")); })
                          : make_task(arguments.task);
    io::naming(arguments.model, [&] { require_vocabulary(model.config(), task); });
    const std::vector<Evaluation> evaluations = evaluate(task, answers_of(model), arguments.options);
    if (arguments.as_json) {
        nlohmann::json document = new_document("eval");
        document["model"] = arguments.model;
        document["task"] = task.spec();
        document["sequences"] = arguments.options.sequences;
        document["evaluation"] = to_json(evaluations);
        print_json(document);
    } else {
        fmt::print("{}: {}, {} of each size\n\n{}", io::quote_file(arguments.model), task.spec(),
                   counted(arguments.options.sequences, "sequence"), table_of(evaluations));
    }
}

}  // namespace

void add_eval(CLI::App& program) {
    CLI::App* command = program.add_subcommand("eval", "ask a trained model a task's questions");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("MODEL", arguments->model, "a .safetensors of gdn2 train")->required();
    command->add_option("TASK", arguments->task,
                        "a name of gdn2 train --list, with options; else what it was trained on");
    command->add_option("--sequences", arguments->options.sequences, "sequences of each size")
        ->check(whole_number(1, 10'000'000))
        ->capture_default_str();
    command->add_option("--seed", arguments->options.seed, "of the evaluation set")
        ->check(whole_number(0, 1'000'000'000))
        ->capture_default_str();
    command->add_option("--threads", arguments->options.threads, "threads, 0 for all")
        ->check(whole_number(0, max_threads))
        ->capture_default_str();
    command->add_flag("--json", arguments->as_json, "print a JSON document (docs/json.md)");
    command->footer("Example: gdn2 eval runs/gdn2-seed0.safetensors overwrite:M=8,W=64");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace gdn2::tools
