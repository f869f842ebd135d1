"""The page of a written question: rubric beside each answer, comments used again, saved as a file.

Students' words are shown as text, never as HTML. One script of our own runs, known by its digest.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from html import escape

from autograder.grading.by_hand import FORM
from autograder.playing.formulas import formula
from autograder.reporting.written import Group, Question
from helpers._text import printable

LONGEST = 20_000
"""Letters of an answer that are shown."""
MATH = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^$\n]+)\$", re.DOTALL)
"""Formulas, as Markdown marks them."""
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #767f8a;
  --soft: #f3f5f7; --done: #dff3e4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #15181c; --line: #8d96a1;
  --soft: #20252b; --done: #12391f } }
body { color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif;
  max-width: 75em; margin: 0 auto; padding: 1em }
h1, h2, p, label, summary { overflow-wrap: anywhere }
.words { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3em 0 }
.words img, img { max-width: 100% }
#bar { position: sticky; top: 0; background: var(--paper); padding: .4em 0;
  border-bottom: 1px solid var(--line); z-index: 1 }
article { border: 1px solid var(--line); border-radius: .4em; padding: .8em; margin: 1em 0;
  display: grid; grid-template-columns: 3fr 2fr; gap: 1em; scroll-margin-top: 5em }
article > * { min-width: 0 }
article.done fieldset { background: var(--done) }
article h2 { font-size: 1em; margin: 0 }
@media (max-width: 45em) { article { grid-template-columns: 1fr } }
fieldset { border: 1px solid var(--line); border-radius: .3em; min-width: 0 }
fieldset label { display: block; margin: .3em 0 }
textarea, select { width: 100%; box-sizing: border-box; font: inherit }
input[type=number] { width: 5em; font: inherit }
button { font: inherit; margin: .2em .2em .2em 0 }
textarea, select, input, button { color: var(--ink); background: var(--soft);
  border: 1px solid var(--line) }
@media print { #bar, button, select { display: none } body { font-size: 10pt } }
"""

SCRIPT = r"""
const about = JSON.parse(document.getElementById('about').textContent);
const cards = [...document.querySelectorAll('article')];
const key = 'written ' + about.digest;
const field = (card, name) => card.querySelector('[name=' + name + ']');
const boxes = card => [...card.querySelectorAll('[name=rubric]')];
const graded = card => card.classList.contains('done');

function state(card) {
  return { points: field(card, 'points').value, comment: field(card, 'comment').value,
    rubric: boxes(card).map(box => box.checked), done: graded(card) };
}
function put(card, kept) {
  field(card, 'points').value = kept.points;
  field(card, 'comment').value = kept.comment;
  boxes(card).forEach((box, k) => { box.checked = kept.rubric[k] === true; });
  card.classList.toggle('done', kept.done === true && kept.points !== '');
}
function touched(card) {
  const points = field(card, 'points');
  card.classList.toggle('done', points.value !== '' && points.checkValidity());
  tell();
  try { localStorage.setItem(key, JSON.stringify(cards.map(state))); } catch { /* by hand only */ }
}
function tell() {
  const done = cards.filter(graded).length;
  document.getElementById('count').textContent = done + ' of ' + cards.length + ' graded here';
  const said = [...new Set(cards.map(card => field(card, 'comment').value.trim()))].filter(Boolean);
  for (const card of cards) {
    const legend = card.querySelector('legend');
    legend.textContent = graded(card) ? 'graded here' : legend.dataset.stands;
    const choice = field(card, 'again');
    choice.replaceChildren(new Option('use a comment again …', ''),
      ...said.map(text => new Option(text.slice(0, 90), text)));
  }
}
for (const card of cards) {
  const points = field(card, 'points'), comment = field(card, 'comment');
  for (const box of boxes(card)) box.addEventListener('change', () => {
    const sum = boxes(card).filter(b => b.checked).reduce((s, b) => s + Number(b.value), 0);
    points.value = Math.min(sum, Number(points.max));
    touched(card);
  });
  points.addEventListener('input', () => touched(card));
  comment.addEventListener('change', () => touched(card));
  field(card, 'again').addEventListener('change', event => {
    const text = event.target.value;
    if (text) comment.value = comment.value.trim() ? comment.value.trim() + '\n' + text : text;
    touched(card);
  });
  card.addEventListener('click', event => {
    const what = event.target.dataset ? event.target.dataset.does : '';
    if (what === 'none') { boxes(card).forEach(box => { box.checked = false; }); points.value = 0; }
    if (what === 'all') {
      boxes(card).forEach(box => { box.checked = true; });
      points.value = points.max;
    }
    if (what === 'missing') {
      const left = boxes(card).filter(box => !box.checked);
      const lines = left.map(box => 'Missing: ' + box.dataset.says);
      comment.value = [comment.value.trim(), ...lines].filter(Boolean).join('\n');
    }
    if (what) touched(card);
  });
}
document.getElementById('save').addEventListener('click', () => {
  const answers = [];
  cards.forEach((card, k) => {
    if (!graded(card)) return;
    const points = Number(field(card, 'points').value);
    const comment = field(card, 'comment').value.trim(), before = about.groups[k].before;
    for (const each of about.groups[k].answers) answers.push({ ...each, before, points, comment });
  });
  const sheet = { ...about.sheet, answers, page: about.digest, cards: cards.map(state) };
  const link = document.createElement('a');
  const text = JSON.stringify(sheet, null, 1);
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = about.sheet.question + '.json';
  link.click();
});
document.getElementById('load').addEventListener('change', async event => {
  const said = document.getElementById('said');
  try {
    const sheet = JSON.parse(await event.target.files[0].text());
    if (sheet.page !== about.digest) throw new Error('it was saved from another page');
    sheet.cards.forEach((kept, k) => put(cards[k], kept));
    said.textContent = '';
  } catch (error) { said.textContent = 'That file was not loaded: ' + error.message; }
  tell();
});
try {
  const kept = JSON.parse(localStorage.getItem(key) || '[]');
  if (kept.length === cards.length) kept.forEach((each, k) => put(cards[k], each));
} catch { /* begun anew */ }
tell();
"""

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';
 img-src data:; script-src 'sha256-{script_digest}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}: written answers</title>
