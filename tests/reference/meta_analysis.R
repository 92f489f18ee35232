# SPDX-License-Identifier: Apache-2.0
# The numbers make_meta_analysis.py is checked against (R 4.2.2, metafor 3.8.1).
library(metafor)
data <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
for (method in c("FE", "DL", "REML", "PM")) {
  fit <- rma(yi, vi, data = data, method = method, control = list(threshold = 1e-12, tol = 1e-12))
  cat(method, format(c(fit$b, fit$se, fit$tau2, fit$QE), digits = 12), "\n")
}
