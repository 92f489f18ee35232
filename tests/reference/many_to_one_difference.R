# SPDX-License-Identifier: Apache-2.0
# Critical values from mvtnorm (R 4.2.2, mvtnorm 1.1.3), equal to make_many_to_one_difference.py to about three decimals.
library(mvtnorm)
set.seed(1)
critical <- function(lambda, df, level, tail) {
  correlation <- outer(lambda, lambda)
  diag(correlation) <- 1
  qmvt(level, df = df, corr = correlation, tail = tail, algorithm = GenzBretz(maxpts = 1e5, abseps = 1e-6))$quantile
}
equal <- function(k) rep(sqrt(0.5), k)
print(critical(equal(2), 20, 0.95, "both.tails"), digits = 8)
print(critical(equal(3), 20, 0.95, "both.tails"), digits = 8)
print(critical(equal(5), 20, 0.99, "both.tails"), digits = 8)
print(critical(equal(4), 12, 0.95, "lower.tail"), digits = 8)
print(critical(sqrt(c(4, 5) / (c(4, 5) + 6)), 12, 0.95, "both.tails"), digits = 8)
