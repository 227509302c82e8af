// The vote on the item under examination, in its four modes.
import { bar, h } from "./dom.js";
import { byId, currentItem, groupsOf, nameOf, silent, voters } from "./members.js";
import { toldIn } from "./predict.js";
import { badge, button, byGroup, choiceButtons, everybody, hidden, listed, nobody, note, refusals, searchField, who } from "./parts.js";
import { capital, CHOICE, CHOICES, FINDING, LABEL, many, METHOD, MODE } from "./words.js";

const KINDS = ["ballot", "vote", "votes", "tally", "result_reopened"];
const OTHERS = [["for", "Pour"], ["against", "Contre"], ["abstain", "Abstention"], ["not_voting", "Ne participent pas"], ["", "À saisir un par un"]];
const MODES = [["by_name", "Nominatif"], ["totals", "Totaux"], ["result_only", "Résultat seul"], ["noted", "Prise d'acte sans vote"]];
const METHODS = [["hands", "Ordinaire"], ["public", "Public"], ["secret", "Secret"]];

export function vote(view) {
  const { state, ui } = view;
  const { ballot } = state;
  if (currentItem(state)?.proclaimed) return [refusals(view, [...KINDS, "result"]), proclaimed(view)];
  if (!ballot) return [refusals(view, [...KINDS, "result"]), start(view)];
  const body = { by_name: byNames, totals: totals, result_only: () => hint("Le résultat seul sera consigné : adopté, rejeté, à l'unanimité ou à la majorité."), noted: () => hint("L'assemblée prend acte, sans vote.") };
  return [
    h("div", { class: "ballot-head" }, h("p", {}, h("b", {}, METHOD[ballot.method] ?? METHOD.hands), `, ${(MODE[ballot.mode] ?? "").toLowerCase()}`),
      button(ui.setup ? "Garder ce scrutin" : "Changer de scrutin", "setup", { kind: "small quiet", "aria-expanded": String(ui.setup) })),
    ui.setup ? setup(view) : null,
    body[ballot.mode](view),
    findings(ballot),
    refusals(view, KINDS),
    foot(view),
  ];
}

const hint = (words) => h("p", { class: "prose" }, words);

function start(view) {
  const information = currentItem(view.state)?.kind === "information";
  const noting = information || currentItem(view.state)?.kind === "prendre_acte";
  return h("div", { class: "start", "data-key": "debut" },
    noting ? button("Prendre acte", "noted", { kind: "primary" }) : null,
    button("Vote à main levée, tous pour sauf…", "hands", { kind: noting ? "" : "primary" }),
    h("details", { "data-key": "autre-scrutin", open: view.ui.setup }, h("summary", {}, "Autre scrutin : public, secret, totaux, résultat seul"), setup(view)));
}

// How many may obtain such a vote, from the dated settings.
function law({ strip }, method) {
  const needed = strip[`${method}_needed`];
  const words = needed ? `Il en faut ${needed}` : "Une part des membres présents";
  return method === "public" ? `${words} (CGCT, article L2121-21).` : `${words} ; pour une nomination, personne n'a à le demander (CGCT, article L2121-21).`;
}

function setup(view) {
  const { state, ui } = view;
  const chosen = { method: state.ballot?.method ?? "hands", mode: state.ballot?.mode ?? "by_name", ...ui.scrutin };
  const modes = chosen.method === "secret" ? MODES.filter(([code]) => code === "totals") : chosen.method === "public" ? MODES.filter(([code]) => code === "by_name") : MODES;
  if (!modes.some(([code]) => code === chosen.mode)) [[chosen.mode]] = modes;
  return h("form", { class: "setup", "data-do": "ballot", "data-key": "scrutin" },
    radios("method", "Scrutin", METHODS, chosen.method), radios("mode", "Relevé", modes, chosen.mode),
    chosen.method === "hands" ? null : h("div", { class: "field" },
      h("label", { class: "label", for: "demande" }, "Demandé par ", h("span", { class: "optional" }, "(membres présents)")),
      h("p", { class: "help", id: "demande-aide" }, law(state, chosen.method)),
      h("input", { type: "number", id: "demande", name: "requested_by", min: "0", max: "1000", inputmode: "numeric", "aria-describedby": "demande-aide", value: "" })),
    h("button", { class: "btn", type: "submit" }, state.ballot ? "Prendre ce scrutin" : "Ouvrir le vote"));
}

