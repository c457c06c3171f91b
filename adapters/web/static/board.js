// The board: how subscriptions, deliveries, votes, sources and index do. It only shows.

import words from "./words.js";
import { chart } from "./chart.js";
import { drawCard } from "./card.js";
import { filled, link, make } from "./dom.js";
import { board, Trouble } from "./wire.js";

const SIGNS = { sent: "✓", skipped: "–", pending: "…", uncertain: "?", dead: "✕" };

export async function drawBoard(place) {
  try {
    const found = await board();
    place.replaceChildren(deliveries(found), orders(found), votes(found), drawCard({ card: found.status, share: "" }, () => {}), again(place));
    const days = place.querySelector(".scroll");
    days.scrollLeft = days.scrollWidth; // the newest ones, where there is no room for all
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    place.replaceChildren(make("article", { class: "card tone-failure" }, make("p", {}, error.message)), again(place));
  }
}

function again(place) {
  const look = async () => {
    await drawBoard(place);
    place.lastChild.focus(); // the button that was pressed is gone
  };
  return make("button", { type: "button", class: "quiet", click: look }, words.refresh);
}

function part(title, ...children) {
  return make("article", { class: "card" }, make("h2", {}, title), children);
}

function deliveries(found) {
  const head = make("tr", {}, make("th", { scope: "col" }, words.of), found.days.map((day) => make("th", { scope: "col", title: day.label }, day.day.slice(8))));
  const all = make("tr", {}, make("th", { scope: "row" }, words.allChannels), found.totals.map((total, at) => summed(total, found.days[at])));
  const each = found.orders.map((one) =>
    make("tr", {}, make("th", { scope: "row" }, one.name, make("span", { class: "byline" }, one.place)), one.days.map((state, at) => cell(state, found.days[at], found.legend))),
  );
  const legend = Object.entries(found.legend).map(([state, word]) => make("span", { class: "key" }, mark(state), ` ${word}`));
  return part(words.deliveries, make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": words.deliveries }, make("table", { class: "calendar" }, make("thead", {}, head), make("tbody", {}, all, each))), make("p", { class: "note" }, legend));
}

function mark(state) {
  return make("span", { class: `state ${state}`, "aria-hidden": "true" }, SIGNS[state] ?? "");
}

function cell(state, day, legend) {
  if (!state) return make("td");
  return make("td", { title: `${day.label}: ${legend[state]}` }, mark(state), make("span", { class: "unseen" }, legend[state]));
}

function summed(total, day) {
  const states = Object.keys(total.counts);
  if (!states.length) return make("td");
  const worst = ["dead", "uncertain", "pending", "sent", "skipped"].find((one) => states.includes(one));
  return make("td", { title: `${day.label}: ${total.label}` }, mark(worst), make("span", { class: "unseen" }, total.label));
}

function orders(found) {
  if (!found.orders.length) return part(words.subscriptions, make("p", {}, words.noSubscriptions));
  const rows = found.orders.map((one) =>
    make(
      "div",
      {},
      make("dt", {}, one.name, one.standing ? make("span", { class: "badge" }, one.standing) : ""),
      make("dd", {}, make("p", { class: "byline" }, one.place), make("p", {}, one.what), make("p", { class: "byline" }, `${words.last}: ${one.last}`, one.next ? ` · ${words.next}: ${one.next}` : "")),
    ),
  );
  return part(words.subscriptions, make("dl", {}, rows), found.more > 0 ? make("p", { class: "note" }, filled(words.more, found.more.toLocaleString("en"))) : "");
}

function votes(found) {
  const lines = found.curves.filter((one) => one.points.length > 1);
  if (!lines.length) return part(words.votes, make("p", {}, words.noVotes));
  return part(
    words.votes,
    make(
      "ul",
      { class: "curves" },
      lines.map((one) => make("li", {}, chart(one.points, `${one.title}: ${one.votes}`), make("div", {}, link(one.title, one.url), make("p", { class: "byline" }, one.votes)))),
    ),
  );
}
