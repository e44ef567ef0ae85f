/* The kernels in one number format: included once with REAL = double and once with REAL = float. Plain loops that the
   compiler may vectorize as it likes; the same data structures and the same operations as ours. Blocks are 6 x 6,
   row-major. */

typedef struct {
  REAL *J, *x, *y, *r, *H, *L, *work, *poses, *measurements;
  int *place, *cursor, *head, *next, *targets;
} NAME(State);

/* ---- products with J: one factor per edge, blocks 6 x 6 side by side in memory ---- */

static void NAME(multiply)(const Pattern *p, NAME(State) *s) {
  for (int e = 0; e < p->edges; e++) {
    REAL sum[6] = {0};
    for (int k = 0; k < 2; k++) {
      const REAL *A = s->J + 72 * (long)e + 36 * k, *x = s->x + 6 * p->columns[2 * e + k];
      for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) sum[i] += A[6 * i + j] * x[j];
    }
    for (int i = 0; i < 6; i++) s->r[6 * (long)e + i] = sum[i];
  }
}

static void NAME(multiply_transposed)(const Pattern *p, NAME(State) *s) {
  memset(s->y, 0, sizeof(REAL) * 6 * (size_t)p->n);
  for (int e = 0; e < p->edges; e++)
    for (int k = 0; k < 2; k++) {
      const REAL *A = s->J + 72 * (long)e + 36 * k, *r = s->r + 6 * (long)e;
      REAL *y = s->y + 6 * p->columns[2 * e + k], sum[6];
      for (int j = 0; j < 6; j++) sum[j] = y[j];
      for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) sum[j] += A[6 * i + j] * r[i];
      for (int j = 0; j < 6; j++) y[j] = sum[j];
    }
}

/* C += A^T B */
static inline void NAME(add_product)(const REAL *restrict A, const REAL *restrict B, REAL *restrict C) {
  for (int i = 0; i < 6; i++) {
    REAL row[6];
    for (int j = 0; j < 6; j++) row[j] = C[6 * i + j];
    for (int m = 0; m < 6; m++)
      for (int j = 0; j < 6; j++) row[j] += A[6 * m + i] * B[6 * m + j];
    for (int j = 0; j < 6; j++) C[6 * i + j] = row[j];
  }
}

static void NAME(normal_equations)(const Pattern *p, NAME(State) *s) {
  memset(s->H, 0, sizeof(REAL) * 36 * (size_t)p->entries);
  for (int e = 0; e < p->edges; e++)
    for (int k = 0; k < 2; k++)
      for (int l = 0; l < 2; l++) {
        const int to = s->targets[4 * e + 2 * k + l];
        if (to >= 0) NAME(add_product)(s->J + 72 * (long)e + 36 * k, s->J + 72 * (long)e + 36 * l, s->H + 36 * (long)to);
      }
}

/* ---- symmetric product: the lower triangle serves twice ---- */

static void NAME(symmetric_multiply)(const Pattern *p, NAME(State) *s) {
  memset(s->y, 0, sizeof(REAL) * 6 * (size_t)p->n);
  for (int j = 0; j < p->n; j++) {
    REAL own[6] = {0};
    const REAL *xj = s->x + 6 * j;
    for (int e = p->column_start[j]; e < p->column_start[j + 1]; e++) {
      const int i = p->row_index[e];
      const REAL *B = s->H + 36 * (long)e, *xi = s->x + 6 * i;
      REAL *yi = s->y + 6 * i;
      for (int a = 0; a < 6; a++) {
        REAL sum = 0;
        for (int b = 0; b < 6; b++) sum += B[6 * a + b] * xj[b];
        yi[a] += sum;
      }
      if (i == j) continue;
      for (int a = 0; a < 6; a++)
        for (int b = 0; b < 6; b++) own[b] += B[6 * a + b] * xi[a];
    }
    for (int b = 0; b < 6; b++) s->y[6 * j + b] += own[b];
  }
}

/* ---- left-looking block Cholesky ---- */

static void NAME(load)(const Pattern *p, NAME(State) *s) {
  memset(s->L, 0, sizeof(REAL) * 36 * (size_t)p->factor_entries);
  for (int e = 0; e < p->entries; e++) {
    const int to = p->target[e];
    const REAL *from = s->H + 36 * (long)e;
    if (to >= 0) memcpy(s->L + to, from, sizeof(REAL) * 36);
    else
      for (int a = 0; a < 6; a++)
        for (int b = 0; b < 6; b++) s->L[-1 - to + 6 * b + a] = from[6 * a + b];
  }
}

