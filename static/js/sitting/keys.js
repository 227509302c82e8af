// The keyboard. Keys of one letter act only outside fields, and can be switched off (WCAG 2.1.4).
import { h } from "./dom.js";

const VOTES = { p: "for", c: "against", a: "abstain", n: "not_voting" };
const CALLS = { p: "present", e: "excused", a: "absent" };

export const HELP = [
  ["/", "Aller à la recherche d'un membre"],
  ["↓ ↑", "Passer d'un membre à l'autre"],
  ["← →", "Passer d'un choix à l'autre"],
  ["P C A N", "Pour, contre, abstention, ne participe pas : le membre choisi"],
  ["P E A", "Présent, excusé, absent : à l'appel"],
  ["+", "+1 pouvoir : son mandant vote comme lui"],
  ["Suppr", "Effacer le vote du membre choisi"],
  ["Entrée", "Depuis un membre : proclamer le résultat, après confirmation"],
  ["R", "Proclamer le résultat, après confirmation"],
  ["S", "Aller au bouton de l'affaire suivante"],
  ["V", "Onglet du vote ; présence : I ; débats : D"],
  ["?", "Cette aide"],
];

const field = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

export function helpDialog(ui, changed) {
  const dialog = h("dialog", { "aria-labelledby": "aide" }, h("h2", { id: "aide" }, "Raccourcis du clavier"),
    h("dl", { class: "keys" }, HELP.map(([keys, words]) => h("div", {}, h("dt", {}, keys.split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, words)))),
    h("label", { class: "check" }, h("input", { type: "checkbox", checked: ui.keys }), "Raccourcis d'une seule touche"),
    h("div", { class: "form-actions" }, h("button", { class: "btn primary", type: "button", "data-close": true }, "Fermer")));
  dialog.querySelector("input").addEventListener("change", (event) => changed(event.target.checked));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

// `run` has the acts of the page by name; see conduct.js.
export function listen(root, ui, run) {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const target = event.target;
    const inside = root.contains(target);
    if (!inside && target !== document.body && !target.closest("main")) return;
    if (event.key.startsWith("Arrow") && inside && arrows(root, target, event.key)) return event.preventDefault();
    if (target.id === "chercher" && event.key === "Enter") return enterRow(root, event);
    if (event.key === "/" && target.id === "chercher") { event.preventDefault(); return run.clear(); }
    if (event.key === "Escape" && target.id === "chercher") return run.clear();
    if (ui.keys && event.key === "Enter" && target.closest("[data-choice-row]") && target.getAttribute("aria-pressed") === "true" && target.closest("[data-member]") && run.proclaim()) return event.preventDefault();
    if (!ui.keys || field(target)) return;
    if (letters(target, event, run)) event.preventDefault();
  });
}

function letters(target, event, run) {
  const key = event.key.toLowerCase();
  const member = target.closest("[data-member]")?.dataset.member;
  if (member && !event.shiftKey && run.isCalling() && CALLS[key]) return run.call(Number(member), CALLS[key], true);
  if (member && !event.shiftKey && run.isVoting() && VOTES[key]) return run.vote(Number(member), VOTES[key]);
  if (member && run.isVoting() && key === "+") return run.plusOne(Number(member));
  if (member && run.isVoting() && ["delete", "backspace"].includes(key)) return run.vote(Number(member), "");
  const acts = { "/": run.search, "?": run.help, r: run.proclaim, s: run.next, v: () => run.tab("vote"), i: () => run.tab("presence"), d: () => run.tab("debates") };
  return acts[key] ? acts[key]() !== false : false;
}

function enterRow(root, event) {
  event.preventDefault();
  rowsOf(root)[0] && stopOf(rowsOf(root)[0])?.focus();
}

const rowsOf = (root) => [...root.querySelectorAll("#membres .row, #membres.rows > .row")].filter((row, place, all) => all.indexOf(row) === place && row.dataset.member);
const stopOf = (row) => row.querySelector("[data-choice-row] [tabindex='0']") ?? row.querySelector("button");

// True where the arrow led somewhere.
function arrows(root, target, key) {
  if (target.matches("[role=tab]")) return tabArrows(target, key);
  if (key === "ArrowLeft" || key === "ArrowRight") return choiceArrows(target, key);
  const row = target.closest("[data-member]");
  const rows = rowsOf(root);
  if (target.id === "chercher" && key === "ArrowDown" && rows.length) { stopOf(rows[0])?.focus(); return true; }
  if (!row || field(target)) return false;
  const next = rows[rows.indexOf(row) + (key === "ArrowDown" ? 1 : -1)];
  if (!next) { if (key === "ArrowUp") document.getElementById("chercher")?.focus(); return true; }
  const choice = target.dataset.choice;
  (next.querySelector(`[data-choice="${choice}"]`) ?? stopOf(next))?.focus();
  return true;
}

function choiceArrows(target, key) {
  const choices = [...(target.closest("[data-choice-row]")?.querySelectorAll("button") ?? [])];
  const next = choices[choices.indexOf(target) + (key === "ArrowRight" ? 1 : -1)];
  next?.focus();
  return Boolean(next);
}

function tabArrows(target, key) {
  const tabs = [...target.parentElement.children];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return false;
  const next = tabs.at((tabs.indexOf(target) + step) % tabs.length);
  next.click();
  document.getElementById(next.id)?.focus();
  return true;
}
