import type { EChartsCoreOption } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';

interface ChartProps {
  title: string;
  option: EChartsCoreOption;
  /** The same numbers as a table: its head and rows. */
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
  small?: boolean;
}

/** A colour of the design, as the browser computes it for the theme. */
function colour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
}

/** A chart for the eye, and its table for everybody. The library comes only when one is shown. */
export function Chart({ title, option, head, rows, small }: ChartProps) {
  const { t } = useWords();
  const { number } = useFormat();
  const place = useRef<HTMLDivElement>(null);
  const [table, setTable] = useState(false);
  const wanted = JSON.stringify(option);
  useEffect(() => {
    let disposed = false;
    let dispose = () => {};
    const draw = async () => {
      const { init } = await import('./echarts');
      if (disposed || !place.current) return;
      const text = colour('--text');
      const line = colour('--line');
      const chart = init(place.current, undefined, { renderer: 'svg' });
      const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
      chart.setOption({
        animation: !still,
        color: ['--accent', '--good', '--warn', '--bad', '--past', '--line-strong'].map(colour),
        textStyle: { color: text, fontFamily: 'inherit' },
        legend: { textStyle: { color: text } },
        // The policy forbids the inline styles of a tooltip made of HTML.
        tooltip: { renderMode: 'richText' },
        ...JSON.parse(wanted),
      });
      const observer = new ResizeObserver(() => chart.resize());
      observer.observe(place.current);
      dispose = () => {
        observer.disconnect();
        chart.dispose();
      };
      // A graph has no axes, and none must be made for it.
      if (!/"xAxis"/.test(wanted)) return;
      chart.setOption({
        xAxis: {
          axisLine: { lineStyle: { color: line } },
          splitLine: { lineStyle: { color: line } },
          axisLabel: { color: text },
        },
        yAxis: {
          axisLine: { lineStyle: { color: line } },
          splitLine: { lineStyle: { color: line } },
          axisLabel: { color: text },
        },
      });
    };
    void draw();
    return () => {
      disposed = true;
      dispose();
    };
  }, [wanted]);
  return (
    <figure className="stack-small" aria-label={title} style={{ margin: 0 }}>
      <div
        className="chart"
        style={small ? { height: '11rem' } : undefined}
        ref={place}
        aria-hidden="true"
      />
      <details open={table} onToggle={(event) => setTable(event.currentTarget.open)}>
        <summary>{t('chart.table')}</summary>
        <div className="table-frame" tabIndex={0} role="region" aria-label={title}>
          <table>
            <caption className="unseen">{title}</caption>
            <thead>
              <tr>
                {head.map((each, index) => (
                  <th key={each} scope="col" className={index > 0 ? 'number' : undefined}>
                    {each}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={String(row[0])}>
                  {row.map((cell, index) =>
                    index === 0 ? (
                      <th key={head[index]} scope="row">
                        {cell}
                      </th>
                    ) : (
                      <td key={head[index]} className="number">
                        {typeof cell === 'number' ? number(cell) : cell}
                      </td>
                    ),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
