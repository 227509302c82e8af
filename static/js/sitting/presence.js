// Who sits: the call at the opening, then arrivals, departures, withdrawals and proxies, item by item.
import { h } from "./dom.js";
import { byId, groupsOf, nameOf, nextItem } from "./members.js";
import { badge, button, byGroup, choiceButtons, everybody, hidden, listed, nobody, refusals, searchField, who } from "./parts.js";
import { atHour, CALL, many, MOVE, STATE, titleOf, unbroken } from "./words.js";

const TONES = { present: "success", represented: "info", excused: "neutral", absent: "neutral" };
const counted = (state, code) => state.members.filter((member) => member.state === code).length;

export function quorumWords({ quorum_needed: needed, quorum_present: present, quorum_reached: reached }) {
  return `Quorum : ${needed}, ${reached ? "atteint" : "non atteint"} (${present} ${present > 1 ? "comptés" : "compté"}).`;
}

export function call(view) {
  const { state } = view;
  const groups = groupsOf(state.members).filter((group) => group.name);
  const first = nextItem(state);
  const rows = listed(view, state.members, () => true);
  return [
    h("header", { class: "item-head" }, h("h2", { id: "titre", tabindex: "-1" }, "Appel nominal"),
      h("p", { class: "meta" }, `${many(counted(state, "present"), "présent")} sur ${state.strip.in_office} en exercice. ${quorumWords(state.strip)}`)),
    refusals(view, ["presence"]),
    h("div", { class: "quick" }, button("Tous présents", "call-all", { kind: "primary" }),
      groups.length > 1 ? h("details", { "data-key": "par-groupe" }, h("summary", {}, "Présents par groupe"), h("div", { class: "quick" }, groups.map((group) => button(`${group.label} (${group.members.length})`, "call-group", { data: { group: group.name }, kind: "small" })))) : null),
    searchField(view, "Nom, groupe"),
    rows.length ? h("ul", { class: "rows", id: "membres" }, rows.map((member) => h("li", { class: "row", "data-key": `m${member.id}`, "data-member": member.id },
      who(state, member), choiceButtons(CALL, member.state, "call", { member: member.id }, `Présence : ${member.name}`)))) : nobody(view, "Aucun membre en exercice."),
    proxies(view),
    h("div", { class: "foot" }, h("p", {}, first ? `Première affaire : ${unbroken(titleOf(first))}` : "Aucune affaire à l'ordre du jour."),
      first ? button("Examiner la première affaire", "examine", { data: { act: first.id }, kind: "primary" }) : button("Ajouter une affaire", "add", { kind: "primary" })),
  ];
}

export function presence(view) {
  const { state } = view;
  const rows = listed(view, state.members, (member) => member.state !== "present" || member.withdrawn);
  const line = (member) => presenceRow(view, member);
  return [
    refusals(view, ["arrival", "departure", "return", "withdrawal", "withdrawal_undone", "move_undone", "presence"]),
    h("p", { class: "meta" }, ["present", "represented", "excused", "absent"].filter((code) => counted(state, code)).map((code) => many(counted(state, code), STATE[code].toLowerCase())).join(", "), ". ", quorumWords(state.strip)),
    h("div", { class: "member-tools" }, searchField(view, "Qui arrive, part ou se retire ?"),
      h("div", { class: "at" }, h("label", { class: "label", for: "heure" }, "Heure"), h("input", { type: "time", id: "heure", value: "", "aria-describedby": "heure-aide" }), h("small", { id: "heure-aide", class: "meta" }, "vide : maintenant")),
      everybody(view, state.members.length)),
    rows.length ? (view.ui.everybody && !view.ui.query ? byGroup(rows, line) : h("ul", { class: "rows", id: "membres" }, rows.map(line))) : nobody(view, "Tous les membres sont présents."),
    proxies(view),
    moves(view),
  ];
}

