// The order of business, as it is followed.
import { h } from "./dom.js";
import { GONE, isLeft } from "./members.js";
import { badge, button, hidden, refusals } from "./parts.js";
import { capital, KIND, many, titleOf, unbroken } from "./words.js";

const KINDS = ["item_opened", "item_moved", "item_withdrawn", "item_adjourned", "item_restored", "item_added", "closed"];
const TONES = { adopted: "success", noted: "success", rejected: "danger", withdrawn: "warning", adjourned: "warning" };
const LABELS = { withdrawn: "Retirée", adjourned: "Ajournée", noted: "Pris acte", adopted: "Adoptée", rejected: "Rejetée" };

export function agenda(view) {
  const { state, ui } = view;
  const left = state.items.filter(isLeft).length;
  return h("nav", { class: "agenda", "data-key": "agenda", "aria-label": "Ordre du jour", "data-open": ui.agenda },
    h("div", { class: "agenda-head" },
      h("h2", {}, "Ordre du jour"),
      h("p", { class: "meta" }, state.items.length ? `${many(state.items.length, "affaire")}, ${left} à examiner` : "Aucune affaire"),
      button(ui.agenda ? "Replier" : "Déplier", "agenda", { kind: "small agenda-toggle", "aria-expanded": String(ui.agenda), "aria-controls": "affaires" })),
    refusals(view, KINDS, true),
    h("ol", { class: "agenda-list", id: "affaires" }, state.items.map((item) => line(view, item))),
    state.state === "open" ? h("div", { class: "agenda-foot" },
      button("Ajouter une affaire", "add", { kind: "small" }),
      button("Lever la séance", "close", { kind: "small" })) : null);
}

function line(view, item) {
  const { state, ui } = view;
  const current = item.id === state.current && state.state === "open";
  const open = ui.item === String(item.id);
  const gone = GONE.includes(item.state);
  return h("li", { "data-key": `i${item.id}`, class: "agenda-item", "aria-current": current ? "true" : null, "data-gone": gone },
    h("button", { class: "agenda-title", type: "button", "data-do": "item", "data-act": item.id, "aria-expanded": String(open), disabled: Boolean(item.waiting) },
      h("span", { class: "agenda-number" }, item.number || "—"),
      h("span", { class: "agenda-words" }, h("span", { class: "agenda-object" }, unbroken(item.title)), stateOf(item, current))),
    open ? actions(view, item, current) : null);
}

function stateOf(item, current) {
  const added = item.added ? badge(item.kind === "motion" ? "Motion" : "Ajoutée", "info") : null;
  if (item.waiting) return badge("En attente d'envoi", "warning");
  if (item.label || LABELS[item.state]) return [badge(capital(item.label || LABELS[item.state]), TONES[item.state]), added];
  if (current) return [badge("En examen", "info"), added];
  return [item.examined ? badge("Examinée") : null, added];
}

function actions(view, item, current) {
  const { state, urls } = view;
  const data = { act: item.id };
  const about = hidden(` : ${titleOf(item)}`);
  const link = h("a", { class: "btn small quiet", href: urls.act.replace("0", item.id) }, "Voir l'acte", about.cloneNode(true));
  const named = (label, act, attributes = {}) => button([label, about.cloneNode(true)], act, { data, kind: "small", ...attributes });
  if (state.state !== "open") return h("div", { class: "agenda-actions" }, link);
  if (GONE.includes(item.state)) return h("div", { class: "agenda-actions" }, named("Rétablir", "restore"), link);
  const place = state.items.indexOf(item);
  const free = isLeft(item);
  return h("div", { class: "agenda-actions" },
    current ? null : named(item.examined ? "Reprendre" : "Examiner", "examine", { kind: "small primary" }),
    free && place > 0 && isLeft(state.items[place - 1]) ? named("↑ Monter", "up") : null,
    free && place < state.items.length - 1 ? named("↓ Descendre", "down") : null,
    item.proclaimed ? null : [named("Retirer…", "withdraw"), named("Ajourner…", "adjourn")],
    link, item.kind === "deliberation" ? null : h("span", { class: "meta" }, KIND[item.kind]));
}
