// Draws tables of figures as charts, where ECharts is there: <figure class="chart" data-kind="line">...<table>...</figure>.
// The first column names the places, each further one is a series. The table stays, folded, for whoever sees no drawing.
"use strict";

(() => {
  if (!window.echarts) return;

  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const number = (cell) => Number(cell.textContent.replace(/[^0-9.-]/g, ""));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const options = (kind, heads, rows) => {
    const soft = colour("--soft");
    const line = colour("--line");
    const lying = kind === "bars";
    const places = {
      type: "category",
      data: rows.map((row) => row.cells[0].dataset.short ?? row.cells[0].textContent.trim()),
      inverse: lying,
      axisLabel: { color: soft, hideOverlap: true, width: lying ? 110 : undefined, overflow: "break", lineHeight: 15 },
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
    };
    const counts = {
      type: "value",
      minInterval: 1,
      axisLabel: { color: soft, hideOverlap: true },
      splitLine: { lineStyle: { color: line } },
    };
    return {
      animation: !still.matches,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      color: ["--indigo", "--vermilion"].map(colour),
      grid: { left: 8, right: lying ? 56 : 24, top: 12, bottom: 8, containLabel: true },
      xAxis: lying ? counts : places,
      yAxis: lying ? places : counts,
      series: heads.slice(1).map((name, at) => ({
        name,
        type: lying ? "bar" : "line",
        barMaxWidth: 22,
        // Told apart without colour too.
        lineStyle: { type: at ? "dashed" : "solid", width: 2 },
        symbol: at ? "diamond" : "circle",
        showSymbol: rows.length <= 31,
        label: { show: lying, position: "right", color: soft, formatter: ({ value }) => value.toLocaleString("en") },
        data: rows.map((row) => number(row.cells[at + 1])),
      })),
    };
  };

  // What each line is, since this build of ECharts draws no legend.
  const keys = (names) => {
    const list = document.createElement("p");
    list.className = "keys";
    list.setAttribute("aria-hidden", "true");
    list.append(
      ...names.map((name) => {
        const key = document.createElement("span");
        key.textContent = name;
        return key;
      }),
    );
    return list;
  };

  for (const figure of document.querySelectorAll("figure.chart")) {
    const table = figure.querySelector("table");
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows];
    if (!rows.length) continue;
    const drawn = document.createElement("div");
    drawn.className = "drawn";
    drawn.setAttribute("aria-hidden", "true");
    figure.querySelector("figcaption").after(drawn);
    if (heads.length > 2) drawn.before(keys(heads.slice(1)));
    figure.querySelector("details").open = false;
    const chart = window.echarts.init(drawn);
    const paint = () => chart.setOption(options(figure.dataset.kind, heads, rows), true);
    paint();
    dark.addEventListener("change", paint);
    new ResizeObserver(() => chart.resize()).observe(drawn);
  }
})();
