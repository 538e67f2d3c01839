// See training.h.
#include "tools/bench/training.h"

#include <memory>

#include "reference/core/parallel.h"
#include "reference/layers/memory_scan.h"
#include "reference/model/language_model.h"
#include "reference/train/adamw.h"
#include "reference/train/batch_gradient.h"
#include "tools/bench/sampler.h"

namespace gdn2::bench {
namespace {

constexpr int products_of_a_call = 8;  // enough that starting threads does not count
constexpr Index group = BatchGradient<float, LanguageModel>::group_size;

ModelConfig config_of(const TrainingSizes& sizes) {
    ModelConfig config;
    config.vocabulary = sizes.vocabulary;
    config.mlp_hidden = sizes.mlp_hidden;
    config.mixer.d_model = sizes.d_model;
    config.mixer.heads = sizes.heads;
    config.mixer.key_dim = config.mixer.value_dim = sizes.dim;
    return config;
}

/// A model, its optimiser and one batch, which it steps on again and again.
class Trainee {
public:
    explicit Trainee(const TrainingSizes& sizes)
        : batch_{sizes.batch, sizes.length}, model_(config_of(sizes), 1), state_(adamw_start(model_.parameters())) {
        Random random(2);
        for (Index i = 0; i < batch_.tokens(); ++i) {
            tokens_.push_back(static_cast<std::int32_t>(random.integer(0, sizes.vocabulary - 1)));
            targets_.push_back(static_cast<std::int32_t>(random.integer(0, sizes.vocabulary - 1)));
        }
    }

