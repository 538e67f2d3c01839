// See language_model.h.
#include "reference/model/language_model.h"

#include "reference/core/instantiate.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

template <class Scalar>
Block<Scalar> mixer_block(const ModelConfig& config, const std::string& name, const MixerOptions& options,
                          Random& random) {
    return {name, make_rms_norm<Scalar>(options.d_model, config.mixer.norm_epsilon),
            make_mixer<Scalar>(options, random)};
}

template <class Scalar>
void add_mlp(const ModelConfig& config, const std::string& name, Random& random, std::vector<Block<Scalar>>& blocks) {
    if (config.mlp_hidden == 0) return;
    const LinearOptions options{false, LinearInit::xavier_uniform, config.mixer.gain};
    blocks.push_back({name, make_rms_norm<Scalar>(config.mixer.d_model, config.mixer.norm_epsilon),
                      make_mlp<Scalar>(config.mixer.d_model, config.mlp_hidden, options, random)});
}

}  // namespace

template <class Scalar>
LanguageModel<Scalar>::LanguageModel(const ModelConfig& config, std::uint64_t seed,
                                     const std::function<void()>& before_block)
    : config_(config) {
    validate(config);
    const Index d_model = config.mixer.d_model;
    Random random(seed);
    embedding_ = make_embedding<Scalar>(config.vocabulary, d_model, config.embedding_deviation, random);
    for (Index layer = 0; layer < config.layers; ++layer) {
        const std::string name = "layers." + std::to_string(layer) + ".";
        if (before_block) before_block();
        blocks_.push_back(mixer_block<Scalar>(config, name + "mixer", config.mixer, random));
        add_mlp(config, name + "mlp", random, blocks_);
        if (!config.hybrid) continue;
        blocks_.push_back(mixer_block<Scalar>(config, name + "attention", attention_of(config), random));
        add_mlp(config, name + "attention_mlp", random, blocks_);
    }
    norm_ = make_rms_norm<Scalar>(d_model, config.mixer.norm_epsilon);
    head_ = make_linear<Scalar>(d_model, config.vocabulary, {}, random);
}

template <class Scalar>
Matrix<Scalar> LanguageModel<Scalar>::forward(std::span<const std::int32_t> tokens, Batch batch, Kept* kept) const {
    require(static_cast<Index>(tokens.size()) == batch.tokens(),
            "`tokens` must be batch * length = " + std::to_string(batch.tokens()) + " numbers, got " +
                std::to_string(tokens.size()));
    Matrix<Scalar> x = gdn2::forward(embedding_, tokens);
    if (kept) {
        kept->batch = batch;
        kept->tokens.assign(tokens.begin(), tokens.end());
        kept->blocks.resize(blocks_.size());
    }
    for (std::size_t i = 0; i < blocks_.size(); ++i)
        x = gdn2::forward(blocks_[i], x, batch, kept ? &kept->blocks[i] : nullptr);
    Matrix<Scalar> normed = gdn2::forward(norm_, x);
    Matrix<Scalar> logits = gdn2::forward(head_, normed);
    if (kept) {
        kept->last = std::move(x);
        kept->normed = std::move(normed);
    }
    return logits;
}

template <class Scalar>
void LanguageModel<Scalar>::backward(const Kept& kept, const Matrix<Scalar>& d_logits, LanguageModel& d) const {
    // forward: logits = normed W^T
    Matrix<Scalar> dx = gdn2::backward(head_, kept.normed, d_logits, d.head_);
    // forward: normed = norm(x)
    dx = gdn2::backward(norm_, kept.last, dx, d.norm_);
    // forward: x = block(x), one after the other
    for (std::size_t i = blocks_.size(); i-- > 0;) dx = gdn2::backward(blocks_[i], kept.blocks[i], dx, d.blocks_[i]);
    // forward: x = embedding(tokens)
    gdn2::backward(embedding_, kept.tokens, dx, d.embedding_);
}

template <class Scalar>
typename LanguageModel<Scalar>::State LanguageModel<Scalar>::start() const {
    State state;
    for (const Block<Scalar>& block : blocks_)
        if (const auto* mixer = std::get_if<std::unique_ptr<Mixer<Scalar>>>(&block.inner))
            state.mixers.push_back((*mixer)->start());
    return state;
}

template <class Scalar>
Vector<Scalar> LanguageModel<Scalar>::step(std::int32_t token, State& state) const {
    Matrix<Scalar> x = gdn2::forward(embedding_, std::span(&token, 1));
    std::size_t next = 0;
    for (const Block<Scalar>& block : blocks_) {
        const Matrix<Scalar> normed = gdn2::forward(block.norm, x);
        if (const auto* mixer = std::get_if<std::unique_ptr<Mixer<Scalar>>>(&block.inner))
            x += (*mixer)->step(normed.row(0).transpose(), *state.mixers.at(next++)).transpose();
        else
            x += gdn2::forward(std::get<Mlp<Scalar>>(block.inner), normed);
    }
    return gdn2::forward(head_, gdn2::forward(norm_, x)).row(0).transpose();
}

template <class Scalar>
Index LanguageModel<Scalar>::state_size(Index length) const {
    Index size = 0;
    for (const Block<Scalar>& block : blocks_)
        if (const auto* mixer = std::get_if<std::unique_ptr<Mixer<Scalar>>>(&block.inner))
            size += (*mixer)->state_size(length);
    return size;
}

template <class Scalar>
Parameters<Scalar> LanguageModel<Scalar>::parameters() {
    Parameters<Scalar> all;
    collect("embeddings.", embedding_, all);
    for (Block<Scalar>& block : blocks_) collect(block, all);
    collect("norm.", norm_, all);
    collect("lm_head.", head_, all);
    return all;
}

template <class Scalar>
LanguageModel<Scalar> LanguageModel<Scalar>::zeros() const {
    LanguageModel d;
    d.config_ = config_;
    d.embedding_ = zeros_like(embedding_);
    for (const Block<Scalar>& block : blocks_) d.blocks_.push_back(gdn2::zeros(block));
    d.norm_ = zeros_like(norm_);
    d.head_ = zeros_like(head_);
    return d;
}

#define GDN2_DECLARE(Scalar) template class LanguageModel<Scalar>;
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
