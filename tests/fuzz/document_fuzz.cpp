// Any bytes as a file dropped on the viewer: refused by an Error that is one line and names the file, or a document
// that a session can look at.
#include <cmath>

#include "reference/delta_rule/heads.h"
#include "reference/io/file.h"
#include "reference/io/safetensors.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/picture.h"
#include "visualizer/model/state_string.h"

namespace {

using namespace gdn2;

/// Every layer, from its last head, in the middle of its last sequence.
void look_at(viewer::Document document) {
    viewer::Session session;
    session.open(std::move(document));
    for (session.ui.layer = 0; session.ui.layer < std::ssize(session.document().layers); ++session.ui.layer) {
        session.ui.sequence = session.layer().sizes.sequences - 1;
        session.ui.head = session.layer().sizes.value_heads - 1;
        session.ui.cursor = {session.length() / 2, viewer::Phase::write, 0.5};
        session.clamp();
        if (session.length() == 0) continue;
        const viewer::Picture picture = viewer::picture_of(session.track(), session.ui.cursor);
        test::require_always(picture.S.rows() == session.track().key_dim(), "a picture of the state");
        test::require_always(session.scale() > 0 && std::isfinite(session.scale()), "a scale");
        viewer::narrate(session.track(), session.ui.cursor, session.label(session.ui.cursor.token));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        look_at(viewer::open_archive(io::parse_archive(std::as_bytes(std::span(data, size)), "drop"), "drop"));
    } catch (const Error& error) {
        const std::string message = error.what();
        test::require_always(message.find('\n') == std::string::npos, "one line");
        test::require_always(message.starts_with("drop: ") || message.starts_with("`drop`: "), "names the file");
    }
    return 0;
}

namespace {

Problem<double> drawn(std::vector<Index> offsets, std::uint64_t seed) {
    return test::draw_problem(
        {{1, 4, 1, 2, 2, 3, 1}, test::Decay::mild, 2, false, true, true, std::move(offsets), seed});
}

io::Archive recorded() {
    const Problem<double> problem = drawn({}, 4);
    trace::Recorder recorder({trace::Field::e, trace::Field::S}, recorder_sizes(problem, 64));
    (void)forward(problem, {.path = Path::recurrent, .recorder = &recorder});
    return archive_of(archive_of(problem), recorder, {"fuzz", "", "cpu", "f64", 64, {"a", "b", "c", "d"}, ""});
}

}  // namespace

std::vector<std::vector<std::byte>> gdn2::test::seeds() {
    io::Archive plain = archive_of(drawn({}, 1)), layers;
    plain.add("o", io::from_tensor(forward(drawn({}, 1)).o));
    const io::Archive packed = archive_of(drawn({0, 1, 4}, 2)), other = archive_of(drawn({}, 3));
    for (const auto& [name, array] : packed.entries()) layers.add("blocks.0." + name, array);
    for (const auto& [name, array] : other.entries()) layers.add("blocks.1." + name, array);
    return {io::npz_bytes(plain),  io::npz_bytes(layers),         io::npz_bytes(plain, io::Compression::deflated),
            io::npz_bytes(recorded()), io::safetensors_bytes(plain), io::safetensors_bytes(layers),
            io::safetensors_bytes(recorded())};
}
