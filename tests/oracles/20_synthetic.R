# Makes the reference results 20_… to 25_… with R's survey package: Rscript 20_synthetic.R, in this folder.
# The data are synthetic (fixed seed). Nothing else needs R.
suppressWarnings(suppressMessages({library(survey); library(jsonlite)}))
options(survey.lonely.psu = "fail", warn = -1)
meta <- list(r = R.version.string, survey = as.character(packageVersion("survey")), made = "2026-11-23",
             confint = "ci_z = normal quantile; ci_t = t quantile with df = degf (PSUs - strata)")

# --- data ------------------------------------------------------------------------------------------------------------
set.seed(20261123, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
strata <- c("A", "B", "C", "D", "E"); n_psu <- c(4, 7, 5, 9, 3); N_psu <- c(11, 40, 9, 300, 7)
rows <- list()
for (h in seq_along(strata)) for (p in seq_len(n_psu[h])) {
  m <- sample(2:6, 1); M <- m + sample(0:9, 1); shift <- rnorm(1, 0, 4)
  for (s in seq_len(m)) for (k in seq_len(sample(1:2, 1)))
    rows[[length(rows) + 1]] <- data.frame(stratum = strata[h], psu = p, ssu = s, N.psu = N_psu[h], N.ssu = M,
      shift = shift, base = 40 + 6 * h + shift)
}
d <- do.call(rbind, rows); n <- nrow(d)
d$w <- round(d$N.psu / n_psu[match(d$stratum, strata)] * d$N.ssu / 4 * runif(n, .6, 1.7), 3)
d$g <- factor(sample(c("hoch", "mittel", "tief"), n, TRUE, c(.2, .5, .3)), levels = c("tief", "mittel", "hoch"))
d$size.class <- factor(sample(c("I", "II", "III", "IV"), n, TRUE, c(.4, .3, .2, .1)))
d$size.class[d$stratum == "C" & d$size.class == "IV"] <- "III"
d$y <- round(d$base + rnorm(n, 0, 8) + 3 * (d$g == "hoch"), 2)
d$big <- 1e6 + round(d$base * 0.05 + rnorm(n), 3)
d$cnt <- rpois(n, exp(0.4 + 0.02 * (d$y - 50)))
d$x <- round(exp(rnorm(n, 1, .6)), 2)
d$b1 <- as.integer(runif(n) < plogis(-0.8 + 0.04 * (d$y - 50) + 0.7 * (d$g == "hoch")))
d$b2 <- as.integer(runif(n) < .35); d$b3 <- as.integer(runif(n) < .6)
d$rare <- as.integer(d$stratum %in% c("B", "D") & runif(n) < .06)
d$ord <- factor(pmin(4, pmax(1, round((d$y - 40) / 8 + rnorm(n, 0, .9)))), levels = 1:4,
                labels = c("1_nein", "2_eher_nein", "3_eher_ja", "4_ja"))
d$year <- sample(2021:2023, n, TRUE)
d$b2[sample(n, 9)] <- NA; d$b3[sample(n, 6)] <- NA; d$y2 <- d$y + round(rnorm(n, 1, 3), 2); d$y2[sample(n, 15)] <- NA
d$g2 <- d$g; d$g2[sample(n, 8)] <- NA
d$base <- NULL; d$shift <- NULL
synth <- d

set.seed(7)
pairs <- do.call(rbind, lapply(1:9, function(h) data.frame(h = sprintf("h%02d", h), psu = rep(1:2, each = 3),
  w = round(runif(6, 1, 9), 2))))
pairs$y <- round(rnorm(nrow(pairs), 20, 5), 2); pairs$x <- round(rlnorm(nrow(pairs)), 2)
pairs$g <- factor(sample(c("a", "b"), nrow(pairs), TRUE)); pairs$b <- as.integer(runif(nrow(pairs)) < .5)

set.seed(8)
lone <- data.frame(h = rep(c("p", "q", "r", "s"), c(6, 2, 5, 4)), psu = c(1, 1, 2, 2, 3, 3, 1, 1, 1, 2, 2, 3, 3, 1, 1, 2, 2),
  N = rep(c(9, 5, 20, 2), c(6, 2, 5, 4)))
lone$w <- round(runif(nrow(lone), 1, 5), 2); lone$y <- round(rnorm(nrow(lone), 30, 6), 1)
lone$g <- factor(rep(c("u", "v", "v"), length.out = nrow(lone)))

write_data <- function(name, data) {
  write.csv(data, file.path("data", paste0(name, ".csv")), row.names = FALSE, na = "")
  about <- lapply(data, function(v) {
    out <- list(type = if (is.factor(v)) "category" else if (is.integer(v) || (is.numeric(v) && all(v == floor(v), na.rm = TRUE))) "int" else if (is.numeric(v)) "float" else "str",
                missing = sum(is.na(v)))
    if (is.factor(v)) { out$levels <- levels(v); out$ordered <- is.ordered(v) }
    out
  })
  writeLines(toJSON(list(name = name, rows = nrow(data), columns = about), auto_unbox = TRUE, pretty = TRUE),
             file.path("data", paste0(name, ".meta.json")))
}
write_data("synth", synth); write_data("pairs", pairs); write_data("lone", lone)
tables <- list(synth = synth, pairs = pairs, lone = lone)

# --- designs ---------------------------------------------------------------------------------------------------------
condition <- function(w, data) {
  if (!is.null(w$and)) return(Reduce(`&`, lapply(w$and, condition, data)))
  if (!is.null(w$or)) return(Reduce(`|`, lapply(w$or, condition, data)))
  v <- data[[w$variable]]
  r <- switch(w$relation, "==" = v == w$value, "!=" = v != w$value, "<" = v < w$value, "<=" = v <= w$value,
              ">" = v > w$value, ">=" = v >= w$value, "%in%" = v %in% unlist(w$value))
  !is.na(r) & r
}
build <- function(D) {
  f <- function(x) if (is.null(x)) NULL else as.formula(paste("~", paste(unlist(x), collapse = "+")))
  data <- tables[[D$data]]
  options(survey.lonely.psu = if (is.null(D$lonely)) "fail" else D$lonely,
          survey.adjust.domain.lonely = isTRUE(D$lonely_domain))
  des <- svydesign(ids = if (is.null(D$ids)) ~1 else f(D$ids), strata = f(D$strata), weights = f(D$weights),
                   fpc = f(D$fpc), nest = isTRUE(D$nest), data = data)
  for (s in D$steps) des <- step(des, s)
  des
}
step <- function(des, s) {
  named <- function(t) unlist(t)
  if (s$op == "domain") return(des[condition(s$where, des$variables), ])
  if (s$op == "replicate") return(as.svrepdesign(des, type = s$type, mse = isTRUE(s$mse), fay.rho = if (is.null(s$fay)) 0 else s$fay))
  if (s$op == "poststratify") return(postStratify(des, as.formula(paste("~", s$variable)),
      setNames(data.frame(names(s$totals), named(s$totals)), c(s$variable, "Freq"))))
  if (s$op == "rake") return(rake(des, lapply(s$margins, function(m) as.formula(paste("~", m$variable))),
      lapply(s$margins, function(m) setNames(data.frame(names(m$totals), named(m$totals)), c(m$variable, "Freq"))),
      control = list(maxit = 500, epsilon = 1e-12, verbose = FALSE)))
  if (s$op == "calibrate") { b <- if (is.null(s$bounds)) c(-Inf, Inf) else unlist(s$bounds)
    return(calibrate(des, as.formula(s$formula), named(s$totals), calfun = s$calfun, bounds = b, epsilon = 1e-12, maxit = 500)) }
  if (s$op == "trim") return(trimWeights(des, upper = s$upper, lower = s$lower, strict = isTRUE(s$strict)))
  stop(s$op)
}

# --- results ---------------------------------------------------------------------------------------------------------
one <- function(x) if (length(x) == 1) unbox(unname(x)) else as.vector(unname(x))
f1 <- function(y) as.formula(paste("~", paste(unlist(y), collapse = "+")))
ci <- function(e, s, df) { q <- qt(.975, df); list(e - q * s, e + q * s) }
uni <- function(des, s) {
  e <- coef(s); v <- as.matrix(vcov(s)); se <- sqrt(diag(v)); df <- degf(des)
  z <- ci(e, se, Inf); t <- ci(e, se, df); de <- tryCatch({x <- deff(s); if (is.matrix(x)) diag(x) else x}, error = function(err) NULL)
  list(name = one(names(e)), est = one(e), se = one(se), ci_z_low = one(z[[1]]), ci_z_high = one(z[[2]]),
       ci_t_low = one(t[[1]]), ci_t_high = one(t[[2]]), degf = unbox(df), cv = one(se / e),
       deff = if (is.null(de)) list() else one(de), vcov = unname(v))
}
test <- function(t) list(method = unbox(as.character(t$method)[1]), statistic = one(as.vector(t$statistic)),
  stat_name = unbox(names(t$statistic)[1]), df = if (is.null(t$parameter)) list() else one(as.vector(t$parameter)),
  p_value = one(as.vector(t$p.value)), estimate = if (is.null(t$estimate)) list() else one(as.vector(t$estimate)),
  conf_int = if (is.null(t$conf.int)) list() else as.vector(t$conf.int))
results <- list(
  mean = function(des, p) uni(des, svymean(f1(p$y), des, na.rm = isTRUE(p$na_rm), deff = if (is.null(p$deff)) TRUE else p$deff)),
  total = function(des, p) uni(des, svytotal(f1(p$y), des, na.rm = isTRUE(p$na_rm), deff = if (is.null(p$deff)) TRUE else p$deff)),
  ratio = function(des, p) { r <- svyratio(f1(p$num), f1(p$den), des, na.rm = isTRUE(p$na_rm), deff = !inherits(des, "svyrep.design"))
    e <- as.vector(r$ratio); s <- sqrt(as.vector(if (is.null(r$var)) vcov(r) else r$var)); z <- ci(e, s, Inf); t <- ci(e, s, degf(des)); de <- if (inherits(des, "svyrep.design")) NULL else as.vector(deff(r))
    list(est = one(e), se = one(as.vector(s)), ci_z_low = one(z[[1]]), ci_z_high = one(z[[2]]), ci_t_low = one(t[[1]]),
         ci_t_high = one(t[[2]]), degf = unbox(degf(des)), deff = one(de)) },
  var = function(des, p) { v <- svyvar(f1(p$y), des, na.rm = isTRUE(p$na_rm)); list(est = matrix(as.numeric(v)[1], 1), se = one(as.vector(SE(v))[1])) },
  by = function(des, p) {
    fun <- switch(p$stat, mean = svymean, total = svytotal)
    calibrated <- !is.null(des$postStrata)
    b <- svyby(f1(p$y), f1(p$by), des, fun, covmat = !calibrated, deff = TRUE, na.rm = isTRUE(p$na_rm), na.rm.by = TRUE)
    g <- lapply(setNames(unlist(p$by), unlist(p$by)), function(k) as.character(b[[k]]))
    out <- list(groups = g, names = names(coef(b)), est = as.vector(coef(b)), se = as.vector(unlist(SE(b))), vcov = if (calibrated) list() else unname(as.matrix(vcov(b))),
         degf_full_design = unbox(degf(des)), deff = as.vector(unlist(deff(b))))
    if (!is.null(p$contrast)) { k <- svycontrast(b, unlist(p$contrast)); out$contrast_est <- one(as.vector(coef(k))); out$contrast_se <- one(as.vector(SE(k))) }
    out },
  quantile = function(des, p) { q <- svyquantile(f1(p$y), des, unlist(p$q), qrule = p$qrule, interval.type = p$interval, na.rm = isTRUE(p$na_rm))[[1]]
    list(q = unlist(p$q), est = as.vector(q[, 1]), ci_low = as.vector(q[, 2]), ci_high = as.vector(q[, 3]), se = as.vector(q[, 4]), degf = unbox(degf(des))) },
  ciprop = function(des, p) { i <- p$indicator; f <- as.formula(sprintf(if (is.character(i$value)) "~I(%s=='%s')" else "~I(%s==%s)", i$variable, i$value))
    r <- svyciprop(f, des, method = p$method, level = if (is.null(p$level)) .95 else p$level, df = if (is.null(p$df)) degf(des) else Inf)
    list(est = one(as.vector(coef(r))), se = one(as.vector(SE(svymean(f, des, na.rm = TRUE))[2])), ci_low = one(as.vector(confint(r)[1])), ci_high = one(as.vector(confint(r)[2])), degf = unbox(degf(des))) },
  weights = function(des, p) { w <- as.vector(weights(des, "sampling")); list(sum = unbox(sum(w)), min = unbox(min(w)), max = unbox(max(w)), sumsq = unbox(sum(w^2)), w = w) },
  repw = function(des, p) { w <- as.matrix(weights(des, "analysis")); colnames(w) <- sprintf("rw%03d", seq_len(ncol(w)))
    write.csv(format(w, digits = 17, trim = TRUE), file.path("data", p$file), row.names = FALSE)
    list(file = unbox(p$file), n_rep = unbox(ncol(w)), scale = unbox(des$scale), rscales = as.vector(des$rscales) + 0 * seq_len(ncol(w)), mse = unbox(isTRUE(des$mse)), degf = unbox(degf(des))) },
  chisq = function(des, p) test(svychisq(as.formula(p$formula), des, statistic = p$statistic)),
  table = function(des, p) { t <- svytable(as.formula(p$formula), des); list(dims = dimnames(t)[seq_along(dim(t))], counts = as.vector(t)) },
  ttest = function(des, p) { t <- svyttest(as.formula(p$formula), des); o <- test(t); o },
  ranktest = function(des, p) { t <- svyranktest(as.formula(p$formula), des, test = p$test); test(t) },
  wald_multi = function(des, p) { b <- svyby(f1(p$y), f1(p$by), des, svymean, covmat = TRUE, na.rm = TRUE); k <- length(unlist(p$y)); e <- coef(b); V <- vcov(b)
    C <- matrix(0, k, 2 * k); for (i in 1:k) { C[i, 2 * i - 1] <- 1; C[i, 2 * i] <- -1 }
    dd <- as.vector(C %*% e); W <- C %*% V %*% t(C); x <- as.vector(dd %*% solve(W, dd)); df <- degf(des)
    list(diff = dd, se = sqrt(diag(W)), wald_chisq = unbox(x), k = unbox(k), degf = unbox(df), F = unbox(x / k), p_F = unbox(pf(x / k, k, df, lower.tail = FALSE)),
         adjF = unbox(x * (df - k + 1) / (df * k)), p_adjF = unbox(pf(x * (df - k + 1) / (df * k), k, df - k + 1, lower.tail = FALSE))) },
  glm = function(des, p) {
    law <- c(binomial = "quasibinomial()", poisson = "quasipoisson()", gaussian = "gaussian()", probit = "quasibinomial('probit')")[[p$family]]
    control <- ", control = glm.control(epsilon = 1e-14, maxit = 100)"
    m <- eval(parse(text = sprintf("svyglm(%s, des, family = %s%s)", p$formula, law, control)))
    s <- summary(m)$coefficients; df <- m$df.residual; b <- coef(m); se <- sqrt(diag(vcov(m)))
    o <- list(name = names(b), est = as.vector(b), se = as.vector(se), t = as.vector(s[, 3]), p_value = as.vector(s[, 4]), df_residual = unbox(df), vcov = unname(vcov(m)),
         ci_low = as.vector(b - qt(.975, df) * se), ci_high = as.vector(b + qt(.975, df) * se))
    if (!is.null(p$term)) { w <- regTermTest(m, as.formula(p$term)); l <- tryCatch(regTermTest(m, as.formula(p$term), method = "LRT"), error = function(e) NULL)
      o <- c(o, list(term_wald_F = one(as.vector(w$Ftest)), term_df = unbox(w$df), term_ddf = unbox(w$ddf), term_p = one(as.vector(w$p))))
      if (!is.null(l)) o <- c(o, list(term_LRT_chisq = one(as.vector(l$chisq)), term_LRT_lambda = one(as.vector(l$lambda)), term_LRT_p = one(as.vector(l$p)))) }
    o },
  olr = function(des, p) { m <- svyolr(as.formula(p$formula), des); list(name = c(names(m$coefficients), names(m$zeta)), est = as.vector(c(m$coefficients, m$zeta)), se = as.vector(sqrt(diag(vcov(m))))) })

unboxed <- function(x) if (is.list(x)) lapply(x, unboxed) else if (length(x) == 1 && !inherits(x, "scalar")) unbox(x) else x
case <- function(id, D, estimator, params) {
  r <- tryCatch(results[[estimator]](build(D), params), error = function(e) { message(id, ": ", conditionMessage(e)); NULL })
  if (is.null(r)) return(NULL)
  list(id = unbox(id), design = unboxed(D), estimator = unbox(estimator), params = if (length(params)) unboxed(params) else list(), result = r)
}
save_cases <- function(file, cases) {
  cases <- Filter(Negate(is.null), cases)
  writeLines(toJSON(list(meta = unboxed(meta), cases = cases), digits = NA, na = "null", pretty = FALSE), file)
  message(file, ": ", length(cases))
}
with_steps <- function(D, ...) { D$steps <- c(D$steps, list(...)); D }

one_stage <- list(data = "synth", ids = "psu", strata = "stratum", weights = "w", fpc = "N.psu", nest = TRUE)
no_fpc <- one_stage[names(one_stage) != "fpc"]
two_stage <- list(data = "synth", ids = list("psu", "ssu"), strata = "stratum", fpc = list("N.psu", "N.ssu"), nest = TRUE)
two_stage_w <- c(two_stage, list(weights = "w"))
by_row <- list(data = "synth", strata = "stratum", weights = "w")
plain <- list(data = "synth")
unstratified <- list(data = "pairs", ids = "h", weights = "w")
half <- list(data = "pairs", ids = "psu", strata = "h", weights = "w", nest = TRUE)
few <- with_steps(list(data = "pairs", ids = "psu", strata = "h", weights = "w", nest = TRUE))
designs <- list(one_stage = one_stage, no_fpc = no_fpc, two_stage = two_stage, two_stage_w = two_stage_w, by_row = by_row, plain = plain)

# --- 20: means, totals, ratios, variances, domains -------------------------------------------------------------------
cs <- list()
add <- function(...) cs[[length(cs) + 1]] <<- case(...)
for (k in names(designs)) { D <- designs[[k]]
  add(paste0(k, ".mean"), D, "mean", list(y = list("y", "big", "cnt", "g")))
  add(paste0(k, ".mean_single"), D, "mean", list(y = list("y2"), na_rm = TRUE))
  add(paste0(k, ".mean_listwise"), D, "mean", list(y = list("y2", "b2", "b3"), na_rm = TRUE))
  add(paste0(k, ".mean_replace"), D, "mean", list(y = "y", deff = "replace"))
  add(paste0(k, ".prop_missing"), D, "mean", list(y = "g2", na_rm = TRUE))
  add(paste0(k, ".total"), D, "total", list(y = list("y", "b1", "g")))
  add(paste0(k, ".total_missing"), D, "total", list(y = "y2", na_rm = TRUE))
  add(paste0(k, ".ratio"), D, "ratio", list(num = "y", den = "x"))
  add(paste0(k, ".ratio_missing"), D, "ratio", list(num = "y2", den = "x", na_rm = TRUE))
  add(paste0(k, ".var"), D, "var", list(y = "y"))
  add(paste0(k, ".var_missing"), D, "var", list(y = "y2", na_rm = TRUE))
  add(paste0(k, ".by_two"), D, "by", list(y = list("y", "b1"), by = list("g", "year"), stat = "mean"))
  add(paste0(k, ".by_total"), D, "by", list(y = "cnt", by = "size.class", stat = "total"))
  add(paste0(k, ".by_factor"), D, "by", list(y = "size.class", by = "g", stat = "mean"))
  add(paste0(k, ".by_stratum"), D, "by", list(y = "y", by = "stratum", stat = "mean", contrast = list(1, -.5, -.5, 0, 0)))
  add(paste0(k, ".domain"), with_steps(D, list(op = "domain", where = list(variable = "g", relation = "%in%", value = list("tief", "hoch"))),
      list(op = "domain", where = list(variable = "y", relation = ">=", value = 50))), "mean", list(y = list("x", "b1")))
  add(paste0(k, ".domain_rare"), with_steps(D, list(op = "domain", where = list(variable = "rare", relation = "==", value = 1))), "mean", list(y = "y"))
  add(paste0(k, ".domain_or"), with_steps(D, list(op = "domain", where = list(or = list(list(variable = "year", relation = "==", value = 2022),
      list(and = list(list(variable = "g", relation = "!=", value = "tief"), list(variable = "x", relation = "<", value = 3))))))), "total", list(y = "cnt"))
  add(paste0(k, ".domain_missing"), with_steps(D, list(op = "domain", where = list(variable = "y2", relation = ">", value = 55))), "ratio", list(num = "y", den = "x"))
}
L <- list(data = "lone", ids = "psu", strata = "h", weights = "w", nest = TRUE)
for (rule in c("remove", "certainty", "average")) for (k in c("nofpc", "fpc")) { D <- c(L, list(lonely = rule)); if (k == "fpc") D$fpc <- "N"
  add(paste("lone", rule, k, sep = "."), D, "mean", list(y = list("y", "g")))
  add(paste("lone", rule, k, "total", sep = "."), D, "total", list(y = "y")) }
save_cases("20_synthetic_linear.json", cs)

# --- 21: quantiles and proportions -----------------------------------------------------------------------------------
cs <- list()
for (k in c("one_stage", "two_stage", "by_row")) { D <- designs[[k]]
  for (rule in c("math", "school", paste0("hf", 1:9)))
    add(paste(k, "q", rule, sep = "."), D, "quantile", list(y = "y", q = list(.05, .3, .5, .8), qrule = rule, interval = "mean"))
  for (int in c("beta", "xlogit", "asin")) for (rule in c("math", "hf7"))
    add(paste(k, "q", rule, int, sep = "."), D, "quantile", list(y = "x", q = list(.25, .5, .9), qrule = rule, interval = int))
  add(paste(k, "q.missing", sep = "."), D, "quantile", list(y = "y2", q = list(.5), qrule = "hf6", interval = "mean", na_rm = TRUE))
  add(paste(k, "q.ties", sep = "."), D, "quantile", list(y = "cnt", q = list(.25, .5, .75), qrule = "math", interval = "mean"))
  for (m in c("logit", "likelihood", "asin", "beta", "mean", "xlogit")) {
    add(paste(k, "b1", m, sep = "."), D, "ciprop", list(indicator = list(variable = "b1", relation = "==", value = 1), method = m))
    add(paste(k, "g", m, sep = "."), D, "ciprop", list(indicator = list(variable = "g", relation = "==", value = "hoch"), method = m, level = .9))
    add(paste(k, "inf", m, sep = "."), D, "ciprop", list(indicator = list(variable = "b1", relation = "==", value = 0), method = m, df = "Inf"))
    add(paste(k, "domain", m, sep = "."), with_steps(D, list(op = "domain", where = list(variable = "year", relation = "==", value = 2021))), "ciprop",
        list(indicator = list(variable = "b1", relation = "==", value = 1), method = m)) } }
save_cases("21_synthetic_intervals.json", cs)

# --- 22: calibration and replicates ----------------------------------------------------------------------------------
cs <- list()
N <- sum(synth$w)
share <- function(...) { s <- c(...); round(s / sum(s) * round(N)) }
named_counts <- function(levels, ...) { v <- share(...); v[length(v)] <- round(N) - sum(v[-length(v)]); as.list(setNames(v, levels)) }
mg <- named_counts(levels(synth$g), 3.2, 4.9, 1.9); ms <- named_counts(levels(synth$size.class), 3.5, 3.3, 2.2, 1)
my <- named_counts(c("2021", "2022", "2023"), 1, 1.1, .9)
post <- list(op = "poststratify", variable = "g", totals = mg)
rk <- list(op = "rake", margins = list(list(variable = "g", totals = mg), list(variable = "size.class", totals = ms), list(variable = "year", totals = my)))
tot <- list(`(Intercept)` = round(N), gmittel = mg$mittel, ghoch = mg$hoch, x = round(sum(synth$w * synth$x) * 1.04))
cal <- function(fun, b = NULL) { s <- list(op = "calibrate", formula = "~g+x", totals = tot, calfun = fun); if (!is.null(b)) s$bounds <- as.list(b); s }
X <- colSums(model.matrix(~g * b1, synth) * synth$w)
inter <- list(op = "calibrate", formula = "~g*b1", totals = as.list(round(X * c(1, 1.05, .96, 1.03, 1.02, .99))), calfun = "linear")
steps <- list(post = list(post), rake3 = list(rk), lin = list(cal("linear")), linb = list(cal("linear", c(.8, 1.3))), raking = list(cal("raking")),
  logit = list(cal("logit", c(.5, 1.8))), inter = list(inter), trim = list(rk, list(op = "trim", upper = 90, lower = 1)),
  trim_strict = list(post, list(op = "trim", upper = 100, lower = 2, strict = TRUE)),
  then_domain = list(rk, list(op = "domain", where = list(variable = "b1", relation = "==", value = 1))))
for (k in c("one_stage", "two_stage_w", "by_row")) for (s in names(steps)) { D <- designs[[k]]; D$steps <- steps[[s]]
  add(paste(k, s, "weights", sep = "."), D, "weights", list())
  add(paste(k, s, "mean", sep = "."), D, "mean", list(y = list("y", "cnt", "size.class")))
  add(paste(k, s, "total", sep = "."), D, "total", list(y = list("y", "b1")))
  add(paste(k, s, "ratio", sep = "."), D, "ratio", list(num = "y", den = "x"))
  add(paste(k, s, "by", sep = "."), D, "by", list(y = "y", by = "year", stat = "mean")) }
rep_cases <- function(id, D, last = list("y", "cnt", "g")) {
  add(paste0(id, ".mean"), D, "mean", list(y = last, deff = FALSE)); add(paste0(id, ".total"), D, "total", list(y = list("y", "x"), deff = FALSE))
  add(paste0(id, ".ratio"), D, "ratio", list(num = "y", den = "x")); add(paste0(id, ".by"), D, "by", list(y = "y", by = "g", stat = "mean")) }
jk <- function(D, mse = FALSE, ...) with_steps(D, list(op = "replicate", type = "JKn", mse = mse), ...)
rep_cases("jkn", jk(one_stage)); rep_cases("jkn_mse", jk(one_stage, TRUE)); rep_cases("jkn_nofpc", jk(no_fpc))
rep_cases("jkn_rake", jk(one_stage, FALSE, rk)); rep_cases("jkn_post", jk(no_fpc, TRUE, post)); rep_cases("jkn_rows", jk(by_row))
rep_cases("jkn_cal", jk(one_stage, FALSE, cal("linear")))
add("jkn.repw", jk(one_stage), "repw", list(file = "repw_synth_jkn.csv"))
rep_cases("jk1", with_steps(unstratified, list(op = "replicate", type = "JK1", mse = FALSE)), list("y", "b"))
rep_cases("jk1_mse", with_steps(unstratified, list(op = "replicate", type = "JK1", mse = TRUE)), list("y", "b"))
rep_cases("brr9", with_steps(half, list(op = "replicate", type = "BRR", mse = FALSE)), list("y", "g"))
rep_cases("brr9_mse", with_steps(half, list(op = "replicate", type = "BRR", mse = TRUE)), list("y", "b"))
rep_cases("fay9", with_steps(half, list(op = "replicate", type = "Fay", fay = .4, mse = FALSE)), list("y", "g"))
add("brr9.repw", with_steps(half, list(op = "replicate", type = "BRR", mse = FALSE)), "repw", list(file = "repw_pairs_brr.csv"))
save_cases("22_synthetic_weights.json", cs)

# --- 23: tests -------------------------------------------------------------------------------------------------------
cs <- list()
for (k in c("one_stage", "no_fpc", "two_stage", "by_row", "jkn")) { D <- if (k == "jkn") jk(one_stage) else designs[[k]]
  for (s in c("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint")) {
    add(paste(k, "chisq34", s, sep = "."), D, "chisq", list(formula = "~g+size.class", statistic = s))
    add(paste(k, "chisq22", s, sep = "."), D, "chisq", list(formula = "~b1+rare", statistic = s)) }
  if (k != "jkn") {
  add(paste(k, "table", sep = "."), D, "table", list(formula = "~size.class+g"))
  for (f in c("y~b1", "x~rare", "I(cnt-x)~0", "I(y-50)~0", "y2~b1", "cnt~I(g=='hoch')")) add(paste(k, "ttest", f), D, "ttest", list(formula = f))
  for (t in c("wilcoxon", "vanderWaerden", "median", "KruskalWallis")) { add(paste(k, "rank2", t, sep = "."), D, "ranktest", list(formula = "x~b1", test = t))
    add(paste(k, "rank4", t, sep = "."), D, "ranktest", list(formula = "cnt~size.class", test = t)) }
  add(paste(k, "wald", sep = "."), D, "wald_multi", list(y = list("y", "x", "cnt", "rare"), by = "b1")) } }
save_cases("23_synthetic_tests.json", cs)

# --- 24: regression --------------------------------------------------------------------------------------------------
cs <- list()
for (k in c("one_stage", "two_stage", "by_row")) { D <- designs[[k]]
  add(paste(k, "logit", sep = "."), D, "glm", list(formula = "b1~g+y", family = "binomial", term = "~g"))
  add(paste(k, "logit_missing", sep = "."), D, "glm", list(formula = "b2~g2+y2", family = "binomial"))
  add(paste(k, "poisson", sep = "."), D, "glm", list(formula = "cnt~x*b1+size.class", family = "poisson"))
  add(paste(k, "gauss", sep = "."), D, "glm", list(formula = "y~factor(year)+g:x+x", family = "gaussian"))
  add(paste(k, "gauss0", sep = "."), D, "glm", list(formula = "y~g+x-1", family = "gaussian"))
  add(paste(k, "probit", sep = "."), D, "glm", list(formula = "I(g=='hoch')~y+I(x-3)", family = "probit", term = "~y"))
  add(paste(k, "olr", sep = "."), D, "olr", list(formula = "ord~g+x")) }
save_cases("24_synthetic_models.json", cs)

# --- 25: several things at once --------------------------------------------------------------------------------------
cs <- list()
dom <- list(op = "domain", where = list(variable = "year", relation = "!=", value = 2022))
for (rule in c("remove", "certainty", "average")) for (adj in c(FALSE, TRUE)) { D <- c(L, list(lonely = rule, lonely_domain = adj))
  for (v in c("u", "v")) add(paste("lone", rule, adj, v, sep = "."), with_steps(D, list(op = "domain", where = list(variable = "g", relation = "==", value = v))), "total", list(y = "y"))
  add(paste("lone", rule, adj, "w", sep = "."), with_steps(D, list(op = "domain", where = list(variable = "y", relation = ">", value = 33))), "mean", list(y = "y"))
  S <- c(no_fpc, list(lonely = rule, lonely_domain = adj))
  add(paste("rare", rule, adj, sep = "."), with_steps(S, list(op = "domain", where = list(variable = "rare", relation = "==", value = 1))), "mean", list(y = list("y", "g")))
  # its covariance ignores lonely_domain under average, its standard errors do not
  if (!adj || rule != "average") add(paste("rare", rule, adj, "by", sep = "."), S, "by", list(y = "y", by = "rare", stat = "mean")) }
for (k in c("one_stage", "two_stage_w", "by_row")) for (s in c("post", "rake3", "lin")) { D <- designs[[k]]; D$steps <- steps[[s]]; E <- with_steps(D, dom); n <- paste(k, s, sep = ".")
  add(paste(n, "q"), D, "quantile", list(y = "y", q = list(.1, .5), qrule = "math", interval = "mean"))
  add(paste(n, "p"), D, "ciprop", list(indicator = list(variable = "b1", relation = "==", value = 1), method = "beta"))
  add(paste(n, "p.domain"), E, "ciprop", list(indicator = list(variable = "b2", relation = "==", value = 1), method = "logit"))
  add(paste(n, "chisq"), D, "chisq", list(formula = "~g+year", statistic = "F")); add(paste(n, "wald"), D, "chisq", list(formula = "~b1+size.class", statistic = "adjWald"))
  add(paste(n, "t"), D, "ttest", list(formula = "y~b1")); add(paste(n, "t.domain"), E, "ttest", list(formula = "x~rare"))
  add(paste(n, "rank"), D, "ranktest", list(formula = "x~b1", test = "wilcoxon")); add(paste(n, "var"), D, "var", list(y = "y"))
  add(paste(n, "glm"), D, "glm", list(formula = "b1~g+x", family = "binomial")); add(paste(n, "glm.domain"), E, "glm", list(formula = "y~g+x", family = "gaussian"))
  add(paste(n, "mean.domain"), E, "mean", list(y = list("y", "g"))); add(paste(n, "total.domain"), E, "total", list(y = list("cnt")))
  add(paste(n, "by.domain"), E, "by", list(y = "y", by = "g", stat = "total")) }
for (k in c("one_stage", "two_stage", "by_row")) { D <- designs[[k]]; E <- with_steps(D, dom)
  add(paste(k, "q.domain"), E, "quantile", list(y = "y", q = list(.1, .5), qrule = "math", interval = "mean"))
  add(paste(k, "chisq.domain"), E, "chisq", list(formula = "~g+b1", statistic = "F")); add(paste(k, "lincom.domain"), E, "chisq", list(formula = "~g2+b1", statistic = "lincom"))
  add(paste(k, "t.domain"), E, "ttest", list(formula = "y2~b1")); add(paste(k, "rank.domain"), E, "ranktest", list(formula = "cnt~g", test = "KruskalWallis"))
  add(paste(k, "glm.domain"), E, "glm", list(formula = "cnt~g+x", family = "poisson", term = "~g")); add(paste(k, "var.domain"), E, "var", list(y = "y2", na_rm = TRUE))
  add(paste(k, "table.domain"), E, "table", list(formula = "~g+size.class")) }
J <- jk(one_stage)
for (D in list(J, with_steps(J, post))) { n <- paste("jkn", length(D$steps))
  add(paste(n, "t"), D, "ttest", list(formula = "y~b1")); add(paste(n, "var"), D, "var", list(y = "y")); add(paste(n, "t1"), D, "ttest", list(formula = "I(y-60)~0"))
  add(paste(n, "domain"), with_steps(D, dom), "mean", list(y = list("y", "x"), deff = FALSE)); add(paste(n, "domain.total"), with_steps(D, dom), "total", list(y = "g", deff = FALSE))
  add(paste(n, "chisq"), D, "chisq", list(formula = "~g+b1", statistic = "adjWald")); add(paste(n, "prop"), D, "mean", list(y = "g2", na_rm = TRUE, deff = FALSE)) }
save_cases("25_synthetic_mixed.json", cs)
