from salbench.results.page.citations import citations, parse
from salbench.results.references import reference_keys


def test_every_work_has_authors_a_year_and_a_title() -> None:
    found = citations()
    assert found.keys() == reference_keys()
    for citation in found.values():
        assert not citation.text.startswith(" ")
        assert "\\" not in citation.text
        assert "{" not in citation.text


def test_names_and_accents() -> None:
    found = parse(
        "@misc{one2020,\n  author = {M{\\\"u}ller, Anna and\n      {\\'E}toile, B.},\n"
        "  title = {A {Title} in\n    Two Lines},\n  year = {2020},\n  doi = {10.1/2},\n}\n"
    )
    assert found["one2020"].text == "Müller and Étoile (2020). A Title in Two Lines."
    assert found["one2020"].address == "https://doi.org/10.1/2"