<style>{style}</style></head>
<body><main><h1>{name}: {points:g} {unit}</h1>
<details><summary>The question</summary><div class="words">{asked}</div></details>
<details open><summary>The model answer</summary><div class="words">{model}</div></details>
<div id="bar"><strong id="count" role="status"></strong>
<button id="save" type="button">Save what is graded</button>
<label>go on with a saved file <input id="load" type="file" accept=".json"></label>
<span id="said" role="alert"></span></div>
{cards}</main>
<script type="application/json" id="about">{about}</script>
<script>{script}</script>
</body></html>
"""
CARD = """<article aria-labelledby="card-{k}"><div><h2 id="card-{k}">{title}</h2>
{texts}{pictures}
<details><summary>Who wrote it</summary><p>{who}</p></details></div>
<fieldset><legend data-stands="{standing}">{standing}</legend>
{rubric}
<label>Points
<input type="number" name="points" min="0" max="{most:g}" step="any" value="{given}"></label>
<button type="button" data-does="all">All</button>
<button type="button" data-does="none">None</button>
{keep}
<label>Comment <textarea name="comment" rows="3">{comment}</textarea></label>
{missing}
<label>Used before <select name="again"></select></label></fieldset></article>
"""


def page(question: Question, groups: Sequence[Group]) -> str:
    """The page on which a question is graded; it works from a file, without a network."""
    about = {
        "sheet": {
            "written": FORM,
            "lesson": question.lesson,
            "notebook": question.notebook,
            "question": question.name,
        },
        "groups": [_saved(group) for group in groups],
    }
    text = json.dumps(about)
    about["digest"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    cards = "".join(_card(k, group, question, len(groups)) for k, group in enumerate(groups))
    return PAGE.format(
        script_digest=base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode(),
        name=_say(question.name),
        style=STYLE,
        points=question.points,
        unit="point" if question.points == 1 else "points",
        asked=_drawn(_flowing(question.asked)),
        model=_drawn(_flowing(question.model) or "None is known."),
        cards=cards or "<p>Nobody has answered it.</p>",
        about=json.dumps(about).replace("<", "\\u003c"),
        script=SCRIPT,
    )


def _saved(group: Group) -> dict:
    before = {"points": group.standing.points, "comment": group.standing.comment}
    answers = [{"student": each.student, "answer": each.digest} for each in group.answers]
    return {"answers": answers, "before": before}


def _card(k: int, group: Group, question: Question, many: int) -> str:
    first, standing = group.answers[0], group.standing
    wrote = "1 student" if len(group.answers) == 1 else f"{len(group.answers)} students"
    given = "" if standing.points is None else f"{standing.points:g}"
    if standing.points is None:
        stands = "not graded"
    else:
        stands = "changed since it was graded" if standing.waits else "graded already"
    return CARD.format(
        k=k,
        title=f"Answer {k + 1} of {many}, by {wrote}",
        texts=_texts(group),
        pictures="".join(_picture(kind, data) for kind, data in first.pictures),
        who=escape(", ".join(printable(each.student) for each in group.answers)),
        standing=stands,
        rubric="\n".join(_line(points, says) for points, says in question.rubric),
        most=question.points,
        given=given,
        keep='<button type="button" data-does="keep">Keep</button>' if given else "",
        comment=escape(standing.comment),
        missing=MISSING if question.rubric else "",
    )


def _texts(group: Group) -> str:
    """All that its grade is given to, where they are laid out differently."""
    return "<p><em>and, laid out otherwise:</em></p>".join(
        f'<div class="words">{_say(text) or NOTHING}</div>' for text in group.texts
    )


NOTHING = "<em>Nothing that can be read: look at what was handed in.</em>"
MISSING = '<button type="button" data-does="missing">Say what is missing</button>'


def _line(points: float, says: str) -> str:
    text = _say(says)
    box = f'<input type="checkbox" name="rubric" value="{points:g}" data-says="{text}">'
    return f"<label>{box} {points:g}: {text}</label>"


def _picture(kind: str, data: str) -> str:
    if not BASE64.fullmatch(data):
        return "<p>(a picture that cannot be shown)</p>"
    return f'<p><img alt="a picture in the answer" src="data:{kind};base64,{data}"></p>'


def _flowing(text: str) -> str:
    """A source's own lines as paragraphs; lists and displays keep theirs."""
    return re.sub(r"(?<=[^\n])\n(?=[\w(“$])", " ", text)


def _drawn(source: str) -> str:
    """A text of the course's: its formulas drawn, all else as it stands."""
    made, end = [], 0
    for found in MATH.finditer(source):
        made.append(_say(source[end : found.start()]))
        display = found["display"] is not None
        made.append(formula(found["display"] if display else found["inline"], display))
        end = found.end()
    return "".join((*made, _say(source[end:])))


def _say(text: str) -> str:
    return escape(printable(text, LONGEST))
