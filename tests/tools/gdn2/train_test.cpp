// gdn2 train and expressivity as a user meets them: files, logs, tables, messages.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reference/io/file.h"
#include "reference/layers/mixer_options.h"
#include "reference/model/model_file.h"
#include "reference/tasks/expressivity.h"
#include "reference/train/evaluation.h"
#include "tests/support/folder.h"
#include "tests/tools/gdn2/run_command.h"
#include "tests/tools/gdn2/small_training.h"

using namespace gdn2;
using namespace gdn2::test;
using nlohmann::json;

namespace {

/// A folder as another program would hold it.
struct Held {
    explicit Held(const std::string& folder) : descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY)) {
        REQUIRE(flock(descriptor, LOCK_EX | LOCK_NB) == 0);
    }
    ~Held() { close(descriptor); }
    int descriptor;
};

std::vector<json> lines_of(const std::string& path) {
    std::vector<json> lines;
    std::istringstream text(contents(path));
    for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
    return lines;
}

Index sum_of_sizes(const io::Archive& archive) {
    Index sum = 0;
    for (const auto& [name, array] : archive.entries()) sum += element_count(array.shape);
    return sum;
}

}  // namespace

TEST_CASE("gdn2 train writes a model and a checkpoint and a log for each mixer and seed") {
    const Workplace here;
    const Finished finished =
        here.gdn2(small + "--mixer gdn2,linear_attention --seed 3 --seeds 2 -o runs --json");
    REQUIRE(finished.code == 0);
    CHECK(finished.error.empty());
    const json runs = json::parse(finished.out)["runs"];
    REQUIRE(runs.size() == 4);
    for (const json& run : runs) {
        const std::string start = here / ("runs/" + run["name"].get<std::string>());
        CAPTURE(start);
        const io::Archive archive = io::read_file(start + ".safetensors");
        const auto model = model_of<float>(archive);
        const Task task = make_task(archive.metadata.at("task"));
        CHECK(run["parameters"] == sum_of_sizes(archive));
        CHECK(sum_of_sizes(io::read_file(start + ".checkpoint.safetensors")) ==
              3 * run["parameters"].get<Index>());
        CHECK(run["state"] ==
              model.state_size(evaluation_batch(task, 0, 0, 1, task.evaluation_sizes[0]).batch.length));
        for (const Evaluation& size : evaluate(task, answers_of(model), {.sequences = 20}))
            CHECK(run["evaluation"][size.size.name]["accuracy"] == size.metrics.at("accuracy").mean());
        CHECK(lines_of(start + ".jsonl").back()["evaluation"] == run["evaluation"]);
    }
    CHECK(runs[1]["name"] == "linear_attention-seed3");
    CHECK(runs[2]["name"] == "gdn2-seed4");
    CHECK(contents(here / "runs/gdn2-seed3.safetensors") != contents(here / "runs/gdn2-seed4.safetensors"));
}

TEST_CASE("every line of the log of gdn2 train is a JSON object") {
    const Workplace here;
    REQUIRE(here.gdn2(small + "-o runs --log-every 10 --eval-every 20").code == 0);
    const std::vector<json> lines = lines_of(here / "runs/gdn2-seed0.jsonl");
    std::vector<Index> steps, evaluations;
    for (const json& line : lines) {
        if (line.contains("evaluation")) {
            evaluations.push_back(line["step"]);
            CHECK(line["evaluation"]["W=6"]["accuracy"] >= 0);
            continue;
        }
        steps.push_back(line["step"]);
        for (const char* figure :
             {"loss", "accuracy", "learning_rate", "gradient_norm", "tokens_per_second", "seconds"})
            CHECK(line[figure].is_number());
    }
    CHECK(steps == std::vector<Index>{1, 10, 20, 30});
    CHECK(evaluations == std::vector<Index>{20, 30});
    CHECK(lines.back()["last"] == true);
}

