// Elements and the words on them. What comes from transcripts and models becomes text, never markup.

export const one = (selector, inside = document) => inside.querySelector(selector);

// An element with attributes (functions become listeners, false and null are left out) and children.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null && child !== false && child !== ""));
  return element;
}

export const button = (words, act, attributes = {}) => make("button", { type: "button", click: act, ...attributes }, words);

// Sets the text of a live region only where it is another, so that nothing is read out twice.
export function tell(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

// Milliseconds as HH:MM:SS, as the outline has it.
export function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function size(bytes) {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000))} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export const stem = (name) => name.replace(/(.)\.[^.]*$/, "$1");

export function moment(iso) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}
