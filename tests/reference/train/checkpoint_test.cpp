// Checkpoints: a run that goes on from one is the run that was never stopped, and a damaged one is refused by name.
#include "reference/train/checkpoint.h"

#include <doctest/doctest.h>

#include <limits>

#include "reference/core/error.h"
#include "reference/io/file.h"
#include "tests/reference/train/small_run.h"
#include "tests/support/changed_archive.h"
#include "tests/support/folder.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

/// A run that has taken two of its four steps.
Trainer half_way() {
    Trainer trainer(small_config("gdn2"), small_run(4));
    for (int i = 0; i < 2; ++i) (void)trainer.step(1);
    return trainer;
}

void check_refused(const io::Archive& archive, const std::string& message) {
    CHECK_THROWS_WITH_AS((void)trainer_of(archive), message.c_str(), Error);
}

/// The array with its first number replaced.
io::Array beginning_with(float first, const io::Array& array) {
    Tensor<float> tensor = io::to_tensor<float>(array);
    tensor[0] = first;
    return io::from_tensor(tensor);
}

}  // namespace

TEST_CASE("a run stopped and gone on with after every step is the uninterrupted one bit for bit") {
    const Folder folder;
    Trainer whole(small_config("gdn2"), small_run(8));
    while (!whole.done()) (void)whole.step(2);

    io::write_file(folder / "c.safetensors", [] {
        Trainer fresh(small_config("gdn2"), small_run(8));
        return checkpoint_of(fresh);
    }());
    for (int step = 0; step < 8; ++step) {
        Trainer part = trainer_of(io::read_file(folder / "c.safetensors"));
        CHECK(part.steps() == step);
        (void)part.step(1 + step % 3);
        io::write_file(folder / "c.safetensors", checkpoint_of(part));
    }
    io::write_file(folder / "whole.safetensors", checkpoint_of(whole));
    CHECK(contents(folder / "c.safetensors") == contents(folder / "whole.safetensors"));
    Trainer end = trainer_of(io::read_file(folder / "c.safetensors"));
    CHECK(end.done());
    CHECK(same_parameters(end.model(), whole.model()));
}

TEST_CASE("options come back from JSON as they were") {
    TrainingOptions options = small_run(7, std::numeric_limits<std::uint64_t>::max());
    options.schedule = {0.1 / 3, 1.0 / 3, 1e-300, 9};
    options.adamw = {0.8, 0.95, 1e-9, 0.1};
    options.most_norm = 0;
    CHECK(training_options_from_json(to_json(options)) == options);
}

TEST_CASE("a checkpoint's arrays are checked by name") {
    Trainer trainer = half_way();
    const io::Archive good = checkpoint_of(trainer);
    const std::string name = trainer.model().parameters()[0].name;
    const io::Array& weight = good.at(name);
    CHECK(trainer_of(good).steps() == 2);

    for (const std::string prefix : {"", "adamw.m.", "adamw.v."}) {
        check_refused(with(good, prefix + name, nullptr), "missing tensor `" + prefix + name + "`");
        io::Array flat = weight;
        flat.shape = {element_count(weight.shape)};
        check_refused(
            with(good, prefix + name, &flat),
            "`" + prefix + name + "` must be " + to_string(weight.shape) + ", got " + to_string(flat.shape));
        const io::Array nan = beginning_with(std::numeric_limits<float>::quiet_NaN(), weight);
        check_refused(with(good, prefix + name, &nan),
                      "`" + prefix + name + "` holds a number that is not finite");
    }
    const io::Array negative = beginning_with(-1, weight);
    check_refused(with(good, "adamw.v." + name, &negative), "`adamw.v." + name + "` holds a negative number");
    check_refused(with(good, "adamw.w.x", &weight), "`adamw.w.x` is no parameter of this model");
}

TEST_CASE("a checkpoint's metadata is checked by name") {
    Trainer trainer = half_way();
    const io::Archive good = checkpoint_of(trainer);
    const auto refused = [&](const std::string& key, const std::string& value, const std::string& message) {
        io::Archive changed = good;
        changed.metadata[key] = value;
        check_refused(changed, message);
    };
    refused("format", "gdn2 model", "is a `gdn2 model`, not a `gdn2 checkpoint`");
    refused("step", "2.5", "the metadata's `step` must be a whole number, got `2.5`");
    refused("step", "-1", "the metadata's `step` must be a whole number, got `-1`");
    refused("step", "5", "a run of 4 steps cannot have taken 5");
    refused("training", "{", "`training` must be a JSON object");
    refused("training", "{}", "`training` has no `task`");
    const std::string training = good.metadata.at("training");
    refused("training", "{\"more\":1," + training.substr(1), "`training` has a field that is unknown");
    refused("training", "{\"task\":1}", "`training`: `task` is of another type");
    for (const char* key : {"format", "config", "training", "step"}) {
        io::Archive changed = good;
        changed.metadata.erase(key);
        check_refused(changed, "the metadata has no `" + std::string(key) + "`");
    }
}

TEST_CASE("a checkpoint cut short anywhere is refused") {
    const Folder folder;
    Trainer trainer = half_way();
    io::write_file(folder / "c.safetensors", checkpoint_of(trainer));
    const std::string whole = contents(folder / "c.safetensors");
    for (const std::size_t kept :
         {std::size_t{0}, std::size_t{7}, std::size_t{300}, whole.size() / 2, whole.size() - 1}) {
        std::ofstream(folder / "cut.safetensors", std::ios::binary) << whole.substr(0, kept);
        CHECK_THROWS_AS((void)trainer_of(io::read_file(folder / "cut.safetensors")), Error);
    }
}
