// Begins: the parts of the page by the address, which carries what was said.

import { show, showTrouble, watchSwitch } from "./answers.js";
import { Chat } from "./chat.js";
import { digest } from "./wire.js";

const PARTS = ["ask", "digest", "board"];
const chat = new Chat();

function route() {
  const said = /^#q=(.*)$/s.exec(location.hash);
  const part = PARTS.find((name) => location.hash === `#${name}`) ?? "ask";
  for (const name of PARTS) {
    document.getElementById(name).hidden = name !== part;
    const tab = document.querySelector(`nav a[href="#${name}"]`);
    if (name === part) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  document.getElementById("shown-as").hidden = part === "board";
  if (part === "board") openBoard();
  if (said) chat.answer(decoded(said[1]));
  if (part === "ask" && matchMedia("(pointer: fine)").matches) chat.field.focus({ preventScroll: true });
}

async function openBoard() {
  const { drawBoard } = await import("./board.js");
  await drawBoard(document.getElementById("state"));
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

document.getElementById("digesting").addEventListener("submit", async (event) => {
  event.preventDefault();
  const place = document.getElementById("posted");
  try {
    show(place, await digest(event.target), () => {}, "discord");
  } catch (error) {
    showTrouble(place, error);
  }
});

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  chat.field.focus();
});
watchSwitch();
addEventListener("popstate", route);
route();