/* C_e -= A_e B^T for a run of blocks A_e of one finished column; B is turned once, so that rows of C are vectors. */
static void NAME(update)(const Pattern *p, NAME(State) *s, int from, int to) {
  const REAL *B = s->L + 36 * (long)from;
  REAL turned[36];
  for (int a = 0; a < 6; a++)
    for (int b = 0; b < 6; b++) turned[6 * b + a] = B[6 * a + b];
  for (int e = from; e < to; e++) {
    const REAL *A = s->L + 36 * (long)e;
    REAL *C = s->L + 36 * (long)s->place[p->factor_rows[e]];
    for (int a = 0; a < 6; a++) {
      REAL row[6];
      for (int b = 0; b < 6; b++) row[b] = C[6 * a + b];
      for (int t = 0; t < 6; t++)
        for (int b = 0; b < 6; b++) row[b] -= A[6 * a + t] * turned[6 * t + b];
      for (int b = 0; b < 6; b++) C[6 * a + b] = row[b];
    }
  }
}

static void NAME(chain)(const Pattern *p, NAME(State) *s, int c) {
  if (s->cursor[c] == p->factor_start[c + 1]) return;
  const int row = p->factor_rows[s->cursor[c]];
  s->next[c] = s->head[row];
  s->head[row] = c;
}

static int NAME(cholesky)(const Pattern *p, NAME(State) *s) {
  NAME(load)(p, s);
  for (int k = 0; k < p->n; k++) s->head[k] = -1;
  for (int k = 0; k < p->n; k++) {
    const int begin = p->factor_start[k], end = p->factor_start[k + 1];
    for (int e = begin; e < end; e++) s->place[p->factor_rows[e]] = e;
    for (int c = s->head[k]; c >= 0;) {
      const int following = s->next[c];
      NAME(update)(p, s, s->cursor[c], p->factor_start[c + 1]);
      s->cursor[c]++;
      NAME(chain)(p, s, c);
      c = following;
    }
    REAL *G = s->L + 36 * (long)begin;
    for (int a = 0; a < 6; a++)
      for (int b = 0; b <= a; b++) {
        REAL sum = G[6 * a + b];
        for (int t = 0; t < b; t++) sum -= G[6 * a + t] * G[6 * b + t];
        if (a == b && !(sum > 0)) return 0;
        G[6 * a + b] = a == b ? SQRT(sum) : sum / G[6 * b + b];
      }
    for (long row = 6 * (long)begin + 6; row < 6 * (long)end; row++) {
      REAL *x = s->L + 6 * row;
      for (int b = 0; b < 6; b++) {
        REAL sum = x[b];
        for (int t = 0; t < b; t++) sum -= x[t] * G[6 * b + t];
        x[b] = sum / G[6 * b + b];
      }
    }
    s->cursor[k] = begin + 1;
    NAME(chain)(p, s, k);
  }
  return 1;
}

static void NAME(substitute)(const Pattern *p, NAME(State) *s) {
  REAL *w = s->work;
  memcpy(w, s->x, sizeof(REAL) * 6 * (size_t)p->n);
  for (int k = 0; k < p->n; k++) {
    const REAL *G = s->L + 36 * (long)p->factor_start[k];
    REAL *x = w + 6 * k;
    for (int a = 0; a < 6; a++) {
      for (int t = 0; t < a; t++) x[a] -= G[6 * a + t] * x[t];
      x[a] /= G[6 * a + a];
    }
    for (int e = p->factor_start[k] + 1; e < p->factor_start[k + 1]; e++) {
      const REAL *A = s->L + 36 * (long)e;
      REAL *y = w + 6 * p->factor_rows[e];
      for (int a = 0; a < 6; a++) {
        REAL sum = 0;
        for (int t = 0; t < 6; t++) sum += A[6 * a + t] * x[t];
        y[a] -= sum;
      }
    }
  }
  for (int k = p->n - 1; k >= 0; k--) {
    const REAL *G = s->L + 36 * (long)p->factor_start[k];
    REAL *x = w + 6 * k, sum[6];
    for (int a = 0; a < 6; a++) sum[a] = x[a];
    for (int e = p->factor_start[k] + 1; e < p->factor_start[k + 1]; e++) {
      const REAL *A = s->L + 36 * (long)e, *y = w + 6 * p->factor_rows[e];
      for (int a = 0; a < 6; a++)
        for (int t = 0; t < 6; t++) sum[t] -= A[6 * a + t] * y[a];
    }
    for (int a = 5; a >= 0; a--) {
      for (int t = a + 1; t < 6; t++) sum[a] -= G[6 * t + a] * x[t];
      x[a] = sum[a] / G[6 * a + a];
    }
  }
}

/* ---- dense Cholesky, left-looking: panels one register wide, rows by eights so that sums stay in registers ---- */

