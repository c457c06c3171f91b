// The conversation: what was said, what was answered, and the field to say more in.

import words from "./words.js";
import { show, showTrouble } from "./answers.js";
import { Choices } from "./choices.js";
import { make } from "./dom.js";
import { say } from "./wire.js";

const MOST_SHOWN = 40; // answers
const MOST_REMEMBERED = 100; // lines
const KEPT = "paper-round-history";

export class Chat {
  constructor() {
    this.log = document.getElementById("log");
    this.field = document.getElementById("say");
    this.choices = new Choices(this.field, document.getElementById("choices"));
    this.history = remembered();
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

  async answer(text, isPublic = false) {
    const place = make("div", { class: "answer", "aria-busy": "true" });
    const caption = isPublic ? make("p", { class: "caption" }, words.shared) : make("p", { class: "asked" }, text);
    const exchange = make("div", { class: "exchange" }, caption, place);
    this.log.append(exchange);
    while (this.log.children.length > MOST_SHOWN) this.log.firstChild.remove();
    this.greeted();
    await this.fill(place, text, isPublic);
    exchange.scrollIntoView({ block: "start" });
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

  async press(button, place) {
    if (button.isShare) return this.answer(button.command, true);
    if (!button.replaces) return this.said(button.command);
    history.replaceState(null, "", addressOf(button.command));
    await this.fill(place, button.command);
    const again = [...place.querySelectorAll("button")].find((one) => one.textContent === button.label);
    (again ?? this.field).focus({ preventScroll: true });
    place.parentElement.scrollIntoView({ block: "start" });
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
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(this.history));
    } catch {
      // the browser keeps nothing, so neither does the page
    }
  }
}

export function addressOf(text) {
  return `#q=${encodeURIComponent(text)}`;
}

function remembered() {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
