// Pose graphs in the plane and in space, in the error of .g2o files: Z^-1 Xi^-1 Xj.
#pragma once

#include <ceres/ceres.h>

#include <Eigen/Dense>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// Poses are rows of numbers: (x, y, theta) or (t, q) with q = (x, y, z, w).
struct PoseGraph {
  struct Edge {
    int from, to;
    std::vector<double> measurement;
    Eigen::MatrixXd root;  // upper triangular U with U^T U = Omega
  };
  bool planar = false;
  std::vector<long> ids;
  std::map<long, int> row_of;
  std::vector<double> poses;
  std::vector<Edge> edges;
  int size() const { return planar ? 3 : 7; }
};

/// U with U^T U = Omega; where Omega is only semi-definite, from its eigenvalues, negative ones as zero.
inline Eigen::MatrixXd square_root(const Eigen::MatrixXd& information) {
  Eigen::LLT<Eigen::MatrixXd> llt(information);
  if (llt.info() == Eigen::Success) return llt.matrixU();
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(information);
  return eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() * eigen.eigenvectors().transpose();
}

inline void compose(bool planar, const double* a, const double* b, double* out) {
  if (planar) {
    const double c = std::cos(a[2]), s = std::sin(a[2]);
    out[0] = a[0] + c * b[0] - s * b[1];
    out[1] = a[1] + s * b[0] + c * b[1];
    out[2] = a[2] + b[2];
    return;
  }
  using Quaternion = Eigen::Map<const Eigen::Quaterniond>;
  const Quaternion qa(a + 3), qb(b + 3);
  Eigen::Map<Eigen::Vector3d>{out} =
      Eigen::Map<const Eigen::Vector3d>(a) + qa * Eigen::Map<const Eigen::Vector3d>(b);
  Eigen::Map<Eigen::Quaterniond>{out + 3} = (qa * qb).normalized();
}

inline PoseGraph read_pose_graph(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  PoseGraph graph;
  std::string line, tag;
  std::vector<double> numbers;
  std::vector<std::pair<long, long>> ends;
  std::map<long, std::vector<double>> given;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    if (!(words >> tag)) continue;
    const bool vertex = tag == "VERTEX_SE2" || tag == "VERTEX_SE3:QUAT";
    const bool edge = tag == "EDGE_SE2" || tag == "EDGE_SE3:QUAT";
    if (tag == "FIX") continue;  // the first pose is fixed anyway
    if (!vertex && !edge) throw std::runtime_error("the driver knows poses and their edges only, not " + tag);
    graph.planar = tag.find("SE2") != std::string::npos;
    long i = 0, j = 0;
    words >> i;
    if (edge) words >> j;
    numbers.clear();
    for (double number; words >> number;) numbers.push_back(number);
    const size_t size = size_t(graph.size()), n = graph.planar ? 3 : 6;
    if (numbers.size() != size + (edge ? n * (n + 1) / 2 : 0)) throw std::runtime_error("cannot read: " + line);
    if (!graph.planar) Eigen::Map<Eigen::Vector4d>(numbers.data() + 3).normalize();
    if (vertex) {
      given[i] = numbers;
      continue;
    }
    Eigen::MatrixXd information(n, n);
    for (size_t a = 0, k = size; a < n; a++)
      for (size_t b = a; b < n; b++, k++) information(a, b) = information(b, a) = numbers[k];
    graph.edges.push_back({0, 0, {numbers.begin(), numbers.begin() + size}, square_root(information)});
    ends.push_back({i, j});
  }
  std::vector<double> identity(size_t(graph.size()), 0.0);
  if (!graph.planar) identity[6] = 1;
  // Without vertices the odometry is the start: each pose from the first edge that reaches it from a known one.
  const bool integrate = given.empty();
  for (size_t e = 0; e < ends.size(); e++) {
    if (!integrate) continue;
    const auto [i, j] = ends[e];
    if (!given.count(i)) given[i] = identity;
    if (given.count(j)) continue;
    given[j] = identity;
    compose(graph.planar, given[i].data(), graph.edges[e].measurement.data(), given[j].data());
  }
  for (const auto& [id, pose] : given) {
    graph.row_of[id] = int(graph.ids.size());
    graph.ids.push_back(id);
    graph.poses.insert(graph.poses.end(), pose.begin(), pose.end());
  }
  for (size_t e = 0; e < ends.size(); e++) {
    graph.edges[e].from = graph.row_of.at(ends[e].first);
    graph.edges[e].to = graph.row_of.at(ends[e].second);
  }
  return graph;
}

