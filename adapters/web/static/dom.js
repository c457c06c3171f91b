// Elements are made here and nowhere else: text is always text, and an address leads to the web or nowhere.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  put(element, attributes, children);
  return element;
}

export function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  put(element, attributes, children);
  return element;
}

function put(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== "" && child !== null && child !== undefined));
}

export function link(text, url, attributes = {}) {
  let leads = "";
  try {
    const found = new URL(url);
    if (found.protocol === "https:" || found.protocol === "http:") leads = found.href;
  } catch {
    // it leads nowhere, so it is only text
  }
  if (!leads) return make("span", attributes, text);
  return make("a", { ...attributes, href: leads, target: "_blank", rel: "noopener noreferrer" }, text);
}

export function filled(sentence, ...values) {
  return values.reduce((text, value) => text.replace("{}", () => String(value)), sentence);
}

export function speak(sentence) {
  document.getElementById("spoken").textContent = sentence;
}
