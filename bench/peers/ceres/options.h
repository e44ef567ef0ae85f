// What the driver is asked for, and what it answers: one line of JSON.
#pragma once

#include <ceres/ceres.h>
#include <sys/resource.h>

#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

struct Options {
  std::string file;
  std::string start;                 // poses to begin from instead of the file's: lines "id numbers"
  std::string solver = "sparse_normal_cholesky";
  double tolerance = 1e-6;           // relative decrease of the cost at which to stop
  int max_iterations = 200;
};

inline Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i++) {
    const std::string word = argv[i];
    if (word.rfind("--", 0) != 0) {
      options.file = word;
      continue;
    }
    if (i + 1 == argc) throw std::runtime_error(word + " needs a value");
    const std::string value = argv[++i];
    if (word == "--start") options.start = value;
    else if (word == "--solver") options.solver = value;
    else if (word == "--tolerance") options.tolerance = std::stod(value);
    else if (word == "--max-iterations") options.max_iterations = std::stoi(value);
    else throw std::runtime_error("unknown option " + word);
  }
  if (options.file.empty())
    throw std::runtime_error(
        "usage: driver FILE [--solver sparse_normal_cholesky|dense_schur|sparse_schur] [--start FILE] "
        "[--tolerance 1e-6] [--max-iterations 200]");
  return options;
}

inline std::string upper(std::string text) {
  for (char& c : text) c = char(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

inline ceres::Solver::Options solver_options(const Options& options) {
  ceres::Solver::Options out;
  if (!ceres::StringToLinearSolverType(upper(options.solver), &out.linear_solver_type))
    throw std::runtime_error("unknown solver " + options.solver);
  out.sparse_linear_algebra_library_type = ceres::SUITE_SPARSE;
  out.max_num_iterations = options.max_iterations;
  out.function_tolerance = options.tolerance;
  out.num_threads = 1;
  out.logging_type = ceres::SILENT;
  return out;
}

/// Seconds of this process: what it computed, and what passed.
struct Clock {
  double cpu, wall;
  static Clock now() {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return {seconds(usage.ru_utime) + seconds(usage.ru_stime), std::chrono::duration<double>(since).count()};
  }
};

/// Costs are printed as `scale` times Ceres's ½ Σ r²: 2 for chi2, 1 for half the sum of squares.
inline void print_report(const Options& options, const ceres::Solver::Summary& summary, double scale,
                         const Clock& begun, const Clock& read, const Clock& built, const Clock& solved) {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"peer\":\"ceres\",\"version\":\"%s\",\"solver\":\"%s\",\"initial\":%.12g,\"final\":%.12g,\"iterations\":%d,"
      "\"converged\":%s,\"cpu\":{\"read\":%.6f,\"build\":%.6f,\"solve\":%.6f},"
      "\"wall\":{\"read\":%.6f,\"build\":%.6f,\"solve\":%.6f},\"linear_solver\":%.6f,\"jacobian\":%.6f,"
      "\"peak_megabytes\":%.1f}\n",
      CERES_VERSION_STRING, options.solver.c_str(), scale * summary.initial_cost, scale * summary.final_cost,
      summary.num_successful_steps + summary.num_unsuccessful_steps - 1,
      summary.termination_type == ceres::CONVERGENCE ? "true" : "false", read.cpu - begun.cpu, built.cpu - read.cpu,
      solved.cpu - built.cpu, read.wall - begun.wall, built.wall - read.wall, solved.wall - built.wall,
      summary.linear_solver_time_in_seconds, summary.jacobian_evaluation_time_in_seconds, usage.ru_maxrss / 1024.0);
}
