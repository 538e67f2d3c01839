// Which matrices of a chunk are shown, in the order in which they follow from each other, and where.
//   paper  Eqs. 18-25, 35
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#pragma once

#include <string>
#include <vector>

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// One matrix of a chunk.
struct ChunkMap {
    const char* symbol;
    const char* words;     ///< beside the symbol
    const char* formula;   ///< over its step; empty for what others are made from
    const char* equation;
    const char* sentence;  ///< what a row of it says
    int step = 0;          ///< of the computation, from 0
    int rank = 0;          ///< of two, the one with the larger rank is dropped first
    bool follows = false;  ///< made from its left neighbour
    trace::Axes axes = trace::Axes::row_row;
    const Matrix<double>* values = nullptr;
    double top = 0;        ///< max |number|
    std::string tensor = {};           ///< see MatrixLook
    std::vector<Index> before = {};
    Box slot = {}, cells = {};         ///< with its captions; the matrix alone

    bool by_rows() const { return axes != trace::Axes::key_value; }  ///< rows are the chunk's tokens
};

/// A step of the computation: its formulas over its matrices.
struct ChunkStep {
    std::string formulas;
    std::string source = {};  ///< where there are no formulas: what its first map is made of
    std::size_t first = 0;  ///< of its maps
    Box box = {};
};

/// What is shown, and where.
struct ChunkPicture {
    std::vector<ChunkMap> maps;
    std::vector<ChunkStep> steps;
    float row = 0;     ///< height of a chunk's row
    float bottom = 0;  ///< of the lowest step
};

/// All matrices of a chunk, on as many pages as `box` needs: the first one has those that say most.
std::vector<ChunkPicture> chunk_pages(const View& view, const ChunkView& chunk, const Box& box);

/// Above a map's cells, and below.
float chunk_map_head(const View& view);
float chunk_map_foot(const View& view);

}  // namespace gdn2::viewer
