// The Spectrum tab: singular values, overlaps and ownership are those of the states, sampled or asked for.
#include "visualizer/model/spectrum.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Track track(Index length = 50, Index key_dim = 6) {
    return Track(head_of(draw_problem({{1, length, 1, 1, key_dim, 4, 1}, Decay::slow, 2, false, true, true, {}, 6}),
                         0, 0));
}

TEST_CASE("singular values are those of the state: their squares, their product and another algorithm say so") {
    const Track run = track();
    Spectrum spectrum(run);
    CHECK_FALSE(spectrum.extend(1e12));
    REQUIRE(spectrum.samples().size() == 50);
    for (const SpectrumSample& x : spectrum.samples()) {
        const Matrix<double> S = run.S(x.token);
        const Eigen::JacobiSVD<Matrix<double>> other(S);
        CHECK((x.singular_values - other.singularValues()).norm() <= 1e-13 * S.norm());
        CHECK(std::abs(x.singular_values.squaredNorm() - S.squaredNorm()) <= 1e-12 * S.squaredNorm());
        const double product = x.singular_values.prod() * x.singular_values.prod();
        CHECK(std::abs((S.transpose() * S).determinant() - product) <= 1e-10 * product);
        CHECK(x.singular_values == spectrum.at(x.token).singular_values);
        CHECK(x.stable_rank >= 1);
        CHECK(x.stable_rank <= 4 + 1e-12);
        const double largest = other.singularValues()[0];
        CHECK(x.stable_rank == doctest::Approx(S.squaredNorm() / (largest * largest)));
        CHECK(x.effective_rank <= 4 + 1e-12);
    }
}

TEST_CASE("singular values of a large state are right, and trap nothing") {
    const Track run(head_of(
        draw_problem({{1, 2, 1, 1, 70, 50, 1}, Decay::slow, 1, false, true, true, {}, 6}), 0, 0));
    const Vector<double> found = Spectrum(run).at(1).singular_values;
    const Eigen::JacobiSVD<Matrix<double>> other(run.S(1));
    CHECK((found - other.singularValues()).norm() <= 1e-13 * found.norm());
}

TEST_CASE("the effective rank counts equal directions, and a state of zeros has none") {
    Head head = head_of(scenario("a_memory_is_a_matrix").problem, 0, 0);
    head.initial_state.setZero();
    head.w.row(0).setZero();
    const Track run(head);
    const Spectrum spectrum(run);
    CHECK(spectrum.at(0).effective_rank == 0);
    CHECK(spectrum.at(0).stable_rank == 0);
    CHECK(spectrum.at(1).effective_rank == doctest::Approx(1));
    Head three = head;
    three.b.setZero();
    three.initial_state.topLeftCorner(3, 3) = 2 * Matrix<double>::Identity(3, 3);
    const Track diagonal(three);
    CHECK(Spectrum(diagonal).at(0).effective_rank == doctest::Approx(3));
    CHECK(Spectrum(diagonal).at(0).stable_rank == doctest::Approx(3));
}

TEST_CASE("samples come from coarse to fine, ends first, and a refined plan keeps what is there") {
    const Track run = track(2001);
    Spectrum spectrum(run);
    CHECK(spectrum.planned() == Spectrum::most_samples);
    spectrum.extend(1);
    CHECK(spectrum.samples().front().token == 0);
    spectrum.extend(1);
    CHECK(spectrum.samples().back().token == 2000);
    CHECK(spectrum.coverage() == "2 of 2001 tokens sampled");
    CHECK(spectrum.extend(1));
    CHECK(std::abs(spectrum.samples()[1].token - 1000) < 300);
    int calls = 3;
    while (spectrum.extend(1)) ++calls;
    CHECK(calls >= 198);
    CHECK(spectrum.samples().size() == 200);
    for (std::size_t i = 1; i < 200; ++i) {
        const Index gap = spectrum.samples()[i].token - spectrum.samples()[i - 1].token;
        CHECK(gap >= 10);
        CHECK(gap <= 11);
    }
    const auto before = spectrum.samples();
    spectrum.refine();
    while (spectrum.extend(1e6)) {}
    CHECK(spectrum.samples().size() == 399);
    for (std::size_t i = 0; i < 200; ++i) CHECK(spectrum.samples()[2 * i].token == before[i].token);
}

