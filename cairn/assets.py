"""Static files: which files of the npm packages are served, and under which hashed names.

A package holds far more than a page needs; only what is named here is found and collected.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Address below STATIC_URL → file below node_modules.
NODE_FILES = {
    "tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "echarts/echarts.min.js": "echarts/dist/echarts.common.min.js",
    "tabulator/tabulator.min.css": "tabulator-tables/dist/css/tabulator_bootstrap5.min.css",
    "tabulator/tabulator.min.js": "tabulator-tables/dist/js/tabulator.min.js",
}


class NodePackageStorage(FileSystemStorage):
    """The named files of node_modules, under the addresses they are served at."""

    prefix = ""

    def __init__(self) -> None:
        super().__init__(location=settings.NODE_MODULES)

    def path(self, name: str) -> str:
        return super().path(NODE_FILES[name])


class NodePackageFinder(BaseFinder):
    def __init__(self, *args: object, **kwargs: object) -> None:
        self.storage = NodePackageStorage()

    def find(self, path: str, find_all: bool = False, **kwargs: object) -> Any:
        found = [self.storage.path(path)] if path in NODE_FILES else []
        if find_all:
            return found
        return found[0] if found else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        return ((name, self.storage) for name in NODE_FILES)


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Names with a hash of the content, so that browsers may keep every file for good.

    Imports between our own ES modules are rewritten too; in others' files a comment can look
    like one. Source maps are left out: they would triple what is collected, and no page asks
    for one.
    """

    _module_imports = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]
    patterns = (
        (
            "*.css",
            (
                r"""(?P<matched>url\(['"]{0,1}\s*(?P<url>.*?)["']{0,1}\))""",
                (
                    r"""(?P<matched>@import\s*["']\s*(?P<url>.*?)["'])""",
                    """@import url("%(url)s")""",
                ),
            ),
        ),
        ("js/*.js", _module_imports),
    )
