# R's survey package: Rscript survey.R FILE.csv DESIGN ITEMS. For every line on standard input a run from file to
# answer, for which it prints a line of JSON; reading is timed apart, too.
suppressMessages({library(survey); library(data.table)})
argument <- commandArgs(TRUE)
items <- paste0("y", seq_len(as.integer(argument[3])) - 1)
columns <- c("weight", "stratum", "domain", if (argument[2] == "psu") c("psu", "population"), items)
input <- file("stdin", "r")
while (length(readLines(input, n = 1)) > 0) {
  start <- proc.time()[["elapsed"]]
  rows <- fread(argument[1], select = columns, data.table = FALSE)
  reading <- proc.time()[["elapsed"]] - start
  drawn <- if (argument[2] == "psu") {
    svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, fpc = ~population, data = rows)
  } else {
    svydesign(ids = ~1, strata = ~stratum, weights = ~weight, data = rows)
  }
  answer <- svyby(reformulate(items), ~domain, drawn, svymean)
  seconds <- proc.time()[["elapsed"]] - start
  status <- readLines("/proc/self/status")
  memory <- as.integer(gsub("\\D", "", grep("VmHWM", status, value = TRUE))) %/% 1024
  cat(sprintf('{"seconds": %f, "reading": %f, "memory": %d, "answer": [%.17g, %.17g]}\n', seconds, reading, memory,
              answer[["y0"]][1], answer[[length(items) + 2]][1]))
  flush(stdout())
}
