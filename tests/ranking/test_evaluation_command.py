"""`manage.py evaluate_ranking`, from the files of a data set to the page of findings."""

import gzip
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.core.management import CommandError, call_command

from feeds.evaluation import page, reading, registry
from ranking.evaluation.report import Bars, Lines, Report, Table, Verdict
from ranking.evaluation.site import NOBODY, Kind
from tests.ranking.sites import write, write_site


@pytest.fixture
def data(tmp_path, settings):
    settings.EVALUATION_DATA = tmp_path / "data"
    return settings.EVALUATION_DATA


@pytest.fixture
def docs(tmp_path, settings):
    """The command writes below this folder instead of the repository's."""
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


def evaluate(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("evaluate_ranking", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def stamp(iso: str) -> float:
    return datetime.fromisoformat(iso).replace(tzinfo=UTC).timestamp()


def test_a_site_is_read_with_what_was_known_when(tmp_path):
    text = 'with, commas, "quotes"\nand lines'
    write(
        tmp_path,
        works=[
            (9, "question", "", 5, "2020-01-02T00:00:00.500", "Second", "a b", text),
            (3, "question", "", 4, "2020-01-01T10:00:00.000", "First", "a", "text"),
            (10, "answer", 9, 4, "2020-01-03T00:00:00.000", "", "", "so"),
            (11, "answer", 77, 4, "2020-01-03T00:00:00.000", "", "", "to what is gone"),
            (12, "answer", 3, "", "2020-01-04T00:00:00.000", "", "", "by nobody known"),
        ],
        comments=[
            (1, 10, 5, "2020-01-03T01:00:00.000", "thanks"),
            (2, 99, 5, "2020-01-03T01:00:00.000", "on what is gone"),
        ],
        votes=[
            (1, 10, "accepted", "", "2020-01-03"),
            (2, 3, "favourite", 5, "2020-01-03"),
            (3, 3, "spam", "", "2020-01-03"),
        ],
    )
    site = reading.read_site(tmp_path)
    assert list(site.titles) == ["First", "Second"]
    assert list(site.tags) == [("a",), ("a", "b")]
    assert site.texts[1] == text
    assert site.asker.tolist() == [4, 5]
    assert site.asked_at.tolist() == [stamp("2020-01-01T10:00"), stamp("2020-01-02T00:00:00.500")]
    assert [tuple(event) for event in site.events] == [
        (stamp("2020-01-01T10:00"), Kind.ASK, 0, 4, 4, True),
        (stamp("2020-01-02T00:00:00.500"), Kind.ASK, 1, 5, 5, True),
        (stamp("2020-01-03"), Kind.ANSWER, 1, 4, 5, True),
        (stamp("2020-01-03T01:00"), Kind.COMMENT, 1, 5, 4, False),
        (stamp("2020-01-04"), Kind.ANSWER, 0, NOBODY, 4, True),
        (stamp("2020-01-04"), Kind.FAVOURITE, 0, 5, 4, True),  # of the 3rd: known when that day is over
        (stamp("2020-01-04"), Kind.ACCEPT, 1, NOBODY, 4, False),
    ]


def test_a_smoke_run_goes_through_everything_and_writes_nothing(data, docs):
    write_site(data / "small")
    out, err = evaluate("--smoke")
    assert err == ""
    for code in registry.codes():
        assert f"{code}  " in out
    assert "small, validation" in out
    assert list(docs.iterdir()) == []


def test_a_run_fills_its_regions_and_leaves_the_rest_of_the_page(data, docs):
    write_site(data / "small")
    (docs / "ranking-evaluation.md").write_text(
        "# Kept\n\n<!-- begin E1 small validation -->\nold\n<!-- end E1 small validation -->\n\nAlso kept.\n"
    )
    evaluate("--only", "E1,E2")
    written = (docs / "ranking-evaluation.md").read_text()
    assert written.startswith("# Kept\n")
    assert "Also kept." in written
    assert "old" not in written
    assert written.count("<!-- begin E1 small validation -->") == 1
    assert written.count("<!-- begin E2 small validation -->") == 1  # a new region goes to the end
    assert "| newest first |" in written
    pictures = sorted((docs / "images").iterdir())
    assert [picture.name for picture in pictures] == [
        "evaluation-calibration-small-validation.svg",
        "evaluation-e1-small-validation.svg",
        "evaluation-e2-small-validation.svg",
    ]
    before = written, [picture.read_bytes() for picture in pictures]
    evaluate("--only", "E1,E2")
    assert ((docs / "ranking-evaluation.md").read_text(), [picture.read_bytes() for picture in pictures]) == before


def test_the_last_quarter_is_judged_only_when_declared(data, docs):
    write_site(data / "small")
    closed, _ = evaluate("--only", "E2", "--smoke")
    opened, _ = evaluate("--only", "E2", "--smoke", "--declared")
    assert "validation: the 15 % after the first 60 %" in closed
    assert "the last 25 % of answers" in opened
    assert "E1  " not in opened


def test_without_data_it_says_what_is_missing(data, docs):
    out, err = evaluate("--only", "E1,E2", "--smoke")
    assert out == ""
    assert err.startswith("E1, E2: no data set in ")


def test_an_unknown_evaluation_is_refused(data):
    with pytest.raises(CommandError, match="no evaluation is called E99"):
        evaluate("--only", "E1,E99")


def test_a_damaged_file_is_not_read_over(data):
    folder = data / "damaged"
    write_site(folder)
    path: Path = folder / "works.csv.gz"
    with gzip.open(path, "rt") as file:
        text = file.read()
    with gzip.open(path, "wt") as file:
        file.write(text.replace("2020-01-05", "yesterday"))
    with pytest.raises(ValueError, match="yesterday"):
        evaluate("--only", "E1", "--smoke")


def a_report(**changes: object) -> Report:
    return Report(
        **{
            "code": "E9",
            "title": "an example",
            "scope": "somewhere",
            "region": "E9 somewhere",
            "words": ("Read this.",),
            "tables": (Table("Some rows", ("name", "value"), (("a", "1"), ("long name", "2"))),),
            "verdicts": (Verdict("more than 1", "2", passed=True), Verdict("less than 1", "2", passed=False)),
            **changes,
        }
    )


def test_a_report_reads_the_same_in_the_page_and_in_the_terminal():
    report = a_report()
    assert not report.passed
    assert page.as_markdown(report) == (
        "**E9, an example.** somewhere.\n\n"
        "- pass: more than 1 (measured: 2)\n- SHORT: less than 1 (measured: 2)\n\n"
        "Read this.\n\n*Some rows*\n\n| name | value |\n| --- | --- |\n| a | 1 |\n| long name | 2 |"
    )
    assert "    long name  2\n" in page.as_text(report)
    assert "  SHORT: less than 1 (measured: 2)" in page.as_text(report)


@pytest.mark.parametrize(
    "picture",
    [
        Bars("a name", "Bars", "axis", ("one", "two"), (1.0, -0.5), (0.5, -1.0), (1.5, 0.0), mark=0.8),
        Lines("another", "Lines", "x", "y", (("one", (0.0, 1.0), (0.0, 0.5)),), diagonal=True),
    ],
)
def test_a_picture_is_the_same_for_the_same_figures(picture, tmp_path):
    first, second = tmp_path / "1.svg", tmp_path / "2.svg"
    page.draw(picture, first)
    page.draw(picture, second)
    assert first.read_bytes() == second.read_bytes()
    assert ET.parse(first).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  our own file