TEST_CASE("states are sampled less where they are large") {
    const Track run = track(400, 700);
    CHECK(Spectrum(run).planned() == 200);
    const Head large = head_of(
        draw_problem({{1, 60, 1, 1, 160, 160, 1}, Decay::slow, 1, false, true, false, {}, 6}), 0, 0);
    const Track wide(large);
    CHECK(Spectrum(wide).planned() < 60);
    CHECK(Spectrum(wide).planned() >= 24);
}

TEST_CASE("a state that is not finite has no singular values") {
    Head head = track().head();
    const AllowFpExceptions allowed;
    head.v(20, 1) = std::numeric_limits<double>::infinity();
    const Track run(head);
    const Spectrum spectrum(run);
    CHECK(spectrum.at(19).singular_values.size() == 4);
    CHECK(spectrum.at(20).singular_values.size() == 0);
    CHECK(spectrum.at(20).effective_rank == 0);
    CHECK(std::isnan(spectrum.growth()[20]));
}

TEST_CASE("the expansive pair grows by 1.25 with every two tokens, though no token's content grows along its key") {
    Session session;
    session.open("expansive_pair");
    const Spectrum& spectrum = session.spectrum();
    for (std::size_t t = 20; t < 64; ++t) {
        CHECK(spectrum.growth()[t] * spectrum.growth()[t - 1] == doctest::Approx(1.25).epsilon(1e-3));
        CHECK(spectrum.erase_norm()[t] > 1.13);
        CHECK(spectrum.erase_norm()[t] >= spectrum.growth()[t] - 1e-12);
        CHECK(std::abs(spectrum.kept()[t]) < 1);
    }
}

TEST_CASE("growth, what is kept and the norm are each token's own") {
    const Track run = track();
    const Spectrum spectrum(run);
    for (Index t = 0; t < 50; ++t) {
        const auto i = static_cast<std::size_t>(t);
        const TokenFrame x = run.frame(t);
        CHECK(spectrum.growth()[i] == x.S.norm() / x.S_before.norm());
        CHECK(std::abs(spectrum.kept()[i] - (1 - x.e.dot(x.k))) <= 1e-15);
        const Matrix<double> erase = Matrix<double>::Identity(6, 6) - x.k * x.e.transpose();
        CHECK(std::abs(spectrum.erase_norm()[i] - Eigen::JacobiSVD<Matrix<double>>(erase).singularValues()[0]) <=
              1e-13);
    }
}

TEST_CASE("overlaps of a window are its keys' and erase keys' products, cut to what there is") {
    const Track run = track();
    const Spectrum spectrum(run);
    const Overlaps found = spectrum.overlaps(40, 64);
    CHECK(found.first == 40);
    REQUIRE(found.keys.rows() == 10);
    for (Index i = 0; i < 10; ++i)
        for (Index j = 0; j < 10; ++j) {
            CHECK(std::abs(found.keys(i, j) - run.head().k.row(40 + i).dot(run.head().k.row(40 + j))) <= 1e-15);
            CHECK(std::abs(found.erase(i, j) - run.e().row(40 + i).dot(run.head().k.row(40 + j))) <= 1e-15);
        }
    CHECK(spectrum.overlaps(90, 5).keys.size() == 0);
    CHECK(spectrum.overlaps(-3, 2).first == 0);
    const Track longer = track(300);
    CHECK(Spectrum(longer).overlaps(0, 300).keys.rows() == Spectrum::widest_window);
}

TEST_CASE("the ledger of a window says the same as the ledger of each of its states") {
    const Track run = track();
    const Spectrum spectrum(run);
    const LedgerWindow window = spectrum.ledger_window(20, 12);
    for (Index row = 0; row < 12; ++row) {
        const Ledger all = spectrum.ledger(20 + row);
        CHECK(std::abs(all.share.sum() + all.initial_share - 1) <= 1e-12);
        CHECK(std::abs(window.share.row(row).sum() + window.older[row] - 1) <= 1e-12);
        for (Index col = 0; col < 12; ++col)
            CHECK(std::abs(window.share(row, col) - (col <= row ? all.share[20 + col] : 0)) <= 1e-13);
    }
    CHECK_THROWS_WITH_AS(spectrum.ledger(50), doctest::Contains("no token 50"), Error);
    CHECK_THROWS_AS(spectrum.at(-1), Error);
}

