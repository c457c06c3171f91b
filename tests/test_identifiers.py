"""Whatever a person may paste for a paper is understood, and nothing else is taken for one."""

import string
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import identifiers, typed

NEW, OLD = "2401.12345", "hep-th/9901001"

REFERENCES = [
    # bare, with and without version, in any case
    *[(text, NEW) for text in ("2401.12345", "2401.12345v2", "2401.12345V12", " 2401.12345 ", "2401.12345.pdf")],
    *[("0704.0001", "0704.0001"), ("1412.9999v1", "1412.9999"), ("1501.00001", "1501.00001"), (OLD, OLD)],
    *[("hep-th/9901001v2", OLD), ("HEP-TH/9901001", OLD), ("math.GT/0309136", "math/0309136")],
    *[("cs/0703001", "cs/0703001"), ("math-ph/0309136v3", "math-ph/0309136"), ("cs.LG/0001001", "cs/0001001")],
    # arXiv
    *[
        (f"{start}{host}/{rest}", NEW)
        for start in ("https://", "http://", "")
        for host in ("arxiv.org", "www.arxiv.org", "export.arxiv.org")
        for rest in (
            "abs/2401.12345",
            "abs/2401.12345v3",
            "pdf/2401.12345",
            "pdf/2401.12345v1.pdf",
            "html/2401.12345v1",
        )
    ],
    ("https://arxiv.org/abs/2401.12345/", NEW),
    ("https://arxiv.org/abs/2401.12345?context=cs.CV", NEW),
    ("https://arxiv.org/html/2401.12345v1#S3.F2", NEW),
    ("https://arxiv.org/pdf/2401.12345.pdf?download=1#page=7", NEW),
    ("https://arxiv.org/abs/hep-th/9901001v1", OLD),
    ("https://arxiv.org/abs/hep-th%2F9901001", OLD),
    ("https://arxiv.org/pdf/math.GT/0309136v2.pdf", "math/0309136"),
    ("https%3A%2F%2Farxiv.org%2Fabs%2F2401.12345", NEW),
    # elsewhere
    ("https://huggingface.co/papers/2401.12345", NEW),
    ("https://huggingface.co/papers/2401.12345#community", NEW),
    ("huggingface.co/papers/2401.12345?ref=x", NEW),
    ("https://hf.co/papers/2401.12345", NEW),
    ("https://www.alphaxiv.org/abs/2401.12345v2", NEW),
    ("https://alphaxiv.org/overview/2401.12345", NEW),
    ("https://www.semanticscholar.org/arxiv/2401.12345", NEW),
    ("https://ar5iv.labs.arxiv.org/html/2401.12345", NEW),
    # prefixes and DOIs
    *[(f"{prefix}2401.12345v2", NEW) for prefix in ("arxiv:", "arXiv:", "ARXIV:", "arXiv: ")],
    ("arXiv:hep-th/9901001", OLD),
    ("arXiv:2401.12345v2 [cs.CV]", NEW),
    ("arXiv:1706.03762v7 [cs.CL] 2 Aug 2023", "1706.03762"),
    ("arXiv:2401.12345v2.pdf", NEW),
    *[
        (f"{start}10.48550/{prefix}.2401.12345", NEW)
        for start in ("https://doi.org/", "doi.org/", "https://dx.doi.org/", "doi:", "doi: ", "")
        for prefix in ("arXiv", "ARXIV", "arxiv")
    ],
    ("10.48550/arXiv.hep-th/9901001", OLD),
    ("https://doi.org/10.48550%2FarXiv.2401.12345", NEW),
    # wrapped
    *[(f"{a}2401.12345{b}", NEW) for a, b in ("()", "[]", "{}", "<>", '""', "''", "“”", "«»")],
    *[(f"2401.12345{end}", NEW) for end in (".", ",", ";", ":", "!", "?", "…", ").", "/")],
    ("(https://arxiv.org/abs/2401.12345).", NEW),
    ("<https://arxiv.org/abs/2401.12345>", NEW),
    ("<https://arxiv.org/abs/2401.12345|arxiv.org/abs/2401.12345>", NEW),
    ("<https://arxiv.org/abs/2401.12345|A title, shown instead>", NEW),
]

NO_IDS = [
    *("1.2345", "v1.2345", "python 3.11.12345", "2.2401", "1.0.2401.12345"),  # versions
    *("555-2401.12345", "+49 30 2401 12345", "2401-12345", "(2401) 12345"),  # phone numbers
    *("12345.67890", "24012.12345", "2401.123456", "2401.12345.6", "12.2401.12345"),  # decimals
    *("2413.12345", "2400.12345", "0001.12345"),  # no such month
    *("2401.1234", "1501.1234", "2401.123"),  # too few digits
    *("1412.12345", "0704.12345"),  # too many digits for their time
    *("0703.0001", "0601.0001"),  # before the scheme began
    *("2401.12345v0", "2401.12345v1234", "2401.12345x", "2401.12345-2", "2401.12345_a", "x2401.12345"),
    *("2024-01-15", "15.01.2024", "2024.01.15", "01/9901001", "1999/9901001"),  # dates
    *("hep-th/990100", "hep-th/99010011", "hep-th/9913001", "hep-th/5001001", "hep-xx/9901001", "xhep-th/9901001"),
    *("٢٤٠١.١٢٣٤٥", "２４０１.１２３４５", "phyſics/9901001"),  # digits and letters of other alphabets
    *("", " ", "arxiv:", "https://arxiv.org/list/cs.CV/recent", "https://huggingface.co/papers/month/2024-01"),
]

