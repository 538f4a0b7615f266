// Joins the page: who one is, the two chats, and the line to the server.

import { icon, make } from "./elements.js";
import { Room } from "./room.js";
import { list, Wire } from "./wire.js";
import { translate, word } from "./words.js";

const SUGGESTIONS = ["/start", "/invoice 2024-001", "/customers", "/payments", "/pay 2024-001", "/help"];

const picker = document.getElementById("person");
const banner = document.getElementById("banner");
const narrow = matchMedia("(max-width: 720px)");

let menu = [];
let wire = null;
let epoch = null;
let live = false;

translate(document.body);

const rooms = {
  private: room("private", word("Ask Casier, or / for commands"), greetAtDesk),
  team: room("team", word("Message #finance"), greetInTeam),
};

function room(kind, placeholder, welcome) {
  return new Room(document.getElementById(kind), {
    me: () => picker.value,
    menu: () => menu,
    learn: learnMenu,
    unread: () => markUnread(kind),
    placeholder,
    welcome,
  });
}

function greetAtDesk(send) {
  const known = new Set(menu.map(({ usage }) => usage.split(" ")[0]));
  const fitting = SUGGESTIONS.filter((text) => known.has(text.split(" ")[0]));
  const chips = (fitting.length ? fitting : ["/start"]).map((text) => {
    const chip = make("button", { type: "button", class: "chip" }, text);
    chip.addEventListener("click", () => send(text));
    return chip;
  });
  return [
    make("img", { src: "/icon.svg", alt: "", width: 56, height: 56 }),
    make("h3", {}, word("What would you like to know?")),
    make("p", {}, word("Ask about a customer or an invoice, or record a payment.")),
    make("div", { class: "chips" }, chips),
  ];
}

function greetInTeam() {
  return [
    make("h3", {}, word("It is quiet here")),
    make("p", {}, word("Everyone can talk here, and everyone reads along. Begin with / to ask the bot in front of all.")),
  ];
}

// --- the line

function become(person) {
  picker.value = person;
  location.replace(`#${encodeURIComponent(person)}`);
  menu = [];
  live = false;
  for (const each of Object.values(rooms)) {
    each.composer.clear();
    each.clear();
  }
  markRead("private");
  markRead("team");
  connect();
}

function connect() {
  wire?.close();
  wire = new Wire(picker.value, { hello, entry, job, ready, lost });
}

async function hello(news) {
  if (news.epoch !== epoch) forget();
  epoch = news.epoch;
  banner.hidden = true;
  await learnMenu();
}

/** A server that was started anew remembers nothing, and knows none of the cards. */
function forget() {
  live = false;
  for (const each of Object.values(rooms)) each.clear();
}

async function learnMenu() {
  const person = picker.value;
  const found = await list(`/menu?person=${encodeURIComponent(person)}`);
  if (person !== picker.value || !found.length) return;
  menu = found;
  for (const each of Object.values(rooms)) each.learned();
}

function entry(news) {
  rooms[news.room].show(news, live);
}

function job(news) {
  rooms[news.room].job(news);
}

function ready() {
  if (!live) for (const each of Object.values(rooms)) each.toEnd();
  live = true;
}

function lost(words) {
  banner.textContent = words;
  banner.hidden = false;
}

// --- the two panes; on a narrow page one at a time

function open(kind) {
  document.body.dataset.open = kind;
  for (const each of Object.keys(rooms)) {
    const tab = document.getElementById(`tab-${each}`);
    tab.setAttribute("aria-selected", String(each === kind));
    tab.tabIndex = each === kind ? 0 : -1;
  }
  markRead(kind);
  rooms[kind].toEnd();
}

function markUnread(kind) {
  if (document.body.dataset.open !== kind) dot(kind).hidden = false;
}

function markRead(kind) {
  dot(kind).hidden = true;
}

function dot(kind) {
  return document.querySelector(`#tab-${kind} .dot`);
}

function attendTabs() {
  for (const kind of Object.keys(rooms)) {
    const other = kind === "private" ? "team" : "private";
    const tab = document.getElementById(`tab-${kind}`);
    tab.addEventListener("click", () => open(kind));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      open(other);
      document.getElementById(`tab-${other}`).focus();
    });
  }
  narrow.addEventListener("change", () => open(document.body.dataset.open));
}

// --- the start

function asked(people) {
  const wanted = decodeURIComponent(location.hash.slice(1));
  return (people.find(({ id }) => id === wanted) ?? people[0])?.id;
}

function attendPeople(people) {
  picker.replaceChildren(...people.map(({ id, name }) => make("option", { value: id }, name.toLowerCase() === id ? name : `${name} · ${id}`)));
  picker.addEventListener("change", () => become(picker.value));
  addEventListener("hashchange", () => asked(people) !== picker.value && become(asked(people)));
}

/** A page that nobody looks at leaves its connection to the others: a browser has only six for one server. */
function rest() {
  if (document.hidden) wire.close();
  else connect();
}

async function start() {
  const people = await list("/people");
  if (!people.length) return lost(word("Casier can't be reached. Please reload this page."));
  attendTabs();
  attendPeople(people);
  become(asked(people));
  document.addEventListener("visibilitychange", rest);
  if (matchMedia("(pointer: fine)").matches) rooms.private.composer.text.focus();
}

start();
