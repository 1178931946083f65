# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Variables in torch_build_environment that are features of torch, such as C(NO_CUDA) and C(USE_DISTRIBUTED): which
feature each one is, and what this release of torch does with it.
"""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.features import FEATURES, switching_variables

from .._base.packaging_shim import Version

# setup.py turns NO_X into USE_X before this release (https://github.com/pytorch/pytorch/pull/32447).
_LAST_WITH_NO = "1.5"
_TRUE = ("1", "ON", "YES", "TRUE", "Y")


class Variable(NamedTuple):
    """A variable that is a feature: the feature, the state that it asks for, and whether this torch reads it."""

    name: str
    value: str
    feature: str
    state: bool
    read: bool


def feature_variables_in(environment: dict[str, str], version: str) -> list[Variable]:
    """The variables of an environment that are features, in their order."""
    found = []
    for name, value in environment.items():
        feature = _feature_of(name)
        if feature:
            asks = value.upper() in _TRUE
            found.append(
                Variable(name, value, feature, asks != name.startswith("NO_"), _is_read(name, feature, version))
            )
    return found


def contradiction(variables: list[Variable], features: dict[str, bool], version: str) -> tuple[str, str] | None:
    """The first variable that asks for another state than the features of the build, as (reason, fix)."""
    for variable in variables:
        wanted = features.get(variable.feature)
        if wanted is not None and wanted != variable.state:
            what = "reads it" if variable.read else "ignores it"
            return (
                f"torch_build_environment has {variable.name}={variable.value}, which is the feature"
                f" {variable.feature}: {_word(variable.state)} (torch {version} {what}), but the build has"
                f" {variable.feature}: {_word(wanted)}",
                f"Remove {variable.name} and set torch_build_features: {{{variable.feature}:"
                f" {_word(variable.state)}}}, or only remove it.",
            )
    return None


def notes_on(variables: list[Variable], features: dict[str, bool], version: str) -> tuple[list[str], list[str]]:
    """(reasons, warnings) for the plan."""
    reasons, warnings = [], []
    for variable in variables:
        feature = f"{variable.feature}: {_word(variable.state)}"
        begin = f"{variable.name}={variable.value} in torch_build_environment is the feature {variable.feature}"
        if variable.feature in features:
            what = "reads it" if variable.read else "ignores it"
            reasons.append(f"{begin}: torch {version} {what}; the build has {feature} without it.")
        elif variable.read:
            reasons.append(
                f"{begin}: torch {version} reads it. As torch_build_features: {{{feature}}} the result is checked, too."
            )
        else:
            warnings.append(
                f"{begin}, but torch {version} ignores it: set torch_build_features: {{{feature}}} instead."
            )
    return reasons, warnings


def _feature_of(name: str) -> str | None:
    """The feature that this variable switches in any release; of two, the later one as in FEATURES."""
    other = f"USE_{name.removeprefix('NO_')}" if name.startswith("NO_") else name
    found = [
        feature
        for feature, (_what, forms) in FEATURES.items()
        for _begin, names in forms
        if names and {name, other} & set(names.split())
    ]
    # USE_PYTORCH_QNNPACK is part of qnnpack, and a feature of its own.
    return found[-1] if found else None


def _is_read(name: str, feature: str, version: str) -> bool:
    if name in (switching_variables(version, feature) or ()):
        return True
    older = {word for _begin, names in FEATURES[feature].forms if names for word in names.split()}
    return name.startswith("NO_") and name in older and Version(version) < Version(_LAST_WITH_NO)


def _word(state: bool) -> str:
    return "true" if state else "false"
