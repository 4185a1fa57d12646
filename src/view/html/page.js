"use strict";
(() => {
const $ = (selector) => document.querySelector(selector);
const root = document.documentElement, main = $("main"), find = $("#find"), count = $("#count"), filter = $("#filter");
const all = [...main.getElementsByClassName("m")];
let current = null;

// Light and dark.
const remember = (theme) => { try { localStorage.setItem("sessionkeep-theme", theme); } catch { /* a file may keep nothing */ } };
try { root.dataset.theme = localStorage.getItem("sessionkeep-theme") || ""; } catch { /* then as the system has it */ }
const turn = () => {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
  remember(root.dataset.theme = isDark ? "light" : "dark");
};

// Where one is.
const unfold = (node) => {
  for (let at = node; at && at !== main; at = at.parentElement) if (at.localName === "details") at.open = true;
};
const choose = (message, scroll = true) => {
  current?.classList.remove("on");
  current = message;
  if (!message) return;
  message.classList.add("on");
  if (scroll) message.scrollIntoView({ block: "start" });
};
const open = () => {
  let id = "";
  try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const message = document.getElementById(/^\d/.test(id) ? "m" + id : id);
  if (!message || !main.contains(message)) return;
  message.hidden = false;
  unfold(message);
  for (const fold of message.children) if (fold.localName === "details") fold.open = true;
  choose(message);
};
const here = () => {
  const top = $(".top").offsetHeight + 12, left = main.getBoundingClientRect().left + 40;
  for (let y = top; y < innerHeight; y += 24) {
    const message = document.elementFromPoint(left, y)?.closest(".m");
    if (message) return message;
  }
  return null;
};
const step = (way) => {
  let at = all.indexOf(current);
  if (at < 0) {
    const message = here();
    if (message) return choose(message);
  }
  for (at += way; at >= 0 && at < all.length; at += way) {
    if (!all[at].hidden && all[at].checkVisibility()) return choose(all[at]);
  }
};

// Filter by role, kind and tool.
const KINDS = ["text", "thinking", "tool_call", "tool_result", "image", "summary", "event"];
const ROLES = ["user", "assistant", "tool", "system"];
const off = new Set();
const facts = (message) => {
  const classes = message.classList;
  return ["role " + classes[1], "kind " + classes[2], message.dataset.tool === undefined ? "" : "tool " + message.dataset.tool];
};
const apply = () => {
  for (const message of all) message.hidden = off.size > 0 && facts(message).some((fact) => off.has(fact));
  search();
};
const build = () => {
  if (filter.childElementCount) return;
  const counts = new Map();
  for (const message of all) for (const fact of facts(message)) if (fact) counts.set(fact, (counts.get(fact) || 0) + 1);
  const tools = [...counts.keys()].filter((fact) => fact.startsWith("tool ")).map((fact) => fact.slice(5));
  tools.sort((one, other) => counts.get("tool " + other) - counts.get("tool " + one));
  for (const [what, values] of [["role", ROLES], ["kind", KINDS], ["tool", tools]]) {
    const present = values.filter((value) => counts.has(what + " " + value));
    if (!present.length) continue;
    const set = filter.appendChild(document.createElement("fieldset"));
    set.appendChild(document.createElement("legend")).textContent = what[0].toUpperCase() + what.slice(1);
    for (const value of present) {
      const fact = what + " " + value, label = set.appendChild(document.createElement("label"));
      const box = label.appendChild(document.createElement("input"));
      box.type = "checkbox";
      box.checked = true;
      box.dataset.fact = fact;
      box.addEventListener("change", () => { off[box.checked ? "delete" : "add"](fact); apply(); });
      label.append(value.replace("_", " ") + " (" + counts.get(fact) + ")");
    }
  }
};

// Find: goes through all messages in slices, so that the page stays alive, and unfolds what it finds.
let query = "", hits = [], hit = -1, ranges = [], range = -1, run = 0, timer = 0;
const marks = globalThis.CSS && CSS.highlights;
const tell = (isDone) => {
  count.textContent = !query ? "" : hits.length ? (hit + 1) + " of " + hits.length + (isDone ? "" : "…") : isDone ? "none" : "…";
};
const rangesIn = (message) => {
  const walker = document.createTreeWalker(message, NodeFilter.SHOW_TEXT), nodes = [], starts = [];
  let text = "";
  while (walker.nextNode()) { nodes.push(walker.currentNode); starts.push(text.length); text += walker.currentNode.data; }
  const lower = text.toLowerCase(), found = [];
  if (lower.length !== text.length) return found;
  let node = 0;
  const place = (at, isEnd) => {
    while (node + 1 < nodes.length && starts[node + 1] + (isEnd ? 0 : -1) < at) node += 1;
    return [nodes[node], at - starts[node]];
  };
  for (let at = lower.indexOf(query); at >= 0 && found.length < 1000; at = lower.indexOf(query, at + query.length)) {
    const one = document.createRange();
    one.setStart(...place(at, false));
    one.setEnd(...place(at + query.length, true));
    found.push(one);
  }
  return found;
};
const show = () => {
  if (!marks) return;
  marks.set("found", new Highlight(...ranges));
  marks.set("now", ranges[range] ? new Highlight(ranges[range]) : new Highlight());
};
const go = (way) => {
  if (!hits.length) return;
  if (ranges[range + way] && hit >= 0) range += way;
  else {
    hit = (hit + way + hits.length) % hits.length;
    ranges = rangesIn(hits[hit]);
    range = way > 0 ? 0 : ranges.length - 1;
  }
  const message = hits[hit], place = ranges[range]?.startContainer.parentElement || message;
  unfold(place);
  choose(message, false);
  place.scrollIntoView({ block: "center" });
  show();
  tell(true);
};
const search = () => {
  clearTimeout(timer);
  query = find.value.toLowerCase();
  hits = []; hit = -1; ranges = []; range = -1;
  show();
  const mine = ++run;
  let at = 0;
  const slice = () => {
    if (mine !== run) return;
    const end = performance.now() + 30;
    while (at < all.length && performance.now() < end) {
      const message = all[at++];
      if (!message.hidden && message.textContent.toLowerCase().includes(query)) hits.push(message);
    }
    tell(at === all.length);
    if (at < all.length) timer = setTimeout(slice);
    else if (hits.length) go(1);
  };
  if (query) slice(); else tell(true);
};
find.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 200); });
find.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    if (find.value.toLowerCase() !== query) search(); else go(event.shiftKey ? -1 : 1);
    event.preventDefault();
  } else if (event.key === "Escape") { find.value = ""; search(); find.blur(); }
});

// Keys and buttons.
const help = $("#help");
const toggle = () => { build(); filter.hidden = !filter.hidden; };
$("#show-filter").addEventListener("click", toggle);
$("#turn").addEventListener("click", turn);
$("#show-help").addEventListener("click", () => help.showModal());
const keys = {
  j: () => step(1), k: () => step(-1), f: toggle, t: turn, n: () => go(1), N: () => go(-1),
  "/": () => { find.focus(); find.select(); },
  "?": () => help.open ? help.close() : help.showModal(),
  o: () => { for (const fold of current?.children || []) if (fold.localName === "details") fold.open = !fold.open; },
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]),select")) return;
  const act = Object.hasOwn(keys, event.key) && keys[event.key];
  if (!act || (help.open && event.key !== "?")) return;
  event.preventDefault();
  act();
});
addEventListener("hashchange", open);
for (const element of document.querySelectorAll(".bar")) element.hidden = false;
open();
})();
