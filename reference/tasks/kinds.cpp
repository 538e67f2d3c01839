// See kinds.h and task.h.
#include "reference/tasks/kinds.h"

#include "reference/io/text.h"

namespace gdn2 {
namespace {

Task made(const TaskKind& kind, const std::string& options) {
    try {
        Task task = kind.make(set_options(kind.options, options));
        task.name = kind.name;
        task.one_line = kind.one_line;
        return task;
    } catch (const Error& error) {
        throw Error("task " + kind.name + ": " + error.what());
    }
}

}  // namespace

const std::vector<TaskKind>& task_kinds() {
    static const std::vector<TaskKind> all{
        mqar_kind(),
        mqar_zoology_kind(),
        overwrite_kind(),
        streaming_overwrite_kind(),
        attribute_update_kind(),
        record_kind(),
        s_niah_1_kind(),
        s_niah_2_kind(),
        s_niah_3_kind(),
        mk_niah_1_kind(),
    };
    return all;
}

Task make_task(const std::string& spec) {
    const auto [name, text] = split_spec(spec);
    std::string names;
    for (const TaskKind& each : task_kinds()) {
        if (each.name == name) return made(each, text);
        names += (names.empty() ? "" : ", ") + each.name;
    }
    throw Error("there is no task " + io::quote(name) + "; there are " + names);
}

}  // namespace gdn2
