"use strict";
(() => {
const $ = (selector) => document.querySelector(selector);
const root = document.documentElement, table = $("#sessions"), body = table.tBodies[0], form = $("#filter"), more = $("#more");
const find = $("#find"), agent = $("#agent"), project = $("#project"), since = $("#since"), until = $("#until");
// Rows that are laid out at once.
const SLICE = 300;

// Light and dark.
const remember = (theme) => { try { localStorage.setItem("sessionkeep-theme", theme); } catch { /* a file may keep nothing */ } };
try { root.dataset.theme = localStorage.getItem("sessionkeep-theme") || ""; } catch { /* then as the system has it */ }
const turn = () => {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
  remember(root.dataset.theme = isDark ? "light" : "dark");
};

// The table.
const all = [...body.rows].map((row) => {
  const cells = [...row.cells].map((cell) => cell.textContent);
  return { row, cells, text: cells.join("\n").toLowerCase() };
});
let shown = all, slices = 1, column = 0, way = -1;
const draw = () => {
  const count = Math.min(shown.length, slices * SLICE);
  body.replaceChildren(...shown.slice(0, count).map((entry) => entry.row));
  more.hidden = count === shown.length;
  $("#count").textContent = shown.length === all.length ? all.length + " sessions" : shown.length + " of " + all.length;
};
const apply = () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  shown = all.filter(({ cells, text }) =>
    words.every((word) => text.includes(word))
    && (!agent.value || cells[1] === agent.value) && (!project.value || cells[2] === project.value)
    && (!since.value || cells[0].slice(0, 10) >= since.value) && (!until.value || (cells[0] && cells[0].slice(0, 10) <= until.value)));
  slices = 1;
  draw();
};
const collator = new Intl.Collator();
const sort = (at) => {
  const isNumber = at > 3;
  way = at === column ? -way : isNumber || at === 0 ? -1 : 1;
  column = at;
  const compare = isNumber ? (one, other) => one.cells[at].replaceAll(",", "") - other.cells[at].replaceAll(",", "")
    : at === 0 ? (one, other) => (one.cells[0] < other.cells[0] ? -1 : one.cells[0] > other.cells[0] ? 1 : 0)
    : (one, other) => collator.compare(one.cells[at], other.cells[at]);
  all.sort((one, other) => way * compare(one, other));
  mark();
  apply();
};
const heads = [...table.tHead.rows[0].cells];
const mark = () => heads.forEach((head, at) => {
  if (at === column) head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending"); else head.removeAttribute("aria-sort");
});
heads.forEach((head, at) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  button.addEventListener("click", () => sort(at));
  head.replaceChildren(button);
});
const fill = (select, at) => {
  const values = [...new Set(all.map((entry) => entry.cells[at]))].sort(collator.compare);
  for (const value of values) {
    const option = document.createElement("option");
    option.value = option.textContent = value;
    select.append(option);
  }
};
fill(agent, 1);
fill(project, 2);
let timer = 0;
form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 120); });
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(apply));
more.addEventListener("click", () => { slices += 1; draw(); });
for (const cell of document.querySelectorAll("[data-filter]")) {
  cell.addEventListener("click", () => { (cell.dataset.filter === "agent" ? agent : project).value = cell.textContent; apply(); });
}
addEventListener("click", (event) => {
  const day = event.target.closest?.("[data-day]")?.dataset.day;
  if (!day) return;
  since.value = until.value = day;
  apply();
  form.scrollIntoView();
});
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input,select")) return;
  if (event.key === "/") { event.preventDefault(); find.focus(); find.select(); }
  if (event.key === "t") turn();
});
$("#turn").addEventListener("click", turn);
$("#turn").hidden = form.hidden = false;
mark();
draw();
})();
