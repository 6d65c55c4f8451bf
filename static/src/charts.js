// Draws every figure.chart whose data-option names a script of JSON, an ECharts option made by internal/chart.
// The option is data only: colours are names of custom properties, and functions go by name. The SVG that the server drew stays in the figure, for print and for when this fails.
import { init, use } from 'echarts/core';
import { CustomChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, PolarComponent, TooltipComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import { font, lineHeight, place } from './_layout.js';

use([LineChart, CustomChart, PolarComponent, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);

const calm = matchMedia('(prefers-reduced-motion: reduce)');
const dark = matchMedia('(prefers-color-scheme: dark)');
const COLOURS = new Set(['color', 'borderColor', 'backgroundColor']);
const PALETTE = ['--c-agent', '--c-target', '--c-prev', '--c-team', '--text', '--muted', '--line', '--line-strong', '--surface'];

// The custom properties as the colours that they are here and now.
function palette(element) {
  const probe = element.appendChild(document.createElement('i'));
  const found = new Map(PALETTE.map((name) => {
    probe.style.color = `var(${name})`;
    return [name, getComputedStyle(probe).color];
  }));
  probe.remove();
  return (name) => found.get(name);
}

// Only the keys that hold colours are looked at: a person may well be called "--text".
function colour(part, css) {
  for (const [key, value] of Object.entries(part)) {
    if (COLOURS.has(key) && typeof value === 'string') part[key] = css(value) ?? value;
    else if (value && typeof value === 'object') colour(value, css);
  }
}

// What a custom series draws for one of its items, by the name in renderItem.
const draw = {
  band: ({ ext, css }) => (item, api) => {
    const piece = ext.band[item.dataIndex];
    const at = ([value, step]) => api.coord(ext.kind === 'radar' ? [value, step] : [step, value]).slice(0, 2); // in a polar plane radius and angle follow
    if (piece[0].length === 2) { // a lone interval has no area
      const [[x1, y1], [x2, y2]] = piece[0].map(at);
      return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: css('--c-agent'), lineWidth: 10, opacity: 0.3 } };
    }
    const pathData = piece.map((loop) => `M${loop.map((v) => at(v).join(' ')).join('L')}Z`).join('');
    return { type: 'path', shape: { pathData }, style: { fill: css('--c-agent'), opacity: 0.2 } };
  },
  ticks: ({ ext, css, family, series }) => {
    const marks = series.filter((s) => s.showSymbol).map((s) => s.data[0].value[0]).filter((v) => v !== null); // the outlines on the first axis
    const slope = Math.tan(Math.PI / ext.axes.length); // by which an outline falls away from the axis
    let last = Infinity;
    return (item, api) => {
      const value = api.value(0), [x, y] = api.coord([value, 0]);
      if (item.dataIndex === 0) last = api.coord([0, 0])[1];
      if (last - y < 10 || marks.some((v) => Math.abs(api.coord([v, 0])[1] + 11 * slope - (y - 7)) < 7 + 6 * slope)) return undefined; // would touch another, or an outline
      last = y;
      return { type: 'text', style: { text: String(value), x: x + 5, y: y - 2, font: font(10, false, family), fill: css('--muted'), verticalAlign: 'bottom' } };
    };
  },
  hollow: ({ css }) => (item, api) => {
    const [cx, cy] = api.coord([api.value(0), api.value(1)]);
    return { type: 'circle', shape: { cx, cy, r: 5 }, style: { fill: css('--surface'), stroke: css('--c-agent'), lineWidth: 2 } };
  },
  names: ({ css, plan }) => (item) => {
    const { lines, x, y, w, align } = plan.labels[item.dataIndex];
    let top = y;
    const children = lines.map((l) => {
      const text = { type: 'text', style: { text: l.text, font: l.face, fill: css(l.muted ? '--muted' : '--text'), align, verticalAlign: 'top', x: align === 'left' ? x : align === 'right' ? x + w : x + w / 2, y: top } };
      top += l.size * lineHeight;
      return text;
    });
    return { type: 'group', children };
  },
  cuts: ({ css, family }) => (item, api) => {
    const value = api.value(1), { x, width } = item.coordSys, y = api.coord([0, value])[1];
    return { type: 'group', children: [
      { type: 'line', shape: { x1: x, y1: y, x2: x + width, y2: y }, style: { stroke: css('--line'), lineWidth: 1, lineDash: [3, 3] } },
      { type: 'text', style: { text: String(value), x: x - 6, y, font: font(10, false, family), fill: css('--muted'), align: 'right', verticalAlign: 'middle' } },
    ] };
  },
};