anything = st.text(st.characters()) | st.text(string.ascii_lowercase + "0123456789./:-v%|<> ")
ids = st.one_of(
    st.from_regex(r"(1[5-9]|2[0-9])(0[1-9]|1[0-2])\.[0-9]{5}", fullmatch=True),
    st.from_regex(r"(0[89]|1[0-4])(0[1-9]|1[0-2])\.[0-9]{4}", fullmatch=True),
    st.from_regex(r"(hep-th|math|cs|astro-ph|quant-ph)/9[1-9](0[1-9]|1[0-2])[0-9]{3}", fullmatch=True),
)


@pytest.mark.parametrize(("text", "id_"), REFERENCES)
def test_a_reference_is_found_and_is_nothing_but_a_reference(text: str, id_: str) -> None:
    said = typed.clean(text)

    assert identifiers.find(said) == (id_,)
    assert identifiers.only(said) == (id_,)


@pytest.mark.parametrize("text", NO_IDS)
def test_what_only_looks_like_an_id_is_none(text: str) -> None:
    assert identifiers.find(text) == ()
    assert identifiers.only(text) == ()
    assert identifiers.canonical(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Have you read 2401.12345? It is better than hep-th/9901001v2.", (NEW, OLD)),
        ("see https://arxiv.org/abs/2401.12345, please", (NEW,)),
        ("2401.12345 and again arXiv:2401.12345v3", (NEW,)),
        ("2402.00001,2401.12345;2402.00002", ("2402.00001", NEW, "2402.00002")),
        ("论文2401.12345很好", (NEW,)),
        ("[1] arXiv:2401.12345 [cs.CV], 2024.", (NEW,)),
    ],
)
def test_ids_inside_other_text_are_found_in_its_order_and_each_once(text: str, found: tuple[str, ...]) -> None:
    assert identifiers.find(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Have you read 2401.12345?",
        "see https://arxiv.org/abs/2401.12345, please",
        "diffusion models",
        "https://example.org/no/paper",
        "[1] arXiv:2401.12345",
        "",
    ],
)
def test_text_with_other_words_is_more_than_a_reference(text: str) -> None:
    assert identifiers.only(text) == ()


def test_several_references_are_nothing_but_references() -> None:
    said = "2401.12345, https://huggingface.co/papers/2402.00001; arXiv:hep-th/9901001 2401.12345v2"

    assert identifiers.only(said) == (NEW, "2402.00001", OLD)


@pytest.mark.parametrize(
    "text", ["2413.12345", "2401.123", "2401.12345v0", "arxiv:2413.12345", "https://arxiv.org/abs/2413.12345"]
)
def test_a_misspelt_id_is_known_to_be_meant_as_one(text: str) -> None:
    assert identifiers.looks_like_one(text)
    assert identifiers.find(text) == ()


@pytest.mark.parametrize("text", ["3.14159", "GPT-4.1", "2024", "llama 2401.12", "world models", "1.2.3", ""])
def test_other_numbers_are_not_taken_for_a_misspelt_id(text: str) -> None:
    assert not identifiers.looks_like_one(text)


def test_the_scheme_of_an_id_is_known() -> None:
    assert [identifiers.is_old_style(id_) for id_ in (OLD, "math/0309136", NEW, "0704.0001")] == [
        True,
        True,
        False,
        False,
    ]


@given(anything)
@example("%" * 50)
@example("\ud800 2401.12345")
def test_any_text_is_read_without_an_error_and_gives_only_canonical_ids(text: str) -> None:
    whole = identifiers.canonical(text)
    found = (*identifiers.find(text), *identifiers.only(text), *([whole] if whole else []))

    assert all(identifiers.canonical(id_) == id_ for id_ in found)
    assert isinstance(identifiers.looks_like_one(text), bool)


@given(ids, st.sampled_from(["", "v1", "v27", ".pdf", "v3.pdf"]))
def test_an_id_is_found_as_itself_whatever_version_it_carries(id_: str, ending: str) -> None:
    assert identifiers.canonical(id_ + ending) == id_
    assert identifiers.canonical(id_) == id_
    assert identifiers.find(id_) == (id_,)


@given(
    ids,
    st.sampled_from(["https://arxiv.org/abs/{}", "https://arxiv.org/pdf/{}v2.pdf", "arXiv:{}", "10.48550/arXiv.{}"]),
)
def test_an_id_survives_every_address_and_every_encoding_of_it(id_: str, address: str) -> None:
    assert identifiers.only(address.format(id_)) == (id_,)
    assert identifiers.find(address.format(quote(id_, safe=""))) == (id_,)
    assert identifiers.find(f"see {address.format(id_)}.") == (id_,)


@given(st.lists(ids, min_size=1, max_size=12, unique=True))
def test_a_list_of_ids_is_read_in_its_order(several: list[str]) -> None:
    assert identifiers.only(" ".join(several)) == tuple(several)
    assert identifiers.find(", ".join(several)) == tuple(several)
