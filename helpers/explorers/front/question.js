// A question before the code answers it: native radio buttons, between which the arrow keys move.

import { make, uniqueName } from "./controls.js";

/** The widget, by anywidget's protocol. */
export default {
  /** @param {{model: any, el: HTMLElement}} context */
  render({ model, el }) {
    const name = uniqueName();
    const inputs = model.get("options").map((/** @type {string} */ option) =>
      make("input", {
        type: "radio",
        name,
        value: option,
        onchange: () => {
          model.set("choice", option);
          model.save_changes();
        },
      }),
    );
    const rows = inputs.map((/** @type {HTMLInputElement} */ input) =>
      make("label", { style: "display: block; width: max-content; max-width: 100%" }, input, ` ${input.value}`),
    );
    const legend = make("legend", { style: "padding: 0; font-weight: bold" }, model.get("question"));
    const said = make("p", { role: "status", style: "min-height: 1.5em; margin: 0; font-style: italic" });
    const style = "margin: 4px 2px; padding: 0; border: 0; font: 13px/1.7 system-ui, sans-serif";
    const update = () => {
      for (const input of inputs) input.checked = input.value === model.get("choice");
      said.textContent = model.get("said");
    };
    update();
    el.append(make("fieldset", { style }, legend, ...rows, said));
    model.on("change:choice change:said", update);
    return () => model.off("change:choice change:said", update);
  },
};