// Tooltips, by the name in formatter. They are elements, so names are text whatever they hold.
const tooltip = {
  radar: (ext) => ({ value }) => {
    const axis = value[1] % ext.axes.length;
    return tip(ext.axes[axis].label, ext.tips[axis]);
  },
  trend: (ext) => (items) => {
    const item = items.find((i) => i.seriesId === 'current') ?? items[0];
    return tip(item.axisValueLabel, ext.tips[item.dataIndex]);
  },
};

function tip(title, rows) {
  const make = (name, className, ...children) => {
    const element = document.createElement(name);
    element.className = className;
    element.append(...children);
    return element;
  };
  return make('div', 'tip', make('b', '', title), ...rows.map(([name, value]) => make('div', 'tip-row', make('span', '', name), make('span', 'num', value))));
}

// The option of a figure as ECharts wants it, for a place of w by h.
function optionOf(figure, w, h) {
  const option = JSON.parse(document.getElementById(figure.dataset.option).textContent);
  const ext = option.leida;
  delete option.leida;
  const css = palette(figure);
  colour(option, css);
  const family = getComputedStyle(figure).fontFamily;
  const plan = ext.kind === 'radar' ? place(ext.axes, w, h, family) : undefined;
  if (plan) Object.assign(option.polar, { center: plan.centre, radius: [0, plan.radius] });
  for (const series of option.series) if (series.renderItem) series.renderItem = draw[series.renderItem]({ ext, css, family, plan, series: option.series });
  Object.assign(option.tooltip, {
    formatter: tooltip[option.tooltip.formatter](ext),
    backgroundColor: css('--surface'), borderColor: css('--line'), textStyle: { color: css('--text'), fontFamily: family, fontSize: 13 },
    axisPointer: { lineStyle: { color: css('--line-strong') } },
    transitionDuration: calm.matches ? 0 : 0.2,
  });
  option.textStyle = { fontFamily: family };
  return option;
}

const drawn = new Map(); // figure -> { chart, live, width }

function show(figure) {
  const width = figure.clientWidth;
  if (!width) return; // not on the screen yet: the observer comes back
  const still = figure.querySelector(':scope > .static');
  const live = drawn.get(figure)?.live ?? figure.appendChild(Object.assign(document.createElement('div'), { className: 'live' }));
  delete figure.dataset.ready;
  live.hidden = true;
  figure.classList.remove('drawn');
  const height = still?.offsetHeight || 300; // as high as what it replaces: nothing jumps
  live.hidden = false;
  live.style.height = `${height}px`;
  try {
    const chart = drawn.get(figure)?.chart ?? init(live, null, { renderer: 'svg', width, height });
    drawn.set(figure, { chart, live, width });
    chart.resize({ width, height });
    chart.off('finished');
    chart.on('finished', () => { figure.dataset.ready = ''; });
    chart.setOption(optionOf(figure, width, height), true);
    figure.classList.add('drawn');
  } catch (problem) {
    drawn.get(figure)?.chart.dispose();
    drawn.delete(figure);
    live.remove();
    console.error(problem);
  }
}

const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) if (drawn.get(target)?.width !== target.clientWidth) show(target);
});
for (const figure of document.querySelectorAll('figure.chart[data-option]')) observer.observe(figure);

const recolour = () => drawn.forEach((_, figure) => show(figure));
dark.addEventListener('change', recolour);
new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ['data-theme'] });
