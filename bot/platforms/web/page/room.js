// One chat: its log, its composer, and what is on its way to the server.

import { drawEntry } from "./cards.js";
import { Composer } from "./composer.js";
import { icon, make, unique } from "./elements.js";
import { say } from "./wire.js";
import { word } from "./words.js";

const MOST_ENTRIES = 500;
const PATIENCE_MS = 400;

export class Room {
  /** `me()` is who writes here, `menu()` what they may say (`learn()` asks for it anew), `unread()` hears of news. */
  constructor(pane, { me, menu, learn, unread, placeholder, welcome }) {
    pane.append(document.getElementById("room").content.cloneNode(true));
    this.pane = pane;
    this.kind = pane.id;
    this.me = me;
    this.unread = unread;
    this.greet = welcome;
    this.entries = new Map();
    this.jobs = new Map();
    this.waiting = new Map();
    this.touched = null;
    this.postponed = new Map();
    this.find();
    this.composer = new Composer(pane.querySelector("form"), { send: (text) => this.send(text), menu, learn, placeholder });
    this.attend();
  }

  find() {
    this.log = this.pane.querySelector(".log");
    this.list = this.pane.querySelector(".entries");
    this.outbox = this.pane.querySelector(".outbox");
    this.welcome = this.pane.querySelector(".welcome");
    this.working = this.pane.querySelector(".working");
    this.newest = this.pane.querySelector(".newest");
    this.newest.prepend(icon("down"));
    this.log.setAttribute("aria-label", this.pane.getAttribute("aria-label"));
  }

