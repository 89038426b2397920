import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type uPlot from 'uplot';
import { formatExact } from '../fleet/times.ts';
import { formatCount } from '../ground/recent-usage.tsx';
import type { UsageBuckets } from './buckets.ts';

const height = 240;
const lines = [
  ['calls', 'Calls', '--accent'],
  ['errors', 'Failed', '--bad-fill'],
  ['denied', 'Refused', '--warn-fill'],
] as const;

/** Calls over time. What it draws is told as a table to those who do not see it, and to all where it cannot draw. */
export function Chart({ buckets }: { buckets: UsageBuckets }) {
  const place = useRef<HTMLDivElement>(null);
  const Plot = usePlot();
  const look = useSyncExternalStore(followLook, shownLook);
  useEffect(() => {
    const element = place.current;
    if (element === null || typeof Plot !== 'function') return undefined;
    const style = getComputedStyle(element);
    const ink = (name: string) => colourOf(element, name);
    const axis = { stroke: ink('--ink-2'), grid: { stroke: ink('--line'), width: 1 }, ticks: { show: false }, font: `12px ${style.fontFamily}` };
    const chart = new Plot(
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
    const observer = new ResizeObserver(() => {
      if (element.clientWidth !== chart.width) chart.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [buckets, look, Plot]);
  return (
    <>
      {Plot !== 'none' && <div className="chart" ref={place} aria-hidden="true" />}
      <div className={Plot === 'none' ? 'list-box' : 'visually-hidden'}>
        <table className={Plot === 'none' ? 'list' : undefined}>
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

/** Read when a chart is first shown. It throws while it is read where the browser's language is no valid tag, as `en-US@posix` is none: there is `none` then. */
function usePlot(): typeof uPlot | 'none' | undefined {
  const [found, setFound] = useState<{ plot: typeof uPlot | 'none' }>();
  useEffect(() => {
    let isGone = false;
    const settle = (plot: typeof uPlot | 'none') => {
      if (!isGone) setFound({ plot });
    };
    import('uplot').then(
      (module) => settle(module.default),
      () => settle('none'),
    );
    return () => {
      isGone = true;
    };
  }, []);
  return found?.plot;
}

const darkMedia = matchMedia('(prefers-color-scheme: dark)');

/** What decides on the colours: the theme that was chosen, and the browser's. */
const shownLook = (): string => `${document.documentElement.dataset['theme'] ?? 'system'} ${darkMedia.matches}`;

function followLook(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  darkMedia.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    darkMedia.removeEventListener('change', changed);
  };
}
