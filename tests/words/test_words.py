"""The words: no language lacks one, and every sentence has the same values in it as in English."""

import json
import re
import shutil
import string
import subprocess
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from msgspec.structs import replace

from device.core.model.record import REASONS, Context, Facts, Intention, Purpose, Reason, Suggestion
from device.core.model.view import Body, HealthBody, Hint, PurposeBody, ReachBody, ScreenName, WarningKind
from device.core.rules import guidance
from device.mqtt.homeassistant import Announcing, announcement
from device.screens.examples import EXAMPLES
from device.screens.faces import NBSP, Face, stamp
from device.screens.glyphs import ICONS
from device.screens.pages import page
from device.screens.pictures import KEY_ICONS
from device.words import LANGUAGES
from device.words.__main__ import modules
from device.words.because import because
from device.words.en import EN
from device.words.shape import Screens, Words

ROOT = Path(__file__).parents[2]
ABOUT = Announcing("pump", "Breast pump", "pump-companion", "homeassistant", "1.2.3", "ml", "full", mirror_screen=True)
PAGE = ROOT / "dashboards" / "web" / "js"

EVERY = pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
EVERY_OTHER = pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"en"}))


def tables(value: msgspec.Struct) -> Iterator[tuple[str, list[object], list[StrEnum]]]:
    """Every table by the names of an enumeration, wherever it stands: its own name, its rows, and all there are."""
    for name, kind in get_type_hints(type(value)).items():
        found = getattr(value, name)
        if isinstance(found, msgspec.Struct):
            yield from tables(found)
        elif isinstance(found, Mapping) and issubclass(names := get_args(kind)[0], StrEnum):
            yield name, list(found), list(names)


@EVERY
def test_every_name_of_the_contract_has_its_row(words: Words) -> None:
    found = list(tables(words))
    assert {Context, Purpose, Reason, Intention, Hint, WarningKind} <= {type(names[0]) for _, _, names in found}
    for name, rows, names in found:
        assert rows == names or name == "plain", name  # not every screen is one
    treated = {reason for reason, row in words.reasons.items() if row.treated}
    assert treated == set(REASONS[Purpose.TREAT])
    assert set(words.outlooks) == {*guidance.LABELS.values(), "unknown"}
    assert set(words.aloud.icons) == set(ICONS) - set(KEY_ICONS.values())


def test_every_screen_has_words_of_its_own() -> None:
    of_their_own = {*Screens.__struct_fields__} - {"plain"}
    assert sorted([*of_their_own, *EN.screens.plain]) == sorted(set(ScreenName) - {ScreenName.REASON})


BY_THEIR_ENGLISH = {"home.dashboard", "page.says"}
"""The dashboard's file and the page's scripts say these in English."""


def leaves(value: object, at: str = "") -> Iterator[tuple[str, object]]:
    """Every word by its place: `screens.idle.ago`, `reasons.mastitis.key`; none of which English has no table."""
    if at in BY_THEIR_ENGLISH:
        return
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    elif isinstance(value, tuple):
        value = dict(enumerate(value))
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, f"{at}.{name}" if at else str(name))
    else:
        yield at, value


@EVERY
def test_no_language_lacks_a_word_or_has_one_that_nothing_says(words: Words) -> None:
    assert {place for place, _ in leaves(words)} == {place for place, _ in leaves(EN)}
    assert [
        place for place, word in leaves(words) if (isinstance(word, str) and word != word.strip()) or word == ""
    ] == []


@EVERY
def test_a_sentence_has_the_same_values_in_every_language(words: Words) -> None:
    english = dict(leaves(EN))
    for place, word in leaves(words):
        if isinstance(word, str):
            assert values(word) == values(str(english[place])), place


