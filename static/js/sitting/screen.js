// The screen of the room: asks for its content every few seconds, and says since when it is no longer fresh.
const EVERY = 2500;
const room = document.getElementById("salle");
let etag = "";
let fresh = new Date();

// Part by part, so that what has not changed is not read aloud again.
function take(answer) {
  for (const part of ["header", "main", "footer"]) {
    const [held, fresh] = [room.querySelector(part), answer.querySelector(part)];
    if (held.innerHTML !== fresh.innerHTML) held.innerHTML = fresh.innerHTML;
  }
}

async function refresh() {
  try {
    const response = await fetch(`${location.pathname}?contenu=1`, { headers: etag ? { "if-none-match": etag } : {}, cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (response.status !== 304 && (!response.ok || response.redirected)) throw new Error(String(response.status));
    fresh = new Date();
    if (response.status === 200) {
      etag = response.headers.get("etag") ?? "";
      take(new DOMParser().parseFromString(await response.text(), "text/html"));
    }
    document.getElementById("perdu").hidden = true;
  } catch {
    const lost = document.getElementById("perdu");
    lost.textContent = `Affichage figé à ${fresh.toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" }).replace(":", " h ")}`;
    lost.hidden = false;
  }
  setTimeout(refresh, EVERY);
}
setTimeout(refresh, EVERY);
