# SPDX-License-Identifier: Apache-2.0
# Holds correlated_looks.json to mvtnorm: the probability of staying inside every bound, by Miwa's deterministic
# integration up to four looks and by Genz and Bretz beyond. Made with R 4.2.2 and mvtnorm; prints the largest difference.
# Rscript check_correlated_looks.R (no JSON package needed: the Python one-liner below lists the numbers).
library(mvtnorm)
list_numbers <- paste0(
  "import json\nfor c in json.load(open('correlated_looks.json'))['cases']:\n",
  "    print(len(c['bounds']), c['sides'], *c['bounds'], *[x for r in c['correlation'] for x in r], c['probability_inside'][-1])"
)
worst <- 0
for (line in system2("python3", c("-c", shQuote(list_numbers)), stdout = TRUE)) {
  v <- as.numeric(strsplit(line, " ")[[1]])
  k <- v[1]
  upper <- v[3:(2 + k)]
  correlation <- matrix(v[(3 + k):(2 + k + k * k)], k)
  lower <- if (v[2] == 2) -upper else rep(-Inf, k)
  rule <- if (k <= 4) Miwa(steps = 1024) else GenzBretz(maxpts = 1e6, abseps = 1e-7)
  p <- if (k == 1) pnorm(upper) - pnorm(lower) else pmvnorm(lower, upper, corr = correlation, algorithm = rule)
  worst <- max(worst, abs(p - v[length(v)]))
}
cat(R.version.string, "mvtnorm", as.character(packageVersion("mvtnorm")), "largest difference", format(worst), "\n")
stopifnot(worst < 1e-6)
