"""The parts of an exported C header that are the same for every model."""

TOP = """\
/* A trained neural network, exported by deepnet-tui. C99; link with -lm. Nothing is allocated.

   Fill a deepnet_row and call deepnet_predict. Numbers are double, NAN for a missing one; booleans are 0 or 1;
   dates are days since 1970-01-01; words are strings in UTF-8, NULL for a missing one; images and the like are
   pointers to their numbers in row-major order. The fields of a row stand in the order of deepnet_columns.

   cc -std=c99 -DDEEPNET_TEST -x c this_file.h -lm && ./a.out
   prints the largest difference to the predictions of the library on the test vectors. */
#ifndef DEEPNET_H_%(key)s
#define DEEPNET_H_%(key)s
#ifdef DEEPNET_H
#error "one source file can hold only one network; include the other one in a source file of its own"
#endif
#define DEEPNET_H

#include <math.h>
#include <stddef.h>

"""

HELPERS = """\
static inline int deepnet_space(char c) { return c == ' ' || (c >= '\\t' && c <= '\\r'); }

/* Whether two words are the same, spaces around the first one aside. */
static inline int deepnet_same(const char *word, const char *known)
{
    while (deepnet_space(*word)) ++word;
    while (*known && *word == *known) { ++word; ++known; }
    while (deepnet_space(*word)) ++word;
    return !*known && !*word;
}

/* The place of a word in a list, or -1. */
static inline int deepnet_place(const char *word, const char *const *list, int count)
{
    int i;
    for (i = 0; i < count; ++i)
        if (deepnet_same(word, list[i])) return i;
    return -1;
}

static inline void deepnet_one_hot(const char *word, const char *const *list, int count, double *x)
{
    int i, place;
    if (!word) word = "";
    place = deepnet_place(word, list, count);
    if (place < 0 && deepnet_place(word, deepnet_missing, DEEPNET_MISSING) >= 0) place = deepnet_place("", list, count);
    for (i = 0; i < count; ++i) x[i] = i == place ? 1.0 : 0.0;
}

/* Z = W A + b */
static inline void deepnet_layer(const double *W, const double *b, const double *A, double *Z, int units, int before)
{
    int i, j;
    for (i = 0; i < units; ++i) {
        double sum = 0.0;
        for (j = 0; j < before; ++j) sum += W[(size_t)i * (size_t)before + (size_t)j] * A[j];
        Z[i] = sum + b[i];
    }
}

"""

RICH_HELPERS = """\
/* The inputs of a number: scaled and clipped smoothly, in bins, as parts of periods, and whether it is missing. */
static inline void deepnet_number(double value, double fill, double mean, double scale, double clip,
                                  const double *edges, int bins, const double *periods, int count, int missing,
                                  double *x)
{
    double t;
    int i, gone = isnan(value) ? 1 : 0;
    if (gone) value = fill;
    t = (value - mean) / scale;
    if (clip > 0.0) {
        t = fmin(fmax(t / clip, -1e10), 1e10);
        t = clip * t / sqrt(1.0 + t * t);
    }
    *x++ = t;
    for (i = 0; i < bins; ++i)
        *x++ = fmin(fmax((value - edges[i]) / (edges[i + 1] - edges[i]), 0.0), 1.0) - 0.5;
    for (i = 0; i < count; ++i) {
        t = value / periods[i];
        t = 2.0 * 3.141592653589793 * (t - floor(t));
        *x++ = sin(t);
        *x++ = cos(t);
    }
    if (missing) *x = gone;
}

/* The inputs of a word: one-hot for the first `kept` words, whether it is another one, and statistics of the word. */
static inline void deepnet_word(const char *word, const char *const *list, int count, int kept, int other,
                                const double *statistics, int width, double *x)
{
    int i, place;
    if (!word) word = "";
    place = deepnet_place(word, list, count);
    if (place < 0 && deepnet_place(word, deepnet_missing, DEEPNET_MISSING) >= 0) place = deepnet_place("", list, count);
    for (i = 0; i < kept; ++i) *x++ = i == place ? 1.0 : 0.0;
    if (other) *x++ = place < 0 || place >= kept ? 1.0 : 0.0;
    for (i = 0; i < width; ++i)
        *x++ = place < 0 ? 0.0 : statistics[(size_t)place * (size_t)width + (size_t)i];
}

"""

TEST = """\

#ifdef DEEPNET_TEST
#include <stdio.h>

int main(void)
{
    double largest = 0.0, outputs[DEEPNET_OUTPUTS];
    int i, j;
    (void)deepnet_library;
    (void)deepnet_target;
    (void)deepnet_columns;
    (void)deepnet_kinds;
#ifdef DEEPNET_CLASSES
    (void)deepnet_labels;
#endif
    for (i = 0; i < DEEPNET_TESTS; ++i) {
        deepnet_outputs(&deepnet_test_rows[i], outputs);
        for (j = 0; j < DEEPNET_OUTPUTS; ++j) {
            double difference = fabs(outputs[j] - deepnet_test_outputs[i][j]);
            if (!(difference <= largest)) largest = difference;
        }
    }
    printf("%.17g\\n", largest);
    return 0;
}
#endif
"""

SOFTMAX = """\
    for (i = 1, top = {A}[0]; i < {n}; ++i) if ({A}[i] > top) top = {A}[i];
    for (i = 0; i < {n}; ++i) {{ {A}[i] = exp({A}[i] - top); sum += {A}[i]; }}
    for (i = 0; i < {n}; ++i) {A}[i] /= sum;
"""

PREDICT_CLASS = """\

/* The place in deepnet_labels of the most probable class; `probabilities` (DEEPNET_CLASSES) may be NULL. */
static inline int deepnet_predict(const deepnet_row *row, double *probabilities)
{
    double p[DEEPNET_CLASSES];
    int i, best = 0;
    %s
    for (i = 0; i < DEEPNET_CLASSES; ++i) {
        if (p[i] > p[best]) best = i;
        if (probabilities) probabilities[i] = p[i];
    }
    return best;
}
"""
BINARY = "deepnet_outputs(row, p + 1);\n    p[0] = 1.0 - p[1];"

PREDICT_ABOVE = """\

/* The second class is predicted where its probability is above this. */
static const double deepnet_threshold = %s;

/* The place in deepnet_labels of the predicted class; `probabilities` (DEEPNET_CLASSES) may be NULL. */
static inline int deepnet_predict(const deepnet_row *row, double *probabilities)
{
    double p;
    deepnet_outputs(row, &p);
    if (probabilities) {
        probabilities[0] = 1.0 - p;
        probabilities[1] = p;
    }
    return p > deepnet_threshold ? 1 : 0;
}
"""

PREDICT_NUMBER = """\

/* The predicted value in the target's own unit. */
static inline double deepnet_predict(const deepnet_row *row)
{
    double value;
    deepnet_outputs(row, &value);
    %s
    return value;
}
"""

PREDICT_NUMBERS = """\

/* The predicted `values` (DEEPNET_OUTPUTS), each in the unit of its target, in the order of deepnet_targets. */
static inline void deepnet_predict(const deepnet_row *row, double *values)
{
    double value;
    deepnet_outputs(row, values);
%s}
"""
