
"use strict";
(() => {
  const form = document.getElementById("filters");
  const output = document.getElementById("shown");
  const rows = Array.from(document.querySelectorAll("details.row"));
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const groups = Array.from(document.querySelectorAll("section.group"));
  const buttons = Array.from(document.querySelectorAll(".counts button"));
  const text = form.elements.namedItem("text");
  const lists = Array.from(form.querySelectorAll("select"));
  const fields = [text, ...lists];
  // What the bar counts is the first list.
  const counted = lists[0];
  const visible = () => rows.filter((row) => !row.hidden);

  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = lists.filter((list) => list.value);
    let count = 0;
    rows.forEach((row, at) => {
      const fits = chosen.every((list) => row.dataset[list.name] === list.value)
        && words.every((word) => texts[at].includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    });
    const narrowed = chosen.length > 0 || words.length > 0;
    groups.forEach((group) => { group.hidden = narrowed && !group.querySelector("details.row:not([hidden])"); });
    buttons.forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset[counted.name] === counted.value));
    });
    const all = `${rows.length} ${output.dataset.noun}${rows.length === 1 ? "" : "s"}`;
    output.textContent = count === rows.length ? all : `${count} of ${all}`;
  };

  const write = () => {
    const parts = new URLSearchParams();
    fields.forEach((field) => {
      if (field.value) parts.set(field.name, field.value);
    });
    // A page in a frame or from a file may not be allowed to.
    try { history.replaceState(null, "", parts.size ? `#${parts}` : "#"); } catch { /* the filter works all the same */ }
  };

  const read = () => {
    const parts = new URLSearchParams(location.hash.slice(1));
    fields.forEach((field) => { field.value = parts.get(field.name) || ""; });
    lists.forEach((list) => { if (list.selectedIndex < 0) list.value = ""; });
    filter();
  };

  // What gets the focus is not covered by the form.
  const pad = () => {
    const isSticky = getComputedStyle(form).position === "sticky";
    document.documentElement.style.scrollPaddingTop = isSticky ? `${form.offsetHeight}px` : "";
  };

  const move = (by) => {
    const all = visible();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by, 0), all.length - 1)];
    if (!next) return;
    const summary = next.querySelector("summary");
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: "nearest" });
  };

  const unfold = (open) => visible().forEach((row) => { row.open = open; });

  form.addEventListener("input", () => { write(); filter(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  buttons.forEach((button) => button.addEventListener("click", () => {
    const value = button.dataset[counted.name];
    counted.value = counted.value === value ? "" : value;
    write();
    filter();
  }));
  document.getElementById("unfold").addEventListener("click", () => unfold(true));
  document.getElementById("fold").addEventListener("click", () => unfold(false));
  window.addEventListener("hashchange", read);
  window.addEventListener("resize", pad);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select");
    if (event.key === "Escape") {
      form.reset();
      write();
      filter();
      document.activeElement.blur();
    } else if (!typing && event.key === "/") {
      event.preventDefault();
      text.focus();
    } else if (!typing && (event.key === "j" || event.key === "k")) {
      event.preventDefault();
      move(event.key === "j" ? 1 : -1);
    } else if (typing && event.key === "Enter") {
      event.preventDefault();
      move(1);
    }
  });
  read();
  pad();
})();