const radios = (name, legend, choices, held) => h("fieldset", { class: "radios", "data-key": name }, h("legend", { class: "label" }, legend),
  choices.map(([code, words]) => h("label", { "data-key": `${name}-${code}` }, h("input", { type: "radio", name, value: code, checked: code === held, "data-typed": "scrutin" }), words)));

function byNames(view) {
  const { state } = view;
  const { ballot } = state;
  const able = voters(state);
  const named = (member) => ballot.votes[member.id] || silent(state, member) || (member.state === "represented" && ballot.votes[member.holder]?.proxy);
  const rows = listed(view, view.ui.query ? state.members : able, named);
  const line = (member) => voteRow(view, member);
  const groups = groupsOf(able).filter((group) => group.name);
  return [
    h("div", { class: "others" }, h("p", { class: "label", id: "autres" }, "Tous, sauf ceux nommés ci-dessous"), choiceButtons(OTHERS, ballot.others ?? "", "others", {}, "Vote de ceux qui ne sont pas nommés")),
    h("div", { class: "member-tools" }, searchField(view, "Qui vote autrement ?"), everybody(view, able.length)),
    h("h3", { class: "list-title" }, view.ui.query ? many(rows.length, "membre trouvé", "membres trouvés") : view.ui.everybody ? "Toutes les voix" : rows.length ? `${many(rows.length, "membre nommé", "membres nommés")}` : "Personne de nommé"),
    rows.length ? (view.ui.everybody && !view.ui.query ? byGroup(rows, line) : h("ul", { class: "rows", id: "membres" }, rows.map(line))) : nobody(view, ballot.others ? `Chacun vote : ${CHOICE[ballot.others].toLowerCase()}. Chercher un membre pour le nommer.` : "Chercher un membre, ou montrer tous les membres, pour saisir chaque vote."),
    groups.length > 1 ? h("details", { "data-key": "groupes" }, h("summary", {}, "Voter par groupe"), h("ul", { class: "rows" }, groups.map((group) => h("li", { class: "row", "data-key": `gr${group.name}` },
      h("span", { class: "who" }, h("b", {}, group.label), h("small", {}, many(group.members.length, "voix", "voix"))),
      choiceButtons(CHOICES, common(ballot, group), "group", { group: group.name }, group.label))))) : null,
  ];
}

function common(ballot, group) {
  const choices = new Set(group.members.map((member) => ballot.votes[member.id]?.choice ?? ""));
  return choices.size === 1 ? [...choices][0] : "";
}

function voteRow(view, member) {
  const { state, ui } = view;
  const held = state.ballot.votes[member.id];
  const key = { class: "row", "data-key": `m${member.id}`, "data-member": member.id };
  if (!member.voter) return h("li", key, who(state, member, "ne siège pas à cette affaire"), badge("Absent"));
  if (silent(state, member)) return h("li", key, who(state, member), badge(member.withdrawn ? "Se retire, ne participe pas" : "Son mandataire se retire", "warning"));
  const proxy = held ? Boolean(held.proxy) : ui.proxy.has(member.id);
  const carried = member.state === "represented" && !held ? state.ballot.votes[member.holder] : null;
  return h("li", { ...key, "data-voted": held?.choice ?? null }, who(state, member, member.id === state.chair ? "préside" : ""),
    member.holds ? button(["+1 pouvoir", hidden(` : ${nameOf(state, member.holds)} vote comme ${member.name}`)], "plus-one", { data: { member: member.id }, kind: "small plus-one", "aria-pressed": String(proxy) }) : null,
    choiceButtons(CHOICES, held?.choice ?? (carried?.proxy ? carried.choice : null), "vote", { member: member.id }, member.name));
}

