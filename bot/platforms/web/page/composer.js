// Where a person writes: Enter sends, an arrow up brings back what was said before, a slash offers the commands.

import { icon, make } from "./elements.js";

const MOST_CHARACTERS = 4096;
const MOST_CHOICES = 50;

export class Composer {
  /** `send(text)` takes what was written; `menu()` lists the commands ({usage, purpose}); `learn()` asks for them anew. */
  constructor(form, { send, menu, learn, placeholder }) {
    this.form = form;
    this.send = send;
    this.menu = menu;
    this.learn = learn;
    this.text = form.querySelector("textarea");
    this.choices = form.querySelector(".choices");
    this.hint = form.querySelector(".hint");
    this.said = [];
    this.recalled = null;
    this.chosen = 0;
    this.dismissed = true;
    this.text.placeholder = placeholder;
    this.text.setAttribute("aria-label", placeholder);
    this.choices.id = `${placeholder.replace(/\W+/g, "-")}-choices`;
    this.text.setAttribute("aria-controls", this.choices.id);
    form.querySelector(".send").append(icon("send"));
    this.attend();
  }

  attend() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("blur", () => this.dismiss());
    this.choices.addEventListener("pointerdown", (event) => event.preventDefault());
    this.choices.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(option);
    });
  }

  /** Forget what another person said and wrote. */
  clear() {
    this.said = [];
    this.put("");
  }

  /** Remember a text that was said, for the arrow up. */
  remember(text) {
    if (this.said.at(-1) !== text) this.said.push(text);
    this.recalled = null;
  }

  put(words) {
    this.text.value = words;
    this.text.setSelectionRange(words.length, words.length);
    this.grow();
    this.explain();
    this.dismiss();
  }

  submit() {
    const words = this.text.value.trim();
    if (!words || words.length > MOST_CHARACTERS) return;
    this.recalled = null;
    this.put("");
    this.send(words);
  }

  changed() {
    this.recalled = null;
    this.dismissed = false;
    this.grow();
    this.explain();
    this.offer();
    if (this.text.value === "/") this.learn();
  }

  /** The menu came, or changed. */
  learned() {
    if (document.activeElement !== this.text || this.dismissed) return;
    const before = this.choices.children[this.chosen]?.dataset.name;
    this.offer();
    const place = [...this.choices.children].findIndex((option) => option.dataset.name === before);
    if (!this.choices.hidden && place > 0) this.choose(place);
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 160)}px`;
  }

  /** The usage of the command that is being written, or that the text is too long. */
  explain() {
    const words = this.text.value;
    const length = words.trim().length;
    const tooLong = length > MOST_CHARACTERS;
    const command = /^\/\S+(?=\s)/.exec(words)?.[0];
    const known = command && this.menu().find(({ usage }) => name(usage) === command.toLowerCase());
    const figures = (count) => count.toLocaleString("en");
    this.hint.textContent = tooLong ? `${figures(length)} characters; ${figures(MOST_CHARACTERS)} is the most.` : (known?.usage ?? "");
    this.hint.hidden = !this.hint.textContent;
    this.hint.classList.toggle("bad", tooLong);
  }

  offer() {
    const typed = /^\/\S*$/.exec(this.text.value)?.[0].toLowerCase();
    const fitting = typed ? this.menu().filter(({ usage }) => name(usage).startsWith(typed)) : [];
    if (!fitting.length) return this.close();
    this.choices.replaceChildren(...fitting.slice(0, MOST_CHOICES).map((entry, place) => this.option(entry, place)));
    this.choices.hidden = false;
    this.text.setAttribute("aria-expanded", "true");
    this.choose(0);
  }

  option({ usage, purpose }, place) {
    const [command, ...rest] = usage.split(" ");
    return make(
      "li",
      { role: "option", id: `${this.choices.id}-${place}`, "data-name": command, "data-more": rest.length > 0 },
      make("span", { class: "usage" }, make("b", {}, command), rest.length ? ` ${rest.join(" ")}` : null),
      make("span", { class: "purpose" }, purpose),
    );
  }

  choose(place) {
    const options = [...this.choices.children];
    this.chosen = (place + options.length) % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === this.chosen)));
    options[this.chosen].scrollIntoView({ block: "nearest" });
    this.text.setAttribute("aria-activedescendant", options[this.chosen].id);
  }

  take(option) {
    this.put(option.hasAttribute("data-more") ? `${option.dataset.name} ` : option.dataset.name);
    this.text.focus();
  }

  /** Close the list until something else is written. */
  dismiss() {
    this.dismissed = true;
    this.close();
  }

  close() {
    this.choices.hidden = true;
    this.text.setAttribute("aria-expanded", "false");
    this.text.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.isComposing) return;
    const used = this.choices.hidden ? this.plainKey(event) : this.listKey(event);
    if (used) event.preventDefault();
  }

  listKey(event) {
    const option = this.choices.children[this.chosen];
    if (event.key === "ArrowDown") this.choose(this.chosen + 1);
    else if (event.key === "ArrowUp") this.choose(this.chosen - 1);
    else if (event.key === "Escape") this.dismiss();
    else if (event.key === "Tab" && !event.shiftKey) this.take(option);
    else if (event.key === "Enter" && !event.shiftKey) this.enter(option);
    else return false;
    return true;
  }

  /** A command written out is sent; a part of one is completed first. */
  enter(option) {
    if (option.dataset.name === this.text.value.toLowerCase()) this.submit();
    else this.take(option);
  }

  plainKey(event) {
    if (event.key === "Enter" && !event.shiftKey) this.submit();
    else if (event.key === "ArrowUp" && (this.recalled !== null || !this.text.value)) return this.recall(-1);
    else if (event.key === "ArrowDown" && this.recalled !== null) return this.recall(1);
    else return false;
    return true;
  }

  recall(step) {
    const place = (this.recalled ?? this.said.length) + step;
    if (place < 0) return true;
    this.put(this.said[place] ?? "");
    this.recalled = place < this.said.length ? place : null;
    return true;
  }
}

function name(usage) {
  return usage.split(" ")[0];
}
