// Draws the tables of figures as charts, where ECharts is there: <figure class="chart" data-kind="bar"><table>...</table></figure>.
// The first column names the places, each further one is a series. The table stays, for whoever cannot see a drawing.
"use strict";

(() => {
  if (!window.echarts) return;

  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const number = (cell) => Number(cell.dataset.value ?? cell.textContent.replace(/[^0-9.-]/g, ""));

  for (const figure of document.querySelectorAll("figure.chart")) {
    const table = figure.querySelector("table");
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows];
    if (!rows.length) continue;
    const drawn = document.createElement("div");
    drawn.className = "drawn";
    drawn.setAttribute("aria-hidden", "true");
    figure.querySelector("svg")?.remove();
    figure.prepend(drawn);
    const chart = window.echarts.init(drawn, null, { renderer: "canvas" });
    const paint = () => {
      const soft = colour("--soft");
      const line = colour("--line");
      chart.setOption({
        animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
        color: ["--indigo", "--vermilion", "--ochre"].map(colour),
        grid: { left: 8, right: 8, top: heads.length > 2 ? 32 : 12, bottom: 8, containLabel: true },
        legend: { show: heads.length > 2, textStyle: { color: soft } },
        tooltip: { trigger: "axis" },
        xAxis: {
          type: "category",
          data: rows.map((row) => row.cells[0].textContent.trim()),
          axisLabel: { color: soft, hideOverlap: true },
          axisLine: { lineStyle: { color: line } },
        },
        yAxis: { type: "value", minInterval: 1, axisLabel: { color: soft }, splitLine: { lineStyle: { color: line } } },
        series: heads.slice(1).map((name, at) => ({
          name,
          type: figure.dataset.kind === "line" ? "line" : "bar",
          data: rows.map((row) => number(row.cells[at + 1])),
        })),
      });
    };
    paint();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
    new ResizeObserver(() => chart.resize()).observe(drawn);
  }
})();
