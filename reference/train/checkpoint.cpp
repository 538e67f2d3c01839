// See checkpoint.h.
#include "reference/train/checkpoint.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "reference/io/text.h"
#include "reference/model/model_file.h"

namespace gdn2 {
namespace {

using Json = nlohmann::ordered_json;

const std::string m_prefix = "adamw.m.", v_prefix = "adamw.v.";

/// Calls field(name, member) for every option, in the order of a file.
template <class Options, class Field>
void each_field(Options& options, const Field& field) {
    field("task", options.task);
    field("batch", options.batch);
    field("steps", options.schedule.steps);
    field("learning_rate", options.schedule.peak);
    field("warm_up", options.schedule.warm_up);
    field("last", options.schedule.last);
    field("beta1", options.adamw.beta1);
    field("beta2", options.adamw.beta2);
    field("epsilon", options.adamw.epsilon);
    field("weight_decay", options.adamw.weight_decay);
    field("most_norm", options.most_norm);
    field("seed", options.seed);
    field("device", options.device);
}

bool fits(const Json& value, const std::string&) { return value.is_string(); }
bool fits(const Json& value, double) { return value.is_number(); }
bool fits(const Json& value, Index) { return value.is_number_integer(); }
bool fits(const Json& value, std::uint64_t) { return value.is_number_unsigned(); }

/// The moments of each parameter, as parameters that lie there.
Parameters<float> views_of(const Parameters<float>& parameters, std::vector<Vector<float>>& moments) {
    Parameters<float> views = parameters;
    for (std::size_t i = 0; i < views.size(); ++i) views[i].data = moments[i].data();
    return views;
}

Index steps_of(const io::Archive& archive) {
    const std::string text = metadata_of(archive, "step");
    Index steps = -1;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, steps);
    require(failure == std::errc() && stop == end && steps >= 0,
            "the metadata's `step` must be a whole number, got " + io::quote(text));
    return steps;
}

void require_positive(const Parameters<float>& v) {
    for (const Parameter<float>& each : v)
        for (Index i = 0; i < each.size(); ++i)
            require(each.data[i] >= 0, io::quote(v_prefix + each.name) + " holds a negative number");
}

}  // namespace

std::string to_json(const TrainingOptions& options) {
    Json json;
    each_field(options, [&json](const char* name, const auto& value) { json[name] = value; });
    return json.dump();
}

TrainingOptions training_options_from_json(const std::string& text) {
    const auto shallow = [](int depth, Json::parse_event_t, const Json&) { return depth <= 1; };
    const Json json = Json::parse(text, shallow, false);
    require(json.is_object(), "`training` must be a JSON object");
    TrainingOptions options;
    std::size_t known = 0;
    each_field(options, [&](const char* name, auto& value) {
        const auto found = json.find(name);
        if (found == json.end() && name == std::string("device")) return;  // written before there were any
        require(found != json.end(), "`training` has no `" + std::string(name) + "`");
        require(fits(*found, value), "`training`: `" + std::string(name) + "` is of another type");
        found->get_to(value);
        ++known;
    });
    require(json.size() == known, "`training` has a field that is unknown");
    return options;
}

io::Archive checkpoint_of(Trainer& trainer) {
    const Parameters<float> parameters = trainer.model().parameters();
    AdamWState<float> state = trainer.state();
    io::Archive archive;
    archive.metadata = {{"format", checkpoint_format},
                        {"config", to_json(trainer.model().config())},
                        {"training", to_json(trainer.options())},
                        {"step", std::to_string(state.steps)}};
    add_parameters("", parameters, archive);
    add_parameters(m_prefix, views_of(parameters, state.m), archive);
    add_parameters(v_prefix, views_of(parameters, state.v), archive);
    return archive;
}

Trainer trainer_of(const io::Archive& archive) {
    auto model = empty_model_of<float>(archive, checkpoint_format);
    const TrainingOptions options = training_options_from_json(metadata_of(archive, "training"));
    const Parameters<float> parameters = model.parameters();
    AdamWState<float> state = adamw_start(parameters);
    state.steps = steps_of(archive);
    read_parameters("", parameters, archive);
    read_parameters(m_prefix, views_of(parameters, state.m), archive);
    read_parameters(v_prefix, views_of(parameters, state.v), archive);
    require_positive(views_of(parameters, state.v));
    require_known({"", m_prefix, v_prefix}, parameters, archive);
    return {std::move(model), std::move(state), options};
}

}  // namespace gdn2