typedef REAL NAME(Vector) __attribute__((vector_size(64)));
enum { NAME(WIDTH) = 64 / sizeof(REAL), NAME(ROWS) = 8 };

/* Rows of the panel's own triangle, one by one; leaves its columns (turned) and the inverses of its diagonal. */
static void NAME(finish_triangle)(REAL *A, int n, int j, int width, NAME(Vector) *column, REAL *inverse) {
  for (int b = 0; b < width; b++) {
    REAL *row = A + (long)(j + b) * n + j;
    for (int c = 0; c < b; c++) {
      const REAL *G = A + (long)(j + c) * n + j;
      for (int t = 0; t < c; t++) row[c] -= row[t] * G[t];
      row[c] *= inverse[c];
    }
    for (int t = 0; t < b; t++) row[b] -= row[t] * row[t];
    row[b] = SQRT(row[b]);
    inverse[b] = 1 / row[b];
  }
  for (int t = 0; t < NAME(WIDTH); t++)
    for (int b = 0; b < NAME(WIDTH); b++) column[t][b] = t < b && b < width ? A[(long)(j + b) * n + j + t] : 0;
}

static void NAME(dense_cholesky)(REAL *A, int n) {
  static NAME(Vector) turned[4096];
  NAME(Vector) column[NAME(WIDTH)];
  REAL inverse[NAME(WIDTH)];
  for (int j = 0; j < n; j += NAME(WIDTH)) {
    const int width = n - j < NAME(WIDTH) ? n - j : NAME(WIDTH);
    for (int t = 0; t < j; t++)
      for (int b = 0; b < NAME(WIDTH); b++) turned[t][b] = b < width ? A[(long)(j + b) * n + t] : 0;
    for (int i = j; i < n; i += NAME(ROWS)) {
      const int rows = n - i < NAME(ROWS) ? n - i : NAME(ROWS);
      const int inside = i < j + NAME(WIDTH);
      const REAL *f[NAME(ROWS)];
      for (int r = 0; r < NAME(ROWS); r++) f[r] = A + (long)(r < rows ? i + r : i) * n;
      NAME(Vector) s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0}, s5 = {0}, s6 = {0}, s7 = {0};
      for (int t = 0; t < j; t++) {
        const NAME(Vector) b = turned[t];
        s0 += f[0][t] * b, s1 += f[1][t] * b, s2 += f[2][t] * b, s3 += f[3][t] * b;
        s4 += f[4][t] * b, s5 += f[5][t] * b, s6 += f[6][t] * b, s7 += f[7][t] * b;
      }
      NAME(Vector) sums[NAME(ROWS)] = {s0, s1, s2, s3, s4, s5, s6, s7};
      for (int r = 0; r < rows; r++) {
        REAL *row = A + (long)(i + r) * n + j;
        const int last = inside && i + r - j < width - 1 ? i + r - j + 1 : width;
        for (int b = 0; b < last; b++) row[b] -= sums[r][b];
      }
      if (inside && i + NAME(ROWS) < j + NAME(WIDTH) && i + NAME(ROWS) < n) continue;
      if (inside) {
        NAME(finish_triangle)(A, n, j, width, column, inverse);
        continue;
      }
      for (int r = 0; r < rows; r++) memcpy(&sums[r], A + (long)(i + r) * n + j, sizeof(REAL) * (size_t)width);
      for (int t = 0; t < width; t++)
        for (int r = 0; r < NAME(ROWS); r++) {
          const REAL x = sums[r][t] * inverse[t];
          sums[r] -= x * column[t];
          sums[r][t] = x;
        }
      for (int r = 0; r < rows; r++) memcpy(A + (long)(i + r) * n + j, &sums[r], sizeof(REAL) * (size_t)width);
    }
  }
}

/* ---- factors with derivatives ---- */

static inline void NAME(rotation)(REAL x, REAL y, REAL z, REAL w, REAL *A) {
  A[0] = 1 - 2 * (y * y + z * z), A[1] = 2 * (x * y - z * w), A[2] = 2 * (x * z + y * w);
  A[3] = 2 * (x * y + z * w), A[4] = 1 - 2 * (x * x + z * z), A[5] = 2 * (y * z - x * w);
  A[6] = 2 * (x * z - y * w), A[7] = 2 * (y * z + x * w), A[8] = 1 - 2 * (x * x + y * y);
}

static inline void NAME(turn)(const REAL *A, const REAL *v, REAL *out) {
  for (int a = 0; a < 3; a++) out[a] = A[3 * a] * v[0] + A[3 * a + 1] * v[1] + A[3 * a + 2] * v[2];
}

