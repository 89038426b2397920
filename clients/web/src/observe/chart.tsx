import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { formatExact } from '../fleet/times.ts';
import { formatCount } from '../ground/recent-usage.tsx';
import type { UsageBuckets } from './buckets.ts';

const height = 240;
const lines = [
  ['calls', 'Calls', '--accent'],
  ['errors', 'Failed', '--bad-fill'],
  ['denied', 'Refused', '--warn-fill'],
] as const;

/** Calls over time. What it draws is told as a table to those who do not see it. */
export function Chart({ buckets }: { buckets: UsageBuckets }) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const style = getComputedStyle(element);
    const ink = (name: string) => colourOf(element, name);
    const axis = { stroke: ink('--ink-2'), grid: { stroke: ink('--line'), width: 1 }, ticks: { show: false }, font: `12px ${style.fontFamily}` };
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height,
        cursor: { drag: { x: true, y: false } },
        scales: { y: { range: (_chart, _least, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [axis, { ...axis, size: 56, values: (_chart, ticks) => ticks.map((tick) => formatCount(tick)) }],
        series: [
          {},
          ...lines.map(([name, label, colour]) => ({
            label,
            stroke: ink(colour),
            width: 2,
            ...(name === 'calls' && { fill: `${ink(colour)}22` }),
            points: { show: false },
          })),
        ],
      },
      [buckets.at, ...lines.map(([name]) => buckets[name])],
      element,
    );
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [buckets, theme]);
  return (
    <>
      <div className="chart" ref={place} aria-hidden="true" />
      <div className="visually-hidden">
        <table>
          <caption>Calls over time</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              {lines.map(([, label]) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {buckets.at.map((at, index) => (
              <tr key={at}>
                <th scope="row">{formatExact(new Date(at * 1000).toISOString())}</th>
                {lines.map(([name]) => (
                  <td key={name}>{buckets[name][index]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** A colour of the tokens as the page shows it now: a canvas knows no variables. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = element.appendChild(document.createElement('i'));
  probe.style.color = `var(${name})`;
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number);
  probe.remove();
  return `#${[red, green, blue].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

/** Changes when the browser's theme does. */
function useTheme(): boolean {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const media = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => setDark(media.matches);
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
  }, []);
  return isDark;
}
