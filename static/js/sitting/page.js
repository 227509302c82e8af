// The whole page, drawn from the state: the strip, the order of business, and what is under way.
import { agenda } from "./agenda.js";
import { h } from "./dom.js";
import { currentItem, nextItem } from "./members.js";
import { badge, button, everyRefusal, refusals } from "./parts.js";
import { call, presence } from "./presence.js";
import { capital, hour, KIND, many, plural, titleOf, unbroken } from "./words.js";
import { vote } from "./vote.js";

export const TABS = [["vote", "Vote"], ["presence", "Présence et pouvoirs"], ["debates", "Débats"]];

export function page(view) {
  return h("div", {}, strip(view), view.ui.refused ? everyRefusal(view) : null, h("div", { class: "conduct-body" }, agenda(view),
    h("div", { class: "panel", "data-key": "panel" }, panel(view))));
}

function strip(view) {
  const { strip: counts, opened_at: opened } = view.state;
  const called = (count) => (opened ? count : null);
  const quorum = opened ? badge(counts.quorum_reached ? "atteint" : "non atteint", counts.quorum_reached ? "success" : "danger") : null;
  const figure = (label, count, more) => h("li", {}, h("b", {}, count ?? "—"), h("span", {}, label), more);
  return h("div", { class: "sitting-strip", "data-key": "bandeau", role: "region", "aria-label": "Comptes de la séance" },
    h("ul", {}, figure("En exercice", counts.in_office), figure(plural(called(counts.present), "Présent"), called(counts.present)), figure(plural(called(counts.represented), "Représenté"), called(counts.represented)), figure("Voix", called(counts.voices)),
      figure("Quorum", counts.quorum_needed, quorum)),
    h("div", { class: "strip-side" }, link(view), button("Raccourcis", "help", { kind: "small quiet", "aria-keyshortcuts": view.ui.keys ? "?" : null })));
}

// Where what is typed stands: refused, taken, on its way, or kept here.
function link(view) {
  const { queue, ui } = view;
  const refused = queue.refused.length;
  return h("div", { class: "link" }, standing(view, refused),
    refused ? h("p", { class: "link-state", "data-tone": "danger", "data-key": "refusees" }, h("button", { type: "button", "data-do": "refused", "aria-expanded": String(ui.refused), "aria-controls": ui.refused ? "refus" : null }, many(refused, "saisie refusée", "saisies refusées"))) : null,
    queue.store.lasting ? null : h("p", { class: "link-state", "data-tone": "warning", "data-key": "fragile" }, "Ce navigateur ne garde pas les saisies : ne pas recharger ni fermer la page avant leur envoi"));
}

function standing({ queue, login }, refused) {
  const count = queue.waiting.length;
  const kept = count ? `${many(count, "saisie")} en attente` : "";
  if (queue.stopped) return h("p", { class: "link-state", "data-tone": "danger" }, `${queue.stopped}${kept ? ` ${kept}, ${count > 1 ? "gardées" : "gardée"} ici.` : ""} `, h("a", { href: login }, "Se reconnecter"));
  if (queue.offline) return h("p", { class: "link-state", "data-tone": "warning" }, `Hors connexion : ${kept || "rien en attente"}`);
  if (count) return h("p", { class: "link-state", "data-tone": "success" }, "Envoi…");
  return refused ? null : h("p", { class: "link-state", "data-tone": "success" }, "Tout est enregistré");
}

function panel(view) {
  const { state } = view;
  if (state.state === "closed") return after(view);
  if (state.state !== "open") return before(view);
  const item = currentItem(state);
  if (item) return [head(view, item), tabs(view), tab(view)];
  if (!state.items.some((each) => each.examined)) return call(view);
  return [between(view), h("div", { class: "tab" }, presence(view))];
}

function before(view) {
  const { state } = view;
  const { strip: counts } = state;
  return [
    h("header", { class: "item-head" }, h("h2", { id: "titre", tabindex: "-1" }, "Avant l'ouverture"),
      h("p", { class: "prose" }, `${many(counts.in_office, "membre")} en exercice, ${many(state.items.length, "affaire")} à l'ordre du jour. Le quorum est de ${many(counts.quorum_needed, "membre présent", "membres présents")}, sans compter les pouvoirs (CGCT, article L2121-17).`)),
    refusals(view, ["opened"]),
    h("p", { class: "prose" }, "À l'ouverture, les réponses aux convocations servent de premier appel, et les pouvoirs annoncés sont repris."),
    h("div", { class: "quick" }, button("Ouvrir la séance", "open", { kind: "primary" })),
  ];
}

