"""The declaration of original files."""

import pytest

from salbench.datasets import OriginalFile, Package, Source


@pytest.mark.parametrize("name", ["", "..", "../digits", "folder/file", "folder\\file", "C:file"])
def test_names_cannot_leave_the_folder(name: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        OriginalFile(name=name, size=1, md5="", gz_md5="")
    with pytest.raises(ValueError, match="plain name"):
        Source(folder=name, files=())


def test_a_package_reads_as_client_name_version() -> None:
    assert str(Package(client="npm", name="images", version="1.0.0", folder="data")) == "npm images 1.0.0"
    assert str(Package(client="apt", name="images", folder="data")) == "apt images"


def test_a_source_package_is_pinned() -> None:
    for settings in ({"client": "npm"}, {"version": None}, {"sha256": None}):
        pinned = {"client": "pip", "name": "texts", "folder": "data", "version": "1", "sha256": "0" * 64, "sdist": True}
        with pytest.raises(ValueError, match="must come by pip with its version and sha256"):
            Package(**{**pinned, **settings})  # type: ignore[arg-type]
