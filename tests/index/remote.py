# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of a wheel that stays where it is: of a file on a web server only the parts are fetched that are
read.
"""

from __future__ import annotations

import io
import zipfile
from email.message import Message
from email.parser import HeaderParser

from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import package_index, pip_config

# More than the directory of any wheel of torchvision, less than most wheels.
BLOCK = 1 << 16


def opened(url: str, configuration: pip_config.Configuration, block: int = BLOCK) -> zipfile.ZipFile:
    """The wheel, of which only what is read is fetched, in blocks of this size."""
    return zipfile.ZipFile(io.BufferedReader(_Remote(url, configuration), block))


def metadata(url: str, configuration: pip_config.Configuration) -> Message:
    with opened(url, configuration) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(wheel.read(name).decode())


class _Remote(io.RawIOBase):
    """A file on a web server, for reading."""

    def __init__(self, url: str, configuration: pip_config.Configuration) -> None:
        self.url, self.configuration, self.position = url, configuration, 0
        with package_index.open_http(url, configuration, {"Range": "bytes=0-0"}) as answer:
            self.size = int(answer.headers["Content-Range"].rpartition("/")[2])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.position = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence] + offset
        return self.position

    def readinto(self, buffer: memoryview) -> int:
        length = min(len(buffer), self.size - self.position)
        if length <= 0:
            return 0
        with package_index.open_http(
            self.url, self.configuration, {"Range": f"bytes={self.position}-{self.position + length - 1}"}
        ) as answer:
            content = package_index.read_body(answer)
        buffer[: len(content)] = content
        self.position += len(content)
        return len(content)
