// What the page asks of the bot.

import words from "./words.js";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

export class Trouble extends Error {}

export function say(text, isPublic = false) {
  return ask("/api/say", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text, public: isPublic, zone: ZONE }),
  });
}

export function complete(text, signal) {
  return ask(`/api/complete?${new URLSearchParams({ text })}`, { signal });
}

export function digest(asked) {
  return ask(`/api/digest?${asked}`);
}

export function board() {
  return ask("/api/board");
}

async function ask(address, how = {}) {
  let reply;
  try {
    reply = await fetch(address, how);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble(words.noAnswer);
  }
  if (reply.status === 401) throw new Trouble(words.signedOut);
  let found;
  try {
    found = await reply.json();
  } catch {
    throw new Trouble(words.noAnswer);
  }
  if (!reply.ok) throw new Trouble(found.error || words.noAnswer);
  return found;
}
