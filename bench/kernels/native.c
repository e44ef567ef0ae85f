/* The native side of the kernel benchmark: reads structures that kernels.ts wrote and prints the seconds of each kernel,
   one JSON object a line. gcc -O3 -march=native. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A pose graph's structure: columns of J, lower triangle of H, factor L in elimination order. */
typedef struct {
  int n, edges, entries, factor_entries;
  int *columns, *column_start, *row_index, *factor_start, *factor_rows, *target, *targets;
} Pattern;

typedef struct {
  int cameras, points, count;
  int *camera, *point;
} Sightings;

#define REAL double
#define NAME(x) x##_f64
#define SQRT sqrt
#include "loops.h"
#undef REAL
#undef NAME
#undef SQRT
#define REAL float
#define NAME(x) x##_f32
#define SQRT sqrtf
#include "loops.h"

/* Processor time: the machine is shared. */
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int *read_ints(FILE *file, size_t count) {
  int *out = malloc(count * sizeof(int) + 4);
  if (fread(out, sizeof(int), count, file) != count) exit(1);
  return out;
}

static unsigned seed = 1;
static double random_number(void) {
  seed = seed * 1664525u + 1013904223u;
  return (double)(seed >> 8) / (1 << 24) * 2 - 1;
}

/* Least processor seconds of `work` over about 0.15 s; short work is timed in bunches. */
#define MEASURE(kernel, format, size, work)                                                        \
  do {                                                                                             \
    double least = 1e9, spent = 0;                                                                 \
    int bunch = 1;                                                                                 \
    while (spent < 0.15) {                                                                         \
      const double begun = now();                                                                  \
      for (int i = 0; i < bunch; i++) work;                                                        \
      const double took = now() - begun;                                                           \
      spent += took;                                                                               \
      if (took < 1e-3) bunch *= 2;                                                                 \
      else if (took / bunch < least) least = took / bunch;                                         \
    }                                                                                              \
    printf("{\"kernel\":\"%s\",\"format\":\"%s\",\"size\":\"%s\",\"seconds\":%.9g}\n", kernel, format, size, least); \
  } while (0)