/// Replaces poses by those of a file with lines "id numbers".
inline void read_start(const std::string& file, PoseGraph& graph) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  for (long id; in >> id;) {
    const auto found = graph.row_of.find(id);
    if (found == graph.row_of.end()) throw std::runtime_error("unknown pose " + std::to_string(id) + " in " + file);
    for (int k = 0; k < graph.size(); k++) in >> graph.poses[size_t(found->second * graph.size() + k)];
  }
}

inline double wrap(double angle) { return std::remainder(angle, 2 * M_PI); }

class PlanarEdge : public ceres::SizedCostFunction<3, 3, 3> {
 public:
  explicit PlanarEdge(const PoseGraph::Edge& edge) : z_(edge.measurement.data()), root_(edge.root) {}

  bool Evaluate(double const* const* x, double* residual, double** jacobians) const override {
    const double *a = x[0], *b = x[1];
    const Eigen::Rotation2Dd to_a(-a[2]), to_z(-z_[2]);
    const Eigen::Vector2d apart(b[0] - a[0], b[1] - a[1]);
    const Eigen::Matrix2d turn = (to_z * to_a).toRotationMatrix();
    Eigen::Vector3d e;
    e.head<2>() = turn * apart - to_z * Eigen::Vector2d(z_[0], z_[1]);
    e[2] = wrap(b[2] - a[2] - z_[2]);
    Eigen::Map<Eigen::Vector3d>{residual} = root_ * e;
    if (!jacobians) return true;
    using Out = Eigen::Map<Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>;
    Eigen::Matrix3d J = Eigen::Matrix3d::Zero();
    J.topLeftCorner<2, 2>() = turn;
    J(2, 2) = 1;
    if (jacobians[1]) Out{jacobians[1]} = root_ * J;
    if (jacobians[0]) {
      // d/dtheta R(-theta) v = R(-theta) (v.y, -v.x)
      J.topRightCorner<2, 1>() = -(turn * Eigen::Vector2d(apart.y(), -apart.x()));
      Out{jacobians[0]} = -(root_ * J);
    }
    return true;
  }

 private:
  const double* z_;
  const Eigen::Matrix3d root_;
};

inline Eigen::Matrix3d cross(const Eigen::Vector3d& v) {
  Eigen::Matrix3d m;
  m << 0, -v.z(), v.y(), v.z(), 0, -v.x(), -v.y(), v.x(), 0;
  return m;
}

/// A pose (t, q) moved by a right perturbation (dt, dw): t + R dt, q exp(dw). Cost functions give their derivatives by
/// the perturbation itself, in the first six of the seven ambient columns; PlusJacobian passes them through, which saves
/// Ceres the way over the ambient space.
class PoseManifold : public ceres::Manifold {
 public:
  int AmbientSize() const override { return 7; }
  int TangentSize() const override { return 6; }
  bool Plus(const double* x, const double* delta, double* out) const override {
    const Eigen::Map<const Eigen::Quaterniond> q(x + 3);
    const Eigen::Map<const Eigen::Vector3d> t(x), dt(delta), dw(delta + 3);
    const double angle = dw.norm(), half = angle / 2;
    const double scale = angle < 1e-8 ? 0.5 : std::sin(half) / angle;
    Eigen::Quaterniond turn(std::cos(half), scale * dw.x(), scale * dw.y(), scale * dw.z());
    Eigen::Map<Eigen::Vector3d>{out} = t + q * dt;
    Eigen::Map<Eigen::Quaterniond>{out + 3} = (q * turn).normalized();
    return true;
  }
  bool PlusJacobian(const double*, double* jacobian) const override {
    Eigen::Map<Eigen::Matrix<double, 7, 6, Eigen::RowMajor>>{jacobian}.setIdentity();
    return true;
  }
  bool Minus(const double*, const double*, double*) const override { return false; }  // not needed by the solver
  bool MinusJacobian(const double*, double*) const override { return false; }
};