TEST_CASE("threads do not change the model of gdn2 train and nothing is kept without -o") {
    const Workplace here;
    CHECK(here.gdn2(small + "-o one --threads 1").code == 0);
    CHECK(here.gdn2(small + "-o three --threads 3").code == 0);
    CHECK(contents(here / "one/gdn2-seed0.safetensors") == contents(here / "three/gdn2-seed0.safetensors"));
    CHECK(here.gdn2(small + "-o many --threads 3 --mixer gdn2,kda --seeds 2").code == 0);  // side by side
    CHECK(contents(here / "one/gdn2-seed0.safetensors") == contents(here / "many/gdn2-seed0.safetensors"));
    CHECK(std::filesystem::exists(here / "many/kda-seed1.safetensors"));
    const Workplace bare;
    const Finished finished = bare.gdn2(small);
    CHECK(finished.code == 0);
    CHECK(bare.empty());
    CHECK(is_one_line(finished.error, "gdn2 train: ", "without -o DIR the models are not kept"));
}

TEST_CASE("the table of gdn2 train has a row for each mixer with mean and spread") {
    const Workplace here;
    const Finished one = here.gdn2(small + "--mixer gdn2,kda");
    const Finished two = here.gdn2(small + "--mixer gdn2 --seeds 2");
    CHECK(one.out.starts_with(
        "overwrite:M=3,W=6,keys=6,values=4,mixture=60: 30 steps of 8 sequences, 1 seed; "));
    for (const char* part :
         {"\nmixer  parameters  state  seconds\n", "\nW=6  ", "\nW=12  ", "\nkda  ", "stale rate"})
        CHECK_MESSAGE(one.out.find(part) != std::string::npos, part);
    CHECK(one.out.find("+-") == std::string::npos);
    CHECK(one.out.find("exact match") == std::string::npos);  // one question for each answer
    CHECK(two.out.find(" +-0.") != std::string::npos);
}

TEST_CASE("gdn2 train gives Mamba-3's MIMO form four pairs a token or as many as --rank says") {
    const Workplace here;
    const auto parameters = [&](const std::string& options) {
        const Finished finished = here.gdn2(small + "--json " + options);
        REQUIRE(finished.code == 0);
        return json::parse(finished.out)["runs"][0]["parameters"].get<Index>();
    };
    // A pair: B and C of 8 channels from d_model 16, and their biases; mimo_x, mimo_z, mimo_o of 8 channels.
    constexpr Index of_pair = 2 * (8 * 16 + 8), scales = 3 * 8;
    const Index siso = parameters("--mixer mamba3");
    CHECK(parameters("--mixer mamba3,mamba3_mimo --rank 3") == siso);
    CHECK(parameters("--mixer mamba3_mimo --rank 2") == siso + of_pair + 2 * scales);
    CHECK(parameters("--mixer mamba3_mimo") == siso + 3 * of_pair + 4 * scales);
}

TEST_CASE("gdn2 train lists tasks and mixers") {
    const Workplace here;
    const std::string text = here.gdn2("train --list").out;
    const json document = json::parse(here.gdn2("train --list --json").out);
    CHECK(document["tasks"].size() == task_kinds().size());
    CHECK(document["mixers"].size() == mixer_rules().size());
    for (const TaskKind& kind : task_kinds()) CHECK(text.find("  " + kind.name) != std::string::npos);
    for (const MixerRule& rule : mixer_rules()) CHECK(text.find("  " + rule.name) != std::string::npos);
}

TEST_CASE("gdn2 train refuses bad usage in one line") {
    const Workplace here;
    check_refused(here, "train", "say which TASK, or --list");
    check_refused(here, "train nothing", "nothing");
    check_refused(here, "train mqar:N=0", "N");
    check_refused(here, "train mqar --mixer nothing", "nothing");
    check_refused(here, "train mqar --steps 0", "0");
    check_refused(here, "train mqar --lr -1", "`learning_rate` must be from 0 to 1000, got -1");
    check_refused(here, "train mqar --clip nan", "`most_norm` must be from 0 to 1e+30, got nan");
    check_refused(here, "train mqar --resume", "--resume needs -o DIR");
    check_refused(here, small + "-o no/runs", "`no/runs`: is no directory and cannot be made one");
    check_refused(here, small + "-o ''", "names no folder");
    CHECK(here.empty());
}

