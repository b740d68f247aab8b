"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const options = { actions: false, renderer: "svg", formatLocale: read("numbers") };
  const drawn = read("specs").map((spec, number) => vegaEmbed(`#chart-${number}`, spec, options));
  Promise.all(drawn).then(() => { document.body.dataset.drawn = "yes"; });

  const language = document.documentElement.lang;
  const texts = new Intl.Collator(language, { numeric: true });

  // Figures by what they are, texts as they read; what is not known, and small groups, stay last.
  const compare = (place, turn) => (one, other) => {
    const small = one.classList.contains("small") - other.classList.contains("small");
    if (small) return small;
    const [a, b] = [one.cells[place], other.cells[place]];
    if (!a.classList.contains("number")) return turn * texts.compare(a.textContent, b.textContent);
    const unknown = !("value" in a.dataset) - !("value" in b.dataset);
    return unknown || turn * (Number(a.dataset.value ?? 0) - Number(b.dataset.value ?? 0));
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => head.querySelector("button").addEventListener("click", () => {
      const first = head.classList.contains("number") ? "descending" : "ascending";
      const other = first === "descending" ? "ascending" : "descending";
      const way = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", way);
      const rows = [...table.tBodies[0].rows];
      rows.sort(compare(place, way === "ascending" ? 1 : -1));
      table.tBodies[0].append(...rows);
    }));
    heads.forEach((head) => { head.querySelector("button").title = document.body.dataset.sort; });
  }
})();
