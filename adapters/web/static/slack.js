// A Slack message, drawn from the payload that is sent: Block Kit and mrkdwn.

import words from "./words.js";
import { filled, link, make } from "./dom.js";

const BUILDER = "https://app.slack.com/block-kit-builder/#";

export function drawSlack(payload) {
  return make(
    "div",
    { class: "slack message", role: "group", "aria-label": words.asSlack },
    make("div", { class: "avatar", "aria-hidden": "true" }, "P"),
    make(
      "div",
      { class: "body" },
      make("p", { class: "who" }, make("strong", {}, "Paper Round"), " ", make("span", { class: "app" }, words.bot)),
      (payload.blocks ?? []).map(block),
    ),
  );
}

export function builderLink(payload) {
  const blocks = encodeURIComponent(JSON.stringify({ blocks: payload.blocks ?? [] }));
  return link(words.builder, BUILDER + blocks, { class: "quiet", title: words.builderNote });
}

const BLOCKS = {
  header: (one) => make("p", { class: "heading" }, one.text.text),
  section: (one) =>
    make(
      "div",
      { class: "section" },
      make("div", { class: "said" }, one.text ? text(one.text) : "", (one.fields ?? []).map(text)),
      one.accessory ? element(one.accessory) : "",
    ),
  context: (one) => make("div", { class: "small" }, one.elements.map((part) => make("p", {}, text(part)))),
  actions: (one) => make("div", { class: "row" }, one.elements.map(element)),
  divider: () => make("hr"),
  image: (one) => make("div", { class: "picture" }, filled(words.picture, one.image_url ?? "?")),
};

function block(one) {
  return BLOCKS[one.type] ? BLOCKS[one.type](one) : make("pre", {}, JSON.stringify(one));
}

function element(one) {
  if (one.type === "button") {
    const label = one.text.text;
    if (one.url) return link(`${label} ↗`, one.url, { class: "press" });
    return make("span", { class: one.style === "primary" ? "press style-1" : "press" }, label);
  }
  if (one.type === "image") return make("div", { class: "picture" }, one.alt_text ?? "");
  if (one.options) {
    const options = one.options.map((option) => make("li", {}, option.text.text));
    const shown = one.type === "overflow" ? "⋯" : (one.placeholder?.text ?? words.choose);
    return make("details", { class: "select" }, make("summary", { "aria-label": words.choose }, shown), make("ul", {}, options));
  }
  return make("pre", {}, JSON.stringify(one));
}

function text(found) {
  return found.type === "mrkdwn" ? mrkdwn(found.text) : found.text;
}

export function mrkdwn(text) {
  const found = [];
  for (const part of text.split(/(```\n?[\s\S]*?\n?```)/)) {
    if (part.startsWith("```")) found.push(make("pre", {}, plain(part.replace(/^```\n?|\n?```$/g, ""))));
    else found.push(...inline(part));
  }
  return found;
}

// Bold and italic begin and end beside what is no letter; between letters a sign is text.
const [BOLD, ITALIC] = ["\\*", "_"].map((sign) => `(?<![A-Za-z0-9])${sign}(?=[^\\s${sign}])(?:<[^<>\\n]+>|[^<\\n])*?(?<=\\S)${sign}(?![A-Za-z0-9])`);
const MARKS = new RegExp(`(<[^<>\\n]+>|${BOLD}|${ITALIC})`);

function inline(text) {
  return text.split(MARKS).map((part, at) => {
    if (at % 2 === 0) return plain(part);
    if (part[0] === "*") return make("strong", {}, inline(part.slice(1, -1)));
    if (part[0] === "_") return make("em", {}, inline(part.slice(1, -1)));
    const [url, label] = part.slice(1, -1).split(/\|(.*)/s);
    return link(plain(label ?? url), plain(url));
  });
}

function plain(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
