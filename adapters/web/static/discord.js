// A Discord message, drawn from the payload that is sent: components or embeds, and Discord's markdown.

import words from "./words.js";
import { filled, link, make } from "./dom.js";

export function drawDiscord(payload) {
  const parts = [...(payload.embeds ?? []).map(embed), ...(payload.components ?? []).map(component)];
  return make(
    "div",
    { class: "discord message", role: "group", "aria-label": words.asDiscord },
    make("div", { class: "avatar", "aria-hidden": "true" }, "P"),
    make("div", { class: "body" }, make("p", { class: "who" }, make("strong", {}, "Paper Round"), " ", make("span", { class: "app" }, words.bot)), parts),
  );
}

function embed(found) {
  return accented(make("div", { class: "container" }, markdown(found.description ?? "")), found.color);
}

function accented(element, colour) {
  element.style.setProperty("--accent", `#${Number(colour ?? 0).toString(16).padStart(6, "0")}`);
  return element;
}

const COMPONENTS = {
  1: (one) => make("div", { class: "row" }, one.components.map(component)),
  2: button,
  3: (one) => make("div", { class: "select" }, one.placeholder ?? words.choose, make("span", { "aria-hidden": "true" }, "⌄")),
  9: (one) => make("div", { class: "section" }, make("div", {}, one.components.map(component)), component(one.accessory)),
  10: (one) => make("div", { class: "said" }, markdown(one.content)),
  11: (one) => make("div", { class: "picture" }, filled(words.picture, host(one.media.url))),
  14: () => make("hr"),
  17: (one) => accented(make("div", { class: "container" }, one.components.map(component)), one.accent_color),
};

function component(one) {
  return COMPONENTS[one.type] ? COMPONENTS[one.type](one) : make("pre", {}, JSON.stringify(one));
}

function button(one) {
  const label = [one.emoji ? one.emoji.name : "", one.label ?? ""].filter(Boolean).join(" ");
  if (one.url) return link(`${label} ↗`, one.url, { class: "press" });
  return make("span", { class: `press style-${one.style}` }, label);
}

function host(url) {
  try {
    return new URL(url).host;
  } catch {
    return "?";
  }
}

export function markdown(text) {
  const found = [];
  for (const part of text.split(/(```\n[\s\S]*?\n```)/)) {
    if (part.startsWith("```\n")) found.push(make("pre", {}, part.slice(4, -4)));
    else found.push(...part.split("\n").filter((line, at, all) => line || (at > 0 && at < all.length - 1)).map(line));
  }
  return found;
}

function line(text) {
  const [, sign, rest] = /^(#{1,3} |-# )?([\s\S]*)$/.exec(text);
  if (sign === "-# ") return make("p", { class: "small" }, inline(rest));
  return make("p", { class: sign ? "heading" : null }, inline(rest));
}

export function inline(text) {
  const found = [];
  let plain = "";
  const add = (node) => {
    if (plain) found.push(plain);
    plain = "";
    found.push(node);
  };
  for (let at = 0; at < text.length; ) {
    const opened = marked(text, at);
    if (opened) {
      add(opened.node);
      at = opened.end;
    } else {
      if (text[at] === "\\" && /[^A-Za-z0-9\s]/.test(text[at + 1] ?? "")) at += 1;
      plain += text[at];
      at += 1;
    }
  }
  if (plain) found.push(plain);
  return found;
}

const ADDRESS = /\(((?:\([^\s()]*\)|\\.|[^\s\\()])*)\)/y; // with pairs of brackets in it

// What begins at a place: bold, italic or a link; nothing where it is never closed.
function marked(text, at) {
  for (const [mark, tag] of [["**", "strong"], ["*", "em"]]) {
    if (!text.startsWith(mark, at)) continue;
    const end = closing(text, at + mark.length, mark);
    if (end > 0) return { node: make(tag, {}, inline(text.slice(at + mark.length, end))), end: end + mark.length };
  }
  if (text[at] !== "[") return null;
  const middle = closing(text, at + 1, "](");
  ADDRESS.lastIndex = middle + 1;
  const address = middle > 0 ? ADDRESS.exec(text) : null;
  return address && { node: link(plainText(text.slice(at + 1, middle)), plainText(address[1])), end: ADDRESS.lastIndex };
}

function closing(text, from, mark) {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text.startsWith(mark, at)) return at;
  }
  return -1;
}

function plainText(text) {
  return text.replace(/\\([^A-Za-z0-9\s])/g, "$1");
}
