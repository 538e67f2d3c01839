// See block.h.
#include "reference/model/block.h"

#include "reference/core/instantiate.h"

namespace gdn2 {

template <class Scalar>
Matrix<Scalar> forward(const Block<Scalar>& block, const Matrix<Scalar>& x, Batch batch, BlockKept<Scalar>* kept) {
    Matrix<Scalar> normed = forward(block.norm, x);
    Matrix<Scalar> y = x;
    if (const auto* mixer = std::get_if<std::unique_ptr<Mixer<Scalar>>>(&block.inner))
        y += (*mixer)->forward(normed, batch, kept ? &kept->mixer : nullptr);
    else
        y += forward(std::get<Mlp<Scalar>>(block.inner), normed, kept ? &kept->mlp : nullptr);
    if (kept) {
        kept->x = x;
        kept->normed = std::move(normed);
    }
    return y;
}

template <class Scalar>
Matrix<Scalar> backward(const Block<Scalar>& block, const BlockKept<Scalar>& kept, const Matrix<Scalar>& dy,
                        Block<Scalar>& d) {
    // forward: y = x + inner(normed)
    Matrix<Scalar> d_normed;
    if (const auto* mixer = std::get_if<std::unique_ptr<Mixer<Scalar>>>(&block.inner))
        d_normed = (*mixer)->backward(*kept.mixer, dy, *std::get<std::unique_ptr<Mixer<Scalar>>>(d.inner));
    else
        d_normed = backward(std::get<Mlp<Scalar>>(block.inner), kept.normed, kept.mlp, dy,
                            std::get<Mlp<Scalar>>(d.inner));
    // forward: normed = norm(x)
    return dy + backward(block.norm, kept.x, d_normed, d.norm);
}

template <class Scalar>
void collect(Block<Scalar>& block, Parameters<Scalar>& into) {
    collect(block.name + "_norm.", block.norm, into);
    if (auto* mixer = std::get_if<std::unique_ptr<Mixer<Scalar>>>(&block.inner))
        (*mixer)->collect(block.name + ".", into);
    else
        collect(block.name + ".", std::get<Mlp<Scalar>>(block.inner), into);
}

template <class Scalar>
Block<Scalar> zeros(const Block<Scalar>& block) {
    Block<Scalar> d{block.name, zeros_like(block.norm), {}};
    if (const auto* mixer = std::get_if<std::unique_ptr<Mixer<Scalar>>>(&block.inner))
        d.inner = (*mixer)->zeros();
    else
        d.inner = zeros_like(std::get<Mlp<Scalar>>(block.inner));
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                                        \
    template Matrix<Scalar> forward(const Block<Scalar>&, const Matrix<Scalar>&, Batch, BlockKept<Scalar>*);        \
    template Matrix<Scalar> backward(const Block<Scalar>&, const BlockKept<Scalar>&, const Matrix<Scalar>&,         \
                                     Block<Scalar>&);                                                               \
    template void collect(Block<Scalar>&, Parameters<Scalar>&);                                                     \
    template Block<Scalar> zeros(const Block<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
