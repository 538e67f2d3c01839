// Reading the open files again: what was looked at stays, and what cannot be read changes nothing.
#include "visualizer/model/reload.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "reference/delta_rule/problem_file.h"
#include "reference/io/file.h"
#include "tests/support/folder.h"
#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Problem<double> problem_of(Index length, std::uint64_t seed) {
    return draw_problem({{2, length, 1, 2, 3, 4, 2}, Decay::slow, 1, false, true, false, {}, seed});
}

/// A problem and a kernel's results beside it, that are written again.
struct Files {
    Folder folder;
    std::string problem = folder / "problem.npz", claim = folder / "kernel.npz";

    Files() {
        write(12, 1);
    }
    void write(Index length, std::uint64_t seed) const {
        const Problem<double> drawn = problem_of(length, seed);
        io::write_file(problem, archive_of(drawn));
        io::Archive results;
        results.add("o", io::from_tensor(forward(drawn).o));
        io::write_file(claim, results);
    }
    /// Both open, in the middle of things.
    Session session() const {
        Session session;
        session.open(problem);
        session.open_claim(claim);
        session.ui.versus = Versus::second_reference;
        session.ui.tab = Tab::difference;
        session.ui.sequence = session.ui.head = 1;
        session.edits().make({Gate::b, 2, 0, 0.25});
        session.stand(at_token(9, 12));
        return session;
    }
};

TEST_CASE("both files are read again, and the place, the choices and the edits stay") {
    const Files files;
    Session session = files.session();
    const UiState before = session.ui;
    files.write(12, 7);
    reload(session);
    CHECK(session.ui == before);
    const Problem<double> again = problem_of(12, 7);
    CHECK(session.layer().problem.k.values() == again.k.values());
    CHECK(session.claim_path() == files.claim);
    REQUIRE(session.difference());
    CHECK(session.difference()->find("o")->verdict == Verdict::pass);
    CHECK(session.edits().edits().size() == 1);
}

TEST_CASE("in a shorter file the cursor stands at the end and edits, which were of other tokens, are gone") {
    const Files files;
    Session session = files.session();
    files.write(5, 1);
    reload(session);
    CHECK(session.length() == 5);
    CHECK(session.ui.cursor.token == 4);
    CHECK(session.ui.head == 1);
    CHECK(session.edits().edits().empty());
}

TEST_CASE("a file that is gone or no longer fits is refused, and what was open stays") {
    const Files files;
    Session session = files.session();
    const std::vector<double> k = session.layer().problem.k.values();
    const auto unchanged = [&] {
        CHECK(session.layer().problem.k.values() == k);
        CHECK(session.claim_path() == files.claim);
        CHECK(session.ui.cursor.token == 9);
    };
    io::write_file(files.problem, archive_of(problem_of(5, 1)));
    CHECK_THROWS_AS(reload(session), Error);  // the second file is of 12 tokens
    unchanged();
    std::filesystem::remove(files.problem);
    CHECK_THROWS_AS(reload(session), Error);
    unchanged();
}

TEST_CASE("a scenario begins again") {
    Session session;
    session.open("overwrite");
    session.edits().make({Gate::b, 2, 0, 0.25});
    session.stand(at_token(3, 5));
    reload(session);
    CHECK(session.ui.cursor == first_cursor());
    CHECK(session.edits().edits().empty());
    CHECK_FALSE(session.claim());
    const Folder folder;
    io::Archive results;
    results.add("o", io::from_tensor(session.layer().problem.v));
    io::write_file(folder / "kernel.npz", results);
    session.open_claim(folder / "kernel.npz");
    reload(session);
    CHECK(session.claim_path() == folder / "kernel.npz");
}

}  // namespace
}  // namespace gdn2::test
