// Charts: every element with data-chart ("line" or "area") draws the JSON named by data-source,
// which json_script wrote into the page:
//
//   {"dates": ["2026-11-01", …], "unit": "%", "max": 100,
//    "series": [{"name": "Pass", "status": "pass", "values": [12, null, …]}, …],
//    "notes": [{"date": "2026-11-10", "text": "A rule changed"}]}
//
// A status picks its colour from cairn.css; a series without one takes the next chart colour. A
// null is a gap. The table a chart is drawn from stands in the page, so the picture is an extra.

// light-dark() and oklch() are beyond ECharts: the browser resolves them on an element first.
const colour = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = getComputedStyle(probe).color;
  canvas.fillRect(0, 0, 1, 1);
  probe.remove();
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
};

// The ground of what is unknown is hatched, here as everywhere.
const hatched = (line, ground) => {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = line;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const x of [-4, 4, 12]) {
    pen.moveTo(x - 4, 8);
    pen.lineTo(x + 4, 0);
  }
  pen.stroke();
  return { image: tile, repeat: "repeat" };
};

const LINE_OF_TEXT = 14; // pixels
const BESIDE_PLOT = 44; // what of the chart's height is margins and the dates, in pixels

// Names stand at the ends of lines; where those end close together, the lower name moves down.
// The shift of each series' name in pixels.
const labelShifts = (data, height) => {
  const last = data.series.map(({ values }) => values.at(-1) ?? 0);
  const scale = (height - BESIDE_PLOT) / (data.max || Math.max(1, ...last));
  const shifts = [];
  let free = -Infinity;
  for (const index of [...last.keys()].sort((one, other) => last[other] - last[one])) {
    const wanted = -last[index] * scale;
    const place = Math.max(wanted, free);
    shifts[index] = place - wanted;
    free = place + LINE_OF_TEXT;
  }
  return shifts;
};

const seriesOption = (series, index, stacked, shift) => {
  const stroke = colour(series.status ? `--status-${series.status}` : `--chart-${(index % 5) + 1}`);
  const fill =
    series.status === "unknown" ? hatched(stroke, colour("--surface")) : stroke;
  return {
    name: series.name,
    type: "line",
    data: series.values,
    stack: stacked ? "all" : undefined,
    areaStyle: stacked ? { color: fill, opacity: 0.85 } : undefined,
    lineStyle: { width: stacked ? 1 : 2, color: stroke },
    itemStyle: { color: stroke },
    symbol: "circle",
    showSymbol: series.values.filter((value) => value !== null).length === 1,
    connectNulls: false,
    endLabel: { show: !stacked, formatter: "{a}", color: stroke, offset: [0, shift] },
    emphasis: { disabled: true },
  };
};

const notesOption = (notes, ink) => ({
  silent: true,
  symbol: "none",
  animation: false,
  lineStyle: { color: ink, type: "dashed" },
  label: { formatter: "{b}", color: ink, position: "end" },
  data: notes.map(({ date, text }) => ({ xAxis: date, name: text })),
});

// Room at the right for the names of the lines, in pixels.
const labelSpace = (data) => 16 + 7 * Math.max(0, ...data.series.map(({ name }) => name.length));

const option = (kind, data, height) => {
  const stacked = kind === "area";
  const ink = colour("--ink-quiet");
  const grid = colour("--line");
  const unit = data.unit ?? "";
  const shifts = labelShifts(data, height);
  const series = data.series.map((one, index) => seriesOption(one, index, stacked, shifts[index]));
  if (data.notes?.length && series.length) series[0].markLine = notesOption(data.notes, ink);
  return {
    animation: false, // A chart is whole at once, also on paper.
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: stacked ? 16 : labelSpace(data), top: stacked || data.notes?.length ? 48 : 16, bottom: 8, containLabel: true },
    legend: stacked ? { top: 0, left: 0, textStyle: { color: ink }, icon: "rect" } : undefined,
    // Rich text is drawn on the canvas; an HTML tooltip would need inline styles.
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      valueFormatter: (value) => (value == null ? "not known" : `${value}${unit}`),
      backgroundColor: colour("--surface"),
      borderColor: grid,
      textStyle: { color: colour("--ink") },
    },
    xAxis: {
      type: "category",
      boundaryGap: false,
      data: data.dates,
      axisLabel: { color: ink, hideOverlap: true },
      axisLine: { lineStyle: { color: grid } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      min: 0,
      max: data.max,
      minInterval: 1,
      axisLabel: { color: ink, formatter: `{value}${unit}` },
      splitLine: { lineStyle: { color: grid } },
    },
    series,
  };
};

const draw = (element) => {
  const data = JSON.parse(document.getElementById(element.dataset.source).textContent);
  const chart = window.echarts.getInstanceByDom(element) ?? window.echarts.init(element);
  chart.setOption(option(element.dataset.chart, data, element.clientHeight), { notMerge: true });
};

const drawAll = (root = document) => {
  for (const element of root.querySelectorAll("[data-chart]")) {
    draw(element);
    resizing.observe(element);
  }
};

const resizing = new ResizeObserver((entries) => {
  for (const { target } of entries) window.echarts.getInstanceByDom(target)?.resize();
});

drawAll();
document.addEventListener("cairn:theme", () => drawAll());
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
