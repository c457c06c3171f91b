// Answers, shown as the switch says: as this page's card, or as a platform would lay it out, with the payload.

import words from "./words.js";
import { copying, drawCard } from "./card.js";
import { drawDiscord } from "./discord.js";
import { builderLink, drawSlack } from "./slack.js";
import { make } from "./dom.js";
import { keep, kept } from "./kept.js";
import { Trouble } from "./wire.js";

const DRAWN = { discord: drawDiscord, slack: drawSlack };
const KEPT = "paper-round-shown-as";
const draws = new WeakMap(); // what draws a place anew, for as long as there is that place

export function chosen() {
  return document.querySelector("#shown-as input:checked").value;
}

export function watchSwitch() {
  const choices = document.getElementById("shown-as");
  for (const one of choices.querySelectorAll("input")) one.checked ||= one.value === kept(KEPT);
  choices.addEventListener("change", () => {
    keep(KEPT, chosen());
    const places = [...document.querySelectorAll(".drawn")];
    const top = document.querySelector(".top").getBoundingClientRect().bottom;
    const read = places.find((place) => place.getBoundingClientRect().bottom > top);
    const before = read?.getBoundingClientRect().top;
    for (const place of places) draws.get(place)();
    if (read) scrollBy(0, read.getBoundingClientRect().top - before); // what is being read stays where it is
  });
}

// Shows an answer in a place, and again whenever the switch is moved; `least` is what it is shown as where the switch says page.
export function show(place, answer, press, least = "page") {
  const draw = () => {
    const as = chosen() === "page" ? least : chosen();
    place.replaceChildren(as === "page" ? drawCard(answer, press) : preview(as, answer));
  };
  draws.set(place, draw);
  place.classList.add("drawn");
  draw();
}

// Says in the place of an answer why there is none; what is no trouble of the bot is thrown on.
export function showTrouble(place, error) {
  if (!(error instanceof Trouble)) throw error;
  place.classList.remove("drawn");
  place.replaceChildren(make("article", { class: "card tone-failure", role: "alert" }, make("p", {}, error.message)));
}

function preview(as, answer) {
  const payload = answer.payloads[as];
  const caption = chosen() === "page" ? make("p", { class: "caption" }, as === "slack" ? words.asSlack : words.asDiscord) : "";
  return make("div", { class: "preview" }, caption, DRAWN[as](payload), folded(as, payload));
}

function folded(as, payload) {
  const text = JSON.stringify(payload, null, 2);
  const body = make("div", { class: "code" });
  const opened = () => {
    if (!body.hasChildNodes()) body.append(make("pre", { tabindex: "0" }, text));
  };
  return make(
    "div",
    { class: "payload" },
    make("details", { toggle: opened }, make("summary", {}, words.payload), body),
    copying(() => text),
    as === "slack" ? builderLink(payload) : "",
  );
}
