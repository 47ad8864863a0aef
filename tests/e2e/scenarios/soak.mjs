/*
 * A long, steady day (KONTOR_SOAK_MINUTES; without it, nothing): traders,
 * backtests and readers on one installation, whose processes must be no larger
 * and hold no more files at the end than when they were warm. Run it with the
 * release build: a sanitizer keeps what was freed.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from '../lib/processes.mjs';
import { pause } from '../lib/wait.mjs';
import { withStack } from '../lib/own.mjs';

const MINUTE = 60_000;
const MINUTES = Number(process.env.KONTOR_SOAK_MINUTES ?? 0);
const SAMPLE_MS = 5_000;
const ROOM_KIB = 8 * 1024; /* what a process may grow by, besides a tenth */
const ROOM_FILES = 4;
const definition = JSON.parse(readFileSync(new URL('../data/sma.json', import.meta.url), 'utf8'));

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/* { kind of process: [KiB of the largest, files of the one that has most] } */
function sample(stack) {
  const found = new Map();
  for (const pid of stack.processes((words) => /\/kontor(\.fcgi)?$|^kontor$/.test(words[0] ?? ''))) {
    try {
      const words = commandOf(pid);
      const kind = [words[0].split('/').pop(), ...words.slice(1).filter((word) => /^(api|auth|work|--runner|--lane)$/.test(word))].join(' ');
      const kib = Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
      const files = readdirSync(`/proc/${pid}/fd`).length;
      const before = found.get(kind) ?? [0, 0];
      found.set(kind, [Math.max(before[0], kib), Math.max(before[1], files)]);
    } catch {
      /* it has just ended */
    }
  }
  return found;
}

function bring(stack) {
  const last = Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE;
  const rows = Array.from({ length: 500 }, (_, i) => `${last - (499 - i) * MINUTE},100,101,99.01,${(99.5 + (i % 7) / 10).toFixed(2)},100000`);
  const file = join(stack.folder, 'soak.csv');
  writeFileSync(file, `time,open,high,low,close,volume\n${rows.join('\n')}\n`);
  const done = stack.kontor('import', file, '--symbol', 'SOAK', '--interval', '1m');
  assert.equal(done.code, 0, done.err + done.out);
}

/* One user's round: trades, reads, tests a strategy. */
async function round(client, token, number) {
  const send = async (method, path, body) => {
    const answer = await client.send(method, `/api/v1${path}`, { token, body });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  };
  const bought = await send('POST', '/trade/execute', { symbol: 'SOAK', side: number % 2 ? 'sell' : 'buy', quantity: '1' });
  await send('POST', '/orders', { symbol: 'SOAK', side: 'buy', type: 'limit', quantity: '1', price: '90' });
  await send('DELETE', '/orders');
  await send('GET', `/orders/${bought.json.id}`);
  for (const path of ['/orders', '/trades', '/portfolio', '/dashboard/overview', '/market/symbols', '/risk']) await send('GET', path);
  const run = await send('POST', '/backtests', { definition, symbol: 'SOAK', interval: '1m', cash: '10000' });
  if (run.json.id) await send('DELETE', `/backtests/${run.json.id}`);
}

export const tests = [
  ['memory and files stay where they were', (context) => {
    if (!MINUTES) return 'skipped: only with KONTOR_SOAK_MINUTES';
    const settings = { RISK_ORDERS_PER_MINUTE: '100000', PAPER_BALANCE: '100000000', BACKTEST_RUNS_PER_HOUR: '1000000' };
    return withStack(context, { workers: [2, 1], settings }, async ({ stack, client, people }) => {
      bring(stack);
      const users = await Promise.all(['anna', 'bert', 'cleo'].map((name) => people.make(name)));
      for (const { access: token } of users)
        assert.equal((await client.send('PUT', '/api/v1/risk', { token, body: { orders_per_minute: 100000, allow_short: true } })).status, 200);
      const end = Date.now() + MINUTES * MINUTE;
      const samples = [];
      let rounds = 0;
      const watching = (async () => {
        for (let i = 0; Date.now() < end; i++) {
          await pause(SAMPLE_MS);
          if (i % 12 === 11) bring(stack);
          if (i % 120 === 119) for (const person of users) await people.login(person);
          samples.push(sample(stack));
        }
      })();
      await Promise.all(users.map(async (person, i) => {
        for (let number = i; Date.now() < end; number++, rounds++) await round(client, person.access, number);
      }));
      await watching;
      const quarter = Math.ceil(samples.length / 4);
      const remarks = [];
      for (const kind of samples.at(-1).keys()) {
        const of = (part, which) => median(part.map((one) => one.get(kind)?.[which] ?? 0));
        const [warm, last] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
        const [[kib, files], [kibAfter, filesAfter]] = [[of(warm, 0), of(warm, 1)], [of(last, 0), of(last, 1)]];
        assert.ok(kibAfter <= kib * 1.1 + ROOM_KIB, `${kind} grew from ${kib} to ${kibAfter} KiB`);
        assert.ok(filesAfter <= files + ROOM_FILES, `${kind} had ${files} files open, then ${filesAfter}`);
        remarks.push(`${kind} ${kib} to ${kibAfter} KiB, ${files} to ${filesAfter} files`);
      }
      return `${rounds} rounds; ${remarks.join('; ')}`;
    });
  }],
];
