"use strict";
(() => {
  // What boards reported is only ever given to textContent, setAttribute of known names, or createTextNode.
  const data = JSON.parse(document.getElementById("data").textContent);
  const boards = data.boards, PAGE = 200;
  const LABELS = new Map([...document.querySelectorAll('input[name="verdict"]')].map((box) =>
    [box.value, box.parentElement.textContent.trim().replace(/\s+/g, " ")]));
  const at = new Map(boards.map((board, index) => [board.host, index]));
  const get = (id) => document.getElementById(id);
  const sorter = new Intl.Collator("en", { numeric: true });

  function make(tag, properties, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }
  const own = (text) => make("bdi", null, String(text));
  const shown = (value) => (value === null || value === undefined ? "-" : typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(4))) : String(value));
  const label = (key) => LABELS.get(key) || key;
  const sign = (key) => label(key).split(" ")[0];
  const words = (key) => label(key).split(" ").slice(1).join(" ");

  // --- the list: filtered, grouped by model, in pages

  const order = boards.map((_board, index) => index)
    .sort((a, b) => sorter.compare(boards[a].model, boards[b].model) || sorter.compare(boards[a].host, boards[b].host));
  const texts = boards.map((board) => [board.host, board.model, board.family, board.torch, board.outcome, board.reason,
    board.diagnosis && board.diagnosis.cause, board.diagnosis && board.diagnosis.id].filter(Boolean).join("\n").toLowerCase());
  const state = { words: "", model: "", hidden: new Set(), page: 0, all: false };
  let found = [];

  function search() {
    const wanted = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    found = order.filter((index) => !state.hidden.has(boards[index].verdict)
      && (!state.model || boards[index].model === state.model)
      && wanted.every((word) => texts[index].includes(word)));
    state.page = Math.max(0, Math.min(state.page, Math.ceil(found.length / PAGE) - 1));
    list();
  }

  function list() {
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    const here = found.slice(state.page * PAGE, (state.page + 1) * PAGE);
    const numbers = new Map();
    for (const index of found) numbers.set(boards[index].model, (numbers.get(boards[index].model) || 0) + 1);
    const groups = new Map();
    for (const index of here) {
      if (!groups.has(boards[index].model)) groups.set(boards[index].model, []);
      groups.get(boards[index].model).push(index);
    }
    get("tiles").replaceChildren(...[...groups].map(([model, group]) => make("section", null,
      make("h3", null, own(model), ` (${numbers.get(model)})`),
      make("ul", { class: "tiles" }, group.map((index) => make("li", null, tile(boards[index])))))));
    get("sections").replaceChildren();
    get("sections").className = "sections";
    if (state.all) get("sections").append(...here.map((index) => make("article", null, ...section(boards[index], "h3"))));
    get("expand").textContent = state.all ? "Hide the sections" : "Show the sections of this page's boards";
    get("shown").textContent = `${found.length} of ${boards.length} boards` + (pages > 1 ? `, page ${state.page + 1} of ${pages}` : "");
    get("page").textContent = `Page ${state.page + 1} of ${pages}`;
    get("previous").disabled = state.page === 0;
    get("next").disabled = state.page + 1 >= pages;
  }

  function tile(board) {
    return make("a", { class: `tile ${board.verdict}`, href: link(board.host) },
      make("b", null, own(board.host)),
      make("small", null, make("span", { "aria-hidden": "true" }, sign(board.verdict) + " "), words(board.verdict),
        board.verdict === "satisfied" || board.verdict === "other" ? `: ${board.outcome}, torch ` : "",
        board.verdict === "satisfied" || board.verdict === "other" ? own(board.torch) : null));
  }
  const link = (host) => `#board=${encodeURIComponent(host)}`;

  // --- the section of a board

  function section(board, level) {
    const parts = [make(level, level === "h2" ? { id: "board-name" } : null, own(board.host)),
      make("p", { class: board.verdict }, make("span", { "aria-hidden": "true" }, sign(board.verdict) + " "),
        `${words(board.verdict)} (${board.outcome}${board.expect ? `, expected ${board.expect}` : ""}): `, own(board.reason))];
    if (data.kind === "fleet") {
      const run = data.runs[board.run];
      parts.push(make("p", null, "Last run: ", run.page
        ? make("a", { href: `${encodeURIComponent(run.run)}/index.html${link(board.host)}` }, run.run) : run.run, `, which ended at ${run.finished}`));
      return [...parts, ...history(board)];
    }
    const add = (title, ...content) => content.flat().length && parts.push(make("h3", null, title), ...content.flat());
    add("What it is", pairs([["model", board.model], ...board.facts]));
    if (board.diagnosis) {
      add("Diagnosis", pairs([["cause", board.diagnosis.cause], ["fix", board.diagnosis.fix], ["number", board.diagnosis.id],
        ["how sure", board.diagnosis.confidence], ["safe repair", board.diagnosis.repair]]),
      board.diagnosis.evidence.length ? make("pre", null, board.diagnosis.evidence.join("\n")) : []);
    }
    add("Warnings", board.warnings.length + board.slow.length
      ? make("ul", null, [...board.warnings, ...board.slow.map((text) => `slow: ${text}`)].map((text) => make("li", null, own(text)))) : []);
    if (board.plan !== null) add("What it got, and why", make("pre", null, data.plans[board.plan].join("\n")));
    add("Checks", board.checks.length ? table("Checks", ["check", "result", "value", "bound", "seconds"], board.checks.map((check) =>
      [check[0], check[1] ? "\u2713 passed" : check[5] ? "! failed, advisory" : "\u2717 FAILED", check[2], check[3], check[4]])) : [],
    board.skipped.length ? make("ul", null, board.skipped.map(([name, why]) => make("li", null, "skipped: ", own(name), ": ", own(why)))) : []);
    add("Timings", timings(board), pairs(board.conditions), board.speeds.length
      ? table("Networks", ["network", "device", "images/s", "of the median", "power mode", "Celsius"], board.speeds) : []);
    if (board.lock !== null) {
      const [id, key, torch, packages] = data.locks[board.lock];
      add("Lock", pairs([["environment", id], ["lock id", key], ["torch", torch]]), make("details", null,
        make("summary", null, `${packages.length} packages with their sha256`), table("Packages", ["package", "version", "sha256"], packages, 2)));
    }
    return [...parts, ...history(board)];
  }

  function history(board) {
    if (!board.history.length) return [];
    return [make("h3", null, data.kind === "fleet" ? "Verdicts" : "Verdicts of earlier runs"), table("Verdicts", ["run", "verdict", "outcome", "torch"],
      board.history.map(([run, key, outcome, torch]) => [data.runs[run].page
        ? make("a", { href: `${data.kind === "fleet" ? "" : "../"}${encodeURIComponent(data.runs[run].run)}/index.html${link(board.host)}` }, data.runs[run].finished)
        : data.runs[run].finished, label(key), outcome, torch]))];
  }

  function pairs(list) {
    const kept = list.filter(([, value]) => value !== null && value !== "");
    return kept.length ? make("dl", null, kept.flatMap(([name, value]) => [make("dt", null, name), make("dd", null, own(shown(value)))])) : [];
  }

  function table(name, heads, rows, hash) {
    return make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": name }, make("table", null,
      make("thead", null, make("tr", null, heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", null, rows.map((row) => make("tr", null, row.map((value, column) =>
        make(column ? "td" : "th", { scope: column ? null : "row", class: column === hash ? "hash" : null },
          value instanceof Node ? value : own(shown(value)))))))));
  }

  // --- plots: each timing of a model's boards on one line

  let grouped = null;
  function timingsOf(model) {
    if (!grouped) {
      grouped = new Map();
      for (const board of boards) {
        if (!grouped.has(board.model)) grouped.set(board.model, new Map());
        const names = grouped.get(board.model);
        const figures = [...Object.entries(board.timings || {}).map(([name, value]) => [name, "s", value]),
          ...(board.speeds || []).map(([network, device, speed]) => [`${network} on ${device}`, "images/s", speed])];
        for (const [name, unit, value] of figures) {
          if (!names.has(name)) names.set(name, { unit, values: [] });
          names.get(name).values.push(value);
        }
      }
      for (const names of grouped.values()) for (const one of names.values()) one.values.sort((a, b) => a - b);
    }
    return grouped.get(model) || new Map();
  }

  const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

  function plot(values, unit, mine) {
    const [low, middle, high] = [values[0], quantile(values, 0.5), values[values.length - 1]];
    const across = (value) => high > low ? 10 + 200 * (value - low) / (high - low) : 110;
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const draw = (tag, properties) => {
      const element = document.createElementNS(space, tag);
      for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
      svg.append(element);
    };
    svg.setAttribute("viewBox", "0 0 220 16");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${values.length} boards, from ${shown(low)} to ${shown(high)} ${unit}, median ${shown(middle)} ${unit}`
      + (mine === undefined ? "" : `, this board ${shown(mine)} ${unit}`));
    draw("line", { x1: 10, x2: 210, y1: 8, y2: 8 });
    if (values.length > 60) {
      draw("rect", { class: "box", x: across(quantile(values, 0.25)), y: 4, height: 8, width: Math.max(1, across(quantile(values, 0.75)) - across(quantile(values, 0.25))) });
    } else {
      for (const value of values) draw("circle", { class: "dot", cx: across(value), cy: 8, r: 3 });
    }
    draw("line", { class: "middle", x1: across(middle), x2: across(middle), y1: 2, y2: 14 });
    if (mine !== undefined) draw("circle", { class: "mine", cx: across(mine), cy: 8, r: 4 });
    return svg;
  }

  function timings(board) {
    const names = Object.keys(board.timings);
    if (!names.length) return [];
    const peers = timingsOf(board.model);
    return table("Timings", ["timing", "seconds", "median of the model", "boards of the model, this one in blue"], names.map((name) => {
      const { values } = peers.get(name);
      return [name, board.timings[name], quantile(values, 0.5), plot(values, "s", board.timings[name])];
    }));
  }

  function plots() {
    if (data.kind !== "run") return;
    const models = [...new Set(order.map((index) => boards[index].model))].filter((model) => timingsOf(model).size);
    const choose = make("select", { id: "plotted" }, models.map((model) => make("option", { value: model }, model)));
    const place = make("div", null);
    const show = () => place.replaceChildren(table("Timings of the model", ["timing", "boards", "fastest or least", "median", "slowest or most", ""],
      [...timingsOf(choose.value)].map(([name, { unit, values }]) => [`${name}, ${unit}`, values.length, values[0], quantile(values, 0.5),
        values[values.length - 1], plot(values, unit)])));
    if (!models.length) return;
    choose.addEventListener("change", show);
    get("plots").append(make("h3", null, "Timings and benchmark"), make("label", null, "Model ", choose), place);
    show();
  }

  // --- the address names the board, so that it can be linked to

  let left = null;
  function follow() {
    const match = /^#board=(.*)$/.exec(location.hash);
    let host = null;
    try { host = match && decodeURIComponent(match[1]); } catch { host = null; }
    const place = get("board");
    if (host === null) {
      place.hidden = true;
      place.replaceChildren();
      if (left && left.isConnected) left.focus();
      left = null;
      return;
    }
    if (!left) left = document.activeElement;
    const index = at.get(host);
    const close = make("button", { type: "button" }, "Close");
    close.addEventListener("click", () => { location.hash = "#fleet"; });
    place.replaceChildren(...(index === undefined ? [make("h2", { id: "board-name" }, own(host)), make("p", null, "This run has no such board.")]
      : section(boards[index], "h2")), close);
    place.hidden = false;
    place.scrollIntoView();
    place.focus({ preventScroll: true });
  }

  // --- controls

  for (const model of new Set(order.map((index) => boards[index].model))) get("model").append(make("option", { value: model }, model));
  let timer = 0;
  get("words").addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => { state.words = event.target.value; state.page = 0; search(); }, 120);
  });
  get("model").addEventListener("change", (event) => { state.model = event.target.value; state.page = 0; search(); });
  get("filter").addEventListener("submit", (event) => event.preventDefault());
  get("filter").addEventListener("change", (event) => {
    if (event.target.name !== "verdict") return;
    state.hidden[event.target.checked ? "delete" : "add"](event.target.value);
    state.page = 0;
    search();
  });
  get("clear").addEventListener("click", () => {
    for (const box of document.querySelectorAll('input[name="verdict"]')) box.checked = true;
    get("words").value = get("model").value = "";
    Object.assign(state, { words: "", model: "", page: 0 });
    state.hidden.clear();
    search();
  });
  const turn = (pages) => { state.page += pages; list(); };
  get("previous").addEventListener("click", () => turn(-1));
  get("next").addEventListener("click", () => turn(1));
  get("expand").addEventListener("click", () => { state.all = !state.all; list(); });
  get("tiles").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const tiles = [...get("tiles").querySelectorAll("a.tile")], here = tiles.indexOf(document.activeElement);
    const target = event.key === "Home" ? tiles[0] : event.key === "End" ? tiles[tiles.length - 1] : step && here >= 0 ? tiles[here + step] : null;
    if (target) { event.preventDefault(); target.focus(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      get("words").focus();
    } else if (event.key === "Escape" && !get("board").hidden) location.hash = "#fleet";
  });
  addEventListener("beforeprint", () => { for (const part of document.querySelectorAll("details")) part.open = true; });
  addEventListener("hashchange", follow);

  get("filter").hidden = get("pages").hidden = false;
  search();
  plots();
  follow();
})();
