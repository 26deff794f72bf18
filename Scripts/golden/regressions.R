# SPDX-License-Identifier: Apache-2.0
# Writes what R makes of its own data sets: linear, logistic, Poisson and gamma regressions. Needs R alone:
#   Rscript Scripts/golden/regressions.R > Tests/LockstepMethodsTests/Golden/regressions.json
options(digits = 17, warn = 1)
library(stats)
library(datasets)

# JSON, every number with the 17 digits that bring it back.
number <- function(x) {
  ifelse(is.nan(x) | is.na(x), "null", ifelse(is.infinite(x), ifelse(x < 0, '"-Infinity"', '"Infinity"'), sprintf("%.17g", x)))
}
numbers <- function(x) paste0("[", paste(number(as.numeric(x)), collapse = ", "), "]")
rows <- function(x) paste0("[", paste(apply(x, 1, numbers), collapse = ",\n "), "]")
object <- function(members) {
  paste0("{", paste(sprintf('"%s": %s', names(members), unlist(members)), collapse = ",\n "), "}")
}

# The columns of a design without the intercept.
design <- function(formula, data) model.matrix(formula, data)[, -1, drop = FALSE]

linear <- function(name, formula, data) {
  x <- design(formula, data)
  y <- model.response(model.frame(formula, data))
  fit <- lm(y ~ x)
  s <- summary(fit)
  inflation <- if (ncol(x) == 1) 1 else sapply(1:ncol(x), function(j) 1 / (1 - summary(lm(x[, j] ~ x[, -j]))$r.squared))
  f <- s$fstatistic
  object(list(
    name = sprintf('"%s"', name), x = rows(x), y = numbers(y), coefficients = numbers(coef(fit)),
    standardErrors = numbers(s$coefficients[, 2]), t = numbers(s$coefficients[, 3]), p = numbers(s$coefficients[, 4]),
    low = numbers(confint(fit, level = 0.99)[, 1]), high = numbers(confint(fit, level = 0.99)[, 2]),
    covariance = numbers(vcov(fit)), inflation = numbers(inflation), fPValue = number(pf(f[1], f[2], f[3], lower.tail = FALSE)),
    logLikelihood = number(as.numeric(logLik(fit))), aic = number(AIC(fit)), bic = number(BIC(fit)),
    leverages = numbers(hatvalues(fit)), standardized = numbers(rstandard(fit)), studentized = numbers(rstudent(fit)),
    cook = numbers(cooks.distance(fit))))
}

generalized <- function(name, family, formula, data, weights = NULL) {
  x <- design(formula, data)
  y <- model.response(model.frame(formula, data))
  if (is.factor(y)) y <- as.numeric(y) - 1
  w <- if (is.null(weights)) rep(1, length(y)) else weights
  fit <- glm(y ~ x, family = family, weights = w, control = list(epsilon = 1e-15, maxit = 100))
  # The deviance stays before the coefficients do, and the last step's weights are those of the step before: on from the solution.
  for (i in 1:40) fit <- suppressWarnings(glm(y ~ x, family = family, weights = w, start = coef(fit), control = list(epsilon = 1e-15, maxit = 100)))
  s <- summary(fit)
  object(list(
    name = sprintf('"%s"', name), family = sprintf('"%s"', family$family), x = rows(x), y = numbers(y), weights = numbers(w),
    coefficients = numbers(coef(fit)), standardErrors = numbers(s$coefficients[, 2]), statistics = numbers(s$coefficients[, 3]),
    p = numbers(s$coefficients[, 4]), deviance = number(deviance(fit)), nullDeviance = number(fit$null.deviance),
    dispersion = number(s$dispersion), aic = number(AIC(fit))))
}

air <- airquality[complete.cases(airquality), ]
admissions <- as.data.frame(UCBAdmissions)
seat <- transform(iris[51:150, ], Species = droplevels(Species))
chicks <- transform(ChickWeight, first = as.numeric(Diet == 1))

lm_sets <- c(
  linear("longley", Employed ~ ., longley), linear("stackloss", stack.loss ~ ., stackloss),
  linear("swiss", Fertility ~ ., swiss), linear("mtcars", mpg ~ ., mtcars), linear("attitude", rating ~ ., attitude),
  linear("LifeCycleSavings", sr ~ ., LifeCycleSavings), linear("freeny", y ~ ., data.frame(y = as.numeric(freeny.y), freeny.x)),
  linear("iris", Sepal.Length ~ ., iris), linear("trees", Volume ~ ., trees), linear("airquality", Ozone ~ Solar.R + Wind + Temp, air),
  linear("rock", area ~ ., rock), linear("cars", dist ~ speed, cars), linear("warpbreaks", breaks ~ wool * tension, warpbreaks),
  linear("chickwts", weight ~ feed, chickwts))

glm_sets <- c(
  generalized("mtcars", binomial(), am ~ mpg + hp, mtcars), generalized("infert", binomial(), case ~ age + parity + spontaneous + induced, infert),
  generalized("UCBAdmissions", binomial(), Admit ~ Gender + Dept, admissions, admissions$Freq),
  generalized("swiss", binomial(), as.numeric(Fertility > 70) ~ Agriculture + Education + Catholic, swiss),
  generalized("iris", binomial(), Species ~ ., seat), generalized("airquality", binomial(), as.numeric(Ozone > 50) ~ Solar.R + Wind, air),
  generalized("warpbreaks", binomial(), as.numeric(breaks > 25) ~ wool + tension, warpbreaks),
  generalized("ToothGrowth", binomial(), supp ~ len + dose, ToothGrowth), generalized("ChickWeight", binomial(), first ~ weight + Time, chicks),
  generalized("warpbreaks", poisson(), breaks ~ wool + tension, warpbreaks), generalized("InsectSprays", poisson(), count ~ spray, InsectSprays),
  generalized("quakes", poisson(), stations ~ mag + depth, quakes), generalized("airquality", poisson(), Ozone ~ Solar.R + Wind + Temp, air),
  generalized("mtcars", poisson(), carb ~ hp + wt, mtcars),
  generalized("discoveries", poisson(), y ~ t, data.frame(y = as.numeric(discoveries), t = as.numeric(time(discoveries)))),
  generalized("mtcars", Gamma("log"), mpg ~ wt + hp, mtcars), generalized("trees", Gamma("log"), Volume ~ Girth + Height, trees),
  generalized("airquality", Gamma("log"), Ozone ~ Solar.R + Wind + Temp, air), generalized("faithful", Gamma("log"), eruptions ~ waiting, faithful),
  generalized("cars", Gamma("log"), dist ~ speed, cars), generalized("chickwts", Gamma("log"), weight ~ feed, chickwts))

cat(object(list(
  version = sprintf('"%s"', R.version.string), linear = paste0("[", paste(lm_sets, collapse = ",\n"), "]"),
  generalized = paste0("[", paste(glm_sets, collapse = ",\n"), "]"))), "\n", sep = "")
