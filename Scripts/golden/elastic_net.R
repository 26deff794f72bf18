# SPDX-License-Identifier: Apache-2.0
# Writes what glmnet makes of R's own data sets, whose numbers regressions.json has. Needs R with glmnet:
#   Rscript Scripts/golden/elastic_net.R > Tests/LockstepMethodsTests/Golden/elastic-net.json
library(glmnet)
options(digits = 17)
numbers <- function(x) paste0("[", paste(sprintf("%.17g", as.numeric(x)), collapse = ", "), "]")
design <- function(formula, data) model.matrix(formula, data)[, -1, drop = FALSE]

one <- function(name, formula, data, alpha, standardize) {
  x <- design(formula, data)
  y <- as.numeric(model.response(model.frame(formula, data)))
  n <- length(y)
  scaled <- scale(x, scale = FALSE)
  if (standardize) scaled <- scale(x) * sqrt(n / (n - 1))
  greatest <- max(abs(crossprod(scaled, y - mean(y)))) / n / alpha
  lambda <- greatest * c(1, 0.5, 0.2, 0.1, 0.03, 0.01, 0.001)
  fit <- glmnet(x, y, alpha = alpha, lambda = lambda, standardize = standardize, thresh = 1e-28, maxit = 1e8)
  b <- as.matrix(coef(fit, s = lambda, exact = FALSE))
  sprintf('{"name": "%s", "alpha": %s, "standardizes": %s, "regularizations": %s, "intercepts": %s,\n "coefficients": [%s]}', name,
    format(alpha), tolower(as.character(standardize)), numbers(lambda), numbers(b[1, ]),
    paste(apply(b[-1, , drop = FALSE], 2, numbers), collapse = ",\n "))
}

air <- airquality[complete.cases(airquality), ]
sets <- list(
  list("swiss", Fertility ~ ., swiss), list("mtcars", mpg ~ ., mtcars), list("attitude", rating ~ ., attitude),
  list("LifeCycleSavings", sr ~ ., LifeCycleSavings), list("airquality", Ozone ~ Solar.R + Wind + Temp, air),
  list("iris", Sepal.Length ~ ., iris))
all <- unlist(lapply(sets, function(s) c(
  one(s[[1]], s[[2]], s[[3]], 1, TRUE), one(s[[1]], s[[2]], s[[3]], 0.5, TRUE), one(s[[1]], s[[2]], s[[3]], 0.9, FALSE))))
cat("[", paste(all, collapse = ",\n"), "]\n", sep = "")
