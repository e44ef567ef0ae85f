// Solves one pose graph (.g2o) or bundle adjustment (BAL, window) with Ceres and prints one line of JSON. The error, the
// start and the stop rule are Homeward's, so that both minimize the same number from the same place.
#include "bundle.h"
#include "options.h"
#include "pose_graph.h"

namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void solve_pose_graph(const Options& options) {
  const Clock begun = Clock::now();
  PoseGraph graph = read_pose_graph(options.file);
  if (!options.start.empty()) read_start(options.start, graph);
  const Clock read = Clock::now();
  ceres::Problem problem;
  build(graph, problem);
  const Clock built = Clock::now();
  ceres::Solver::Summary summary;
  ceres::Solve(solver_options(options), &problem, &summary);
  print_report(options, summary, 2, begun, read, built, Clock::now());
}

void solve_bundle(const Options& options) {
  const Clock begun = Clock::now();
  Bundle bundle = read_bundle(options.file);
  const Clock read = Clock::now();
  ceres::Problem problem;
  ceres::Solver::Options settings = solver_options(options);
  build(bundle, problem, settings);
  const Clock built = Clock::now();
  ceres::Solver::Summary summary;
  ceres::Solve(settings, &problem, &summary);
  print_report(options, summary, 1, begun, read, built, Clock::now());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse_options(argc, argv);
    if (ends_with(options.file, ".g2o")) solve_pose_graph(options);
    else solve_bundle(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
