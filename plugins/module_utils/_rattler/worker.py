# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Solve and install conda packages with rattler.

_rattler/call.py sends this file's source to an interpreter that has rattler (Python 3.10 or newer) and runs it there as

    python -I worker.py REQUEST ANSWER [DIRECTORY]

REQUEST and ANSWER are JSON files; DIRECTORY is that of rattler, if the interpreter has none installed. `do` in a
request names the function, `solve` or `install`. The answer is its result, or {"error": {"kind": ..., "text": ...}},
where kind is one of spec, channel, lacking, conflict, hash, platform, other.
"""

import asyncio
import datetime
import hashlib
import json
import os
import re
import sys
from urllib.parse import unquote, urlsplit, urlunsplit

TEXT = 700
BLOCK = 1 << 20


class Failure(Exception):
    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


async def solve(request):
    """{channels, specs, constraints, virtual: [[name, version, build]], platform, cache, offline, timeout,
    uploaded_before (a time in UTC, may be missing)} -> {packages}.

    Channel priority is strict: only the first channel that has a package of a name is used for that name.
    """
    from rattler import Channel, ChannelPriority, Gateway, GenericVirtualPackage, PackageName, SourceConfig, Version
    from rattler import solve as rattler_solve
    from rattler.exceptions import SolverError
    from rattler.networking import Client
    from rattler.package import BuildString

    places, credentials = _without_credentials(request["channels"])
    _store_credentials(credentials)
    config = SourceConfig(cache_action="force-cache-only" if request["offline"] else "cache-or-fetch")
    gateway = Gateway(
        cache_dir=request["cache"],
        default_config=config,
        client=Client.default_client(max_retries=2, user_agent="edgeai.fleet"),
    )
    specs, constraints = [[_parse_spec(text) for text in request[name]] for name in ("specs", "constraints")]
    # For a spec with a version rattler reads only matching packages, and would skip a first channel that has only other
    # versions.
    specs += [_parse_spec(spec.name.normalized) for spec in specs]
    try:
        records = await rattler_solve(
            [Channel(url) for url in places],
            specs,
            gateway=gateway,
            platforms=[request["platform"], "noarch"],
            virtual_packages=[
                GenericVirtualPackage(PackageName(name), Version(version), BuildString(build))
                for name, version, build in request["virtual"]
            ],
            constraints=constraints,
            channel_priority=ChannelPriority.Strict,
            timeout=datetime.timedelta(seconds=request["timeout"]),
            # A channel's metadata must not add other channels.
            channel_relations="disabled",
            **_upload_limit(request),
        )
    except SolverError as error:
        raise _solver_failure(str(error)) from error
    except Exception as error:  # rattler has many classes of errors for channels
        raise _channel_failure(places, str(error) or type(error).__name__) from error
    return {"packages": [_package_entry(record) for record in records]}


def _upload_limit(request):
    """Without a limit no argument: older releases of rattler do not know it."""
    text = request.get("uploaded_before")
    if not text:
        return {}
    moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    return {"exclude_newer": moment.replace(tzinfo=datetime.timezone.utc)}


def _without_credentials(channels):
    """(channels without passwords, passwords by host): rattler's cache, which is kept, holds the channels' URLs."""
    urls, credentials = [], {}
    for channel in channels:
        parts = urlsplit(channel)
        user, at, host = parts.netloc.rpartition("@")
        if at:
            name, _colon, password = user.partition(":")
            credentials[host] = credentials[parts.hostname] = {
                "BasicHTTP": {"username": unquote(name), "password": unquote(password)}
            }
        urls.append(urlunsplit(parts._replace(netloc=host)))
    return urls, credentials


def _store_credentials(credentials):
    """Write them to the file that rattler reads, in the request's directory, which is removed after this run."""
    if credentials:
        own = os.environ.get("RATTLER_AUTH_FILE")
        if own and os.path.isfile(own):
            with open(own, encoding="utf-8") as stream:
                credentials = dict(json.load(stream), **credentials)
        os.environ["RATTLER_AUTH_FILE"] = path = os.path.join(
            os.path.dirname(os.path.abspath(sys.argv[1])), "credentials.json"
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            json.dump(credentials, stream)


def _parse_spec(text):
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    try:
        return MatchSpec(text, strict=False)  # also conda's form name=version=build
    except InvalidMatchSpecError as error:
        raise Failure("spec", "%r is not a spec of a conda package: %s" % (text, error)) from error


def _solver_failure(text):
    text = text.replace("Cannot solve the request because of: ", "")
    lacking = re.match(r"No candidates were found for ([^\n]+?)\.?$", text.strip())
    if lacking:
        return Failure("lacking", "no channel has %s" % lacking.group(1))
    # The tree of reasons in one line.
    return Failure("conflict", _trim_text(re.sub("[│├└─]+", " ", text)))


def _channel_failure(channels, text):
    causes = [line.replace("Caused by: ", "") for line in text.splitlines() if line.strip()]
    channel = next((url for url in channels if url.rstrip("/") in text), ", ".join(channels))
    return Failure("channel", "the channel %s cannot be read: %s" % (channel, _trim_text(causes[-1])))


def _trim_text(text):
    text = " ".join(text.split())
    return text if len(text) <= TEXT else text[:TEXT] + " ..."


def _package_entry(record):
    return {
        "name": record.name.normalized,
        "version": str(record.version),
        "build": str(record.build),
        "filename": str(record.file_name),
        "url": record.url,
        "sha256": record.sha256.hex() if record.sha256 else None,
        "md5": record.md5.hex() if record.md5 else None,
        "size": record.size,
    }


async def install(request):
    """{packages: [{path, sha256, url, md5}], prefix, cache, platform} -> {installed}. All other packages are
    removed from the prefix.

    A package with `keep` instead of `path` is already in the prefix; `keep` is its conda-meta file.
    """
    from rattler import PrefixRecord, RepoDataRecord, Subdir
    from rattler import install as rattler_install

    records = []
    for package in request["packages"]:
        if "keep" in package:
            records.append(PrefixRecord.from_path(package["keep"]))
            continue
        # rattler does not verify the hash of a local file.
        actual = _sha256(package["path"])
        if actual != package["sha256"]:
            raise Failure("hash", "%s: its sha256 is %s instead of %s" % (package["path"], actual, package["sha256"]))
        record = await RepoDataRecord.from_package_archive(package["path"])
        if str(record.subdir) not in (request["platform"], "noarch"):
            raise Failure(
                "platform", "%s is for %s, and this is %s" % (record.file_name, record.subdir, request["platform"])
            )
        records.append(record)
    await rattler_install(
        records,
        request["prefix"],
        cache_dir=request["cache"],
        platform=Subdir(request["platform"]),
        show_progress=False,
    )
    for package, record in zip(request["packages"], records):
        if "path" in package:
            _record_origin(request["prefix"], package, str(record.file_name))
    return {"installed": len(records)}


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


def _record_origin(prefix, package, filename):
    """Write the package's URL, not its file's path, to conda-meta: `conda list --explicit` and updates need it."""
    path = os.path.join(prefix, "conda-meta", re.sub(r"(\.conda|\.tar\.bz2)$", "", filename) + ".json")
    with open(path, encoding="utf-8") as stream:
        record = json.load(stream)
    record.update(url=package["url"], channel=package["url"].rsplit("/", 2)[0] + "/", extracted_package_dir=None)
    if package.get("md5"):
        record["md5"] = package["md5"]
    record.pop("link", None)
    with open(path + ".new", "w", encoding="utf-8") as stream:
        json.dump(record, stream, indent=1)
    os.replace(path + ".new", path)


def main(arguments):
    sys.path[:0] = arguments[2:]
    with open(arguments[0], encoding="utf-8") as stream:
        request = json.load(stream)
    try:
        answer = asyncio.run({"solve": solve, "install": install}[request["do"]](request))
    except Failure as failure:
        answer = {"error": {"kind": failure.kind, "text": str(failure)}}
    except Exception as error:  # rattler's other errors: the caller reads the answer, not this exit status
        answer = {"error": {"kind": "other", "text": _trim_text("%s: %s" % (type(error).__name__, error))}}
    with open(arguments[1], "w", encoding="utf-8") as stream:
        json.dump(answer, stream)
    # py-rattler 0.28.0 has threads that outlive the event loop: about one in ten interpreters crashes with SIGSEGV
    # when it shuts down.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
