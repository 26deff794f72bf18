# SPDX-License-Identifier: Apache-2.0
# Writes what R's sandwich and lmtest make of its own data sets: robust and clustered errors of linear regressions, with and without
# weights. Needs R and Debian's r-cran-sandwich and r-cran-lmtest:
#   Rscript Scripts/golden/robust.R > Tests/LockstepMethodsTests/Golden/robust.json
options(digits = 17, warn = 1)
library(sandwich)
library(lmtest)

number <- function(x) {
  ifelse(is.nan(x) | is.na(x), "null", ifelse(is.infinite(x), ifelse(x < 0, '"-Infinity"', '"Infinity"'), sprintf("%.17g", x)))
}
numbers <- function(x) paste0("[", paste(number(as.numeric(x)), collapse = ", "), "]")
rows <- function(x) paste0("[", paste(apply(x, 1, numbers), collapse = ",\n "), "]")
texts <- function(x) paste0("[", paste(sprintf('"%s"', x), collapse = ", "), "]")
object <- function(members) {
  paste0("{", paste(sprintf('"%s": %s', names(members), unlist(members)), collapse = ",\n "), "}")
}

# Of one set: the model, with weights and without an intercept if asked, and its covariances of each kind.
robust <- function(name, formula, data, cluster, weights = NULL, intercept = TRUE) {
  x <- model.matrix(formula, data)[, -1, drop = FALSE]
  y <- as.numeric(model.response(model.frame(formula, data)))
  w <- if (is.null(weights)) rep(1, length(y)) else weights
  fit <- if (intercept) lm(y ~ x, weights = w) else lm(y ~ x - 1, weights = w)
  g <- as.character(cluster)
  heteroskedastic <- lapply(c("HC0", "HC1", "HC2", "HC3"), function(type) vcovHC(fit, type = type))
  clustered <- list(
    vcovCL(fit, cluster = g, type = "HC0", cadj = FALSE), vcovCL(fit, cluster = g, type = "HC1", cadj = TRUE))
  p <- lapply(heteroskedastic, function(v) coeftest(fit, vcov = v)[, 4])
  pc <- lapply(clustered, function(v) coeftest(fit, vcov = v, df = length(unique(g)) - 1)[, 4])
  # The Wald test that all coefficients but the intercept are 0.
  slopes <- (if (intercept) 2 else 1):length(coef(fit))
  wald <- function(v) as.numeric(t(coef(fit)[slopes]) %*% solve(v[slopes, slopes], coef(fit)[slopes])) / length(slopes)
  object(list(
    name = sprintf('"%s"', name), intercept = if (intercept) "true" else "false", x = rows(x), y = numbers(y), weights = numbers(w),
    clusters = texts(g), coefficients = numbers(coef(fit)), standardErrors = numbers(sqrt(diag(vcov(fit)))),
    adjusted = number(summary(fit)$adj.r.squared), logLikelihood = number(as.numeric(logLik(fit))), aic = number(AIC(fit)),
    bic = number(BIC(fit)), covariances = paste0("[", paste(lapply(c(heteroskedastic, clustered), numbers), collapse = ",\n "), "]"),
    p = paste0("[", paste(lapply(c(p, pc), numbers), collapse = ",\n "), "]"),
    f = numbers(sapply(c(heteroskedastic, clustered), wald)),
    leverages = numbers(hatvalues(fit)), standardized = numbers(rstandard(fit)), studentized = numbers(rstudent(fit)),
    cook = numbers(cooks.distance(fit)),
    mean = rows(predict(fit, interval = "confidence", level = 0.9)),
    new = rows(suppressWarnings(predict(fit, newdata = data.frame(x = I(x)), interval = "prediction", level = 0.9)))))
}

air <- airquality[complete.cases(airquality), ]
sets <- c(
  robust("longley", Employed ~ ., longley, longley$Year %/% 3), robust("stackloss", stack.loss ~ ., stackloss, rep(1:7, 3)),
  robust("swiss", Fertility ~ ., swiss, swiss$Catholic %/% 10), robust("mtcars", mpg ~ wt + hp + qsec, mtcars, mtcars$carb),
  robust("attitude", rating ~ ., attitude, rep(1:10, each = 3)), robust("savings", sr ~ ., LifeCycleSavings, rep(letters[1:10], 5)),
  robust("iris", Sepal.Length ~ Sepal.Width + Petal.Length, iris, iris$Petal.Width), robust("trees", Volume ~ ., trees, trees$Height),
  robust("airquality", Ozone ~ Solar.R + Wind + Temp, air, air$Month), robust("cars", dist ~ speed, cars, cars$speed),
  robust("chickens", weight ~ Time, ChickWeight, ChickWeight$Chick), robust("orange", circumference ~ age, Orange, Orange$Tree),
  robust("mtcars", mpg ~ wt + hp, mtcars, mtcars$gear, weights = mtcars$qsec / 100),
  robust("air", Ozone ~ Wind + Temp, air, air$Month, weights = air$Solar.R / sum(air$Solar.R)),
  robust("chickens", weight ~ Time, ChickWeight, ChickWeight$Chick, weights = (ChickWeight$Time + 1)^1.5),
  robust("trees", Volume ~ ., trees, trees$Height, weights = 1 / trees$Girth, intercept = FALSE),
  robust("cars", dist ~ speed, cars, cars$speed, intercept = FALSE))

cat(object(list(
  version = sprintf('"%s, sandwich %s, lmtest %s"', R.version.string, packageVersion("sandwich"), packageVersion("lmtest")),
  sets = paste0("[", paste(sets, collapse = ",\n"), "]"))), "\n", sep = "")
