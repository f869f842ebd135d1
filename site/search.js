// What the search puts first, and what it shows. Sphinx loads this after its own search.

// As Sphinx counts; only that a lesson's text comes before another page's, and letters and books of a
// lesson after it. What students get wrong comes last: it takes the exercises away.
const LESSON = 5;
const APPENDIX = -3;
const LAST = -1000;

Scorer.score = (result) => {
  const [page, , anchor, , score] = result;
  // A page is found by its title and by its text: under one name, so that it is shown once.
  if (!anchor) result[1] = Search._index.titles[Search._index.docnames.indexOf(page)];
  if (page.startsWith("mistakes/")) return score + LAST;
  if (!page.startsWith("lessons/")) return score;
  return score + (/\/(letters|further-reading)$/.test(page) ? APPENDIX : LESSON);
};

// Nothing that a page keeps folded is shown beside its title.
const textOf = Search.htmlToText;
Search.htmlToText = (html, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const fold of page.querySelectorAll("details")) fold.remove();
  return textOf(page.documentElement.outerHTML, anchor);
};
