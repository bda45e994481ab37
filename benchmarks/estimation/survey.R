# R's survey package: Rscript survey.R FILE.csv DESIGN ITEMS RUNS; prints JSON. Reading is timed apart.
suppressMessages({library(survey); library(data.table)})
argument <- commandArgs(TRUE)
items <- paste0("y", seq_len(as.integer(argument[3])) - 1)
runs <- as.integer(argument[4])
columns <- c("weight", "stratum", "domain", if (argument[2] == "psu") c("psu", "population"), items)
formula <- reformulate(items)
seconds <- numeric(runs); reading <- numeric(runs)
for (run in seq_len(runs)) {
  start <- proc.time()[["elapsed"]]
  rows <- fread(argument[1], select = columns, data.table = FALSE)
  reading[run] <- proc.time()[["elapsed"]] - start
  drawn <- if (argument[2] == "psu") {
    svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, fpc = ~population, data = rows)
  } else {
    svydesign(ids = ~1, strata = ~stratum, weights = ~weight, data = rows)
  }
  answer <- svyby(formula, ~domain, drawn, svymean)
  seconds[run] <- proc.time()[["elapsed"]] - start
}
status <- readLines("/proc/self/status")
memory <- as.integer(gsub("\\D", "", grep("VmHWM", status, value = TRUE))) %/% 1024
cat(sprintf('{"first": %f, "seconds": [%s], "reading": [%s], "memory": %d, "answer": [%.17g, %.17g]}\n', seconds[1],
            paste(sprintf("%f", seconds), collapse = ", "), paste(sprintf("%f", reading), collapse = ", "), memory,
            answer[["y0"]][1], answer[[length(items) + 2]][1]))