function head(view, item) {
  const { state } = view;
  const next = nextItem(state);
  const place = state.items.indexOf(item) + 1;
  return h("header", { class: "item-head", "data-key": `tete${item.id}` },
    h("div", {}, h("p", { class: "meta" }, h("span", {}, `Affaire ${place} sur ${state.items.length}`), item.number ? h("span", {}, `n° ${item.number}`) : null, h("span", {}, KIND[item.kind] ?? "")),
      h("h2", { id: "titre", tabindex: "-1" }, unbroken(item.title))),
    next ? button(item.proclaimed ? `Affaire suivante${next.number ? ` : n° ${next.number}` : ""}` : "Passer à la suivante", "examine", { data: { act: next.id }, kind: item.proclaimed ? "primary" : "small quiet", id: "suivante" })
      : button("Lever la séance", "close", { kind: item.proclaimed ? "primary" : "small quiet", id: "suivante" }));
}

function between(view) {
  const next = nextItem(view.state);
  return h("header", { class: "item-head" }, h("div", {}, h("h2", { id: "titre", tabindex: "-1" }, next ? "Entre deux affaires" : "L'ordre du jour est épuisé"),
    h("p", { class: "meta" }, next ? `À suivre : ${unbroken(titleOf(next))}` : "Lever la séance, ou ajouter une affaire.")),
    next ? button("Examiner cette affaire", "examine", { data: { act: next.id }, kind: "primary", id: "suivante" }) : button("Lever la séance", "close", { kind: "primary", id: "suivante" }));
}

function tabs({ state, ui }) {
  const notes = state.notes.filter((each) => each.act === state.current).length;
  return h("div", { class: "tabs", role: "tablist", "aria-label": "Affaire en cours", "data-key": "onglets" }, TABS.map(([code, label]) => h("button", {
    type: "button", role: "tab", id: `onglet-${code}`, "data-do": "tab", "data-tab": code, "aria-controls": "onglet", "aria-selected": String(ui.tab === code), tabindex: ui.tab === code ? "0" : "-1",
  }, label, code === "debates" && notes ? h("span", { class: "count" }, notes) : null)));
}

function tab(view) {
  const content = { vote, presence, debates }[view.ui.tab];
  return h("div", { class: "tab", id: "onglet", role: "tabpanel", "aria-labelledby": `onglet-${view.ui.tab}`, "data-key": `onglet-${view.ui.tab}-${view.state.current}` }, content(view));
}

function debates(view) {
  const { state } = view;
  const held = state.notes.filter((each) => each.act === state.current);
  return [
    refusals(view, ["note"]),
    held.length ? h("ol", { class: "debates" }, held.map((each) => h("li", {}, each.at ? h("time", { class: "meta", datetime: each.at }, hour(each.at)) : null, h("p", {}, each.text)))) : h("p", { class: "meta" }, "Rien de noté. La teneur des discussions va au procès-verbal (CGCT, article L2121-15)."),
    h("form", { class: "note-form", "data-do": "note" }, h("label", { class: "label", for: "debat" }, "Intervention, question, réponse"),
      h("textarea", { id: "debat", name: "text", "data-key": `debat${state.current}`, "data-typed": "draft", maxlength: "20000", required: true }, view.draft),
      h("button", { class: "btn", type: "submit" }, "Ajouter aux débats")),
  ];
}

function after(view) {
  const { state, urls } = view;
  const told = state.items.filter((item) => item.proclaimed);
  return [
    h("header", { class: "item-head" }, h("h2", { id: "titre", tabindex: "-1" }, "Séance levée"),
      h("p", { class: "meta" }, state.opened_at ? h("span", {}, `Ouverte à ${hour(state.opened_at)}`) : null, h("span", {}, `${many(told.length, "résultat")} sur ${many(state.items.length, "affaire")}`))),
    refusals(view, ["opened"]),
    h("div", { class: "table-wrap cards", tabindex: "0", role: "region", "aria-label": "Résultats" }, h("table", {}, h("caption", {}, "Résultats, dans l'ordre de passage"),
      h("thead", {}, h("tr", {}, ["Affaire", "N°", "Résultat"].map((label) => h("th", { scope: "col" }, label)))),
      h("tbody", {}, state.items.map((item) => h("tr", {}, h("th", { scope: "row" }, h("a", { href: urls.act.replace("0", item.id) }, unbroken(item.title))), h("td", { "data-label": "N°", class: "nowrap" }, item.number || "—"), h("td", { "data-label": "Résultat" }, resultOf(item))))))),
    h("div", { class: "quick" }, h("a", { class: "btn primary", href: urls.sitting }, "Page de la séance"), button("Rouvrir la séance…", "open-again", { kind: "quiet" })),
  ];
}

const resultOf = (item) => capital(item.label) || { withdrawn: "Retirée", adjourned: "Ajournée", noted: "Pris acte", adopted: "Adoptée", rejected: "Rejetée" }[item.state] || "Sans résultat";
