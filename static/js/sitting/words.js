// French of the page: what was typed, said again.
import { nameOf } from "./members.js";

export const CHOICE = { for: "Pour", against: "Contre", abstain: "Abstention", not_voting: "Ne participe pas au vote", "": "Vote effacé" };
export const CHOICES = [["for", "Pour", "P"], ["against", "Contre", "C"], ["abstain", "Abstention", "A"], ["not_voting", "Ne participe pas", "N"]];
export const STATE = { present: "Présent", represented: "Représenté", excused: "Excusé", absent: "Absent" };
export const CALL = [["present", "Présent", "P"], ["excused", "Excusé", "E"], ["absent", "Absent", "A"]];
export const MOVE = { arrival: "Arrivée", departure: "Départ", return: "Retour", withdrawal: "Se retire pour la délibération" };
// `count` is null where nothing is counted yet: the plural names the box.
export const plural = (count, one, several = `${one}s`) => (count === null || count > 1 ? several : one);
// Under a figure: « 1 Abstention », « 2 Abstentions ».
export const LABEL = {
  for: () => "Pour", against: () => "Contre", abstain: (count) => plural(count, "Abstention"),
  not_voting: (count) => plural(count, "Ne participe pas", "Ne participent pas"), blank: (count) => plural(count, "Blanc ou nul", "Blancs et nuls"),
};
export const KIND = { deliberation: "Délibération", prendre_acte: "Prise d'acte", motion: "Motion ou vœu", information: "Communication sans vote" };
export const MODE = { by_name: "Nominatif", totals: "Totaux", result_only: "Résultat seul", noted: "Prise d'acte sans vote" };
export const METHOD = { hands: "Scrutin ordinaire", public: "Scrutin public", secret: "Scrutin secret" };
export const RESULT = { adopted: "Adopté", rejected: "Rejeté", unanimous: "À l'unanimité", majority: "À la majorité", noted: "Pris acte" };
export const FINDING = { error: ["danger", "Erreur"], warning: ["warning", "À signaler"], info: ["info", "Pour information"] };

export const many = (count, one, several) => `${count} ${plural(count, one, several)}`;
export const hour = (moment) => moment ? new Date(moment).toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" }).replace(":", " h ") : "";
export const atHour = (time) => time ? ` à ${time.slice(0, 5).replace(":", " h ")}` : "";
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
// A title whose lines never begin with « : » nor the like; as the filter of the same name of the templates.
export const unbroken = (text) => text.replace(/« +/g, "«\u00a0").replace(/ +(?=([:;?!»])(?:\s|$))/g, (_, sign) => (";?!".includes(sign) ? "\u202f" : "\u00a0"));
export const titleOf = (item) => item.number ? `n° ${item.number}, ${item.title}` : item.title;
const itemOf = (state, act) => { const item = state.items.find((each) => each.id === act); return item ? `« ${item.number ? `n° ${item.number}` : item.title} »` : "l'affaire"; };

// An entry in a few words, kept with it: « Mme A : contre ».
export function wordsFor(kind, payload, state) {
  const name = (id) => nameOf(state, id);
  const words = {
    opened: () => "Ouverture de la séance",
    closed: () => "Levée de la séance",
    presence: () => presenceWords(payload.states, name),
    arrival: () => `Arrivée de ${name(payload.member)}${atHour(payload.at)}`,
    departure: () => `Départ de ${name(payload.member)}${atHour(payload.at)}`,
    return: () => `Retour de ${name(payload.member)}${atHour(payload.at)}`,
    move_undone: () => "Mouvement annulé",
    withdrawal: () => `${name(payload.member)} se retire pour la délibération`,
    withdrawal_undone: () => `${name(payload.member)} ne se retire plus`,
    proxy: () => `Pouvoir de ${name(payload.giver)} à ${name(payload.holder)}`,
    proxy_revoked: () => `Pouvoir de ${name(payload.giver)} révoqué`,
    proxy_refused: () => `Pouvoir de ${name(payload.giver)} à ${name(payload.holder)} refusé`,
    item_opened: () => `Examen de ${itemOf(state, payload.act)}`,
    item_moved: () => `${capital(itemOf(state, payload.act))} déplacée`,
    item_withdrawn: () => `Retrait de ${itemOf(state, payload.act)}`,
    item_adjourned: () => `Ajournement de ${itemOf(state, payload.act)}`,
    item_restored: () => `${capital(itemOf(state, payload.act))} rétablie`,
    item_added: () => `Affaire ajoutée : ${payload.title}`,
    ballot: () => `${METHOD[payload.method]}, ${MODE[payload.mode].toLowerCase()}`,
    vote: () => `${name(payload.member)}${payload.proxy ? " (+1 pouvoir)" : ""} : ${CHOICE[payload.choice].toLowerCase()}`,
    votes: () => `${payload.all ? "Tous" : payload.group !== undefined ? payload.group || "Sans groupe" : many(payload.members.length, "membre")} : ${CHOICE[payload.choice].toLowerCase()}`,
    tally: () => `Décompte : ${payload.for} pour, ${payload.against} contre, ${many(payload.abstain, "abstention")}`,
    result: () => payload.stated_result ? `Résultat : ${RESULT[payload.stated_result].toLowerCase()}` : "Proclamation du résultat",
    result_reopened: () => "Scrutin rouvert",
    note: () => `Débats : ${payload.text.length > 80 ? `${payload.text.slice(0, 80)}…` : payload.text}`,
  };
  return words[kind]();
}

function presenceWords(states, name) {
  const entries = Object.entries(states);
  if (entries.length === 1) return `${name(entries[0][0])} : ${STATE[entries[0][1]].toLowerCase()}`;
  return `${many(entries.length, "membre")} : ${STATE[entries[0][1]].toLowerCase()}`;
}