function presenceRow(view, member) {
  const { state } = view;
  const data = { member: member.id };
  const act = (label, name, link = " de ") => button([label, hidden(`${link}${member.name}`)], name, { data, kind: "small" });
  const left = state.moves.some((move) => move.member === member.id && move.event === "departure");
  const here = member.state === "present";
  return h("li", { class: "row", "data-key": `m${member.id}`, "data-member": member.id }, who(state, member),
    member.withdrawn ? badge("Se retire", "warning") : badge(left && !here && member.state === "absent" ? "Parti" : STATE[member.state], TONES[member.state]),
    h("div", { class: "choice" }, here
      ? [member.withdrawn ? act("Ne se retire plus", "unwithdraw", " : ") : act("Se retire", "withdraw-member", " : "), act("Départ", "departure")]
      : [act(left ? "Retour" : "Arrivée", left ? "return" : "arrival")]));
}

function proxies(view) {
  const { state } = view;
  const given = state.proxies.filter((proxy) => proxy.state === "given");
  const ended = state.proxies.filter((proxy) => proxy.state !== "given");
  return h("section", { class: "sub", "data-key": "pouvoirs", "aria-labelledby": "pouvoirs" },
    h("h3", { id: "pouvoirs" }, "Pouvoirs ", h("span", { class: "count" }, given.length)),
    h("p", { class: "meta" }, "Écrit, à un collègue présent, toujours révocable (CGCT, article L2121-20)."),
    refusals(view, ["proxy", "proxy_revoked", "proxy_refused"]),
    given.length ? h("ul", { class: "rows" }, given.map((proxy) => h("li", { class: "row", "data-key": `p${proxy.id}` },
      h("span", { class: "who" }, h("b", {}, nameOf(state, proxy.giver)), h("small", {}, `pouvoir à ${nameOf(state, proxy.holder)}`)),
      proxy.counts ? null : badge("sans effet", "warning"),
      button(["Révoquer…", hidden(` le pouvoir de ${nameOf(state, proxy.giver)}`)], "revoke", { data: { member: proxy.giver }, kind: "small" })))) : null,
    ended.length ? h("details", { "data-key": "pouvoirs-finis" }, h("summary", {}, `Révoqués ou refusés (${ended.length})`), h("ul", { class: "rows" }, ended.map((proxy) => h("li", { class: "row", "data-key": `p${proxy.id}` },
      h("span", { class: "who" }, h("b", {}, nameOf(state, proxy.giver)), h("small", {}, `pouvoir à ${nameOf(state, proxy.holder)}${proxy.reason ? ` : ${proxy.reason}` : ""}`)), badge(proxy.state === "refused" ? "Refusé" : "Révoqué"))))) : null,
    h("form", { class: "proxy-form", "data-do": "proxy" },
      nameField("giver", "Mandant", "mandants"), nameField("holder", "Mandataire", "mandataires"),
      h("div", { class: "quick" }, h("button", { class: "btn small", type: "submit", value: "give" }, "Enregistrer le pouvoir"), h("button", { class: "btn small quiet", type: "submit", value: "refuse" }, "Refuser ce pouvoir…"))),
    datalist("mandants", state.members.filter((member) => member.state !== "present")),
    datalist("mandataires", state.members.filter((member) => member.state === "present" && !member.holds)));
}

const nameField = (name, label, list) => h("div", {}, h("label", { class: "label", for: `pouvoir-${name}` }, label), h("input", { id: `pouvoir-${name}`, name, list, autocomplete: "off", required: true, value: "" }));
const datalist = (id, members) => h("datalist", { id }, members.map((member) => h("option", { value: member.name })));

function moves({ state }) {
  if (!state.moves.length) return null;
  return h("section", { class: "sub", "data-key": "mouvements", "aria-labelledby": "mouvements" },
    h("h3", { id: "mouvements" }, "Mouvements de la séance"),
    h("ul", { class: "rows" }, [...state.moves].reverse().map((move) => {
      const item = state.items.find((each) => each.id === move.act);
      const member = byId(state, move.member)?.name ?? "Membre";
      return h("li", { class: "row", "data-key": `v${move.id}` }, h("span", { class: "who" }, h("b", {}, member), h("small", {}, `${MOVE[move.event]}${atHour(move.at)}${item ? `, ${titleOf(item)}` : ""}`)),
        move.id === null || move.event === "withdrawal" ? null : button(["Annuler", hidden(` : ${MOVE[move.event].toLowerCase()} de ${member}`)], "undo", { data: { move: move.id }, kind: "small quiet" }));
    })));
}
