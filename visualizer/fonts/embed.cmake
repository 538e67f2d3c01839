# Writes OUTPUT, a C++ source with the bytes of FILE as `NAME()`.     cmake -DFILE= -DNAME= -DOUTPUT= -P embed.cmake
file(READ ${FILE} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"visualizer/fonts/embedded.h\"
namespace gdn2::viewer {
namespace {
constexpr unsigned char bytes[] = {${bytes}};
}
std::span<const unsigned char> ${NAME}() { return bytes; }
}
")
