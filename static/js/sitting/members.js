// Who sits, found by what is typed: words in any order, accents and case aside.
export const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

const wordsOf = (text) => plain(text).split(/[\s'’.,-]+/).filter(Boolean);

export function matching(members, query) {
  const words = wordsOf(query);
  if (!words.length) return [];
  return members.filter((member) => {
    const parts = [...wordsOf(member.name), ...wordsOf(member.group ?? "")];
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  });
}

export const byId = (state, id) => state.members.find((member) => member.id === Number(id));
export const nameOf = (state, id) => byId(state, id)?.name ?? "membre";
export const byName = (state, name) => state.members.find((member) => plain(member.name) === plain(name.trim()));

export function groupsOf(members) {
  const groups = new Map();
  members.forEach((member) => groups.set(member.group || "", [...(groups.get(member.group || "") ?? []), member]));
  return [...groups.entries()].map(([name, held]) => ({ name, label: name || "Sans groupe", members: held }));
}

export const voters = (state) => state.members.filter((member) => member.voter);

// Those whose voice takes no part: who withdrew, and whoever one of them represents.
export function silent(state, member) {
  if (member.withdrawn) return true;
  return member.state === "represented" && Boolean(byId(state, member.holder)?.withdrawn);
}

export const currentItem = (state) => state.items.find((item) => item.id === state.current) ?? null;
export const GONE = ["withdrawn", "adjourned"];
export const isLeft = (item) => !item.examined && !item.proclaimed && !GONE.includes(item.state);
export function nextItem(state) {
  const place = state.items.findIndex((item) => item.id === state.current);
  const after = place < 0 ? state.items : [...state.items.slice(place + 1), ...state.items.slice(0, place)];
  return after.find(isLeft) ?? null;
}
