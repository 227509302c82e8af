// Pieces that several parts of the page share.
import { h } from "./dom.js";
import { groupsOf, matching, nameOf } from "./members.js";
import { titleOf } from "./words.js";

const OF_ITEM = ["ballot", "vote", "votes", "tally", "result", "result_reopened", "note", "withdrawal", "withdrawal_undone"];

export const button = (label, act, { data = {}, kind = "", ...attributes } = {}) => h("button", {
  class: `btn ${kind}`.trim(), type: "button", "data-do": act,
  ...Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value])), ...attributes,
}, label);

export const badge = (label, tone) => h("span", { class: "badge", "data-tone": tone || null }, label);
export const hidden = (text) => h("span", { class: "vh" }, text);
export const note = (tone, ...content) => h("div", { class: "note", "data-tone": tone }, h("div", {}, content));

// Entries that the server refused, beside what was typed; those of another item are told by the order of business.
export function refusals(view, kinds, elsewhere = false) {
  const held = view.queue.refused.filter((entry) => (elsewhere ? isAway(view, entry) || kinds.includes(entry.kind) : kinds.includes(entry.kind) && !isAway(view, entry)));
  return refusalList(view, held, `refus-${kinds[0]}`, "Saisies refusées");
}

// All of them, whichever part of the page is shown.
export const everyRefusal = (view) => refusalList(view, view.queue.refused, "refus", "Toutes les saisies refusées", { id: "refus", tabindex: "-1" });

const isAway = (view, entry) => OF_ITEM.includes(entry.kind) && entry.payload.act !== view.state.current;

function refusalList(view, held, key, label, attributes = {}) {
  if (!held.length) return null;
  return h("ul", { class: "refusals", "data-key": key, "aria-label": label, ...attributes }, held.map((entry) => h("li", { class: "note", "data-tone": "danger", "data-key": entry.key },
    h("div", {}, h("p", {}, h("b", {}, `Refusé : ${entry.words}${isAway(view, entry) ? ` (${itemWords(view.state, entry.payload.act)})` : ""}. `), entry.refusal.message),
      entry.refusal.article && !entry.refusal.message.includes(shortArticle(entry.refusal.article)) ? h("p", { class: "meta" }, entry.refusal.article) : null),
    entry.refusal.again ? button("Réessayer", "again", { data: { entry: entry.key }, kind: "small", "aria-label": `Réessayer la saisie refusée : ${entry.words}` }) : null,
    button("Retirer", "dismiss", { data: { entry: entry.key }, kind: "quiet small", "aria-label": `Retirer la saisie refusée : ${entry.words}` }))));
}
const itemWords = (state, act) => { const item = state.items.find((each) => each.id === act); return item ? titleOf(item) : "autre affaire"; };
const shortArticle = (article) => article.replace(/^.*\b(?=[LR]\.? ?\d)/, "");

// Buttons of which at most one is down; one stop of the Tab key, arrows between them.
export function choiceButtons(choices, held, act, data, label) {
  const stop = choices.some(([code]) => code === held) ? held : choices[0][0];
  return h("div", { class: "choice", role: "group", "aria-label": label, "data-choice-row": true }, choices.map(([code, words]) => button(words, act, {
    data: { ...data, choice: code }, kind: "small", "aria-pressed": String(code === held), tabindex: code === stop ? "0" : "-1",
  })));
}

export function searchField(view, placeholder) {
  return h("div", { class: "member-search" },
    h("label", { class: "label", for: "chercher" }, "Chercher un membre ou un groupe ", h("kbd", { "aria-hidden": "true" }, "/")),
    h("input", { type: "search", id: "chercher", autocomplete: "off", spellcheck: "false", placeholder, "data-typed": "query", value: "", "aria-controls": "membres" }));
}

// Whom the list shows: those searched, everybody, or only the exceptions.
export function listed(view, members, isException) {
  if (view.ui.query) return matching(members, view.ui.query);
  return view.ui.everybody ? members : members.filter(isException);
}

export function everybody(view, count) {
  return h("label", { class: "check" }, h("input", { type: "checkbox", "data-typed": "everybody", checked: view.ui.everybody }), `Montrer tous les membres (${count})`);
}

export function proxyWords(state, member) {
  if (member.state === "represented" && member.holder) return `pouvoir à ${nameOf(state, member.holder)}`;
  return member.holds ? `porte le pouvoir de ${nameOf(state, member.holds)}` : "";
}

export function who(state, member, more = "") {
  const words = [member.group, proxyWords(state, member), more].filter(Boolean).join(", ");
  return h("span", { class: "who" }, h("b", {}, member.name), words ? h("small", {}, words) : null);
}

export function byGroup(members, row) {
  const groups = groupsOf(members);
  if (groups.length < 2) return h("ul", { class: "rows", id: "membres" }, members.map(row));
  return h("div", { id: "membres" }, groups.map((group) => h("section", { "data-key": `g${group.name}`, class: "row-group" },
    h("h4", {}, group.label, " ", h("span", { class: "count" }, group.members.length)), h("ul", { class: "rows" }, group.members.map(row)))));
}

export function nobody(view, words) {
  return h("p", { class: "meta", id: "membres" }, view.ui.query ? `Aucun membre ne répond à « ${view.ui.query} ».` : words);
}
