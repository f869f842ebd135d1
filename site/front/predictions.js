// Predictions: what was chosen is compared with what is so, as `reveal` does in a notebook.

/** @param {string} key */
const rememberedAs = (key) => `downhill-predict-${key}`;

/** What was chosen before; a browser may keep nothing of a page from a disk. @param {string} key */
function remembered(key) {
  try {
    return localStorage.getItem(rememberedAs(key));
  } catch {
    return null;
  }
}

/** @param {string} key @param {string} choice */
function remember(key, choice) {
  try {
    localStorage.setItem(rememberedAs(key), choice);
  } catch {
    // Then it is forgotten with the page.
  }
}

/** @param {string} choice @param {{answer: string, because: string}} secret */
function verdict(choice, { answer, because }) {
  const reason = because ? `: ${because}` : "";
  return choice === answer
    ? `You predicted “${choice}”, and so it is${reason}.`
    : `You predicted “${choice}”. It is “${answer}”${reason}.`;
}

/** @param {HTMLElement} element with what is so in it, packed */
const secretOf = async (element) =>
  JSON.parse(new TextDecoder().decode(await inflated(String(element.dataset.sealed))));

/** @param {HTMLElement} asked */
function showPrediction(asked) {
  const key = String(asked.dataset.prediction);
  const said = asked.querySelector(".downhill-verdict");
  const buttons = [...asked.querySelectorAll("button")];

  /** @param {string} choice */
  async function tell(choice) {
    const secret = await secretOf(asked);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === choice));
    asked.classList.toggle("right", choice === secret.answer);
    asked.classList.toggle("other", choice !== secret.answer);
    said.textContent = verdict(choice, secret);
  }

  const before = remembered(key);
  if (buttons.some((button) => button.value === before)) tell(before);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      remember(key, button.value);
      tell(button.value);
      document.querySelectorAll(`.downhill-reveal[data-prediction="${key}"]`).forEach((reveal) =>
        showReveal(reveal, button.value),
      );
    });
  }
}

/** Where a notebook prints what was predicted. @param {HTMLElement} reveal @param {string?} choice */
async function showReveal(reveal, choice = remembered(String(reveal.dataset.prediction))) {
  const asked = document.getElementById(`predict-${reveal.dataset.prediction}`);
  if (choice) reveal.textContent = verdict(choice, await secretOf(reveal));
  else if (asked) {
    const to = make("a", { href: `#${asked.id}` }, "Predict first");
    reveal.replaceChildren(to, ", and what is so will stand here.");
  }
}
