// Models as files: what is written is read back bit for bit, and what does not fit is refused by name.
#include "reference/model/model_file.h"

#include <doctest/doctest.h>

#include <limits>

#include "reference/core/error.h"
#include "reference/io/file.h"
#include "tests/support/changed_archive.h"
#include "tests/support/folder.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

ModelConfig config_of(const std::string& rule) {
    ModelConfig config;
    config.vocabulary = 5;
    config.mixer.rule = rule;
    config.mixer.d_model = 8;
    config.mixer.key_dim = config.mixer.value_dim = 4;
    return config;
}

io::Archive archive_of_new(const std::string& rule) {
    LanguageModel<float> model(config_of(rule), 3);
    return archive_of(model);
}

void check_refused(const io::Archive& archive, const std::string& message) {
    CHECK_THROWS_WITH_AS((void)model_of<float>(archive), message.c_str(), Error);
}

}  // namespace

TEST_CASE("a model comes back from its file bit for bit under every mixer") {
    const Folder folder;
    for (const MixerRule& rule : mixer_rules()) {
        CAPTURE(rule.name);
        LanguageModel<float> model(config_of(rule.name), 3);
        io::write_file(folder / "m.safetensors", archive_of(model));
        auto again = model_of<float>(io::read_file(folder / "m.safetensors"));
        CHECK(again.config() == model.config());
        const Parameters<float> a = model.parameters(), b = again.parameters();
        REQUIRE(a.size() == b.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            CHECK(a[i].name == b[i].name);
            CHECK(std::equal(a[i].data, a[i].data + a[i].size(), b[i].data));
        }
    }
}

TEST_CASE("a model of one precision is read in the other") {
    LanguageModel<float> model(config_of("gdn2"), 3);
    auto wide = model_of<double>(archive_of(model));
    auto narrow = model_of<float>(archive_of(wide));
    const Parameters<float> a = model.parameters(), b = narrow.parameters();
    const Parameters<double> c = wide.parameters();
    for (std::size_t i = 0; i < a.size(); ++i) {
        CHECK(std::equal(a[i].data, a[i].data + a[i].size(), c[i].data));
        CHECK(std::equal(a[i].data, a[i].data + a[i].size(), b[i].data));
    }
}

TEST_CASE("the arrays of a model are checked by name") {
    const io::Archive good = archive_of_new("gdn2");
    const io::Array& weight = good.at("embeddings.weight");
    check_refused(with(good, "embeddings.weight", nullptr), "missing tensor `embeddings.weight`");
    check_refused(with(good, "extra.weight", &weight), "`extra.weight` is no parameter of this model");
    io::Array turned = weight;
    turned.shape = {8, 5};
    check_refused(with(good, "embeddings.weight", &turned), "`embeddings.weight` must be [5, 8], got [8, 5]");
    const io::Array whole = io::from_integers({5, 8}, std::vector<std::int64_t>(40, 1));
    check_refused(with(good, "embeddings.weight", &whole),
                  "`embeddings.weight` must be floating point, got i64");
    Tensor<float> infinite({5, 8});
    infinite[39] = std::numeric_limits<float>::infinity();
    const io::Array array = io::from_tensor(infinite);
    check_refused(with(good, "embeddings.weight", &array),
                  "`embeddings.weight` holds a number that is not finite");
}

TEST_CASE("the metadata of a model is checked") {
    const io::Archive good = archive_of_new("gdn2");
    const auto refused = [&](const std::string& key, const std::string& value, const std::string& message) {
        io::Archive changed = good;
        changed.metadata[key] = value;
        check_refused(changed, message);
    };
    refused("format", "pt", "is a `pt`, not a `gdn2 model`");
    ModelConfig config = config_of("gdn2");
    config.mixer.key_dim = Index{1} << 20;
    refused("config", to_json(config), "`config`: `key_dim` = 1048576 asks for more than the file holds");
    config = config_of("gdn2");
    config.layers = 1'000'000;
    refused("config", to_json(config), "`config`: `layers` = 1000000 asks for more than the file holds");
    Index numbers = 0;
    for (const auto& [name, array] : good.entries()) numbers += element_count(array.shape);
    config = config_of("gdn2");
    config.mixer.d_model = numbers / 2;  // by itself no more than the file holds, but times the vocabulary it is
    refused("config", to_json(config),
            "`config`: `vocabulary` = " + std::to_string(config.vocabulary) + " asks for more than the file holds");
    io::Archive bare = good;
    bare.metadata.clear();
    check_refused(bare, "the metadata has no `format`");
}
