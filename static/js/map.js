// The map of the schools: the points of the page's result, drawn with Leaflet. The list beside it says the same without it.
const box = document.querySelector("[data-map]");
const said = document.querySelector("[data-map-said]");
const { L } = window;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const SQUARES = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]; // km
const KM_OF_DEGREE = 111.32;
const SHIFTS = [0, 26, -26, 36, -36]; // px, where a name may stand above or below its place
const ALWAYS_NAMED = 3; // communes
const number = new Intl.NumberFormat("fr-FR");
const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};
const schools = (count) => `${number.format(count)} école${count > 1 ? "s" : ""}`;
const mark = (step) => document.querySelector(`.legend .step-mark[data-step="${step}"]`).cloneNode(true);

function drawn() {
  const map = L.map(box, {
    zoomControl: false, attributionControl: false, scrollWheelZoom: false, minZoom: 3, maxZoom: 18,
    zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still,
  });
  L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  // The wheel scrolls the page until the map is in use.
  map.on("focus click", () => map.scrollWheelZoom.enable());
  box.addEventListener("mouseleave", () => map.scrollWheelZoom.disable());
  return map;
}

// A background when the site has one; without it, or when it does not answer, names of communes and squares of a stated size.
function background(map, communes) {
  let plain = false;
  const showPlain = () => {
    if (plain) return;
    plain = true;
    names(map, communes);
    squares(map);
  };
  if (!box.dataset.tiles) return showPlain();
  L.control.attribution({ prefix: false }).addTo(map);
  const text = element("span", { textContent: box.dataset.attribution }).innerHTML;
  L.tileLayer(box.dataset.tiles, { attribution: text, maxZoom: 18, referrerPolicy: "origin" }).on("tileerror", showPlain).addTo(map);
}

function names(map, communes) {
  map.createPane("places").style.zIndex = 450;
  const labels = [...communes].sort((one, other) => other[3] - one[3]).map(([name, north, east]) => {
    const icon = L.divIcon({ className: "place", html: element("span", { textContent: name, ariaHidden: "true" }), iconSize: null });
    return L.marker([north, east], { icon, pane: "places", interactive: false, keyboard: false }).addTo(map);
  });
  // The larger first, beside the markers where there is room; a name that would cover another waits for a closer view.
  const arrange = () => {
    const taken = [...box.querySelectorAll(".pin, .bunch")].map((node) => ({ x: L.DomUtil.getPosition(node).x, y: L.DomUtil.getPosition(node).y, width: node.offsetWidth / 2, height: node.offsetHeight / 2 }));
    for (const label of labels) {
      const node = label.getElement();
      const { x, y } = map.latLngToLayerPoint(label.getLatLng());
      const [width, height] = [node.offsetWidth / 2 + 3, node.offsetHeight / 2 + 1];
      const meets = (shift, others) => others.some((other) => Math.abs(other.x - x) < other.width + width && Math.abs(other.y - y - shift) < other.height + height);
      const shift = SHIFTS.find((each) => !meets(each, taken)) ?? (labels.length <= ALWAYS_NAMED ? 0 : undefined);
      node.toggleAttribute("data-hidden", shift === undefined);
      if (shift === undefined) continue;
      node.style.setProperty("margin-top", `${shift - node.offsetHeight / 2}px`);
      taken.push({ x, y: y + shift, width, height });
    }
  };
  map.on("moveend zoomend", () => requestAnimationFrame(arrange));
  document.fonts.ready.then(arrange);
}

function squares(map) {
  const lines = L.layerGroup().addTo(map);
  const told = L.control({ position: "bottomleft" });
  const caption = element("div", { className: "map-squares" });
  told.onAdd = () => caption;
  told.addTo(map);
  const { lat: origin, lng } = map.getCenter();
  const draw = () => {
    const pixels = map.latLngToLayerPoint([origin, lng]).distanceTo(map.latLngToLayerPoint([origin + 1 / KM_OF_DEGREE, lng]));
    const side = SQUARES.find((km) => km * pixels >= 80) ?? SQUARES.at(-1);
    const [tall, wide] = [side / KM_OF_DEGREE, side / (KM_OF_DEGREE * Math.cos(origin * Math.PI / 180))];
    const seen = map.getBounds().pad(0.5);
    const line = (points) => L.polyline(points, { className: "map-line", interactive: false }).addTo(lines);
    lines.clearLayers();
    for (let north = Math.ceil(seen.getSouth() / tall) * tall; north <= seen.getNorth(); north += tall) line([[north, seen.getWest()], [north, seen.getEast()]]);
    for (let east = Math.ceil(seen.getWest() / wide) * wide; east <= seen.getEast(); east += wide) line([[seen.getSouth(), east], [seen.getNorth(), east]]);
    caption.textContent = `Carreaux de ${side < 1 ? `${side * 1000} m` : `${side} km`}`;
  };
  map.on("moveend", draw);
  draw();
}

