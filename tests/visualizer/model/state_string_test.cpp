// One line for all that was chosen: exact both ways, and refused as a whole where it cannot be.
#include "visualizer/model/state_string.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <limits>
#include <set>

#include "reference/core/random.h"
#include "reference/delta_rule/heads.h"
#include "reference/io/file.h"
#include "tests/support/folder.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/actions.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/state_fields.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// A file of two layers of different lengths, and one of results, in names that need escaping.
struct Files {
    std::string folder = (std::filesystem::temp_directory_path() / "gdn2; \"state\" \\=\x01").string();
    std::string problem = folder + "/a=b;c.npz", claim = folder + "/ü.safetensors";

    Files() {
        std::filesystem::create_directory(folder);
        io::Archive all, results;
        for (const std::uint64_t seed : {1u, 2u}) {
            const Draw draw{{2, 7, 2, 4, 3, 5, 2}, Decay::slow, 1, false, true, true, {}, seed};
            const io::Archive one = archive_of(draw_problem(draw));
            for (const auto& [name, array] : one.entries()) all.add("x" + std::to_string(seed) + "." + name, array);
            if (seed == 1) results.add("o", io::from_tensor(forward(draw_problem(draw)).o));
        }
        io::write_file(problem, all);
        io::write_file(claim, results);
    }
    ~Files() { std::filesystem::remove_all(folder); }
};

/// Of a channel that the head in view has.
Edit random_edit(Random& random, const Session& session) {
    const auto gate = static_cast<Gate>(random.integer(0, 2));
    const double value = gate == Gate::g ? -random.uniform() * 1e-3 : random.uniform(0, gate == Gate::b ? 2 : 1);
    const Sizes& sizes = session.layer().sizes;
    const Index channels = gate == Gate::w ? sizes.value_dim : sizes.key_dim;
    return {gate, random.integer(0, sizes.length - 1), random.integer(Edit::all_channels, channels - 1), value};
}

/// Chosen by keys, and then the numbers that no key can choose.
void choose(Session& session, Random& random) {
    for (int i = 0; i < 60; ++i) {
        const auto action = static_cast<Action>(random.integer(0, action_count - 1));
        const bool opens = action == Action::next_lesson || action == Action::previous_lesson ||
                           action == Action::play_pause;
        if (!opens) apply(action, session);
    }
    UiState& ui = session.ui;
    if (random.integer(0, 1)) ui.speed = random.uniform(0.1, 16);
    if (random.integer(0, 1)) ui.manual_scale = random.uniform() * 1e-9 + 1e-11;
    if (random.integer(0, 1)) ui.ui_scale = random.uniform(0.75, 2.5);
    if (random.integer(0, 1)) ui.cursor.fraction = random.uniform();
    ui.versus = static_cast<Versus>(random.integer(0, 2));
    ui.difference_unit = static_cast<DifferenceUnit>(random.integer(0, 2));
    if (random.integer(0, 1)) ui.difference_tensor = "d\"q;";
    for (Index i = random.integer(0, 3); i > 0; --i) session.edits().make(random_edit(random, session));
    ui.playing = false;
    ui.stop_at.reset();
}

TEST_CASE("whatever was chosen comes back exactly from its line") {
    const Files files;
    Random random(4);
    for (int i = 0; i < 600; ++i) {
        Session session;
        const Index which = random.integer(0, std::ssize(scenarios()));
        const bool is_file = which == std::ssize(scenarios());
        session.open(is_file ? files.problem : scenarios()[static_cast<std::size_t>(which)].name);
        if (is_file && random.integer(0, 1) == 0) session.open_claim(files.claim);
        choose(session, random);
        const std::string line = state_string(session);
        INFO(line);
        Session other;
        restore(other, "  " + line + "\n");
        CHECK(other.ui == session.ui);
        CHECK(other.edits().edits() == session.edits().edits());
        CHECK(other.document().source == session.document().source);
        CHECK(other.claim_path() == session.claim_path());
        CHECK(other.claim().has_value() == session.claim().has_value());
        CHECK((other.track().o() - session.track().o()).isZero(0));
        CHECK(state_string(other) == line);
        const UiState before = other.ui;
        other.clamp();
        CHECK(other.ui == before);
    }
}

TEST_CASE("only what differs from the defaults is said") {
    Session session;
    CHECK(state_string(session) == "gdn2:task=a_memory_is_a_matrix");
    session.open("shared_context_keys");
    session.ui.cursor = {4, Phase::write, 1};
    session.ui.mixer = Mixer::kda;
    session.edits().make({Gate::b, 4, Edit::all_channels, 1});
    session.edits().make({Gate::w, 6, 3, 0.05});
    CHECK(state_string(session) ==
          "gdn2:task=shared_context_keys;t=4;ph=4;rule=kda;step=0;edit=b[4][*]=1;edit=w[6][3]=0.05");
}

