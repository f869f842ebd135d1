"""The front end of the explorers: what it has in common with Python, and how it is joined."""

import json
import re

from helpers.explorers import front, style
from helpers.explorers.scene import BAR

SOURCES = {name: (front.HERE / name).read_text(encoding="utf-8") for name in front.FILES}


def constant(name, source):
    """The text of a constant of the front end."""
    return re.search(rf"const {name} = (.*?);\n", source, re.DOTALL)[1]


def test_the_front_end_has_the_same_colors_and_dashes():
    colors = dict(re.findall(r'(\w+): "(#\w+)"', constant("COLORS", SOURCES["plot.js"])))
    assert colors == style.ON_BOTH
    assert len(json.loads(constant("DASHES", SOURCES["plot.js"]))) == len(style.DASHES)


def test_the_front_end_draws_every_kind_of_mark_and_as_wide_a_bar():
    kinds = set(re.findall(r"^  (\w+)\(context, placed", SOURCES["plot.js"], re.MULTILINE))
    assert kinds == {"line", "points", "bars", "arrows", "words"}
    assert float(re.search(r"const BAR = ([\d.]+);", SOURCES["plot.js"])[1]) == BAR


def test_the_front_end_is_one_module():
    code = re.sub(r"^ *(?://|/?\*).*", "", front.MODULE, flags=re.MULTILINE)
    assert re.findall(r"^(?:import|export)\b.*", code, re.MULTILINE) == ["export default {"]
    assert "</script" not in front.MODULE
    names = re.findall(r"^(?:async )?(?:const|let|function|class) (\w+)", code, re.MULTILINE)
    assert len(set(names)) == len(names) > 20


def test_a_file_imports_only_what_stands_above_it():
    above = set()
    for name, source in SOURCES.items():
        for names, file in re.findall(r'^import \{(.*?)\} from "\./(.*?)";', source, re.M | re.S):
            assert file in above
            for each in filter(None, (part.strip() for part in names.split(","))):
                assert re.search(rf"^export (const|function) {each}\b", SOURCES[file], re.M), each
        above.add(name)
    assert len(re.findall(r"^import ", "".join(SOURCES.values()), re.M)) >= 4
