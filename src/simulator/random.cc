// SPDX-License-Identifier: Apache-2.0
#include "simulator/random.h"

namespace descant::simulator {

std::vector<double> zipf_weights(std::size_t n, double exponent) {
  std::vector<double> weights;
  for (std::size_t rank = 1; rank <= n; ++rank)
    weights.push_back(std::pow(static_cast<double>(rank), -exponent));
  return weights;
}

}  // namespace descant::simulator