function card(school, points) {
  const [key, name, , , rank, commune, kind, closed] = school;
  const [step, label] = points.steps[rank];
  const place = [points.communes[commune][0], points.kinds[kind], closed ? "fermée" : ""].filter(Boolean).join(" · ");
  return element("div", {},
    element("b", {}, element("a", { href: box.dataset.school.replace("0", key), textContent: name })),
    element("p", { className: "meta", textContent: place }),
    element("p", { className: "at-step" }, mark(step), label));
}

// A cluster tells its number, and by a ring and in its name how its schools divide between the steps.
function bunch(cluster, steps) {
  const count = cluster.getChildCount();
  const shares = steps.map(() => 0);
  for (const marker of cluster.getAllChildMarkers()) shares[marker.options.rank] += 1;
  const side = 34 + Math.min(18, Math.round(Math.log2(count) * 3));
  const html = element("span", {}, number.format(count));
  const icon = L.divIcon({ className: "bunch", html, iconSize: [side, side] });
  const { createIcon } = icon;
  icon.createIcon = (old) => {
    const node = createIcon.call(icon, old);
    let turned = 0;
    const slices = shares.flatMap((share, rank) => (share ? [`var(--step-${steps[rank][0]}) ${turned / count}turn ${(turned += share) / count}turn`] : []));
    const told = shares.flatMap((share, rank) => (share ? [`${steps[rank][1].toLowerCase()} ${share}`] : []));
    node.style.setProperty("--ring", `conic-gradient(${slices.join(",")})`);
    node.setAttribute("aria-label", `${schools(count)} (${told.join(", ")}) : agrandir`);
    return node;
  };
  return icon;
}

function placed(map, points) {
  const group = L.markerClusterGroup({ iconCreateFunction: (cluster) => bunch(cluster, points.steps), showCoverageOnHover: false, maxClusterRadius: 40, animate: false, chunkedLoading: points.schools.length > 2000 });
  const markers = new Map();
  for (const school of points.schools) {
    const [key, name, north, east, rank, commune, , closed] = school;
    const [step, label] = points.steps[rank];
    const marker = L.marker([north, east], { icon: L.divIcon({ className: "pin", html: mark(step), iconSize: [30, 30] }), title: name, rank });
    marker.on("add", () => marker.getElement().setAttribute("aria-label", `${name}, ${points.communes[commune][0]}, ${label.toLowerCase()}${closed ? ", fermée" : ""}`));
    marker.bindPopup(() => card(school, points), { maxWidth: 280, autoPanPadding: [24, 24] });
    markers.set(key, marker);
  }
  // The library opens a cluster by a click alone, whose name it gives itself ("clusterclick").
  group.on("clusterkeypress", (event) => { if (event.originalEvent.key === "Enter") group.fire("click", event); });
  group.addLayers([...markers.values()]);
  map.addLayer(group);
  return { group, markers };
}

// A card takes the focus and gives it back to its marker.
function followFocus(map) {
  map.on("popupopen", ({ popup }) => {
    const close = popup.getElement().querySelector(".leaflet-popup-close-button");
    close.setAttribute("aria-label", "Fermer la fiche");
    setTimeout(() => popup.getElement()?.querySelector(".leaflet-popup-content a")?.focus({ preventScroll: true }));
  });
  map.on("popupclose", ({ popup }) => {
    if (popup.getElement()?.contains(document.activeElement)) popup._source.getElement()?.focus({ preventScroll: true });
  });
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") map.closePopup(); });
}

function locate(map, { group, markers }) {
  let zooming = false;
  map.on("zoomstart zoomend", ({ type }) => { zooming = type === "zoomstart"; });
  // A view asked in the middle of a zoom would be dropped.
  const reveal = (marker) => (zooming ? map.once("zoomend", () => reveal(marker)) : group.zoomToShowLayer(marker, () => marker.openPopup()));
  document.addEventListener("click", (event) => {
    const marker = markers.get(Number(event.target.closest("[data-locate]")?.dataset.locate));
    if (!marker) return;
    box.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
    reveal(marker);
  });
}

async function show() {
  const answer = await fetch(box.dataset.points, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const points = await answer.json();
  const map = drawn();
  const positions = points.schools.map((school) => [school[2], school[3]]);
  map.fitBounds(L.latLngBounds(positions), { padding: [20, 20], maxZoom: 14 });
  const shown = placed(map, points);
  background(map, points.communes);
  followFocus(map);
  locate(map, shown);
  const tell = () => {
    const count = positions.filter((position) => map.getBounds().contains(position)).length;
    said.textContent = `${schools(count)} dans la vue${count < positions.length ? `, sur ${number.format(positions.length)} placées` : ""}`;
  };
  map.on("moveend", tell);
  tell();
}

if (box && L) show().catch(() => { said.textContent = "La carte ne s'est pas chargée. La liste donne les mêmes écoles."; });
