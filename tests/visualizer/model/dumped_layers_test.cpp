// Files that NumPy and safetensors wrote, as a user of PyTorch dumps the tensors of a layer: what is opened is what was
// dumped, and its outputs are those of the reference. tests/visualizer/fixtures/make_fixtures.py wrote the files and
// printed these numbers.
#include <doctest/doctest.h>

#include <cmath>

#include "reference/delta_rule/heads.h"
#include "visualizer/model/document.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// What one array holds: its first and last number, and the sum of (i + 1) x_i.
struct Printed {
    const char *layer, *name;
    double first, last, weighted;
};
constexpr Printed printed[] = {
    {"layers.0", "q", -0.54296875, -0.515625, -130.85121536254883},
    {"layers.0", "k", 0.3671875, 0.384765625, 122.48884963989258},
    {"layers.0", "v", 0.1796875, -0.859375, -228.31690979003906},
    {"layers.0", "g", -0.078125, -0.08544921875, -1836.7764358520508},
    {"layers.0", "b", 0.1796875, 0.216796875, 9233.899047851562},
    {"layers.0", "w", 0.97265625, 0.455078125, 20786.100128173828},
    {"layers.0", "o", -0.000934600830078125, 0.0859375, 61.124754905700684},
    {"layers.1", "q", 0.50390625, 0.52734375, 67.47372436523438},
    {"layers.1", "k", 0.306640625, 0.341796875, 79.54447937011719},
    {"layers.1", "v", 0.076171875, -0.9609375, -183.44082641601562},
    {"layers.1", "g", -0.0673828125, -0.0751953125, -1883.2345733642578},
    {"layers.1", "b", 0.1279296875, 0.1650390625, 9305.099182128906},
    {"layers.1", "w", 0.921875, 0.404296875, 20816.520477294922},
    {"layers.1", "o", -0.00170135498046875, 0.01385498046875, 45.7617564201355},
    {"", "q", 0.7067915201187134, 0.2298276722431183, 21.64403243525885},
    {"", "k", 0.2328161746263504, -0.052649229764938354, 192.48025826900266},
    {"", "v", -0.12983152270317078, -0.21902874112129211, 25.70860233809799},
    {"", "g", -0.04698612540960312, -0.011901883408427238, -1997.6922735241242},
    {"", "b", 0.02477700635790825, 0.8493558168411255, 9885.373633571551},
    {"", "w", 0.8196234107017517, 0.7750247716903687, 3710.608519937843},
    {"", "o", -0.0316227488219738, 0.10885573923587799, 73.39892232592683},
    {"", "final_state", -0.15330970287322998, -0.13065427541732788, 48.74844812601805},
};

const std::string fixtures = GDN2_SOURCE_DIR "/tests/visualizer/fixtures/";

const Tensor<double>& tensor_of(const Layer& layer, const std::string& name) {
    const Problem<double>& p = layer.problem;
    const std::map<std::string, const Tensor<double>*> inputs{{"q", &p.q}, {"k", &p.k}, {"v", &p.v},
                                                              {"g", &p.g}, {"b", &p.b}, {"w", &p.w}};
    const auto input = inputs.find(name);
    return input != inputs.end() ? *input->second : layer.claim.tensors.at(name).values;
}

/// Every number that was printed of this layer. Returns how many arrays that were.
int check_numbers(const Layer& layer) {
    int arrays = 0;
    for (const auto& [name, array, first, last, weighted] : printed) {
        if (layer.name != name) continue;
        CAPTURE(array);
        const Tensor<double>& tensor = tensor_of(layer, array);
        double sum = 0;
        for (Index i = 0; i < tensor.size(); ++i) sum += static_cast<double>(i + 1) * tensor[i];
        CHECK(tensor[0] == first);
        CHECK(tensor[tensor.size() - 1] == last);
        CHECK(std::abs(sum - weighted) <= 1e-12 * std::abs(weighted));
        ++arrays;
    }
    return arrays;
}

/// `relative` is what rounding to the file's format costs, and a little.
void check_results(const Layer& layer, double relative) {
    const Result<double> reference = forward(layer.problem);
    for (const auto& [name, entry] : layer.claim.tensors) {
        CAPTURE(name);
        const Tensor<double>& right = name == "o" ? reference.o : reference.final_state;
        REQUIRE(entry.values.shape() == right.shape());
        for (Index i = 0; i < right.size(); ++i) {
            const double difference = std::abs(entry.values[i] - right[i]);
            CHECK(difference <= relative * std::abs(right[i]) + 1e-12);
        }
    }
}

TEST_CASE("two layers that safetensors wrote in bfloat16 open with the numbers and the outputs they were given") {
    const Document document = open_file(fixtures + "layers.safetensors");
    REQUIRE(document.layers.size() == 2);
    CHECK(document.layers[0].name == "layers.0");
    CHECK(document.layers[1].name == "layers.1");
    CHECK(document.labels.size() == 12);
    CHECK(document.notes.empty());
    for (const Layer& layer : document.layers) {
        CHECK(layer.sizes == Sizes{1, 12, 2, 4, 8, 6, 1});
        CHECK(layer.claim.tensors.at("o").dtype == io::DType::bf16);
        CHECK(check_numbers(layer) == 7);
        check_results(layer, std::ldexp(1.01, -8));
    }
}

TEST_CASE("two heads that NumPy wrote in float32 open with the numbers and the results they were given") {
    const Document document = open_file(fixtures + "heads.npz");
    REQUIRE(document.layers.size() == 1);
    const Layer& layer = document.layers[0];
    CHECK(layer.name.empty());
    CHECK(layer.sizes == Sizes{2, 10, 2, 2, 5, 3, 2});
    CHECK(layer.claim.tensors.size() == 2);
    CHECK(layer.claim.tensors.at("final_state").dtype == io::DType::f32);
    CHECK(document.notes.empty());
    CHECK(check_numbers(layer) == 8);
    check_results(layer, std::ldexp(1.01, -24));
}

}  // namespace
}  // namespace gdn2::test