    void step(int threads) {
        gradient_.compute(model_, {batch_, tokens_, targets_}, threads);
        update();
    }
    void update() {
        if (state_.steps == 0) gradient_.compute(model_, {batch_, tokens_, targets_}, 1);
        const auto gradients = gradient_.gradients();
        clip(gradients, norm_of(gradients), 1.0);
        adamw_step(model_.parameters(), gradients, 1e-3, {}, state_);
    }
    Parameters<float> parameters() { return model_.parameters(); }

private:
    Batch batch_;
    LanguageModel<float> model_;
    AdamWState<float> state_;
    BatchGradient<float, LanguageModel> gradient_;
    std::vector<std::int32_t> tokens_, targets_;
};

/// Every product with a weight of one group of sequences, forward and backward, as often as there are groups.
std::function<void()> products_of(const TrainingSizes& sizes, const Parameters<float>& parameters) {
    auto layers = std::make_shared<std::vector<Linear<float>>>();
    Random random(3);
    for (const Parameter<float>& p : parameters)
        if (p.shape.size() == 2 && p.name != "embeddings.weight")
            layers->push_back(make_linear<float>(p.shape[1], p.shape[0], {}, random));
    return [layers, sizes] {
        const Index rows = group * sizes.length;
        for (const Linear<float>& layer : *layers) {
            const Matrix<float> x = Matrix<float>::Ones(rows, layer.in());
            Linear<float> d = zeros_like(layer);
            for (Index i = 0; i < sizes.batch / group; ++i) backward(layer, x, forward(layer, x), d);
        }
    };
}

/// The recurrence and its adjoint over the batch, group by group.
std::function<void()> scans_of(const TrainingSizes& sizes) {
    Random random(4);
    const Index rows = group * sizes.length, keys = sizes.heads * sizes.dim;
    auto x = std::make_shared<ScanInput<float>>();
    for (Matrix<float>* m : {&x->q, &x->k, &x->e, &x->z, &x->g}) {
        m->resize(rows, keys);
        for (float& number : m->reshaped()) number = static_cast<float>(random.uniform(-0.2, -0.01));
    }
    return [x, sizes] {
        const ScanSizes scan{sizes.heads, sizes.heads, sizes.dim, sizes.dim};
        for (Index i = 0; i < sizes.batch / group; ++i) {
            ScanKept<float> kept;
            const Matrix<float> o = memory_scan(*x, scan, {group, sizes.length}, &kept);
            memory_scan_backward(*x, scan, {group, sizes.length}, kept, o);
        }
    };
}

struct RoofMatrices {
    Matrix<float> left = Matrix<float>::Constant(512, 256, 0.5F), right = Matrix<float>::Constant(256, 256, 0.25F),
                  product = Matrix<float>(512, 256);
};

/// Products of 512 x 256 by 256 x 256 on every thread.
std::function<void()> roof_of(int threads) {
    auto each = std::make_shared<std::vector<RoofMatrices>>(static_cast<std::size_t>(threads));
    return [each, threads] {
        parallel_for(threads, threads, [&](Index i) {
            RoofMatrices& m = (*each)[static_cast<std::size_t>(i)];
            for (int call = 0; call < products_of_a_call; ++call) m.product.noalias() = m.left * m.right;
        });
    };
}

double roof_flops(int threads) { return 2.0 * 512 * 256 * 256 * products_of_a_call * threads; }

TrainingRow row_of(int threads, double flops, const TrainingSizes& sizes, const Samples& step,
                   const Samples& roof) {
    TrainingRow row;
    row.threads = threads;
    const Quartiles seconds = quartiles(step.wall);
    row.milliseconds = {seconds.low * 1e3, seconds.median * 1e3, seconds.high * 1e3};
    row.tokens_per_second = static_cast<double>(sizes.tokens()) / seconds.median;
    row.gflops = flops / seconds.median * 1e-9;
    row.share = quartiles(ratios(roof.wall, step.wall, flops / roof_flops(threads)));
    return row;
}

}  // namespace

double training_flops(const TrainingSizes& sizes, Index parameters_without_embedding) {
    const auto states = static_cast<double>(sizes.heads * sizes.dim * sizes.dim);
    const double products = 6.0 * static_cast<double>(parameters_without_embedding);
    return static_cast<double>(sizes.tokens()) * (products + 27 * states);
}

TrainingReport measure_training(const std::vector<int>& thread_counts, int rounds, bool quick) {
    TrainingReport report;
    if (quick) report.sizes = {16, 16, 8, 2, 8, 16, 16};
    Trainee trainee(report.sizes), updated(report.sizes);
    Index multiplied = 0;
    for (const Parameter<float>& p : trainee.parameters()) {
        report.parameters += p.size();
        if (p.name != "embeddings.weight") multiplied += p.size();
    }
    std::vector<std::function<void()>> bodies{products_of(report.sizes, trainee.parameters()), scans_of(report.sizes),
                                              [&updated] { updated.update(); }};
    const std::size_t parts = bodies.size();
    for (const int threads : thread_counts) {
        bodies.push_back([&trainee, threads] { trainee.step(threads); });
        bodies.push_back(roof_of(threads));
    }
    const std::vector<Samples> samples = interleaved(bodies, {rounds, quick ? 0.0005 : 0.005});

    const double flops = training_flops(report.sizes, multiplied);
    for (std::size_t i = 0; i < thread_counts.size(); ++i)
        report.rows.push_back(row_of(thread_counts[i], flops, report.sizes, samples[parts + 2 * i],
                                     samples[parts + 2 * i + 1]));
    const std::vector<double>& step = samples[parts].wall;
    std::vector<double> rest(step.size(), 1.0);
    const char* const names[] = {"products with weights", "recurrence and its adjoint", "clipping and AdamW"};
    for (std::size_t i = 0; i < parts; ++i) {
        const std::vector<double> share = ratios(samples[i].wall, step);
        report.parts.push_back({names[i], quartiles(share)});
        for (std::size_t round = 0; round < rest.size(); ++round) rest[round] -= share[round];
    }
    report.parts.push_back({"the rest: convolutions, norms, gates, activations, copies", quartiles(rest)});
    return report;
}

}  // namespace gdn2::bench