TEST_CASE("gdn2 train neither overwrites an earlier run nor goes on with another") {
    const Workplace here;
    REQUIRE(here.gdn2(small + "-o runs").code == 0);
    const std::string model = contents(here / "runs/gdn2-seed0.safetensors"),
                      log = contents(here / "runs/gdn2-seed0.jsonl");
    check_refused(here, small + "-o runs",
                  "`runs/gdn2-seed0.checkpoint.safetensors`: is there already; --resume");
    check_refused(here, small + "-o runs --resume --lr 0.01", "its `learning_rate` is 0.005, not 0.01");
    check_refused(here, small + "-o runs --resume --layers 2", "its `layers` is 1, not 2");
    const Finished again = here.gdn2(small + "-o runs --resume --json");
    CHECK(again.code == 0);
    CHECK(json::parse(again.out)["runs"][0]["evaluation"] ==
          lines_of(here / "runs/gdn2-seed0.jsonl").back()["evaluation"]);
    CHECK(contents(here / "runs/gdn2-seed0.safetensors") == model);
    CHECK(contents(here / "runs/gdn2-seed0.jsonl") == log);

    std::filesystem::resize_file(here / "runs/gdn2-seed0.checkpoint.safetensors", 5000);
    check_refused(here, small + "-o runs --resume", "`runs/gdn2-seed0.checkpoint.safetensors`: ");
    std::filesystem::remove(here / "runs/gdn2-seed0.checkpoint.safetensors");
    check_refused(here, small + "-o runs --resume",
                  "`runs/gdn2-seed0.safetensors`: is there, but not its checkpoint");
    CHECK(contents(here / "runs/gdn2-seed0.safetensors") == model);
}

TEST_CASE("gdn2 train leaves a folder alone in which another is at work") {
    const Workplace here;
    std::filesystem::create_directory(here / "runs");
    {
        const Held other(here / "runs");
        check_refused(here, small + "-o runs", "`runs`: another gdn2 train is at work in it");
        check_refused(here, small + "-o runs --resume", "`runs`: another gdn2 train is at work in it");
        CHECK(std::filesystem::is_empty(here / "runs"));
    }
    CHECK(here.gdn2(small + "-o runs").code == 0);
}

TEST_CASE("gdn2 train says which run has no finite gradient and leaves its log and the runs before it") {
    const Workplace here;
    const std::string runs = small + "--threads 1 --lr 100 --clip 0 -o runs --mixer ";
    const Finished finished = here.gdn2(runs + "kda,mamba2");
    CHECK(finished.code == 2);
    CHECK(is_one_line(finished.error, "gdn2 train: mamba2-seed0: step ",
                      "; its log stays: `runs/mamba2-seed0.jsonl`"));
    CHECK(lines_of(here / "runs/mamba2-seed0.jsonl").front()["step"] == 1);
    CHECK(!here.has("runs/mamba2-seed0.safetensors"));
    CHECK(json::parse(here.gdn2(runs + "kda --resume --json").out)["runs"].size() == 1);
    const Finished unkept = here.gdn2(small + "--threads 1 --lr 100 --clip 0 --mixer mamba2");
    CHECK(unkept.error.ends_with("a smaller learning rate may help\n"));
}

TEST_CASE("gdn2 train says why a log cannot be written and leaves none without a checkpoint") {
    if (!std::filesystem::exists("/dev/full")) return;
    const Workplace here;
    std::filesystem::create_directory(here / "runs");
    std::filesystem::create_symlink("/dev/full", here / "runs/gdn2-seed0.jsonl");
    check_refused(here, small + "-o runs", "`runs/gdn2-seed0.jsonl`: cannot be written: No space left on device");
    CHECK(std::filesystem::is_empty(here / "runs"));
}

TEST_CASE("gdn2 expressivity prints the table of rules and operations") {
    const Workplace here;
    CHECK(here.gdn2("expressivity").out == to_text(expressivity_table()));
    const json document = json::parse(here.gdn2("expressivity --json").out);
    CHECK(document["rules"].size() == gate_rules().size());
    for (const json& rule : document["rules"]) CHECK(rule["errors"].size() == document["operations"].size());
}
