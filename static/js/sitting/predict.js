// What the sitting becomes with the entries that the server has not answered yet: shown at once, and corrected by its answer.
// The server alone judges: nothing here refuses, and a state without waiting entries is shown as it came.
import { byId, currentItem, silent, voters } from "./members.js";

const CHOICES = ["for", "against", "abstain", "not_voting"];

export function predict(state, entries) {
  if (!entries.length) return state;
  const next = structuredClone(state);
  entries.forEach((entry) => APPLIED[entry.kind]?.(next, entry.payload, entry));
  recount(next);
  return next;
}

export function recount(state) {
  const here = state.members.filter((member) => member.state === "present");
  const represented = voters(state).filter((member) => member.state === "represented");
  const { strip } = state;
  strip.present = here.length;
  strip.represented = represented.length;
  strip.voices = here.length + represented.length;
  strip.quorum_present = here.filter((member) => !member.withdrawn).length;
  strip.quorum_reached = strip.quorum_present >= strip.quorum_needed;
  if (state.ballot && !state.ballot.proclaimed) countVotes(state);
}

// A voice is one's own, else that of the holder who says « +1 pouvoir », else that of the others.
export function heard(state, member) {
  const { votes, others } = state.ballot;
  if (silent(state, member)) return "not_voting";
  const carried = member.state === "represented" ? votes[member.holder] : null;
  return votes[member.id]?.choice || (carried?.proxy && carried.choice) || others;
}

function countVotes(state) {
  const { ballot } = state;
  ballot.voices = state.strip.voices;
  if (ballot.mode === "by_name") {
    const counts = { for: 0, against: 0, abstain: 0, not_voting: 0, blank: 0 };
    ballot.missing = 0;
    for (const member of voters(state)) {
      const choice = heard(state, member);
      if (choice) counts[choice] += 1;
      else ballot.missing += 1;
    }
    ballot.counts = counts;
  } else if (ballot.counts) {
    ballot.missing = Math.max(0, ballot.voices - toldIn(ballot));
  }
  Object.assign(ballot, { label: "", verdict: "", findings: [] });
}

export const toldIn = ({ counts }) => [...CHOICES, "blank"].reduce((sum, choice) => sum + (counts[choice] ?? 0), 0);

function setVote(state, member, choice, proxy) {
  if (choice) state.ballot.votes[member] = { choice, proxy };
  else delete state.ballot.votes[member];
}

function move(here) {
  return (state, payload, entry) => {
    const member = byId(state, payload.member);
    if (!member || currentItem(state)?.proclaimed) return;
    Object.assign(member, here ? { state: "present", holder: null, voter: true } : { state: "absent", voter: false, withdrawn: false });
    const giver = byId(state, member.holds);
    if (giver && !here) Object.assign(giver, { state: "absent", holder: null, voter: false });
    if (!here) member.holds = null;
    state.moves.push({ id: null, member: member.id, event: entry.kind, at: payload.at ?? "", act: state.current });
  };
}

const itemState = (to) => (state, payload) => {
  const item = state.items.find((each) => each.id === payload.act);
  if (item) item.state = to;
  if (state.current === payload.act && to !== "draft") Object.assign(state, { current: null, ballot: null });
};

function placed(state, act, before) {
  const item = state.items.find((each) => each.id === act);
  if (!item) return;
  const rest = state.items.filter((each) => each !== item);
  const place = before === null ? rest.length : rest.findIndex((each) => each.id === before);
  rest.splice(place < 0 ? rest.length : place, 0, item);
  state.items = rest;
}

const APPLIED = {
  opened(state, payload, entry) { Object.assign(state, { state: "open", opened_at: entry.typed }); },
  closed(state) { Object.assign(state, { state: "closed", current: null, ballot: null }); },
  presence(state, { states }) {
    for (const [id, to] of Object.entries(states)) {
      const member = byId(state, id);
      if (member) Object.assign(member, { state: to, voter: to === "present" || (to === "represented" && Boolean(member.holder)), holder: to === "present" ? null : member.holder });
    }
  },
  arrival: move(true),
  return: move(true),
  departure: move(false),
  move_undone(state, { change }) { state.moves = state.moves.filter((each) => each.id !== change); },
  withdrawal(state, { member }) { if (byId(state, member)) byId(state, member).withdrawn = true; },
  withdrawal_undone(state, { member }) { if (byId(state, member)) byId(state, member).withdrawn = false; },
  proxy(state, { giver, holder }, entry) {
    const [from, to] = [byId(state, giver), byId(state, holder)];
    if (!from || !to || from.state === "present" || to.state !== "present" || to.holds) return;
    Object.assign(from, { state: "represented", holder: to.id, voter: true });
    to.holds = from.id;
    state.proxies.push({ id: entry.key, giver, holder, state: "given", reason: "", counts: true });
  },
  proxy_revoked(state, { giver }) {
    const from = byId(state, giver);
    if (!from) return;
    state.proxies = state.proxies.filter((each) => each.giver !== giver || each.state !== "given");
    const to = byId(state, from.holder);
    if (to) to.holds = null;
    Object.assign(from, { state: from.state === "represented" ? "absent" : from.state, holder: null, voter: from.state === "present" });
  },
  item_opened(state, { act }) {
    const item = state.items.find((each) => each.id === act);
    if (!item) return;
    const left = state.items.find((each) => !each.examined && each !== item);
    if (!item.examined && left && state.items.indexOf(left) < state.items.indexOf(item)) placed(state, act, left.id);
    item.examined = true;
    state.members.forEach((member) => { member.withdrawn = false; });
    Object.assign(state, { current: act, ballot: null });
  },
  item_moved(state, { act, before }) { placed(state, act, before); },
  item_withdrawn: itemState("withdrawn"),
  item_adjourned: itemState("adjourned"),
  item_restored: itemState("draft"),
  item_added(state, { title, kind }, entry) {
    state.items.push({ id: entry.key, number: "", passage: null, title, kind, state: "draft", label: "", added: true, examined: false, proclaimed: false, waiting: true });
  },
  ballot(state, payload) {
    const votes = payload.mode === "by_name" ? state.ballot?.votes ?? {} : {};
    const counts = { for: 0, against: 0, abstain: 0, not_voting: 0, blank: 0 };
    state.ballot = { votes, counts, missing: 0, proclaimed: false, label: "", verdict: "", findings: [], others: "", ...payload };
  },
  vote(state, { member, choice, proxy }) {
    if (state.ballot) setVote(state, member, choice, proxy);
  },
  votes(state, { members, group, all, choice }) {
    if (!state.ballot) return;
    const wanted = new Set(members);
    voters(state).filter((each) => all || (group !== undefined ? (each.group || "") === group : wanted.has(each.id)))
      .forEach((each) => setVote(state, each.id, choice, false));
  },
  tally(state, payload) { if (state.ballot) state.ballot.counts = { ...state.ballot.counts, ...payload }; },
  result(state) {
    if (state.ballot) countVotes(state);
    if (state.ballot) state.ballot.proclaimed = true;
    if (currentItem(state)) currentItem(state).proclaimed = true;
  },
  result_reopened(state) {
    if (state.ballot) state.ballot.proclaimed = false;
    if (currentItem(state)) currentItem(state).proclaimed = false;
  },
  note(state, { act, text }, entry) { state.notes.push({ id: null, act: act ?? null, text, at: entry.typed }); },
};