TEST_CASE("a line that names no step of a lesson finds the one that stands there, else leaves the lesson's text") {
    const LessonGuide& guide = lesson_guides()[2];
    Session session;
    for (const LessonStep& step : guide.steps) {
        if (!step.edits.empty()) continue;
        session.open(guide.scenario);
        session.ui.cursor = step.where;
        std::string line = "gdn2:task=" + guide.scenario + ";rule=" + id_of(step.mixer);
        if (step.where != first_cursor())
            line += ";t=" + std::to_string(step.where.token) + ";ph=" +
                    std::to_string(static_cast<int>(step.where.phase));
        restore(session, line);
        REQUIRE(step_of(session));
        CHECK(step_of(session)->text == step.text);
    }
    restore(session, "gdn2:task=erase_and_write_alone;t=1;ph=2");
    CHECK_FALSE(session.ui.lesson.followed);
    restore(session, "gdn2:task=erase_and_write_alone;t=1;ph=2;step=3");
    CHECK(session.ui.lesson.followed);
    CHECK(session.ui.lesson.step == 3);
    restore(session, "gdn2:task=erase_and_write_alone;t=1;ph=2;step=0");
    CHECK(session.ui.lesson == LessonProgress{});
    const std::string line = state_string(session);
    restore(session, "gdn2:");
    restore(session, line);
    CHECK(session.ui.lesson == LessonProgress{});
}

TEST_CASE("a line may be short: a token alone is its end, a phase alone the first token's") {
    CHECK(parse_state("gdn2:").ui.cursor == first_cursor());
    CHECK(parse_state("gdn2:t=5").ui.cursor == Cursor{5, Phase::read_out, 1});
    CHECK(parse_state("gdn2:ph=4").ui.cursor == Cursor{0, Phase::write, 1});
    CHECK(parse_state("gdn2:t=2;ph=1;fr=0.5").ui.cursor == Cursor{2, Phase::decay, 0.5});
    CHECK(parse_state("gdn2:task=decay;").source == "decay");
    Session session;
    session.open("decay");
    restore(session, "gdn2:");
    CHECK(session.document().source == "decay");  // what it does not name stays
}

TEST_CASE("the window's own settings stay where a line does not name them") {
    Session session;
    session.ui.theme = ThemeName::light;
    session.ui.reduce_motion = true;
    session.ui.ui_scale = 2;
    session.ui.symlog = true;
    restore(session, "gdn2:task=decay;ui=1.5");
    CHECK(session.ui.theme == ThemeName::light);
    CHECK(session.ui.reduce_motion);
    CHECK(session.ui.ui_scale == 1.5);
    CHECK_FALSE(session.ui.symlog);
}

TEST_CASE("every key of the tables is read, and no two are the same") {
    std::set<std::string> keys{"task", "file", "claim", "t", "ph", "fr", "pin", "tensor", "answer", "edit"};
    std::size_t count = keys.size();
    const auto add = [&](const auto& fields) {
        for (const auto& each : fields) keys.insert(each.key);
        count += fields.size();
    };
    add(state_flags());
    add(state_settings());
    add(state_counts());
    add(state_words());
    CHECK(keys.size() == count);
    for (const Flag& each : state_flags()) {
        UiState ui = parse_state("gdn2:" + std::string(each.key) + "=off").ui;
        CHECK_FALSE(each.of(ui));
    }
    for (const Word& each : state_words())
        for (int i = 0; i < each.count; ++i)
            CHECK(each.get(parse_state("gdn2:" + std::string(each.key) + "=" + each.word(i)).ui) == i);
}

