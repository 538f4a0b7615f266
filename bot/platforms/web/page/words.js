// What the page says, in the reader's language. The server makes phrases.js.

import PHRASES from "./phrases.js";

/** A phrase, with `{names}` in it filled in. */
export function word(phrase, values = {}) {
  const said = PHRASES[phrase] ?? phrase;
  return said.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Say what index.html says in the reader's language, too. Only before anything else has been drawn. */
export function translate(page) {
  const texts = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const phrase = texts.currentNode.nodeValue.trim();
    if (PHRASES[phrase]) texts.currentNode.nodeValue = texts.currentNode.nodeValue.replace(phrase, () => PHRASES[phrase]);
  }
  for (const element of page.querySelectorAll("[aria-label]")) {
    element.setAttribute("aria-label", word(element.getAttribute("aria-label")));
  }
}
