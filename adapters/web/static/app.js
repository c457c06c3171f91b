// Begins: the parts of the page by the address, which carries what was said.

import { watchSwitch } from "./answers.js";
import { drawBoard } from "./board.js";
import { Chat } from "./chat.js";
import { openDigest, watchDigest } from "./digest.js";

const PARTS = ["ask", "digest", "board"];
const chat = new Chat();

function route() {
  const [, begun, asked = ""] = /^#(\w+)(?:[=?](.*))?$/s.exec(location.hash) ?? [];
  const part = PARTS.includes(begun) ? begun : "ask";
  for (const name of PARTS) {
    document.getElementById(name).hidden = name !== part;
    const tab = document.querySelector(`nav a[href="#${name}"]`);
    if (name === part) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  document.getElementById("shown-as").hidden = part === "board";
  if (part === "board") drawBoard(document.getElementById("state"));
  if (part === "digest" && asked) openDigest(asked);
  if (begun === "q" && decoded(asked).trim()) chat.answer(decoded(asked));
  if (part === "ask" && matchMedia("(pointer: fine)").matches) chat.field.focus({ preventScroll: true });
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  chat.field.focus();
});
watchSwitch();
watchDigest();
addEventListener("popstate", route);
route();
