# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Channels by name, URL or directory, and the refused ones."""

import re
from urllib.request import pathname2url

from .._base.errors import EnvironmentProblem

ALIAS = "https://conda.anaconda.org/"
CONDA_FORGE = ALIAS + "conda-forge"
# conda's way to say that only the named channels count, which is always so here.
NONE = ("nodefaults",)
# https://github.com/andrewrothstein/ansible-miniconda/issues/38
_DEFAULTS = re.compile(
    r"(https?://)?((repo\.anaconda\.com|repo\.continuum\.io)(/\S*)?"
    r"|(conda\.anaconda\.org/)?(defaults|anaconda|main|r|msys2|pkgs/\S*))/*$"
)


def channel_url(channel):
    """The URL of a channel; EnvironmentProblem for one of Anaconda's defaults, or an invalid name."""
    text = str(channel).strip()
    if _DEFAULTS.match(text.lower()):
        raise EnvironmentProblem(
            "the channel %s is one of Anaconda's defaults. Organisations of 200 people and more have to pay for them,"
            " and they fail unattended until their terms are accepted (CondaToSNonInteractiveError): use conda-forge,"
            " or a mirror of it" % text
        )
    if re.match(r"[a-z0-9]+://\S*$", text):
        url = text
    elif re.match(r"/\S*$", text):
        url = "file://" + pathname2url(text)
    elif re.match(r"[\w.-]+(/[\w.-]+)*$", text):
        url = ALIAS + text
    else:
        raise EnvironmentProblem("%r is not a channel: give a name (conda-forge), a URL, or a directory" % channel)
    return url.rstrip("/")


def channel_urls(channels):
    """The URLs of channels, in their order, without duplicates; conda-forge if none is named."""
    urls = [channel_url(channel) for channel in channels or () if channel not in NONE]
    return sorted(set(urls), key=urls.index) or [CONDA_FORGE]
