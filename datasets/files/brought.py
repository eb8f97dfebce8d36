"""Original files that the user brings: which of their forms is there, and what to put where if none is."""

from collections.abc import Iterator
from pathlib import Path

from .source import BroughtSource, FetchError, Form
from .verify import State, found_form, look_at_form


def bring(source: BroughtSource, root: Path) -> tuple[Form, ...]:
    """Find and verify the files that the user put in place, and prepare what is read from them.

    Args:
        source: which files, and in what forms.
        root: the folder that holds all data.

    Returns:
        For each part the form that was found.

    Raises:
        FetchError: a part is there in no form, or a file is not the original one; the message says what to put where.
    """
    folder = root / source.folder
    found = [found_form(part, folder) for part in source.parts]
    forms = tuple(form for form in found if form is not None)
    wrong = [
        f"{item.path}: {item.note}"
        for form in forms
        for item in look_at_form(form, folder)
        if item.state is State.WRONG
    ]
    missing = [part for part, form in zip(source.parts, found, strict=True) if form is None]
    if wrong or missing:
        asked = [line for part in missing for line in _wanted(part, folder)]
        raise FetchError("\n  ".join([f"{source.folder} must be brought by hand, from {source.page}", *wrong, *asked]))
    if source.prepare is not None:
        source.prepare(folder)
    return forms


def _wanted(part: tuple[Form, ...], folder: Path) -> Iterator[str]:
    yield f"put {'one of these' if len(part) > 1 else 'this'} into {folder}:"
    for form in part:
        contents = [f"{name}/" for name in form.folders]
        for file in form.files:
            known = [f"{file.size} bytes"] * bool(file.size) + [f"md5 {file.md5}"] * bool(file.md5)
            contents.append(f"{file.name} ({', '.join(known)})" if known else file.name)
        where = f" in {form.inside}/" if form.inside else ""
        yield f"- {form.name}{where}: {', '.join(contents)}"