TEST_CASE("a line that is wrong is told what was expected, and changes nothing") {
    const std::pair<const char*, const char*> wrong[] = {
        {"", "gdn2: at the start, got nothing"},
        {"gdn:t=1", "gdn2: at the start, got `gdn:t=1`"},
        {"gdn2:t", "key=value"},
        {"gdn2:;t=1", "key=value"},
        {"gdn2:colour=red", "one of task, file, claim, t, ph, fr, pin, tensor, answer, edit, layer"},
        {"gdn2:t=-1", "`t`: expected a whole number from 0 on, got `-1`"},
        {"gdn2:t=1x", "`t`"},
        {"gdn2:t=", "`t`: expected a whole number from 0 on, got nothing"},
        {"gdn2:t=99999999999999999999", "`t`"},
        {"gdn2:t=1;t=2", "`t`: expected it once"},
        {"gdn2:t=4", "t=4: expected 0 to 3"},
        {"gdn2:ph=6", "`ph`: expected 1 to 5"},
        {"gdn2:fr=nan", "`fr`: expected a number from 0 to 1"},
        {"gdn2:speed=1e9", "`speed`: expected a number from 0.1 to 16"},
        {"gdn2:manual=0", "`manual`"},
        {"gdn2:symlog=yes", "`symlog`: expected on or off, got `yes`"},
        {"gdn2:rule=mamba", "`rule`: expected one of gdn2, kda"},
        {"gdn2:head=1", "head=1: expected 0 to 0"},
        {"gdn2:layer=1", "layer=1"},
        {"gdn2:seq=1", "seq=1"},
        {"gdn2:pin=1", "`pin`: expected row,column"},
        {"gdn2:pin=4,0", "pin (row)=4: expected 0 to 3"},
        {"gdn2:pin=0,8", "pin (column)=8: expected 0 to 7"},
        {"gdn2:step=99", "step=99: expected 0 to 5"},
        {"gdn2:answer=0", "answer=0: expected only at a lesson's question"},
        {"gdn2:step=5;answer=3", "answer=3: expected 0 to 2"},
        {"gdn2:task=killer;step=1", "step=1: expected 0 to 0"},
        {"gdn2:edit=x[0][0]=1", "`edit`: expected b, w or g[token][channel]=value"},
        {"gdn2:edit=b[0]=1", "`edit`"},
        {"gdn2:edit=b[0][-1]=1", "`edit`: expected a whole number"},
        {"gdn2:edit=b[0][0]=", "`edit`: expected a number behind ="},
        {"gdn2:edit=b[0][0]=nan", "`edit`"},
        {"gdn2:edit=w[0][0]=inf", "`edit`"},
        {"gdn2:edit=g[0][0]=inf", "`edit`"},
        {"gdn2:edit=b[99][0]=1", "edit (token)=99: expected 0 to "},
        {"gdn2:edit=b[0][4]=1", "edit (channel)=4: expected 0 to 3"},
        {"gdn2:edit=w[0][8]=1", "edit (channel)=8: expected 0 to 7"},
        {"gdn2:edit=b[0][0]=2.5", "edit=b[0][0]=2.5: expected 0 to 2"},
        {"gdn2:edit=w[0][*]=-1", "edit=w[0][*]=-1: expected 0 to 1"},
        {"gdn2:edit=g[0][0]=1", "edit=g[0][0]=1: expected at most 0"},
        {"gdn2:task=nothing", "there is no scenario `nothing`"},
        {"gdn2:task=decay;file=\"x\"", "`file`: expected one name"},
        {"gdn2:file=\"nowhere.npz\"", "nowhere.npz"},
        {"gdn2:claim=\"nowhere.npz\"", "nowhere.npz"},
        {"gdn2:file=\"x", "`file`: expected quotes at the end"},
        {"gdn2:file=\"x\"y", "`file`: expected ; after the quotes"},
        {"gdn2:file=\"\\q\"", "`file`: expected \\\""},
        {"gdn2:file=\"\\x1", "`file`: expected \\\""},
    };
    Session session;
    session.open("a_memory_is_a_matrix");
    session.ui.mixer = Mixer::kda;
    session.edits().make({Gate::b, 1, 0, 0.5});
    const std::string before = state_string(session);
    for (const auto& [line, message] : wrong) {
        INFO(line);
        CHECK_THROWS_WITH_AS(restore(session, line), doctest::Contains(message), Error);
        CHECK(state_string(session) == before);
    }
    CHECK(session.edits().undo());
}

TEST_CASE("a line that says nothing of them compares the second file, and lets b reach what an edit gives it") {
    const Folder folder;
    const Problem<double> problem = draw_problem({{1, 6, 1, 1, 3, 4, 1}, Decay::slow, 1, false, true, false, {}, 2});
    io::Archive both = archive_of(problem), second;
    both.add("o", io::from_tensor(forward(problem).o));
    second.add("o", io::from_tensor(problem.v));
    io::write_file(folder / "both.npz", both);
    io::write_file(folder / "second.npz", second);
    Session session;
    session.open(folder / "both.npz");
    session.open_claim(folder / "second.npz");
    restore(session, "gdn2:tab=difference");
    CHECK(session.ui.versus == Versus::second_reference);
    session.ui.versus = Versus::own_reference;
    CHECK(state_string(session).find("versus=own_reference") != std::string::npos);
    restore(session, state_string(session));
    CHECK(session.ui.versus == Versus::own_reference);

    restore(session, "gdn2:t=3;edit=b[3][0]=1.75");
    CHECK(session.track().head().b(3, 0) == 1.75);
    restore(session, "gdn2:t=3;wide_b=off;edit=b[3][0]=1.75");
    CHECK(session.track().head().b(3, 0) == 1);
    CHECK(state_string(session).find("wide_b=off") != std::string::npos);
}

TEST_CASE("what is open already is not opened again, and its edits can still be undone") {
    Session session;
    session.open("decay");
    session.edits().make({Gate::b, 1, 0, 0.5});
    const Document* open = &session.document();
    const double* numbers = session.layer().problem.q.data();
    restore(session, state_string(session) + ";tab=chunk");
    CHECK(&session.document() == open);
    CHECK(session.layer().problem.q.data() == numbers);
    CHECK(session.ui.tab == Tab::chunk);
    CHECK(session.edits().undo());
}

TEST_CASE("a log decay of minus infinity is a number") {
    const StateLine line = parse_state("gdn2:edit=g[0][1]=-inf");
    CHECK(line.edits == std::vector<Edit>{{Gate::g, 0, 1, -std::numeric_limits<double>::infinity()}});
}

}  // namespace
}  // namespace gdn2::test
