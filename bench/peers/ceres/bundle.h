// Bundle adjustment: BAL files, and windows of one calibrated camera.
#pragma once

#include <ceres/ceres.h>
#include <ceres/rotation.h>

#include <Eigen/Dense>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "pose_graph.h"

/// Cameras are rows of 9 numbers as in BAL files (angle-axis and translation world to camera, f, k1, k2), or, in a
/// window, of 7: the pose (t, q) of the camera in the world.
struct Bundle {
  struct Observation {
    int camera, point;
    double u, v;
  };
  bool window = false;
  int held = 0;                        // the first cameras that stay as they are
  double fx = 0, fy = 0, cx = 0, cy = 0;
  std::vector<Observation> observations;
  std::vector<double> cameras, points;
  int camera_size() const { return window ? 7 : 9; }
};

/// BAL: "cameras points observations", observations, cameras, points (S. Agarwal et al., "Bundle adjustment in the
/// large", ECCV 2010). A window has "WINDOW held fx fy cx cy" in front and is laid out alike.
inline Bundle read_bundle(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  Bundle bundle;
  std::string word;
  in >> word;
  long cameras = 0, points = 0, observations = 0;
  if (word == "WINDOW") {
    bundle.window = true;
    in >> bundle.held >> bundle.fx >> bundle.fy >> bundle.cx >> bundle.cy >> cameras;
  } else {
    cameras = std::stol(word);
  }
  in >> points >> observations;
  bundle.observations.resize(size_t(observations));
  for (auto& o : bundle.observations) in >> o.camera >> o.point >> o.u >> o.v;
  bundle.cameras.resize(size_t(cameras * bundle.camera_size()));
  bundle.points.resize(size_t(3 * points));
  for (double& number : bundle.cameras) in >> number;
  for (double& number : bundle.points) in >> number;
  if (!in) throw std::runtime_error("not a BAL file: " + file);
  return bundle;
}

/// P = R X + t, p = -P / P.z, r(p) = 1 + k1 |p|^2 + k2 |p|^4, residual f r(p) p - observed.
struct BalError {
  double u, v;
  template <typename T>
  bool operator()(const T* camera, const T* point, T* residual) const {
    T p[3];
    ceres::AngleAxisRotatePoint(camera, point, p);
    for (int k = 0; k < 3; k++) p[k] += camera[3 + k];
    const T x = -p[0] / p[2], y = -p[1] / p[2], square = x * x + y * y;
    const T scale = camera[6] * (1.0 + square * (camera[7] + camera[8] * square));
    residual[0] = scale * x - u;
    residual[1] = scale * y - v;
    return true;
  }
};

/// A calibrated camera at (t, q) sees P = R^T (X - t) at (fx P.x / P.z + cx, ...). Derivatives by the right
/// perturbation of the pose, as PoseManifold passes them on: dP = -dt + [P] dw.
class WindowError : public ceres::SizedCostFunction<2, 7, 3> {
 public:
  WindowError(const Bundle& bundle, const Bundle::Observation& seen) : bundle_(bundle), seen_(seen) {}
  bool Evaluate(double const* const* x, double* residual, double** jacobians) const override {
    const Eigen::Map<const Eigen::Vector3d> t(x[0]), point(x[1]);
    const Eigen::Matrix3d back = Eigen::Map<const Eigen::Quaterniond>(x[0] + 3).conjugate().toRotationMatrix();
    const Eigen::Vector3d P = back * (point - t);
    const double inverse = 1 / P.z(), u = P.x() * inverse, v = P.y() * inverse;
    residual[0] = bundle_.fx * u + bundle_.cx - seen_.u;
    residual[1] = bundle_.fy * v + bundle_.cy - seen_.v;
    if (!jacobians) return true;
    Eigen::Matrix<double, 2, 3> by_P;
    by_P << bundle_.fx * inverse, 0, -bundle_.fx * u * inverse, 0, bundle_.fy * inverse, -bundle_.fy * v * inverse;
    if (jacobians[0]) {
      Eigen::Map<Eigen::Matrix<double, 2, 7, Eigen::RowMajor>> J(jacobians[0]);
      J.leftCols<3>() = -by_P;
      J.middleCols<3>(3) = by_P * cross(P);
      J.col(6).setZero();
    }
    if (jacobians[1]) Eigen::Map<Eigen::Matrix<double, 2, 3, Eigen::RowMajor>>{jacobians[1]} = by_P * back;
    return true;
  }

 private:
  const Bundle& bundle_;
  const Bundle::Observation& seen_;
};

inline void build(Bundle& bundle, ceres::Problem& problem, ceres::Solver::Options& options) {
  const size_t size = size_t(bundle.camera_size());
  auto* manifold = bundle.window ? new PoseManifold : nullptr;
  auto* ordering = new ceres::ParameterBlockOrdering;
  for (size_t c = 0; c < bundle.cameras.size(); c += size) {
    problem.AddParameterBlock(&bundle.cameras[c], int(size), manifold);
    if (c < size_t(bundle.held) * size) problem.SetParameterBlockConstant(&bundle.cameras[c]);
    ordering->AddElementToGroup(&bundle.cameras[c], 1);
  }
  for (size_t p = 0; p < bundle.points.size(); p += 3) {
    problem.AddParameterBlock(&bundle.points[p], 3);
    ordering->AddElementToGroup(&bundle.points[p], 0);  // eliminated first
  }
  for (const auto& seen : bundle.observations) {
    ceres::CostFunction* cost = nullptr;
    if (bundle.window) cost = new WindowError(bundle, seen);
    else cost = new ceres::AutoDiffCostFunction<BalError, 2, 9, 3>(new BalError{seen.u, seen.v});
    problem.AddResidualBlock(cost, nullptr, &bundle.cameras[size_t(seen.camera) * size],
                             &bundle.points[size_t(seen.point) * 3]);
  }
  options.linear_solver_ordering.reset(ordering);
}
