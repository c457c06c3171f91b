// Completion of what is being typed: a list that the arrow keys, a tab or the pointer choose from.

import words from "./words.js";
import { filled, make, speak } from "./dom.js";
import { complete } from "./wire.js";

const PAUSE = 60; // milliseconds without a key

export class Choices {
  constructor(field, list) {
    this.field = field;
    this.list = list;
    this.found = { length: 0, choices: [] };
    this.active = -1;
    this.begun = ""; // what the suggestions are about
    this.isComing = false; // something was typed, and the suggestions for it are still to come
    this.timer = 0;
    this.asking = null;
    list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the field keeps the focus
      const at = [...list.children].indexOf(event.target.closest("li"));
      if (at >= 0) this.pick(at);
    });
    field.addEventListener("blur", () => this.close());
  }

  // Whether what the list shows is about what the field says now.
  get isOpen() {
    return !this.list.hidden && this.begun === this.typed;
  }

  get typed() {
    return this.field.value.slice(0, this.field.selectionStart);
  }

  later() {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (!this.field.value) return this.close();
    this.isComing = true;
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  async look() {
    const begun = this.typed;
    this.asking = new AbortController();
    try {
      const found = await complete(begun, this.asking.signal);
      if (this.typed === begun && document.activeElement === this.field) this.open(found, begun);
    } catch (error) {
      if (error.name !== "AbortError") this.close(); // typing goes on without it
    }
  }

  // A tab that comes before the suggestions do takes the first of them.
  async pickSoon() {
    clearTimeout(this.timer);
    this.asking?.abort();
    await this.look();
    if (this.isOpen) this.pick(0);
  }

  open(found, begun) {
    this.begun = begun;
    this.isComing = false;
    const typed = begun.slice(begun.length - found.length);
    const choices = found.choices.filter((one) => one.value !== typed);
    if (!choices.length) return this.close();
    this.found = { length: found.length, choices };
    this.list.replaceChildren(
      ...choices.map((one, at) => make("li", { role: "option", id: `choice-${at}`, "aria-selected": "false" }, one.label)),
    );
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.mark(-1);
    speak(filled(words.suggestions, choices.length));
  }

  close() {
    this.isComing = false;
    clearTimeout(this.timer);
    this.asking?.abort();
    this.list.hidden = true;
    this.active = -1;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  mark(at) {
    const count = this.found.choices.length;
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = at < -1 ? count - 1 : at >= count ? -1 : at;
    const chosen = this.list.children[this.active];
    chosen?.setAttribute("aria-selected", "true");
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) this.field.setAttribute("aria-activedescendant", chosen.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  pick(at) {
    const { value } = this.found.choices[at];
    const end = this.field.selectionStart;
    const before = this.field.value.slice(0, end - this.found.length);
    const after = this.field.value.slice(end).trimStart();
    this.field.value = `${before}${value} ${after}`;
    const caret = before.length + value.length + 1;
    this.field.setSelectionRange(caret, caret);
    this.close();
  }
}
