// The conversation: what was said, what was answered, and the field to say more in.

import words from "./words.js";
import { show, showTrouble } from "./answers.js";
import { Choices } from "./choices.js";
import { make } from "./dom.js";
import { keep, kept } from "./kept.js";
import { say } from "./wire.js";

const MOST_SHOWN = 40; // answers
const MOST_REMEMBERED = 100; // lines
const KEPT = "paper-round-history";

export class Chat {
  constructor() {
    this.log = document.getElementById("log");
    this.field = document.getElementById("say");
    this.choices = new Choices(this.field, document.getElementById("choices"));
    this.history = kept(KEPT, []);
    this.place = this.history.length; // in the history
    this.draft = ""; // what was typed before the history was looked at
    document.getElementById("asking").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.field.addEventListener("input", () => this.choices.later());
    this.field.addEventListener("keydown", (event) => this.key(event));
    const examples = words.examples.split("\n").map((text) => make("button", { type: "button", class: "quiet", click: () => this.said(text) }, text));
    document.getElementById("examples").append(...examples);
  }

  send() {
    const text = this.field.value.trim();
    this.choices.close();
    if (text) this.said(text);
  }

  // Somebody said it, here or by a button: it becomes the address.
  said(text) {
    this.field.value = "";
    this.remember(text);
    history.pushState(null, "", addressOf(text));
    return this.answer(text);
  }

  // Adds the answer below all others, and gives its exchange, once it is there.
  async answer(text, isPublic = false) {
    const place = make("div", { class: "answer", "aria-busy": "true" });
    const caption = isPublic ? make("p", { class: "caption" }, words.shared) : make("p", { class: "asked" }, text);
    const exchange = make("div", { class: "exchange", role: "group", "aria-label": caption.textContent, tabindex: "-1" }, caption, place);
    this.log.append(exchange);
    while (this.log.children.length > MOST_SHOWN) this.log.firstChild.remove();
    this.greeted();
    await this.fill(place, text, isPublic);
    exchange.scrollIntoView({ block: "start" });
    return exchange;
  }

  // The greeting goes; the focus that was on one of its examples is not lost with it.
  greeted() {
    const greeting = document.querySelector(".greeting");
    const hadFocus = greeting.contains(document.activeElement);
    greeting.hidden = true;
    if (hadFocus) this.field.focus({ preventScroll: true });
  }

  async fill(place, text, isPublic = false) {
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await say(text, isPublic);
      show(place, answer, (button) => this.press(button, place), isPublic ? "discord" : "page");
    } catch (error) {
      showTrouble(place, error);
    }
    place.removeAttribute("aria-busy");
  }

  // A button was pressed: the focus goes where its answer is, unless somebody types by then.
  async press(button, place) {
    const exchange = await this.pressed(button, place);
    if (document.activeElement !== this.field) exchange.focus({ preventScroll: true });
  }

  pressed(button, place) {
    if (button.isShare) return this.answer(button.command, true);
    return button.replaces ? this.replaced(button.command, place) : this.said(button.command);
  }

  async replaced(text, place) {
    history.replaceState(null, "", addressOf(text));
    await this.fill(place, text);
    const exchange = place.parentElement;
    exchange.scrollIntoView({ block: "start" });
    return exchange;
  }

  key(event) {
    const { choices } = this;
    const handled = choices.isOpen ? this.chooses(event.key) : this.recalls(event.key);
    if (handled) event.preventDefault();
    else if (event.key === "Escape") choices.close();
  }

  chooses(key) {
    const { choices } = this;
    if (key === "ArrowDown") choices.mark(choices.active + 1);
    else if (key === "ArrowUp") choices.mark(choices.active - 1);
    else if (key === "Tab") choices.pick(Math.max(choices.active, 0));
    else if (key === "Enter" && choices.active >= 0) choices.pick(choices.active);
    else return false;
    return true;
  }

  recalls(key) {
    if (key === "Tab" && this.choices.isComing) {
      this.choices.pickSoon();
      return true;
    }
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (!step) return false;
    if (this.place === this.history.length) this.draft = this.field.value; // it comes back below the newest line
    this.place = Math.min(Math.max(this.place + step, 0), this.history.length);
    this.field.value = this.history[this.place] ?? this.draft;
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
    return true;
  }

  remember(text) {
    this.history = [...this.history.filter((one) => one !== text), text].slice(-MOST_REMEMBERED);
    this.place = this.history.length;
    keep(KEPT, this.history);
  }
}

export function addressOf(text) {
  return `#q=${encodeURIComponent(text)}`;
}
