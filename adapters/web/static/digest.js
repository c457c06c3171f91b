// What a channel would be posted: the form, whose values are the address, and the digest below it.

import { show, showTrouble } from "./answers.js";
import { digest } from "./wire.js";

const form = document.getElementById("digesting");
const place = document.getElementById("posted");

export function watchDigest() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = new URLSearchParams(new FormData(form));
    history.pushState(null, "", `#digest?${asked}`);
    post(asked);
  });
}

// Shows what an address asks for.
export function openDigest(text) {
  const asked = new URLSearchParams(text);
  form.reset();
  for (const [name, value] of asked) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  post(asked);
}

async function post(asked) {
  try {
    show(place, await digest(asked), () => {}, "discord");
  } catch (error) {
    showTrouble(place, error);
  }
}
