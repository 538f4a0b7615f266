// How one entry of a chat looks: what a person typed, or a card of the bot. Whatever can be pressed carries its
// command in data-command, and in data-spot where it stands, so that the focus finds it again in a redrawn card.

import { icon, make, whole } from "./elements.js";
import { ZONE } from "./phrases.js";
import { word } from "./words.js";

// What the bot writes on its cards is in its own time zone, wherever the reader is.
const THERE = { timeZone: ZONE };

/** The parts of an entry, to be put into its <article>. */
export function drawEntry(entry, me) {
  return entry.card ? [before(entry, me), about(entry, me), drawCard(entry.card)] : typed(entry, me);
}

function typed(entry, me) {
  const mine = entry.who.id === me;
  const name = make("span", { class: "name" }, mine ? word("You") : entry.who.name);
  return [
    make("header", { class: "meta" }, mine && entry.room === "private" ? null : name, time(entry.time)),
    make("p", { class: "bubble" }, entry.text),
  ];
}

function before(entry, me) {
  if (entry.under) return make("p", { class: "pressed" }, make("span", {}, `↳ ${entry.under}`));
  if (!entry.pressed) return null;
  const who = entry.asker?.id === me ? word("You") : entry.asker?.name;
  return make("p", { class: "pressed" }, icon("pressed"), make("span", {}, word("{who} pressed: {what}", { who, what: entry.pressed })));
}

function about(entry, me) {
  const asked = entry.room === "team" && entry.asker && entry.asker.id !== me ? entry.asker.name : null;
  return make(
    "header",
    { class: "meta" },
    make("span", { class: "name" }, "Casier"),
    asked ? make("span", { class: "asked" }, word("to {name}", { name: asked })) : null,
    time(entry.time),
    entry.aside ? make("span", { class: "aside" }, icon("eye"), word("Only you can see this")) : null,
  );
}

function time(seconds) {
  const moment = new Date(seconds * 1000);
  const today = moment.toLocaleDateString([], THERE) === new Date().toLocaleDateString([], THERE);
  const day = today ? {} : { day: "numeric", month: "short" };
  const words = moment.toLocaleString([], { ...day, hour: "2-digit", minute: "2-digit", ...THERE });
  return make("time", { datetime: moment.toISOString(), title: moment.toLocaleString([], THERE) }, words);
}

function drawCard(card) {
  return make(
    "div",
    { class: `card ${card.outcome}` },
    head(card),
    card.text ? make("p", { class: "text" }, whole(card.text)) : null,
    card.facts.length ? make("dl", { class: "facts" }, card.facts.map(fact)) : null,
    card.table ? table(card.table) : null,
    card.warnings.map(warning),
    card.notes.map((note) => make("p", { class: "note" }, whole(note))),
    card.buttons.length ? make("div", { class: "buttons" }, card.buttons.map(button)) : null,
    card.picture ? picture(card.picture) : null,
    card.files.length ? make("div", { class: "files" }, card.files.map(file)) : null,
  );
}

function head(card) {
  if (!card.title && !card.status) return null;
  return make(
    "div",
    { class: "head" },
    card.title ? make("h3", {}, whole(card.title)) : null,
    card.status ? make("span", { class: `pill ${card.status.tone}` }, card.status.word) : null,
  );
}

function fact({ label, value, command }, place) {
  const link = () => make("button", { ...control(command, `fact-${place}`), class: "link" }, make("span", {}, whole(value)), icon("on"));
  return make("div", {}, make("dt", {}, label), make("dd", {}, command ? link() : whole(value)));
}

function warning(words) {
  return make("p", { class: "warning" }, icon("warning"), make("span", {}, make("span", { class: "unseen" }, word("Warning: ")), whole(words)));
}

function button({ label, command, style }, place) {
  return make("button", { ...control(command, `button-${place}`), class: `button ${style}` }, whole(label));
}

function control(command, spot) {
  return { type: "button", "data-command": command, "data-spot": spot };
}

const SHORT = 16;

// Explicit roles: a narrow card lays its rows out as blocks, and a block that was a table is none to a screen reader.
function table(shown) {
  const heads = shown.columns.map((column) => make("th", { role: "columnheader", scope: "col", class: column.figures ? "figures" : null }, column.label));
  const rows = shown.rows.map((row, place) => tableRow(row, place, shown.columns));
  const nothing = make("tr", { role: "row", class: "nothing" }, make("td", { role: "cell", colspan: Math.max(1, heads.length) }, word("Nothing to show")));
  return make(
    "div",
    { class: "listing" },
    make(
      "div",
      { class: "scroll" },
      make(
        "table",
        { role: "table" },
        make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, heads)),
        make("tbody", { role: "rowgroup" }, rows.length ? rows : nothing),
      ),
    ),
    pager(shown),
  );
}

function tableRow(row, place, columns) {
  const cells = row.cells.map((words, index) => {
    const column = columns[index] ?? { label: "", figures: false };
    const open = row.command && index === 0;
    const content = open ? make("button", { ...control(row.command, `row-${place}`), class: "link" }, words) : words;
    return make("td", { role: "cell", "data-label": column.label, class: looks(words, column) }, content);
  });
  return make("tr", { role: "row", "data-row": row.command }, cells);
}

/** Figures stand to the right; a number or a date isn't torn apart where there is room. */
function looks(words, column) {
  return [column.figures ? "figures" : "", words.length <= SHORT ? "short" : ""].join(" ").trim() || null;
}

function pager({ page, pages, previous, following }) {
  if (pages <= 1 && !previous && !following) return null;
  const turn = (command, spot, label, drawing) =>
    make("button", { ...control(command ?? "", spot), class: "button plain turn", "aria-label": label, disabled: !command }, icon(drawing));
  return make(
    "nav",
    { class: "pager", "aria-label": word("Pages") },
    turn(previous, "previous", word("Previous page"), "back"),
    make("span", {}, make("span", { class: "unseen" }, word("Page ")), `${page.toLocaleString("en")} / ${pages.toLocaleString("en")}`),
    turn(following, "following", word("Next page"), "on"),
  );
}

function picture({ name, path }) {
  return make("a", { class: "picture", href: path, target: "_blank", rel: "noopener" }, make("img", { src: path, alt: name }));
}

function file({ name, path, size }) {
  return make("a", { class: "file", href: path, download: name }, icon("file"), make("span", {}, name), make("small", {}, weight(size)));
}

function weight(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1000 * 1000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1000 / 1000).toFixed(1)} MB`;
}
