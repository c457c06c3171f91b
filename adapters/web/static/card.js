// A card as this page shows it.

import words from "./words.js";
import { link, make, speak } from "./dom.js";

// `press(button)` is called with what was pressed; `share` is shown where the answer can be shared.
export function drawCard({ card, share }, press) {
  const isAlone = card.papers.length === 1 && card.papers[0].title === card.title;
  const buttons = card.buttons.map((one) => pressable(one, press));
  if (share) buttons.push(pressable({ label: words.share, command: share, isShare: true }, press));
  return make(
    "article",
    { class: `card tone-${card.tone}` },
    isAlone ? "" : make("h2", {}, card.title),
    isAlone ? "" : paragraphs(card.text),
    papers(card, press),
    isAlone ? paragraphs(card.text) : "",
    rows(card.rows),
    card.code ? code(card.code) : "",
    card.notes.map((note) => make("p", { class: "note" }, note)),
    buttons.length ? make("p", { class: "buttons" }, buttons) : "",
  );
}

export function code(text) {
  return make("div", { class: "code" }, make("pre", { tabindex: "0" }, text), copying(() => text));
}

export function copying(text) {
  return make("button", { type: "button", class: "quiet", click: () => copy(text()) }, words.copy);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    speak(words.copied);
  } catch {
    speak(words.notCopied);
  }
}

function papers(card, press) {
  if (!card.papers.length) return "";
  const isAlone = card.papers.length === 1;
  return make(
    isAlone ? "div" : "ol",
    { class: "papers", start: isAlone ? null : card.first_number },
    card.papers.map((item) => make(isAlone ? "div" : "li", { class: "paper" }, paper(item, press))),
  );
}

function paper(item, press) {
  const summary = item.summary
    ? make("p", {}, item.summary_label ? make("em", { class: "label" }, `${item.summary_label}: `) : "", item.summary)
    : "";
  return [
    make("h3", {}, link(item.title, item.url)),
    item.byline ? make("p", { class: "byline" }, item.byline) : "",
    summary,
    item.numbers || item.badge
      ? make("p", { class: "numbers" }, item.numbers, " ", item.badge ? make("span", { class: "badge" }, item.badge) : "")
      : "",
    make(
      "p",
      { class: "buttons" },
      item.links.map((one) => link(one.label, one.url, { class: "quiet" })),
      item.buttons.map((one) => pressable(one, press, item.title)),
    ),
  ];
}

function pressable(button, press, about = "") {
  const label = about ? `${button.label}: ${about}` : null;
  return make("button", { type: "button", class: "quiet", "aria-label": label, click: () => press(button) }, button.label);
}

function paragraphs(text) {
  return text ? text.split("\n\n").map((one) => make("p", { class: "text" }, one)) : "";
}

function rows(found) {
  if (!found.length) return "";
  return make(
    "dl",
    {},
    found.map((row) => make("div", {}, make("dt", {}, row.name), make("dd", {}, row.text))),
  );
}