TEST_CASE("the window around a token is all of a short run, and holds a token's past in a long one") {
    const Track shorter = track(128), longer = track(1000);
    CHECK(Spectrum(shorter).window_around(5) == TokenWindow{0, 128});
    const Spectrum spectrum(longer);
    for (const Index token : {0, 63, 64, 127, 128, 500, 999}) {
        const TokenWindow window = spectrum.window_around(token);
        CHECK(window.first <= token);
        CHECK(token < window.first + window.count);
        CHECK((window.first == 0 || token - window.first >= 64));
        CHECK(window.first + window.count <= 1000);
    }
    CHECK(spectrum.window_around(500) == spectrum.window_around(505));
    CHECK_THROWS_WITH_AS(spectrum.window_around(1000), doctest::Contains("no token 1000"), Error);
    const Track wide(
        head_of(draw_problem({{1, 300, 1, 1, 128, 64, 1}, Decay::slow, 1, false, true, false, {}, 2}), 0, 0));
    CHECK(Spectrum(wide).window_around(200).count == 64);
}

TEST_CASE("what is asked for around a token is that of its window, made once for its neighbours") {
    const Track run = track(400);
    const Spectrum spectrum(run);
    const TokenWindow window = spectrum.window_around(300);
    const LedgerWindow& ledger = spectrum.ledger_around(300);
    CHECK(ledger.share == spectrum.ledger_window(window.first, window.count).share);
    CHECK(spectrum.overlaps_around(300).erase == spectrum.overlaps(window.first, window.count).erase);
    CHECK(&spectrum.ledger_around(301) == &ledger);
    CHECK(spectrum.ledger_around(10).first == 0);
    CHECK(spectrum.overlaps_around(10).first == 0);
}

TEST_CASE("states of zeros belong to nobody, and those that are not finite have no shares") {
    Head head = track().head();
    head.initial_state.setZero();
    head.w.topRows(3).setZero();
    const Track run(head);
    const LedgerWindow window = Spectrum(run).ledger_window(0, 5);
    CHECK(window.share.topRows(3).isZero(0));
    CHECK(window.older.isZero(0));
    CHECK(window.share(3, 3) == doctest::Approx(1));
    const AllowFpExceptions allowed;
    head.v(4, 0) = std::numeric_limits<double>::infinity();
    const Track broken(head);
    CHECK(std::isnan(Spectrum(broken).ledger_window(0, 5).share(4, 3)));
    CHECK(std::isfinite(Spectrum(broken).ledger_window(0, 5).share(3, 3)));
}

TEST_CASE("an empty sequence has nothing to show") {
    Head none = track().head();
    for (Matrix<double>* rows : {&none.q, &none.k, &none.g, &none.b, &none.v, &none.w})
        *rows = Matrix<double>(0, rows->cols());
    const Track run(none);
    Spectrum spectrum(run);
    CHECK_FALSE(spectrum.extend(1e9));
    CHECK(spectrum.samples().empty());
    spectrum.refine();
    CHECK_FALSE(spectrum.extend(1e9));
    CHECK(spectrum.overlaps(0, 4).keys.size() == 0);
    CHECK(spectrum.ledger_window(0, 4).older.size() == 0);
}

TEST_CASE("a session samples a little with every frame while its Spectrum tab shows") {
    Document large;
    large.layers.push_back(
        {"", draw_problem({{1, 300, 1, 1, 64, 64, 1}, Decay::slow, 1, false, true, false, {}, 2}), {}, {}, {}});
    large.layers[0].sizes = validate_shapes(large.layers[0].problem);
    large.labels.assign(300, "x");
    Session session;
    session.open(std::move(large));
    CHECK_FALSE(session.tick(0));
    const std::size_t at_first = session.spectrum().samples().size();
    CHECK(at_first > 2);
    CHECK(at_first < 100);
    CHECK_FALSE(session.tick(0));
    session.ui.tab = Tab::spectrum;
    CHECK(session.busy());
    int frames = 0;
    while (session.tick(0) && frames < 1000) ++frames;
    CHECK_FALSE(session.busy());
    CHECK(session.spectrum().samples().size() == 200);
    session.refine_spectrum();
    while (session.tick(0) && frames < 1000) ++frames;
    CHECK(session.spectrum().samples().size() == 300);
    CHECK(frames > 2);
    session.edits().make({Gate::b, 0, 0, 0});
    CHECK(session.spectrum().samples().size() == at_first);
}

}  // namespace
}  // namespace gdn2::test
