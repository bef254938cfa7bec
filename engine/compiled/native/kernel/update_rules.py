"""From the gradient of one network to its new parameters: penalties, clipping, the optimizer's rule, input scales."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.compiled.native.codes import RULES, SettingColumn
from engine.ops.input_scale import MOST

GD, MOMENTUM, NESTEROV, RMSPROP = (RULES[name] for name in ("gd", "momentum", "nesterov", "rmsprop"))
L2, L1, CLIP, BETA1, BETA2, EPSILON, TOTAL = map(int, list(SettingColumn)[:7])


@njit(nogil=True, error_model="numpy")
def penalize(w, g, is_weight, settings, fold, decoupled):
    """Add L1, and L2 unless it is decoupled, to the gradient, times `fold`."""
    kind = w.dtype.type
    if settings[L2] != 0.0 and not decoupled:
        pull = kind(settings[L2] / settings[TOTAL] * fold)
        for i in range(w.size):
            g[i] += pull * is_weight[i] * w[i]
    if settings[L1] != 0.0:
        push = kind(settings[L1] / settings[TOTAL] * fold)
        zero = kind(0.0)
        for i in range(w.size):
            side = is_weight[i] if w[i] > zero else (-is_weight[i] if w[i] < zero else zero)
            g[i] += push * side


@njit(nogil=True, error_model="numpy")
def decay(w, is_weight, settings, rate):
    """Shrink the weights themselves by a decoupled L2."""
    if settings[L2] != 0.0:
        shrink = w.dtype.type(rate * settings[L2] / settings[TOTAL])
        for i in range(w.size):
            w[i] -= shrink * is_weight[i] * w[i]


@njit(nogil=True, error_model="numpy")
def clip(g, limit):
    """Shorten the gradient to `limit` if it is longer; one whose squares overflow, too."""
    kind = g.dtype.type
    total = 0.0
    for i in range(g.size):
        total += float(g[i]) * float(g[i])
    norm = math.sqrt(total)
    if not math.isfinite(norm):
        largest = 0.0
        for i in range(g.size):
            largest = max(largest, abs(float(g[i])))
        total = 0.0
        for i in range(g.size):
            g[i] = kind(g[i] / largest)
            total += float(g[i]) * float(g[i])
        norm = math.sqrt(total)
        factor = kind(limit / norm)
    elif norm > limit:
        factor = kind(limit / norm)
    else:
        return
    for i in range(g.size):
        g[i] *= factor


@njit(nogil=True, error_model="numpy")
def update(rule, w, g, first, second, settings, rate, t):
    """New parameters, and the new memory `first` and `second` of the optimizer, for update number `t` from 1.

    As in engine.ops.optimizers the running means leave their factors to rate and epsilon. For gd, momentum and nesterov
    the gradient is multiplied by the rate already.
    """
    kind = w.dtype.type
    beta = kind(settings[BETA1])
    if rule == GD:
        for i in range(w.size):
            w[i] -= g[i]
    elif rule == MOMENTUM:
        for i in range(w.size):
            first[i] = beta * first[i] - g[i]
            w[i] += first[i]
    elif rule == NESTEROV:
        for i in range(w.size):
            first[i] = beta * first[i] - g[i]
            w[i] += beta * first[i] - g[i]
    elif rule == RMSPROP:
        beta2, root = kind(settings[BETA2]), math.sqrt(1 - settings[BETA2])
        step, epsilon = kind(rate / root), kind(settings[EPSILON] / root)
        for i in range(w.size):
            first[i] = beta2 * first[i] + g[i] * g[i]
            w[i] -= step * (g[i] / (np.sqrt(first[i]) + epsilon))
    else:
        beta2 = kind(settings[BETA2])
        mean = (1 - settings[BETA1]) / (1 - settings[BETA1] ** t)
        root = math.sqrt((1 - settings[BETA2]) / (1 - settings[BETA2] ** t))
        step, epsilon = kind(rate * mean / root), kind(settings[EPSILON] / root)
        for i in range(w.size):
            first[i] = beta * first[i] + g[i]
            second[i] = beta2 * second[i] + g[i] * g[i]
            w[i] -= step * (first[i] / (np.sqrt(second[i]) + epsilon))


@njit(nogil=True, error_model="numpy")
def scale_gradient(units, features, w, g, tail):
    """Put the derivatives by the logarithms of the scales behind the gradient `g`, from `tail` on."""
    for f in range(features):
        g[tail + f] = 0
    for u in range(units):
        row = u * (features + 1)
        for f in range(features):
            g[tail + f] += w[row + f] * g[row + f]


@njit(nogil=True, error_model="numpy")
def scale_weights(units, features, w, tail, times):
    """Multiply each column of W1 by its factor, whose logarithm is behind `w` from `tail` on, and set that to 0."""
    kind = w.dtype.type
    rate, most = kind(times), kind(MOST)
    for f in range(features):
        u = rate * w[tail + f]
        if u > most:
            u = most
        elif u < -most:
            u = -most
        w[tail + f] = math.exp(u)
    for u in range(units):
        row = u * (features + 1)
        for f in range(features):
            w[row + f] *= w[tail + f]
    for f in range(features):
        w[tail + f] = 0