def values(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


ON_THE_SCREEN = ("purposes.", "reasons.", "intentions.", "because.", "hints.", "key.", "times.", "screens.")


@EVERY
def test_the_screens_faces_have_every_letter(words: Words) -> None:
    said = {word for place, word in leaves(words) if place.startswith(ON_THE_SCREEN) and isinstance(word, str)}
    letters = set("".join(said)) - {" ", NBSP, "−", "·"}
    for face in Face:
        missing = stamp("\N{CJK UNIFIED IDEOGRAPH-4E00}", face).mask.tobytes()
        assert {letter for letter in letters if stamp(letter, face).mask.tobytes() == missing} == set(), face


@EVERY
def test_home_assistants_names_are_plain_and_each_is_another(words: Words) -> None:
    said = [str(word) for place, word in leaves(words) if re.match(r"home\.(?!told)", place)]
    assert [word for word in said if not word.isprintable() or NBSP in word or not word[0].isupper()] == []
    assert len(set(words.home.entities.values())) == len(words.home.entities)


@EVERY
def test_each_language_names_the_plurals_that_its_numbers_take(words: Words) -> None:
    taken = {words.plural(count) for count in range(200)}
    assert taken == set(words.screens.status.records) == set(words.page.stimulation)


@EVERY
def test_no_word_urges_or_judges(words: Words) -> None:
    table = (word for _, word in leaves(words))
    page = (str(sentence) for sentence in words.page.says.values())
    scripts = said_by_the_page() if words is EN else ()
    said = " ".join(
        word for word in [*table, *words.home.dashboard.values(), *page, *scripts] if isinstance(word, str)
    ).lower()
    urges = r"until empty|leer(en|pumpen)|vider|vaciar|svuotare|goal|\bziel|objectif|\bmeta\b|obiettivo|streak"
    must = r"\b(must|should|muss|soll|doit|devrait|debe|debería|deve|dovrebbe)\b"
    assert re.findall(f"{urges}|{must}", said) == []


@EVERY
def test_what_waits_for_a_purpose_is_named_by_the_purposes_own_name(words: Words) -> None:
    names = words.home.entities
    purpose, reason, waiting = (names[key].casefold().replace(" ", "") for key in ("purpose", "reason", "unclassified"))
    assert purpose in waiting
    assert reason not in waiting


@EVERY
def test_no_word_is_an_idiom_of_another_meaning(words: Words) -> None:
    """`Más o menos` is "roughly", `en breve` "soon"; a key that says `Baja` is heard as "lower it"."""
    alone = {str(word).casefold() for _, word in leaves(words)}
    others = {
        "mehr oder weniger",
        "plus ou moins",
        "más o menos",
        "più o meno",
        "in kürze",
        "en breve",
        "noch nicht sicher",
    }
    assert others & alone == set()
    assert {"baja", "senken"} & {row.key.casefold() for row in words.reasons.values()} == set()


LANGUAGES_PAGE = (ROOT / "docs" / "languages.md").read_text()


@EVERY_OTHER
def test_what_is_unsure_in_a_language_is_told_on_the_page_of_languages(code: str) -> None:
    comments = re.findall(r"(?m)^# Unsure: (.*(?:\n# (?!Unsure).*)*)", (ROOT / f"device/words/{code}.py").read_text())
    assert comments
    for comment in comments:
        assert f"- {comment}" in LANGUAGES_PAGE


@EVERY_OTHER
def test_every_short_form_is_told_on_the_page_of_languages(code: str) -> None:
    cut = {
        word.split(NBSP)[-1]
        for place, word in leaves(LANGUAGES[code])
        if isinstance(word, str)
        and re.fullmatch(r"\S+\.|\{days\}\s\w+\.", word)
        and not re.match(r"times\.[wm]", place)
    }
    assert [word for word in cut if not re.search(rf"{re.escape(word)}( |,)", LANGUAGES_PAGE)] == []


def shouted(value: Any) -> Any:
    """The same words in capitals, their values left alone: a language in which nothing else is said."""
    if isinstance(value, str):
        parts = string.Formatter().parse(value)
        return "".join(said.upper() + (f"{{{name}:{how}}}" if name else "") for said, name, how, _ in parts)
    if isinstance(value, msgspec.Struct):
        fields = {name: shouted(getattr(value, name)) for name in value.__struct_fields__}
        return type(value)(**fields)
    if isinstance(value, Mapping):
        return {name: shouted(row) for name, row in value.items()}
    return tuple(map(shouted, value)) if isinstance(value, tuple) else value


DRAWN = {example.name: example.view.body for example in EXAMPLES}


@pytest.mark.parametrize("body", DRAWN.values(), ids=DRAWN)
def test_a_screen_says_nothing_past_the_table(body: Body) -> None:
    match body:  # what it brings was said elsewhere
        case PurposeBody(suggestion=Suggestion() as suggestion):
            body = replace(body, suggestion=replace(suggestion, because=""))
        case ReachBody():
            body = replace(body, pump="")
        case HealthBody():
            body = replace(body, storage="")
    shown = page(body, shouted(EN))
    said = [word for place, word in leaves(shown) if isinstance(word, str) and not re.search("icon|face", place)]
    assert [word for word in said if re.search(r"[a-z]", re.sub(r"\b(ml|oz)\b", "", word))] == []


@pytest.mark.parametrize("reason", [None, Reason.MASTITIS])
@pytest.mark.parametrize("minutes", [0, 90])
@pytest.mark.parametrize("context", Context)
def test_a_because_says_nothing_past_the_table(context: Context, minutes: int, reason: Reason | None) -> None:
    said = because(shouted(EN))(context, Facts(5, 8, minutes, reason))
    assert said == said.upper()


def test_home_assistant_is_told_nothing_past_the_table() -> None:
    whole = json.loads(announcement(replace(ABOUT, words=shouted(EN)))[0].payload)
    for component in whole["components"].values():
        for said in (component["name"], *component.get("options", [])):
            assert said == said.upper()


def test_the_page_has_its_words_from_here() -> None:
    made = modules(PAGE)
    assert set(made) == {*PAGE.glob("words.*.js"), PAGE / "languages.js"}
    for path, text in made.items():
        assert path.read_text() == text, f"{path.name} is old: scripts/renew"


SENTENCE = r'"((?:[^"\\]|\\.)*)"'
SAY = re.compile(rf"\bsay\(\s*{SENTENCE}")
COUNTED = re.compile(rf"\bcounted\([^\"]*?,\s*{SENTENCE},\s*{SENTENCE}")


def said_by_the_page() -> dict[str, set[str]]:
    """The page's own sentences by their English: the plurals that each needs, none where it has no count."""
    scripts = [path.read_text() for path in PAGE.rglob("*.js") if path.name != "words.js"]
    plain = {json.loads(f'"{found}"') for text in scripts for found in SAY.findall(text)}
    counted = {json.loads(f'"{other}"') for text in scripts for _, other in COUNTED.findall(text)}
    return {sentence: set() for sentence in plain} | {sentence: {"one", "other"} for sentence in counted}


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_the_page_says_everything_in_each_language(code: str) -> None:
    says, asked = LANGUAGES[code].page.says, said_by_the_page()
    assert set(asked) - set(says) == set(), "sentences that it lacks"
    assert set(says) - set(asked) == set(), "sentences that the page no longer says"
    for english, sentence in says.items():
        forms = set() if isinstance(sentence, str) else set(sentence)
        assert forms == asked[english], english
        for form in [sentence] if isinstance(sentence, str) else sentence.values():
            assert sorted(re.findall(r"{\w+}", form)) == sorted(re.findall(r"{\w+}", english)), form
            assert form.strip() == form != "", english


def test_a_sentence_of_the_page_stands_where_it_is_said() -> None:
    """Else nothing finds those that a language lacks."""
    for path in sorted({*PAGE.rglob("*.js")} - {PAGE / "words.js"}):
        text = path.read_text()
        assert len(re.findall(r"\bsay\(", text)) == len(SAY.findall(text)), path.name
        if path.parent.name != "report":
            assert len(re.findall(r"\bcounted\(", text)) == len(COUNTED.findall(text)), path.name


def test_the_command_makes_them(tmp_path: Path) -> None:
    (page := tmp_path / "web" / "js").mkdir(parents=True)
    home = Path(shutil.copytree(ROOT / "dashboards" / "homeassistant", tmp_path / "homeassistant"))
    (home / "dashboard.de.yaml").unlink()
    worker = (ROOT / "dashboards" / "web" / "service-worker.js").read_text()
    (page.parent / "service-worker.js").write_text(worker.replace('  "js/words.de.js",\n', ""))
    subprocess.run([sys.executable, "-m", "device.words", tmp_path], check=True, cwd=ROOT)
    assert {path.name: path.read_text() for path in page.iterdir()} == {
        path.name: text for path, text in modules(PAGE).items()
    }
    assert (page.parent / "service-worker.js").read_text() == worker
    assert (home / "dashboard.de.yaml").read_text() == (ROOT / "dashboards/homeassistant/dashboard.de.yaml").read_text()


def test_what_would_be_a_hole_is_seen() -> None:
    holed = replace(EN, hints={Hint.TOWARD_OVERSUPPLY: "Toward {oversupply}."})
    with pytest.raises(AssertionError):
        test_every_name_of_the_contract_has_its_row(holed)
    with pytest.raises(AssertionError):
        test_no_language_lacks_a_word_or_has_one_that_nothing_says(holed)
    with pytest.raises(AssertionError):
        test_a_sentence_has_the_same_values_in_every_language(holed)