  attend() {
    this.list.addEventListener("click", (event) => this.clicked(event));
    for (const begun of ["pointerdown", "keydown"]) this.list.addEventListener(begun, (event) => this.touch(event));
    for (const over of ["pointerup", "pointercancel", "keyup", "blur"]) addEventListener(over, () => setTimeout(() => this.letGo()));
    this.list.addEventListener("load", () => this.settled && this.toEnd(), true);
    this.log.addEventListener("scroll", () => this.scrolled());
    this.newest.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.settled && this.toEnd()).observe(this.log);
    this.settled = true;
  }

  /** Begin anew: another person, or a server that remembers nothing. */
  clear() {
    this.entries.clear();
    this.postponed.clear();
    this.list.replaceChildren();
    for (const timer of this.jobs.values()) clearTimeout(timer);
    this.jobs.clear();
    this.working.hidden = true;
    this.drawOutbox();
    this.drawWelcome();
    this.toEnd();
  }

  // --- what comes in

  /** Show an entry: at its place if it is new, in its place if it was there. */
  show(entry, live) {
    const known = this.entries.get(entry.id);
    const mine = entry.who?.id === this.me();
    if (mine) this.arrived(entry);
    const follow = this.settled || mine;
    if (known) this.redraw(known, entry);
    else this.insert(entry, live);
    if (live) this.announce({ follow, fresh: !known, mine });
  }

  announce({ follow, fresh, mine }) {
    if (follow) this.toEnd();
    else if (fresh) this.newest.hidden = false;
    if (fresh && !mine) this.unread();
  }

  insert(entry, live) {
    const side = entry.card ? "bot" : entry.who.id === this.me() ? "mine" : "theirs";
    const element = make("article", { class: `entry ${side}`, tabindex: "-1", "data-number": entry.number }, drawEntry(entry, this.me()));
    element.classList.toggle("fresh", live);
    const later = [...this.list.children].findLast((other) => Number(other.dataset.number) < entry.number);
    if (later) later.after(element);
    else this.list.prepend(element);
    this.entries.set(entry.id, { element, id: entry.id, changed: entry.changed });
    if (this.entries.size > MOST_ENTRIES) this.dropOldest();
    this.drawWelcome();
  }

  redraw(known, entry) {
    if (known.changed === entry.changed) return;
    if (known.element === this.touched) {
      this.postponed.set(known, entry);
      return;
    }
    known.changed = entry.changed;
    const spot = known.element.contains(document.activeElement) ? document.activeElement.dataset.spot : null;
    known.element.replaceChildren(...drawEntry(entry, this.me()).filter(Boolean));
    delete known.element.dataset.busy;
    if (spot) this.refocus(known.element, spot);
  }

  /** A card that is redrawn between a finger's down and up would lose the press: it waits for that. */
  touch(event) {
    this.touched = event.target.closest("article");
  }

  letGo() {
    this.touched = null;
    const postponed = [...this.postponed];
    this.postponed.clear();
    for (const [known, entry] of postponed) this.redraw(known, entry);
    if (postponed.length && this.settled) this.toEnd();
  }

  refocus(element, spot) {
    const control = element.querySelector(`[data-spot="${CSS.escape(spot)}"]:not(:disabled)`);
    (control ?? element).focus({ preventScroll: true });
  }

  dropOldest() {
    const [id, { element }] = this.entries.entries().next().value;
    element.remove();
    this.entries.delete(id);
  }

  /** An answer under way began or ended. */
  job({ key, done }) {
    if (done) {
      clearTimeout(this.jobs.get(key));
      this.jobs.delete(key);
      this.release(key);
    } else if (!this.jobs.has(key)) {
      this.jobs.set(key, setTimeout(() => this.toil(), PATIENCE_MS));
    }
    if (!this.jobs.size) this.working.hidden = true;
  }

  toil() {
    this.working.hidden = false;
    if (this.settled) this.toEnd();
  }

  // --- what goes out

  send(text) {
    const item = { key: unique(), person: this.me(), text, trouble: null, under_way: false };
    this.waiting.set(item.key, item);
    this.composer.remember(text);
    this.post(item);
    this.toEnd();
  }

  async post(item) {
    if (item.under_way) return;
    Object.assign(item, { under_way: true, trouble: null });
    this.drawOutbox();
    item.trouble = await say({ person: item.person, chat: this.kind, text: item.text, key: item.key });
    item.under_way = false;
    this.drawOutbox();
  }

  arrived(entry) {
    if (this.waiting.delete(entry.key)) this.drawOutbox();
    else this.composer.remember(entry.text);
  }

  drawOutbox() {
    const items = [...this.waiting.values()].filter((item) => item.person === this.me());
    this.outbox.replaceChildren(...items.map((item) => this.drawWaiting(item)));
    this.drawWelcome();
    if (this.settled) this.toEnd();
  }

  drawWaiting(item) {
    const trouble = item.trouble ? this.drawTrouble(item) : make("p", { class: "pending" }, word("Sending…"));
    return make("article", { class: `entry mine ${item.trouble ? "unsent" : "leaving"}` }, make("p", { class: "bubble" }, item.text), trouble);
  }

  drawTrouble(item) {
    const retry = make("button", { type: "button", class: "button plain" }, word("Try again"));
    const discard = make("button", { type: "button", class: "button plain" }, word("Discard"));
    retry.addEventListener("click", () => this.post(item));
    discard.addEventListener("click", () => {
      this.waiting.delete(item.key);
      this.drawOutbox();
      this.composer.text.focus();
    });
    return make("div", { class: "trouble", role: "alert" }, make("p", {}, word("Not sent: {trouble}", { trouble: item.trouble })), retry, discard);
  }

  clicked(event) {
    const pressed = event.target.closest("[data-command]");
    const row = event.target.closest("[data-row]");
    const control = pressed ?? row?.querySelector("[data-command]");
    if (!control || (!pressed && String(getSelection()))) return;
    this.press(control);
  }

  async press(control) {
    const element = control.closest("article");
    if (element.dataset.busy) return;
    control.dataset.key ||= unique();
    const key = control.dataset.key;
    this.hold(element, control, key);
    const { id } = [...this.entries.values()].find((entry) => entry.element === element);
    const trouble = await say({ person: this.me(), chat: this.kind, text: control.dataset.command, card: id, key });
    if (trouble) this.release(key, trouble);
    else delete control.dataset.key;
  }

  hold(element, control, key) {
    element.dataset.busy = key;
    element.querySelector(".trouble")?.remove();
    control.setAttribute("aria-busy", "true");
    for (const other of element.querySelectorAll("[data-command]")) other.setAttribute("aria-disabled", "true");
  }

  /** The press is over: its card can be pressed again. */
  release(key, trouble) {
    const element = this.list.querySelector(`[data-busy="${CSS.escape(key)}"]`);
    if (!element) return;
    delete element.dataset.busy;
    for (const control of element.querySelectorAll("[data-command]")) {
      control.removeAttribute("aria-disabled");
      control.removeAttribute("aria-busy");
    }
    if (trouble) element.append(make("p", { class: "trouble", role: "alert" }, word("Not sent: {trouble}", { trouble })));
  }

  // --- how it looks

  /** The menu came, or changed. */
  learned() {
    this.drawWelcome();
    this.composer.learned();
  }

  drawWelcome() {
    const empty = !this.list.children.length && !this.outbox.children.length;
    this.welcome.hidden = !empty;
    if (empty) this.welcome.replaceChildren(...this.greet((text) => this.send(text)));
  }

  scrolled() {
    this.settled = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    if (this.settled) this.newest.hidden = true;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.newest.hidden = true;
    this.settled = true;
  }
}
