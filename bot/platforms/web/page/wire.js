// The way to the server and back: what is said goes out as POSTs, what happens comes in as server-sent events.

import { word } from "./words.js";

const PATIENCE_MS = 10000;
const RETRY_MS = 1500;

/** Send a text or a press. Says what went wrong, in words for the reader, or null. */
export async function say(said) {
  try {
    const response = await fetch("/say", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(said),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return response.ok ? null : await response.text();
  } catch {
    return word("No connection.");
  }
}

/** What the server lists at this address; nothing where it can't be reached. */
export async function list(address) {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}

/**
 * The events of one person, for as long as it isn't closed.
 *
 * `on` has a function for each kind of event (hello, entry, job, ready), and `lost(words)` for a broken line.
 * EventSource comes back by itself from a broken connection, not from a refusal: that is tried again here.
 */
export class Wire {
  constructor(person, on) {
    this.address = `/events?person=${encodeURIComponent(person)}`;
    this.on = on;
    this.open();
  }

  open() {
    this.source = new EventSource(this.address);
    for (const kind of ["hello", "entry", "job", "ready"]) {
      this.source.addEventListener(kind, (event) => this.on[kind](JSON.parse(event.data)));
    }
    this.source.addEventListener("error", () => this.broken());
  }

  broken() {
    this.on.lost(word("Connection lost – reconnecting…"));
    if (this.source.readyState === EventSource.CLOSED) this.again();
  }

  async again() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), RETRY_MS);
    const refused = await reasonOfRefusal();
    if (refused && this.source.readyState === EventSource.CLOSED) this.on.lost(refused);
  }

  close() {
    clearTimeout(this.timer);
    this.source.close();
  }
}

async function reasonOfRefusal() {
  try {
    const response = await fetch("/people");
    return response.status === 403 ? await response.text() : null;
  } catch {
    return null;
  }
}
