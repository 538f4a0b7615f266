// Elements are built from text alone: nothing that somebody wrote is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (true: present; null or false: absent) and children (text or elements; null: none). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const NUMBERS = /[\p{L}\d]+(?:-[\p{L}\d]+)+/gu;
const WHOLE = 16;

/** Text in which a number such as 2024-001 isn't torn apart at the end of a line. */
export function whole(text) {
  const parts = [];
  let told = 0;
  for (const { 0: found, index } of text.matchAll(NUMBERS)) {
    if (found.length > WHOLE || !/\d/.test(found)) continue;
    parts.push(text.slice(told, index), make("span", { class: "whole" }, found));
    told = index + found.length;
  }
  return [...parts, text.slice(told)].filter(Boolean);
}

/** One of the drawings at the top of index.html. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${name}`);
  drawing.append(use);
  return drawing;
}

/** A short name that nobody else uses. */
export function unique() {
  return crypto.randomUUID();
}