/* conj(a) b, for (x, y, z, w) */
static inline void NAME(quotient)(const REAL *a, const REAL *b, REAL *out) {
  out[0] = a[3] * b[0] - a[0] * b[3] - a[1] * b[2] + a[2] * b[1];
  out[1] = a[3] * b[1] + a[0] * b[2] - a[1] * b[3] - a[2] * b[0];
  out[2] = a[3] * b[2] - a[0] * b[1] + a[1] * b[0] - a[2] * b[3];
  out[3] = a[3] * b[3] + a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Relative poses: r = (t, vec q) of Z^-1 Xi^-1 Xj and both 6 x 6 derivatives by right perturbations. */
static void NAME(between)(const Pattern *p, NAME(State) *s) {
  for (int e = 0; e < p->edges; e++) {
    const REAL *a = s->poses + 7 * p->columns[2 * e], *b = s->poses + 7 * p->columns[2 * e + 1];
    const REAL *z = s->measurements + 7 * (long)e;
    REAL *r = s->r + 6 * (long)e, *Ja = s->J + 72 * (long)e, *Jb = Ja + 36;
    REAL Ra[9], A[9], E[9], gap[3], d[3], q[4], v[4], shifted[3];
    for (int k = 0; k < 3; k++) gap[k] = b[k] - a[k];
    NAME(rotation)(-a[3], -a[4], -a[5], a[6], Ra);
    NAME(turn)(Ra, gap, d);
    NAME(quotient)(a + 3, b + 3, q);
    NAME(rotation)(-z[3], -z[4], -z[5], z[6], A);
    for (int k = 0; k < 3; k++) shifted[k] = d[k] - z[k];
    NAME(turn)(A, shifted, r);
    NAME(quotient)(z + 3, q, v);
    const REAL sign = v[3] < 0 ? -1 : 1;
    for (int k = 0; k < 4; k++) v[k] *= sign;
    for (int k = 0; k < 3; k++) r[3 + k] = v[k];
    memset(Ja, 0, 72 * sizeof(REAL));
    NAME(rotation)(v[0], v[1], v[2], v[3], E);
    const REAL hx = v[0] / 2, hy = v[1] / 2, hz = v[2] / 2, hw = v[3] / 2;
    const REAL M[9] = {hw, hz, -hy, -hz, hw, hx, hy, -hx, hw}; /* (w I - [v]) / 2 */
    for (int i = 0; i < 3; i++) {
      const REAL *g = A + 3 * i;
      for (int k = 0; k < 3; k++) Ja[6 * i + k] = -g[k], Jb[6 * i + k] = E[3 * i + k];
      Ja[6 * i + 3] = g[1] * d[2] - g[2] * d[1];
      Ja[6 * i + 4] = g[2] * d[0] - g[0] * d[2];
      Ja[6 * i + 5] = g[0] * d[1] - g[1] * d[0];
      for (int k = 0; k < 3; k++) {
        Ja[6 * i + 21 + k] = -(M[3 * i] * A[k] + M[3 * i + 1] * A[3 + k] + M[3 * i + 2] * A[6 + k]);
        Jb[6 * i + 21 + k] = M[3 * k + i];
      }
    }
  }
}

/* Calibrated camera: r = f P.xy / P.z - seen, derivatives by the pose (2 x 6) and by the point (2 x 3). */
static void NAME(reprojection)(const Sightings *o, NAME(State) *s) {
  for (int e = 0; e < o->count; e++) {
    const REAL *c = s->poses + 7 * o->camera[e], *point = s->x + 3 * o->point[e];
    REAL *r = s->r + 2 * (long)e, *J = s->J + 18 * (long)e;
    REAL A[9], P[3], gap[3];
    for (int k = 0; k < 3; k++) gap[k] = point[k] - c[k];
    NAME(rotation)(-c[3], -c[4], -c[5], c[6], A);
    NAME(turn)(A, gap, P);
    const REAL f = 458, inverse = 1 / P[2], u = P[0] * inverse, v = P[1] * inverse;
    r[0] = f * u + 376 - s->measurements[2 * e];
    r[1] = f * v + 240 - s->measurements[2 * e + 1];
    const REAL G[6] = {f * inverse, 0, -f * u * inverse, 0, f * inverse, -f * v * inverse};
    for (int i = 0; i < 2; i++) {
      const REAL *g = G + 3 * i;
      REAL *row = J + 6 * i, *column = J + 12 + 3 * i;
      for (int k = 0; k < 3; k++) row[k] = -g[k], column[k] = g[0] * A[k] + g[1] * A[3 + k] + g[2] * A[6 + k];
      row[3] = g[1] * P[2] - g[2] * P[1];
      row[4] = g[2] * P[0] - g[0] * P[2];
      row[5] = g[0] * P[1] - g[1] * P[0];
    }
  }
}