function totals(view) {
  const { ballot } = view.state;
  const fields = [["for", "Pour"], ["against", "Contre"], ["abstain", "Abstentions"], ["not_voting", "Ne participent pas"], ...(ballot.method === "secret" ? [["blank", "Blancs et nuls"]] : [])];
  return h("form", { class: "tally", "data-do": "tally", "data-key": "decompte" },
    h("div", { class: "tally-fields" }, fields.map(([name, label]) => h("div", {}, h("label", { class: "label", for: `decompte-${name}` }, label),
      h("input", { type: "number", id: `decompte-${name}`, name, min: "0", max: "1000", inputmode: "numeric", value: ballot.counts?.[name] ?? 0 })))),
    h("div", { class: "quick" }, h("button", { class: "btn", type: "submit" }, "Enregistrer le décompte"),
      button("Le reste est pour", "rest", { kind: "small" }), ballot.method === "secret" ? h("p", { class: "meta" }, "Un scrutin secret ne nomme personne.") : null));
}

export function figures(ballot) {
  const { counts } = ballot;
  if (!counts || ["result_only", "noted"].includes(ballot.mode)) return null;
  const parts = ["for", "against", "abstain", "not_voting", ...(counts.blank ? ["blank"] : [])].map((code) => [code, counts[code] ?? 0]);
  return h("div", { class: "vote-figures" }, bar(parts, ballot.voices),
    h("ul", {}, parts.map(([code, count]) => h("li", { class: code }, h("b", {}, count), h("span", {}, LABEL[code](count))))));
}

// What is only not typed yet is no fault.
const EARLY = ["VOTES_VS_VOICES", "NO_VOTE_CAST", "NO_RESULT"];

function findings(ballot) {
  const early = ballot.missing > 0 || ballot.mode === "result_only" || !toldIn(ballot);
  return (ballot.findings ?? []).filter((finding) => finding.severity !== "info" && !(early && EARLY.includes(finding.code))).map((finding) => note(FINDING[finding.severity]?.[0] ?? "info",
    h("p", {}, h("b", {}, `${FINDING[finding.severity]?.[1] ?? "À signaler"} : `), finding.message, finding.article && !finding.message.includes(finding.article) ? ` (CGCT, article ${finding.article})` : "")));
}

function foot(view) {
  const { ballot } = view.state;
  const counted = !["result_only", "noted"].includes(ballot.mode);
  const over = counted ? toldIn(ballot) - ballot.voices : 0;
  const told = !counted ? "" : over < 0 ? `${many(-over, "voix", "voix")} sans vote` : over > 0 ? `${many(over, "vote")} de trop pour ${ballot.voices} voix` : `${many(ballot.voices, "voix", "voix")}, toutes comptées`;
  return h("div", { class: "foot" }, refusals(view, ["result"]), figures(ballot),
    h("p", { "data-tone": over ? "warning" : null, class: "told" }, told, ballot.label && !over ? h("b", {}, `${told ? " : " : ""}${ballot.label}`) : null),
    button(ballot.mode === "noted" ? "Consigner la prise d'acte" : "Proclamer le résultat", "proclaim", { kind: "primary" }));
}

function proclaimed(view) {
  const { state } = view;
  const { ballot } = state;
  const item = currentItem(state);
  const verdict = ballot?.label || item.label;
  const waiting = view.queue.waiting.some((entry) => entry.kind === "result");
  return h("div", { class: "proclaimed", "data-key": "resultat" },
    h("p", { class: "verdict" }, verdict ? capital(verdict) : waiting ? "Proclamation en attente d'envoi" : "Résultat proclamé"),
    ballot ? figures(ballot) : null,
    ballot ? exceptions(view) : null,
    h("div", { class: "quick" }, button("Rouvrir le scrutin…", "reopen", { kind: "small quiet" })));
}

function exceptions({ state }) {
  const { ballot } = state;
  if (ballot.mode !== "by_name") return null;
  const listedBy = CHOICES.map(([code, label]) => [label, Object.entries(ballot.votes).filter(([, held]) => held.choice === code && code !== ballot.others).map(([id, held]) => `${byId(state, id)?.name ?? "Membre"}${held.proxy ? " (+1 pouvoir)" : ""}`)]).filter(([, names]) => names.length);
  return listedBy.map(([label, names]) => h("p", { class: "prose" }, h("b", {}, `${label} : `), names.join(", "), "."));
}