#define RUN_POSE_GRAPH(REAL, format)                                                               \
  static void run_pose_graph_##format(const Pattern *p, const char *size) {                        \
    const size_t n = (size_t)p->n, edges = (size_t)p->edges;                                       \
    State_##format s = {0};                                                                        \
    s.J = calloc(72 * edges, sizeof(REAL)), s.x = calloc(6 * n, sizeof(REAL));                     \
    s.y = calloc(6 * n, sizeof(REAL)), s.r = calloc(6 * edges, sizeof(REAL));                      \
    s.H = calloc(36 * (size_t)p->entries, sizeof(REAL)), s.work = calloc(6 * n, sizeof(REAL));     \
    s.L = calloc(36 * (size_t)p->factor_entries, sizeof(REAL));                                    \
    s.poses = calloc(7 * n, sizeof(REAL)), s.measurements = calloc(7 * edges, sizeof(REAL));       \
    s.place = calloc(n, 4), s.cursor = calloc(n, 4), s.head = calloc(n, 4), s.next = calloc(n, 4); \
    s.targets = p->targets;                                                                        \
    for (size_t i = 0; i < 72 * edges; i++) s.J[i] = (REAL)random_number();                        \
    for (size_t i = 0; i < 6 * n; i++) s.x[i] = (REAL)random_number();                             \
    for (size_t i = 0; i < 7 * n; i++) s.poses[i] = i % 7 < 6 ? (REAL)(0.3 * random_number()) : 1; \
    for (size_t i = 0; i < 7 * edges; i++) s.measurements[i] = i % 7 < 6 ? 0 : 1;                  \
    MEASURE("J x", #format, size, multiply_##format(p, &s));                                       \
    MEASURE("J^T y", #format, size, multiply_transposed_##format(p, &s));                          \
    MEASURE("normal equations", #format, size, normal_equations_##format(p, &s));                  \
    for (int j = 0; j < p->n; j++)                                                                 \
      for (int a = 0; a < 6; a++) s.H[36 * (long)p->column_start[j] + 7 * a] += 1000;              \
    MEASURE("H x", #format, size, symmetric_multiply_##format(p, &s));                             \
    MEASURE("block Cholesky", #format, size, cholesky_##format(p, &s));                            \
    MEASURE("block solve", #format, size, substitute_##format(p, &s));                             \
    MEASURE("linearize between", #format, size, between_##format(p, &s));                          \
    free(s.J), free(s.H), free(s.L);                                                               \
  }
RUN_POSE_GRAPH(double, f64)
RUN_POSE_GRAPH(float, f32)

#define RUN_SIGHTINGS(REAL, format)                                                                \
  static void run_sightings_##format(const Sightings *o, const char *size) {                       \
    const size_t count = (size_t)o->count;                                                         \
    State_##format s = {0};                                                                        \
    s.J = calloc(18 * count, sizeof(REAL)), s.r = calloc(2 * count, sizeof(REAL));                 \
    s.poses = calloc(7 * (size_t)o->cameras, sizeof(REAL));                                        \
    s.x = calloc(3 * (size_t)o->points, sizeof(REAL)), s.measurements = calloc(2 * count, sizeof(REAL)); \
    for (int c = 0; c < o->cameras; c++) s.poses[7 * c + 6] = 1;                                   \
    for (int i = 0; i < 3 * o->points; i++) s.x[i] = (REAL)(i % 3 == 2 ? 4 : random_number());     \
    MEASURE("linearize reprojection", #format, size, reprojection_##format(o, &s));                \
    free(s.J);                                                                                     \
  }
RUN_SIGHTINGS(double, f64)
RUN_SIGHTINGS(float, f32)

#define RUN_DENSE(REAL, format)                                                                    \
  static void run_dense_##format(int n) {                                                          \
    const size_t count = (size_t)n * (size_t)n;                                                    \
    REAL *A = calloc(count, sizeof(REAL)), *work = calloc(count, sizeof(REAL));                    \
    for (int i = 0; i < n; i++)                                                                    \
      for (int j = 0; j <= i; j++) A[(long)i * n + j] = (REAL)(i == j ? n : 0.5 * random_number()); \
    char size[16];                                                                                 \
    snprintf(size, sizeof size, "%d", n);                                                          \
    MEASURE("dense Cholesky", #format, size, (memcpy(work, A, count * sizeof(REAL)), dense_cholesky_##format(work, n))); \
    free(A), free(work);                                                                           \
  }
RUN_DENSE(double, f64)
RUN_DENSE(float, f32)

static void run_file(const char *name, const char *size) {
  FILE *file = fopen(name, "rb");
  if (!file) exit(1);
  int *head = read_ints(file, 5);
  if (head[0] == 0) {
    Pattern p = {.n = head[1], .edges = head[2], .entries = head[3], .factor_entries = head[4]};
    p.columns = read_ints(file, 2 * (size_t)p.edges);
    p.targets = read_ints(file, 4 * (size_t)p.edges);
    p.column_start = read_ints(file, (size_t)p.n + 1);
    p.row_index = read_ints(file, (size_t)p.entries);
    p.target = read_ints(file, (size_t)p.entries);
    p.factor_start = read_ints(file, (size_t)p.n + 1);
    p.factor_rows = read_ints(file, (size_t)p.factor_entries);
    run_pose_graph_f64(&p, size);
    run_pose_graph_f32(&p, size);
  } else {
    Sightings o = {.cameras = head[1], .points = head[2], .count = head[3]};
    o.camera = read_ints(file, (size_t)o.count);
    o.point = read_ints(file, (size_t)o.count);
    run_sightings_f64(&o, size);
    run_sightings_f32(&o, size);
  }
  fclose(file);
}

/* Arguments: pairs FILE SIZE, then sizes of dense matrices. */
int main(int argc, char **argv) {
  int i = 1;
  for (; i + 1 < argc && atoi(argv[i]) == 0; i += 2) run_file(argv[i], argv[i + 1]);
  for (; i < argc; i++) {
    run_dense_f64(atoi(argv[i]));
    run_dense_f32(atoi(argv[i]));
  }
}
