// See machine.h.
#include "tools/bench/machine.h"

#include <cstdlib>
#include <ctime>
#include <fstream>

#include "reference/core/parallel.h"

namespace gdn2::bench {
namespace {

std::string cpu_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown processor";
}

std::string units_compiled() {
#if defined(__AVX512F__)
    return "AVX-512";
#elif defined(__AVX2__)
    return "AVX2";
#elif defined(__AVX__)
    return "AVX";
#elif defined(__ARM_NEON)
    return "NEON";
#elif defined(__SSE2__)
    return "SSE2";
#else
    return "none";
#endif
}

std::string units_present() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return "AVX-512";
    if (__builtin_cpu_supports("avx2")) return "AVX2";
    if (__builtin_cpu_supports("avx")) return "AVX";
    return "SSE2";
#elif defined(__aarch64__)
    return "NEON";
#else
    return "unknown";
#endif
}

std::string compiler() {
#if defined(__clang__)
    return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__);
#else
    return "g++ " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__);
#endif
}

std::string utc_date() {
    const std::time_t now = std::time(nullptr);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", std::gmtime(&now));
    return text;
}

}  // namespace

Machine this_machine() {
    Machine machine;
    machine.cpu = cpu_name();
    machine.threads = available_threads();
    machine.units_compiled = units_compiled();
    machine.units_present = units_present();
    machine.portable = GDN2_PORTABLE;
#ifndef NDEBUG
    machine.optimised = false;
#endif
    machine.build_type = GDN2_BUILD_TYPE;
    machine.compiler = compiler();
    machine.date = utc_date();
    if (getloadavg(&machine.load, 1) != 1) machine.load = 0;
    return machine;
}

std::vector<std::string> warnings(const Machine& machine) {
    std::vector<std::string> lines;
    if (machine.portable)
        lines.push_back("PORTABLE BUILD (GDN2_NATIVE=OFF): compiled for " + machine.units_compiled +
                        ", this processor has " + machine.units_present);
    else if (machine.units_compiled != machine.units_present && machine.units_present != "unknown")
        lines.push_back("BUILT FOR ANOTHER PROCESSOR: compiled for " + machine.units_compiled +
                        ", this one has " + machine.units_present);
    if (!machine.optimised)
        lines.push_back("NOT A RELEASE BUILD: " + machine.build_type + ", assertions are on");
    return lines;
}

}  // namespace gdn2::bench
