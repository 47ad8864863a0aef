/*
 * Candles for the benchmarks, the same on every machine: what data/ holds, and
 * the week of BTC-USD minutes continued to any length. Each later bar is one of
 * the week's, drawn by a seeded generator, up or down by chance, put at the
 * close of the bar before and rounded to whole dollars as the week is. So no
 * rule can gain or lose for long, and no sum of prices rounds.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { root } from '../e2e/lib/stack.mjs';

const MINUTE = 60_000;
const BEGIN = Date.UTC(2015, 0, 1); /* 4.5 million minutes end before today */
const COLUMNS = 5; /* open high low close volume */

/* A file of data/: { count, time, columns }. */
export function stored(name) {
  const rows = fs.readFileSync(join(root, 'data', name), 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));
  return {
    count: rows.length,
    time: Float64Array.from(rows, (row) => Date.parse(row[0])),
    columns: Array.from({ length: COLUMNS }, (_, k) => Float64Array.from(rows, (row) => Number(row[k + 1]))),
  };
}

/* Marsaglia's xorshift of 32 bits. */
function generator(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

export function continued(count) {
  const week = stored('BTC-USD-1m.csv');
  const [open, high, low, close, volume] = week.columns;
  const columns = week.columns.map((column) => {
    const longer = new Float64Array(count);
    longer.set(column.subarray(0, count));
    return longer;
  });
  const time = Float64Array.from({ length: count }, (_, i) => BEGIN + i * MINUTE);
  const draw = generator(1);
  for (let i = week.count; i < count; i++) {
    const at = draw() % week.count;
    const down = draw() % 2;
    const price = columns[3][i - 1];
    const scale = (to) => Math.max(1, Math.round(price * (down ? open[at] / to : to / open[at])));
    columns[0][i] = price;
    columns[1][i] = scale(down ? low[at] : high[at]);
    columns[2][i] = scale(down ? high[at] : low[at]);
    columns[3][i] = scale(close[at]);
    columns[4][i] = volume[at];
  }
  return { count, time, columns };
}

/* Columns, one behind the other, 8 bytes a value, little endian: time in ms as
   an integer, then five of doubles. */
export function writeBinary(path, { count, time, columns }) {
  const file = fs.openSync(path, 'w');
  fs.writeSync(file, BigInt64Array.from({ length: count }, (_, i) => BigInt(time[i])));
  for (const column of columns) fs.writeSync(file, column);
  fs.closeSync(file);
}

export function writeCsv(path, { count, time, columns }) {
  const file = fs.openSync(path, 'w');
  const step = 100_000;
  fs.writeSync(file, 'time,open,high,low,close,volume\n');
  for (let from = 0; from < count; from += step) {
    let text = '';
    for (let i = from; i < Math.min(count, from + step); i++)
      text += `${time[i]},${columns[0][i]},${columns[1][i]},${columns[2][i]},${columns[3][i]},${columns[4][i]}\n`;
    fs.writeSync(file, text);
  }
  fs.closeSync(file);
}
