// Device memory filled, searched and compared by Thrust, on the emulator or, with GDN2_TEST_DEVICE=cuda, on the card.
#ifdef GDN2_WITH_THRUST
#include "cuda/launch/device_data.h"

#include <doctest/doctest.h>

#include <limits>

#include "cuda/launch/host_call.h"
#include "tests/support/device.h"

using namespace gdn2;
using namespace gdn2::cuda;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN(),
                inf = std::numeric_limits<float>::infinity();

/// Numbers on the device under test.
class OnDevice {
public:
    OnDevice(Index count, Precision precision)
        : count_(count),
          precision_(precision),
          execution_(test::on_device(precision)),
          uploads_(execution_.backend(), precision),
          data_(uploads_.empty(static_cast<std::size_t>(count) * size_of(precision), "numbers")) {}
    OnDevice(const std::vector<float>& numbers, Precision precision)
        : OnDevice(static_cast<Index>(numbers.size()), precision) {
        const auto bytes = encode_numbers(Tensor<float>({count_}, numbers), precision);
        execution_.backend().upload(data_, bytes.data(), bytes.size());
    }

    void* data() const { return data_; }
    Tensor<float> fetch() { return uploads_.fetch(data_, {count_}, precision_); }
    std::int64_t count_nan() const { return cuda::count_nan(test::device(), data_, count_, precision_); }
    Difference from(const OnDevice& other) const {
        return difference(test::device(), data_, other.data_, count_, precision_);
    }

private:
    Index count_;
    Precision precision_;
    Execution execution_;
    Uploads uploads_;
    void* data_;
};

std::vector<float> filled(Index count, Precision precision, std::uint64_t seed, float low = -2,
                          float high = 3) {
    OnDevice numbers(count, precision);
    fill_uniform(test::device(), numbers.data(), count, precision, low, high, seed);
    const Tensor<float> found = numbers.fetch();
    return found.values();
}

}  // namespace

TEST_CASE("device memory is filled with numbers of the format evenly spread between their bounds") {
    for (const Precision precision : test::all_precisions) {
        CAPTURE(std::string(cuda::name_of(precision)));
        const std::vector<float> numbers = filled(20000, precision, 7);
        double sum = 0, squares = 0;
        for (const float x : numbers) {
            REQUIRE((x >= -2 && x <= 3));
            sum += x;
            squares += x * x;
        }
        CHECK(sum / 20000 == doctest::Approx(0.5).epsilon(0.05));
        CHECK(squares / 20000 == doctest::Approx(7.0 / 3).epsilon(0.03));  // (3^3 + 2^3) / (3 * 5)
    }
}

TEST_CASE("numbers of a seed are rounded like the host rounds them and the same for any count") {
    const std::vector<float> exact = filled(5000, Precision::f32, 11, -1e-4f, 1e-4f);  // subnormal in f16
    const std::vector<float> fewer = filled(50, Precision::f32, 11, -1e-4f, 1e-4f);
    CHECK(std::equal(fewer.begin(), fewer.end(), exact.begin()));
    CHECK(filled(50, Precision::f32, 12, -1e-4f, 1e-4f) != fewer);
    for (const Precision precision : {Precision::bf16, Precision::f16}) {
        const Tensor<float> rounded =
            decode_numbers(encode_numbers(Tensor<float>({5000}, exact), precision), {5000}, precision);
        CHECK(filled(5000, precision, 11, -1e-4f, 1e-4f) == rounded.values());
    }
}

TEST_CASE("every NaN on a device is counted") {
    for (const Precision precision : test::all_precisions) {
        CAPTURE(std::string(cuda::name_of(precision)));
        CHECK(OnDevice({1, -inf, 0, inf}, precision).count_nan() == 0);
        CHECK(OnDevice({not_a_number, 1, not_a_number, inf, -not_a_number}, precision).count_nan() == 3);
        CHECK(OnDevice(std::vector<float>(), precision).count_nan() == 0);
    }
}

TEST_CASE("the largest difference of two device arrays is found with its first place") {
    for (const Precision precision : test::all_precisions) {
        CAPTURE(std::string(cuda::name_of(precision)));
        const OnDevice a({1, 2, 3, inf, -4}, precision), b({1, 4, 3, inf, -6}, precision);
        const Difference found = a.from(b);
        CHECK(found.largest == 2);
        CHECK(found.at == 1);
        const Difference none = a.from(a);
        CHECK(none.largest == 0);
        CHECK(none.at == -1);
    }
    const OnDevice a({3, 0, 0}, Precision::f32), b({0, 0, 4}, Precision::f32),
        zeros({0, 0, 0}, Precision::f32);
    CHECK(a.from(b).relative == doctest::Approx(1.25));
    CHECK(a.from(zeros).relative == doctest::Approx(3));
}

TEST_CASE("a NaN on either side is the largest difference of all") {
    const OnDevice a({0, 9, not_a_number, not_a_number}, Precision::bf16),
        b({0, 0, 1, not_a_number}, Precision::bf16);
    for (const Difference& found : {a.from(b), b.from(a)}) {
        CHECK(std::isnan(found.largest));
        CHECK(std::isnan(found.relative));
        CHECK(found.at == 2);
    }
}
#endif
