// Files: what NumPy and safetensors wrote, what we write, and what is left behind when writing fails.
#include "reference/io/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/folder.h"

namespace gdn2::io {
namespace {

namespace fs = std::filesystem;
using test::contents;
using test::Folder;

const std::string fixtures = GDN2_SOURCE_DIR "/tests/reference/io/fixtures/";
const std::string golden = GDN2_SOURCE_DIR "/tests/golden/";

std::string message_of_reading(const std::string& path) {
    try {
        read_file(path);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

std::string message_of_writing(const std::string& path, const Archive& archive) {
    try {
        write_file(path, archive);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

/// Element i of every array that make_fixtures.py wrote.
void check_numbers(const std::string& name, const Array& array) {
    CAPTURE(name);
    for (Index i = 0; i < element_count(array.shape); ++i) {
        const std::int64_t step = i * 7 % 23;
        if (is_floating_point(array.dtype))
            CHECK(to_tensor<double>(array)[i] == static_cast<double>(step - 11) / 4);
        else
            CHECK(to_integers(array)[static_cast<std::size_t>(i)] ==
                  (name_of(array.dtype)[0] == 'u' ? step : step - 11));
    }
}

Archive small() {
    Archive archive;
    archive.add("x", from_tensor(Tensor<double>({2, 2}, {1, 2, 3, 4})));
    return archive;
}

}  // namespace

TEST_CASE("files that NumPy and safetensors wrote hold the numbers they were given") {
    const std::vector<std::pair<std::string, std::size_t>> files{{"savez.npz", 13},
                                                                 {"savez_compressed.npz", 2},
                                                                 {"fortran.npz", 3},
                                                                 {"big_endian.npz", 6},
                                                                 {"versions.npz", 3},
                                                                 {"streamed.npz", 2},
                                                                 {"every_type.safetensors", 14}};
    for (const auto& [file, count] : files) {
        CAPTURE(file);
        const Archive archive = read_file(fixtures + file);
        CHECK(archive.size() == count);
        for (const auto& [name, array] : archive.entries())
            if (name != "zeros") check_numbers(name, array);
    }
}

TEST_CASE("files that NumPy and safetensors wrote hold the shapes and types they were given") {
    const Archive npz = read_file(fixtures + "savez.npz");
    CHECK(npz.at("scalar").shape == Shape{});
    CHECK(npz.at("empty").shape == Shape{0, 3});
    CHECK(npz.at("f2").dtype == DType::f16);
    CHECK(npz.at("i1").dtype == DType::i8);
    CHECK(npz.at("u8").dtype == DType::u64);
    CHECK(read_file(fixtures + "fortran.npz").at("four").shape == Shape{2, 3, 4, 5});
    CHECK(read_file(fixtures + "savez_compressed.npz").at("zeros").bytes ==
          std::vector<std::byte>(8 * 512 * 8));
    const Archive safetensors = read_file(fixtures + "every_type.safetensors");
    CHECK(safetensors.at("bf16").dtype == DType::bf16);
    CHECK(safetensors.at("scalar").shape == Shape{});
    CHECK(safetensors.metadata.at("greek") == "\xce\xb3");
}

TEST_CASE("golden files go through both formats without changing a bit") {
    const Folder folder;
    int files = 0;
    for (const auto& file : fs::directory_iterator(golden)) {
        if (file.path().extension() != ".npz") continue;
        const Archive original = read_file(file.path());
        write_file(folder / "a.safetensors", original);
        write_file(folder / "b.npz", read_file(folder / "a.safetensors"), Compression::deflated);
        const Archive copy = read_file(folder / "b.npz");
        CHECK(copy.size() == original.size());
        for (const auto& [name, array] : original.entries()) CHECK(copy.at(name) == array);
        ++files;
    }
    CHECK(files >= 16);
}

TEST_CASE("what is not a regular file is refused at once") {
    const Folder folder;
    REQUIRE(::mkfifo((folder / "pipe.npz").c_str(), 0600) == 0);
    std::ofstream(folder / "empty.npz").close();
    CHECK(message_of_reading(folder / "pipe.npz") == "`" + folder / "pipe.npz" + "`: is not a regular file");
    CHECK(message_of_reading(folder / "empty.npz") == "`" + folder / "empty.npz" + "`: is empty");
    CHECK(message_of_reading(folder / "none.npz") ==
          "`" + folder / "none.npz" + "`: cannot be opened: No such file or directory");
    CHECK(message_of_reading(folder / "").ends_with("is a directory"));
    CHECK(message_of_reading("/dev/zero") == "`/dev/zero`: is not a regular file");
}

TEST_CASE("a huge file of nothing is refused without reading it") {
    const Folder folder;
    std::ofstream(folder / "sparse.npz") << "PK\x03\x04";
    fs::resize_file(folder / "sparse.npz", std::uintmax_t{1} << 40);
    CHECK(message_of_reading(folder / "sparse.npz").find("not a whole zip") != std::string::npos);
    std::ofstream(folder / "sparse.safetensors") << std::string("\2\0\0\0\0\0\0\0{}", 10);
    fs::resize_file(folder / "sparse.safetensors", std::uintmax_t{1} << 40);
    CHECK(message_of_reading(folder / "sparse.safetensors").find("end at byte 0") != std::string::npos);
}

TEST_CASE("the extension chooses the format that is written") {
    const Folder folder;
    write_file(folder / "x.npz", small());
    write_file(folder / "x.safetensors", small());
    CHECK(contents(folder / "x.npz").starts_with("PK"));
    CHECK(contents(folder / "x.safetensors").substr(8, 1) == "{");
    CHECK(message_of_writing(folder / "x.txt", small()).find("must end in .npz or .safetensors") !=
          std::string::npos);
    CHECK(folder.files() == 2);
}

TEST_CASE("a written file replaces the old one and leaves nothing beside it") {
    const Folder folder;
    const std::string path = folder / "x.npz";
    std::ofstream(path) << "old";
    write_file(path, small());
    CHECK(read_file(path).at("x") == small().at("x"));
    CHECK(folder.files() == 1);
    std::ofstream(folder / "new").close();
    CHECK(fs::status(path).permissions() == fs::status(folder / "new").permissions());
}

TEST_CASE("when writing fails the old file is untouched and nothing is left") {
    const Folder folder;
    const std::string path = folder / "x.npz";
    std::ofstream(path) << "old";
    Archive unwritable;
    unwritable.add("x", {DType::bf16, {1}, std::vector<std::byte>(2)});
    CHECK(message_of_writing(path, unwritable).find("bf16") != std::string::npos);
    CHECK(contents(path) == "old");

    Archive large;
    large.add("x", from_tensor(Tensor<double>({1000})));
    std::string message;
    {
        const test::FullDisk disk(1000);
        message = message_of_writing(path, large);
    }
    CHECK(message == "`" + path + "`: cannot be written: File too large");
    CHECK(contents(path) == "old");
    CHECK(folder.files() == 1);
}

TEST_CASE("a place that cannot be written to is refused") {
    const Folder folder;
    CHECK(message_of_writing(folder / "none/x.npz", small()).find("cannot be written: No such file") !=
          std::string::npos);
    fs::create_directories(folder / "x.npz");
    CHECK(message_of_writing(folder / "x.npz", small()).find("is not a regular file") != std::string::npos);
    CHECK(folder.files() == 1);
}

}  // namespace gdn2::io
