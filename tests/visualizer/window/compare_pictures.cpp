// compare_pictures A.png B.png LIMIT: how far two pictures are apart on average, 0 ... 1; exit 1 beyond the limit.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "visualizer/film/png.h"

namespace {

/// Over all pixels and the three colours.
double mean_difference(const gdn2::viewer::Image& a, const gdn2::viewer::Image& b) {
    gdn2::viewer::require_size(b, a.width, a.height);
    double sum = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i)
        for (int shift = 0; shift < 24; shift += 8)
            sum += std::abs(static_cast<int>(a.pixels[i] >> shift & 0xff) -
                            static_cast<int>(b.pixels[i] >> shift & 0xff));
    return sum / (255.0 * 3 * static_cast<double>(a.pixels.size()));
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 4) return 2;
    const double mean = mean_difference(gdn2::viewer::read_png(argv[1]), gdn2::viewer::read_png(argv[2]));
    std::printf("mean difference %.5f\n", mean);
    return mean <= std::atof(argv[3]) ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "compare_pictures: %s\n", error.what());
    return 2;
}
