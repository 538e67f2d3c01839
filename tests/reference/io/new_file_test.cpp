// A file that is whole or not there.
#include "reference/io/new_file.h"

#include <doctest/doctest.h>

#include "reference/core/error.h"
#include "tests/support/folder.h"

namespace gdn2::io {
namespace {

using test::contents;
using test::Folder;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace

TEST_CASE("a new file is at its path from the commit on and what was there until then") {
    const Folder folder;
    const std::string path = folder / "x";
    std::ofstream(path) << "old";
    {
        NewFile file(path);
        file.write(bytes_of("one "));
        file.write(bytes_of("two"));
        CHECK(contents(path) == "old");
        CHECK(contents(file.partial()) == "one two");
        file.commit();
        CHECK(contents(path) == "one two");
    }
    CHECK(contents(path) == "one two");
    CHECK(folder.files() == 1);
}

TEST_CASE("a new file that is not committed leaves nothing") {
    const Folder folder;
    NewFile(folder / "x").write(bytes_of("one"));
    CHECK(folder.files() == 0);
}

TEST_CASE("two new files at one path do not meet") {
    const Folder folder;
    NewFile first(folder / "x"), second(folder / "x");
    CHECK(first.partial() != second.partial());
    first.write(bytes_of("first"));
    second.write(bytes_of("second"));
    second.commit();
    first.commit();
    CHECK(contents(folder / "x") == "first");
    CHECK(folder.files() == 1);
}

TEST_CASE("a new file says why it cannot be written") {
    const Folder folder;
    CHECK_THROWS_WITH_AS(NewFile(folder / "none/x"), "cannot be written: No such file or directory", Error);
    CHECK_THROWS_WITH_AS(NewFile(folder / ""), "is there already and is not a regular file", Error);
    NewFile file(folder / "x");
    const test::FullDisk disk(2);
    CHECK_THROWS_WITH_AS(file.write(bytes_of("one")), "cannot be written: File too large", Error);
}

}  // namespace gdn2::io
