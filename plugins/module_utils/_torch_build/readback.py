# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""Compare the built features with the requested ones, by CMake's cache and by torch.__config__.show() of the wheel."""

import collections
import re

from .features import FEATURES, switching_variables, variables_by_feature

_OFF = ("", "0", "OFF", "NO", "FALSE", "N", "IGNORE", "NOTFOUND")  # CMake's values for false
_ENTRY = re.compile(r"^((?:USE|BUILD)_\w+):(\w+)=(.*)$", re.M)
# `Build settings: ..., USE_CUDA=0, USE_NNPACK=ON, ...`, and in CXX_FLAGS the macros of all files: -DUSE_KINETO.
_SETTING = re.compile(r"(?:^|[\s,])((?:USE|BUILD)_\w+)=([^,\s]*)")
_MACRO = re.compile(r"-D(USE_\w+)(?=[\s,]|$)")
# The wheel reports these in lines of their own. The setting USE_MKLDNN of 1.11 to 1.13 is Caffe2's: off, although
# MKL-DNN is in.
_LINES = (("USE_MKLDNN", re.compile(r"(?:MKL-?DNN|oneDNN) v\d")), ("USE_NNPACK", re.compile("NNPACK is enabled")))


def read_cache(text):
    """{variable: its value} of the options in a CMakeCache.txt; None for one from the command line that no CMake file
    reads.
    """
    # INTERNAL is an option that depends on another (USE_CUDNN on USE_CUDA) which is off: CMake keeps the requested
    # value, but builds without it.
    by_kind = {"UNINITIALIZED": None, "INTERNAL": "OFF"}
    return {name: by_kind.get(kind, value) for name, kind, value in _ENTRY.findall(text)}


def compare_features(version, features, cache, config_show):
    """({feature: whether it is in, None if unknown}, [differences from the requested features]) of a built torch."""
    shown = _read_config(config_show)
    state = {name: _is_on(value) for name, value in cache.items() if value is not None}
    state.update(shown)
    requested = variables_by_feature(version, features)
    built = collections.OrderedDict(
        (name, _feature_state(_read_back(switching_variables(version, name)), state))
        for name in FEATURES
        if switching_variables(version, name)
    )
    if not cache:
        return built, ["CMake's cache has no options, so nothing can be compared"]
    return built, [
        problem
        for name, names in requested.items()
        for problem in _find_problems(name, features[name], _read_back(names), cache, state, shown)
    ]


def _find_problems(feature, expected, names, cache, state, shown):
    for name in names:
        if state.get(name, expected) != expected:
            source = "torch.__config__.show()" if name in shown else "CMake's cache"
            yield "%s should be %s, but %s is %s (%s)" % (
                feature,
                _on_or_off(expected),
                name,
                _on_or_off(state[name]),
                source,
            )
    if any(name in state for name in names):
        return
    for name in names:
        if name in cache:
            yield "%s should be %s, but this source does not read %s" % (feature, _on_or_off(expected), name)
        elif expected:
            yield "%s should be on, but %s is not in CMake's cache" % (feature, name)


def _read_back(names):
    """CMake's names of these variables: it never had NO_CUDA."""
    return [name for name in names if not name.startswith("NO_")] or ["USE_" + name[len("NO_") :] for name in names]


def _feature_state(names, state):
    states = [state[name] for name in names if name in state]
    return any(states) if states else None


def _read_config(text):
    shown = {name: _is_on(value) for name, value in _SETTING.findall(text)}
    shown.update((name, True) for name in _MACRO.findall(text))
    shown.update((name, True) for name, line in _LINES if line.search(text))
    return shown


def _is_on(value):
    return value.upper() not in _OFF and not value.upper().endswith("-NOTFOUND")


def _on_or_off(value):
    return "on" if value else "off"