class SpatialEdge : public ceres::SizedCostFunction<6, 7, 7> {
 public:
  explicit SpatialEdge(const PoseGraph::Edge& edge)
      : zt_(edge.measurement.data()),
        zq_inverse_(Eigen::Quaterniond(edge.measurement.data() + 3).conjugate()),
        root_(edge.root) {}

  bool Evaluate(double const* const* x, double* residual, double** jacobians) const override {
    const Eigen::Map<const Eigen::Vector3d> ta(x[0]), tb(x[1]);
    const Eigen::Map<const Eigen::Quaterniond> qa(x[0] + 3), qb(x[1] + 3);
    const Eigen::Quaterniond qd = qa.conjugate() * qb;  // D = Xi^-1 Xj
    const Eigen::Vector3d td = qa.conjugate() * (tb - ta);
    const Eigen::Quaterniond qe = zq_inverse_ * qd;
    const double sign = qe.w() < 0 ? -1 : 1;
    Eigen::Matrix<double, 6, 1> e;
    e.head<3>() = zq_inverse_ * (td - zt_);
    e.tail<3>() = sign * qe.vec();
    Eigen::Map<Eigen::Matrix<double, 6, 1>>{residual} = root_ * e;
    if (!jacobians) return true;
    using Out = Eigen::Map<Eigen::Matrix<double, 6, 7, Eigen::RowMajor>>;
    Eigen::Matrix<double, 6, 6> J;
    if (jacobians[0]) {
      // D -> delta^-1 D: t by -dt + [td] dw; q by -(1/2) zq^-1 (0, dw) qd, whose vector part is linear in dw:
      // (0, dw) between p and q gives -qv pv^T + qw (pw I + [pv]) - [qv] (pw I + [pv]).
      const Eigen::Matrix3d back = zq_inverse_.toRotationMatrix();
      const Eigen::Vector3d pv = zq_inverse_.vec(), qv = qd.vec();
      const Eigen::Matrix3d first = zq_inverse_.w() * Eigen::Matrix3d::Identity() + cross(pv);
      J.topLeftCorner<3, 3>() = -back;
      J.topRightCorner<3, 3>() = back * cross(td);
      J.bottomLeftCorner<3, 3>().setZero();
      J.bottomRightCorner<3, 3>() = -0.5 * sign * (qd.w() * first - qv * pv.transpose() - cross(qv) * first);
      Out out(jacobians[0]);
      out.leftCols<6>().noalias() = root_ * J;
      out.col(6).setZero();
    }
    if (jacobians[1]) {
      // E -> E delta: t by Re dt, q by (1/2) (qw I + [qv]) dw.
      J.setZero();
      J.topLeftCorner<3, 3>() = qe.toRotationMatrix();
      J.bottomRightCorner<3, 3>() = 0.5 * sign * (qe.w() * Eigen::Matrix3d::Identity() + cross(qe.vec()));
      Out out(jacobians[1]);
      out.leftCols<6>().noalias() = root_ * J;
      out.col(6).setZero();
    }
    return true;
  }

 private:
  const Eigen::Vector3d zt_;
  const Eigen::Quaterniond zq_inverse_;
  const Eigen::Matrix<double, 6, 6> root_;
};

inline void build(PoseGraph& graph, ceres::Problem& problem) {
  const size_t size = size_t(graph.size());
  auto* manifold = graph.planar ? nullptr : new PoseManifold;
  for (size_t v = 0; v < graph.ids.size(); v++) problem.AddParameterBlock(&graph.poses[v * size], int(size), manifold);
  for (const PoseGraph::Edge& edge : graph.edges) {
    ceres::CostFunction* cost = nullptr;
    if (graph.planar) cost = new PlanarEdge(edge);
    else cost = new SpatialEdge(edge);
    problem.AddResidualBlock(cost, nullptr, &graph.poses[size_t(edge.from) * size], &graph.poses[size_t(edge.to) * size]);
  }
  problem.SetParameterBlockConstant(graph.poses.data());
}
